/* The 64 expert-annotated embryos through every profile: no crash, every answer a value or a named need. The table is
 * not part of the project; without it the test says so and passes. */
#include "evaluation/evaluate.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/text.h"
#include "unit/evaluation/shipped.h"
#include "unit/evaluation/tracks_marked.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { COLUMN_FIRST = 3, TALLY_MAX = 256 };

static struct tally {
	char what[96];
	int count;
} tally[TALLY_MAX];
static size_t tally_count;

static void count_one(const char *profile, const char *value)
{
	char what[96];
	snprintf(what, sizeof what, "%.44s: %.44s", profile, value);
	size_t i = 0;
	while (i < tally_count && strcmp(tally[i].what, what) != 0)
		i++;
	assert_true(i < TALLY_MAX);
	text_copy(tally[i].what, sizeof tally[i].what, what);
	tally[i].count++;
	tally_count += i == tally_count;
}

/* The event columns of one line, tPB2 .. tHB in order; "" is not annotated. */
static size_t read_marks(char *line, struct annotation *marks)
{
	size_t count = 0;
	int column = 0;
	for (char *cell = strsep(&line, ","); cell; cell = strsep(&line, ","), column++) {
		int event = column - COLUMN_FIRST + STAGE_PB2;
		double hours;
		if (event >= STAGE_PB2 && event <= STAGE_HB && text_to_f64(cell, &hours))
			marks[count++] = mark_time((enum stage)event, time_from_hours(hours));
	}
	return count;
}

static void check_profiles(const json_t *json)
{
	size_t i;
	const json_t *result;
	json_array_foreach(json_object_get(json, "profiles"), i, result)
	{
		const char *state = json_text(result, "state", "");
		bool has_value = strcmp(state, "value") == 0;
		if (!has_value)
			assert_non_null(strstr(json_text(result, "reason", ""), "needs t"));
		bool is_class = json_int(result, "class_count", 0) > 0;
		count_one(json_text(result, "id", ""), !has_value ? state : is_class ? json_text(result, "value", "") : "a number");
	}
}

static void check_embryo(char *line, const struct track *track, const struct profiles *profiles)
{
	struct annotation marks[STAGE_COUNT];
	struct err err;
	OWN(evaluation_free) struct evaluation *evaluation = NULL;
	size_t count = read_marks(line, marks);
	assert_true(count >= 6);
	const struct told told = {.annotations = marks, .annotations_count = count, .method = INSEMINATION_ICSI};
	assert_true(evaluate(track, &told, &(struct rules){profiles, shipped_priors()}, &evaluation, &err));
	OWN(json_decref) json_t *json = evaluation_json(evaluation);
	size_t i, used = 0;
	const json_t *event;
	json_array_foreach(json_object_get(json, "events"), i, event)
	{
		bool is_used = json_is_object(json_object_get(event, "used"));
		used += is_used;
		assert_true(is_used != json_is_string(json_object_get(event, "missing")));
	}
	assert_int_equal(used, count);
	check_profiles(json);
}

static int compare_tally(const void *a, const void *b)
{
	return strcmp(((const struct tally *)a)->what, ((const struct tally *)b)->what);
}

static void test_annotated_embryos(void **state)
{
	(void)state;
	const char *folder = getenv("DAYBREAK_DATA");
	char path[LIMIT_PATH];
	OWN(buf_done) struct buf table = BUF_INIT(1 << 20);
	OWN(profiles_free) struct profiles *profiles = NULL;
	struct err err;
	path_join(path, sizeof path, folder ? folder : DAYBREAK_SOURCE_DIR "/../shared/data",
	    "labels/nantes_event_times.csv");
	if (!file_exists(path)) {
		printf("skipped: no table of annotated embryos here\n");
		return;
	}
	assert_true(file_read(path, &table, &err));
	assert_true(profiles_load(DAYBREAK_SOURCE_DIR "/appliance/evaluation/profiles", &profiles, &err));
	struct track track = track_blank(700, 0.25);
	char *rest = (char *)buf_text(&table), *line = strsep(&rest, "\n");
	int embryos = 0;
	while ((line = strsep(&rest, "\n"))) {
		if (!*text_trim(line))
			continue;
		check_embryo(line, &track, profiles);
		embryos++;
	}
	free(track.points);
	assert_int_equal(embryos, 64);
	qsort(tally, tally_count, sizeof tally[0], compare_tally);
	for (size_t i = 0; i < tally_count; i++)
		printf("%4d  %s\n", tally[i].count, tally[i].what);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_annotated_embryos)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
