/* Observations: one an author and kind, outcomes only after a transfer. */
#include "unit/store/fixture.h"

#include "store/decisions.h"
#include "store/observations.h"

static void note(struct fixture *f, int64_t embryo, int64_t user, enum observation_kind kind, const char *value)
{
	struct observation observation = {.kind = kind, .run = -1};
	text_copy(observation.value, sizeof observation.value, value);
	OK(observations_add(f->store, embryo, user, &observation, &f->err));
}

static bool list(const struct observation *observation, void *context)
{
	buf_print(context, "%s %s=%s run %d %s;", observation->author, observation_name(observation->kind),
	    observation->value, observation->run, observation->day);
	return true;
}

/* The current ones, oldest first. */
static void assert_current(struct fixture *f, int64_t embryo, const char *expected)
{
	OWN(buf_done) struct buf text = BUF_INIT(4096);
	OK(observations_each(f->store, embryo, list, &text, &f->err));
	assert_string_equal(buf_text(&text), expected);
}

static void people_stand_side_by_side(void **state)
{
	struct fixture *f = *state;
	int64_t embryo = an_embryo(f, a_dish(f, "S1"), 1), eva = a_user(f, "eva"), max = a_user(f, "max");
	const struct observation seen = {.kind = OBSERVATION_PRONUCLEI, .value = "2.1", .run = 12};
	note(f, embryo, eva, OBSERVATION_PRONUCLEI, "2");
	note(f, embryo, max, OBSERVATION_PRONUCLEI, "3");
	note(f, embryo, eva, OBSERVATION_VACUOLES, "none");
	OK(observations_add(f->store, embryo, eva, &seen, &f->err));
	OK(observations_add(f->store, embryo, eva, &seen, &f->err));
	assert_int_equal(count_of(f, "SELECT count(*) FROM observations"), 4);
	assert_current(f, embryo, "max pronuclei=3 run -1 ;eva vacuoles=none run -1 ;eva pronuclei=2.1 run 12 ;");
	assert_int_equal(count_of(f, "SELECT replaced_by FROM observations WHERE id = 1"), 4);
	assert_int_equal(
	    count_of(f, "SELECT count(*) FROM audit WHERE action = 'observation.add' AND detail = 'pronuclei 2.1'"), 1);
	assert_int_equal(count_of(f, "SELECT count(*) FROM jobs WHERE kind = 'evaluate'"), 1);
	assert_int_equal(problems(f), 0);
}

static void a_word_can_be_taken_back(void **state)
{
	struct fixture *f = *state;
	int64_t embryo = an_embryo(f, a_dish(f, "S1"), 1), eva = a_user(f, "eva"), max = a_user(f, "max");
	note(f, embryo, eva, OBSERVATION_VIABILITY, "viable");
	FAILS(ERR_NOT_FOUND, observations_withdraw(f->store, embryo, max, OBSERVATION_VIABILITY, &f->err));
	FAILS(ERR_BAD_INPUT, observations_withdraw(f->store, embryo, eva, OBSERVATION_COUNT, &f->err));
	OK(observations_withdraw(f->store, embryo, eva, OBSERVATION_VIABILITY, &f->err));
	assert_current(f, embryo, "");
	FAILS(ERR_NOT_FOUND, observations_withdraw(f->store, embryo, eva, OBSERVATION_VIABILITY, &f->err));
	note(f, embryo, eva, OBSERVATION_VIABILITY, "viable");
	assert_int_equal(count_of(f, "SELECT count(*) FROM observations"), 2);
}

static void an_unfit_word_is_refused(void **state)
{
	struct fixture *f = *state;
	int64_t embryo = an_embryo(f, a_dish(f, "S1"), 1), eva = a_user(f, "eva");
	struct observation bad = {.kind = OBSERVATION_PRONUCLEI, .value = "two", .run = -1};
	FAILS(ERR_BAD_INPUT, observations_add(f->store, embryo, eva, &bad, &f->err));
	memcpy(bad.value, "2", 2);
	FAILS(ERR_NOT_FOUND, observations_add(f->store, 99, eva, &bad, &f->err));
	assert_int_equal(count_of(f, "SELECT count(*) FROM observations"), 0);
}

static void an_outcome_needs_a_transfer(void **state)
{
	struct fixture *f = *state;
	int64_t embryo = an_embryo(f, a_dish(f, "S1"), 1), eva = a_user(f, "eva"), transfer, id;
	const struct observation hcg = {.kind = OBSERVATION_HCG, .value = "yes", .run = -1, .day = "2026-12-05"};
	FAILS(ERR_CONFLICT, observations_add(f->store, embryo, eva, &hcg, &f->err));
	OK(decisions_add(f->store, embryo, eva, DECISION_FREEZE, "", &id, &f->err));
	FAILS(ERR_CONFLICT, observations_add(f->store, embryo, eva, &hcg, &f->err));
	OK(decisions_add(f->store, embryo, eva, DECISION_TRANSFER, "", &transfer, &f->err));
	OK(observations_add(f->store, embryo, eva, &hcg, &f->err));
	assert_current(f, embryo, "eva outcome-hcg=yes run -1 2026-12-05;");
	assert_int_equal(count_of(f, "SELECT count(*) FROM jobs"), 0);
	/* The freezing stands again. */
	OK(decisions_withdraw(f->store, embryo, transfer, eva, &f->err));
	FAILS(ERR_CONFLICT, observations_add(f->store, embryo, eva, &hcg, &f->err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(people_stand_side_by_side),
	    TEST(a_word_can_be_taken_back),
	    TEST(an_unfit_word_is_refused),
	    TEST(an_outcome_needs_a_transfer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
