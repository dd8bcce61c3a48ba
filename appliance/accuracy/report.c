#include "accuracy/report.h"

#include "base/clock.h"

#include <math.h>
#include <string.h>

enum { DIGITS = 4, FEW_EMBRYOS = 5 };

/* Everything that is known about one data set. */
struct measured {
	struct tally *tallies; /* of embryos with a label */
	size_t count;
	struct figures value, low, high;
};

static void measured_done_owned(struct measured *measured)
{
	free(measured->tallies);
}

/* Null for what cannot be computed; four digits, so that a report does not pretend to more. */
static json_t *number(double value)
{
	double scale = pow(10, DIGITS);
	return isnan(value) ? json_null() : json_real(round(value * scale) / scale);
}

static bool tally_embryos(
    const struct dataset *dataset, const struct priors *priors, struct measured *measured, struct err *err)
{
	enum stage majority = answers_majority(dataset);
	measured->tallies = calloc(dataset->count + 1, sizeof *measured->tallies);
	if (!measured->tallies)
		return err_set(err, ERR_NO_MEMORY, "counting %s", dataset->name);
	for (size_t i = 0; i < dataset->count; i++) {
		OWN(answers_done) struct answers answers = {0};
		if (sample_labelled(&dataset->samples[i]) == 0)
			continue;
		if (!answers_make(&dataset->samples[i], priors, majority, &answers, err))
			return false;
		tally_make(&dataset->samples[i], &answers, &measured->tallies[measured->count++]);
	}
	return true;
}

static json_t *figure_json(double value, double low, double high, bool interval)
{
	if (isnan(value))
		return json_null();
	return json_pack("{s:o, s:o, s:o}", "value", number(value), "low", number(interval ? low : NAN), "high",
	    number(interval ? high : NAN));
}

static json_t *metric_json(const struct measured *measured, enum metric metric)
{
	size_t embryos, base = metric_base(measured->tallies, measured->count, metric, &embryos);
	bool events = metric == METRIC_EVENT_F1 || metric == METRIC_EVENT_F1_EXPERT;
	json_t *json = json_pack(
	    "{s:I, s:I}", events ? "events" : "frames", (json_int_t)base, "embryos", (json_int_t)embryos);
	if (metric == METRIC_EVENT_F1)
		json_object_set_new(json, "tolerance_min", json_integer(METRICS_NEAR_MIN));
	if (metric == METRIC_EVENT_F1_EXPERT) {
		json_t *tolerance = json_object();
		for (int j = STAGE_PB2; j <= STAGE_HB; j++)
			json_object_set_new(tolerance, stage_name((enum stage)j),
			    json_integer(prior_of((enum stage)j)->within_min));
		json_object_set_new(json, "tolerance_min", tolerance);
	}
	for (int m = 0; m < METHOD_COUNT; m++)
		json_object_set_new(json, method_name((enum method)m),
		    figure_json(measured->value.metric[metric][m], measured->low.metric[metric][m],
		        measured->high.metric[metric][m], embryos > 1));
	json_object_set_new(json, "gain",
	    figure_json(measured->value.gain[metric], measured->low.gain[metric], measured->high.gain[metric],
	        embryos > 1));
	return json;
}

/* What a method made of one event over all embryos. */
struct event_sum {
	size_t seen, found, wrong, within[3], errors;
	double frames[LIMIT_RUNS];
};

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static void sum_event(const struct measured *measured, int m, int j, struct event_sum *sum)
{
	static const int minutes[] = {30, 60, 120};
	sum->seen = sum->found = sum->wrong = sum->errors = 0;
	memset(sum->within, 0, sizeof sum->within);
	for (size_t i = 0; i < measured->count; i++) {
		const struct tally *tally = &measured->tallies[i];
		const struct event_outcome *outcome = &tally->by[m].events[j];
		bool seen = tally->known[j] == EVENT_SEEN;
		sum->seen += seen;
		sum->wrong += tally->known[j] == EVENT_ABSENT && outcome->said;
		if (!seen || !outcome->said)
			continue;
		sum->found++;
		if (sum->errors < LIMIT_RUNS)
			sum->frames[sum->errors++] = abs(outcome->error_frames);
		for (int k = 0; k < 3; k++)
			sum->within[k] += outcome->timed && fabs(outcome->error_min) <= minutes[k];
	}
	qsort(sum->frames, sum->errors, sizeof sum->frames[0], by_size);
}

