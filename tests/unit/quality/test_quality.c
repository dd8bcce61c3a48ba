#include "unit/store/fixture.h"

#include "unit/quality/year.h"

#include "base/clock.h"
#include "quality/quality.h"
#include "store/second_readings.h"

static void fill(struct fixture *f, int months)
{
	struct year year = {.store = f->store, .anna = a_user(f, "anna"), .ben = a_user(f, "ben"), .months = months};
	assert_true(clock_parse("2026-11-21T06:30:00Z", &year.now_us));
	OK(year_fill(&year, &f->err));
}

static const json_t *row_of(const json_t *list, const char *name, const char *value)
{
	size_t i;
	const json_t *row;
	json_array_foreach(list, i, row)
		if (strcmp(json_text(row, name, ""), value) == 0)
			return row;
	fail_msg("there is no %s %s", name, value);
	return NULL;
}

static void assert_share(const json_t *quality, const char *id, int numerator, int denominator, int left_out)
{
	const json_t *row = row_of(json_object_get(quality, "indicators"), "id", id);
	if (json_int(row, "numerator", -1) != numerator || json_int(row, "denominator", -1) != denominator ||
	    json_int(row, "left_out", -1) != left_out)
		fail_msg("%s: %lld / %lld, %lld left out", id, (long long)json_int(row, "numerator", -1),
		    (long long)json_int(row, "denominator", -1), (long long)json_int(row, "left_out", -1));
}

/* By the list in year.h, for 48 dishes; of the eighth month's 4, wells 1-5 have no eight cells at 68 h. */
static void test_a_year(void **state)
{
	struct fixture *f = *state;
	OWN(json_decref) json_t *quality = NULL;
	struct period period;
	fill(f, YEAR_MONTHS);
	OK(period_parse("2025-12", "2026-11", 0, &period, &f->err));
	OK(quality_json(f->store, &period, 0, TONGUE_EN, &quality, &f->err));
	assert_int_equal(json_int(quality, "embryos", -1), 480);
	assert_share(quality, "icsi-2pn", 36 * 8, 36 * 9, 36);
	assert_share(quality, "icsi-1pn", 36, 36 * 9, 36);
	assert_share(quality, "cleavage", 48 * 8, 48 * 8, 48);
	assert_share(quality, "day-2", 48 * 6, 48 * 7, 2 * 48);
	assert_share(quality, "day-3", 44 * 6 + 4, 48 * 8, 48);
	assert_share(quality, "blastocyst", 48 * 6, 48 * 8, 48);
	assert_share(quality, "good-blastocyst", 48 * 3, 48 * 6, 48 + 2 * 48);
	assert_share(quality, "implantation-blastocyst", 2 * 12, 3 * 12, 12);
	assert_share(quality, "implantation-cleavage", 0, 0, 0);
	assert_share(quality, "ivf-2pn", 0, 0, 0);
	/* Only t2 of well 6 is a person's. */
	assert_int_equal(json_int(quality, "times", -1) - json_int(quality, "times_automatic", -1), 48);

	const json_t *day_3 = row_of(json_object_get(quality, "indicators"), "id", "day-3");
	assert_int_equal(json_int(day_3, "value_permille", -1), 698); /* 268 / 384 */
	const json_t *months = json_object_get(day_3, "months");
	assert_int_equal(json_array_size(months), 12);
	for (size_t i = 0; i < 12; i++) {
		const json_t *month = json_array_get(months, i);
		assert_int_equal(json_int(month, "denominator", -1), 32);
		assert_int_equal(json_int(month, "numerator", -1), i == YEAR_BAD_MONTH ? 4 : 24);
		assert_int_equal(json_int(month, "low_permille", -1), 454); /* 0.6979 - 3 sqrt(0.6979 x 0.3021 / 32) */
		assert_int_equal(json_int(month, "high_permille", -1), 941);
		assert_int_equal(json_bool(month, "out", false), i == YEAR_BAD_MONTH);
		assert_false(json_bool(month, "few", true));
	}
	assert_string_equal(json_text(json_array_get(months, 0), "month", ""), "2025-12");
	const json_t *good = row_of(json_object_get(quality, "indicators"), "id", "good-blastocyst");
	assert_int_equal(json_int(row_of(json_object_get(good, "left_out_why"), "why", "grade"), "embryos", -1), 96);
	assert_int_equal(json_int(row_of(json_object_get(good, "left_out_why"), "why", "pronuclei"), "embryos", -1), 48);
}

