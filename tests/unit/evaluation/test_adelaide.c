/* The decoder on the answers of a real classifier: 108 wells whose frames are few and far apart, each with a class, a
 * confidence that means little and a person's word (University of Adelaide, MIT licence). None of these wells is in the
 * fit of priors.json. The table is not part of the project; without it the test says so and passes. */
#include "unit/unit.h"

#include "base/buf.h"
#include "base/text.h"
#include "evaluation/decode.h"
#include "unit/evaluation/shipped.h"

#include <string.h>

enum { WELL_POINTS_MAX = 256, WELLS_MAX = 256, RUN_MIN = 15 };

static const struct class {
	const char *name;
	enum stage low, high;
} classes[] = {
    {"2pn", STAGE_PNA, STAGE_PNA},       {"2 Cell", STAGE_2, STAGE_2},   {"3 Cell", STAGE_3, STAGE_3},
    {"4 Cell", STAGE_4, STAGE_4},        {"5 Cell", STAGE_5, STAGE_5},   {"6-7 Cell", STAGE_6, STAGE_7},
    {"8 Cell", STAGE_8, STAGE_8},        {"9+ Cell", STAGE_9, STAGE_9},  {"Compacting", STAGE_M, STAGE_M},
    {"Blast", STAGE_SB, STAGE_HB},       {"Syngamy", STAGE_PB2, STAGE_PNF}, /* no pronuclei: before or after them */
};

struct answer {
	int minute;
	const struct class *truth, *said;
	double confidence;
};

static struct well {
	int machine, slide, number;
	size_t count;
	struct answer answers[WELL_POINTS_MAX];
} wells[WELLS_MAX];
static size_t wells_count;

static const struct class *class_of(const char *name)
{
	for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
		if (strcmp(classes[i].name, name) == 0)
			return &classes[i];
	return NULL;
}

static bool is_of(enum stage stage, const struct class *class)
{
	return stage >= class->low && stage <= class->high && !(class->low == STAGE_PB2 && stage == STAGE_PNA);
}

static struct well *well_of(int machine, int slide, int number)
{
	for (size_t i = 0; i < wells_count; i++)
		if (wells[i].machine == machine && wells[i].slide == slide && wells[i].number == number)
			return &wells[i];
	assert_true(wells_count < WELLS_MAX);
	wells[wells_count] = (struct well){machine, slide, number, 0, {{0}}};
	return &wells[wells_count++];
}

/* .../M0831_S00470_W5_F0_1925.jpg,2 Cell,2 Cell,0.888 */
static void take_line(char *line)
{
	int machine, slide, number, focus, minute;
	char *file = strsep(&line, ","), *truth = strsep(&line, ","), *said = strsep(&line, ","), *sure = strsep(&line, ",");
	const char *name = file ? path_name(file) : "";
	if (!sure || sscanf(name, "M%d_S%d_W%d_F%d_%d", &machine, &slide, &number, &focus, &minute) != 5)
		return;
	struct answer answer = {minute, class_of(truth), class_of(said), 0.9};
	text_to_f64(text_trim(sure), &answer.confidence);
	struct well *well = well_of(machine, slide, number);
	assert_true(well->count < WELL_POINTS_MAX);
	if (answer.truth && answer.said)
		well->answers[well->count++] = answer;
}

static int by_minute(const void *a, const void *b)
{
	return ((const struct answer *)a)->minute - ((const struct answer *)b)->minute;
}

static void read_answer(const struct answer *answer, struct reading *reading)
{
	double sure = answer->confidence < 0.3 ? 0.3 : answer->confidence > 0.95 ? 0.95 : answer->confidence;
	int stages = 0;
	for (int k = STAGE_PB2; k <= STAGE_HB; k++)
		stages += is_of((enum stage)k, answer->said);
	*reading = (struct reading){.occupied = PROBABILITY_ONE};
	for (int k = STAGE_PB2; k <= STAGE_HB; k++)
		reading->stage[k] = (uint16_t)(PROBABILITY_ONE *
		    ((is_of((enum stage)k, answer->said) ? sure / stages : 0) + (1 - sure) / STAGE_HB));
}

static size_t decode_well(struct well *well, bool timed, enum witness witness)
{
	struct track_point points[WELL_POINTS_MAX] = {0};
	enum stage stages[WELL_POINTS_MAX];
	struct track track = {points, well->count};
	struct err err;
	size_t right = 0;
	qsort(well->answers, well->count, sizeof well->answers[0], by_minute);
	for (size_t i = 0; i < well->count; i++) {
		int run = well->answers[i].minute / RUN_MIN + 1;
		points[i].run = i > 0 && run <= points[i - 1].run ? points[i - 1].run + 1 : run;
		points[i].time_s = timed ? well->answers[i].minute * 60LL : TIME_UNKNOWN;
		points[i].read = true;
		read_answer(&well->answers[i], &points[i].reading);
	}
	must(decode_stages(&track, witness, shipped_priors(), stages, &err));
	for (size_t i = 0; i < well->count; i++)
		right += is_of(stages[i], well->answers[i].truth);
	return right;
}

static void load(struct buf *table)
{
	char *rest = (char *)buf_text(table);
	for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n"))
		take_line(line);
}

static void answers_of_a_real_classifier(void **state)
{
	(void)state;
	const char *folder = getenv("DAYBREAK_DATA");
	char path[LIMIT_PATH];
	OWN(buf_done) struct buf table = BUF_INIT(4 << 20);
	struct err err;
	path_join(path, sizeof path, folder ? folder : DAYBREAK_SOURCE_DIR "/../shared/data", "labels/uoa_predictions.csv");
	if (!file_exists(path)) {
		printf("skipped: no table of a real classifier's answers here\n");
		return;
	}
	must(file_read(path, &table, &err));
	load(&table);
	size_t frames = 0, raw = 0, timed = 0, untimed = 0, clock = 0;
	for (size_t i = 0; i < wells_count; i++) {
		frames += wells[i].count;
		for (size_t k = 0; k < wells[i].count; k++)
			raw += wells[i].answers[k].said == wells[i].answers[k].truth;
		timed += decode_well(&wells[i], true, WITNESS_ALL);
		untimed += decode_well(&wells[i], false, WITNESS_ALL);
		clock += decode_well(&wells[i], true, WITNESS_CLOCK);
	}
	printf("%zu frames of %zu wells: classifier alone %.1f %%, decoded %.1f %%, decoded without times %.1f %%, "
	       "times alone %.1f %% right\n",
	    frames, wells_count, 100.0 * raw / frames, 100.0 * timed / frames, 100.0 * untimed / frames,
	    100.0 * clock / frames);
	assert_true(timed * 1000 >= frames * 903);
	assert_true(timed >= raw + frames / 100);
	assert_true(untimed * 1000 >= frames * 900);
	assert_true(clock * 2 >= frames);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(answers_of_a_real_classifier)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
