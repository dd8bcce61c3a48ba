#include "store/bursts.h"

#include "base/text.h"
#include "store/inside.h"

#include <string.h>

static const char *const names[BATCH_STATES] = {"sent", "answered", "failed", "home"};

static const char plan_put_sql[] = "INSERT OR REPLACE INTO burst_plan (id, json, made_us) VALUES (1, ?1, ?2)";
static const char plan_get_sql[] = "SELECT json FROM burst_plan WHERE id = 1";
static const char add_sql[] =
    "INSERT INTO batches (id, lane, why, cuts, embryos, state, made_us, hedge)"
    " VALUES (?1, ?2, ?3, ?4, ?5, 'sent', ?6, ?7)";
static const char drop_sql[] = "DELETE FROM batches WHERE seq <= ?1";
static const char end_sql[] =
    "UPDATE batches SET state = ?2, sentence = ?3, ended_us = ?4 WHERE id = ?1 AND state = 'sent'";
static const char recover_sql[] =
    "UPDATE batches SET state = 'failed', ended_us = ?1, sentence = 'The box stopped before the answer came.'"
    " WHERE state = 'sent'";
static const char each_sql[] =
    "SELECT id, lane, why, cuts, embryos, state, made_us, ended_us, sentence, hedge FROM batches"
    " ORDER BY seq DESC LIMIT ?1";

const char *batch_state_name(enum batch_state state)
{
	return state < BATCH_STATES ? names[state] : "unknown";
}

json_t *burst_batch_json(const struct burst_batch *batch)
{
	return json_pack("{s:s, s:s, s:s, s:i, s:i, s:s, s:o, s:o, s:s, s:b}", "batch", batch->id, "lane", batch->lane, "why",
	    batch->why, "cuts", batch->cuts, "embryos", batch->embryos, "state", batch_state_name(batch->state), "made",
	    json_utc(batch->made_us), "ended", json_utc(batch->ended_us), "sentence", batch->sentence, "hedge", batch->hedge);
}

bool bursts_plan_put(struct store *store, const char *json, struct err *err)
{
	if (strlen(json) > BURST_PLAN_MAX)
		return err_set(err, ERR_TOO_LARGE, "a plan of more than %d bytes", BURST_PLAN_MAX);
	struct db_statement *s = db_prepare(store->db, plan_put_sql);
	db_bind_text(s, 1, json);
	db_bind_int(s, 2, clock_now_us());
	return db_run(s, err);
}

bool bursts_plan_get(struct store *store, struct buf *to, bool *ret_found, struct err *err)
{
	struct db_statement *s = db_prepare(store->db, plan_get_sql);
	bool found = db_step(s);
	if (found)
		buf_add(to, db_column_text(s, 0), strlen(db_column_text(s, 0)));
	if (!db_finish(s, err) || !buf_ok(to, err))
		return false;
	*ret_found = found;
	return true;
}

static bool add(struct store *store, const struct burst_batch *batch, struct err *err)
{
	struct db_statement *s = db_prepare(store->db, add_sql);
	db_bind_text(s, 1, batch->id);
	db_bind_text(s, 2, batch->lane);
	db_bind_text(s, 3, batch->why);
	db_bind_int(s, 4, batch->cuts);
	db_bind_int(s, 5, batch->embryos);
	db_bind_int(s, 6, batch->made_us);
	db_bind_int(s, 7, batch->hedge);
	return db_run(s, err) && RUN_INTS(store, drop_sql, err, db_last_id(store->db) - BATCHES_KEPT);
}

bool bursts_batch_add(struct store *store, const struct burst_batch *batch, struct err *err)
{
	return store_begin(store, err) && store_end(store, add(store, batch, err), err);
}

bool bursts_batch_end(struct store *store, const char *id, enum batch_state state, const char *sentence, struct err *err)
{
	struct db_statement *s = db_prepare(store->db, end_sql);
	db_bind_text(s, 1, id);
	db_bind_text(s, 2, batch_state_name(state));
	db_bind_text(s, 3, sentence);
	db_bind_int(s, 4, clock_now_us());
	return db_run(s, err);
}

bool bursts_recover(struct store *store, struct err *err)
{
	return RUN_INTS(store, recover_sql, err, clock_now_us());
}

static void row(struct db_statement *s, struct burst_batch *ret_batch)
{
	*ret_batch = (struct burst_batch){.cuts = (int)db_column_int(s, 3),
	    .embryos = (int)db_column_int(s, 4),
	    .made_us = db_column_int(s, 6),
	    .ended_us = db_column_int(s, 7),
	    .hedge = db_column_int(s, 9)};
	text_copy(ret_batch->id, sizeof ret_batch->id, db_column_text(s, 0));
	text_copy(ret_batch->lane, sizeof ret_batch->lane, db_column_text(s, 1));
	text_copy(ret_batch->why, sizeof ret_batch->why, db_column_text(s, 2));
	text_copy(ret_batch->sentence, sizeof ret_batch->sentence, db_column_text(s, 8));
	for (int i = 0; i < BATCH_STATES; i++)
		if (strcmp(names[i], db_column_text(s, 5)) == 0)
			ret_batch->state = (enum batch_state)i;
}

bool bursts_batches_each(struct store *store, int limit, bool (*each)(const struct burst_batch *batch, void *context),
    void *context, struct err *err)
{
	bool more = true;
	struct db_statement *s = db_prepare(store->db, each_sql);
	db_bind_int(s, 1, limit);
	while (more && db_step(s)) {
		struct burst_batch batch;
		row(s, &batch);
		more = each(&batch, context);
	}
	return db_finish(s, err);
}
