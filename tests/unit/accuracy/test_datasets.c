/* Tables of predictions as data sets; what is refused. Layouts with pictures need a reader:
 * tests/system/test_evaluate.py. */
#include "unit/unit.h"

#include "accuracy/datasets.h"

#include <string.h>

static struct err err;
static const struct datasets_options no_options;

static const char *put(void **state, const char *name, const char *text)
{
	static char path[LIMIT_PATH];
	assert_true(path_join(path, sizeof path, *state, name));
	must(file_write(path, text, strlen(text), 0600, &err));
	return path;
}

#define HEAD "file,embryo,hours,truth,empty,tPB2,tPNa,tPNf,t2,t3,t4,t5,t6,t7,t8,t9+,tM,tSB,tB,tEB,tHB\n"

static void takes_our_own_table(void **state)
{
	OWN(dataset_done) struct dataset dataset = {0};
	const char *path = put(state, "folds.csv",
	    HEAD "b.jpg,e1,30.5,t2,0,0,0,0,0.75,0.25,0,0,0,0,0,0,0,0,0,0,0\n"
	         "a.jpg,e1,20,tPNa|tPNf,0,0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0\n"
	         "c.jpg,e2,,,0,0,0,0,0,0,0,0,0,0,0,0,1,0,0,0,0\n"
	         "d.jpg,e2,,t2,0,0,0,0,0,0,0,0,0,0,0,0,nan,0,0,0,0\n"
	         "e.jpg,e2,,t77,0,0,0,0,0,0,0,0,0,0,0,0,1,0,0,0,0\n");
	assert_false(datasets_need_reader(path));
	must(datasets_open(path, &no_options, NULL, &dataset, &err));
	assert_string_equal(dataset.name, "folds");
	assert_false(dataset.rendered);
	assert_int_equal(dataset.count, 2);
	const struct sample *first = &dataset.samples[0];
	/* In order of time. */
	assert_int_equal(first->track.count, 2);
	assert_int_equal(first->track.points[0].time_s, 20 * 3600);
	assert_int_equal(first->truth[0], 1u << STAGE_PNA | 1u << STAGE_PNF);
	assert_int_equal(first->track.points[1].time_s, 109800);
	const struct reading *reading = &first->track.points[1].reading;
	assert_int_equal(reading->stage[STAGE_2] + reading->stage[STAGE_3], PROBABILITY_ONE);
	assert_in_range(reading->stage[STAGE_2], 49151, 49152);
	assert_int_equal(reading->confidence, 750);
	assert_int_equal(reading->occupied, PROBABILITY_ONE);
	assert_false(first->film);
	/* No time, no label: kept; no number, no such stage: left out and said. */
	assert_int_equal(dataset.samples[1].track.count, 1);
	assert_int_equal(dataset.samples[1].track.points[0].time_s, TIME_UNKNOWN);
	assert_int_equal(dataset.samples[1].truth[0], 0);
	assert_non_null(strstr(json_string_value(json_array_get(dataset.notes, 1)), ": 2"));
}

