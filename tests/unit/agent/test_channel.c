#include "unit/unit.h"

#include "agent/channel.h"
#include "base/json.h"

#include <string.h>

static struct err err;

#define DIGEST "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
static const char whole[] = "{\"version\": \"0.2.0\", \"file\": \"daybreak-0.2.0.raucb\", \"size\": 142606336,"
			    " \"sha256\": \"" DIGEST "\", \"ring\": \"early\"}";

static void an_offer(void **state)
{
	(void)state;
	struct channel_offer offer;
	must(channel_parse(whole, strlen(whole), &offer, &err));
	assert_string_equal(offer.version, "0.2.0");
	assert_string_equal(offer.file, "daybreak-0.2.0.raucb");
	assert_int_equal(offer.size, 142606336);
	assert_int_equal(offer.digest[1], 0x11);
	assert_int_equal(offer.digest[31], 0xFF);
}

static void slips_are_told(void **state)
{
	(void)state;
	static const struct {
		const char *name, *value;
	} cases[] = {
	    {"version", ""}, {"version", "2"}, {"version", "\"\""}, {"version", "\"new\""}, {"version", "\"1 2\""},
	    {"file", ""}, {"file", "\"\""}, {"file", "\".raucb\""}, {"file", "\"../x.raucb\""},
	    {"file", "\"a/x.raucb\""}, {"file", "\"x.img\""}, {"file", "\"x.raucb?y.raucb\""},
	    {"file", "\"x\\n.raucb\""}, {"size", ""}, {"size", "0"}, {"size", "-1"}, {"size", "1.5"},
	    {"size", "\"5\""}, {"size", "2147483649"}, {"sha256", ""}, {"sha256", "\"00\""},
	    {"sha256", "\"" DIGEST "00\""}, {"sha256", "\"" DIGEST "\\n\""},
	    {"sha256", "\"g0112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\""},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		OWN(json_decref) json_t *object = json_loads(whole, 0, NULL);
		struct channel_offer offer = {.size = 7};
		if (*cases[i].value)
			json_object_set_new(object, cases[i].name, json_loads(cases[i].value, JSON_DECODE_ANY, NULL));
		else
			json_object_del(object, cases[i].name);
		OWN(free) char *text = json_dumps(object, 0);
		must_fail(channel_parse(text, strlen(text), &offer, &err), ERR_BAD_INPUT);
		assert_non_null(strstr(err.detail, cases[i].name));
		assert_int_equal(offer.size, 7);
	}
	static const char *const texts[] = {"", "{", "[]", "1", "<html>"};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct channel_offer offer;
		must_fail(channel_parse(texts[i], strlen(texts[i]), &offer, &err), ERR_BAD_INPUT);
	}
}

static void a_part_of_a_file(void **state)
{
	(void)state;
	struct channel_part part;
	assert_true(channel_part_parse("bytes 0-0/1", &part));
	assert_true(channel_part_parse("bytes 100-199/1000", &part));
	assert_int_equal(part.from, 100);
	assert_int_equal(part.to, 199);
	assert_int_equal(part.size, 1000);
	static const char *const wrong[] = {"", "bytes", "bytes ", "bytes 0-9", "bytes 0-9/*", "bytes */10",
	    "bytes 9-0/10", "bytes 0-10/10", "bytes -1-5/10", "bytes 0-9/10 ", "items 0-9/10", "bytes 0-9/10, 1-2/10",
	    "bytes 0-99999999999999999999/999999999999999999999", "bytes 0 - 9/10"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_false(channel_part_parse(wrong[i], &part));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_offer),
	    cmocka_unit_test(slips_are_told),
	    cmocka_unit_test(a_part_of_a_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
