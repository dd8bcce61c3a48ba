#include "report/table.h"

#include "base/clock.h"
#include "base/csv.h"
#include "evaluation/flags.h"
#include "report/said.h"

#include <stdio.h>
#include <string.h>

/* Room for every comment of a person on one embryo, which is seldom more than a few lines. */
enum { CELL_MAX = 64 << 10, NAME_MAX_SIZE = 96 };

/* The same walk writes the names of the columns and then the cells, so that the two cannot disagree. */
struct table {
	struct csv csv;
	bool heads;
	const struct facts *facts;
	int64_t made_us;
};

static void text_cell(struct table *table, const char *name, const char *text)
{
	csv_text(&table->csv, table->heads ? name : text);
}

static void member_cell(struct table *table, const char *name, const json_t *object, const char *member)
{
	if (table->heads)
		csv_text(&table->csv, name);
	else
		csv_json(&table->csv, json_object_get(object, member));
}

/* <name>, <name>_author, <name>_made of a word. */
static void word_cells(struct table *table, const char *name, const json_t *word, const char *member)
{
	char column[NAME_MAX_SIZE];
	member_cell(table, name, word, member);
	snprintf(column, sizeof column, "%s_author", name);
	member_cell(table, column, word, "author");
	snprintf(column, sizeof column, "%s_made", name);
	member_cell(table, column, word, "made");
}

static const json_t *entry_of(const json_t *list, const char *member, const char *name)
{
	size_t i;
	const json_t *entry;
	json_array_foreach(list, i, entry)
		if (strcmp(json_text(entry, member, ""), name) == 0)
			return entry;
	return NULL;
}

static void place_cells(struct table *table, const json_t *dish, const json_t *embryo)
{
	const json_t *patient = json_object_get(table->facts->json, "patient"),
	             *cycle = json_object_get(table->facts->json, "cycle");
	member_cell(table, "patient", patient, "name");
	member_cell(table, "identifier", patient, "identifier");
	member_cell(table, "born", patient, "born");
	member_cell(table, "cycle", cycle, "label");
	member_cell(table, "method", cycle, "method");
	member_cell(table, "decision_due", cycle, "decision");
	member_cell(table, "slide", dish, "slide");
	member_cell(table, "well", embryo, "well");
	member_cell(table, "embryo", embryo, "embryo");
	member_cell(table, "runs_total", dish, "runs_total");
	member_cell(table, "runs_read", dish, "runs_read");
}

static void rank_cells(struct table *table, const json_t *embryo)
{
	OWN(buf_done) struct buf reasons = BUF_INIT(CELL_MAX);
	size_t i;
	const json_t *reason, *evaluation = json_object_get(embryo, "evaluation");
	json_array_foreach(json_object_get(embryo, "reasons"), i, reason)
		buf_print(&reasons, "%s%s", i ? " " : "", json_string_value(reason));
	member_cell(table, "rank", embryo, "rank");
	member_cell(table, "ranked", embryo, "of");
	member_cell(table, "rank_shared_by", embryo, "shared");
	text_cell(table, "rank_reasons", buf_text(&reasons));
	member_cell(table, "stage", evaluation, "stage");
	member_cell(table, "stage_confidence", evaluation, "stage_confidence");
}

/* The newest mark is the one that is used. */
static void event_cells(struct table *table, const char *name, const json_t *event)
{
	char column[NAME_MAX_SIZE];
	const json_t *used = json_object_get(event, "used"), *marks = json_object_get(event, "human"),
	             *mark = json_array_size(marks) ? json_array_get(marks, json_array_size(marks) - 1) : NULL;
	const char *source = json_bool(mark, "absent", false) ? "absent" : json_text(used, "source", "");
	bool automatic = strcmp(source, "automatic") == 0;
	snprintf(column, sizeof column, "%s_s", name);
	member_cell(table, column, used, "time_s");
	snprintf(column, sizeof column, "%s_source", name);
	text_cell(table, column, source);
	snprintf(column, sizeof column, "%s_author", name);
	member_cell(table, column, automatic ? NULL : mark, "author");
	snprintf(column, sizeof column, "%s_made", name);
	member_cell(table, column, automatic ? NULL : mark, "made");
}

static void profile_cell(struct table *table, const char *id, const json_t *result)
{
	char column[NAME_MAX_SIZE], text[1024];
	const char *state = json_text(result, "state", "");
	bool value = strcmp(state, "value") == 0;
	snprintf(column, sizeof column, "profile_%s", id);
	snprintf(text, sizeof text, "%s%s%s", value ? "" : state, value || !result ? "" : ": ",
	    json_text(result, value ? "value" : "reason", ""));
	text_cell(table, column, text);
}

