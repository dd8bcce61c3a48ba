#include "unit/store/fixture.h"

#include "report/facts.h"
#include "report/report.h"
#include "report/said.h"
#include "store/audit.h"
#include "store/cuts.h"
#include "store/cycles.h"
#include "store/decisions.h"
#include "store/evaluations.h"
#include "store/grades.h"
#include "store/rankings.h"
#include "store/readings.h"

static const char evaluation[] =
    "{\"engine\":\"engine 1\",\"priors\":\"p\",\"stage\":\"t4\",\"stage_group\":\"cleavage\","
    "\"stage_confidence\":900,\"group_confidence\":950,\"last_time_s\":180000,\"last_run\":3,"
    "\"events\":["
    "{\"event\":\"t2\",\"automatic\":{\"run\":1,\"time_s\":98640,\"earliest_s\":97000,\"latest_s\":"
    "99000,\"confidence\":930},"
    "\"human\":[],\"used\":{\"source\":\"automatic\",\"run\":1,\"time_s\":98640},\"plausibility\":"
    "\"soft\",\"missing\":null},"
    "{\"event\":\"t4\",\"automatic\":null,\"human\":[{\"author\":\"eve\",\"made\":\"x\",\"run\":3,"
    "\"time_s\":180000,\"absent\":false}],"
    "\"used\":{\"source\":\"human\",\"run\":3,\"time_s\":180000},\"plausibility\":\"hard\","
    "\"missing\":null}],"
    "\"flags\":[],\"profiles\":[],\"anomalies\":[]}";

static void add_cut(struct fixture *f, int64_t dish, int64_t embryo, int run, uint8_t grey)
{
	struct cut cut = {.planes = 1, .radius_permille = 300};
	memset(cut.pixels[0], grey, sizeof cut.pixels[0]);
	struct reading_new reading = {.row = {.run = run,
	                                  .planes = 1,
	                                  .made = true,
	                                  .width = 500,
	                                  .height = 500,
	                                  .radius_permille = 300,
	                                  .location = {.occupied = true, .x = 250, .y = 250, .radius = 100}},
	    .cut = &cut};
	add_plane(f, dish, embryo, run, 0);
	OK(readings_store(f->store, embryo, "reader-1", "00ff", &reading, 1, &f->err));
}

/* A cycle with one dish of two wells: one ranked and decided, one that nobody has read. */
static int64_t a_cycle(struct fixture *f, int64_t *ret_embryo)
{
	char ranking[200];
	struct cycle cycle = {.patient_id = a_patient(f, "P-1"), .label = "first", .method = INSEMINATION_ICSI};
	int64_t dish = a_dish(f, "D1"), embryo = an_embryo(f, dish, 2), user = a_user(f, "eve"), id;
	an_embryo(f, dish, 1);
	OK(cycles_add(f->store, 0, &cycle, &cycle.id, &f->err));
	OK(dishes_assign(f->store, dish, cycle.id, 0, &f->err));
	add_cut(f, dish, embryo, 1, 50);
	add_cut(f, dish, embryo, 3, 150);
	OK(evaluations_put(f->store, embryo, evaluation, &f->err));
	snprintf(ranking, sizeof ranking,
	    "[{\"embryo\":%lld,\"well\":2,\"rank\":1,\"class\":\"A\",\"reasons\":[\"one\"]}]", (long long)embryo);
	OK(rankings_put(f->store, dish, ranking, &f->err));
	OK(grades_add(f->store, embryo, user, &(struct grade){.stage = GRADE_BLASTOCYST, .gardner = {4, 'A', 'B'}}, &f->err));
	OK(decisions_add(f->store, embryo, user, DECISION_CULTURE, "wait", &id, &f->err));
	OK(decisions_add(f->store, embryo, user, DECISION_FREEZE, "day 5", &id, &f->err));
	*ret_embryo = embryo;
	return cycle.id;
}

