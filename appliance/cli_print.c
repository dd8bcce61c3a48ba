#include "cli_print.h"

#include "base/csv.h"
#include "store/cycles.h"
#include "store/embryos.h"
#include "store/evaluations.h"
#include "store/patients.h"
#include "store/rankings.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_MAX = 8 << 20 };

struct embryo_list {
	struct store *store;
	json_t *array;
	struct err *err;
	bool failed;
};

static bool parse_if_found(struct buf *text, bool found, json_t **ret_json, struct err *err)
{
	if (found)
		return json_parse((const char *)text->data, text->size, ret_json, err);
	*ret_json = json_null();
	return true;
}

static bool add_embryo(const struct embryo *embryo, void *context)
{
	struct embryo_list *list = context;
	OWN(buf_done) struct buf text = BUF_INIT(TEXT_MAX);
	json_t *evaluation;
	bool found;
	list->failed = !evaluations_get(list->store, embryo->id, &text, NULL, &found, list->err) ||
	    !parse_if_found(&text, found, &evaluation, list->err);
	if (!list->failed)
		json_array_append_new(list->array, json_pack("{s:I, s:i, s:o}", "embryo", embryo->id, "well", embryo->well,
		    "evaluation", evaluation));
	return !list->failed;
}

static bool patient_json(struct store *store, const struct dish *dish, json_t **ret_json, struct err *err)
{
	struct cycle cycle;
	struct patient patient;
	*ret_json = json_null();
	if (dish->cycle_id == 0)
		return true;
	if (!cycles_get(store, dish->cycle_id, &cycle, err) || !patients_get(store, cycle.patient_id, &patient, err))
		return false;
	*ret_json = json_pack("{s:I, s:s, s:s, s:s, s:s}", "id", patient.id, "name", patient.name, "identifier",
	    patient.identifier, "cycle", cycle.label, "method", insemination_name(cycle.method));
	return true;
}

static const json_t *evaluation_of(const json_t *dish, int64_t embryo)
{
	size_t i;
	const json_t *entry;
	json_array_foreach(json_object_get(dish, "embryos"), i, entry)
		if (json_int(entry, "embryo", 0) == embryo)
			return json_object_get(entry, "evaluation");
	return NULL;
}

/* The ranks are of its cycle; what is shown are those of the dish. */
static void keep_own(json_t *ranking, const json_t *dish)
{
	for (size_t i = json_array_size(ranking); i-- > 0;)
		if (!evaluation_of(dish, json_int(json_array_get(ranking, i), "embryo", 0)))
			json_array_remove(ranking, i);
}

bool dish_json(struct store *store, const struct dish *dish, json_t **ret_json, struct err *err)
{
	OWN(json_decref) json_t *json = json_object();
	OWN(buf_done) struct buf text = BUF_INIT(TEXT_MAX);
	struct embryo_list list = {store, json_array(), err, false};
	json_t *ranking, *patient;
	bool found;
	json_object_set_new(json, "embryos", list.array);
	json_object_set_new(json, "dish", json_integer(dish->id));
	json_object_set_new(json, "slide", json_string(dish->slide));
	json_object_set_new(json, "format", json_string(dish->format));
	if (!patient_json(store, dish, &patient, err))
		return false;
	json_object_set_new(json, "patient", patient);
	if (!rankings_get(store, dish->id, &text, NULL, &found, err) || !parse_if_found(&text, found, &ranking, err))
		return false;
	json_object_set_new(json, "ranking", ranking);
	if (!embryos_each(store, dish->id, add_embryo, &list, err) || list.failed)
		return false;
	keep_own(ranking, json);
	*ret_json = TAKE(json);
	return true;
}

static void print_hours(const json_t *time_s)
{
	if (json_is_integer(time_s))
		printf("%6.1f h", (double)json_integer_value(time_s) / 3600);
	else
		printf("        ");
}

static void print_events(const json_t *evaluation)
{
	size_t i;
	const json_t *event;
	json_array_foreach(json_object_get(evaluation, "events"), i, event) {
		const json_t *automatic = json_object_get(event, "automatic");
		const json_t *used = json_object_get(event, "used");
		if (!json_is_object(used))
			continue;
		printf("        %-5s run %-4" PRId64 " ", json_text(event, "event", ""), json_int(used, "run", 0));
		print_hours(json_object_get(used, "time_s"));
		if (json_is_integer(json_object_get(automatic, "earliest_s")))
			printf("  (%.1f to %.1f h)", (double)json_int(automatic, "earliest_s", 0) / 3600,
			    (double)json_int(automatic, "latest_s", 0) / 3600);
		if (strcmp(json_text(used, "source", ""), "human") == 0)
			printf("  by a person");
		else
			printf("  confidence %" PRId64 " %%", json_int(automatic, "confidence", 0) / 10);
		printf("\n");
	}
}

