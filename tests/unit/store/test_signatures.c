/* Signatures: who may sign what, and that nothing signed can be changed without notice. */
#include "unit/store/fixture.h"

#include "store/decisions.h"
#include "store/evaluations.h"
#include "store/signatures.h"

struct scene {
	int64_t embryo, eva, max, vera, decision;
};

static struct scene a_scene(struct fixture *f)
{
	struct scene scene = {.embryo = an_embryo(f, a_dish(f, "S1"), 1), .eva = a_user(f, "eva"), .max = a_user(f, "max")};
	scene.vera = a_person(f, "vera", ROLE_VIEWER);
	OK(evaluations_put(f->store, scene.embryo, "{\"stage\":\"tB\"}", &f->err));
	OK(decisions_add(f->store, scene.embryo, scene.eva, DECISION_TRANSFER, "best", &scene.decision, &f->err));
	return scene;
}

static bool list(const struct signature *signature, void *context)
{
	assert_true(signature->made_us > 0 && signature->user_id > 0);
	buf_print(context, "%s %s;", signature_meaning_name(signature->meaning), signature->name);
	return true;
}

static void author_and_witness_sign(void **state)
{
	struct fixture *f = *state;
	struct scene s = a_scene(f);
	OWN(buf_done) struct buf text = BUF_INIT(1024);
	FAILS(ERR_FORBIDDEN, signatures_add(f->store, s.decision, SIGNATURE_AUTHOR, s.max, &f->err));
	FAILS(ERR_FORBIDDEN, signatures_add(f->store, s.decision, SIGNATURE_WITNESS, s.eva, &f->err));
	FAILS(ERR_FORBIDDEN, signatures_add(f->store, s.decision, SIGNATURE_WITNESS, s.vera, &f->err));
	FAILS(ERR_NOT_FOUND, signatures_add(f->store, 99, SIGNATURE_AUTHOR, s.eva, &f->err));
	FAILS(ERR_BAD_INPUT, signatures_add(f->store, s.decision, SIGNATURE_MEANING_COUNT, s.eva, &f->err));
	OK(signatures_add(f->store, s.decision, SIGNATURE_AUTHOR, s.eva, &f->err));
	FAILS(ERR_CONFLICT, signatures_add(f->store, s.decision, SIGNATURE_AUTHOR, s.eva, &f->err));
	OK(signatures_add(f->store, s.decision, SIGNATURE_WITNESS, s.max, &f->err));
	OK(signatures_each(f->store, s.decision, list, &text, &f->err));
	assert_string_equal(buf_text(&text), "author eva;witness max;");
	assert_int_equal(count_of(f, "SELECT count(*) FROM audit WHERE action = 'signature.add'"), 2);
	assert_int_equal(problems(f), 0);
	/* The evaluation that is made later is none of what was signed. */
	OK(evaluations_put(f->store, s.embryo, "{\"stage\":\"tEB\"}", &f->err));
	assert_int_equal(problems(f), 0);
	reopen(f);
	assert_int_equal(problems(f), 0);
}

static void only_what_stands_is_signed(void **state)
{
	struct fixture *f = *state;
	struct scene s = a_scene(f);
	int64_t second;
	OK(decisions_add(f->store, s.embryo, s.max, DECISION_FREEZE, "", &second, &f->err));
	FAILS(ERR_CONFLICT, signatures_add(f->store, s.decision, SIGNATURE_AUTHOR, s.eva, &f->err));
	OK(decisions_withdraw(f->store, s.embryo, second, s.max, &f->err));
	FAILS(ERR_CONFLICT, signatures_add(f->store, second, SIGNATURE_AUTHOR, s.max, &f->err));
	OK(signatures_add(f->store, s.decision, SIGNATURE_AUTHOR, s.eva, &f->err));
}

static void all_of_a_cycle_or_none(void **state)
{
	struct fixture *f = *state;
	struct scene s = a_scene(f);
	OK(store_begin(f->store, &f->err));
	OK(signatures_add(f->store, s.decision, SIGNATURE_AUTHOR, s.eva, &f->err));
	FAILS(ERR_NOT_FOUND, signatures_add(f->store, 99, SIGNATURE_AUTHOR, s.eva, &f->err));
	store_rollback(f->store);
	assert_int_equal(count_of(f, "SELECT count(*) FROM signatures"), 0);
}

static void each_forgery_is_told(void **state)
{
	static const char *const forgeries[] = {
	    "UPDATE decisions SET decision = 'discard'",
	    "UPDATE decisions SET made_us = made_us + 1",
	    "UPDATE decisions SET user_id = 2",
	    "UPDATE decisions SET embryo_id = 2",
	    "UPDATE decisions SET evaluation = '{}'",
	    "UPDATE decisions SET evaluation = NULL",
	    "UPDATE decisions SET withdrawn_us = 1",
	    "UPDATE signatures SET user_id = 3",
	    "UPDATE signatures SET name = 'somebody'",
	    "UPDATE signatures SET made_us = made_us - 1",
	    "UPDATE signatures SET meaning = 'witness'",
	    "UPDATE signatures SET seal = zeroblob(32)",
	    "UPDATE decisions SET reason = (SELECT sealed FROM keys LIMIT 1)",
	};
	struct fixture *f = *state;
	struct scene s = a_scene(f);
	an_embryo(f, 1, 2);
	OK(signatures_add(f->store, s.decision, SIGNATURE_AUTHOR, s.eva, &f->err));
	OK(db_exec(f->store->db, "CREATE TEMP TABLE was_decisions AS SELECT * FROM decisions;"
				 "CREATE TEMP TABLE was_signatures AS SELECT * FROM signatures", &f->err));
	for (size_t i = 0; i < sizeof forgeries / sizeof *forgeries; i++) {
		struct store_report report;
		OK(db_exec(f->store->db, forgeries[i], &f->err));
		OK(store_verify(f->store, false, NULL, NULL, &report, &f->err));
		if (report.problems == 0)
			fail_msg("not noticed: %s", forgeries[i]);
		OK(db_exec(f->store->db, "DELETE FROM decisions; INSERT INTO decisions SELECT * FROM was_decisions;"
					 "INSERT INTO signatures SELECT * FROM was_signatures", &f->err));
		assert_int_equal(problems(f), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(author_and_witness_sign),
	    TEST(only_what_stands_is_signed),
	    TEST(all_of_a_cycle_or_none),
	    TEST(each_forgery_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
