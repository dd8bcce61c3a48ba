#include "release/sums.h"

#include "base/crypto.h"
#include "base/file.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

#define LIST "SHA256SUMS"
#define SIGNATURE "SHA256SUMS.sig"

enum {
	HEX_SIZE = 2 * CRYPTO_DIGEST_SIZE,
	LINE_START = HEX_SIZE + 2, /* where the name begins */
	CHUNK = 1 << 16,
};

static void file_close(FILE *file)
{
	fclose(file);
}
OWN_DEFINE(FILE *, file_close)

static bool digest_of(const char *path, uint8_t ret_digest[CRYPTO_DIGEST_SIZE], struct err *err)
{
	OWN(file_close) FILE *file = fopen(path, "rb");
	if (!file)
		return err_errno(err, "opening %s", path);
	struct crypto_hash *hash = crypto_hash_new();
	if (!hash)
		return err_set(err, ERR_NO_MEMORY, "reading %s", path);
	uint8_t chunk[CHUNK];
	size_t size;
	while ((size = fread(chunk, 1, sizeof chunk, file)) > 0)
		crypto_hash_add(hash, chunk, size);
	crypto_hash_end(hash, ret_digest);
	return !ferror(file) || err_errno(err, "reading %s", path);
}

static bool list_file(const char *full, const char *relative, void *context, struct err *err)
{
	struct buf *to = context;
	uint8_t digest[CRYPTO_DIGEST_SIZE];
	char hex[HEX_SIZE + 1];
	if (strcmp(relative, LIST) == 0 || strcmp(relative, SIGNATURE) == 0)
		return true;
	if (!text_is_plain(relative) || strchr(relative, '\\'))
		return err_set(err, ERR_BAD_INPUT, "%.120s: rename it; this name fits in no list", relative);
	if (!digest_of(full, digest, err))
		return false;
	text_hex(hex, digest, sizeof digest);
	buf_print(to, "%s  %s\n", hex, relative);
	return buf_ok(to, err);
}

bool sums_list(const char *folder, struct buf *to, struct err *err)
{
	return folder_walk(folder, LIMIT_FOLDER_DEPTH, list_file, to, err) && buf_ok(to, err);
}

bool sums_sign(const char *folder, const char *private_pem, struct err *err)
{
	OWN(buf_done) struct buf list = BUF_INIT(SUMS_BYTES_MAX);
	uint8_t digest[CRYPTO_DIGEST_SIZE], signature[CRYPTO_SIGNATURE_SIZE];
	size_t size;
	char path[LIMIT_PATH];
	if (!sums_list(folder, &list, err))
		return false;
	if (list.size == 0)
		return err_set(err, ERR_NOT_FOUND, "there is nothing to sign in %s", folder);
	crypto_sha256(list.data, list.size, digest);
	return crypto_sign(private_pem, digest, signature, &size, err) &&
	    folder_path(folder, LIST, path, err) && file_write(path, list.data, list.size, 0644, err) &&
	    folder_path(folder, SIGNATURE, path, err) && file_write(path, signature, size, 0644, err);
}

/* Verifying: the list is read only after its signature held, and then compared with one made anew. */

static bool check_signature(const char *folder, const char *public_pem, struct buf *list, struct err *err)
{
	OWN(buf_done) struct buf signature = BUF_INIT(CRYPTO_SIGNATURE_SIZE);
	uint8_t digest[CRYPTO_DIGEST_SIZE];
	char path[LIMIT_PATH];
	if (!folder_path(folder, LIST, path, err) || !file_read(path, list, err) ||
	    !folder_path(folder, SIGNATURE, path, err) || !file_read(path, &signature, err))
		return err_add(err, "this is not a signed release");
	crypto_sha256(list->data, list->size, digest);
	return crypto_verify(public_pem, digest, signature.data, signature.size, err) ||
	    err_set(err, ERR_CRYPTO, "%s was not signed by this key, or altered after it was signed", LIST);
}

/* One line of a list; next is NULL at its end. */
struct line {
	char *next;
	const char *digest, *name;
};

static void line_take(struct line *line)
{
	char *start = line->next;
	char *end = start ? strchr(start, '\n') : NULL;
	line->next = NULL;
	line->digest = line->name = NULL;
	if (!end || end - start <= LINE_START)
		return;
	*end = start[HEX_SIZE] = 0;
	line->digest = start;
	line->name = start + LINE_START;
	line->next = end + 1;
}

/* Both are in the order of one walk, which is that of names but where a folder and a file begin alike. */
static bool compare(char *is, char *should, size_t *ret_files, struct err *err)
{
	struct line here = {.next = is}, told = {.next = should};
	size_t files = 0;
	for (line_take(&here), line_take(&told); here.name || told.name; line_take(&here), line_take(&told)) {
		int order = !here.name ? 1 : !told.name ? -1 : strcmp(here.name, told.name);
		if (order > 0)
			return err_set(err, ERR_DAMAGED, "%s is missing", told.name);
		if (order < 0)
			return err_set(err, ERR_DAMAGED, "%s does not belong to this release", here.name);
		if (strcmp(here.digest, told.digest) != 0)
			return err_set(err, ERR_DAMAGED, "%s is not the file that was signed", here.name);
		files++;
	}
	*ret_files = files;
	return true;
}

bool sums_verify(const char *folder, const char *public_pem, size_t *ret_files, struct err *err)
{
	OWN(buf_done) struct buf told = BUF_INIT(SUMS_BYTES_MAX), here = BUF_INIT(SUMS_BYTES_MAX);
	if (!check_signature(folder, public_pem, &told, err) || !sums_list(folder, &here, err))
		return false;
	buf_add_u8(&told, 0);
	buf_add_u8(&here, 0);
	return buf_ok(&told, err) && buf_ok(&here, err) &&
	    compare((char *)here.data, (char *)told.data, ret_files, err);
}