static void print_flags(const json_t *evaluation)
{
	size_t i;
	const json_t *flag;
	json_array_foreach(json_object_get(evaluation, "flags"), i, flag) {
		const char *state = json_text(flag, "state", "");
		if (strcmp(state, "yes") == 0 || strcmp(state, "suspected") == 0)
			printf("        %s %s: %s\n", state, json_text(flag, "flag", ""), json_text(flag, "reason", ""));
	}
}

static void print_profiles(const json_t *evaluation)
{
	size_t i;
	const json_t *profile;
	json_array_foreach(json_object_get(evaluation, "profiles"), i, profile)
		printf("        %-34s %s%s\n", json_text(profile, "title", ""),
		    json_text(profile, "value", json_text(profile, "reason", "")),
		    json_bool(profile, "verified", false) ? "" : "  [unverified]");
	const json_t *grade = json_object_get(evaluation, "grade");
	printf("        %-34s %s\n", "Gardner grade", json_text(grade, "gardner", json_text(grade, "reason", "")));
}

static void print_row(const json_t *dish, const json_t *row, bool events)
{
	const json_t *evaluation = evaluation_of(dish, json_int(row, "embryo", 0));
	const json_t *rank = json_object_get(row, "rank");
	if (json_is_integer(rank))
		printf("  %4lld", json_integer_value(rank));
	else
		printf("     -");
	printf("  well %-3" PRId64 " %-11s %s\n", json_int(row, "well", 0), json_text(evaluation, "stage_group", ""),
	    json_text(evaluation, "stage", ""));
	size_t i;
	const json_t *reason;
	json_array_foreach(json_object_get(row, "reasons"), i, reason)
		printf("                 %s\n", json_string_value(reason));
	if (events) {
		print_events(evaluation);
		print_flags(evaluation);
		print_profiles(evaluation);
	}
}

void dish_print(const json_t *dish, bool events)
{
	const json_t *patient = json_object_get(dish, "patient");
	if (json_is_object(patient))
		printf("\n%s (%s), %s, %s: slide %s\n", json_text(patient, "name", ""), json_text(patient, "identifier", ""),
		    json_text(patient, "cycle", ""), json_text(patient, "method", ""), json_text(dish, "slide", ""));
	else
		printf("\nSlide %s: no patient assigned, in the inbox\n", json_text(dish, "slide", ""));
	size_t i;
	const json_t *row;
	json_array_foreach(json_object_get(dish, "ranking"), i, row)
		print_row(dish, row, events);
	if (json_array_size(json_object_get(dish, "ranking")) == 0)
		printf("  not ranked yet\n");
}

void dish_print_csv_head(void)
{
	static const char *const columns[] = {"dish", "slide", "well", "event", "source", "run", "time_s", "earliest_s",
	    "latest_s", "confidence_permille"};
	OWN(buf_done) struct buf text = BUF_INIT(TEXT_MAX);
	csv_line(&(struct csv){.to = &text}, columns, sizeof columns / sizeof *columns);
	printf("%s", buf_text(&text));
}

static void csv_event(struct csv *csv, const json_t *dish, const json_t *embryo, const json_t *event)
{
	const json_t *used = json_object_get(event, "used"), *automatic = json_object_get(event, "automatic");
	csv_json(csv, json_object_get(dish, "dish"));
	csv_json(csv, json_object_get(dish, "slide"));
	csv_json(csv, json_object_get(embryo, "well"));
	csv_json(csv, json_object_get(event, "event"));
	csv_json(csv, json_object_get(used, "source"));
	csv_json(csv, json_object_get(used, "run"));
	csv_json(csv, json_object_get(used, "time_s"));
	csv_json(csv, json_object_get(automatic, "earliest_s"));
	csv_json(csv, json_object_get(automatic, "latest_s"));
	csv_json(csv, json_object_get(automatic, "confidence"));
	csv_end_line(csv);
}

bool dish_print_csv(const json_t *dish, struct err *err)
{
	OWN(buf_done) struct buf text = BUF_INIT(TEXT_MAX);
	struct csv csv = {.to = &text};
	size_t i, k;
	const json_t *entry, *event;
	json_array_foreach(json_object_get(dish, "embryos"), i, entry)
		json_array_foreach(json_object_get(json_object_get(entry, "evaluation"), "events"), k, event)
			if (json_is_object(json_object_get(event, "used")))
				csv_event(&csv, dish, entry, event);
	if (!buf_ok(&text, err))
		return false;
	printf("%s", buf_text(&text));
	return true;
}
