#include "unit/unit.h"

#include "models/manifest.h"

#include <string.h>

static struct err err;

static const char usual[] =
    "{\"name\": \"lab\", \"version\": \"1\", \"input\": {\"planes\": 1, \"mean\": 100.0, \"scale\": 50.5},"
    " \"outputs\": {\"stage\": {\"classes\": [\"t2\", \"empty\", \"t9+\"], \"temperature\": 2.0, \"output\": \"logits\"},"
    "  \"fragmentation\": {\"bins_permille\": [50, 400]}, \"uneven\": {\"bias\": -1.5}, \"embedding\": {}},"
    " \"confidence\": {\"cells\": [0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,500,1000]},"
    " \"unfamiliar\": {\"centroids\": [[1, 2], [3, 4]], \"weight\": [1, 0.5], \"steps\": [STEPS]}}";

/* The usual text with a part replaced. */
static bool parse(const char *part, const char *by, struct manifest *manifest)
{
	char steps[512] = "0", text[4096];
	for (int i = 1; i < NETWORK_UNFAMILIAR_STEPS; i++)
		snprintf(steps + strlen(steps), sizeof steps - strlen(steps), ",%d", i);
	OWN(buf_done) struct buf made = BUF_INIT(8192);
	const char *at = strstr(usual, "STEPS");
	buf_print(&made, "%.*s%s%s", (int)(at - usual), usual, steps, at + 5);
	snprintf(text, sizeof text, "%s", buf_text(&made));
	if (part) {
		at = strstr(text, part);
		assert_non_null(at);
		buf_clear(&made);
		buf_print(&made, "%.*s%s%s", (int)(at - text), text, by, at + strlen(part));
	}
	return manifest_parse((const char *)made.data, made.size, manifest, &err);
}

static void all_of_it(void **state)
{
	(void)state;
	OWN(manifest_done) struct manifest m = {0};
	must(parse(NULL, NULL, &m));
	assert_int_equal(m.planes, 1);
	assert_int_equal(m.mean, 100);
	assert_float_equal(m.scale, 50.5, 0);
	assert_int_equal(m.heads_count, 4);
	const struct manifest_head *stage = &m.heads[0];
	assert_string_equal(stage->output, "logits");
	assert_int_equal(stage->classes_count, 3);
	assert_int_equal(stage->rows_count, STAGE_COUNT);
	assert_int_equal(stage->rows[STAGE_2], 0);
	assert_int_equal(stage->rows[STAGE_EMPTY], 1);
	assert_int_equal(stage->rows[STAGE_9], 2);
	assert_int_equal(stage->rows[STAGE_M], -1);
	assert_float_equal(stage->temperature, 2, 0);
	assert_int_equal(m.heads[1].rows[1], 1);
	assert_int_equal(m.heads[1].rows[2], -1);
	assert_int_equal(m.calibration.bins_permille[1], 400);
	assert_int_equal(m.calibration.bins_permille[4], 400);
	assert_float_equal(m.heads[2].bias, -1.5, 0);
	assert_int_equal(m.heads[3].kind, NETWORK_EMBEDDING);
	/* Without a table a probability is taken at its word. */
	assert_int_equal(m.calibration.stage[8], 500);
	assert_int_equal(m.calibration.cells[15], 500);
	assert_int_equal(m.centroids_count, 2);
	assert_float_equal(m.centroids[3], 4, 0);
	assert_float_equal(m.steps[40], 40, 0);
}

static void what_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *part, *by, *sentence;
	} cases[] = {
	    {"\"lab\"", "\"a/b\"", "name"},
	    {"\"version\": \"1\"", "\"version\": 1", "version"},
	    {"\"planes\": 1", "\"planes\": 4", "\"planes\" is not a number from 1 to 3"},
	    {"\"planes\": 1", "\"planes\": 1.5", "whole"},
	    {"\"planes\": 1", "\"side\": 64", "\"side\""},
	    {"100.0", "100.5", "\"mean\" is not a whole number"},
	    {"50.5", "0", "\"scale\""},
	    {"\"input\"", "\"inputs\"", "\"input\" is missing"},
	    {"\"stage\": {", "\"stages\": {", "\"stage\" is missing"},
	    {"\"t2\"", "\"t2.5\"", "\"t2.5\" in \"classes\" is no stage"},
	    {"\"t2\"", "\"empty\"", "\"classes\" has empty twice"},
	    {"[\"t2\", \"empty\", \"t9+\"]", "[\"t2\"]", "2 to 17"},
	    {"2.0", "-2.0", "output \"stage\": \"temperature\""},
	    {"[50, 400]", "[50]", "2 to 5"},
	    {"[50, 400]", "[50, 1400]", "number 2 of \"bins_permille\""},
	    {"\"uneven\": {", "\"crooked\": {", "no output \"crooked\""},
	    {"\"uneven\": {\"bias\": -1.5}", "\"uneven\": 3", "output \"uneven\": it is not an object"},
	    {"500,1000", "500", "\"cells\" is not a list of 17"},
	    {"500,1000", "500,1001", "number 17 of \"cells\""},
	    {", \"embedding\": {}", "", "needs the output \"embedding\""},
	    {"[3, 4]", "[3]", "\"centroids\" is not a list of 2"},
	    {"[3, 4]", "[3, null]", "number 2 of \"centroids\""},
	    {"[1, 0.5]", "[]", "centroids of 1"},
	    {",40]", "]", "\"steps\" is not a list of 41"},
	    {",40]", ",4]", "\"steps\" fall from 40 to 41"},
	    {"}}", "", "JSON line"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct manifest m;
		must_fail(parse(cases[i].part, cases[i].by, &m), ERR_BAD_INPUT);
		if (!strstr(err.detail, cases[i].sentence))
			fail_msg("no \"%s\" in: %s", cases[i].sentence, err.detail);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_of_it),
	    cmocka_unit_test(what_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
