#include "unit/intake/exports.h"

#include "intake/format.h"

struct tally {
	int frames, damaged, timed, annotations;
	int wells, first_run, last_run, focal_sum;
	int64_t total, last_clock_s;
	char order[512]; /* "slide/well/run/focal " of the first frames */
	char author[LIMIT_NAME];
	int annotation_runs;
};

static struct notes notes;

static bool noted(const char *part)
{
	size_t index;
	json_t *note;
	json_array_foreach(notes.list, index, note)
		if (strstr(json_string_value(note), part))
			return true;
	return false;
}

static bool count_annotation(const struct format_annotation *one, void *context, struct err *failure)
{
	(void)failure;
	struct tally *tally = context;
	tally->annotations++;
	tally->annotation_runs += one->annotation.run;
	snprintf(tally->author, sizeof tally->author, "%s", one->annotation.author);
	return true;
}

static void count_frame(struct tally *tally, const struct format_frame *frame)
{
	static int last_well;
	size_t used = strlen(tally->order);
	if (used + 80 < sizeof tally->order)
		snprintf(tally->order + used, sizeof tally->order - used, "%s/%d/%d/%d ", frame->slide, frame->well,
		    frame->run, frame->focal_um);
	tally->wells += tally->frames == 0 || frame->well != last_well;
	last_well = frame->well;
	if (tally->frames++ == 0)
		tally->first_run = frame->run;
	tally->last_run = frame->run;
	tally->focal_sum += frame->focal_um;
	tally->damaged += frame->damage != NULL;
	tally->timed += frame->clock_s != TIME_UNKNOWN;
	tally->last_clock_s = frame->clock_s;
}

static bool read_all(const char *path, const char *name, struct tally *tally)
{
	const struct source source = {.path = path, .name = name, .is_folder = true};
	void *reader;
	*tally = (struct tally){0};
	notes_done(&notes);
	assert_true(notes_init(&notes));
	assert_ptr_equal(format_find(&source), &format_folder);
	if (!format_folder.open(&source, &notes, &reader, &tally->total, &err))
		return false;
	for (;;) {
		struct format_frame frame;
		bool end;
		must(format_folder.next(reader, &frame, &end, &err));
		if (end)
			break;
		count_frame(tally, &frame);
	}
	must(format_folder.annotations(reader, count_annotation, tally, &err));
	format_folder.close(reader);
	return true;
}

static void fresh_folder(void **state, char *path, const char *name)
{
	path_in(path, *state, name);
	must(folder_remove(path, &err));
	must(folder_make(path, &err));
}

static void runs_in_order_of_number(void **state)
{
	char path[LIMIT_PATH], name[128];
	struct tally tally;
	fresh_folder(state, path, "AB12-1");
	for (int run = 1; run <= 12; run++) {
		snprintf(name, sizeof name, "D2014.04.24_S1082_I132_WELL7_RUN%d.jpeg", run);
		put_picture(path, name, (unsigned)run);
	}
	must(read_all(path, "AB12-1", &tally));
	assert_int_equal(tally.frames, 12);
	assert_int_equal(tally.timed, 0);
	assert_non_null(strstr(tally.order, "D2014.04.24_S01082_I0132/7/2/0 D2014.04.24_S01082_I0132/7/3/0"));
	assert_int_equal(tally.last_run, 12);
	assert_true(noted("without a table of times"));
}

