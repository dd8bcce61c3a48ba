#include "intake/phases.h"

#include "base/limits.h"
#include "base/text.h"
#include "intake/csv.h"

static bool parse_row(const struct csv_row *row, struct phase *ret_phase)
{
	int64_t first, last;
	if (row->count < 3 || !stage_from_name(row->field[0], &ret_phase->stage) ||
	    !text_to_i64(row->field[1], &first) || !text_to_i64(row->field[2], &last))
		return false;
	if (first < 0 || last < first || last > LIMIT_RUNS)
		return false;
	ret_phase->first = (int)first;
	ret_phase->last = (int)last;
	return true;
}

bool phases_parse(const char *text, size_t size, struct phases *ret_phases, struct err *err)
{
	struct csv csv = {.text = text, .size = size};
	struct csv_row row;
	struct phases *phases = ret_phases;
	phases->count = 0;
	phases->rows_bad = phases->last = 0;
	while (csv_next(&csv, &row)) {
		struct phase phase;
		if (!parse_row(&row, &phase) || phases->count == PHASES_MAX) {
			phases->rows_bad++;
			continue;
		}
		if (phases->count && phase.first <= phases->list[phases->count - 1].first)
			return err_set(err, ERR_BAD_INPUT, "its phases are not in order at %s", row.field[0]);
		phases->list[phases->count++] = phase;
		if (phase.last > phases->last)
			phases->last = phase.last;
	}
	return phases->count || err_set(err, ERR_BAD_INPUT, "no line of it is a phase and two frame numbers");
}

bool phases_check(const struct phases *phases, int last_run)
{
	return phases->last <= last_run + PHASES_SLACK;
}
