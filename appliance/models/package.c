#include "models/package_inside.h"

#include "base/text.h"

#include <archive.h>
#include <archive_entry.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

const struct package_kind package_kinds[PACKAGE_ENTRIES] = {
    [PACKAGE_MANIFEST] = {"manifest.json", LIMIT_MANIFEST_BYTES, true},
    [PACKAGE_NETWORK] = {"network.bin", LIMIT_NETWORK_BYTES, true},
    [PACKAGE_REPORT] = {"report.json", LIMIT_REPORT_BYTES, false},
    [PACKAGE_SIGNATURE] = {"signature", PACKAGE_SIGNATURE_BYTES, true},
};

void package_content_init(struct package_content *content)
{
	*content = (struct package_content){0};
	for (int i = 0; i < PACKAGE_ENTRIES; i++)
		content->entries[i].max = package_kinds[i].max;
}

void package_content_done_owned(struct package_content *content)
{
	for (int i = 0; i < PACKAGE_ENTRIES; i++)
		buf_done(&content->entries[i]);
}

void package_done(struct package *package)
{
	json_decref(package->manifest);
	json_decref(package->report);
	buf_done(&package->network);
	*package = (struct package){0};
}

static bool is_word(const char *text, size_t size_max)
{
	size_t length = strlen(text);
	if (length == 0 || length >= size_max || !isalnum((unsigned char)text[0]))
		return false;
	return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == length;
}

bool package_check_name(const char *name, const char *version, struct err *err)
{
	static const struct package package;
	if (!is_word(name, sizeof package.name))
		return err_set(err, ERR_BAD_INPUT,
		    "a model's name has 1 to %zu letters, digits, '.', '_' or '-', and starts "
		    "with a letter or digit",
		    sizeof package.name - 1);
	return is_word(version, sizeof package.version) ||
	    err_set(err, ERR_BAD_INPUT,
	        "a model's version has 1 to %zu letters, digits, '.', '_' or '-', and starts with "
	        "a letter or digit",
	        sizeof package.version - 1);
}

/* Reading the tar */

static void reader_free(struct archive *archive)
{
	archive_read_free(archive);
}
OWN_DEFINE(struct archive *, reader_free)

static bool damaged(struct archive *archive, struct err *err)
{
	const char *why = archive_error_string(archive);
	return err_set(err, ERR_DAMAGED, "the package is damaged or cut off: %.120s", why ? why : "unreadable");
}

static int kind_of(const char *name)
{
	for (int i = 0; i < PACKAGE_ENTRIES; i++)
		if (strcmp(package_kinds[i].name, name) == 0)
			return i;
	return -1;
}

static bool take_entry(
    struct archive *archive, struct archive_entry *entry, struct package_content *content, struct err *err)
{
	const char *name = archive_entry_pathname(entry);
	int kind = name ? kind_of(name) : -1;
	if (kind < 0 || archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry))
		return err_set(err, ERR_BAD_INPUT, "the package holds %.80s, which is no part of a model",
		    name ? name : "an entry without a name");
	if (content->present[kind])
		return err_set(err, ERR_BAD_INPUT, "the package holds %s twice", name);
	if (archive_entry_size(entry) > (int64_t)package_kinds[kind].max)
		return err_set(err, ERR_TOO_LARGE, "%s is larger than %zu bytes", name, package_kinds[kind].max);
	content->present[kind] = true;
	for (;;) {
		const void *data;
		size_t size;
		la_int64_t offset;
		int code = archive_read_data_block(archive, &data, &size, &offset);
		if (code == ARCHIVE_EOF)
			return buf_ok(&content->entries[kind], err);
		if (code != ARCHIVE_OK)
			return damaged(archive, err);
		if (offset != (la_int64_t)content->entries[kind].size)
			return err_set(err, ERR_BAD_INPUT, "%s is a sparse file", name);
		buf_add(&content->entries[kind], data, size);
		if (!buf_ok(&content->entries[kind], err))
			return false;
	}
}