static void planes_times_and_phases(void **state)
{
	char path[LIMIT_PATH], name[128];
	struct tally tally;
	fresh_folder(state, path, "AB12-2");
	for (int run = 1; run <= 9; run++)
		for (int focal = -15; focal <= 15; focal += 15) {
			snprintf(name, sizeof name, "F%d/AB12-2/D2014.04.24_S1082_I132_WELL7_RUN%d.jpeg", focal, run);
			put_picture(path, name, (unsigned)(run * 3 + focal));
		}
	put_text(path, "AB12-2_timeElapsed.csv", "frame_index,time\n1,0.2\n2,0.4\n3,0.65\n9,2.25\n");
	put_text(path, "AB12-2_phases.csv", "tPB2,1,3\ntPNa,4,6\nt2,7,7\nt3,8,8\nt2,9,9\n");
	put_text(path, "embryo_dataset_grades.csv", "video_name,TE,ICM\nAB12-2,A,B\n");
	put_text(path, "readme.txt", "hello");
	must(read_all(path, "AB12-2", &tally));
	assert_int_equal(tally.frames, 27);
	assert_int_equal(tally.focal_sum, 0);
	assert_int_equal(tally.timed, 12);
	assert_int_equal(tally.last_clock_s, 8100);
	/* tPB2 is there in the first picture already, and a second t2 is no event. */
	assert_int_equal(tally.annotations, 3);
	assert_int_equal(tally.annotation_runs, 4 + 7 + 8);
	assert_string_equal(tally.author, "import: AB12-2_phases.csv");
	assert_true(noted("not looked at: 1."));
}

static void several_wells_of_an_embryoscope_plus(void **state)
{
	char path[LIMIT_PATH], name[200];
	struct tally tally;
	fresh_folder(state, path, "export");
	for (int well = 1; well <= 3; well++)
		for (int run = 570; run <= 573; run++) {
			snprintf(name, sizeof name,
			    "D2023.12.14_S00168_I4927_P_WELL%02d/F0/D2023.12.14_S00168_I4927_P_WELL%02d_RUN%d.JPG", well,
			    well, run);
			put_picture(path, name, (unsigned)(well * run));
		}
	put_picture(path, "__MACOSX/._D2023.12.14_S00168_I4927_P_WELL01_RUN1.JPG", 1);
	must(read_all(path, "export", &tally));
	assert_int_equal(tally.frames, 12);
	assert_int_equal(tally.wells, 3);
}

/* Every picture twice, under another name. */
static void copies(void **state)
{
	char path[LIMIT_PATH];
	struct tally tally;
	fresh_folder(state, path, "copies");
	put_picture(path, "a/D2014.04.24_S1082_I132_WELL7_RUN5.jpeg", 1);
	put_picture(path, "a/D2014.04.24_S1082_I132_WELL7_RUN5 (1).jpeg", 1);
	put_picture(path, "b/D2014.04.24_S01082_I0132_WELL07_RUN05.jpeg", 1);
	must(read_all(path, "copies", &tally));
	assert_int_equal(tally.frames, 3);
	assert_int_equal(tally.wells, 1);
}

static void only_numbered(void **state)
{
	char path[LIMIT_PATH];
	struct tally tally;
	fresh_folder(state, path, "RI1-2");
	put_picture(path, "RI1-2_0000.png", 1);
	put_picture(path, "RI1-2_0010.png", 2);
	put_picture(path, "RI1-2_0002.png", 3);
	must(read_all(path, "RI1-2", &tally));
	assert_string_equal(tally.order, "RI1-2/1/0/0 RI1-2/1/2/0 RI1-2/1/10/0 ");
	/* The same pictures in a folder whose name says nothing. */
	must_fail(read_all(path, "images", &tally), ERR_BAD_INPUT);
}

static void two_embryos_in_one_folder(void **state)
{
	char path[LIMIT_PATH];
	struct tally tally;
	fresh_folder(state, path, "mix1");
	put_picture(path, "a_0000.png", 1);
	put_picture(path, "b_0001.png", 2);
	put_picture(path, "c_0002.png", 3);
	must_fail(read_all(path, "mix1", &tally), ERR_BAD_INPUT);
	assert_non_null(strstr(err.detail, "cannot be told"));
}