static void evaluation_cells(struct table *table, const json_t *evaluation)
{
	size_t i;
	const json_t *entry, *flags = json_object_get(evaluation, "flags"),
	                     *profiles = json_object_get(evaluation, "profiles");
	for (enum stage stage = STAGE_PB2; stage < STAGE_COUNT; stage++)
		event_cells(table, stage_name(stage),
		    entry_of(json_object_get(evaluation, "events"), "event", stage_name(stage)));
	for (enum flag_kind flag = 0; flag < FLAG_COUNT; flag++)
		member_cell(table, flag_name(flag), entry_of(flags, "flag", flag_name(flag)), "state");
	json_array_foreach(facts_profiles(table->facts), i, entry) {
		const char *id = json_text(entry, "id", "");
		profile_cell(table, id, entry_of(profiles, "id", id));
	}
}

static void noted_cells(struct table *table, const json_t *embryo)
{
	char column[NAME_MAX_SIZE];
	OWN(buf_done) struct buf comments = BUF_INIT(CELL_MAX);
	size_t i;
	const json_t *comment;
	for (enum grade_stage stage = 0; stage < GRADE_STAGE_COUNT; stage++) {
		snprintf(column, sizeof column, "grade_%s", grade_stage_name(stage));
		word_cells(table, column, said_grade(embryo, stage), "text");
	}
	for (enum observation_kind kind = 0; kind < OBSERVATION_COUNT; kind++) {
		const json_t *word = said_observation(embryo, kind);
		word_cells(table, observation_name(kind), word, "value");
		snprintf(column, sizeof column, "%s_day", observation_name(kind));
		if (observation_group(kind) == OUTCOME)
			member_cell(table, column, word, "day");
	}
	json_array_foreach(json_object_get(embryo, "comments"), i, comment)
		buf_print(&comments, "%s%s (%s, %s)", i ? "\n" : "", json_text(comment, "text", ""),
		    json_text(comment, "author", ""), json_text(comment, "made", ""));
	text_cell(table, "comments", buf_text(&comments));
}

static void decision_cells(struct table *table, const json_t *embryo)
{
	OWN(buf_done) struct buf before = BUF_INIT(CELL_MAX);
	size_t i;
	const json_t *entry, *decision = said_decision(embryo), *author = said_signature(decision, "author"),
	                     *witness = said_signature(decision, "witness");
	json_array_foreach(json_object_get(embryo, "decisions"), i, entry)
		if (i > 0)
			buf_print(&before, "%s%s (%s, %s)", i > 1 ? "\n" : "", json_text(entry, "decision", ""),
			    json_text(entry, "author", ""), json_text(entry, "made", ""));
	member_cell(table, "decision", decision, "decision");
	member_cell(table, "decision_reason", decision, "reason");
	member_cell(table, "decision_author", decision, "author");
	member_cell(table, "decision_made", decision, "made");
	member_cell(table, "signed_by", author, "name");
	member_cell(table, "signed", author, "made");
	member_cell(table, "witnessed_by", witness, "name");
	member_cell(table, "witnessed", witness, "made");
	text_cell(table, "decisions_before", buf_text(&before));
}

static void maker_cells(struct table *table, const json_t *embryo)
{
	const json_t *readers = json_object_get(embryo, "readers"),
	             *reader = json_array_size(readers) ? json_array_get(readers, json_array_size(readers) - 1) : NULL,
	             *evaluation = json_object_get(embryo, "evaluation");
	char made[CLOCK_TEXT_SIZE];
	clock_format(made, table->made_us);
	member_cell(table, "reader", reader, "version");
	member_cell(table, "reader_digest", reader, "digest");
	member_cell(table, "engine", evaluation, "engine");
	member_cell(table, "priors", evaluation, "priors");
	text_cell(table, "report_made", made);
	text_cell(table, "report_digest", table->facts->digest);
}

static void line(struct table *table, const json_t *dish, const json_t *embryo)
{
	place_cells(table, dish, embryo);
	rank_cells(table, embryo);
	evaluation_cells(table, json_object_get(embryo, "evaluation"));
	noted_cells(table, embryo);
	decision_cells(table, embryo);
	maker_cells(table, embryo);
	csv_end_line(&table->csv);
}

void table_write(const struct facts *facts, int64_t made_us, struct buf *to)
{
	struct table table = {.csv = {.to = to}, .heads = true, .facts = facts, .made_us = made_us};
	size_t i, j;
	const json_t *dish, *embryo;
	csv_mark(&table.csv);
	line(&table, NULL, NULL);
	table.heads = false;
	json_array_foreach(json_object_get(facts->json, "dishes"), i, dish)
		json_array_foreach(json_object_get(dish, "embryos"), j, embryo)
			line(&table, dish, embryo);
}
