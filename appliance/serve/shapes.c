#include "serve/shapes.h"

#include "base/clock.h"

json_t *shape_time(int64_t utc_us)
{
	if (!utc_us)
		return json_null();
	char text[CLOCK_TEXT_SIZE];
	clock_format(text, utc_us);
	return json_string(text);
}

json_t *shape_seconds(int64_t seconds)
{
	return seconds == TIME_UNKNOWN ? json_null() : json_integer(seconds);
}

json_t *shape_patient(const struct patient *patient)
{
	return json_pack("{s:I, s:s, s:s, s:s}", "id", (json_int_t)patient->id, "name", patient->name, "identifier",
	    patient->identifier, "born", patient->born);
}

json_t *shape_cycle(const struct cycle *cycle)
{
	return json_pack("{s:I, s:s, s:s, s:o}", "cycle", (json_int_t)cycle->id, "label", cycle->label, "method",
	    insemination_name(cycle->method), "decision", shape_time(cycle->decision_us));
}

const char *shape_timing(const struct dish *dish)
{
	return dish->insemination_clock_s == TIME_UNKNOWN ? "unknown" : "exact";
}

json_t *shape_dish(const struct dish *dish)
{
	return json_pack("{s:I, s:s, s:s, s:o, s:s}", "dish", (json_int_t)dish->id, "slide", dish->slide, "format",
	    dish->format, "imported", shape_time(dish->imported_us), "timing", shape_timing(dish));
}
