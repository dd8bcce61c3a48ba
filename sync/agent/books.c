#include "agent/books.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DURATIONS_MAX = 8 << 20 };

static const int64_t day_us = 86400 * INT64_C(1000000);

static bool take_time(
    const json_t *question, const char *name, int64_t fallback_us, int64_t *ret_us, struct err *err)
{
	const char *text = json_text(question, name, "");
	*ret_us = fallback_us;
	return !*text || clock_parse(text, ret_us) ||
	    err_set(err, ERR_BAD_INPUT, "%s is a time like 2026-11-21T06:30:00Z", name);
}

static int64_t take_limit(const json_t *question)
{
	int64_t limit = json_int(question, "limit", BOOKS_ROWS_MAX);
	return limit < 1 ? 1 : limit > BOOKS_ROWS_MAX ? BOOKS_ROWS_MAX : limit;
}

/* A page of rows: ascending from behind `after`, or descending from before it. */
struct page {
	bool newest;
	int64_t after, limit;
};

static struct page take_page(const json_t *question)
{
	bool newest = json_bool(question, "newest", false);
	return (struct page){
	    newest, json_int(question, "after", newest ? INT64_MAX : 0), take_limit(question)};
}

/* Egress */

struct filter {
	int64_t from_us, to_us;
	const char *class, *endpoint;
};

static void bind_filter(struct db_statement *s, const struct filter *filter)
{
	db_bind_int(s, 1, filter->from_us);
	db_bind_int(s, 2, filter->to_us);
	db_bind_text(s, 3, filter->class);
	db_bind_text(s, 4, filter->endpoint);
}

#define EGRESS_WHERE \
	" FROM egress WHERE at_us >= ?1 AND at_us < ?2" \
	" AND (?3 = '' OR class = ?3) AND (?4 = '' OR endpoint = ?4)"
#define EGRESS_COLUMNS \
	"SELECT seq, at_us, endpoint, region, why, class, bytes, sent, digest, batch," \
	" coalesce(outcome, 'under way')"

static json_t *egress_row(struct db_statement *s)
{
	size_t size;
	char hex[2 * CRYPTO_DIGEST_SIZE + 1] = "";
	const void *digest = db_column_blob(s, 8, &size);
	if (size == CRYPTO_DIGEST_SIZE)
		text_hex(hex, digest, size);
	return json_pack("{s:I, s:o, s:s, s:s, s:s, s:s, s:I, s:I, s:s, s:s, s:s}", "seq",
	    (json_int_t)db_column_int(s, 0), "time", json_utc(db_column_int(s, 1)), "endpoint",
	    db_column_text(s, 2), "region", db_column_text(s, 3), "why", db_column_text(s, 4), "class",
	    db_column_text(s, 5), "bytes", (json_int_t)db_column_int(s, 6), "sent",
	    (json_int_t)db_column_int(s, 7), "digest", hex, "batch", db_column_text(s, 9), "outcome",
	    db_column_text(s, 10));
}

/* One row more than asked for tells whether there is a next page. */
static bool collect(struct db_statement *s, int64_t limit, json_t *(*row)(struct db_statement *),
    json_t *rows, json_t **ret_next, struct err *err)
{
	int64_t count = 0;
	bool more = false;
	while (db_step(s)) {
		more = count == limit;
		if (more)
			break;
		json_array_append_new(rows, row(s));
		count++;
	}
	if (!db_finish(s, err))
		return false;
	json_t *last = json_object_get(json_array_get(rows, (size_t)(count > 0 ? count - 1 : 0)), "seq");
	*ret_next = more ? json_incref(last) : json_null();
	return true;
}

static bool egress_rows(struct ledger *ledger, const struct filter *filter, const struct page *page,
    json_t *rows, json_t **ret_next, struct err *err)
{
	struct db_statement *s = db_prepare(ledger_db(ledger),
	    page->newest ? EGRESS_COLUMNS EGRESS_WHERE " AND seq < ?5 ORDER BY seq DESC LIMIT ?6"
			 : EGRESS_COLUMNS EGRESS_WHERE " AND seq > ?5 ORDER BY seq LIMIT ?6");
	bind_filter(s, filter);
	db_bind_int(s, 5, page->after);
	db_bind_int(s, 6, page->limit + 1);
	return collect(s, page->limit, egress_row, rows, ret_next, err);
}