static bool take_content(const uint8_t *bytes, size_t size, struct package_content *content, struct err *err)
{
	OWN(reader_free) struct archive *archive = archive_read_new();
	if (!archive)
		return err_set(err, ERR_NO_MEMORY, "opening a package");
	archive_read_support_format_tar(archive);
	if (size < 512 || archive_read_open_memory(archive, bytes, size) != ARCHIVE_OK)
		return err_set(err, ERR_DAMAGED, "this is not a model package, or it was cut off");
	for (;;) {
		struct archive_entry *entry;
		int code = archive_read_next_header(archive, &entry);
		if (code == ARCHIVE_EOF)
			break;
		if (code != ARCHIVE_OK && code != ARCHIVE_WARN)
			return damaged(archive, err);
		if (!take_entry(archive, entry, content, err))
			return false;
	}
	if (!content->present[PACKAGE_SIGNATURE])
		return err_set(err, ERR_CRYPTO, "the package is not signed");
	for (int i = 0; i < PACKAGE_ENTRIES; i++)
		if (package_kinds[i].needed && !content->present[i])
			return err_set(err, ERR_DAMAGED, "the package lacks %s", package_kinds[i].name);
	return true;
}

/* The signature */

/* What the text of the signature says. */
struct signature {
	int format;
	bool covers[PACKAGE_ENTRIES];
	uint8_t digests[PACKAGE_ENTRIES][CRYPTO_DIGEST_SIZE];
	uint8_t key[CRYPTO_DIGEST_SIZE];
	uint8_t ecdsa[CRYPTO_SIGNATURE_SIZE];
	size_t ecdsa_size;
	size_t signed_size; /* the bytes of the text that are signed */
};

static bool take_entry_line(const char *line, struct signature *signature)
{
	char name[32], hex[PACKAGE_HEX_SIZE];
	int end = 0;
	if (sscanf(line, "entry %31s %64s%n", name, hex, &end) != 2 || line[end])
		return false;
	int kind = kind_of(name);
	if (kind < 0 || kind == PACKAGE_SIGNATURE || signature->covers[kind])
		return false;
	signature->covers[kind] = true;
	return text_unhex(signature->digests[kind], CRYPTO_DIGEST_SIZE, hex);
}

static bool take_ecdsa_line(const char *line, struct signature *signature)
{
	size_t digits = strlen(line + strlen("ecdsa "));
	signature->ecdsa_size = digits / 2;
	return digits % 2 == 0 && signature->ecdsa_size > 0 && signature->ecdsa_size <= CRYPTO_SIGNATURE_SIZE &&
	    text_unhex(signature->ecdsa, signature->ecdsa_size, line + strlen("ecdsa "));
}

/* Cuts the text into lines, in place. */
static bool take_signature(char *text, size_t size, struct signature *ret_signature, struct err *err)
{
	struct signature signature = {0};
	bool ok = strlen(text) == size, key = false;
	for (char *line = text, *end; ok && *line && !signature.ecdsa_size; line = end + 1) {
		end = strchr(line, '\n');
		if (!end)
			return err_set(err, ERR_CRYPTO, "the package's signature is cut off");
		*end = 0;
		if (line == text)
			ok = sscanf(line, "daybreak-package %d", &signature.format) == 1;
		else if (text_starts(line, "entry "))
			ok = take_entry_line(line, &signature);
		else if (text_starts(line, "key "))
			ok = key = text_unhex(signature.key, CRYPTO_DIGEST_SIZE, line + strlen("key "));
		else
			ok = text_starts(line, "ecdsa ") && take_ecdsa_line(line, &signature);
		if (line == text && ok && signature.format != PACKAGE_FORMAT)
			return err_set(err, ERR_UNSUPPORTED,
			    "the package is of format %d, and this Daybreak reads %d: import its network again",
			    signature.format, PACKAGE_FORMAT);
		if (signature.ecdsa_size)
			signature.signed_size = (size_t)(line - text);
	}
	if (!ok || !key || !signature.ecdsa_size)
		return err_set(err, ERR_CRYPTO, "the package's signature cannot be read");
	*ret_signature = signature;
	return true;
}

