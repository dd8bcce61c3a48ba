#include "unit/agent/ledgers.h"

#include "agent/books.h"
#include "base/clock.h"

#include <time.h>

static const int64_t day_us = 86400 * INT64_C(1000000);

static int64_t at(const char *text)
{
	int64_t us = 0;
	assert_true(clock_parse(text, &us));
	return us;
}

static json_t *question(const char *text)
{
	struct err err;
	json_t *value;
	must(json_parse(text, strlen(text), &value, &err));
	return value;
}

typedef bool asked(struct ledger *ledger, const json_t *question, json_t **ret_answer, struct err *err);

static json_t *ask(asked *what, struct ledger *ledger, const char *text)
{
	struct err err;
	OWN(json_decref) json_t *asked_for = question(text);
	json_t *answer;
	must(what(ledger, asked_for, &answer, &err));
	return answer;
}

static void refused(asked *what, struct ledger *ledger, const char *text)
{
	struct err err;
	OWN(json_decref) json_t *asked_for = question(text);
	json_t *answer;
	must_fail(what(ledger, asked_for, &answer, &err), ERR_BAD_INPUT);
}

static int64_t figure(const json_t *object, const char *name)
{
	return json_int(object, name, -1);
}

/* Egress */

static void test_egress_is_read_page_by_page(void **state)
{
	OWN(ledger_close) struct ledger *ledger = new_ledger(state, "pages.db");
	for (int i = 0; i < 25; i++)
		set_time(ledger, add_egress(ledger, LEDGER_SEALED_BATCH, "frankfurt", "aa", 100 + i),
		    (i + 1) * day_us);
	int64_t seen = 0, after = 0, pages = 0;
	for (bool more = true; more; pages++) {
		char text[64];
		snprintf(text, sizeof text, "{\"after\": %lld, \"limit\": 10}", (long long)after);
		OWN(json_decref) json_t *page = ask(books_egress, ledger, text);
		size_t at_row;
		const json_t *row;
		json_array_foreach(json_object_get(page, "rows"), at_row, row)
			assert_int_equal(figure(row, "bytes"), 100 + seen++);
		more = json_is_integer(json_object_get(page, "next"));
		after = figure(page, "next");
		assert_int_equal(figure(json_object_get(page, "total"), "rows"), 25);
	}
	assert_int_equal(pages, 3);
	assert_int_equal(seen, 25);
	OWN(json_decref) json_t *latest = ask(books_egress, ledger, "{\"newest\": true, \"limit\": 2}");
	const json_t *rows = json_object_get(latest, "rows");
	assert_int_equal(figure(json_array_get(rows, 0), "bytes"), 124);
	assert_int_equal(figure(latest, "next"), figure(json_array_get(rows, 1), "seq"));
}

static void test_egress_is_filtered(void **state)
{
	struct err err;
	OWN(ledger_close) struct ledger *ledger = new_ledger(state, "filter.db");
	int64_t seq = add_egress(ledger, LEDGER_SEALED_BATCH, "frankfurt", "aa", 1000);
	set_time(ledger, seq, at("2026-11-21T06:00:00Z"));
	must(ledger_egress_end(ledger, seq, 1234, "answered 200", &err));
	set_time(
	    ledger, add_egress(ledger, LEDGER_VERSION_CHECK, "frankfurt", "", 0), at("2026-11-21T07:00:00Z"));
	set_time(ledger, add_egress(ledger, LEDGER_SEALED_BATCH, "zurich", "bb", 2000),
	    at("2026-11-21T08:00:00Z"));
	static const struct {
		const char *text;
		int rows, bytes;
	} cases[] = {
	    {"{}", 3, 3000},
	    {"{\"class\": \"version-check\"}", 1, 0},
	    {"{\"class\": \"sealed-batch\", \"endpoint\": \"zurich\"}", 1, 2000},
	    {"{\"from\": \"2026-11-21T07:00:00Z\"}", 2, 2000},
	    {"{\"from\": \"2026-11-21T06:00:00Z\", \"to\": \"2026-11-21T07:00:00Z\"}", 1, 1000},
	    {"{\"class\": \"enrolment\"}", 0, 0},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		OWN(json_decref) json_t *page = ask(books_egress, ledger, cases[i].text);
		assert_int_equal(json_array_size(json_object_get(page, "rows")), cases[i].rows);
		assert_int_equal(figure(json_object_get(page, "total"), "rows"), cases[i].rows);
		assert_int_equal(figure(json_object_get(page, "total"), "bytes"), cases[i].bytes);
	}
	OWN(json_decref) json_t *page = ask(books_egress, ledger, "{\"limit\": 1}");
	const json_t *row = json_array_get(json_object_get(page, "rows"), 0);
	assert_string_equal(json_text(row, "time", ""), "2026-11-21T06:00:00Z");
	assert_string_equal(json_text(row, "class", ""), "sealed-batch");
	assert_string_equal(json_text(row, "outcome", ""), "answered 200");
	assert_string_equal(json_text(row, "region", ""), "eu-central-1");
	assert_int_equal(figure(row, "sent"), 1234);
	assert_int_equal(strlen(json_text(row, "digest", "")), 64);
	refused(books_egress, ledger, "{\"from\": \"yesterday\"}");
}

