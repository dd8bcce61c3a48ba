#include "report/said.h"

#include "base/clock.h"
#include "report/told.h"

#include <string.h>

bool said_collect(struct store *store, int64_t embryo_id, json_t *object, struct err *err)
{
	static const struct {
		const char *name;
		bool (*told)(struct store *store, int64_t embryo_id, json_t **ret_list, struct err *err);
	} lists[] = {{"grades", told_grades}, {"observations", told_observations}, {"comments", told_comments},
	    {"decisions", told_decisions}};
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		json_t *list;
		if (!lists[i].told(store, embryo_id, &list, err))
			return false;
		json_object_set_new(object, lists[i].name, list);
	}
	return true;
}

/* The first entry of a list whose member has this text. */
static const json_t *find(const json_t *list, const char *member, const char *text)
{
	size_t i;
	const json_t *entry;
	json_array_foreach(list, i, entry)
		if (strcmp(json_text(entry, member, ""), text) == 0)
			return entry;
	return NULL;
}

const json_t *said_grade(const json_t *embryo, enum grade_stage stage)
{
	return find(json_object_get(embryo, "grades"), "stage", grade_stage_name(stage));
}

const json_t *said_observation(const json_t *embryo, enum observation_kind kind)
{
	const json_t *list = json_object_get(embryo, "observations"), *entry, *used = NULL;
	size_t i;
	json_array_foreach(list, i, entry)
		if (strcmp(json_text(entry, "kind", ""), observation_name(kind)) == 0)
			used = entry;
	return used;
}

const json_t *said_decision(const json_t *embryo)
{
	return json_array_get(json_object_get(embryo, "decisions"), 0);
}

const json_t *said_signature(const json_t *decision, const char *meaning)
{
	return find(json_object_get(decision, "signatures"), "meaning", meaning);
}

bool said_anything(const json_t *embryo)
{
	static const char *const lists[] = {"grades", "observations", "comments", "decisions"};
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		if (json_array_size(json_object_get(embryo, lists[i])) > 0)
			return true;
	return false;
}

int64_t said_time_us(const json_t *object, const char *name)
{
	int64_t utc_us = 0;
	return clock_parse(json_text(object, name, ""), &utc_us) ? utc_us : 0;
}