static bool egress_total(
    struct ledger *ledger, const struct filter *filter, json_t **ret_total, struct err *err)
{
	struct db_statement *s = db_prepare(ledger_db(ledger),
	    "SELECT count(*), coalesce(sum(bytes), 0), coalesce(sum(sent), 0)" EGRESS_WHERE);
	json_t *total = NULL;
	bind_filter(s, filter);
	while (db_step(s))
		total = json_pack("{s:I, s:I, s:I}", "rows", (json_int_t)db_column_int(s, 0), "bytes",
		    (json_int_t)db_column_int(s, 1), "sent", (json_int_t)db_column_int(s, 2));
	*ret_total = total;
	return db_finish(s, err);
}

bool books_egress(struct ledger *ledger, const json_t *question, json_t **ret_answer, struct err *err)
{
	const struct page page = take_page(question);
	struct filter filter = {
	    .class = json_text(question, "class", ""), .endpoint = json_text(question, "endpoint", "")};
	OWN(json_decref) json_t *rows = json_array();
	OWN(json_decref) json_t *next = NULL;
	OWN(json_decref) json_t *total = NULL;
	if (!take_time(question, "from", 0, &filter.from_us, err) ||
	    !take_time(question, "to", INT64_MAX, &filter.to_us, err) ||
	    !egress_rows(ledger, &filter, &page, rows, &next, err) ||
	    !egress_total(ledger, &filter, &total, err))
		return false;
	*ret_answer = json_pack("{s:O, s:O, s:O}", "rows", rows, "next", next, "total", total);
	return *ret_answer || err_set(err, ERR_NO_MEMORY, "telling of the egress ledger");
}

/* Invocations */

struct sum {
	int64_t invocations, errors, throttles, retries, cold, billed_ms, cost_nano, cuts;
	int concurrency;
	size_t first; /* of its durations */
};

struct count {
	struct sum bucket, total;
	int64_t start_us;    /* of the bucket */
	struct buf durations; /* int32_t each, in order of time */
	int64_t ends_us[512]; /* of what was in flight lately */
	int in_flight;
	json_t *buckets;
};

static int by_value(const void *a, const void *b)
{
	int32_t left = *(const int32_t *)a, right = *(const int32_t *)b;
	return (left > right) - (left < right);
}

static json_t *sum_json(const struct sum *sum, struct buf *durations)
{
	int32_t p50 = 0, p95 = 0, max = 0;
	size_t count = durations->size / sizeof p50 - sum->first;
	if (count > 0) {
		int32_t *values = (int32_t *)(void *)durations->data + sum->first;
		qsort(values, count, sizeof *values, by_value);
		p50 = values[(count * 50 + 99) / 100 - 1];
		p95 = values[(count * 95 + 99) / 100 - 1];
		max = values[count - 1];
	}
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:{s:i, s:i, s:i}, s:I, s:i, s:I, s:I}", "invocations",
	    (json_int_t)sum->invocations, "errors", (json_int_t)sum->errors, "throttles",
	    (json_int_t)sum->throttles, "retries", (json_int_t)sum->retries, "cold", (json_int_t)sum->cold,
	    "duration_ms", "p50", (int)p50, "p95", (int)p95, "max", (int)max, "billed_ms",
	    (json_int_t)sum->billed_ms, "concurrency", sum->concurrency, "cost_nano",
	    (json_int_t)sum->cost_nano, "cuts", (json_int_t)sum->cuts);
}

static void end_bucket(struct count *count)
{
	if (count->bucket.invocations == 0)
		return;
	json_t *bucket = sum_json(&count->bucket, &count->durations);
	json_object_set_new(bucket, "start", json_utc(count->start_us));
	json_array_append_new(count->buckets, bucket);
}

static void add_row(struct sum *sum, struct db_statement *s, int concurrency)
{
	bool throttled = db_column_int(s, 3) != 0, good = db_column_int(s, 2) != 0;
	sum->invocations++;
	sum->throttles += throttled;
	sum->errors += !good && !throttled;
	sum->retries += db_column_int(s, 4) > 1;
	sum->cold += db_column_int(s, 5) != 0;
	sum->billed_ms += db_column_int(s, 6);
	sum->cost_nano += db_column_int(s, 7);
	/* Cuts that were read, not those that were asked for. */
	sum->cuts += good ? db_column_int(s, 8) : 0;
	if (concurrency > sum->concurrency)
		sum->concurrency = concurrency;
}