/* Invocations */

static void test_invocations_fall_into_buckets(void **state)
{
	OWN(ledger_close) struct ledger *ledger = new_ledger(state, "buckets.db");
	int64_t start = at("2026-11-21T06:00:00Z");
	for (int i = 1; i <= 20; i++)
		add_invocation(ledger, start + i * INT64_C(1000000),
		    (struct ledger_invocation){
		        .duration_ms = i * 100, .billed_ms = 10, .cost_nano = 3, .cuts = 64, .cold = i <= 2});
	int64_t later = at("2026-11-21T08:30:00Z");
	add_invocation(ledger, later,
	    (struct ledger_invocation){
	        .duration_ms = 5000, .code = "too-many", .sentence = "busy", .throttled = true, .cuts = 64});
	add_invocation(ledger, later + 1, (struct ledger_invocation){.duration_ms = 7000, .code = "internal",
	    .sentence = "it fell", .cuts = 64, .billed_ms = 5, .cost_nano = 2});
	add_invocation(
	    ledger, later + 2, (struct ledger_invocation){.duration_ms = 10, .attempt = 2, .cuts = 64});
	OWN(json_decref) json_t *answer = ask(books_invocations, ledger,
	    "{\"from\": \"2026-11-21T06:00:00Z\", \"to\": \"2026-11-21T09:00:00Z\", \"bucket_s\": 3600}");
	const json_t *buckets = json_object_get(answer, "buckets"), *first = json_array_get(buckets, 0);
	assert_int_equal(json_array_size(buckets), 2);
	assert_string_equal(json_text(first, "start", ""), "2026-11-21T06:00:00Z");
	assert_int_equal(figure(first, "invocations"), 20);
	assert_int_equal(figure(json_object_get(first, "duration_ms"), "p50"), 1000);
	assert_int_equal(figure(json_object_get(first, "duration_ms"), "p95"), 1900);
	assert_int_equal(figure(json_object_get(first, "duration_ms"), "max"), 2000);
	assert_int_equal(figure(first, "cuts"), 20 * 64);
	assert_int_equal(figure(first, "cold"), 2);
	/* The twentieth begins while the nineteenth, of 1.9 s, has still 0.9 s to go. */
	assert_int_equal(figure(first, "concurrency"), 2);
	const json_t *second = json_array_get(buckets, 1), *total = json_object_get(answer, "total");
	assert_string_equal(json_text(second, "start", ""), "2026-11-21T08:00:00Z");
	assert_int_equal(figure(second, "throttles"), 1);
	assert_int_equal(figure(second, "errors"), 1);
	assert_int_equal(figure(second, "retries"), 1);
	assert_int_equal(figure(second, "concurrency"), 3);
	assert_int_equal(figure(second, "cuts"), 64);
	assert_int_equal(figure(total, "invocations"), 23);
	assert_int_equal(figure(total, "billed_ms"), 205);
	assert_int_equal(figure(total, "cost_nano"), 62);
	assert_int_equal(figure(json_object_get(total, "duration_ms"), "max"), 7000);
	const json_t *failures = json_object_get(answer, "failures");
	assert_int_equal(json_array_size(failures), 2);
	assert_string_equal(json_text(json_array_get(failures, 0), "sentence", ""), "it fell");
}

static void test_spans_have_limits(void **state)
{
	OWN(ledger_close) struct ledger *ledger = new_ledger(state, "spans.db");
	OWN(json_decref) json_t *empty = ask(books_invocations, ledger, "{}");
	assert_int_equal(json_array_size(json_object_get(empty, "buckets")), 0);
	assert_int_equal(figure(json_object_get(empty, "total"), "invocations"), 0);
	OWN(json_decref) json_t *full = ask(books_invocations, ledger,
	    "{\"from\": \"2026-08-13T06:00:00Z\", \"to\": \"2026-11-21T06:00:00Z\", \"bucket_s\": 3600}");
	assert_int_equal(json_array_size(json_object_get(full, "buckets")), 0);
	refused(books_invocations, ledger,
	    "{\"from\": \"2026-08-13T05:00:00Z\", \"to\": \"2026-11-21T06:00:00Z\", \"bucket_s\": 3600}");
	refused(books_invocations, ledger,
	    "{\"from\": \"2026-11-21T06:00:00Z\", \"to\": \"2026-11-21T06:00:00Z\"}");
	refused(books_invocations, ledger, "{\"bucket_s\": 0}");
}

