/* store_verify: looks for damage, changes nothing. Most checks are a query that should give no rows and a
 * sentence for each row that it gives. */
#include "base/file.h"
#include "base/text.h"
#include "store/audit.h"
#include "store/blobs.h"
#include "store/cycles.h"
#include "store/history.h"
#include "store/inside.h"
#include "store/keys.h"
#include "store/patients.h"
#include "store/signatures.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct check {
	struct store *store;
	void (*problem)(const char *text, void *context);
	void *context;
	struct store_report report;
};

/* Each query gives numbers for the two places of its sentence, and no rows where all is well. */
static const struct {
	const char *sql, *sentence;
} consistency[] = {
    {"SELECT id, embryo_id FROM frames f WHERE NOT EXISTS"
     " (SELECT 1 FROM blobs b JOIN embryos e ON e.dish_id = b.dish_id WHERE b.id = f.blob_id"
     " AND e.id = f.embryo_id AND b.kind = 'frames')",
	"frame %lld of embryo %lld points to a picture of another dish"},
    {"SELECT run, embryo_id FROM cuts c WHERE blob_id IS NOT NULL AND NOT EXISTS"
     " (SELECT 1 FROM blobs b JOIN embryos e ON e.dish_id = b.dish_id WHERE b.id = c.blob_id"
     " AND e.id = c.embryo_id AND b.kind = 'cuts')",
	"the cut of run %lld of embryo %lld points to pixels of another dish"},
    {"SELECT embryo_id, run FROM frames GROUP BY embryo_id, run, focal_um HAVING count(*) > 1",
	"embryo %lld has a frame of run %lld twice"},
    {"SELECT embryo_id, run FROM frames f GROUP BY embryo_id, run HAVING count(*) IS NOT"
     " (SELECT planes FROM runs r WHERE r.embryo_id = f.embryo_id AND r.run = f.run)",
	"embryo %lld does not count the planes of run %lld right"},
    {"SELECT embryo_id, run FROM runs r WHERE NOT EXISTS"
     " (SELECT 1 FROM frames f WHERE f.embryo_id = r.embryo_id AND f.run = r.run)",
	"embryo %lld has no frames of run %lld"},
    {"SELECT embryo_id, run FROM runs r WHERE state = 1 AND NOT EXISTS"
     " (SELECT 1 FROM readings g WHERE g.embryo_id = r.embryo_id AND g.run = r.run)",
	"embryo %lld, run %lld is said to be read but has no reading"},
    {"SELECT run, embryo_id FROM cuts c WHERE waiting = 1 AND (blob_id IS NULL OR NOT EXISTS"
     " (SELECT 1 FROM runs r WHERE r.embryo_id = c.embryo_id AND r.run = c.run AND r.state = 0))",
	"the cut of run %lld of embryo %lld waits for a reading that it has or cannot have"},
    {"SELECT id, runs_total FROM embryos e WHERE"
     " runs_total <> (SELECT count(*) FROM runs WHERE embryo_id = e.id)"
     " OR runs_read <> (SELECT count(*) FROM runs WHERE embryo_id = e.id AND state <> 0)",
	"embryo %lld miscounts its %lld runs"},
    {"SELECT k.id, k.patient_id FROM keys k JOIN dishes d ON d.id = k.id"
     " LEFT JOIN cycles c ON c.id = d.cycle_id WHERE k.subject = 'dish' AND k.patient_id IS NOT c.patient_id",
	"the key of dish %lld is wrapped for patient %lld, whose dish it is not"},
    {"SELECT embryo_id, count(*) FROM events WHERE replaced_by IS NULL AND withdrawn_us IS NULL"
     " GROUP BY embryo_id, event, ifnull(user_id, author) HAVING count(*) > 1",
	"embryo %lld has %lld current words of one person on one event"},
    {"SELECT embryo_id, count(*) FROM grades WHERE replaced_by IS NULL AND withdrawn_us IS NULL"
     " GROUP BY embryo_id, stage, user_id HAVING count(*) > 1",
	"embryo %lld has %lld current grades of one person for one stage"},
    {"SELECT embryo_id, count(*) FROM observations WHERE replaced_by IS NULL AND withdrawn_us IS NULL"
     " GROUP BY embryo_id, kind, user_id HAVING count(*) > 1",
	"embryo %lld has %lld current observations of one person and kind"},
    {"SELECT d.id, d.embryo_id FROM decisions d JOIN signatures s ON s.decision_id = d.id"
     " WHERE d.withdrawn_us IS NOT NULL",
	"decision %lld on embryo %lld was taken back although it is signed"},
};

static void __attribute__((format(printf, 2, 3))) tell(struct check *check, const char *format, ...)
{
	char text[2 * ERR_DETAIL_MAX];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	check->report.problems++;
	if (check->problem)
		check->problem(text, check->context);
}

static bool check_consistency(struct check *check, struct err *err)
{
	for (size_t i = 0; i < sizeof consistency / sizeof consistency[0]; i++) {
		struct db_statement *s = db_prepare(check->store->db, consistency[i].sql);
		while (db_step(s)) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			tell(check, consistency[i].sentence, (long long)db_column_int(s, 0),
			    (long long)db_column_int(s, 1));
#pragma GCC diagnostic pop
		}
		if (!db_finish(s, err))
			return false;
	}
	return true;
}

