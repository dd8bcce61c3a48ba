#include "agent/ledger.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"

#include <string.h>

/* Columns called _us are UTC microseconds. */
static const char schema[] =
    "CREATE TABLE egress ("
    " seq INTEGER PRIMARY KEY AUTOINCREMENT,"
    " at_us INTEGER NOT NULL,"
    " class TEXT NOT NULL,"
    " endpoint TEXT NOT NULL,"
    " region TEXT NOT NULL,"
    " why TEXT NOT NULL,"
    " batch TEXT NOT NULL,"
    " bytes INTEGER NOT NULL," /* of content */
    " digest BLOB NOT NULL,"
    " sent INTEGER,"           /* with headers; null until it has ended */
    " outcome TEXT"
    ") STRICT;"
    "CREATE INDEX egress_by_time ON egress (at_us);"
    "CREATE INDEX egress_open ON egress (seq) WHERE outcome IS NULL;"
    /* One for each egress row of a sealed batch that has ended. */
    "CREATE TABLE invocations ("
    " seq INTEGER PRIMARY KEY REFERENCES egress (seq),"
    " at_us INTEGER NOT NULL,"
    " endpoint TEXT NOT NULL,"
    " batch TEXT NOT NULL,"
    " attempt INTEGER NOT NULL," /* 1: the first */
    " cuts INTEGER NOT NULL,"
    " code TEXT NOT NULL,"       /* the name of an error; 'none' */
    " sentence TEXT NOT NULL,"
    " throttled INTEGER NOT NULL,"
    " cold INTEGER NOT NULL,"
    " duration_ms INTEGER NOT NULL,"
    " read_ms INTEGER NOT NULL,"
    " billed_ms INTEGER NOT NULL," /* what the function said, or what it may have cost at most */
    " cost_nano INTEGER NOT NULL"
    ") STRICT;"
    "CREATE INDEX invocations_by_time ON invocations (at_us);"
    "CREATE TABLE events ("
    " seq INTEGER PRIMARY KEY AUTOINCREMENT,"
    " at_us INTEGER NOT NULL,"
    " id TEXT NOT NULL,"
    " severity TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'alarm')),"
    " text TEXT NOT NULL,"
    " next TEXT NOT NULL"
    ") STRICT;"
    "PRAGMA user_version = 1;";

struct ledger {
	struct db *db;
};

static const char *const class_names[LEDGER_CLASSES] = {
    [LEDGER_SEALED_BATCH] = "sealed-batch",
    [LEDGER_VERSION_CHECK] = "version-check",
    [LEDGER_ENROLMENT] = "enrolment",
    [LEDGER_RENEWAL] = "renewal",
    [LEDGER_UPDATE] = "update",
};

const char *ledger_class_name(enum ledger_class class)
{
	return class_names[class];
}

static bool read_version(struct db *db, int64_t *ret_version, struct err *err)
{
	struct db_statement *s = db_prepare(db, "PRAGMA user_version");
	int64_t version = 0;
	while (db_step(s))
		version = db_column_int(s, 0);
	if (!db_finish(s, err))
		return false;
	*ret_version = version;
	return true;
}

/* Several may open a new file at once: the first to hold the lock makes it. */
static bool prepare(struct db *db, struct err *err)
{
	int64_t version;
	if (!db_begin(db, err))
		return false;
	if (!read_version(db, &version, err) || (version == 0 && !db_exec(db, schema, err))) {
		db_rollback(db);
		return false;
	}
	if (version > 1) {
		db_rollback(db);
		return err_set(err, ERR_UNSUPPORTED, "it was made by a later version of this program");
	}
	return db_commit(db, err);
}

bool ledger_open(const char *path, struct ledger **ret_ledger, struct err *err)
{
	OWN(ledger_close) struct ledger *ledger = calloc(1, sizeof *ledger);
	if (!ledger)
		return err_set(err, ERR_NO_MEMORY, "opening the ledger");
	if (!db_open(path, &ledger->db, err) || !prepare(ledger->db, err))
		return err_add(err, "opening the ledger %s", path);
	*ret_ledger = TAKE(ledger);
	return true;
}

void ledger_close(struct ledger *ledger)
{
	if (!ledger)
		return;
	db_close(ledger->db);
	free(ledger);
}

