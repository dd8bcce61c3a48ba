#include "evaluation/fit.h"

#include <math.h>
#include <string.h>

enum { SPREAD_LEAST_MIN = 60, SPREAD_LEAST = 100 };

/* The known values of one column, sorted. */
struct column {
	size_t count;
	double *of;
};

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double quantile(const struct column *column, double share)
{
	double at = share * (double)(column->count - 1);
	size_t low = (size_t)at;
	double next = low + 1 < column->count ? column->of[low + 1] : column->of[low];
	return column->of[low] + (at - (double)low) * (next - column->of[low]);
}

static void collect(const struct timeline *timelines, size_t count, enum stage stage, bool lasts, struct column *column)
{
	column->count = 0;
	for (size_t i = 0; i < count; i++) {
		int minutes = lasts ? timelines[i].lasts_min[stage] : timelines[i].begins_min[stage];
		if (minutes > 0)
			column->of[column->count++] = minutes;
	}
	qsort(column->of, column->count, sizeof *column->of, compare);
}

static json_t *fit_begins(const struct column *column, const json_t *before)
{
	if (column->count < FIT_LEAST)
		return json_pack("{s:i, s:I, s:I}", "embryos", 0, "median_min", (json_int_t)json_int(before, "median_min", 1),
		    "spread_min", (json_int_t)json_int(before, "spread_min", 1));
	double spread = (quantile(column, 0.84) - quantile(column, 0.16)) / 2;
	return json_pack("{s:i, s:i, s:i}", "embryos", (int)column->count, "median_min",
	    (int)lround(quantile(column, 0.5)), "spread_min", (int)lround(fmax(spread, SPREAD_LEAST_MIN)));
}

static json_t *fit_lasts(const struct column *column, const json_t *before)
{
	if (column->count < FIT_LEAST)
		return json_pack("{s:i, s:I, s:I}", "embryos", 0, "median_min", (json_int_t)json_int(before, "median_min", 1),
		    "spread_permille", (json_int_t)json_int(before, "spread_permille", 1000));
	double spread = 1000 * log(quantile(column, 0.84) / quantile(column, 0.16)) / 2;
	return json_pack("{s:i, s:i, s:i}", "embryos", (int)column->count, "median_min",
	    (int)lround(quantile(column, 0.5)), "spread_permille", (int)lround(fmax(spread, SPREAD_LEAST)));
}

static const json_t *stage_before(const json_t *before, enum stage stage)
{
	size_t i;
	const json_t *object;
	json_array_foreach(json_object_get(before, "stages"), i, object)
		if (strcmp(json_text(object, "stage", ""), stage_name(stage)) == 0)
			return object;
	return NULL;
}

void fit_words_add(struct fit_words *words, enum stage truth, const struct reading *reading)
{
	double present = 0;
	for (int j = STAGE_PB2; j <= STAGE_HB; j++)
		present += reading->stage[j];
	if (present <= 0)
		return;
	words->frames[truth]++;
	for (int j = STAGE_PB2; j <= STAGE_HB; j++)
		words->said[truth][j] += reading->stage[j] / present;
}

static json_t *fit_read(const struct fit_words *words, enum stage stage)
{
	json_t *as = json_array();
	for (int j = STAGE_PB2; j <= STAGE_HB; j++)
		json_array_append_new(as, json_integer(lround(1000 * words->said[stage][j] / words->frames[stage])));
	return json_pack("{s:i, s:o}", "frames", words->frames[stage], "as", as);
}

static json_t *fit_stage(const struct fit_input *input, enum stage stage, struct column *scratch)
{
	const json_t *old = stage_before(input->before, stage);
	json_t *read = json_object_get(old, "read"), *fitted = json_object();
	int shown = 0, skipped = 0;
	for (size_t i = 0; i < input->timelines_count; i++) {
		shown += input->timelines[i].lasts_min[stage] > 0;
		skipped += input->timelines[i].skipped[stage];
	}
	json_object_set_new(fitted, "stage", json_string(stage_name(stage)));
	collect(input->timelines, input->timelines_count, stage, false, scratch);
	json_object_set_new(fitted, "begins", fit_begins(scratch, json_object_get(old, "begins")));
	collect(input->timelines, input->timelines_count, stage, true, scratch);
	json_object_set_new(fitted, "lasts", fit_lasts(scratch, json_object_get(old, "lasts")));
	json_object_set_new(fitted, "shown", json_integer(shown));
	json_object_set_new(fitted, "skipped", json_integer(skipped));
	if (input->words && input->words->frames[stage] > 0)
		json_object_set_new(fitted, "read", fit_read(input->words, stage));
	else if (!input->words && read)
		json_object_set(fitted, "read", read);
	return fitted;
}

static json_t *sources_json(const struct fit_source *sources, size_t count)
{
	json_t *list = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:I}", "file", sources[i].name, "digest", sources[i].digest,
		    "embryos", (json_int_t)sources[i].embryos));
	return list;
}

bool fit_priors(const struct fit_input *input, json_t **ret_priors, struct err *err)
{
	OWN(free) double *values = calloc(input->timelines_count + 1, sizeof *values);
	OWN(json_decref) json_t *priors = json_object();
	struct column scratch = {0, values};
	json_t *stages = json_array();
	if (!values || !priors || !stages)
		return err_set(err, ERR_NO_MEMORY, "fitting priors");
	for (int k = STAGE_PB2; k <= STAGE_HB; k++)
		json_array_append_new(stages, fit_stage(input, (enum stage)k, &scratch));
	json_object_set_new(priors, "sources", sources_json(input->sources, input->sources_count));
	json_object_set_new(priors, "stages", stages);
	*ret_priors = TAKE(priors);
	return true;
}
