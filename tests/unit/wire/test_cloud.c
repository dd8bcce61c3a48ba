#include "unit/unit.h"

#include "base/clock.h"
#include "base/json.h"
#include "wire/cloud.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

static struct err err;

static const char whole[] =
    "{\"site\": \"clinic-7f3a\", \"regions\": [\"eu-central-1\", \"eu-west-1\"],"
    " \"budget\": {\"day\": 2.0, \"month\": 20}, \"decision_hour\": \"06:45\","
    " \"uplink\": [{\"days\": \"mon-fri\", \"from\": \"05:00\", \"to\": \"09:00\", \"mbit\": 20},"
    "              {\"days\": \"fri,sun\", \"from\": \"08:30\", \"to\": \"24:00\", \"mbit\": 8}],"
    " \"hedge_percent\": 3, \"always_on_month\": 55.5,"
    " \"authority\": {\"url\": \"https://burst.example:8443\", \"ca\": \"ca.pem\"},"
    " \"updates\": {\"url\": \"https://burst.example:8443/updates\", \"ca\": \"/etc/updates.pem\"},"
    " \"endpoints\": [{\"name\": \"frankfurt\", \"url\": \"https://burst.example:8443\", \"region\": \"eu-central-1\","
    "   \"ca\": \"ca.pem\", \"key\": \"function.pem\", \"slots\": 8, \"memory_mb\": 1769,"
    "   \"price_gb_s\": 0.0000166667, \"price_request\": 0.0000002},"
    "  {\"name\": \"virginia\", \"url\": \"https://us.example/burst\", \"region\": \"us-east-1\","
    "   \"ca\": \"/etc/us.pem\", \"key\": \"function.pem\", \"slots\": 64, \"memory_mb\": 2048,"
    "   \"price_gb_s\": 0.00001, \"price_request\": 0}]}";

static int key_setup(void **state)
{
	char private[CRYPTO_PEM_SIZE], public[CRYPTO_PEM_SIZE], path[128];
	if (folder_setup(state) != 0 || !crypto_pair_make(private, public, &err))
		return -1;
	snprintf(path, sizeof path, "%s/function.pem", (const char *)*state);
	return file_write(path, public, strlen(public), 0600, &err) ? 0 : -1;
}

static void a_whole_file(void **state)
{
	OWN(cloud_free) struct cloud *cloud = NULL;
	char path[128], expected[160];
	snprintf(path, sizeof path, "%s/cloud.json", (const char *)*state);
	must(file_write(path, whole, strlen(whole), 0600, &err));
	must(cloud_load(path, &cloud, &err));
	assert_string_equal(cloud->site, "clinic-7f3a");
	assert_int_equal(cloud->regions_count, 2);
	assert_string_equal(cloud->regions[1], "eu-west-1");
	assert_true(cloud->budget_day == 2.0 && cloud->budget_month == 20.0);
	assert_int_equal(cloud->decision_min, 6 * 60 + 45);
	assert_int_equal(cloud->hedge_percent, 3);
	assert_true(cloud->always_on_month == 55.5);
	assert_string_equal(cloud->authority_url, "https://burst.example:8443");
	assert_string_equal(cloud->updates_url, "https://burst.example:8443/updates");
	assert_string_equal(cloud->updates_ca, "/etc/updates.pem");
	assert_int_equal(cloud->windows_count, 2);
	assert_int_equal(cloud->windows[0].days, 0x1F);
	assert_int_equal(cloud->windows[0].from_min, 300);
	assert_int_equal(cloud->windows[0].to_min, 540);
	assert_int_equal(cloud->windows[1].days, 0x50);
	assert_int_equal(cloud->windows[1].to_min, 1440);
	assert_int_equal(cloud->endpoints_count, 2);
	const struct cloud_endpoint *endpoint = &cloud->endpoints[0];
	assert_string_equal(endpoint->name, "frankfurt");
	assert_string_equal(endpoint->region, "eu-central-1");
	snprintf(expected, sizeof expected, "%s/ca.pem", (const char *)*state);
	assert_string_equal(endpoint->ca, expected);
	assert_memory_equal(endpoint->key, "-----BEGIN PUBLIC KEY-----", 26);
	assert_int_equal(endpoint->slots, 8);
	assert_int_equal(endpoint->memory_mb, 1769);
	assert_true(endpoint->allowed);
	/* Outside the regions: kept to be shown and refused. */
	assert_false(cloud->endpoints[1].allowed);
	assert_string_equal(cloud->endpoints[1].ca, "/etc/us.pem");
	assert_string_equal(cloud->endpoints[1].url, "https://us.example/burst");
}

