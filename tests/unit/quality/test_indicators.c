#include "unit/unit.h"

#include "quality/indicators.h"

#include <string.h>

static int64_t hours(double value)
{
	return time_from_hours(value);
}

/* Two pronuclei, t2 .. tEB as given (0: no time), the record to 130 h. */
static struct subject zygote(double t2, double t4, double t5, double t8, double t9, double tsb)
{
	struct subject subject = {.embryo_id = 1, .method = INSEMINATION_ICSI, .seen = true, .timed = true, .pronuclei = "2"};
	const struct {
		enum stage stage;
		double time;
	} given[] = {{STAGE_2, t2}, {STAGE_4, t4}, {STAGE_5, t5}, {STAGE_8, t8}, {STAGE_9, t9}, {STAGE_SB, tsb}};
	for (int j = 0; j < STAGE_COUNT; j++)
		subject.events[j].used_s = subject.events[j].automatic_s = TIME_UNKNOWN;
	for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
		if (given[i].time <= 0)
			continue;
		subject.events[given[i].stage].used_s = hours(given[i].time);
		subject.events[given[i].stage].source = MILESTONE_AUTOMATIC;
	}
	subject.last_s = hours(130);
	return subject;
}

static enum verdict judged(const char *id, const struct subject *subject)
{
	enum left_out why;
	return indicator_judge(indicators_find(id), subject, &why);
}

static void assert_left_out(const char *id, const struct subject *subject, enum left_out expected)
{
	enum left_out why = LEFT_OUT_COUNT;
	assert_int_equal(indicator_judge(indicators_find(id), subject, &why), VERDICT_LEFT_OUT);
	assert_string_equal(left_out_name(why), left_out_name(expected));
}

static void test_table(void **state)
{
	(void)state;
	int kpi = 0, pi = 0, ri = 0;
	for (int i = 0; i < INDICATORS_COUNT; i++) {
		const struct indicator *indicator = indicators_at(i);
		kpi += indicator->kind == INDICATOR_KPI;
		pi += indicator->kind == INDICATOR_PI;
		ri += indicator->kind == INDICATOR_RI;
		assert_ptr_equal(indicators_find(indicator->id), indicator);
		for (int tongue = 0; tongue < TONGUE_COUNT; tongue++) {
			assert_int_equal(indicator->judge == NULL, indicator->unavailable[tongue] != NULL);
			assert_true(indicator->name[tongue][0] && indicator->what[tongue][0]);
		}
		if (indicator->benchmark_permille >= 0 && indicator->lower)
			assert_true(indicator->benchmark_permille < indicator->competence_permille);
		if (indicator->benchmark_permille >= 0 && !indicator->lower)
			assert_true(indicator->benchmark_permille > indicator->competence_permille);
	}
	/* As the consensus has them. */
	assert_int_equal(kpi, 12);
	assert_int_equal(pi, 5);
	assert_int_equal(ri, 2);
	assert_null(indicators_find("luck"));
	struct subject subject = zygote(26, 38, 49, 57, 70, 98);
	assert_int_equal(judged("cryosurvival", &subject), VERDICT_OUTSIDE);
}

/* The look is at 44:00:00 and 68:00:00: four cells then, not a second before. */
static void test_the_minute_of_the_check(void **state)
{
	(void)state;
	struct subject subject = zygote(26, 44, 49, 68, 70, 98);
	assert_int_equal(judged("day-2", &subject), VERDICT_COUNTED);
	assert_int_equal(judged("day-3", &subject), VERDICT_COUNTED);
	subject.events[STAGE_3].used_s = hours(36); /* so that nothing can lie between */
	subject.events[STAGE_6].used_s = hours(50);
	subject.events[STAGE_7].used_s = hours(52);
	subject.events[STAGE_4].used_s = hours(44) + 1;
	subject.events[STAGE_8].used_s = hours(68) + 1;
	assert_int_equal(judged("day-2", &subject), VERDICT_NOT_COUNTED);
	assert_int_equal(judged("day-3", &subject), VERDICT_NOT_COUNTED);
	subject = zygote(26, 38, 44, 57, 68, 98); /* five cells and nine are too many */
	assert_int_equal(judged("day-2", &subject), VERDICT_NOT_COUNTED);
	assert_int_equal(judged("day-3", &subject), VERDICT_NOT_COUNTED);
	assert_int_equal(judged("cleavage", &subject), VERDICT_COUNTED);
	subject = zygote(44.1, 0, 0, 0, 0, 0);
	assert_int_equal(judged("cleavage", &subject), VERDICT_NOT_COUNTED);
}

/* An event without a time may have been before the check or after. */
static void test_what_cannot_be_told(void **state)
{
	(void)state;
	struct subject subject = zygote(26, 38, 0, 57, 70, 98);
	assert_left_out("day-2", &subject, LEFT_OUT_EVENT); /* t5 lies somewhere between 38 h and 57 h */
	assert_int_equal(judged("cleavage", &subject), VERDICT_COUNTED);
	assert_int_equal(judged("day-3", &subject), VERDICT_COUNTED);
	for (int j = STAGE_5; j <= STAGE_7; j++)
		subject.events[j].absent = true; /* a person says: from four cells to eight at once */
	assert_int_equal(judged("day-2", &subject), VERDICT_COUNTED);
	subject = zygote(26, 0, 49, 57, 70, 98);
	assert_left_out("day-2", &subject, LEFT_OUT_EVENT);
	subject = zygote(26, 45, 49, 57, 70, 98); /* two cells or three, in no case four */
	assert_int_equal(judged("day-2", &subject), VERDICT_NOT_COUNTED);
	subject = zygote(26, 38, 49, 0, 70, 98);
	assert_left_out("day-3", &subject, LEFT_OUT_EVENT);
}

