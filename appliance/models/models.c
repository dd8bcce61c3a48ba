#include "models/models.h"

#include "base/file.h"
#include "base/place.h"
#include "base/text.h"
#include "models/package.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

enum {
	KEYS_MAX = 64,    /* public keys in one folder */
	MODELS_MAX = 256, /* packages in one folder */
};

static const char ending[] = ".model";

bool models_places(const char *store_folder, struct models_places *ret_places, struct err *err)
{
	if (!place_share(ret_places->shipped, sizeof ret_places->shipped, "models", err))
		return false;
	if (store_folder && !path_join(ret_places->clinic, sizeof ret_places->clinic, store_folder, "models"))
		return err_set(err, ERR_BAD_INPUT, "path too long: %s", store_folder);
	ret_places->folders =
	    (struct models_folders){ret_places->shipped, store_folder ? ret_places->clinic : NULL};
	return true;
}

void model_open_done(struct model_open *model)
{
	if (model->fd >= 0)
		close(model->fd);
	json_decref(model->manifest);
	json_decref(model->report);
	*model = (struct model_open)MODEL_OPEN_INIT;
}

/* Names in a folder */

struct names {
	char (*items)[MODEL_LABEL_SIZE];
	size_t count;
};

static void names_done_owned(struct names *names)
{
	free(names->items);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* File names with this ending, sorted. A folder that is not there holds none. */
static bool names_find(const char *folder, const char *end, size_t max, struct names *names, struct err *err)
{
	*names = (struct names){0};
	DIR *stream = folder ? opendir(folder) : NULL;
	if (!stream)
		return !folder || errno == ENOENT || err_errno(err, "listing %s", folder);
	names->items = calloc(max, sizeof *names->items);
	bool ok = names->items || err_set(err, ERR_NO_MEMORY, "listing %s", folder);
	for (struct dirent *entry; ok && (entry = readdir(stream));) {
		if (entry->d_name[0] == '.' || !text_ends(entry->d_name, end))
			continue;
		if (names->count == max)
			ok =
			    err_set(err, ERR_TOO_LARGE, "%s holds more than %zu files of %s", folder, max, end);
		else if (text_copy(names->items[names->count], MODEL_LABEL_SIZE, entry->d_name))
			names->count++;
	}
	closedir(stream);
	if (ok && names->count)
		qsort(names->items, names->count, sizeof *names->items, by_name);
	return ok;
}

/* Keys */

/* The public keys of both folders and the files that they came from. */
struct trusted {
	struct package_keys keys;
	char names[2 * KEYS_MAX][MODEL_LABEL_SIZE];
};

static void trusted_free(struct trusted *trusted)
{
	free(trusted->keys.pems);
	free(trusted);
}
OWN_DEFINE(struct trusted *, trusted_free)

/* A file that holds no public key trusts nobody, and stands in nobody's way. */
static bool add_keys(const char *folder, struct trusted *trusted, struct err *err)
{
	OWN(names_done) struct names names;
	if (!names_find(folder, ".pem", KEYS_MAX, &names, err))
		return false;
	for (size_t i = 0; i < names.count; i++) {
		size_t at = trusted->keys.count;
		char path[LIMIT_PATH];
		uint8_t digest[CRYPTO_DIGEST_SIZE];
		struct err ignored;
		OWN(buf_done) struct buf pem = BUF_INIT(CRYPTO_PEM_SIZE - 1);
		if (!path_join(path, sizeof path, folder, names.items[i]) || !file_read(path, &pem, &ignored) ||
		    !text_copy(trusted->keys.pems[at], CRYPTO_PEM_SIZE, buf_text(&pem)) ||
		    !crypto_public_digest(trusted->keys.pems[at], digest, &ignored))
			continue;
		text_copy(trusted->names[at], MODEL_LABEL_SIZE, names.items[i]);
		trusted->names[at][strlen(names.items[i]) - strlen(".pem")] = 0;
		trusted->keys.count++;
	}
	return true;
}

static bool load_keys(const struct models_folders *folders, struct trusted **ret_trusted, struct err *err)
{
	OWN(trusted_free) struct trusted *trusted = calloc(1, sizeof *trusted);
	if (trusted)
		trusted->keys.pems = calloc(2 * (size_t)KEYS_MAX, CRYPTO_PEM_SIZE);
	if (!trusted || !trusted->keys.pems)
		return err_set(err, ERR_NO_MEMORY, "loading keys");
	if (!add_keys(folders->shipped, trusted, err) || !add_keys(folders->clinic, trusted, err))
		return false;
	*ret_trusted = TAKE(trusted);
	return true;
}

static void name_signer(
    const struct trusted *trusted, const struct package *package, char name[MODEL_LABEL_SIZE])
{
	name[0] = 0;
	for (size_t i = 0; i < trusted->keys.count && !name[0]; i++) {
		uint8_t digest[CRYPTO_DIGEST_SIZE];
		struct err ignored;
		if (crypto_public_digest(trusted->keys.pems[i], digest, &ignored) &&
		    crypto_equal(digest, package->signer, sizeof digest))
			text_copy(name, MODEL_LABEL_SIZE, trusted->names[i]);
	}
}

bool models_box_key(const struct models_folders *folders, char ret_private[CRYPTO_PEM_SIZE], struct err *err)
{
	char path[LIMIT_PATH], public_path[LIMIT_PATH], public_pem[CRYPTO_PEM_SIZE];
	OWN(buf_done) struct buf pem = BUF_INIT(CRYPTO_PEM_SIZE - 1);
	if (!path_join(path, sizeof path, folders->clinic, "box.key") ||
	    !path_join(public_path, sizeof public_path, folders->clinic, "box.pem"))
		return err_set(err, ERR_BAD_INPUT, "path too long: %s", folders->clinic);
	if (file_exists(path)) {
		if (!file_read(path, &pem, err) || !crypto_pair_public(buf_text(&pem), public_pem, err))
			return err_add(err, "reading %s", path);
		text_copy(ret_private, CRYPTO_PEM_SIZE, buf_text(&pem));
	} else if (!folder_make(folders->clinic, err) || !crypto_pair_make(ret_private, public_pem, err) ||
	    !file_write(path, ret_private, strlen(ret_private), 0600, err)) {
		return false;
	}
	/* Written last and whenever it is missing: a cut between the two files heals. */
	return file_exists(public_path) || file_write(public_path, public_pem, strlen(public_pem), 0644, err);
}

/* Opening */

static bool label_check(const char *label, struct err *err)
{
	const char *dash = strrchr(label, '-');
	if (!dash || dash == label || label[0] == '.' || strchr(label, '/') ||
	    strlen(label) >= MODEL_LABEL_SIZE - sizeof ending)
		return err_set(err, ERR_BAD_INPUT, "a model is called NAME-VERSION, not %.100s", label);
	return true;
}

static bool in_folder(const char *folder, const char *label, char path[LIMIT_PATH])
{
	char name[MODEL_LABEL_SIZE + sizeof ending];
	snprintf(name, sizeof name, "%s%s", label, ending);
	return folder && path_join(path, LIMIT_PATH, folder, name) && file_exists(path);
}

static bool find(
    const struct models_folders *folders, const char *label, char path[LIMIT_PATH], struct err *err)
{
	return label_check(label, err) &&
	    (in_folder(folders->shipped, label, path) || in_folder(folders->clinic, label, path) ||
	        err_set(err, ERR_NOT_FOUND, "there is no model %s", label));
}

/* Nobody can change or shorten it under the readers that map it. */
static bool seal(const struct buf *network, int *ret_fd, struct err *err)
{
	OWN(fd_close) int fd = memfd_create("network.bin", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0 || !fd_write(fd, network->data, network->size) ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0 ||
	    lseek(fd, 0, SEEK_SET) != 0)
		return err_errno(err, "sealing a network of %zu bytes", network->size);
	*ret_fd = fd;
	fd = -1;
	return true;
}

static void package_label(const struct package *package, char label[MODEL_LABEL_SIZE])
{
	snprintf(label, MODEL_LABEL_SIZE, "%s-%s", package->name, package->version);
}

static bool load(const struct trusted *trusted, const char *path, struct buf *bytes,
    struct package *ret_package, struct err *err)
{
	bool ok = file_read(path, bytes, err) &&
	    package_open(bytes->data, bytes->size, &trusted->keys, ret_package, err);
	return ok || err_add(err, "%s", path_name(path));
}

bool models_open_file(const struct models_folders *folders, const char *path, struct model_open *ret_model,
    struct err *err)
{
	OWN(buf_done) struct buf bytes = BUF_INIT(MODEL_PACKAGE_BYTES);
	OWN(package_done) struct package package = {0};
	OWN(trusted_free) struct trusted *trusted = NULL;
	struct model_open model = MODEL_OPEN_INIT;
	if (!load_keys(folders, &trusted, err) || !load(trusted, path, &bytes, &package, err) ||
	    !seal(&package.network, &model.fd, err))
		return false;
	model.size = package.network.size;
	package_label(&package, model.label);
	name_signer(trusted, &package, model.signer);
	text_hex(model.digest, package.digest, sizeof package.digest);
	model.manifest = TAKE(package.manifest);
	model.report = TAKE(package.report);
	*ret_model = model;
	return true;
}

bool models_open(
    const struct models_folders *folders, const char *wanted, struct model_open *ret_model, struct err *err)
{
	char label[MODEL_LABEL_SIZE], path[LIMIT_PATH];
	OWN(model_open_done) struct model_open model = MODEL_OPEN_INIT;
	if (!wanted && !models_current(folders, label, err))
		return false;
	if (!find(folders, wanted ? wanted : label, path, err) || !models_open_file(folders, path, &model, err))
		return false;
	if (strcmp(model.label, wanted ? wanted : label) != 0)
		return err_set(
		    err, ERR_DAMAGED, "%s holds the model %s: it was renamed", path_name(path), model.label);
	*ret_model = model;
	model = (struct model_open)MODEL_OPEN_INIT;
	return true;
}

/* Which is current */

static bool read_current(const char *folder, char ret_label[MODEL_LABEL_SIZE], bool *ret_found, struct err *err)
{
	char path[LIMIT_PATH];
	OWN(buf_done) struct buf text = BUF_INIT(MODEL_LABEL_SIZE);
	*ret_found = folder && path_join(path, sizeof path, folder, "current") && file_exists(path);
	if (!*ret_found)
		return true;
	if (!file_read(path, &text, err))
		return false;
	buf_text(&text);
	if (!buf_ok(&text, err) || !text_copy(ret_label, MODEL_LABEL_SIZE, text_trim((char *)text.data)) ||
	    !label_check(ret_label, err))
		return err_add(err, "reading %s", path);
	return true;
}

bool models_current(const struct models_folders *folders, char ret_label[MODEL_LABEL_SIZE], struct err *err)
{
	char label[MODEL_LABEL_SIZE];
	bool found;
	if (!read_current(folders->clinic, label, &found, err) ||
	    (!found && !read_current(folders->shipped, label, &found, err)))
		return false;
	if (!found)
		return err_set(
		    err, ERR_NOT_FOUND, "no model is current: daybreak model list shows those that are there");
	text_copy(ret_label, MODEL_LABEL_SIZE, label);
	return true;
}

bool models_use(const struct models_folders *folders, const char *label, struct err *err)
{
	char path[LIMIT_PATH], line[MODEL_LABEL_SIZE + 1];
	OWN(model_open_done) struct model_open model = MODEL_OPEN_INIT;
	if (!models_open(folders, label, &model, err) || !folder_make(folders->clinic, err))
		return false;
	if (!path_join(path, sizeof path, folders->clinic, "current"))
		return err_set(err, ERR_BAD_INPUT, "path too long: %s", folders->clinic);
	int size = snprintf(line, sizeof line, "%s\n", label);
	return file_write(path, line, (size_t)size, 0644, err);
}

/* The list */

struct list {
	const struct models_folders *folders;
	models_visit *visit;
	void *context;
	char current[MODEL_LABEL_SIZE];
	bool ended;
};

static void show(struct list *list, const char *label, bool shipped)
{
	OWN(model_open_done) struct model_open model = MODEL_OPEN_INIT;
	struct err problem;
	bool ok = models_open(list->folders, label, &model, &problem);
	const struct model_entry entry = {.label = label,
	    .shipped = shipped,
	    .current = strcmp(label, list->current) == 0,
	    .problem = ok ? NULL : problem.detail,
	    .digest = model.digest,
	    .signer = model.signer,
	    .manifest = model.manifest,
	    .report = model.report};
	list->ended = !list->visit(&entry, list->context);
}

static bool show_folder(struct list *list, const char *folder, bool shipped, struct err *err)
{
	OWN(names_done) struct names names;
	char path[LIMIT_PATH];
	if (!names_find(folder, ending, MODELS_MAX, &names, err))
		return false;
	for (size_t i = 0; i < names.count && !list->ended; i++) {
		char *label = names.items[i];
		label[strlen(label) - strlen(ending)] = 0;
		if (shipped || !in_folder(list->folders->shipped, label, path))
			show(list, label, shipped);
	}
	return true;
}

bool models_each(const struct models_folders *folders, models_visit *visit, void *context, struct err *err)
{
	struct list list = {.folders = folders, .visit = visit, .context = context};
	struct err none;
	if (!models_current(folders, list.current, &none))
		list.current[0] = 0;
	return show_folder(&list, folders->shipped, true, err) &&
	    show_folder(&list, folders->clinic, false, err);
}

bool models_install(const struct models_folders *folders, const char *path, char ret_label[MODEL_LABEL_SIZE],
    struct err *err)
{
	OWN(buf_done) struct buf bytes = BUF_INIT(MODEL_PACKAGE_BYTES);
	OWN(package_done) struct package package = {0};
	OWN(trusted_free) struct trusted *trusted = NULL;
	char label[MODEL_LABEL_SIZE], name[MODEL_LABEL_SIZE + sizeof ending], to[LIMIT_PATH];
	if (!load_keys(folders, &trusted, err) || !load(trusted, path, &bytes, &package, err))
		return false;
	package_label(&package, label);
	if (in_folder(folders->shipped, label, to) || in_folder(folders->clinic, label, to))
		return err_set(err, ERR_CONFLICT,
		    "%s is installed already; a changed network needs another version", label);
	snprintf(name, sizeof name, "%s%s", label, ending);
	if (!path_join(to, sizeof to, folders->clinic, name))
		return err_set(err, ERR_BAD_INPUT, "path too long: %s", folders->clinic);
	if (!folder_make(folders->clinic, err) || !file_write(to, bytes.data, bytes.size, 0644, err))
		return false;
	text_copy(ret_label, MODEL_LABEL_SIZE, label);
	return true;
}