/* Noticed when another file lies there, and what is wrong with it is told once. */
static void another_file(void **state)
{
	char path[128];
	int64_t stamp;
	snprintf(path, sizeof path, "%s/changes.json", (const char *)*state);
	must(file_write(path, whole, strlen(whole), 0600, &err));
	stamp = file_stamp(path);
	assert_int_equal(cloud_look(path, &stamp, &err), CLOUD_SAME);
	must(file_write(path, whole, strlen(whole), 0600, &err));
	assert_int_equal(cloud_look(path, &stamp, &err), CLOUD_OTHER);
	assert_int_equal(cloud_look(path, &stamp, &err), CLOUD_SAME);
	must(file_write(path, "{}", 2, 0600, &err));
	assert_int_equal(cloud_look(path, &stamp, &err), CLOUD_BROKEN);
	assert_non_null(strstr(err.detail, "site"));
	assert_int_equal(cloud_look(path, &stamp, &err), CLOUD_SAME);
	unlink(path);
	assert_int_equal(cloud_look(path, &stamp, &err), CLOUD_BROKEN);
	assert_int_equal(stamp, 0);
}

static void what_may_be_left_out(void **state)
{
	OWN(cloud_free) struct cloud *cloud = NULL;
	OWN(json_decref) json_t *object = NULL;
	static const char *const optional[] = {"decision_hour", "uplink", "hedge_percent", "always_on_month", "authority",
	    "updates"};
	must(json_parse(whole, strlen(whole), &object, &err));
	for (size_t i = 0; i < sizeof optional / sizeof *optional; i++)
		json_object_del(object, optional[i]);
	OWN(free) char *text = json_dumps(object, 0);
	must(cloud_parse(text, strlen(text), *state, &cloud, &err));
	assert_int_equal(cloud->decision_min, 450);
	assert_int_equal(cloud->hedge_percent, 5);
	assert_true(cloud->always_on_month == 40);
	assert_int_equal(cloud->windows_count, 0);
	assert_string_equal(cloud->authority_url, "");
	assert_string_equal(cloud->updates_url, "");
	assert_true(cloud_uplink(cloud, clock_now_us()) == 0);
}

/* A clinic that reads everything at home. */
static void nothing_has_to_leave(void **state)
{
	OWN(cloud_free) struct cloud *cloud = NULL;
	static const char text[] =
	    "{\"site\": \"clinic-7f3a\", \"regions\": [], \"budget\": {\"day\": 0, \"month\": 0}, \"endpoints\": []}";
	must(cloud_parse(text, strlen(text), *state, &cloud, &err));
	assert_int_equal(cloud->regions_count, 0);
	assert_int_equal(cloud->endpoints_count, 0);
}

/* The member at a path of names and numbers, "endpoints/0/slots". */
static void set_at(json_t *object, const char *path, json_t *value)
{
	char copy[64];
	snprintf(copy, sizeof copy, "%s", path);
	char *at = copy;
	for (char *slash; (slash = strchr(at, '/')); at = slash + 1) {
		*slash = 0;
		object = json_is_array(object) ? json_array_get(object, (size_t)strtoul(at, NULL, 10))
					       : json_object_get(object, at);
	}
	if (value)
		json_object_set_new(object, at, value);
	else
		json_object_del(object, at);
}

