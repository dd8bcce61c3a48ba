#include "unit/store/fixture.h"

#include "report/said.h"
#include "store/comments.h"
#include "store/decisions.h"
#include "store/grades.h"
#include "store/observations.h"
#include "store/signatures.h"

/* Two people speak of one embryo; the newest word of anybody is the one that is used, and all are there. */
static void everybodys_words_are_there(void **state)
{
	struct fixture *f = *state;
	OWN(json_decref) json_t *said = json_object();
	int64_t embryo = an_embryo(f, a_dish(f, "D1"), 1), eve = a_user(f, "eve"), bob = a_user(f, "bob"), id;
	struct observation observation = {.kind = OBSERVATION_PRONUCLEI, .value = "2", .run = -1};
	struct grade grade = {.stage = GRADE_MORULA, .quality = GRADE_TOP};
	OK(observations_add(f->store, embryo, eve, &observation, &f->err));
	text_copy(observation.value, sizeof observation.value, "3");
	OK(observations_add(f->store, embryo, bob, &observation, &f->err));
	OK(grades_add(f->store, embryo, eve, &grade, &f->err));
	OK(comments_add(f->store, embryo, bob, "look again", 4, &id, &f->err));
	OK(decisions_add(f->store, embryo, eve, DECISION_CULTURE, "", &id, &f->err));
	OK(decisions_add(f->store, embryo, eve, DECISION_TRANSFER, "best", &id, &f->err));
	OK(signatures_add(f->store, id, SIGNATURE_AUTHOR, eve, &f->err));
	OK(signatures_add(f->store, id, SIGNATURE_WITNESS, bob, &f->err));
	OK(said_collect(f->store, embryo, said, &f->err));
	assert_true(said_anything(said));
	assert_int_equal(json_array_size(json_object_get(said, "observations")), 2);
	assert_string_equal(json_text(said_observation(said, OBSERVATION_PRONUCLEI), "value", ""), "3");
	assert_null(said_observation(said, OBSERVATION_HCG));
	assert_string_equal(json_text(said_grade(said, GRADE_MORULA), "text", ""), "top");
	assert_null(said_grade(said, GRADE_BLASTOCYST));
	assert_string_equal(json_text(said_decision(said), "decision", ""), "transfer");
	assert_string_equal(json_text(said_signature(said_decision(said), "witness"), "name", ""), "bob");
	assert_null(said_signature(json_array_get(json_object_get(said, "decisions"), 1), "author"));
	assert_true(said_time_us(said_signature(said_decision(said), "author"), "made") > 0);
	assert_int_equal(said_time_us(NULL, "made"), 0);
}

static void nobody_said_anything(void **state)
{
	struct fixture *f = *state;
	OWN(json_decref) json_t *said = json_object();
	OK(said_collect(f->store, an_embryo(f, a_dish(f, "D1"), 1), said, &f->err));
	assert_false(said_anything(said));
	assert_null(said_decision(said));
	assert_null(said_signature(NULL, "author"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(everybodys_words_are_there),
	    TEST(nobody_said_anything),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