static void test_ends_of_records(void **state)
{
	(void)state;
	struct subject subject = zygote(26, 38, 0, 0, 0, 0); /* stopped at four cells, in sight to 130 h */
	assert_int_equal(judged("day-2", &subject), VERDICT_COUNTED);
	assert_int_equal(judged("day-3", &subject), VERDICT_NOT_COUNTED);
	assert_int_equal(judged("blastocyst", &subject), VERDICT_NOT_COUNTED);
	subject.last_s = hours(67); /* the window of 68 +- 1 has begun */
	assert_int_equal(judged("day-3", &subject), VERDICT_NOT_COUNTED);
	assert_left_out("blastocyst", &subject, LEFT_OUT_RECORD);
	subject.last_s = hours(67) - 1;
	assert_left_out("day-3", &subject, LEFT_OUT_RECORD);
	subject.fate = FATE_DISCARD; /* it had stopped; it may not flatter the share by being left out */
	assert_int_equal(judged("blastocyst", &subject), VERDICT_NOT_COUNTED);
	assert_int_equal(judged("good-blastocyst", &subject), VERDICT_NOT_COUNTED);
	assert_left_out("day-3", &subject, LEFT_OUT_RECORD);
	subject.timed = false;
	assert_left_out("day-2", &subject, LEFT_OUT_TIMING);
}

static void test_blastocysts(void **state)
{
	(void)state;
	struct subject subject = zygote(26, 38, 49, 57, 70, 116);
	assert_int_equal(judged("blastocyst", &subject), VERDICT_COUNTED);
	assert_left_out("good-blastocyst", &subject, LEFT_OUT_GRADE);
	subject.graded = true;
	subject.grade = (struct gardner){3, 'B', 'B'};
	assert_int_equal(judged("good-blastocyst", &subject), VERDICT_COUNTED);
	subject.grade = (struct gardner){4, 'A', 'C'};
	assert_int_equal(judged("good-blastocyst", &subject), VERDICT_NOT_COUNTED);
	subject.events[STAGE_M].used_s = hours(90);
	subject.events[STAGE_SB].used_s = hours(116.1);
	assert_int_equal(judged("blastocyst", &subject), VERDICT_NOT_COUNTED);
	assert_int_equal(judged("good-blastocyst", &subject), VERDICT_NOT_COUNTED);
}

static void test_pronuclei(void **state)
{
	(void)state;
	struct subject subject = zygote(26, 38, 49, 57, 70, 98);
	assert_int_equal(judged("icsi-2pn", &subject), VERDICT_COUNTED);
	assert_int_equal(judged("icsi-1pn", &subject), VERDICT_NOT_COUNTED);
	memcpy(subject.pronuclei, "2.1", sizeof "2.1");
	assert_int_equal(judged("icsi-2pn", &subject), VERDICT_NOT_COUNTED);
	assert_int_equal(judged("day-2", &subject), VERDICT_OUTSIDE);
	memcpy(subject.pronuclei, "1", sizeof "1");
	assert_int_equal(judged("icsi-1pn", &subject), VERDICT_COUNTED);
	subject.method = INSEMINATION_IVF;
	assert_int_equal(judged("icsi-1pn", &subject), VERDICT_OUTSIDE);
	subject.pronuclei[0] = 0;
	assert_left_out("day-2", &subject, LEFT_OUT_PRONUCLEI);
	subject.seen = false; /* an empty well is nobody */
	assert_int_equal(judged("day-2", &subject), VERDICT_OUTSIDE);
	assert_int_equal(judged("icsi-2pn", &subject), VERDICT_OUTSIDE);
}

static void test_implantation(void **state)
{
	(void)state;
	struct subject subject = zygote(26, 38, 49, 57, 70, 98);
	assert_int_equal(judged("implantation-blastocyst", &subject), VERDICT_OUTSIDE);
	subject.fate = FATE_TRANSFER;
	assert_left_out("implantation-blastocyst", &subject, LEFT_OUT_OUTCOME);
	assert_int_equal(judged("implantation-cleavage", &subject), VERDICT_OUTSIDE);
	subject.sac = KNOWN_YES;
	assert_int_equal(judged("implantation-blastocyst", &subject), VERDICT_COUNTED);
	subject.sac = KNOWN_NO;
	assert_int_equal(judged("implantation-blastocyst", &subject), VERDICT_NOT_COUNTED);
	subject = zygote(26, 38, 49, 57, 0, 0);
	subject.fate = FATE_TRANSFER;
	subject.sac = KNOWN_YES;
	subject.timed = false; /* the stage is known without hours */
	assert_int_equal(judged("implantation-cleavage", &subject), VERDICT_COUNTED);
	subject = zygote(0, 0, 0, 0, 0, 0);
	subject.fate = FATE_TRANSFER;
	assert_left_out("implantation-cleavage", &subject, LEFT_OUT_STAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_table), cmocka_unit_test(test_the_minute_of_the_check),
	    cmocka_unit_test(test_what_cannot_be_told), cmocka_unit_test(test_ends_of_records), cmocka_unit_test(test_blastocysts),
	    cmocka_unit_test(test_pronuclei), cmocka_unit_test(test_implantation)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