/* How many are in flight when one begins at at_us that ends at end_us. */
static int in_flight(struct count *count, int64_t at_us, int64_t end_us)
{
	int kept = 0;
	for (int i = 0; i < count->in_flight; i++)
		if (count->ends_us[i] > at_us)
			count->ends_us[kept++] = count->ends_us[i];
	if (kept < (int)(sizeof count->ends_us / sizeof *count->ends_us))
		count->ends_us[kept++] = end_us;
	count->in_flight = kept;
	return kept;
}

static void count_row(struct count *count, struct db_statement *s, int64_t from_us, int64_t bucket_us)
{
	int64_t at_us = db_column_int(s, 0), duration_ms = db_column_int(s, 1);
	int64_t start_us = from_us + (at_us - from_us) / bucket_us * bucket_us;
	if (start_us != count->start_us) {
		end_bucket(count);
		count->bucket = (struct sum){.first = count->durations.size / sizeof(int32_t)};
		count->start_us = start_us;
	}
	int concurrency = in_flight(count, at_us, at_us + duration_ms * 1000);
	add_row(&count->bucket, s, concurrency);
	add_row(&count->total, s, concurrency);
	buf_add_u32(&count->durations, (uint32_t)duration_ms);
}

static bool count_rows(struct ledger *ledger, struct count *count, int64_t from_us, int64_t to_us,
    int64_t bucket_us, struct err *err)
{
	struct db_statement *s = db_prepare(ledger_db(ledger),
	    "SELECT at_us, duration_ms, code = 'none', throttled, attempt, cold, billed_ms, cost_nano, cuts"
	    " FROM invocations WHERE at_us >= ?1 AND at_us < ?2 ORDER BY at_us, seq");
	db_bind_int(s, 1, from_us);
	db_bind_int(s, 2, to_us);
	while (db_step(s))
		count_row(count, s, from_us, bucket_us);
	if (!db_finish(s, err))
		return false;
	if (!buf_ok(&count->durations, err))
		return err_add(err, "too many invocations at once; ask for less time");
	end_bucket(count);
	return true;
}

static json_t *failure_row(struct db_statement *s)
{
	return json_pack("{s:o, s:s, s:s, s:s, s:s}", "time", json_utc(db_column_int(s, 0)), "endpoint",
	    db_column_text(s, 1), "batch", db_column_text(s, 2), "code", db_column_text(s, 3), "sentence",
	    db_column_text(s, 4));
}

static bool list_failures(
    struct ledger *ledger, int64_t from_us, int64_t to_us, json_t *failures, struct err *err)
{
	struct db_statement *s = db_prepare(ledger_db(ledger),
	    "SELECT at_us, endpoint, batch, code, sentence FROM invocations"
	    " WHERE at_us >= ?1 AND at_us < ?2 AND code <> 'none' ORDER BY at_us DESC, seq DESC LIMIT ?3");
	db_bind_int(s, 1, from_us);
	db_bind_int(s, 2, to_us);
	db_bind_int(s, 3, BOOKS_FAILURES_MAX);
	while (db_step(s))
		json_array_append_new(failures, failure_row(s));
	return db_finish(s, err);
}

static bool take_span(
    const json_t *question, int64_t *ret_from_us, int64_t *ret_to_us, int64_t *ret_bucket_us, struct err *err)
{
	if (!take_time(question, "to", clock_now_us() + 1000000, ret_to_us, err) ||
	    !take_time(question, "from", *ret_to_us - day_us, ret_from_us, err))
		return false;
	int64_t bucket_s = json_int(question, "bucket_s", 3600);
	if (bucket_s < 1 || bucket_s > 366 * 86400 || *ret_to_us <= *ret_from_us)
		return err_set(
		    err, ERR_BAD_INPUT, "from lies before to, and a bucket takes 1 second to a year");
	*ret_bucket_us = bucket_s * 1000000;
	if ((*ret_to_us - *ret_from_us - 1) / *ret_bucket_us >= BOOKS_BUCKETS_MAX)
		return err_set(err, ERR_BAD_INPUT, "at most %d buckets at once", BOOKS_BUCKETS_MAX);
	return true;
}

