/* The administrator's console: what the burst does now (the store's rows) and what the agent's books say (asked on
 * its socket). Nothing here names a patient; nothing here changes anything. */
#include "base/clock.h"
#include "base/csv.h"
#include "base/text.h"
#include "serve/agent.h"
#include "serve/handlers.h"
#include "serve/shapes.h"
#include "serve/spoken.h"
#include "store/bursts.h"

#include <string.h>

enum {
	BATCHES_SHOWN = 200,
	BATCHES_MAX = 1000,
	ROWS_SHOWN = 200,
	ROWS_MAX = 1000,
	BUCKETS_MAX = 2400, /* three months by the hour */
	/* Five years of a busy clinic. */
	EXPORT_PAGES_MAX = 5000,
	EXPORT_TEXT_MAX = 4 << 20,
};

/* A whole number of the query, within its range; the fallback where there is none. */
static bool number_of(struct call *call, const char *name, int64_t min, int64_t max, int64_t *value, struct err *err)
{
	const char *text = request_query(call->request, name);
	if (!text)
		return true;
	if (!text_to_i64(text, value) || *value < min || *value > max)
		return err_set(err, ERR_BAD_INPUT, "\"%s\" is to be a number from %lld to %lld", name, (long long)min,
		    (long long)max);
	return true;
}

static bool time_of(struct call *call, const char *name, json_t *question, int64_t *ret_us, struct err *err)
{
	const char *text = request_query(call->request, name);
	if (!text)
		return true;
	if (!clock_parse(text, ret_us))
		return err_set(err, ERR_BAD_INPUT, "\"%s\" is to be a time such as 2026-11-21T06:30:00Z", name);
	json_object_set_new(question, name, json_string(text));
	return true;
}

static void word_of(struct call *call, const char *name, json_t *question)
{
	const char *text = request_query(call->request, name);
	if (text && *text)
		json_object_set_new(question, name, json_string(text));
}

/* The burst, from the store */

bool get_console_burst(struct call *call, struct err *err)
{
	OWN(buf_done) struct buf text = BUF_INIT(BURST_PLAN_MAX);
	OWN(json_decref) json_t *plan = NULL;
	bool found;
	if (!bursts_plan_get(call->store, &text, &found, err) ||
	    (found && !json_parse((const char *)text.data, text.size, &plan, err)))
		return false;
	reply_spoken(call, json_pack("{s:o, s:O?}", "now", json_utc(clock_now_us()), "plan", plan));
	return true;
}

static bool add_batch(const struct burst_batch *batch, void *context)
{
	json_array_append_new(context, burst_batch_json(batch));
	return true;
}

bool get_console_batches(struct call *call, struct err *err)
{
	int64_t limit = BATCHES_SHOWN;
	OWN(json_decref) json_t *list = json_array();
	if (!number_of(call, "limit", 1, BATCHES_MAX, &limit, err) ||
	    !bursts_batches_each(call->store, (int)limit, add_batch, list, err))
		return false;
	reply_spoken(call, json_pack("{s:O}", "batches", list));
	return true;
}

/* The agent's books */

static bool reply_of_agent(struct call *call, const json_t *question, struct err *err)
{
	OWN(json_decref) json_t *answer = NULL;
	if (!agent_ask(call->serve->agent, question, &answer, err))
		return false;
	reply_spoken(call, json_pack("{s:o, s:O?}", "agent", agent_shape(call->serve->agent), "answer", answer));
	return true;
}

bool get_console_status(struct call *call, struct err *err)
{
	OWN(json_decref) json_t *question = json_pack("{s:s}", "what", "status");
	return reply_of_agent(call, question, err);
}

bool get_console_costs(struct call *call, struct err *err)
{
	OWN(json_decref) json_t *question = json_pack("{s:s}", "what", "costs");
	return reply_of_agent(call, question, err);
}

bool get_console_events(struct call *call, struct err *err)
{
	int64_t after = 0, limit = ROWS_SHOWN;
	if (!number_of(call, "after", 0, INT64_MAX, &after, err) || !number_of(call, "limit", 1, ROWS_MAX, &limit, err))
		return false;
	OWN(json_decref) json_t *question = json_pack("{s:s, s:b, s:I}", "what", "events", "newest", after == 0, "limit",
	    (json_int_t)limit);
	if (after)
		json_object_set_new(question, "after", json_integer(after));
	return reply_of_agent(call, question, err);
}