static void the_clocks_disagree(void **state)
{
	char path[LIMIT_PATH], name[64];
	struct tally tally;
	fresh_folder(state, path, "AC9-1");
	for (int run = 1; run <= 8; run++) {
		snprintf(name, sizeof name, "AC9-1_%d.jpg", run);
		put_picture(path, name, (unsigned)run);
	}
	put_text(path, "AC9-1_phases.csv", "tPNa,2,6\nt2,7,14\n");
	put_text(path, "AC9-1_timeElapsed.csv", "frame_index,time\n1,0.1\n15,4\n");
	must(read_all(path, "AC9-1", &tally));
	assert_int_equal(tally.frames, 8);
	assert_int_equal(tally.annotations, 0);
	assert_int_equal(tally.timed, 0);
	assert_true(noted("the annotation clock and the image clock disagree"));
	assert_true(noted("on another clock"));
}

static void damaged_tables_and_pictures(void **state)
{
	char path[LIMIT_PATH];
	struct tally tally;
	fresh_folder(state, path, "AC9-2");
	put_picture(path, "AC9-2_1.jpg", 1);
	put_text(path, "AC9-2_2.jpg", "");
	put_text(path, "AC9-2_phases.csv", "no phases\n");
	put_text(path, "AC9-2_timeElapsed.csv", "\xFF\xFE\n1,9\n2,3\n");
	put_text(path, "ZZ_phases.csv", "t2,1,2\n");
	must(read_all(path, "AC9-2", &tally));
	assert_int_equal(tally.frames, 2);
	assert_int_equal(tally.damaged, 1);
	assert_int_equal(tally.annotations, 0);
	assert_true(noted("AC9-2_timeElapsed.csv was not taken"));
	assert_true(noted("AC9-2_phases.csv was not taken"));
	fresh_folder(state, path, "nothing1");
	put_text(path, "a.csv", "1,2\n");
	must_fail(read_all(path, "nothing1", &tally), ERR_BAD_INPUT);
}

static void real_folders(void **state)
{
	(void)state;
	static const struct {
		const char *folder, *name;
		int frames, first, last, annotations;
	} cases[] = {
	    {"nantes/AA83-7", "AA83-7", 285, 1, 285, 10},
	    {"nantes/AAL839-6", "AAL839-6", 430, 1, 431, 0},
	    {"nantes/RI382-2", "RI382-2", 440, 0, 439, 0},
	    {"nantes/ZS435-5", "ZS435-5", 94, 4, 534, 0},
	    {"blastomeres/testImages", "testImages", 6, 141, 222, 0},
	};
	const char *data = shared_data();
	if (!data)
		skip();
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct tally tally;
		char path[LIMIT_PATH];
		path_in(path, data, cases[i].folder);
		must(read_all(path, cases[i].name, &tally));
		assert_int_equal(tally.frames, cases[i].frames);
		assert_int_equal(tally.damaged, 0);
		assert_int_equal(tally.first_run, cases[i].first);
		assert_int_equal(tally.last_run, cases[i].last);
		assert_int_equal(tally.annotations, cases[i].annotations);
		assert_int_equal(noted("the image clock disagree"), i == 1);
	}
	struct tally tally;
	char path[LIMIT_PATH];
	path_in(path, data, "stork");
	must_fail(read_all(path, "stork", &tally), ERR_BAD_INPUT);
	path_in(path, data, "other-optics");
	must_fail(read_all(path, "other-optics", &tally), ERR_BAD_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(runs_in_order_of_number),
	    cmocka_unit_test(planes_times_and_phases),
	    cmocka_unit_test(several_wells_of_an_embryoscope_plus),
	    cmocka_unit_test(copies),
	    cmocka_unit_test(only_numbered),
	    cmocka_unit_test(two_embryos_in_one_folder),
	    cmocka_unit_test(the_clocks_disagree),
	    cmocka_unit_test(damaged_tables_and_pictures),
	    cmocka_unit_test(real_folders),
	};
	int failed = cmocka_run_group_tests(tests, folder_setup, folder_teardown);
	notes_done(&notes);
	return failed;
}
