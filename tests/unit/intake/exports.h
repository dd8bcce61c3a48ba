/* Exports that the tests of intake make for themselves: small pictures, slides' databases, folders. */
#pragma once

#include "unit/unit.h"

#include "base/buf.h"
#include "base/db.h"
#include "base/image.h"
#include "base/limits.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static struct err err;

/* A whole JPEG of 32 x 32 whose pixels depend on the seed. */
static inline void picture_make(unsigned seed, struct buf *to)
{
	OWN(image_free) struct image *image = image_new(32, 32);
	for (int i = 0; i < 32 * 32; i++)
		image->pixels[i] = (uint8_t)(seed * 37 + (unsigned)i * (seed % 7 + 1) / 5);
	must(image_encode_jpeg(image, 80, to, &err));
}

static inline void path_in(char *to, const char *folder, const char *name)
{
	assert_true(path_join(to, LIMIT_PATH, folder, name));
}

/* Writes without waiting for the disk. */
static inline void put_bytes(const char *path, const void *data, size_t size)
{
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

/* A file and the folders above it. */
static inline void put_file(const char *folder, const char *name, const void *data, size_t size)
{
	char path[LIMIT_PATH], parent[LIMIT_PATH];
	path_in(path, folder, name);
	snprintf(parent, sizeof parent, "%.*s", (int)(path_name(path) - path - 1), path);
	must(folder_make(parent, &err));
	put_bytes(path, data, size);
}

static inline void put_text(const char *folder, const char *name, const char *text)
{
	put_file(folder, name, text, strlen(text));
}

static inline void put_picture(const char *folder, const char *name, unsigned seed)
{
	OWN(buf_done) struct buf picture = BUF_INIT(1 << 20);
	picture_make(seed, &picture);
	put_file(folder, name, picture.data, picture.size);
}

/* An empty slide. Old pages are small, so that a damaged one costs few rows. */
static inline struct db *slide_make(const char *path)
{
	struct db *db;
	must(db_open(path, &db, &err));
	must(db_exec(db, "PRAGMA synchronous = OFF; PRAGMA journal_mode = DELETE; PRAGMA page_size = 1024; VACUUM;"
			 "CREATE TABLE Images (Well INTEGER, Run INTEGER, Focal INTEGER, Time REAL, Image BLOB);"
			 "CREATE TABLE General (Type TEXT, Par TEXT, Val TEXT);"
			 "INSERT INTO General VALUES ('General', 'Fertilization', '41753.625');", &err));
	return db;
}

static inline void slide_add_bytes(struct db *db, int well, int run, int focal_um, const void *data, size_t size)
{
	struct db_statement *s = db_prepare(db, "INSERT INTO Images VALUES (?1, ?2, ?3, ?4, ?5)");
	db_bind_int(s, 1, well);
	db_bind_int(s, 2, run);
	db_bind_int(s, 3, focal_um);
	db_bind_double(s, 4, 41753.625 + run / 96.0);
	if (data)
		db_bind_blob(s, 5, data, size);
	else
		db_bind_null(s, 5);
	must(db_run(s, &err));
}

static inline void slide_add(struct db *db, int well, int run, int focal_um, unsigned seed)
{
	OWN(buf_done) struct buf picture = BUF_INIT(1 << 20);
	picture_make(seed, &picture);
	slide_add_bytes(db, well, run, focal_um, picture.data, picture.size);
}

/* Where the shared real data lies; NULL, after one line, where it does not. */
static inline const char *shared_data(void)
{
	const char *path = getenv("DAYBREAK_DATA");
	path = path ? path : DAYBREAK_SOURCE_DIR "/../shared/data";
	if (file_exists(path))
		return path;
	print_message("the shared data is not here: skipped\n");
	return NULL;
}
