#include "store/pending.h"

#include "store/inside.h"

static const char work_sql[] = "SELECT (SELECT count(*) FROM imports WHERE state = 'running'),"
			       " (SELECT count(*) FROM jobs WHERE state IN ('pending', 'running'))";
static const char board_sql[] =
    "SELECT count(*), ifnull(min(c.decision_us), 0) FROM cycles c JOIN dishes d ON d.cycle_id = c.id"
    " JOIN embryos e ON e.dish_id = d.id WHERE c.decision_us BETWEEN ?1 AND ?2"
    " AND NOT EXISTS (SELECT 1 FROM decisions x WHERE x.embryo_id = e.id AND x.withdrawn_us IS NULL)";

bool pending_count(struct store *store, int64_t now_us, int64_t around_us, struct pending *ret_pending, struct err *err)
{
	struct pending pending = {0};
	struct db_statement *s = db_prepare(store->db, work_sql);
	if (db_step(s)) {
		pending.imports = db_column_int(s, 0);
		pending.jobs = db_column_int(s, 1);
	}
	if (!db_finish(s, err))
		return err_add(err, "counting what is pending");
	s = db_prepare(store->db, board_sql);
	db_bind_int(s, 1, now_us - around_us);
	db_bind_int(s, 2, now_us + around_us);
	if (db_step(s)) {
		pending.embryos = db_column_int(s, 0);
		pending.decision_us = db_column_int(s, 1);
	}
	if (!db_finish(s, err))
		return err_add(err, "counting what is pending");
	*ret_pending = pending;
	return true;
}