static json_t *event_method_json(const struct measured *measured, int m, int j)
{
	struct event_sum sum;
	sum_event(measured, m, j, &sum);
	double median = measured->value.median_min[m][j], frames = NAN, seen = (double)sum.seen;
	bool interval = sum.found > 1, timed = !isnan(median) || sum.found == 0;
	if (sum.errors)
		frames = (sum.frames[(sum.errors - 1) / 2] + sum.frames[sum.errors / 2]) / 2;
	return json_pack("{s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "found", (json_int_t)sum.found,
	    "missing", (json_int_t)(sum.seen - sum.found), "false", (json_int_t)sum.wrong,
	    "median_abs_error_min", number(median), "low",
	    number(interval ? measured->low.median_min[m][j] : NAN), "high",
	    number(interval ? measured->high.median_min[m][j] : NAN), "median_abs_error_frames",
	    number(frames), "within_30", number(timed && sum.seen ? (double)sum.within[0] / seen : NAN),
	    "within_60", number(timed && sum.seen ? (double)sum.within[1] / seen : NAN), "within_120",
	    number(timed && sum.seen ? (double)sum.within[2] / seen : NAN));
}

/* Events of which the truth of some embryo knows whether they happened. */
static json_t *events_json(const struct measured *measured)
{
	json_t *events = json_array();
	for (int j = STAGE_PB2; j <= STAGE_HB; j++) {
		size_t seen = 0, known = 0;
		bool timed = true;
		for (size_t i = 0; i < measured->count; i++) {
			seen += measured->tallies[i].known[j] == EVENT_SEEN;
			known += measured->tallies[i].known[j] != EVENT_UNKNOWN;
			timed = timed && measured->tallies[i].has[METHOD_TIME_ONLY];
		}
		if (known == 0)
			continue;
		json_t *event = json_pack("{s:s, s:I, s:I}", "event", stage_name((enum stage)j), "n",
		    (json_int_t)seen, "absent", (json_int_t)(known - seen));
		json_object_set_new(event, "reader", event_method_json(measured, METHOD_READER, j));
		json_object_set_new(event, "frame_only", event_method_json(measured, METHOD_FRAME_ONLY, j));
		json_object_set_new(event, "time_only",
		    timed ? event_method_json(measured, METHOD_TIME_ONLY, j) : json_null());
		json_array_append_new(events, event);
	}
	return events;
}

static json_t *calibration_json(const struct measured *measured)
{
	json_t *bins = json_array();
	double all = 0;
	for (int b = 0; b < METRICS_BINS; b++) {
		double count = 0, right = 0, said = 0;
		for (size_t i = 0; i < measured->count; i++) {
			count += measured->tallies[i].bins[b].count;
			right += measured->tallies[i].bins[b].right;
			said += measured->tallies[i].bins[b].said;
		}
		all += count;
		if (count > 0)
			json_array_append_new(bins,
			    json_pack("{s:o, s:o, s:I}", "said", number(said / count), "right",
			        number(right / count), "n", (json_int_t)count));
	}
	bool interval = measured->count > 1;
	return json_pack("{s:I, s:o, s:o, s:o, s:o}", "frames", (json_int_t)all, "ece",
	    number(measured->value.ece), "low", number(interval ? measured->low.ece : NAN), "high",
	    number(interval ? measured->high.ece : NAN), "bins", bins);
}

static json_t *confusion_json(const struct measured *measured, int m)
{
	json_t *rows = json_array();
	for (int t = 0; t < STAGE_COUNT; t++) {
		json_t *row = json_array();
		for (int s = 0; s < STAGE_COUNT; s++) {
			json_int_t count = 0;
			for (size_t i = 0; i < measured->count; i++)
				count += measured->tallies[i].by[m].confusion[t][s];
			json_array_append_new(row, json_integer(count));
		}
		json_array_append_new(rows, row);
	}
	return rows;
}