static void takes_another_classifiers_table(void **state)
{
	OWN(dataset_done) struct dataset dataset = {0};
	const char *path = put(state, "theirs.csv",
	    "filename,class,predicted_class,confidence\n"
	    "/x/2 Cell/M0831_S00470_W5_F0_1925.jpg,2 Cell,3 Cell,0.9\n"
	    "/x/Empty/M0831_S00470_W5_F0_7913.jpg,Empty,Empty,\n"
	    "/x/6-7 Cell/M0831_S00470_W5_F0_4000.jpg,6-7Cell,6-7 Cell,0.8\n"
	    "/x/bad/M0831_S00470_W6_F0_10.jpg,bad,Blast,0.5\n"
	    "/x/what/M0831_S00470_W6_F0_11.jpg,Blast,what,0.5\n"
	    "/x/what/nothing.jpg,Blast,Blast,0.5\n");
	must(datasets_open(path, &no_options, NULL, &dataset, &err));
	assert_int_equal(dataset.count, 2);
	const struct sample *sample = &dataset.samples[0];
	assert_string_equal(sample->name, "M0831_S00470_W5");
	assert_int_equal(sample->track.count, 3);
	assert_int_equal(sample->track.points[0].time_s, 1925 * 60);
	assert_int_equal(sample->truth[0], 1u << STAGE_2);
	assert_int_equal(reading_top_stage(&sample->track.points[0].reading), STAGE_3);
	assert_int_equal(sample->track.points[0].reading.confidence, 900);
	assert_in_range(sample->track.points[0].reading.stage[STAGE_3], 58981, 59000);
	assert_int_equal(sample->truth[1], 1u << STAGE_6 | 1u << STAGE_7);
	/* Half of 0.8 each. */
	assert_in_range(sample->track.points[1].reading.stage[STAGE_6], 26213, 26230);
	assert_in_range(sample->track.points[1].reading.stage[STAGE_7], 26213, 26230);
	assert_int_equal(sample->track.points[2].reading.confidence, READING_UNKNOWN);
	/* "bad" is no stage: no truth. */
	assert_int_equal(dataset.samples[1].track.count, 1);
	assert_int_equal(dataset.samples[1].truth[0], 0);
}

static void a_dense_table_is_a_film(void **state)
{
	OWN(dataset_done) struct dataset dataset = {0};
	OWN(buf_done) struct buf text = BUF_INIT(1 << 20);
	buf_print(&text, HEAD);
	for (int i = 0; i < 40; i++)
		buf_print(&text, "%d.jpg,e,%.2f,%s,0,0,0,%d,%d,0,0,0,0,0,0,0,0,0,0,0,0\n", i, 20 + i * 0.25,
		    i < 20 ? "tPNf" : "t2", i < 20, i >= 20);
	const char *path = put(state, "film.csv", buf_text(&text));
	must(datasets_open(path, &no_options, NULL, &dataset, &err));
	assert_true(dataset.samples[0].film);
	assert_int_equal(dataset.samples[0].events[STAGE_2].known, EVENT_SEEN);
	assert_int_equal(dataset.samples[0].events[STAGE_2].point, 20);
	assert_int_equal(dataset.samples[0].events[STAGE_3].known, EVENT_ABSENT);
}

static void refuses(void **state)
{
	struct dataset dataset;
	char folder[LIMIT_PATH];
	must_fail(datasets_open("/nowhere/at/all", &no_options, NULL, &dataset, &err), ERR_NOT_FOUND);
	must_fail(datasets_open(put(state, "plain.csv", "a,b\n1,2\n"), &no_options, NULL, &dataset, &err),
	    ERR_UNSUPPORTED);
	must_fail(
	    datasets_open(put(state, "none.csv", HEAD), &no_options, NULL, &dataset, &err), ERR_BAD_INPUT);
	/* A column short. */
	must_fail(datasets_open(put(state, "short.csv", "embryo,truth,empty,t2\ne,t2,0,1\n"), &no_options,
	              NULL, &dataset, &err),
	    ERR_UNSUPPORTED);
	/* Pictures without a model. */
	assert_true(path_join(folder, sizeof folder, *state, "marks/frames"));
	must(folder_make(folder, &err));
	put(state, "marks/labels.csv", "file,embryo,class_folder,hours_if_10min,event_inferred\n");
	assert_true(path_join(folder, sizeof folder, *state, "marks"));
	assert_true(datasets_need_reader(folder));
	must_fail(datasets_open(folder, &no_options, NULL, &dataset, &err), ERR_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(takes_our_own_table),
	    cmocka_unit_test(takes_another_classifiers_table), cmocka_unit_test(a_dense_table_is_a_film),
	    cmocka_unit_test(refuses)};
	return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
