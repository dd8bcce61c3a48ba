/* The report of a data set: its figures, its shape, its words. */
#include "unit/unit.h"

#include "accuracy/report.h"

#include <math.h>
#include <string.h>

static struct err err;
static struct priors *priors;

static int setup(void **state)
{
	(void)state;
	return priors_load(DAYBREAK_SOURCE_DIR "/appliance/evaluation/priors.json", &priors, &err) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	priors_free(priors);
	return 0;
}

static void add_frame(struct sample *sample, enum stage truth, enum stage said, double hours)
{
	struct track_point point = {
	    .run = (int)sample->track.count, .time_s = time_from_hours(hours), .read = true};
	for (int k = 0; k < STAGE_COUNT; k++)
		point.reading.stage[k] = k == (int)said ? PROBABILITY_ONE - 16 * 200 : 200;
	point.reading.occupied = PROBABILITY_ONE;
	point.reading.confidence = 950;
	must(sample_add(sample, &point, 1u << truth, &err));
}

/* Films from 24 h on by quarters of an hour: t2 at the 20th frame, t4 at the 68th. The pictures are
 * right, but for every tenth. */
static void fill(struct dataset *dataset, int embryos)
{
	must(dataset_init(dataset, &err));
	snprintf(dataset->name, sizeof dataset->name, "films made by hand");
	snprintf(dataset->maker, sizeof dataset->maker, "nobody");
	for (int e = 0; e < embryos; e++) {
		struct sample *sample = dataset_sample(dataset, "film", e);
		sample->film = true;
		for (int i = 0; i < 100; i++) {
			enum stage truth = i < 20 ? STAGE_PNF : i < 68 ? STAGE_2 : STAGE_4;
			add_frame(sample, truth, i % 10 == 5 ? STAGE_6 : truth, 24 + i * 0.25);
		}
		sample_find_events(sample);
	}
}

static json_t *report_of(struct dataset *dataset)
{
	json_t *one;
	const struct report_head head = {
	    .model_name = "hand", .model_version = "1", .model_digest = "00", .made_us = 0};
	json_t *report = report_new(&head);
	assert_non_null(report);
	must(report_dataset(dataset, priors, &one, &err));
	json_array_append_new(json_object_get(report, "datasets"), one);
	return report;
}

static const json_t *only(const json_t *report)
{
	return json_array_get(json_object_get(report, "datasets"), 0);
}

static double value(const json_t *dataset, const char *metric, const char *method, const char *what)
{
	const json_t *figure = json_object_get(json_object_get(dataset, metric), method);
	const json_t *number = json_object_get(figure, what);
	return json_is_number(number) ? json_number_value(number) : NAN;
}

static void tells_figures(void **state)
{
	(void)state;
	OWN(dataset_done) struct dataset dataset = {0};
	fill(&dataset, 3);
	OWN(json_decref) json_t *report = report_of(&dataset);
	const json_t *one = only(report);
	assert_string_equal(json_text(one, "kind", ""), "real");
	assert_int_equal(json_int(one, "frames", 0), 300);
	assert_true(fabs(value(one, "frame_accuracy", "frame_only", "value") - 0.9) < 1e-9);
	assert_true(fabs(value(one, "frame_accuracy", "majority", "value") - 0.48) < 1e-9);
	assert_true(value(one, "frame_accuracy", "reader", "value") > 0.95);
	/* Three equal embryos: every draw is the same. */
	assert_true(fabs(value(one, "frame_accuracy", "frame_only", "low") - 0.9) < 1e-9);
	assert_true(value(one, "event_f1", "reader", "value") > 0.99);
	/* said 0.95, right 0.9 */
	assert_true(fabs(json_number_value(json_object_get(json_object_get(one, "calibration"), "ece")) -
	                0.05) < 1e-9);
	const json_t *row =
	    json_array_get(json_object_get(json_object_get(one, "confusion"), "frame_only"), STAGE_2);
	assert_int_equal(json_integer_value(json_array_get(row, STAGE_2)), 3 * 43);
	assert_int_equal(json_integer_value(json_array_get(row, STAGE_6)), 3 * 5);
}

static const json_t *event_of(const json_t *dataset, const char *name)
{
	size_t i;
	const json_t *event;
	json_array_foreach(json_object_get(dataset, "events"), i, event)
		if (strcmp(json_text(event, "event", ""), name) == 0)
			return event;
	return NULL;
}

