#include "unit/unit.h"

#include "base/file.h"
#include "base/text.h"
#include "intake/timelines.h"

#include <string.h>

static struct err err;
static struct timelines timelines;

static void write_and_read(const char *text, const char *without)
{
	char path[] = "/tmp/timelines-XXXXXX";
	OWN(fd_close) int fd = mkstemp(path);
	timelines_done(&timelines);
	must(fd_write(fd, text, strlen(text)));
	bool read = timelines_read(path, without, &timelines, &err);
	unlink(path);
	if (!read)
		timelines_done(&timelines);
}

static void event_times(void **state)
{
	(void)state;
	write_and_read("video,fold,tPNf_h,t2_h,t3_h,t4_h,t9+_h\nA,0,23.5,26.0,,38.0,\nB,1,,,,,80.5\n", NULL);
	assert_int_equal(timelines.count, 2);
	const struct timeline *a = &timelines.of[0];
	assert_string_equal(a->embryo, "A");
	assert_int_equal(a->begins_min[STAGE_2], 26 * 60);
	assert_int_equal(a->lasts_min[STAGE_PNF], 150);
	assert_int_equal(a->lasts_min[STAGE_2], 12 * 60);
	assert_true(a->skipped[STAGE_3] && !a->skipped[STAGE_2] && !a->skipped[STAGE_5]);
	assert_int_equal(a->lasts_min[STAGE_4], MINUTES_UNKNOWN);
	assert_int_equal(timelines.of[1].begins_min[STAGE_9], 4830);
}

#define HEADER "machine,slide,well,labeler,class,first_min,last_min,n_images\n"

static void run_lengths(void **state)
{
	(void)state;
	write_and_read(HEADER "7,8,1,Ann,2pn,600,1400,40\n7,8,1,Ann,Syngamy,1420,1560,8\n7,8,1,Ann,2 Cell,1580,2200,30\n"
		       "7,8,1,Ann,4 Cell,2220,2300,4\n7,8,1,Ann,3 Cell,2320,2340,2\n7,8,1,Ann,4 Cell,2360,2900,26\n"
		       "7,8,1,Ann,6-7 Cell,2920,3000,5\n7,8,1,Ann,8 Cell,3020,3600,28\n7,8,1,Ann,Compacting,3620,5000,60\n"
		       "7,8,1,Ann,Blast-1,5020,5600,30\n7,8,1,Bob,2 Cell,1500,2200,3\n",
	    NULL);
	assert_int_equal(timelines.count, 1);
	const struct timeline *well = &timelines.of[0];
	assert_int_equal(well->begins_min[STAGE_PNA], MINUTES_UNKNOWN); /* begun before the record */
	assert_int_equal(well->begins_min[STAGE_PNF], 1420);
	assert_int_equal(well->begins_min[STAGE_2], 1580);
	assert_int_equal(well->lasts_min[STAGE_PNF], 160);
	assert_int_equal(well->lasts_min[STAGE_2], 640);
	assert_true(well->skipped[STAGE_3] && well->skipped[STAGE_5]);
	assert_int_equal(well->lasts_min[STAGE_4], 700); /* fusing back does not end it */
	assert_int_equal(well->begins_min[STAGE_6], MINUTES_UNKNOWN);
	assert_int_equal(well->begins_min[STAGE_8], 3020);
	assert_int_equal(well->lasts_min[STAGE_8], MINUTES_UNKNOWN); /* compacting cells may still divide */
	assert_int_equal(well->begins_min[STAGE_M], MINUTES_UNKNOWN);
	assert_int_equal(well->begins_min[STAGE_SB], 5020);
}

static void what_nobody_named_says_nothing(void **state)
{
	(void)state;
	write_and_read(HEADER "7,8,1,Ann,2 Cell,1580,2200,30\n7,8,1,Ann,unclear,2220,2600,4\n7,8,1,Ann,4 Cell,2620,2900,4\n"
		       "7,8,1,Ann,5 Cell,4000,4100,4\n7,8,2,Ann,Syngamy,10,200,4\n7,8,2,Ann,2pn,220,400,4\nx,8,2,Ann,2pn,1,2,3\n",
	    NULL);
	const struct timeline *one = &timelines.of[0], *two = &timelines.of[1];
	assert_int_equal(one->begins_min[STAGE_4], MINUTES_UNKNOWN);
	assert_int_equal(one->lasts_min[STAGE_2], MINUTES_UNKNOWN);
	assert_false(one->skipped[STAGE_3]);
	assert_int_equal(one->begins_min[STAGE_5], MINUTES_UNKNOWN); /* after a gap of many hours */
	assert_int_equal(two->begins_min[STAGE_PNA], 220);
	assert_int_equal(two->begins_min[STAGE_PNF], MINUTES_UNKNOWN);
}

static void wells_are_left_out(void **state)
{
	(void)state;
	const char *text = HEADER "7,8,1,Ann,2pn,600,1400,40\n7,8,11,Ann,2pn,600,1400,40\n";
	write_and_read(text, "a/M0007_S00008_W1_F0_925.jpg,2pn,2pn,0.9\n");
	assert_int_equal(timelines.count, 1);
	assert_string_equal(timelines.of[0].embryo, "M7_S8_W11");
	write_and_read(text, "M7_S008_W11_F0_1.jpg, M7_S8_W1_");
	assert_int_equal(timelines.count, 0);
}

static void unknown_files(void **state)
{
	(void)state;
	must_fail(timelines_read("/nowhere/at/all.csv", NULL, &timelines, &err), ERR_IO);
	write_and_read("a,b,c\n1,2,3\n", NULL);
	assert_int_equal(err.code, ERR_UNSUPPORTED);
	write_and_read("", NULL);
	assert_int_equal(err.code, ERR_UNSUPPORTED);
}

static int forget(void **state)
{
	(void)state;
	timelines_done(&timelines);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_teardown(event_times, forget),
	    cmocka_unit_test_teardown(run_lengths, forget),
	    cmocka_unit_test_teardown(what_nobody_named_says_nothing, forget),
	    cmocka_unit_test_teardown(wells_are_left_out, forget),
	    cmocka_unit_test_teardown(unknown_files, forget),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
