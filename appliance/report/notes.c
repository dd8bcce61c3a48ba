/* What people noted of one embryo: grades of each stage, assessments, comments, and what became of a transfer. All that
 * is current stands here, with who said it and when; where several people spoke, the word that is used is bold. */
#include "report/sheet.h"

#include <stdio.h>
#include <string.h>

enum { BY_SIZE = LIMIT_NAME + 2 * WORDS_TIME_SIZE };
static const double GAP = 12, WHAT = 76, VALUE = 66;
static const struct pen pen_what = {7, false, INK_SOFT}, pen_value = {7, false, INK}, pen_used = {7, true, INK};

/* One word, ready to be drawn. */
struct note {
	const char *what;
	char value[64], by[BY_SIZE];
	bool used;
};

/* "anna, 21 Nov 2026, 07:30 CET", and before it the day that an outcome is of or the frame that was looked at. */
static void fill_by(const struct sheet *sheet, const json_t *word, char to[BY_SIZE])
{
	char made[WORDS_TIME_SIZE], of[WORDS_TIME_SIZE] = "", run[16];
	enum language language = sheet->request->language;
	const json_t *frame = json_object_get(word, "run");
	sheet_time(sheet, word, "made", made);
	words_date(language, json_text(word, "day", ""), of);
	snprintf(run, sizeof run, "%lld", (long long)json_integer_value(frame));
	if (json_is_integer(frame))
		WORDS_FILL(of, language, WORD_RUN, run);
	snprintf(to, BY_SIZE, "%s%s%s, %s", of, of[0] ? "  ·  " : "", json_text(word, "author", ""), made);
}

static struct note grade_note(const struct sheet *sheet, const json_t *embryo, const json_t *grade)
{
	enum language language = sheet->request->language;
	enum grade_stage stage;
	struct note note = {.what = words_name(language, "group", json_text(grade, "stage", ""))};
	snprintf(note.value, sizeof note.value, "%s", words_name(language, "quality", json_text(grade, "text", "")));
	note.used = grade_stage_from_name(json_text(grade, "stage", ""), &stage) && said_grade(embryo, stage) == grade;
	fill_by(sheet, grade, note.by);
	return note;
}

static struct note observation_note(const struct sheet *sheet, const json_t *embryo, const json_t *word)
{
	enum language language = sheet->request->language;
	enum observation_kind kind;
	const char *name = json_text(word, "kind", ""), *value = json_text(word, "value", "");
	struct note note = {.what = words_name(language, "observation", name)};
	bool known = observation_from_name(name, &kind);
	bool percent = known && strcmp(observation_values(kind), OBSERVATION_PERCENT) == 0;
	snprintf(note.value, sizeof note.value, "%s%s", words_name(language, "noted", value), percent ? " %" : "");
	note.used = known && said_observation(embryo, kind) == word;
	fill_by(sheet, word, note.by);
	return note;
}

static double note_height(struct sheet *sheet, const struct note *note, double width)
{
	double height = paper_height(sheet->paper, width - WHAT - VALUE, 0, &pen_small, note->by),
	       what = paper_height(sheet->paper, WHAT - 4, 0, &pen_what, note->what),
	       value = paper_height(sheet->paper, VALUE - 4, 0, &pen_used, note->value);
	height = what > height ? what : height;
	return (value > height ? value : height) + 3;
}

static void note_cell(struct sheet *sheet, const struct note *note, double x, double width)
{
	const struct pen *pen = note->used ? &pen_used : &pen_value;
	paper_text(sheet->paper, x, sheet->y + 1, WHAT - 4, 0, &pen_what, note->what);
	paper_text(sheet->paper, x + WHAT, sheet->y + 1, VALUE - 4, 0, pen, note->value);
	paper_text(sheet->paper, x + WHAT + VALUE, sheet->y + 1, width - WHAT - VALUE, 0, &pen_small, note->by);
}

/* Two beside each other; `pending` waits for the second of its line. */
struct pair {
	struct sheet *sheet;
	struct note pending;
	bool is_pending;
};

static void draw_pair(struct pair *pair, const struct note *right)
{
	struct sheet *sheet = pair->sheet;
	double width = (SHEET_WIDTH - GAP) / 2, height = note_height(sheet, &pair->pending, width);
	double other = right ? note_height(sheet, right, width) : 0;
	height = other > height ? other : height;
	sheet_need(sheet, height);
	note_cell(sheet, &pair->pending, SHEET_LEFT, width);
	if (right)
		note_cell(sheet, right, SHEET_LEFT + width + GAP, width);
	sheet->y += height;
	paper_stroke(sheet->paper, SHEET_LEFT, sheet->y, SHEET_RIGHT, sheet->y, 0.3, LINE);
	pair->is_pending = false;
}

static void add_note(struct pair *pair, struct note note)
{
	if (pair->is_pending) {
		draw_pair(pair, &note);
		return;
	}
	pair->pending = note;
	pair->is_pending = true;
}

static void end_pairs(struct pair *pair)
{
	if (pair->is_pending)
		draw_pair(pair, NULL);
	pair->sheet->y += 7;
}

/* In the order of the table of kinds, which is that of development. */
static void observations(struct pair *pair, const json_t *embryo, enum observation_group group)
{
	size_t i;
	const json_t *word;
	for (enum observation_kind kind = 0; kind < OBSERVATION_COUNT; kind++) {
		if (observation_group(kind) != group)
			continue;
		json_array_foreach(json_object_get(embryo, "observations"), i, word)
			if (strcmp(json_text(word, "kind", ""), observation_name(kind)) == 0)
				add_note(pair, observation_note(pair->sheet, embryo, word));
	}
}

static bool has_group(const json_t *embryo, enum observation_group group)
{
	for (enum observation_kind kind = 0; kind < OBSERVATION_COUNT; kind++)
		if (observation_group(kind) == group && said_observation(embryo, kind))
			return true;
	return false;
}

static void comments(struct sheet *sheet, const json_t *embryo)
{
	size_t i;
	char by[BY_SIZE];
	const json_t *comment, *list = json_object_get(embryo, "comments");
	if (json_array_size(list) == 0)
		return;
	sheet_section(sheet, sheet_say(sheet, WORD_COMMENTS), 24);
	json_array_foreach(list, i, comment) {
		const char *text = json_text(comment, "text", "");
		fill_by(sheet, comment, by);
		sheet_need(sheet, paper_height(sheet->paper, SHEET_WIDTH, 0, &pen_body, text) + 12);
		sheet->y += paper_text(sheet->paper, SHEET_LEFT, sheet->y, SHEET_WIDTH, 0, &pen_body, text);
		sheet->y += paper_text(sheet->paper, SHEET_LEFT, sheet->y, SHEET_WIDTH, 0, &pen_small, by) + 4;
	}
	sheet->y += 4;
}

void notes_draw(struct sheet *sheet, const json_t *embryo)
{
	struct pair pair = {.sheet = sheet};
	size_t i;
	const json_t *grade, *grades = json_object_get(embryo, "grades");
	if (json_array_size(grades) || has_group(embryo, ASSESSMENT)) {
		sheet_section(sheet, sheet_say(sheet, WORD_NOTED), 24);
		json_array_foreach(grades, i, grade)
			add_note(&pair, grade_note(sheet, embryo, grade));
		observations(&pair, embryo, ASSESSMENT);
		end_pairs(&pair);
	}
	comments(sheet, embryo);
	if (has_group(embryo, OUTCOME)) {
		sheet_section(sheet, sheet_say(sheet, WORD_OUTCOME), 24);
		observations(&pair, embryo, OUTCOME);
		end_pairs(&pair);
	}
}
