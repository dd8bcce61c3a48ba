#include "agent/ledger.h"

#include "base/clock.h"

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

bool ledger_egress_begin(struct ledger *ledger, const struct ledger_egress *egress, int64_t *ret_seq, struct err *err)
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