static void facts_are_all_there(void **state)
{
	struct fixture *f = *state;
	OWN(facts_done) struct facts facts = {0};
	OWN(facts_done) struct facts again = {0};
	int64_t id, cycle = a_cycle(f, &id);
	OK(facts_collect(f->store, cycle, &facts, &f->err));
	OK(facts_collect(f->store, cycle, &again, &f->err));
	assert_string_equal(facts.digest, again.digest);
	const json_t *embryos =
	    json_object_get(json_array_get(json_object_get(facts.json, "dishes"), 0), "embryos");
	assert_int_equal(json_array_size(embryos), 2);
	const json_t *first = json_array_get(embryos, 0), *second = json_array_get(embryos, 1);
	assert_int_equal(json_int(first, "embryo", 0), id);
	assert_int_equal(json_int(first, "rank", 0), 1);
	assert_string_equal(json_text(said_grade(first, GRADE_BLASTOCYST), "text", ""), "4AB");
	assert_string_equal(json_text(said_decision(first), "reason", ""), "day 5");
	assert_true(
	    json_is_null(json_object_get(second, "rank")) && json_is_null(json_object_get(second, "evaluation")));
	assert_int_equal(facts_picture(&facts, first, "t2", NULL)[0], 50);
	assert_int_equal(facts_picture(&facts, first, "now", NULL)[0], 150);
	assert_null(facts_picture(&facts, first, "t8", NULL));
	assert_null(facts_picture(&facts, second, "now", NULL));
	/* Another picture is another report. */
	add_cut(f, 1, id, 4, 99);
	facts_done(&again);
	again = (struct facts){0};
	OK(facts_collect(f->store, cycle, &again, &f->err));
	assert_string_not_equal(facts.digest, again.digest);
}

static bool last_row(const struct audit_row *row, void *context)
{
	*(struct audit_row *)context = *row;
	return true;
}

static void the_same_facts_and_time_give_the_same_file(void **state)
{
	struct fixture *f = *state;
	int64_t embryo, cycle = a_cycle(f, &embryo);
	struct audit_row row = {0};
	for (int variant = VARIANT_LAB; variant <= VARIANT_PATIENT; variant++) {
		OWN(buf_done) struct buf one = BUF_INIT(REPORT_MAX);
		OWN(buf_done) struct buf two = BUF_INIT(REPORT_MAX);
		struct report_request request = {.cycle_id = cycle,
		    .variant = (enum variant)variant,
		    .language = LANGUAGE_FR,
		    .made_us = 1795246200LL * 1000000,
		    .user_id = 7};
		OK(report_make(f->store, &request, &one, &f->err));
		OK(report_make(f->store, &request, &two, &f->err));
		assert_int_equal(one.size, two.size);
		assert_memory_equal(one.data, two.data, one.size);
		OK(audit_each(f->store, 0, last_row, &row, &f->err));
		assert_string_equal(row.action, "report.make");
		assert_int_equal(row.user_id, 7);
		assert_int_equal(row.subject, cycle);
		assert_true(strncmp(row.detail, variant ? "patient fr " : "lab fr ", variant ? 11 : 7) == 0);
	}
	assert_int_equal(problems(f), 0);
}

static void programs_get_json_and_csv(void **state)
{
	struct fixture *f = *state;
	OWN(buf_done) struct buf json = BUF_INIT(REPORT_MAX);
	OWN(buf_done) struct buf csv = BUF_INIT(REPORT_MAX);
	OWN(json_decref) json_t *parsed = NULL;
	int64_t embryo;
	struct audit_row row = {0};
	struct report_request request = {
	    .cycle_id = a_cycle(f, &embryo), .format = REPORT_JSON, .made_us = 1795246200LL * 1000000};
	OK(report_make(f->store, &request, &json, &f->err));
	OK(json_parse((const char *)json.data, json.size, &parsed, &f->err));
	assert_string_equal(json_text(parsed, "made", ""), "2026-11-21T07:30:00Z");
	assert_string_equal(json_text(json_object_get(parsed, "patient"), "identifier", ""), "P-1");
	OK(audit_each(f->store, 0, last_row, &row, &f->err));
	assert_true(strncmp(row.detail, "json ", 5) == 0);
	request.format = REPORT_CSV;
	OK(report_make(f->store, &request, &csv, &f->err));
	assert_non_null(strstr(buf_text(&csv), ",freeze,day 5,eve,"));
	/* What patients get is the PDF. */
	request.variant = VARIANT_PATIENT;
	FAILS(ERR_BAD_INPUT, report_make(f->store, &request, &csv, &f->err));
}

static void a_report_needs_a_cycle(void **state)
{
	struct fixture *f = *state;
	OWN(buf_done) struct buf pdf = BUF_INIT(REPORT_MAX);
	struct report_request request = {.cycle_id = 9};
	FAILS(ERR_NOT_FOUND, report_make(f->store, &request, &pdf, &f->err));
	assert_int_equal(pdf.size, 0);
	struct cycle cycle = {.patient_id = a_patient(f, "P-1"), .label = "no dish yet"};
	OK(cycles_add(f->store, 0, &cycle, &request.cycle_id, &f->err));
	OK(report_make(f->store, &request, &pdf, &f->err));
	assert_true(pdf.size > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(facts_are_all_there),
	    TEST(the_same_facts_and_time_give_the_same_file),
	    TEST(programs_get_json_and_csv),
	    TEST(a_report_needs_a_cycle),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