static bool check_digests(const struct package_content *content, const struct signature *signature, struct err *err)
{
	for (int i = 0; i < PACKAGE_SIGNATURE; i++) {
		uint8_t digest[CRYPTO_DIGEST_SIZE];
		if (content->present[i] != signature->covers[i])
			return err_set(err, ERR_CRYPTO,
			    content->present[i] ? "%s is not signed" : "%s is signed but missing",
			    package_kinds[i].name);
		crypto_sha256(content->entries[i].data, content->entries[i].size, digest);
		if (content->present[i] && !crypto_equal(digest, signature->digests[i], sizeof digest))
			return err_set(err, ERR_CRYPTO, "%s was altered after it was signed", package_kinds[i].name);
	}
	return true;
}

static bool check_signer(const struct signature *signature, const uint8_t digest[CRYPTO_DIGEST_SIZE],
    const struct package_keys *keys, struct err *err)
{
	for (size_t i = 0; i < keys->count; i++) {
		uint8_t key[CRYPTO_DIGEST_SIZE];
		if (!crypto_public_digest(keys->pems[i], key, err))
			return false;
		if (crypto_equal(key, signature->key, sizeof key))
			return crypto_verify(
			    keys->pems[i], digest, signature->ecdsa, signature->ecdsa_size, err);
	}
	char hex[PACKAGE_HEX_SIZE];
	text_hex(hex, signature->key, CRYPTO_DIGEST_SIZE);
	return err_set(
	    err, ERR_CRYPTO, "the package was signed by a key that this box does not trust (%.16s...)", hex);
}

static bool verify(const struct package_content *content, const struct package_keys *keys,
    uint8_t ret_signer[CRYPTO_DIGEST_SIZE], struct err *err)
{
	const struct buf *entry = &content->entries[PACKAGE_SIGNATURE];
	char text[PACKAGE_SIGNATURE_BYTES + 1] = {0};
	struct signature signature;
	uint8_t digest[CRYPTO_DIGEST_SIZE];
	if (entry->size)
		memcpy(text, entry->data, entry->size);
	if (!take_signature(text, entry->size, &signature, err) || !check_digests(content, &signature, err))
		return false;
	crypto_sha256(entry->data, signature.signed_size, digest);
	if (!check_signer(&signature, digest, keys, err))
		return false;
	memcpy(ret_signer, signature.key, CRYPTO_DIGEST_SIZE);
	return true;
}

/* The manifest */

static bool take_name(struct package *package, struct err *err)
{
	const char *name = json_text(package->manifest, "name", ""),
	           *version = json_text(package->manifest, "version", "");
	if (!package_check_name(name, version, err))
		return false;
	text_copy(package->name, sizeof package->name, name);
	text_copy(package->version, sizeof package->version, version);
	return true;
}

static bool take_json(const struct buf *entry, const char *name, json_t **ret_json, struct err *err)
{
	OWN(json_decref) json_t *json = NULL;
	if (!json_parse((const char *)entry->data, entry->size, &json, err))
		return err_add(err, "reading %s", name);
	if (!json_is_object(json))
		return err_set(err, ERR_BAD_INPUT, "%s is not a JSON object", name);
	*ret_json = TAKE(json);
	return true;
}

bool package_open(const uint8_t *bytes, size_t size, const struct package_keys *keys,
    struct package *ret_package, struct err *err)
{
	OWN(package_content_done) struct package_content content;
	OWN(package_done) struct package package = {0};
	package_content_init(&content);
	if (!take_content(bytes, size, &content, err) || !verify(&content, keys, package.signer, err) ||
	    !take_json(&content.entries[PACKAGE_MANIFEST], package_kinds[PACKAGE_MANIFEST].name, &package.manifest, err) ||
	    !take_name(&package, err))
		return false;
	if (content.present[PACKAGE_REPORT] &&
	    !take_json(&content.entries[PACKAGE_REPORT], package_kinds[PACKAGE_REPORT].name, &package.report, err))
		return false;
	crypto_sha256(content.entries[PACKAGE_NETWORK].data, content.entries[PACKAGE_NETWORK].size, package.digest);
	package.network = content.entries[PACKAGE_NETWORK];
	content.entries[PACKAGE_NETWORK] = (struct buf){0};
	*ret_package = package;
	package = (struct package){0};
	return true;
}
