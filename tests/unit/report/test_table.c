#include "unit/unit.h"

#include "report/table.h"

#include <string.h>

enum { COLUMNS_MAX = 400, CELL_SIZE = 200 };

static const char facts_json[] =
    "{\"cycle\":{\"id\":1,\"label\":\"first\",\"method\":\"ICSI\",\"decision\":null},"
    "\"patient\":{\"name\":\"=Doe, Jane\",\"identifier\":\"P-1\",\"born\":\"\"},\"dishes\":[{\"slide\":\"D1\","
    "\"timing\":\"exact\",\"runs_total\":9,\"runs_read\":9,\"embryos\":[{\"embryo\":5,\"well\":2,\"rank\":1,\"of\":1,"
    "\"shared\":1,\"reasons\":[\"One.\",\"Two.\"],\"evaluation\":{\"engine\":\"e\",\"priors\":\"p\",\"stage\":\"t4\","
    "\"stage_confidence\":900,\"events\":["
    "{\"event\":\"t2\",\"automatic\":{},\"human\":[],\"used\":{\"source\":\"automatic\",\"run\":1,\"time_s\":98640}},"
    "{\"event\":\"t3\",\"human\":[{\"author\":\"eve\",\"made\":\"T1\",\"absent\":true}],\"used\":null},"
    "{\"event\":\"t4\",\"human\":[{\"author\":\"eve\",\"made\":\"T1\",\"absent\":false},"
    "{\"author\":\"bob\",\"made\":\"T2\",\"absent\":false}],\"used\":{\"source\":\"human\",\"time_s\":-60}}],"
    "\"flags\":[{\"flag\":\"reverse-cleavage\",\"state\":\"suspected\"}],"
    "\"profiles\":[{\"id\":\"own\",\"state\":\"value\",\"value\":\"A+\"},"
    "{\"id\":\"other\",\"state\":\"not computable\",\"reason\":\"needs t5\"}]},"
    "\"grades\":[{\"stage\":\"blastocyst\",\"text\":\"4AB\",\"author\":\"eve\",\"made\":\"T1\"}],"
    "\"observations\":[{\"kind\":\"outcome-hcg\",\"value\":\"yes\",\"day\":\"2026-12-01\",\"author\":\"eve\",\"made\":\"T3\"}],"
    "\"comments\":[{\"text\":\"one\",\"author\":\"eve\",\"made\":\"T1\"},{\"text\":\"two\",\"author\":\"bob\",\"made\":\"T2\"}],"
    "\"decisions\":[{\"decision\":\"transfer\",\"reason\":\"best\",\"author\":\"eve\",\"made\":\"T1\",\"signatures\":"
    "[{\"meaning\":\"author\",\"name\":\"eve\",\"made\":\"T2\"}]},{\"decision\":\"culture\",\"author\":\"bob\",\"made\":\"T0\"}],"
    "\"readers\":[{\"version\":\"r\",\"digest\":\"00\"}]},"
    "{\"embryo\":6,\"well\":3,\"rank\":null,\"of\":1,\"shared\":0,\"reasons\":[],\"evaluation\":null,\"decisions\":[]}]}]}";

struct row {
	int count;
	char cells[COLUMNS_MAX][CELL_SIZE];
};

/* As a reader of RFC 4180 takes a line apart; returns what follows it. */
static const char *read_row(const char *text, struct row *row)
{
	memset(row, 0, sizeof *row);
	for (row->count = 1;; text++) {
		char *cell = row->cells[row->count - 1];
		bool quoted = *text == '"';
		for (text += quoted; quoted ? *text != '"' || text[1] == '"' : !strchr(",\r", *text); text++) {
			text += *text == '"';
			cell[strlen(cell)] = *text; /* the rest is zeros */
		}
		text += quoted;
		if (*text == '\r')
			return text + 2;
		assert_int_equal(*text, ',');
		assert_true(++row->count < COLUMNS_MAX);
	}
}

static const char *cell_of(const struct row *heads, const struct row *row, const char *name)
{
	for (int i = 0; i < heads->count; i++)
		if (strcmp(heads->cells[i], name) == 0)
			return row->cells[i];
	fail_msg("there is no column %s", name);
	return NULL;
}

static void each_embryo_has_its_line(void **state)
{
	(void)state;
	static struct row heads, first, second;
	struct err err;
	struct facts facts = {.digest = "abc"};
	OWN(buf_done) struct buf file = BUF_INIT(1 << 20);
	must(json_parse(facts_json, sizeof facts_json - 1, &facts.json, &err));
	table_write(&facts, 1795246200LL * 1000000, &file);
	must(buf_ok(&file, &err));
	const char *rest = read_row(buf_text(&file) + 3, &heads);
	rest = read_row(read_row(rest, &first), &second);
	assert_int_equal(*rest, 0);
	assert_true(heads.count == first.count && heads.count == second.count);
	static const struct {
		const char *column, *first, *second;
	} wanted[] = {{"patient", "'=Doe, Jane", "'=Doe, Jane"}, {"well", "2", "3"}, {"rank", "1", ""},
	    {"rank_reasons", "One. Two.", ""}, {"t2_s", "98640", ""}, {"t2_source", "automatic", ""}, {"t2_author", "", ""},
	    {"t3_source", "absent", ""}, {"t3_author", "eve", ""}, {"t4_s", "-60", ""}, {"t4_author", "bob", ""},
	    {"t4_made", "T2", ""}, {"t5_s", "", ""}, {"reverse-cleavage", "suspected", ""}, {"profile_own", "A+", ""},
	    {"profile_other", "not computable: needs t5", ""}, {"grade_blastocyst", "4AB", ""}, {"grade_morula", "", ""},
	    {"outcome-hcg", "yes", ""}, {"outcome-hcg_day", "2026-12-01", ""}, {"outcome-hcg_author", "eve", ""},
	    {"comments", "one (eve, T1)\ntwo (bob, T2)", ""}, {"decision", "transfer", ""}, {"signed_by", "eve", ""},
	    {"signed", "T2", ""}, {"witnessed_by", "", ""}, {"decisions_before", "culture (bob, T0)", ""},
	    {"report_made", "2026-11-21T07:30:00Z", "2026-11-21T07:30:00Z"}, {"report_digest", "abc", "abc"}};
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
		assert_string_equal(cell_of(&heads, &first, wanted[i].column), wanted[i].first);
		assert_string_equal(cell_of(&heads, &second, wanted[i].column), wanted[i].second);
	}
	json_decref(facts.json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_embryo_has_its_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
