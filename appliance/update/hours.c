#include "update/hours.h"

#include "base/text.h"

#include <ctype.h>
#include <string.h>

static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

static bool day_named(const char *name, int *ret_day)
{
	for (int i = 0; i < 7; i++)
		if (strcmp(days[i], name) == 0) {
			*ret_day = i;
			return true;
		}
	return false;
}

static bool days_between(char *text, int *ret_first, int *ret_last)
{
	char *dash = strchr(text, '-');
	if (dash)
		*dash = 0;
	return day_named(text, ret_first) && day_named(dash ? dash + 1 : text, ret_last);
}

static bool looks_like(const char *text, const char *shape)
{
	for (; *shape && *text; shape++, text++)
		if (*shape == '0' ? !isdigit((unsigned char)*text) : *shape != *text)
			return false;
	return *shape == *text;
}

static int two_digits(const char *text)
{
	return (text[0] - '0') * 10 + text[1] - '0';
}

/* "24:00" is the end of a day. */
static bool times_between(const char *text, int *ret_begin, int *ret_end)
{
	if (!looks_like(text, "00:00-00:00"))
		return false;
	*ret_begin = two_digits(text) * 60 + two_digits(text + 3);
	*ret_end = two_digits(text + 6) * 60 + two_digits(text + 9);
	return two_digits(text + 3) < 60 && two_digits(text + 9) < 60 && *ret_begin < HOURS_DAY_MINUTES &&
	    *ret_end <= HOURS_DAY_MINUTES && *ret_begin != *ret_end;
}

static bool add_stretch(char *text, struct hours *hours)
{
	char *blank = strchr(text, ' ');
	int first, last, begin, end;
	if (!blank)
		return false;
	*blank = 0;
	if (!days_between(text, &first, &last) || !times_between(text_trim(blank + 1), &begin, &end))
		return false;
	int length = end > begin ? end - begin : end + HOURS_DAY_MINUTES - begin;
	for (int day = first;; day = (day + 1) % 7) {
		hours->stretches[hours->count].begin = day * HOURS_DAY_MINUTES + begin;
		hours->stretches[hours->count++].length = length;
		if (day == last)
			return true;
	}
}

bool hours_parse(const char *text, struct hours *ret_hours, struct err *err)
{
	char copy[256];
	struct hours hours = {0};
	int stretches = 0;
	if (!text_copy(copy, sizeof copy, text))
		return err_set(err, ERR_BAD_INPUT, "working hours of more than %zu characters", sizeof copy - 1);
	for (char *at = copy, *next; at; at = next) {
		char shown[64];
		next = strchr(at, ',');
		if (next)
			*next++ = 0;
		at = text_trim(at);
		if (!*at && !next && stretches == 0)
			break;
		text_copy(shown, sizeof shown, at);
		if (++stretches > HOURS_STRETCHES_MAX || !add_stretch(at, &hours))
			return err_set(err, ERR_BAD_INPUT, "\"%s\" are no working hours; write them as mon-fri 05:00-20:00",
			    shown);
	}
	*ret_hours = hours;
	return true;
}

bool hours_works(const struct hours *hours, int minute, int before)
{
	for (int i = 0; i < hours->count; i++) {
		int begin = hours->stretches[i].begin - before, length = hours->stretches[i].length + before;
		int since = (minute - begin + 2 * HOURS_WEEK_MINUTES) % HOURS_WEEK_MINUTES;
		if (since < length)
			return true;
	}
	return false;
}