static bool check_database(struct check *check, struct err *err)
{
	struct db_statement *s = db_prepare(check->store->db, "PRAGMA integrity_check");
	while (db_step(s))
		if (strcmp(db_column_text(s, 0), "ok") != 0)
			tell(check, "database: %s", db_column_text(s, 0));
	if (!db_finish(s, err))
		return false;
	s = db_prepare(check->store->db, "PRAGMA foreign_key_check");
	while (db_step(s))
		tell(check, "database: row %" PRId64 " of %s refers to a row of %s that is not there",
		    db_column_int(s, 1), db_column_text(s, 0), db_column_text(s, 2));
	return db_finish(s, err);
}

static bool count_rows(struct check *check, struct err *err)
{
	struct store_report *report = &check->report;
	const struct {
		const char *sql;
		int64_t *to;
	} counts[] = {
	    {"SELECT count(*) FROM patients", &report->patients},
	    {"SELECT count(*) FROM dishes", &report->dishes},
	    {"SELECT count(*) FROM embryos", &report->embryos},
	    {"SELECT count(*) FROM frames", &report->frames},
	    {"SELECT count(*) FROM cuts WHERE blob_id IS NOT NULL", &report->cuts},
	    {"SELECT count(*) FROM blobs", &report->blobs},
	    {"SELECT ifnull(sum(length), 0) FROM blobs", &report->bytes},
	};
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
		struct db_statement *s = db_prepare(check->store->db, counts[i].sql);
		while (db_step(s))
			*counts[i].to = db_column_int(s, 0);
		if (!db_finish(s, err))
			return false;
	}
	return true;
}

/* Opens the file and key of a dish's kind; fd -1 when the file is missing or too short. */
static int open_blobs(struct check *check, int64_t dish_id, enum blob_kind kind, int64_t end)
{
	char path[LIMIT_PATH];
	struct stat status;
	struct err why;
	if (!blobs_path(check->store, dish_id, kind, path, sizeof path, &why)) {
		tell(check, "dish %" PRId64 ": %s", dish_id, why.detail);
		return -1;
	}
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status) != 0) {
		tell(check, "dish %" PRId64 ": its file of %s does not open", dish_id,
		    blob_kind_name(kind));
		return fd;
	}
	if (status.st_size < end)
		tell(check,
		    "dish %" PRId64 ": its file of %s has lost its end: %" PRId64 " of %" PRId64
		    " bytes are left",
		    dish_id, blob_kind_name(kind), (int64_t)status.st_size, end);
	return fd;
}

static void check_blob(struct check *check, const struct blob *blob, int fd,
    const uint8_t key[CRYPTO_KEY_SIZE])
{
	struct err why;
	OWN(buf_done) struct buf plain = BUF_INIT(LIMIT_FRAME_BYTES);
	check->report.blobs_checked++;
	if (!blobs_open_one(check->store, blob, fd, key, &plain, &why))
		tell(check, "dish %" PRId64 ", %s: %s", blob->dish_id, blob_kind_name(blob->kind),
		    why.detail);
}

static const char blobs_sql[] =
    "SELECT id, address, offset, length FROM blobs WHERE dish_id = ?1 AND kind = ?2"
    " ORDER BY offset";
static const char end_sql[] =
    "SELECT ifnull(max(offset + length), 0) FROM blobs WHERE dish_id = ?1 AND kind = ?2";
static const char dishes_sql[] = "SELECT id FROM dishes ORDER BY id";
static const char patients_sql[] = "SELECT id FROM patients ORDER BY id";
static const char words_sql[] = "SELECT embryo_id FROM comments UNION SELECT embryo_id FROM decisions";

static struct db_statement *of_kind(struct check *check, const char *sql, int64_t dish_id,
    enum blob_kind kind)
{
	struct db_statement *s = db_prepare(check->store->db, sql);
	db_bind_int(s, 1, dish_id);
	db_bind_text(s, 2, blob_kind_name(kind));
	return s;
}

/* Ranges that overlap, a file that is too short and, with a key, each seal. */
static bool check_file(struct check *check, int64_t dish_id, enum blob_kind kind, const uint8_t *key,
    struct err *err)
{
	struct db_statement *s = of_kind(check, end_sql, dish_id, kind);
	int64_t end = db_step(s) ? db_column_int(s, 0) : 0, at = 0;
	if (!db_finish(s, err) || end == 0)
		return end == 0;
	OWN(fd_close) int fd = open_blobs(check, dish_id, kind, end);
	s = of_kind(check, blobs_sql, dish_id, kind);
	while (db_step(s)) {
		size_t size;
		const void *address = db_column_blob(s, 1, &size);
		struct blob blob = {.id = db_column_int(s, 0),
		    .dish_id = dish_id,
		    .kind = kind,
		    .offset = db_column_int(s, 2),
		    .length = db_column_int(s, 3)};
		memcpy(blob.address, address, size < sizeof blob.address ? size : sizeof blob.address);
		if (blob.offset < at)
			tell(check, "dish %" PRId64 ", %s: blob %" PRId64 " overlaps the one before",
			    dish_id, blob_kind_name(kind), blob.id);
		at = blob.offset + blob.length;
		if (key && fd >= 0)
			check_blob(check, &blob, fd, key);
	}
	return db_finish(s, err);
}

