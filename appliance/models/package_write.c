#include "models/package_inside.h"

#include "base/tar.h"
#include "base/text.h"

static bool write_tar(const struct package_content *content, struct buf *to, struct err *err)
{
	struct tar_file files[PACKAGE_ENTRIES];
	size_t count = 0;
	for (int i = 0; i < PACKAGE_ENTRIES; i++) {
		const struct buf *entry = &content->entries[i];
		if (content->present[i])
			files[count++] = (struct tar_file){package_kinds[i].name, entry->data, entry->size};
	}
	return tar_write(files, count, TAR_PLAIN, to, err) || err_add(err, "writing a package");
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