static json_t *notes_json(const struct dataset *dataset, const struct measured *measured)
{
	json_t *notes = json_deep_copy(dataset->notes);
	char text[160];
	if (dataset->trained_on)
		json_array_insert_new(notes, 0,
		    json_string(
		        "the model was taught with this very set: its figures here are no test of it"));
	if (measured->count == 0)
		json_array_append_new(notes, json_string("no frame of it has a truth: nothing was scored"));
	else if (measured->count == 1)
		json_array_append_new(notes, json_string("one embryo: no interval"));
	else if (measured->count < FEW_EMBRYOS) {
		snprintf(text, sizeof text, "%zu embryos: the intervals are rough", measured->count);
		json_array_append_new(notes, json_string(text));
	}
	return notes;
}

static void count_frames(
    const struct dataset *dataset, json_int_t *frames, json_int_t *read, json_int_t *timed)
{
	*frames = *read = *timed = 0;
	for (size_t i = 0; i < dataset->count; i++) {
		const struct track *track = &dataset->samples[i].track;
		*frames += (json_int_t)track->count;
		for (size_t k = 0; k < track->count; k++) {
			*read += track->points[k].read;
			*timed += track->points[k].time_s != TIME_UNKNOWN;
		}
	}
}

bool report_dataset(
    const struct dataset *dataset, const struct priors *priors, json_t **ret_json, struct err *err)
{
	OWN(measured_done) struct measured measured = {0};
	json_int_t frames, read, timed;
	if (!tally_embryos(dataset, priors, &measured, err) ||
	    !figures_make(measured.tallies, NULL, measured.count, &measured.value, err) ||
	    !figures_bootstrap(measured.tallies, measured.count, &measured.low, &measured.high, err))
		return false;
	count_frames(dataset, &frames, &read, &timed);
	OWN(json_decref) json_t *json = json_pack("{s:s, s:s, s:s, s:b, s:I, s:I, s:I, s:I, s:o}", "name",
	    dataset->name, "kind", dataset->rendered ? "rendered" : "real", "maker", dataset->maker,
	    "trained_on", dataset->trained_on, "embryos", (json_int_t)dataset->count, "frames", frames,
	    "frames_read", read, "frames_timed", timed, "notes", notes_json(dataset, &measured));
	for (int k = 0; k < METRIC_COUNT; k++)
		json_object_set_new(
		    json, metric_name((enum metric)k), metric_json(&measured, (enum metric)k));
	json_object_set_new(json, "events", events_json(&measured));
	json_object_set_new(json, "calibration", calibration_json(&measured));
	json_object_set_new(json, "confusion",
	    json_pack("{s:o, s:o}", "reader", confusion_json(&measured, METHOD_READER), "frame_only",
	        confusion_json(&measured, METHOD_FRAME_ONLY)));
	if (!json)
		return err_set(err, ERR_NO_MEMORY, "the report of %s", dataset->name);
	*ret_json = TAKE(json);
	return true;
}

json_t *report_new(const struct report_head *head)
{
	char made[CLOCK_TEXT_SIZE];
	clock_format(made, head->made_us);
	json_t *stages = json_array();
	for (int i = 0; i < STAGE_COUNT; i++)
		json_array_append_new(stages, json_string(stage_name((enum stage)i)));
	return json_pack("{s:i, s:{s:s, s:s, s:s}, s:s, s:s, s:o, s:{s:s, s:i, s:i, s:f}, s:[]}", "format", 1,
	    "model", "name", head->model_name, "version", head->model_version, "digest", head->model_digest,
	    "engine", DAYBREAK_VERSION, "made", made, "stages", stages, "bootstrap", "unit", "embryo",
	    "resamples", METRICS_RESAMPLES, "seed", METRICS_SEED, "level", 0.95, "datasets");
}