bool books_invocations(struct ledger *ledger, const json_t *question, json_t **ret_answer, struct err *err)
{
	int64_t from_us = 0, to_us = 0, bucket_us = 1;
	OWN(json_decref) json_t *buckets = json_array();
	OWN(json_decref) json_t *failures = json_array();
	OWN(free) struct count *count = calloc(1, sizeof *count);
	if (!count)
		return err_set(err, ERR_NO_MEMORY, "counting invocations");
	count->durations.max = DURATIONS_MAX;
	count->buckets = buckets;
	count->start_us = INT64_MIN;
	json_t *total = NULL;
	if (take_span(question, &from_us, &to_us, &bucket_us, err) &&
	    count_rows(ledger, count, from_us, to_us, bucket_us, err) &&
	    list_failures(ledger, from_us, to_us, failures, err))
		total = sum_json(&count->total, &count->durations);
	buf_done(&count->durations);
	if (!total)
		return false;
	*ret_answer = json_pack("{s:O, s:o, s:O}", "buckets", buckets, "total", total, "failures", failures);
	return *ret_answer || err_set(err, ERR_NO_MEMORY, "counting invocations");
}

/* Costs */

static bool list_days(struct ledger *ledger, int64_t from_us, json_t *days, struct err *err)
{
	struct db_statement *s = db_prepare(ledger_db(ledger),
	    "SELECT date(at_us / 1000000, 'unixepoch', 'localtime') AS day, sum(cost_nano), count(*)"
	    " FROM invocations WHERE at_us >= ?1 GROUP BY day ORDER BY day");
	db_bind_int(s, 1, from_us);
	while (db_step(s))
		json_array_append_new(days,
		    json_pack("{s:s, s:I, s:I}", "day", db_column_text(s, 0), "cost_nano",
		        (json_int_t)db_column_int(s, 1), "invocations", (json_int_t)db_column_int(s, 2)));
	return db_finish(s, err);
}

static bool endpoint_costs(struct ledger *ledger, const struct cloud_endpoint *endpoint, int64_t from_us,
    json_t *list, struct err *err)
{
	struct db_statement *s = db_prepare(ledger_db(ledger),
	    "SELECT coalesce(sum(cost_nano), 0), count(*), coalesce(sum(billed_ms), 0),"
	    " coalesce(sum(cost_nano > 0), 0)"
	    " FROM invocations WHERE at_us >= ?1 AND endpoint = ?2");
	db_bind_int(s, 1, from_us);
	db_bind_text(s, 2, endpoint->name);
	while (db_step(s))
		json_array_append_new(list,
		    json_pack("{s:s, s:I, s:I, s:I, s:I, s:i, s:f, s:f}", "name", endpoint->name,
		        "month_nano", (json_int_t)db_column_int(s, 0), "invocations",
		        (json_int_t)db_column_int(s, 1), "billed_ms", (json_int_t)db_column_int(s, 2),
		        "charged", (json_int_t)db_column_int(s, 3), "memory_mb", endpoint->memory_mb,
		        "price_gb_s", endpoint->price_gb_s, "price_request", endpoint->price_request));
	return db_finish(s, err);
}

/* All of this month's invocations, also those of endpoints that cloud.json no longer has. */
static bool month_figures(struct ledger *ledger, int64_t month_us, int64_t *ret_count, int64_t *ret_billed_ms,
    struct err *err)
{
	struct db_statement *s = db_prepare(ledger_db(ledger),
	    "SELECT count(*), coalesce(sum(billed_ms), 0) FROM invocations WHERE at_us >= ?1");
	db_bind_int(s, 1, month_us);
	while (db_step(s)) {
		*ret_count = db_column_int(s, 0);
		*ret_billed_ms = db_column_int(s, 1);
	}
	return db_finish(s, err);
}

static int days_left(int64_t now_us)
{
	time_t now = (time_t)(now_us / 1000000);
	struct tm parts;
	localtime_r(&now, &parts);
	struct tm last = {.tm_year = parts.tm_year,
	    .tm_mon = parts.tm_mon + 1,
	    .tm_mday = 0,
	    .tm_hour = 12,
	    .tm_isdst = -1};
	mktime(&last);
	return last.tm_mday - parts.tm_mday;
}

