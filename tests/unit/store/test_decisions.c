/* Decisions: the newest stands, with what was seen; its author may take it back until it is signed. */
#include "unit/store/fixture.h"

#include "store/decisions.h"
#include "store/evaluations.h"
#include "store/signatures.h"

static bool check_decision(const struct decision *decision, void *context)
{
	static const enum decision_kind expected[] = {DECISION_TRANSFER, DECISION_FREEZE};
	int *seen = context;
	assert_int_equal(decision->kind, expected[*seen]);
	assert_int_equal(decision->current, *seen == 0);
	assert_string_equal(decision->reason, *seen == 0 ? "the patient's wish, Übel" : "");
	assert_string_equal(decision->author, "eva");
	(*seen)++;
	return true;
}

static void a_decision_keeps_what_was_seen(void **state)
{
	struct fixture *f = *state;
	int64_t embryo = an_embryo(f, a_dish(f, "S1"), 1), eva = a_user(f, "eva"), first, second;
	OWN(buf_done) struct buf seen_then = BUF_INIT(1000);
	OK(decisions_add(f->store, embryo, eva, DECISION_FREEZE, "", &first, &f->err));
	OK(evaluations_put(f->store, embryo, "{\"stage\":\"tB\"}", &f->err));
	OK(decisions_add(f->store, embryo, eva, DECISION_TRANSFER, "the patient's wish, Übel", &second,
	    &f->err));
	OK(evaluations_put(f->store, embryo, "{\"stage\":\"tEB\"}", &f->err));
	int seen = 0;
	OK(decisions_each(f->store, embryo, check_decision, &seen, &f->err));
	assert_int_equal(seen, 2);
	OK(decisions_evaluation(f->store, first, &seen_then, &f->err));
	assert_int_equal(seen_then.size, 0);
	OK(decisions_evaluation(f->store, second, &seen_then, &f->err));
	assert_string_equal(buf_text(&seen_then), "{\"stage\":\"tB\"}");
	FAILS(ERR_NOT_FOUND, decisions_evaluation(f->store, 99, &seen_then, &f->err));
	FAILS(ERR_NOT_FOUND, decisions_add(f->store, 99, eva, DECISION_FREEZE, "", &first, &f->err));
	enum decision_kind kind;
	assert_true(decision_from_name("biopsy", &kind) && kind == DECISION_BIOPSY);
	assert_false(decision_from_name("sell", &kind));
}

static bool count(const struct decision *decision, void *context)
{
	assert_int_equal(decision->withdrawn_us, 0);
	(*(int *)context)++;
	return true;
}

static void its_author_takes_one_back(void **state)
{
	struct fixture *f = *state;
	int64_t dish = a_dish(f, "S1"), embryo = an_embryo(f, dish, 1), other = an_embryo(f, dish, 2);
	int64_t eva = a_user(f, "eva"), max = a_user(f, "max"), first, second;
	struct decision decision;
	enum decision_kind kind;
	bool found;
	int listed = 0;
	OK(decisions_standing(f->store, embryo, &kind, &found, &f->err));
	assert_false(found);
	OK(decisions_add(f->store, embryo, eva, DECISION_FREEZE, "", &first, &f->err));
	OK(decisions_add(f->store, embryo, eva, DECISION_TRANSFER, "now", &second, &f->err));
	OK(decisions_standing(f->store, embryo, &kind, &found, &f->err));
	assert_true(found && kind == DECISION_TRANSFER);
	FAILS(ERR_FORBIDDEN, decisions_withdraw(f->store, embryo, second, max, &f->err));
	FAILS(ERR_NOT_FOUND, decisions_withdraw(f->store, other, second, eva, &f->err));
	FAILS(ERR_NOT_FOUND, decisions_withdraw(f->store, embryo, 99, eva, &f->err));
	OK(decisions_withdraw(f->store, embryo, second, eva, &f->err));
	FAILS(ERR_NOT_FOUND, decisions_withdraw(f->store, embryo, second, eva, &f->err));
	OK(decisions_standing(f->store, embryo, &kind, &found, &f->err));
	assert_true(found && kind == DECISION_FREEZE);
	OK(decisions_each(f->store, embryo, count, &listed, &f->err));
	assert_int_equal(listed, 1);
	OK(decisions_get(f->store, first, &decision, &f->err));
	assert_true(decision.current && decision.embryo_id == embryo && decision.user_id == eva);
	OK(decisions_get(f->store, second, &decision, &f->err));
	assert_true(!decision.current && decision.withdrawn_us > 0);
	assert_string_equal(decision.reason, "now");
	FAILS(ERR_NOT_FOUND, decisions_get(f->store, 99, &decision, &f->err));
}

static void a_signed_one_stays(void **state)
{
	struct fixture *f = *state;
	int64_t embryo = an_embryo(f, a_dish(f, "S1"), 1), eva = a_user(f, "eva"), id;
	OK(decisions_add(f->store, embryo, eva, DECISION_FREEZE, "", &id, &f->err));
	OK(signatures_add(f->store, id, SIGNATURE_AUTHOR, eva, &f->err));
	FAILS(ERR_CONFLICT, decisions_withdraw(f->store, embryo, id, eva, &f->err));
	OK(decisions_add(f->store, embryo, eva, DECISION_TRANSFER, "", &id, &f->err));
	assert_int_equal(problems(f), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_decision_keeps_what_was_seen),
	    TEST(its_author_takes_one_back),
	    TEST(a_signed_one_stays),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
