/* The history of an embryo: everything said and done, newest first, with what became of it. */
#include "unit/store/fixture.h"

#include "store/annotations.h"
#include "store/comments.h"
#include "store/decisions.h"
#include "store/grades.h"
#include "store/history.h"
#include "store/observations.h"
#include "store/second_readings.h"
#include "store/signatures.h"

static bool list(const struct history_row *row, void *context)
{
	buf_print(context, "%s %s %s=%s%s%s\n", row->author, history_kind_name(row->what), row->name, row->value,
	    row->replaced_us ? " replaced" : "", row->withdrawn_us ? " withdrawn" : "");
	assert_true(row->made_us > 0 && (!row->replaced_us || row->replaced_us >= row->made_us));
	return true;
}

static void nothing_is_forgotten(void **state)
{
	struct fixture *f = *state;
	int64_t dish = a_dish(f, "S1"), embryo = an_embryo(f, dish, 1), eva = a_user(f, "eva"), max = a_user(f, "max"), id;
	OWN(buf_done) struct buf text = BUF_INIT(65536);
	struct annotation t2 = {.event = STAGE_2, .run = 3, .time_s = TIME_UNKNOWN};
	struct observation two = {.kind = OBSERVATION_PRONUCLEI, .value = "2", .run = -1};
	OK(second_readings_begin(f->store, embryo, max, &f->err));
	OK(annotations_add(f->store, embryo, max, &t2, &f->err));
	t2.run = 4;
	OK(annotations_add(f->store, embryo, max, &t2, &f->err));
	OK(second_readings_end(f->store, embryo, max, &f->err));
	OK(grades_add(f->store, embryo, eva, &(struct grade){.stage = GRADE_BLASTOCYST, .gardner = {4, 'A', 'B'}}, &f->err));
	OK(observations_add(f->store, embryo, eva, &two, &f->err));
	OK(observations_withdraw(f->store, embryo, eva, OBSERVATION_PRONUCLEI, &f->err));
	OK(comments_add(f->store, embryo, eva, "hm", 4, &id, &f->err));
	OK(decisions_add(f->store, embryo, eva, DECISION_CULTURE, "wait", &id, &f->err));
	OK(decisions_add(f->store, embryo, eva, DECISION_DISCARD, "slip", &id, &f->err));
	OK(decisions_withdraw(f->store, embryo, id, eva, &f->err));
	OK(decisions_add(f->store, embryo, eva, DECISION_FREEZE, "", &id, &f->err));
	OK(signatures_add(f->store, id, SIGNATURE_AUTHOR, eva, &f->err));
	OK(history_each(f->store, embryo, list, &text, &f->err));
	assert_string_equal(buf_text(&text),
	    "eva signature author=freeze\n"
	    "eva decision freeze=\n"
	    "eva decision discard=slip withdrawn\n"
	    "eva decision culture=wait replaced\n"
	    "eva comment comment=hm\n"
	    "eva observation pronuclei=2 withdrawn\n"
	    "eva grade blastocyst=4AB\n"
	    "max second-reading end=\n"
	    "max event t2=\n"
	    "max event t2= replaced\n"
	    "max second-reading begin=\n");
}

static bool keep(const struct history_row *row, void *context)
{
	*(struct history_row *)context = *row;
	return false;
}

static void an_event_has_its_time(void **state)
{
	struct fixture *f = *state;
	int64_t dish = a_dish(f, "S1"), embryo = an_embryo(f, dish, 1);
	struct annotation t2 = {.event = STAGE_2, .run = 3, .time_s = TIME_UNKNOWN, .author = "the export", .made_us = 77};
	struct history_row row;
	add_plane(f, dish, embryo, 3, 0);
	OK(annotations_add(f->store, embryo, 0, &t2, &f->err));
	OK(history_each(f->store, embryo, keep, &row, &f->err));
	assert_true(row.run == 3 && row.time_s == 1800 && row.user_id == 0 && row.made_us == 77);
	assert_string_equal(row.author, "the export");
	t2 = (struct annotation){.event = STAGE_3, .absent = true, .run = -1, .time_s = TIME_UNKNOWN};
	OK(annotations_add(f->store, embryo, a_user(f, "eva"), &t2, &f->err));
	OK(history_each(f->store, embryo, keep, &row, &f->err));
	assert_string_equal(row.value, "absent");
	assert_true(row.run == -1 && row.time_s == TIME_UNKNOWN);
	FAILS(ERR_NOT_FOUND, history_each(f->store, 99, keep, &row, &f->err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(nothing_is_forgotten),
	    TEST(an_event_has_its_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