struct seen {
	int verdicts[VERDICT_COUNTED + 1], wells_counted;
	int64_t last_dish;
};

static bool see(const struct subject *subject, enum verdict verdict, enum left_out why, void *context)
{
	struct seen *seen = context;
	(void)why;
	seen->verdicts[verdict]++;
	assert_true(subject->dish_id >= seen->last_dish);
	seen->last_dish = subject->dish_id;
	if (verdict == VERDICT_COUNTED)
		seen->wells_counted |= 1 << subject->well;
	return true;
}

static void test_members(void **state)
{
	struct fixture *f = *state;
	struct period period;
	struct seen seen = {0};
	fill(f, 2);
	OK(period_parse("2026-11", "2026-11", 0, &period, &f->err));
	OK(quality_each(f->store, indicators_find("day-3"), &period, 0, see, &seen, &f->err));
	assert_int_equal(seen.verdicts[VERDICT_COUNTED], 4 * 6);
	assert_int_equal(seen.verdicts[VERDICT_NOT_COUNTED], 4 * 2);
	assert_int_equal(seen.verdicts[VERDICT_LEFT_OUT], 4);
	assert_int_equal(seen.verdicts[VERDICT_OUTSIDE], 0); /* the one with one pronucleus is not listed */
	assert_int_equal(seen.wells_counted, 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 8);
}

static void test_agreement(void **state)
{
	struct fixture *f = *state;
	OWN(json_decref) json_t *agreement = NULL;
	struct period period;
	fill(f, 1);
	OK(period_parse("2026-11", "2026-11", 0, &period, &f->err));
	OK(quality_agreement_json(f->store, &period, 0, &agreement, &f->err));
	/* 16 pairs of grades: expansions 4-4, 4-4, 4-5, 3-3 in each dish. */
	const json_t *expansion = row_of(json_object_get(agreement, "scales"), "scale", "expansion");
	assert_string_equal(json_text(expansion, "a", ""), "anna");
	assert_string_equal(json_text(expansion, "b", ""), "ben");
	assert_int_equal(json_int(expansion, "ratings", -1), 16);
	assert_int_equal(json_int(expansion, "same", -1), 12);
	/* Linear weights of six classes: a step is 1/5. Seen 1/4 x 1/5 = 0.05 apart; by chance, anna 4 in 3/4 and 3 in 1/4, ben 4
	 * in 1/2, 5 in 1/4 and 3 in 1/4: (3/16 + 3/16 + 1/8) x 1/5 + 1/16 x 2/5 = 0.125. 1 - 0.05 / 0.125. */
	assert_int_equal(json_int(expansion, "kappa_permille", -1), 600);
	assert_int_equal(json_int(expansion, "published_permille", -1), 660);
	const json_t *event = row_of(json_object_get(agreement, "events"), "event", "t2");
	assert_int_equal(json_int(event, "embryos", -1), 4);
	assert_int_equal(json_int(event, "median_s", -1), 990); /* 900, 960, 1020, 1080 */
	assert_int_equal(json_int(event, "mean_s", -1), 990);
	assert_int_equal(json_int(event, "sd_s", -1), 77);
	assert_int_equal(json_array_size(json_object_get(agreement, "events")), 4);
}

