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

static json_t *fit_stage(const struct timeline *timelines, size_t count, enum stage stage, const json_t *before,
    struct column *scratch)
{
	const json_t *old = stage_before(before, stage);
	int shown = 0, skipped = 0;
	for (size_t i = 0; i < count; i++) {
		shown += timelines[i].lasts_min[stage] > 0;
		skipped += timelines[i].skipped[stage];
	}
	json_t *fitted = json_object();
	json_object_set_new(fitted, "stage", json_string(stage_name(stage)));
	collect(timelines, count, stage, false, scratch);
	json_object_set_new(fitted, "begins", fit_begins(scratch, json_object_get(old, "begins")));
	collect(timelines, count, stage, true, scratch);
	json_object_set_new(fitted, "lasts", fit_lasts(scratch, json_object_get(old, "lasts")));
	json_object_set_new(fitted, "shown", json_integer(shown));
	json_object_set_new(fitted, "skipped", json_integer(skipped));
	if (json_object_get(old, "read"))
		json_object_set(fitted, "read", json_object_get(old, "read"));
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

bool fit_priors(const struct timeline *timelines, size_t count, const struct fit_source *sources, size_t sources_count,
    const json_t *before, json_t **ret_priors, struct err *err)
{
	OWN(free) double *values = calloc(count + 1, sizeof *values);
	struct column scratch = {0, values};
	json_t *priors = json_copy((json_t *)before), *stages = json_array();
	if (!values || !priors || !stages) {
		json_decref(priors);
		json_decref(stages);
		return err_set(err, ERR_NO_MEMORY, "fitting priors");
	}
	for (int k = STAGE_PB2; k <= STAGE_HB; k++)
		json_array_append_new(stages, fit_stage(timelines, count, (enum stage)k, before, &scratch));
	json_object_set_new(priors, "sources", sources_json(sources, sources_count));
	json_object_set_new(priors, "stages", stages);
	*ret_priors = priors;
	return true;
}
