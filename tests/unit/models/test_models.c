#include "unit/models/packages.h"

#include "models/models.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>

static struct err err;
static struct keys maker, lab;
static char shipped[LIMIT_PATH], clinic[LIMIT_PATH];
static const struct models_folders folders = {shipped, clinic};

static void put(const char *folder, const char *file, const void *data, size_t size)
{
	char path[LIMIT_PATH];
	assert_true(path_join(path, sizeof path, folder, file));
	must(folder_make(folder, &err));
	must(file_write(path, data, size, 0644, &err));
}

static void put_model(
    const char *folder, const char *file, const char *name, const char *version, const struct keys *by)
{
	OWN(buf_done) struct buf package = BUF_INIT(1 << 20);
	must(package_make(name, version, name, by->private_pem, &package, &err));
	put(folder, file, package.data, package.size);
}

/* Two shipped models, nothing of the clinic's. */
static void fresh(void **state)
{
	path_join(shipped, sizeof shipped, *state, "share");
	path_join(clinic, sizeof clinic, *state, "store/models");
	must(folder_remove(shipped, &err));
	must(folder_remove(clinic, &err));
	put_model(shipped, "daybreak-2.0.model", "daybreak", "2.0", &maker);
	put_model(shipped, "daybreak-2.1.model", "daybreak", "2.1", &maker);
	put(shipped, "current", "daybreak-2.0\n", 13);
	put(shipped, "release.pem", maker.public_pem[0], strlen(maker.public_pem[0]));
}

static int setup(void **state)
{
	return keys_make(&maker, &err) && keys_make(&lab, &err) ? folder_setup(state) : -1;
}

static void the_shipped_one(void **state)
{
	fresh(state);
	OWN(model_open_done) struct model_open model = MODEL_OPEN_INIT;
	must(models_open(&folders, NULL, &model, &err));
	assert_string_equal(model.label, "daybreak-2.0");
	assert_int_equal(model.size, 8);
	assert_int_equal(strlen(model.digest), 64);
	assert_string_equal(json_text(model.manifest, "version", ""), "2.0");
	assert_null(model.report);
	/* It works without a store, too. */
	const struct models_folders alone = {shipped, NULL};
	char label[MODEL_LABEL_SIZE];
	must(models_current(&alone, label, &err));
	assert_string_equal(label, "daybreak-2.0");
}

