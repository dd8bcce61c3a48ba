#include "simulator/pdb.h"

#include "base/db.h"
#include "base/file.h"

#include <stdio.h>

double pdb_insemination_day(const struct simulate_options *options)
{
	/* Days since 1899-12-31, as the instrument counts; 14:15 in the afternoon. */
	return 45000 + (double)(options->seed % 1500) + 0.59375;
}

struct pdb {
	struct db *db;
	double insemination_day;
	int pending;
};

static bool insert_picture(void *context, const struct slide_picture *picture, struct err *err)
{
	struct pdb *pdb = context;
	if (pdb->pending == 0 && !db_begin(pdb->db, err))
		return false;
	struct db_statement *s = db_prepare(pdb->db,
	    "INSERT INTO IMAGES(Well, Run, Focal, Time, Image) VALUES(?1, ?2, ?3, ?4, ?5)");
	db_bind_int(s, 1, picture->well);
	db_bind_int(s, 2, picture->run);
	db_bind_int(s, 3, picture->focal_um);
	db_bind_double(s, 4, pdb->insemination_day + (double)picture->time_s / 86400);
	db_bind_blob(s, 5, picture->data, picture->size);
	if (!db_run(s, err))
		return false;
	if (++pdb->pending < 1000)
		return true;
	pdb->pending = 0;
	return db_commit(pdb->db, err);
}

static bool insert_general(struct db *db, const char *type, const char *par, const char *value,
    struct err *err)
{
	struct db_statement *s = db_prepare(db, "INSERT INTO GENERAL(Type, Par, Val) VALUES(?1, ?2, ?3)");
	db_bind_text(s, 1, type);
	db_bind_text(s, 2, par);
	db_bind_text(s, 3, value);
	return db_run(s, err);
}

static bool write_head(struct db *db, const struct simulate_options *options, struct err *err)
{
	/* A file that nobody reads yet needs no flushes; it ends as one plain file. */
	if (!db_exec(db, "PRAGMA journal_mode = DELETE; PRAGMA synchronous = OFF;"
	    "CREATE TABLE IMAGES (Well INTEGER, Run INTEGER, Focal INTEGER, Time REAL, Image BLOB);"
	    "CREATE TABLE GENERAL (Type TEXT, Par TEXT, Val TEXT);", err))
		return false;
	char text[64];
	snprintf(text, sizeof text, "%.5f", pdb_insemination_day(options));
	if (!insert_general(db, "General", "Fertilization", text, err))
		return false;
	for (int well = 1; well <= options->wells; well++) {
		snprintf(text, sizeof text, "Embryo%d", well);
		if (!insert_general(db, "Description", text, "", err))
			return false;
	}
	return true;
}

bool pdb_write(const char *path, const struct simulate_options *options, simulate_progress *progress,
    void *context, json_t **ret_truth, struct err *err)
{
	if (file_exists(path))
		return err_set(err, ERR_CONFLICT, "%s is there already", path);
	OWN(db_close) struct db *db = NULL;
	if (!db_open(path, &db, err) || !write_head(db, options, err))
		return false;
	struct pdb pdb = {db, pdb_insemination_day(options), 0};
	struct slide_sink sink = {&pdb, insert_picture};
	json_t *truth = NULL;
	if (!slide_render(options, &sink, progress, context, &truth, err))
		return false;
	if (pdb.pending && !db_commit(db, err)) {
		json_decref(truth);
		return false;
	}
	*ret_truth = truth;
	return true;
}
