/* Packages made on the spot, whole ones and crooked ones. */
#pragma once

#include "unit/unit.h"

#include "base/buf.h"
#include "models/package.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

struct keys {
	char private_pem[CRYPTO_PEM_SIZE];
	char public_pem[1][CRYPTO_PEM_SIZE];
	struct package_keys trusted;
};

static inline bool keys_make(struct keys *keys, struct err *err)
{
	keys->trusted = (struct package_keys){keys->public_pem, 1};
	return crypto_pair_make(keys->private_pem, keys->public_pem[0], err);
}

/* A signed package around any bytes as the network. */
static inline bool package_make(const char *name, const char *version, const char *network,
    const char *private_pem, struct buf *to, struct err *err)
{
	OWN(json_decref) json_t *manifest = json_pack("{s:s, s:s}", "name", name, "version", version);
	const struct buf bytes = {.data = (uint8_t *)(uintptr_t)network,
	    .size = strlen(network),
	    .capacity = strlen(network),
	    .max = strlen(network)};
	return package_write(manifest, NULL, &bytes, private_pem, to, err);
}

enum { TAR_ENTRIES = 8 };

/* A tar as a list of entries, to be taken apart and put together. */
struct tar {
	char names[TAR_ENTRIES][256];
	struct buf contents[TAR_ENTRIES];
	int count;
};

static inline void tar_done(struct tar *tar)
{
	for (int i = 0; i < tar->count; i++)
		buf_done(&tar->contents[i]);
	tar->count = 0;
}

static inline struct buf *tar_add(struct tar *tar, const char *name, const void *data, size_t size)
{
	struct buf *content = &tar->contents[tar->count];
	snprintf(tar->names[tar->count++], sizeof tar->names[0], "%s", name);
	*content = (struct buf)BUF_INIT(80 << 20);
	buf_add(content, data, size);
	return content;
}

static inline void tar_open(struct tar *tar, const struct buf *from)
{
	struct archive *archive = archive_read_new();
	struct archive_entry *entry;
	archive_read_support_format_tar(archive);
	assert_int_equal(archive_read_open_memory(archive, from->data, from->size), ARCHIVE_OK);
	tar->count = 0;
	while (archive_read_next_header(archive, &entry) == ARCHIVE_OK) {
		size_t size = (size_t)archive_entry_size(entry);
		char *data = malloc(size + 1);
		assert_int_equal(archive_read_data(archive, data, size), size);
		tar_add(tar, archive_entry_pathname(entry), data, size);
		free(data);
	}
	archive_read_free(archive);
}

static inline struct buf *tar_entry(struct tar *tar, const char *name)
{
	for (int i = 0; i < tar->count; i++)
		if (strcmp(tar->names[i], name) == 0)
			return &tar->contents[i];
	fail_msg("no entry %s", name);
	return NULL;
}

static inline la_ssize_t tar_write(struct archive *archive, void *context, const void *data, size_t size)
{
	(void)archive;
	buf_add(context, data, size);
	return (la_ssize_t)size;
}

/* Replaces what `to` held. */
static inline void tar_pack(const struct tar *tar, struct buf *to)
{
	struct archive *archive = archive_write_new();
	buf_clear(to);
	archive_write_set_format_pax_restricted(archive);
	archive_write_open(archive, to, NULL, tar_write, NULL);
	for (int i = 0; i < tar->count; i++) {
		struct archive_entry *entry = archive_entry_new();
		archive_entry_set_pathname(entry, tar->names[i]);
		archive_entry_set_filetype(entry, AE_IFREG);
		archive_entry_set_perm(entry, 0644);
		archive_entry_set_size(entry, (la_int64_t)tar->contents[i].size);
		assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
		archive_write_data(archive, tar->contents[i].data, tar->contents[i].size);
		archive_entry_free(entry);
	}
	archive_write_free(archive);
}
