#include "model/clinic.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

static const char *const insemination_names[INSEMINATION_COUNT] = {"unknown", "ICSI", "IVF"};
static const char *const role_names[ROLE_COUNT] = {"viewer", "embryologist", "admin"};

static int find_name(const char *const *names, int count, const char *name)
{
	for (int i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

const char *insemination_name(enum insemination method)
{
	return method < INSEMINATION_COUNT ? insemination_names[method] : "unknown";
}

bool insemination_from_name(const char *name, enum insemination *ret_method)
{
	int found = find_name(insemination_names, INSEMINATION_COUNT, name);
	if (found >= 0)
		*ret_method = (enum insemination)found;
	return found >= 0;
}

const char *role_name(enum role role)
{
	return role < ROLE_COUNT ? role_names[role] : "unknown";
}

bool role_from_name(const char *name, enum role *ret_role)
{
	int found = find_name(role_names, ROLE_COUNT, name);
	if (found >= 0)
		*ret_role = (enum role)found;
	return found >= 0;
}

bool clinic_is_date(const char *text)
{
	int year, month, day, used = 0;
	return sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &used) == 3 && used == 10 && text[10] == 0 &&
	    year >= 1900 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

bool patient_check(const struct patient *patient, struct err *err)
{
	if (!patient->name[0] || !text_is_plain(patient->name))
		return err_set(err, ERR_BAD_INPUT, "a patient needs a name of plain text");
	if (!patient->identifier[0] || !text_is_plain(patient->identifier))
		return err_set(err, ERR_BAD_INPUT, "a patient needs the clinic's identifier, plain text");
	if (patient->born[0] && !clinic_is_date(patient->born))
		return err_set(err, ERR_BAD_INPUT, "the date of birth is yyyy-mm-dd");
	return true;
}
