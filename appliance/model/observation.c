#include "model/observation.h"

#include "base/text.h"
#include "model/clinic.h"

#include <string.h>

static const struct {
	const char *name, *values;
	enum observation_group group;
} kinds[OBSERVATION_COUNT] = {
#define X(kind, name, values, group) [kind] = {name, values, group},
    OBSERVATION_TABLE(X)
#undef X
};

const char *observation_name(enum observation_kind kind)
{
	return kind < OBSERVATION_COUNT ? kinds[kind].name : "unknown";
}

bool observation_from_name(const char *name, enum observation_kind *ret_kind)
{
	for (int i = 0; i < OBSERVATION_COUNT; i++) {
		if (strcmp(kinds[i].name, name) != 0)
			continue;
		*ret_kind = (enum observation_kind)i;
		return true;
	}
	return false;
}

const char *observation_values(enum observation_kind kind)
{
	return kind < OBSERVATION_COUNT ? kinds[kind].values : "";
}

enum observation_group observation_group(enum observation_kind kind)
{
	return kinds[kind].group;
}

/* One of the words of a list with blanks between. */
static bool is_listed(const char *values, const char *value)
{
	size_t length = strlen(value);
	for (const char *at = values; *at; at += strspn(at, " ")) {
		size_t word = strcspn(at, " ");
		if (word == length && strncmp(at, value, length) == 0)
			return true;
		at += word;
	}
	return false;
}

/* Written in one way only, so that two equal words are equal texts: no "05", no "+5". */
static bool is_percent(const char *value)
{
	size_t length = strlen(value);
	if (length < 1 || length > 3 || strspn(value, "0123456789") != length || (value[0] == '0' && length > 1))
		return false;
	return length < 3 || strcmp(value, "100") == 0;
}

bool observation_check(const struct observation *observation, struct err *err)
{
	if (observation->kind >= OBSERVATION_COUNT)
		return err_set(err, ERR_BAD_INPUT, "there is no such observation");
	const char *name = kinds[observation->kind].name, *values = kinds[observation->kind].values;
	bool outcome = kinds[observation->kind].group == OUTCOME;
	if (strcmp(values, OBSERVATION_PERCENT) == 0) {
		if (!is_percent(observation->value))
			return err_set(err, ERR_BAD_INPUT, "%s is a whole number from 0 to 100", name);
	} else if (!is_listed(values, observation->value)) {
		return err_set(err, ERR_BAD_INPUT, "%s is one of: %s", name, values);
	}
	if (outcome && observation->run >= 0)
		return err_set(err, ERR_BAD_INPUT, "%s is not seen in a picture", name);
	if (observation->day[0] && (!outcome || !clinic_is_date(observation->day)))
		return err_set(err, ERR_BAD_INPUT, "a day is yyyy-mm-dd, and of outcomes only");
	return true;
}