struct db *ledger_db(struct ledger *ledger)
{
	return ledger->db;
}

bool ledger_begin(struct ledger *ledger, struct err *err)
{
	return db_begin(ledger->db, err) || err_add(err, "writing to the ledger");
}

bool ledger_commit(struct ledger *ledger, struct err *err)
{
	return db_commit(ledger->db, err) || err_add(err, "writing to the ledger");
}

bool ledger_egress_begin(
    struct ledger *ledger, const struct ledger_egress *egress, int64_t *ret_seq, struct err *err)
{
	struct db_statement *s = db_prepare(ledger->db,
	    "INSERT INTO egress (at_us, class, endpoint, region, why, batch, bytes, digest)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
	db_bind_int(s, 1, clock_now_us());
	db_bind_text(s, 2, class_names[egress->class]);
	db_bind_text(s, 3, egress->endpoint);
	db_bind_text(s, 4, egress->region);
	db_bind_text(s, 5, egress->why);
	db_bind_text(s, 6, egress->batch);
	db_bind_int(s, 7, egress->bytes);
	db_bind_blob(s, 8, egress->digest, sizeof egress->digest);
	if (!db_run(s, err))
		return err_add(err, "writing to the egress ledger");
	*ret_seq = db_last_id(ledger->db);
	return true;
}

bool ledger_egress_end(struct ledger *ledger, int64_t seq, int64_t sent, const char *outcome, struct err *err)
{
	struct db_statement *s = db_prepare(ledger->db,
	    "UPDATE egress SET sent = ?2, outcome = ?3 WHERE seq = ?1 AND outcome IS NULL");
	db_bind_int(s, 1, seq);
	db_bind_int(s, 2, sent);
	db_bind_text(s, 3, outcome);
	return db_run(s, err) || err_add(err, "writing to the egress ledger");
}

bool ledger_invocation_add(struct ledger *ledger, const struct ledger_invocation *invocation, struct err *err)
{
	struct db_statement *s = db_prepare(ledger->db,
	    "INSERT INTO invocations (seq, at_us, endpoint, batch, attempt, cuts, code, sentence, throttled,"
	    " cold, duration_ms, read_ms, billed_ms, cost_nano)"
	    " SELECT seq, at_us, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13"
	    " FROM egress WHERE seq = ?1");
	db_bind_int(s, 1, invocation->seq);
	db_bind_text(s, 2, invocation->endpoint);
	db_bind_text(s, 3, invocation->batch);
	db_bind_int(s, 4, invocation->attempt);
	db_bind_int(s, 5, invocation->cuts);
	db_bind_text(s, 6, invocation->code);
	db_bind_text(s, 7, invocation->sentence);
	db_bind_int(s, 8, invocation->throttled);
	db_bind_int(s, 9, invocation->cold);
	db_bind_int(s, 10, invocation->duration_ms);
	db_bind_int(s, 11, invocation->read_ms);
	db_bind_int(s, 12, invocation->billed_ms);
	db_bind_int(s, 13, invocation->cost_nano);
	return db_run(s, err) || err_add(err, "booking an invocation");
}

/* The first row that never ended; seq 0: there is none. */
static bool next_open(struct ledger *ledger, struct ledger_invocation *ret_lost, char endpoint[LIMIT_NAME],
    char batch[LIMIT_NAME], bool *ret_billed, struct err *err)
{
	*ret_lost = (struct ledger_invocation){.endpoint = endpoint, .batch = batch, .attempt = 1,
	    .code = err_name(ERR_UNAVAILABLE), .sentence = "the agent ended before the answer came"};
	struct db_statement *s = db_prepare(ledger->db,
	    "SELECT seq, endpoint, batch, class = 'sealed-batch' FROM egress WHERE outcome IS NULL LIMIT 1");
	while (db_step(s)) {
		ret_lost->seq = db_column_int(s, 0);
		text_copy(endpoint, LIMIT_NAME, db_column_text(s, 1));
		text_copy(batch, LIMIT_NAME, db_column_text(s, 2));
		*ret_billed = db_column_int(s, 3) != 0;
	}
	return db_finish(s, err);
}

static bool close_open(struct ledger *ledger, void (*price)(void *context, struct ledger_invocation *lost),
    void *context, int64_t *ret_count, struct err *err)
{
	char endpoint[LIMIT_NAME], batch[LIMIT_NAME];
	struct ledger_invocation lost;
	bool billed = false;
	for (int64_t count = 0;; count++) {
		if (!next_open(ledger, &lost, endpoint, batch, &billed, err))
			return false;
		if (lost.seq == 0) {
			*ret_count = count;
			return true;
		}
		if (billed)
			price(context, &lost);
		if ((billed && !ledger_invocation_add(ledger, &lost, err)) ||
		    !ledger_egress_end(ledger, lost.seq, 0, "unknown", err))
			return false;
	}
}

bool ledger_recover(struct ledger *ledger, void (*price)(void *context, struct ledger_invocation *lost),
    void *context, int64_t *ret_count, struct err *err)
{
	if (!ledger_begin(ledger, err))
		return false;
	if (close_open(ledger, price, context, ret_count, err))
		return ledger_commit(ledger, err);
	db_rollback(ledger->db);
	return err_add(err, "booking what was on its way");
}

bool ledger_spent(struct ledger *ledger, int64_t from_us, int64_t *ret_nano, struct err *err)
{
	struct db_statement *s =
	    db_prepare(ledger->db, "SELECT coalesce(sum(cost_nano), 0) FROM invocations WHERE at_us >= ?1");
	db_bind_int(s, 1, from_us);
	int64_t nano = 0;
	while (db_step(s))
		nano = db_column_int(s, 0);
	if (!db_finish(s, err))
		return err_add(err, "adding up what was spent");
	*ret_nano = nano;
	return true;
}

bool ledger_event(struct ledger *ledger, const char *id, const char *severity, const char *text,
    const char *next, struct err *err)
{
	struct db_statement *s = db_prepare(ledger->db,
	    "INSERT INTO events (at_us, id, severity, text, next) VALUES (?1, ?2, ?3, ?4, ?5)");
	db_bind_int(s, 1, clock_now_us());
	db_bind_text(s, 2, id);
	db_bind_text(s, 3, severity);
	db_bind_text(s, 4, text);
	db_bind_text(s, 5, next);
	return db_run(s, err) || err_add(err, "writing an event");
}

/* What is older than before_us, the oldest first. A row that has not ended is on its way. */
static const char *const prune_sql[] = {
    "DELETE FROM invocations WHERE seq IN (SELECT seq FROM invocations WHERE at_us < ?1 ORDER BY at_us LIMIT ?3)",
    "DELETE FROM egress WHERE seq IN (SELECT seq FROM egress WHERE at_us < ?1 AND outcome IS NOT NULL"
    " AND seq NOT IN (SELECT seq FROM invocations) ORDER BY at_us LIMIT ?3)",
    "DELETE FROM egress WHERE seq IN (SELECT seq FROM egress WHERE at_us < ?2 AND outcome IS NOT NULL"
    " AND class = 'version-check' ORDER BY at_us LIMIT ?3)",
    "DELETE FROM events WHERE seq IN (SELECT seq FROM events WHERE at_us < ?2 ORDER BY seq LIMIT ?3)",
};

static bool prune(struct ledger *ledger, int64_t now_us, int64_t *removed, struct err *err)
{
	static const int64_t year_us = 366 * 86400 * INT64_C(1000000);
	for (size_t i = 0; i < sizeof prune_sql / sizeof *prune_sql; i++) {
		struct db_statement *s = db_prepare(ledger->db, prune_sql[i]);
		db_bind_int(s, 1, now_us - LEDGER_YEARS * year_us);
		db_bind_int(s, 2, now_us - LEDGER_CHECK_YEARS * year_us);
		db_bind_int(s, 3, LEDGER_PRUNE_MOST);
		if (!db_run(s, err))
			return false;
		*removed += db_changed(ledger->db);
	}
	return true;
}

bool ledger_prune(struct ledger *ledger, int64_t now_us, int64_t *ret_removed, struct err *err)
{
	int64_t removed = 0;
	if (!ledger_begin(ledger, err))
		return false;
	if (!prune(ledger, now_us, &removed, err)) {
		db_rollback(ledger->db);
		return err_add(err, "removing old rows of the ledger");
	}
	if (!ledger_commit(ledger, err))
		return false;
	*ret_removed = removed;
	return true;
}