static void nobody_changes_an_open_network(void **state)
{
	fresh(state);
	OWN(model_open_done) struct model_open model = MODEL_OPEN_INIT;
	char bytes[16] = {0};
	struct stat status;
	must(models_open(&folders, "daybreak-2.1", &model, &err));
	assert_int_equal(read(model.fd, bytes, sizeof bytes), 8);
	assert_string_equal(bytes, "daybreak");
	assert_int_equal(fstat(model.fd, &status), 0);
	assert_int_equal(status.st_size, 8);
	assert_int_equal(pwrite(model.fd, "x", 1, 0), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(ftruncate(model.fd, 0), -1);
	void *map = mmap(NULL, 8, PROT_READ, MAP_SHARED, model.fd, 0);
	assert_true(map != MAP_FAILED);
	munmap(map, 8);
	assert_true(mmap(NULL, 8, PROT_READ | PROT_WRITE, MAP_SHARED, model.fd, 0) == MAP_FAILED);
}

static void choosing(void **state)
{
	fresh(state);
	OWN(model_open_done) struct model_open model = MODEL_OPEN_INIT;
	char label[MODEL_LABEL_SIZE];
	must(models_use(&folders, "daybreak-2.1", &err));
	must(models_current(&folders, label, &err));
	assert_string_equal(label, "daybreak-2.1");
	must_fail(models_use(&folders, "daybreak-3.0", &err), ERR_NOT_FOUND);
	must_fail(models_use(&folders, "../share/daybreak-2.0", &err), ERR_BAD_INPUT);
	must_fail(models_use(&folders, "", &err), ERR_BAD_INPUT);
	must(models_current(&folders, label, &err));
	assert_string_equal(label, "daybreak-2.1");
	/* What was chosen and is gone is not replaced in silence. */
	put(clinic, "current", "daybreak-9\n", 11);
	must_fail(models_open(&folders, NULL, &model, &err), ERR_NOT_FOUND);
	put(clinic, "current", "../../x\n", 8);
	must_fail(models_open(&folders, NULL, &model, &err), ERR_BAD_INPUT);
	put(clinic, "current", "", 0);
	must_fail(models_open(&folders, NULL, &model, &err), ERR_BAD_INPUT);
}

static void installing(void **state)
{
	fresh(state);
	char from[LIMIT_PATH], label[MODEL_LABEL_SIZE];
	OWN(model_open_done) struct model_open model = MODEL_OPEN_INIT;
	put_model(*state, "lab.model", "lab", "1", &lab);
	path_join(from, sizeof from, *state, "lab.model");
	must_fail(models_install(&folders, from, label, &err), ERR_CRYPTO);
	must_fail(models_open_file(&folders, from, &model, &err), ERR_CRYPTO);
	/* The clinic says whom it trusts; a file that is no key is nobody. */
	put(clinic, "lab.pem", lab.public_pem[0], strlen(lab.public_pem[0]));
	put(clinic, "note.pem", "no key", 6);
	must(models_install(&folders, from, label, &err));
	assert_string_equal(label, "lab-1");
	must(models_open(&folders, "lab-1", &model, &err));
	assert_string_equal(model.signer, "lab");
	must_fail(models_install(&folders, from, label, &err), ERR_CONFLICT);
	/* Nor does a clinic's package stand in for a shipped one. */
	put_model(*state, "lab.model", "daybreak", "2.0", &lab);
	must_fail(models_install(&folders, from, label, &err), ERR_CONFLICT);
}

static void the_key_of_the_box(void **state)
{
	fresh(state);
	char key[CRYPTO_PEM_SIZE], again[CRYPTO_PEM_SIZE], path[LIMIT_PATH], label[MODEL_LABEL_SIZE];
	struct stat status;
	must(models_box_key(&folders, key, &err));
	path_join(path, sizeof path, clinic, "box.pem");
	unlink(path);
	must(models_box_key(&folders, again, &err));
	assert_string_equal(key, again);
	assert_true(file_exists(path));
	path_join(path, sizeof path, clinic, "box.key");
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	OWN(buf_done) struct buf package = BUF_INIT(1 << 20);
	must(package_make("own", "1", "network", key, &package, &err));
	put(*state, "own.model", package.data, package.size);
	path_join(path, sizeof path, *state, "own.model");
	must(models_install(&folders, path, label, &err));
}

struct seen {
	char text[1024];
	int left;
};

static bool note(const struct model_entry *entry, void *context)
{
	struct seen *seen = context;
	size_t length = strlen(seen->text);
	snprintf(seen->text + length, sizeof seen->text - length, "%s%s%s%s ", entry->label,
	    entry->current ? "*" : "", entry->shipped ? "" : "+", entry->problem ? "!" : "");
	assert_true(!entry->problem == (entry->manifest != NULL));
	return --seen->left;
}

static void the_list(void **state)
{
	fresh(state);
	put_model(clinic, "b-1.model", "b", "1", &maker);
	put_model(clinic, "a-1.model", "a", "1", &lab);
	put_model(clinic, "renamed-1.model", "b", "1", &maker);
	put_model(clinic, "daybreak-2.0.model", "daybreak", "2.0", &lab);
	put(clinic, "broken-1.model", "broken", 6);
	put(clinic, "box.key", "", 0);
	struct seen seen = {.left = -1};
	must(models_each(&folders, note, &seen, &err));
	assert_string_equal(seen.text, "daybreak-2.0* daybreak-2.1 a-1+! b-1+ broken-1+! renamed-1+! ");
	seen = (struct seen){.left = 1};
	must(models_each(&folders, note, &seen, &err));
	assert_string_equal(seen.text, "daybreak-2.0* ");
}

static void nothing_there(void **state)
{
	char nowhere[LIMIT_PATH];
	path_join(nowhere, sizeof nowhere, *state, "nowhere");
	const struct models_folders none = {nowhere, nowhere};
	OWN(model_open_done) struct model_open model = MODEL_OPEN_INIT;
	struct seen seen = {.left = -1};
	must_fail(models_open(&none, NULL, &model, &err), ERR_NOT_FOUND);
	must(models_each(&none, note, &seen, &err));
	assert_string_equal(seen.text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_shipped_one),
	    cmocka_unit_test(nobody_changes_an_open_network),
	    cmocka_unit_test(choosing),
	    cmocka_unit_test(installing),
	    cmocka_unit_test(the_key_of_the_box),
	    cmocka_unit_test(the_list),
	    cmocka_unit_test(nothing_there),
	};
	return cmocka_run_group_tests(tests, setup, folder_teardown);
}