/* Who reads an embryo a second time learns nothing of it here either. */
static void test_while_reading_blind(void **state)
{
	struct fixture *f = *state;
	struct period period;
	int64_t user = a_user(f, "zoe");
	fill(f, 1);
	for (int i = 0; i < YEAR_DISHES; i++) {
		int64_t dish = count_of(f, "SELECT max(id) FROM dishes") - i;
		OK(second_readings_begin(f->store, an_embryo(f, dish, 6), user, &f->err));
	}
	OK(period_parse("2026-11", "2026-11", 0, &period, &f->err));
	for (int blind = 0; blind < 2; blind++) {
		OWN(json_decref) json_t *agreement = NULL, *quality = NULL;
		struct seen seen = {0};
		OK(quality_json(f->store, &period, blind ? user : 0, TONGUE_FR, &quality, &f->err));
		assert_share(quality, "day-3", 4 * 6, 4 * (blind ? 7 : 8), 4);
		OK(quality_each(f->store, indicators_find("day-3"), &period, blind ? user : 0, see, &seen, &f->err));
		assert_int_equal(seen.verdicts[VERDICT_NOT_COUNTED], 4 * (blind ? 1 : 2));
		OK(quality_agreement_json(f->store, &period, blind ? user : 0, &agreement, &f->err));
		assert_int_equal(json_array_size(json_object_get(agreement, "events")), blind ? 0 : 4);
	}
}

static void test_reference(void **state)
{
	struct fixture *f = *state;
	OWN(json_decref) json_t *icsi = NULL, *ivf = NULL;
	fill(f, 3); /* eight blastocysts a dish: 72 of ICSI, 24 of IVF */
	OK(quality_reference_json(f->store, INSEMINATION_ICSI, &icsi, &f->err));
	OK(quality_reference_json(f->store, INSEMINATION_IVF, &ivf, &f->err));
	assert_int_equal(json_int(icsi, "embryos", -1), 72);
	assert_true(json_bool(icsi, "enough", false));
	const json_t *t2 = row_of(json_object_get(icsi, "events"), "event", "t2");
	assert_int_equal(json_int(t2, "n", -1), 72);
	assert_int_equal(json_int(t2, "automatic", -1), 63);
	assert_int_equal(json_int(t2, "p10_s", -1), 26 * 3600);
	assert_int_equal(json_int(t2, "p50_s", -1), 26 * 3600 + 900); /* between +10 and +20 minutes */
	assert_int_equal(json_int(t2, "p90_s", -1), 28 * 3600);
	assert_int_equal(json_int(t2, "istanbul_s", -1), 26 * 3600);
	/* tEB is known of wells 1-5 and 10 only: 54 embryos. */
	assert_int_equal(json_int(row_of(json_object_get(icsi, "events"), "event", "tEB"), "n", -1), 54);
	assert_int_equal(json_int(ivf, "embryos", -1), 24);
	assert_false(json_bool(ivf, "enough", true));
	assert_int_equal(json_array_size(json_object_get(ivf, "events")), 0);
}

/* A mark that says "did not happen" is known, not missing; the inbox counts too, without a method. */
static void test_words(void **state)
{
	struct fixture *f = *state;
	int64_t user = a_user(f, "anna"), dish = a_dish(f, "D1"), embryo = an_embryo(f, dish, 1);
	struct year year = {.store = f->store, .anna = user, .ben = user};
	struct annotation absent = {.event = STAGE_5, .run = -1, .absent = true, .time_s = TIME_UNKNOWN};
	struct period period;
	an_embryo(f, dish, 2); /* an empty well */
	OK(year_note(&year, embryo, user, OBSERVATION_PRONUCLEI, "2", &f->err));
	OK(year_milestones(&year, embryo, YEAR_EVENTS(year_gap), 0, false, &f->err));
	OK(period_parse(NULL, NULL, clock_now_us(), &period, &f->err));
	for (int marked = 0; marked < 2; marked++) {
		OWN(json_decref) json_t *quality = NULL;
		OK(quality_json(f->store, &period, 0, TONGUE_EN, &quality, &f->err));
		assert_int_equal(json_int(quality, "embryos", -1), 1);
		assert_share(quality, "icsi-2pn", 0, 0, 0);
		assert_share(quality, "day-2", marked, marked, !marked);
		OK(annotations_add(f->store, embryo, user, &absent, &f->err));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(test_a_year), TEST(test_members), TEST(test_agreement),
	    TEST(test_while_reading_blind), TEST(test_reference), TEST(test_words)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
