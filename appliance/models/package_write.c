#include "models/package_inside.h"

#include "base/text.h"

#include <archive.h>
#include <archive_entry.h>

static void writer_free(struct archive *archive)
{
	archive_write_free(archive);
}
OWN_DEFINE(struct archive *, writer_free)

static void entry_free(struct archive_entry *entry)
{
	archive_entry_free(entry);
}
OWN_DEFINE(struct archive_entry *, entry_free)

static la_ssize_t write_to_buf(struct archive *archive, void *context, const void *data, size_t size)
{
	(void)archive;
	buf_add(context, data, size);
	return (la_ssize_t)size;
}

/* Plain headers without owner or time: the same content gives the same bytes. */
static bool write_entry(struct archive *archive, const char *name, const struct buf *content)
{
	OWN(entry_free) struct archive_entry *entry = archive_entry_new();
	if (!entry)
		return false;
	archive_entry_set_pathname(entry, name);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0644);
	archive_entry_set_mtime(entry, 0, 0);
	archive_entry_set_size(entry, (la_int64_t)content->size);
	return archive_write_header(archive, entry) == ARCHIVE_OK &&
	    archive_write_data(archive, content->data, content->size) == (la_ssize_t)content->size;
}

static bool write_tar(const struct package_content *content, struct buf *to, struct err *err)
{
	OWN(writer_free) struct archive *archive = archive_write_new();
	bool ok = archive && archive_write_set_format_ustar(archive) == ARCHIVE_OK &&
	    archive_write_set_bytes_in_last_block(archive, 1) == ARCHIVE_OK &&
	    archive_write_open(archive, to, NULL, write_to_buf, NULL) == ARCHIVE_OK;
	for (int i = 0; i < PACKAGE_ENTRIES && ok; i++)
		ok = !content->present[i] || write_entry(archive, package_kinds[i].name, &content->entries[i]);
	ok = ok && archive_write_close(archive) == ARCHIVE_OK;
	return (ok || err_set(err, ERR_NO_MEMORY, "writing a package")) && buf_ok(to, err);
}

static bool sign(struct package_content *content, const char *private_pem, struct err *err)
{
	struct buf *text = &content->entries[PACKAGE_SIGNATURE];
	char public_pem[CRYPTO_PEM_SIZE], hex[2 * CRYPTO_SIGNATURE_SIZE + 1];
	uint8_t digest[CRYPTO_DIGEST_SIZE], ecdsa[CRYPTO_SIGNATURE_SIZE];
	size_t ecdsa_size;
	if (!crypto_pair_public(private_pem, public_pem, err) || !crypto_public_digest(public_pem, digest, err))
		return false;
	char key[PACKAGE_HEX_SIZE];
	text_hex(key, digest, sizeof digest);
	buf_print(text, "daybreak-package %d\n", PACKAGE_FORMAT);
	for (int i = 0; i < PACKAGE_SIGNATURE; i++) {
		if (!content->present[i])
			continue;
		crypto_sha256(content->entries[i].data, content->entries[i].size, digest);
		text_hex(hex, digest, sizeof digest);
		buf_print(text, "entry %s %s\n", package_kinds[i].name, hex);
	}
	buf_print(text, "key %s\n", key);
	if (!buf_ok(text, err))
		return false;
	crypto_sha256(text->data, text->size, digest);
	if (!crypto_sign(private_pem, digest, ecdsa, &ecdsa_size, err))
		return false;
	text_hex(hex, ecdsa, ecdsa_size);
	buf_print(text, "ecdsa %s\n", hex);
	content->present[PACKAGE_SIGNATURE] = true;
	return buf_ok(text, err);
}

static bool put_json(struct package_content *content, enum package_entry kind, const json_t *json, struct err *err)
{
	char *text = json_dumps(json, JSON_INDENT(1) | JSON_SORT_KEYS);
	if (!text)
		return err_set(err, ERR_NO_MEMORY, "writing a package");
	buf_print(&content->entries[kind], "%s\n", text);
	free(text);
	content->present[kind] = true;
	return buf_ok(&content->entries[kind], err) || err_add(err, "writing %s", package_kinds[kind].name);
}

bool package_write(const json_t *manifest, const json_t *report, const struct buf *network,
    const char *private_pem, struct buf *to, struct err *err)
{
	OWN(package_content_done) struct package_content content;
	package_content_init(&content);
	if (!package_check_name(json_text(manifest, "name", ""), json_text(manifest, "version", ""), err) ||
	    !put_json(&content, PACKAGE_MANIFEST, manifest, err) ||
	    (report && !put_json(&content, PACKAGE_REPORT, report, err)))
		return false;
	buf_add(&content.entries[PACKAGE_NETWORK], network->data, network->size);
	content.present[PACKAGE_NETWORK] = true;
	return buf_ok(&content.entries[PACKAGE_NETWORK], err) && sign(&content, private_pem, err) &&
	    write_tar(&content, to, err);
}