/* What was spent so far, and for each day that is left of the month the mean of the last seven, or of as many
 * as there were. */
static bool forecast(
    struct ledger *ledger, int64_t month_nano, int64_t now_us, int64_t *ret_nano, struct err *err)
{
	struct db_statement *s = db_prepare(ledger_db(ledger), "SELECT min(at_us) FROM invocations");
	int64_t first_us = now_us, spent;
	while (db_step(s))
		if (!db_column_is_null(s, 0))
			first_us = db_column_int(s, 0);
	if (!db_finish(s, err) || !ledger_spent(ledger, now_us - 7 * day_us, &spent, err))
		return false;
	double days = fmin(fmax((double)(now_us - first_us) / (double)day_us, 1), 7);
	*ret_nano = month_nano + llround((double)spent / days * days_left(now_us));
	return true;
}

bool books_costs(struct ledger *ledger, const struct budget *budget, const struct cloud *cloud,
    int64_t now_us, json_t **ret_answer, struct err *err)
{
	int64_t today_nano, month_nano, forecast_nano, count = 0, billed_ms = 0;
	OWN(json_decref) json_t *endpoints = json_array();
	OWN(json_decref) json_t *days = json_array();
	/* From the rows, and not from what the budget remembers: who counts again finds the same. */
	if (!ledger_spent(ledger, budget->day_us, &today_nano, err) ||
	    !ledger_spent(ledger, budget->month_us, &month_nano, err) ||
	    !forecast(ledger, month_nano, now_us, &forecast_nano, err) ||
	    !month_figures(ledger, budget->month_us, &count, &billed_ms, err) ||
	    !list_days(ledger, budget->day_us - (BOOKS_DAYS - 1) * day_us, days, err))
		return false;
	for (int i = 0; i < cloud->endpoints_count; i++)
		if (!endpoint_costs(ledger, &cloud->endpoints[i], budget->month_us, endpoints, err))
			return false;
	*ret_answer = json_pack("{s:I, s:I, s:I, s:{s:f, s:f}, s:f, s:I, s:I, s:s, s:O, s:O}", "today_nano",
	    (json_int_t)today_nano, "month_nano", (json_int_t)month_nano, "forecast_nano",
	    (json_int_t)forecast_nano, "budget", "day", cloud->budget_day, "month", cloud->budget_month,
	    "always_on_month", cloud->always_on_month, "invocations_month", (json_int_t)count,
	    "billed_ms_month", (json_int_t)billed_ms, "formula",
	    "an invocation costs billed_ms / 1000 x memory_mb / 1024 x price_gb_s + price_request; the forecast"
	    " is what the month has cost so far and the mean of the last 7 days for each day that is left",
	    "endpoints", endpoints, "days", days);
	return *ret_answer || err_set(err, ERR_NO_MEMORY, "adding up costs");
}

/* Events */

#define EVENTS_COLUMNS "SELECT seq, at_us, id, severity, text, next FROM events"

static json_t *event_row(struct db_statement *s)
{
	return json_pack("{s:I, s:o, s:s, s:s, s:s, s:s}", "seq", (json_int_t)db_column_int(s, 0), "time",
	    json_utc(db_column_int(s, 1)), "id", db_column_text(s, 2), "severity", db_column_text(s, 3),
	    "text", db_column_text(s, 4), "next", db_column_text(s, 5));
}

bool books_events(struct ledger *ledger, const json_t *question, json_t **ret_answer, struct err *err)
{
	const struct page page = take_page(question);
	OWN(json_decref) json_t *rows = json_array();
	OWN(json_decref) json_t *next = NULL;
	struct db_statement *s = db_prepare(ledger_db(ledger),
	    page.newest ? EVENTS_COLUMNS " WHERE seq < ?1 ORDER BY seq DESC LIMIT ?2"
			: EVENTS_COLUMNS " WHERE seq > ?1 ORDER BY seq LIMIT ?2");
	db_bind_int(s, 1, page.after);
	db_bind_int(s, 2, page.limit + 1);
	if (!collect(s, page.limit, event_row, rows, &next, err))
		return false;
	*ret_answer = json_pack("{s:O, s:O}", "events", rows, "next", next);
	return *ret_answer || err_set(err, ERR_NO_MEMORY, "telling of events");
}