/* Costs */

static void test_costs_of_day_and_month(void **state)
{
	struct err err;
	struct budget budget;
	struct cloud cloud = {.budget_day = 2,
	    .budget_month = 20,
	    .always_on_month = 40,
	    .endpoints_count = 1,
	    .endpoints[0] = {.name = "frankfurt",
	        .memory_mb = 1769,
	        .price_gb_s = 0.0000166667,
	        .price_request = 0.0000002}};
	OWN(ledger_close) struct ledger *ledger = new_ledger(state, "costs.db");
	setenv("TZ", "UTC", 1);
	tzset();
	int64_t now = at("2026-11-21T12:00:00Z");
	add_invocation(ledger, at("2026-10-31T06:00:00Z"),
	    (struct ledger_invocation){.cost_nano = 100000, .billed_ms = 9});
	add_invocation(ledger, at("2026-11-13T06:00:00Z"),
	    (struct ledger_invocation){.cost_nano = 40000, .billed_ms = 1});
	add_invocation(ledger, at("2026-11-20T06:00:00Z"),
	    (struct ledger_invocation){.cost_nano = 6000, .billed_ms = 2});
	add_invocation(ledger, at("2026-11-21T06:00:00Z"),
	    (struct ledger_invocation){.cost_nano = 1000, .billed_ms = 4});
	must(budget_open(&budget, &cloud, ledger, now, &err));
	OWN(json_decref) json_t *costs = NULL;
	must(books_costs(ledger, &budget, &cloud, now, &costs, &err));
	assert_int_equal(figure(costs, "today_nano"), 1000);
	assert_int_equal(figure(costs, "month_nano"), 47000);
	/* 7,000 in seven days, nine days are left. */
	assert_int_equal(figure(costs, "forecast_nano"), 47000 + 9 * 1000);
	assert_int_equal(figure(costs, "invocations_month"), 3);
	assert_int_equal(figure(costs, "billed_ms_month"), 7);
	const json_t *days = json_object_get(costs, "days");
	assert_int_equal(json_array_size(days), 4);
	assert_string_equal(json_text(json_array_get(days, 3), "day", ""), "2026-11-21");
	const json_t *endpoint = json_array_get(json_object_get(costs, "endpoints"), 0);
	assert_int_equal(figure(endpoint, "month_nano"), 47000);
	assert_int_equal(figure(endpoint, "memory_mb"), 1769);
	/* The first day of the ledger is a whole day, however early it is. */
	OWN(ledger_close) struct ledger *young = new_ledger(state, "young.db");
	OWN(json_decref) json_t *first = NULL;
	add_invocation(young, now - 1000000, (struct ledger_invocation){.cost_nano = 500});
	must(budget_open(&budget, &cloud, young, now, &err));
	must(books_costs(young, &budget, &cloud, now, &first, &err));
	assert_int_equal(figure(first, "forecast_nano"), 500 + 9 * 500);
}

static void test_events_in_order(void **state)
{
	struct err err;
	OWN(ledger_close) struct ledger *ledger = new_ledger(state, "events.db");
	must(ledger_event(ledger, "sync.started", "info", "first", "", &err));
	must(ledger_event(ledger, "sync.endpoint-down", "warning", "second", "wait", &err));
	must(ledger_event(ledger, "sync.endpoint-ready", "info", "third", "", &err));
	OWN(json_decref) json_t *later = ask(books_events, ledger, "{\"after\": 1}");
	assert_int_equal(json_array_size(json_object_get(later, "events")), 2);
	assert_string_equal(
	    json_text(json_array_get(json_object_get(later, "events"), 0), "next", ""), "wait");
	OWN(json_decref) json_t *latest = ask(books_events, ledger, "{\"newest\": true, \"limit\": 1}");
	assert_string_equal(
	    json_text(json_array_get(json_object_get(latest, "events"), 0), "text", ""), "third");
	assert_int_equal(figure(latest, "next"), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_egress_is_read_page_by_page),
	    cmocka_unit_test(test_egress_is_filtered),
	    cmocka_unit_test(test_invocations_fall_into_buckets),
	    cmocka_unit_test(test_spans_have_limits),
	    cmocka_unit_test(test_costs_of_day_and_month),
	    cmocka_unit_test(test_events_in_order),
	};
	return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