static void slips_are_told(void **state)
{
	/* where, the value as JSON ("": left out), what the sentence must name */
	static const struct {
		const char *path, *value, *named;
	} cases[] = {
	    {"site", "", "site"}, {"site", "\"\"", "site"}, {"site", "\"Praxis Dr. Huber\"", "site"}, {"site", "7", "site"},
	    {"sites", "1", "sites"}, {"regions", "", "regions"}, {"regions", "[1]", "region"},
	    {"regions", "[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\"]", "regions"},
	    {"budget", "", "budget"}, {"budget", "5", "budget"}, {"budget/day", "", "day"}, {"budget/month", "", "month"},
	    {"budget/day", "-1", "day"}, {"budget/day", "\"2\"", "day"}, {"budget/day", "1e300", "day"},
	    {"budget/week", "1", "week"}, {"decision_hour", "\"7:30\"", "decision_hour"},
	    {"decision_hour", "\"24:00\"", "decision_hour"}, {"decision_hour", "\"07:60\"", "decision_hour"},
	    {"decision_hour", "730", "decision_hour"}, {"hedge_percent", "101", "hedge_percent"},
	    {"hedge_percent", "2.5", "hedge_percent"}, {"always_on_month", "-1", "always_on_month"},
	    {"uplink", "{}", "uplink"}, {"uplink/0/days", "\"mon-\"", "days"}, {"uplink/0/days", "\"\"", "days"},
	    {"uplink/0/days", "\"mon,\"", "days"}, {"uplink/0/days", "\"monday\"", "days"},
	    {"uplink/0/days", "\"Mon\"", "days"}, {"uplink/0/to", "\"05:00\"", "from"}, {"uplink/0/to", "\"24:01\"", "to"},
	    {"uplink/1/from", "\"24:00\"", "from"}, {"uplink/1/mbit", "0", "mbit"}, {"uplink/1/mbit", "", "window 2"},
	    {"uplink/0/until", "1", "until"}, {"authority", "1", "authority"}, {"authority/url", "", "url"},
	    {"authority/ca", "", "ca"}, {"updates", "true", "updates"}, {"updates/url", "\"http://a\"", "updates"},
	    {"updates/ca", "", "updates"}, {"updates/channel", "1", "channel"}, {"endpoints", "", "endpoints"},
	    {"endpoints", "[1]", "endpoint 1"}, {"endpoints/0/name", "\"a b\"", "name"},
	    {"endpoints/1/name", "\"frankfurt\"", "frankfurt"}, {"endpoints/0/url", "\"http://burst.example\"", "url"},
	    {"endpoints/0/url", "\"https://\"", "url"}, {"endpoints/0/url", "\"https://:8443\"", "url"},
	    {"endpoints/0/url", "\"https://burst.example/\"", "url"}, {"endpoints/0/url", "\"https://a@burst.example\"", "url"},
	    {"endpoints/0/url", "\"https://burst.example?x\"", "url"}, {"endpoints/0/url", "\"https://burst example\"", "url"},
	    {"endpoints/0/url", "\"https://b\\r\\nX: y\"", "url"}, {"endpoints/0/region", "", "region"},
	    {"endpoints/0/ca", "\"\"", "ca"}, {"endpoints/0/key", "\"nowhere.pem\"", "key"},
	    {"endpoints/0/key", "\"cloud.json\"", "key"}, {"endpoints/0/key", "", "key"}, {"endpoints/0/slots", "0", "slots"},
	    {"endpoints/0/slots", "65", "slots"}, {"endpoints/1/slots", "1.0", "endpoint 2"},
	    {"endpoints/0/memory_mb", "0", "memory_mb"}, {"endpoints/0/price_gb_s", "", "price_gb_s"},
	    {"endpoints/0/price_request", "-0.1", "price_request"}, {"endpoints/0/price", "1", "price"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		OWN(json_decref) json_t *object = NULL;
		OWN(cloud_free) struct cloud *cloud = NULL;
		must(json_parse(whole, strlen(whole), &object, &err));
		set_at(object, cases[i].path, *cases[i].value ? json_loads(cases[i].value, JSON_DECODE_ANY, NULL) : NULL);
		OWN(free) char *text = json_dumps(object, 0);
		must_fail(cloud_parse(text, strlen(text), *state, &cloud, &err), ERR_BAD_INPUT);
		if (!strstr(err.detail, cases[i].named)) {
			print_error("%s = %s: %s\n", cases[i].path, cases[i].value, err.detail);
			fail();
		}
		assert_null(cloud);
	}
}

static void files_that_are_none(void **state)
{
	OWN(cloud_free) struct cloud *cloud = NULL;
	static const char *const texts[] = {"", "{", "[]", "1", "null"};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		must_fail(cloud_parse(texts[i], strlen(texts[i]), *state, &cloud, &err), ERR_BAD_INPUT);
	assert_false(cloud_load("/nonexistent/cloud.json", &cloud, &err));
	assert_non_null(strstr(err.detail, "/nonexistent/cloud.json"));
	assert_null(cloud);
}

/* The clock on the wall */

static void zone(const char *name)
{
	setenv("TZ", name, 1);
	tzset();
}

static int64_t utc(const char *text)
{
	int64_t at_us = 0;
	assert_true(clock_parse(text, &at_us));
	return at_us;
}

/* Central European time by its rule, whether or not zones are installed. */
static const char berlin[] = "CET-1CEST,M3.5.0,M10.5.0/3";

static void decides_at(const char *hour, const char *now, const char *expected)
{
	char text[CLOCK_TEXT_SIZE];
	int hours = 10 * (hour[0] - '0') + hour[1] - '0', minutes = 10 * (hour[3] - '0') + hour[4] - '0';
	struct cloud cloud = {.decision_min = 60 * hours + minutes};
	clock_format(text, cloud_decision_us(&cloud, utc(now)));
	assert_string_equal(text, expected);
}

static void the_decision_hour(void **state)
{
	(void)state;
	zone(berlin);
	decides_at("07:30", "2026-11-21T05:00:00Z", "2026-11-21T06:30:00Z");
	decides_at("07:30", "2026-11-21T06:29:59Z", "2026-11-21T06:30:00Z");
	decides_at("07:30", "2026-11-21T06:30:00Z", "2026-11-22T06:30:00Z");
	decides_at("07:30", "2026-12-31T23:30:00Z", "2027-01-01T06:30:00Z");
	/* Clocks go forward on 29 March and back on 25 October: the hour is the clinic's, not 24 hours later. */
	decides_at("07:30", "2026-03-28T12:00:00Z", "2026-03-29T05:30:00Z");
	decides_at("07:30", "2026-10-24T12:00:00Z", "2026-10-25T06:30:00Z");
	zone("AEST-10AEDT,M10.1.0,M4.1.0/3");
	decides_at("07:30", "2026-11-20T21:00:00Z", "2026-11-21T20:30:00Z");
	zone("UTC0");
}

/* Whatever the hour and the zone's tricks: always ahead, never by more than a day and the clock's change. */
static void the_decision_hour_lies_ahead(void **state)
{
	(void)state;
	zone(berlin);
	for (int minute = 0; minute < 24 * 60; minute += 15) {
		struct cloud cloud = {.decision_min = minute};
		for (int64_t now_us = utc("2026-03-28T00:00:00Z"); now_us < utc("2026-03-31T00:00:00Z"); now_us += 600000000LL) {
			int64_t ahead_us = cloud_decision_us(&cloud, now_us) - now_us;
			assert_true(ahead_us > 0 && ahead_us <= 25 * 3600000000LL);
		}
		for (int64_t now_us = utc("2026-10-24T00:00:00Z"); now_us < utc("2026-10-27T00:00:00Z"); now_us += 600000000LL) {
			int64_t ahead_us = cloud_decision_us(&cloud, now_us) - now_us;
			assert_true(ahead_us > 0 && ahead_us <= 26 * 3600000000LL);
		}
	}
	zone("UTC0");
}

static void the_uplink_by_the_week(void **state)
{
	OWN(cloud_free) struct cloud *cloud = NULL;
	must(cloud_parse(whole, strlen(whole), *state, &cloud, &err));
	zone(berlin);
	/* Friday, 20 November 2026: 5 to 9 at 20 Mbit/s, from 8:30 at 8. */
	assert_true(cloud_uplink(cloud, utc("2026-11-20T03:59:59Z")) == 0);
	assert_true(cloud_uplink(cloud, utc("2026-11-20T04:00:00Z")) == 2.5e6);
	assert_true(cloud_uplink(cloud, utc("2026-11-20T07:29:59Z")) == 2.5e6);
	assert_true(cloud_uplink(cloud, utc("2026-11-20T07:30:00Z")) == 1e6);
	assert_true(cloud_uplink(cloud, utc("2026-11-20T22:59:59Z")) == 1e6);
	assert_true(cloud_uplink(cloud, utc("2026-11-20T23:00:00Z")) == 0); /* Saturday */
	assert_true(cloud_uplink(cloud, utc("2026-11-22T12:00:00Z")) == 1e6); /* Sunday */
	assert_true(cloud_uplink(cloud, utc("2026-11-23T06:00:00Z")) == 2.5e6); /* Monday */
	zone("UTC0");
}

static void days_over_the_end_of_the_week(void **state)
{
	OWN(json_decref) json_t *object = NULL;
	OWN(cloud_free) struct cloud *cloud = NULL;
	must(json_parse(whole, strlen(whole), &object, &err));
	set_at(object, "uplink/0/days", json_string("sat-mon,wed"));
	OWN(free) char *text = json_dumps(object, 0);
	must(cloud_parse(text, strlen(text), *state, &cloud, &err));
	assert_int_equal(cloud->windows[0].days, 0x65);
}

/* AWS's own example of its formula: 1,536 MB for 120 ms is 0.18 GB-s. */
static void what_an_invocation_costs(void **state)
{
	(void)state;
	struct cloud_endpoint endpoint = {.memory_mb = 1536, .price_gb_s = 0.0000166667, .price_request = 0.0000002};
	assert_int_equal(cloud_cost_nano(&endpoint, 120), 3200);
	assert_int_equal(cloud_cost_nano(&endpoint, 0), 200);
	endpoint.memory_mb = 1024;
	assert_int_equal(cloud_cost_nano(&endpoint, 1000), 16867);
	assert_int_equal(cloud_cost_nano(&endpoint, 3600000), 60000320);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_whole_file),
	    cmocka_unit_test(another_file),
	    cmocka_unit_test(what_may_be_left_out),
	    cmocka_unit_test(nothing_has_to_leave),
	    cmocka_unit_test(slips_are_told),
	    cmocka_unit_test(files_that_are_none),
	    cmocka_unit_test(the_decision_hour),
	    cmocka_unit_test(the_decision_hour_lies_ahead),
	    cmocka_unit_test(the_uplink_by_the_week),
	    cmocka_unit_test(days_over_the_end_of_the_week),
	    cmocka_unit_test(what_an_invocation_costs),
	};
	return cmocka_run_group_tests(tests, key_setup, folder_teardown);
}
