#include "serve/shapes.h"

#include "base/clock.h"

json_t *shape_seconds(int64_t seconds)
{
	return seconds == TIME_UNKNOWN ? json_null() : json_integer(seconds);
}

json_t *shape_run(int run)
{
	return run < 0 ? json_null() : json_integer(run);
}

json_t *shape_patient(const struct patient *patient)
{
	return json_pack("{s:I, s:s, s:s, s:s}", "id", (json_int_t)patient->id, "name", patient->name, "identifier",
	    patient->identifier, "born", patient->born);
}

json_t *shape_cycle(const struct cycle *cycle)
{
	return json_pack("{s:I, s:s, s:s, s:o}", "cycle", (json_int_t)cycle->id, "label", cycle->label, "method",
	    insemination_name(cycle->method), "decision", json_utc(cycle->decision_us));
}

const char *shape_timing(const struct dish *dish)
{
	return dish->insemination_clock_s == TIME_UNKNOWN ? "unknown" : "exact";
}

json_t *shape_dish(const struct dish *dish)
{
	return json_pack("{s:I, s:s, s:s, s:o, s:s}", "dish", (json_int_t)dish->id, "slide", dish->slide, "format",
	    dish->format, "imported", json_utc(dish->imported_us), "timing", shape_timing(dish));
}

static json_t *known(uint16_t permille)
{
	return permille == READING_UNKNOWN ? json_null() : json_integer(permille);
}

/* Permille, in the order of enum stage_group. */
static json_t *group_probabilities(const struct reading *reading)
{
	json_t *list = json_array();
	for (int group = 0; group < GROUP_COUNT; group++)
		json_array_append_new(list,
		    json_integer((json_int_t)reading_group_probability(reading, group) * 1000 / PROBABILITY_ONE));
	return list;
}

void shape_reading(json_t *object, const struct reading *reading, uint16_t motion)
{
	static const char *const names[] = {"stage", "stage_group", "groups", "confidence", "occupied", "cells",
	    "cells_confidence", "fragmentation", "fragmentation_confidence", "uneven", "multinucleated", "unfamiliar",
	    "area", "sharpness", "motion"};
	enum { COUNT = sizeof names / sizeof *names };
	json_t *values[COUNT] = {0};
	if (reading) {
		bool counted = reading->cells > 0;
		int i = 0;
		values[i++] = json_string(stage_name(reading_top_stage(reading)));
		values[i++] = json_string(stage_group_name(reading_top_group(reading)));
		values[i++] = group_probabilities(reading);
		values[i++] = json_integer(reading->confidence);
		values[i++] = json_integer((json_int_t)reading->occupied * 1000 / PROBABILITY_ONE);
		values[i++] = counted ? json_integer(reading->cells) : json_null();
		values[i++] = counted ? json_integer(reading->cells_confidence) : json_null();
		values[i++] = known(reading->fragmentation_permille);
		values[i++] = known(reading->fragmentation_confidence);
		values[i++] = known(reading->uneven);
		values[i++] = known(reading->multinucleated);
		values[i++] = json_integer(reading->unfamiliar);
		values[i++] = json_integer(reading->area_permille);
		values[i++] = json_integer(reading->sharpness);
		values[i] = json_integer(motion);
	}
	for (int i = 0; i < COUNT; i++)
		json_object_set_new(object, names[i], values[i] ? values[i] : json_null());
}
