#include "intake/times.h"

#include "base/text.h"
#include "intake/csv.h"

static bool parse_row(const struct csv_row *row, int64_t *ret_index, int64_t *ret_time_s)
{
	double hours;
	if (row->count < 2 || !text_to_i64(row->field[0], ret_index) || !text_to_f64(row->field[1], &hours))
		return false;
	*ret_time_s = time_from_hours(hours);
	return *ret_index >= 0 && *ret_index <= LIMIT_RUNS && *ret_time_s != TIME_UNKNOWN;
}

static bool check_order(const struct times *times, struct err *err)
{
	int before = -1;
	for (int i = 0; i <= times->last; i++) {
		if (times->clock_s[i] == TIME_UNKNOWN)
			continue;
		if (before >= 0 && times->clock_s[i] < times->clock_s[before])
			return err_set(err, ERR_BAD_INPUT, "the time runs backwards from index %d to %d", before, i);
		before = i;
	}
	return true;
}

bool times_parse(const char *text, size_t size, struct times *ret_times, struct err *err)
{
	struct csv csv = {.text = text, .size = size};
	struct csv_row row;
	ret_times->count = ret_times->last = ret_times->rows_bad = 0;
	for (int i = 0; i <= LIMIT_RUNS; i++)
		ret_times->clock_s[i] = TIME_UNKNOWN;
	for (bool first = true; csv_next(&csv, &row); first = false) {
		int64_t index, time_s;
		if (!parse_row(&row, &index, &time_s)) {
			ret_times->rows_bad += !first; /* the first line may be a heading */
			continue;
		}
		ret_times->count += ret_times->clock_s[index] == TIME_UNKNOWN;
		ret_times->clock_s[index] = time_s;
		if (index > ret_times->last)
			ret_times->last = (int)index;
	}
	if (ret_times->count == 0)
		return err_set(err, ERR_BAD_INPUT, "no line of it is an index and a time in hours");
	return check_order(ret_times, err);
}