static bool check_dishes(struct check *check, bool deep, struct err *err)
{
	bool ok = true;
	struct db_statement *s = db_prepare(check->store->db, dishes_sql);
	while (ok && db_step(s)) {
		int64_t id = db_column_int(s, 0);
		uint8_t key[CRYPTO_KEY_SIZE];
		struct err why;
		bool opened = keys_dish(check->store, id, key, &why);
		if (!opened)
			tell(check, "dish %" PRId64 ": %s", id, why.detail);
		for (int kind = 0; ok && kind < BLOB_KIND_COUNT; kind++)
			ok = check_file(check, id, (enum blob_kind)kind, deep && opened ? key : NULL, err);
		crypto_wipe(key, sizeof key);
	}
	return db_finish(s, ok ? err : NULL) && ok;
}

static bool no_cycle(const struct cycle *cycle, void *context)
{
	(void)cycle;
	(void)context;
	return true;
}

/* Sealed columns open, of the patient and of the cycles. */
static bool check_patients(struct check *check, struct err *err)
{
	struct db_statement *s = db_prepare(check->store->db, patients_sql);
	while (db_step(s)) {
		struct patient patient;
		struct err why;
		int64_t id = db_column_int(s, 0);
		if (!patients_get(check->store, id, &patient, &why) ||
		    !cycles_each(check->store, id, no_cycle, NULL, &why))
			tell(check, "patient %" PRId64 ": %s", id, why.detail);
		crypto_wipe(&patient, sizeof patient);
	}
	return db_finish(s, err);
}

static bool no_row(const struct history_row *row, void *context)
{
	(void)row;
	(void)context;
	return true;
}

static void tell_text(const char *text, void *context)
{
	tell(context, "%s", text);
}

/* Sealed words open; signatures fit what they sign. */
static bool check_words(struct check *check, struct err *err)
{
	struct db_statement *s = db_prepare(check->store->db, words_sql);
	while (db_step(s)) {
		struct err why;
		int64_t id = db_column_int(s, 0);
		if (!history_each(check->store, id, no_row, NULL, &why))
			tell(check, "embryo %" PRId64 ": %s", id, why.detail);
	}
	return db_finish(s, err) && signatures_check(check->store, tell_text, check, err);
}

/* A file in the blob folder belongs to a dish, or is noted for deletion, or was begun for a dish that a crash kept from
 * being made: the next dish takes its number and overwrites it. */
static bool check_stray(const char *full, const char *relative, void *context, struct err *err)
{
	static const char sql[] =
	    "SELECT EXISTS (SELECT 1 FROM dishes WHERE ?1 IN (id || '.frames', id || '.cuts'))"
	    " OR EXISTS (SELECT 1 FROM leftovers WHERE file = ?1)"
	    " OR CAST(?1 AS INTEGER) > ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'dishes'), 0)";
	struct check *check = context;
	(void)full;
	struct db_statement *s = db_prepare(check->store->db, sql);
	db_bind_text(s, 1, relative);
	bool known = db_step(s) && db_column_int(s, 0);
	if (!db_finish(s, err))
		return false;
	if (!known)
		tell(check, "the file blobs/%s belongs to no dish", relative);
	return true;
}

/* Under the write lock: the file of a dish that is just being made is no stray. */
static bool check_strays(struct check *check, struct err *err)
{
	char folder[LIMIT_PATH];
	if (!store_path(check->store, "blobs", folder, sizeof folder, err) ||
	    !store_begin(check->store, err))
		return false;
	bool ok = folder_walk(folder, 1, check_stray, check, err);
	store_rollback(check->store);
	return ok;
}

static bool check_audit(struct check *check, struct err *err)
{
	struct err why;
	if (audit_check(check->store, &check->report.audit_rows, &why))
		return true;
	if (why.code != ERR_DAMAGED)
		return err_set(err, why.code, "%s", why.detail);
	tell(check, "%s", why.detail);
	return true;
}

static bool check_all(struct check *check, bool deep, struct err *err)
{
	return check_database(check, err) && count_rows(check, err) && check_consistency(check, err) &&
	    check_patients(check, err) && check_words(check, err) && check_dishes(check, deep, err) && check_audit(check, err);
}

bool store_verify(struct store *store, bool deep, void (*problem)(const char *text, void *context),
    void *context, struct store_report *ret_report, struct err *err)
{
	struct check check = {.store = store, .problem = problem, .context = context};
	/* One read transaction: writers go on, the check sees one moment. */
	if (!db_exec(store->db, "BEGIN", err))
		return err_add(err, "verifying the store");
	bool ok = check_all(&check, deep, err);
	db_exec(store->db, "ROLLBACK", NULL);
	if (!ok || !check_strays(&check, err))
		return err_add(err, "verifying the store");
	*ret_report = check.report;
	return true;
}