bool get_console_invocations(struct call *call, struct err *err)
{
	OWN(json_decref) json_t *question = json_pack("{s:s}", "what", "invocations");
	int64_t from = 0, to = 0, bucket_s = 3600;
	if (!time_of(call, "from", question, &from, err) || !time_of(call, "to", question, &to, err) ||
	    !number_of(call, "bucket_s", 60, 7 * 86400, &bucket_s, err))
		return false;
	if (!from || to <= from || (to - from) / 1000000 / bucket_s > BUCKETS_MAX)
		return err_set(err, ERR_BAD_INPUT, "\"from\" and \"to\" are needed, at most %d buckets apart", BUCKETS_MAX);
	json_object_set_new(question, "bucket_s", json_integer(bucket_s));
	return reply_of_agent(call, question, err);
}

static json_t *egress_question(struct call *call, struct err *err)
{
	OWN(json_decref) json_t *question = json_pack("{s:s}", "what", "egress");
	int64_t from = 0, to = 0;
	if (!time_of(call, "from", question, &from, err) || !time_of(call, "to", question, &to, err))
		return NULL;
	word_of(call, "class", question);
	word_of(call, "endpoint", question);
	return TAKE(question);
}

bool get_console_egress(struct call *call, struct err *err)
{
	int64_t after = 0, limit = ROWS_SHOWN;
	OWN(json_decref) json_t *question = egress_question(call, err);
	if (!question || !number_of(call, "after", 0, INT64_MAX, &after, err) ||
	    !number_of(call, "limit", 1, ROWS_MAX, &limit, err))
		return false;
	const char *order = request_query(call->request, "newest");
	json_object_set_new(question, "limit", json_integer(limit));
	json_object_set_new(question, "newest", json_boolean(order && strcmp(order, "1") == 0));
	if (after)
		json_object_set_new(question, "after", json_integer(after));
	return reply_of_agent(call, question, err);
}

/* The ledger as a file */

static const char *const columns[] = {
    "seq", "time", "region", "endpoint", "why", "class", "bytes", "sent", "digest", "batch", "outcome"};
enum { COLUMNS_COUNT = sizeof columns / sizeof *columns };

static bool write_rows(struct call *call, const json_t *rows, struct buf *text)
{
	struct csv csv = {.to = text};
	size_t i;
	const json_t *row;
	buf_clear(text);
	json_array_foreach(rows, i, row) {
		for (int column = 0; column < COLUMNS_COUNT; column++)
			csv_json(&csv, json_object_get(row, columns[column]));
		csv_end_line(&csv);
	}
	return buf_ok(text, NULL) && (!text->size || reply_write(call->request, text->data, text->size));
}

static bool write_head(struct call *call, struct buf *text)
{
	reply_header(call->request, "Content-Disposition", "attachment; filename=\"daybreak-egress.csv\"");
	reply_header(call->request, "Cache-Control", "no-store");
	csv_line(&(struct csv){.to = text}, columns, COLUMNS_COUNT);
	return reply_begin(call->request, "text/csv; charset=utf-8") && reply_write(call->request, text->data, text->size);
}

/* Page by page, oldest first. A file that could not be finished says so in its last line; where nothing can leave, it
 * has no rows. */
bool get_console_egress_csv(struct call *call, struct err *err)
{
	OWN(json_decref) json_t *question = egress_question(call, err);
	OWN(buf_done) struct buf text = BUF_INIT(EXPORT_TEXT_MAX);
	if (!question)
		return false;
	if (agent_is_off(call->serve->agent)) {
		write_head(call, &text);
		return true;
	}
	json_object_set_new(question, "limit", json_integer(ROWS_MAX));
	for (int page = 0; page < EXPORT_PAGES_MAX; page++) {
		OWN(json_decref) json_t *answer = NULL;
		if (!agent_ask(call->serve->agent, question, &answer, err) && !page)
			return false;
		if (!answer && !page)
			return err_set(err, ERR_UNAVAILABLE, "the agent does not answer, so its ledger cannot be read");
		if (!page && !write_head(call, &text))
			return true;
		if (!answer || !write_rows(call, json_object_get(answer, "rows"), &text))
			break;
		json_t *next = json_object_get(answer, "next");
		if (!json_is_integer(next))
			return true;
		json_object_set(question, "after", next);
	}
	static const char unfinished[] = "# not complete: the agent stopped answering\r\n";
	reply_write(call->request, unfinished, sizeof unfinished - 1);
	return true;
}