static void tells_events(void **state)
{
	(void)state;
	OWN(dataset_done) struct dataset dataset = {0};
	fill(&dataset, 1);
	OWN(json_decref) json_t *report = report_of(&dataset);
	const json_t *t2 = event_of(only(report), "t2"), *t3 = event_of(only(report), "t3"), *reader;
	assert_int_equal(json_int(t2, "n", 0), 1);
	reader = json_object_get(t2, "reader");
	assert_int_equal(json_int(reader, "found", 0), 1);
	assert_true(json_number_value(json_object_get(reader, "median_abs_error_min")) <= 15);
	assert_true(json_number_value(json_object_get(reader, "within_30")) == 1);
	/* One embryo: no interval. */
	assert_true(json_is_null(json_object_get(reader, "low")));
	assert_true(isnan(value(only(report), "frame_accuracy", "reader", "low")));
	/* Skipped in truth. */
	assert_int_equal(json_int(t3, "n", -1), 0);
	assert_int_equal(json_int(t3, "absent", 0), 1);
	/* Begun before the film: not asked. */
	assert_null(event_of(only(report), "tPNf"));
}

/* Same members at every level; a null or an empty list says nothing. */
static void same_shape(const json_t *a, const json_t *b, const char *where)
{
	const char *name;
	json_t *member;
	if (json_is_null(a) || json_is_null(b) || (json_is_number(a) && json_is_number(b)))
		return;
	if (json_typeof(a) != json_typeof(b) && !(json_is_boolean(a) && json_is_boolean(b)))
		fail_msg("%s is of another type in the sample", where);
	if (json_is_array(a) && json_array_size(a) && json_array_size(b))
		same_shape(json_array_get(a, 0), json_array_get(b, 0), where);
	if (!json_is_object(a))
		return;
	json_object_foreach((json_t *)(uintptr_t)a, name, member) {
		if (!json_object_get(b, name))
			fail_msg("%s has a member \"%s\" in one and not in the other", where, name);
		same_shape(member, json_object_get(b, name), name);
	}
}

static void has_the_shape_of_the_sample(void **state)
{
	(void)state;
	OWN(json_decref) json_t *sample = NULL;
	OWN(dataset_done) struct dataset dataset = {0};
	must(json_load(DAYBREAK_SOURCE_DIR "/tests/data/accuracy-report.json", 1 << 20, &sample, &err));
	fill(&dataset, 2);
	OWN(json_decref) json_t *report = report_of(&dataset);
	same_shape(report, sample, "report");
	same_shape(sample, report, "sample");
}

static char *printed(const json_t *report)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);
	assert_non_null(to);
	report_print(report, to);
	fclose(to);
	return text;
}

static void prints_for_people(void **state)
{
	(void)state;
	OWN(dataset_done) struct dataset dataset = {0};
	fill(&dataset, 1);
	dataset.rendered = dataset.trained_on = true;
	OWN(json_decref) json_t *report = report_of(&dataset);
	OWN(free) char *text = printed(report);
	assert_non_null(strstr(text, "RENDERED"));
	assert_non_null(strstr(text, "one embryo: no interval"));
	assert_non_null(strstr(text, "no test of it"));
	assert_non_null(strstr(text, "90.0 %"));
	assert_null(strstr(text, "nan"));
	/* Every data set of the sample prints too. */
	OWN(json_decref) json_t *sample = NULL;
	must(json_load(DAYBREAK_SOURCE_DIR "/tests/data/accuracy-report.json", 1 << 20, &sample, &err));
	OWN(free) char *of_sample = printed(sample);
	assert_non_null(strstr(of_sample, "72.0 % (68.0-76.0)"));
	assert_null(strstr(of_sample, "nan"));
	/* Anything may be missing. */
	OWN(json_decref) json_t *bare = json_pack("{s:[{}, {s:[{}]}, null]}", "datasets", "events");
	OWN(free) char *of_bare = printed(bare);
	assert_non_null(of_bare);
}

static void without_truth_nothing_is_scored(void **state)
{
	(void)state;
	OWN(dataset_done) struct dataset dataset = {0};
	fill(&dataset, 2);
	for (size_t i = 0; i < 100; i++)
		dataset.samples[0].truth[i] = dataset.samples[1].truth[i] = 0;
	OWN(json_decref) json_t *report = report_of(&dataset);
	assert_true(isnan(value(only(report), "frame_accuracy", "reader", "value")));
	OWN(free) char *text = printed(report);
	assert_non_null(strstr(text, "nothing was scored"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(tells_figures), cmocka_unit_test(tells_events),
	    cmocka_unit_test(has_the_shape_of_the_sample), cmocka_unit_test(prints_for_people),
	    cmocka_unit_test(without_truth_nothing_is_scored)};
	return cmocka_run_group_tests(tests, setup, teardown);
}
