/* The first page: whose embryos these are, all of them at a glance in order of rank, and room to sign. */
#include "report/sheet.h"

#include <stdio.h>
#include <string.h>

enum { NOTICE_MAX = 400 };

struct field {
	enum word label;
	char value[LIMIT_NAME * 2];
};

static void slides_of(const struct sheet *sheet, char *to, size_t size)
{
	size_t i, at = 0;
	const json_t *dish;
	to[0] = 0;
	json_array_foreach(json_object_get(sheet->facts->json, "dishes"), i, dish) {
		at += (size_t)snprintf(to + at, size - at, "%s%s", at ? ", " : "", json_text(dish, "slide", ""));
		at = at < size ? at : size - 1;
	}
}

static int embryos_of(const struct sheet *sheet)
{
	size_t i, j;
	const json_t *dish, *embryo;
	int count = 0;
	json_array_foreach(json_object_get(sheet->facts->json, "dishes"), i, dish)
		json_array_foreach(json_object_get(dish, "embryos"), j, embryo)
			count += !sheet_is_empty(embryo);
	return count;
}

static void fill_fields(const struct sheet *sheet, struct field fields[8])
{
	enum language language = sheet->request->language;
	const json_t *cycle = json_object_get(sheet->facts->json, "cycle"),
	             *patient = json_object_get(sheet->facts->json, "patient");
	char time[WORDS_TIME_SIZE], born[WORDS_TIME_SIZE], slides[LIMIT_NAME * 2];
	words_date(language, json_text(patient, "born", ""), born);
	sheet_time(sheet, cycle, "decision", time);
	slides_of(sheet, slides, sizeof slides);
	static const enum word labels[8] = {WORD_NAME, WORD_IDENTIFIER, WORD_BORN, WORD_EMBRYOS, WORD_CYCLE,
	    WORD_METHOD, WORD_DECISION_TIME, WORD_SLIDES};
	const char *values[8] = {json_text(patient, "name", ""), json_text(patient, "identifier", ""),
	    born[0] ? born : sheet_say(sheet, WORD_NOT_GIVEN), "", json_text(cycle, "label", ""),
	    words_name(language, "method", json_text(cycle, "method", "")), time, slides};
	for (int i = 0; i < 8; i++) {
		fields[i].label = labels[i];
		snprintf(fields[i].value, sizeof fields[i].value, "%s", values[i]);
	}
	snprintf(fields[3].value, sizeof fields[3].value, "%d", embryos_of(sheet));
}

void front_head(struct sheet *sheet, enum word title)
{
	static const double widths[4] = {0.29, 0.17, 0.26, 0.28};
	const struct pen pen_title = {20, true, INK}, pen_house = {9, true, TEAL};
	struct paper *paper = sheet->paper;
	struct field fields[8];
	fill_fields(sheet, fields);
	paper_fill(paper, (struct paper_box){0, 0, PAPER_WIDTH, 6}, 0, TEAL);
	paper_line(paper, SHEET_LEFT, 54, 0, ALIGN_LEFT, &pen_title, sheet_say(sheet, title));
	paper_line(paper, SHEET_LEFT, 54, SHEET_WIDTH, ALIGN_RIGHT, &pen_house, "Daybreak");
	double heights[2] = {0};
	for (int i = 0; i < 8; i++) {
		const struct pen pen = {i == 0 ? 10 : 8.5, i == 0 || i == 1, INK};
		double height =
		    paper_height(paper, widths[i % 4] * (SHEET_WIDTH - 20) - 8, 0, &pen, fields[i].value);
		heights[i / 4] = height > heights[i / 4] ? height : heights[i / 4];
	}
	double top = 68, height = 2 * 20 + heights[0] + heights[1];
	paper_fill(paper, (struct paper_box){SHEET_LEFT, top, SHEET_WIDTH, height}, 5, TINT);
	for (int row = 0; row < 2; row++) {
		double x = SHEET_LEFT + 12, y = top + 10 + (row ? heights[0] + 18 : 0);
		for (int i = row * 4; i < row * 4 + 4; i++) {
			const struct pen pen = {i == 0 ? 10 : 8.5, i == 0 || i == 1, INK};
			double width = widths[i % 4] * (SHEET_WIDTH - 20);
			paper_line(
			    paper, x, y + 6, width - 8, ALIGN_LEFT, &pen_label, sheet_say(sheet, fields[i].label));
			paper_text(paper, x, y + 8, width - 8, 0, &pen, fields[i].value);
			x += width;
		}
	}
	sheet->y = top + height + 10;
}

static void notice(struct sheet *sheet, const char *text)
{
	const struct pen pen = {8, false, AMBER};
	double height = paper_height(sheet->paper, SHEET_WIDTH - 24, 0, &pen, text) + 10;
	sheet_need(sheet, height + 6);
	paper_fill(sheet->paper, (struct paper_box){SHEET_LEFT, sheet->y, SHEET_WIDTH, height}, 4, AMBER_SOFT);
	paper_fill(sheet->paper, (struct paper_box){SHEET_LEFT, sheet->y, 3, height}, 0, AMBER);
	paper_text(sheet->paper, SHEET_LEFT + 12, sheet->y + 5, SHEET_WIDTH - 24, 0, &pen, text);
	sheet->y += height + 6;
}

/* What a reader of the report must know before all else. */
static void notices(struct sheet *sheet)
{
	enum language language = sheet->request->language;
	const char *reader, *digest, *engine, *priors;
	int readers;
	char text[NOTICE_MAX], read[24], total[24];
	size_t i;
	const json_t *dish, *dishes = json_object_get(sheet->facts->json, "dishes");
	json_array_foreach(dishes, i, dish) {
		const char *slide = json_text(dish, "slide", "");
		int64_t runs_read = json_int(dish, "runs_read", 0), runs_total = json_int(dish, "runs_total", 0);
		snprintf(read, sizeof read, "%lld", (long long)runs_read);
		snprintf(total, sizeof total, "%lld", (long long)runs_total);
		WORDS_FILL(text, language, WORD_READING, read, total, slide);
		if (runs_read < runs_total)
			notice(sheet, text);
		WORDS_FILL(text, language, WORD_NO_TIMES, slide);
		if (strcmp(json_text(dish, "timing", ""), "exact") != 0)
			notice(sheet, text);
	}
	sheet_makers(sheet, &reader, &digest, &engine, &priors, &readers);
	if (readers > 1)
		notice(sheet, sheet_say(sheet, WORD_TWO_READERS));
	if (json_array_size(dishes) == 0)
		notice(sheet, sheet_say(sheet, WORD_NO_DISH));
}

/* The columns of the overview, from the left. */
static const double column_x[6] = {0, 42, 96, 200, 262, 388};

static void flags_line(const struct sheet *sheet, const json_t *evaluation, char *to, size_t size)
{
	size_t i, at = 0;
	const json_t *flag;
	enum language language = sheet->request->language;
	snprintf(to, size, "%s", sheet_say(sheet, json_is_object(evaluation) ? WORD_NO_FLAG : WORD_UNREAD));
	json_array_foreach(json_object_get(evaluation, "flags"), i, flag) {
		const char *state = json_text(flag, "state", "");
		if (strcmp(state, "yes") != 0 && strcmp(state, "suspected") != 0)
			continue;
		at += (size_t)snprintf(to + at, size - at, "%s%s (%s)", at ? "; " : "",
		    words_name(language, "flag", json_text(flag, "flag", "")),
		    words_name(language, "state", state));
		at = at < size ? at : size - 1;
	}
}

static void decision_cell(struct sheet *sheet, const json_t *embryo, double x, double y)
{
	enum language language = sheet->request->language;
	const json_t *decision = said_decision(embryo);
	double width = SHEET_RIGHT - x;
	if (!decision) {
		paper_line(sheet->paper, x, y + 8, width, ALIGN_LEFT, &pen_soft, sheet_say(sheet, WORD_UNDECIDED));
		return;
	}
	char made[WORDS_TIME_SIZE], by[LIMIT_NAME + WORDS_TIME_SIZE];
	sheet_time(sheet, decision, "made", made);
	snprintf(by, sizeof by, "%s, %s", json_text(decision, "author", ""), made);
	paper_line(sheet->paper, x, y + 8, width, ALIGN_LEFT, &pen_strong,
	    words_name(language, "decision", json_text(decision, "decision", "")));
	paper_text(sheet->paper, x, y + 11, width, 2, &pen_small, by);
}

static void overview_row(struct sheet *sheet, const json_t *embryo)
{
	enum { HEIGHT = 36 };
	const struct pen pen_rank = {13, true, TEAL};
	enum language language = sheet->request->language;
	struct paper *paper = sheet->paper;
	const json_t *evaluation = json_object_get(embryo, "evaluation"), *rank = json_object_get(embryo, "rank");
	char text[512], confidence[16];
	sheet_need(sheet, HEIGHT);
	double y = sheet->y + 5, left = SHEET_LEFT;
	snprintf(text, sizeof text, "%lld", (long long)json_integer_value(rank));
	paper_line(paper, left + 4, y + 17, 30, ALIGN_LEFT, &pen_rank, json_is_integer(rank) ? text : "–");
	const uint8_t *pixels = facts_picture(sheet->facts, embryo, "now", NULL);
	if (pixels)
		paper_picture(paper, left + 30, y - 2, 30, pixels, CUT_SIDE);
	sheet_well(sheet, embryo, text, sizeof text);
	paper_line(paper, left + 68, y + 15, 50, ALIGN_LEFT, &pen_strong, text);
	double x = left + column_x[2] + 24;
	const char *group = json_text(evaluation, "stage_group", "");
	paper_line(paper, x, y + 8, 76, ALIGN_LEFT, &pen_body,
	    group[0] ? words_name(language, "group", group) : sheet_say(sheet, WORD_UNREAD));
	snprintf(confidence, sizeof confidence, "%d", (int)json_int(evaluation, "group_confidence", 0) / 10);
	WORDS_FILL(text, language, WORD_CONFIDENCE, confidence);
	if (group[0])
		paper_line(paper, x, y + 18, 76, ALIGN_LEFT, &pen_small, text);
	const json_t *grade;
	const char *graded = sheet_grade(sheet, embryo, &grade);
	paper_line(paper, left + column_x[3] + 8, y + 8, 50, ALIGN_LEFT, &pen_strong, graded ? graded : "–");
	if (graded)
		paper_line(paper, left + column_x[3] + 8, y + 18, 50, ALIGN_LEFT, &pen_small,
		    words_name(language, "group", json_text(grade, "stage", "")));
	flags_line(sheet, evaluation, text, sizeof text);
	paper_text(paper, left + column_x[4], y, 118, 3, &pen_soft, text);
	decision_cell(sheet, embryo, left + column_x[5], y);
	sheet->y += HEIGHT;
	paper_stroke(paper, SHEET_LEFT, sheet->y, SHEET_RIGHT, sheet->y, 0.4, LINE);
}

/* A well without an embryo says so in its line of reasons. */
static void empty_row(struct sheet *sheet, const json_t *embryo)
{
	char text[512], well[64];
	sheet_need(sheet, 16);
	sheet_well(sheet, embryo, well, sizeof well);
	const char *reason = json_string_value(json_array_get(json_object_get(embryo, "reasons"), 0));
	words_tell(sheet->request->language, reason ? reason : "Not ranked: the well is empty.", text, sizeof text);
	paper_line(sheet->paper, SHEET_LEFT + 68, sheet->y + 11, 60, ALIGN_LEFT, &pen_soft, well);
	paper_line(sheet->paper, SHEET_LEFT + column_x[2] + 24, sheet->y + 11, 380, ALIGN_LEFT, &pen_soft, text);
	sheet->y += 16;
	paper_stroke(sheet->paper, SHEET_LEFT, sheet->y, SHEET_RIGHT, sheet->y, 0.4, LINE);
}

static void overview(struct sheet *sheet, const json_t *dish)
{
	static const enum word heads[6] = {
	    WORD_RANK, WORD_EMBRYO, WORD_REACHED, WORD_GRADE, WORD_FLAGS, WORD_DECISION};
	static const double shift[6] = {0, -12, 24, 8, 0, 0};
	char title[LIMIT_NAME * 2];
	bool one = json_array_size(json_object_get(sheet->facts->json, "dishes")) == 1;
	snprintf(title, sizeof title, "%s%s%s", sheet_say(sheet, WORD_OVERVIEW), one ? "" : "  ·  ",
	    one ? "" : json_text(dish, "slide", ""));
	sheet_section(sheet, title, 60);
	for (int i = 0; i < 6; i++)
		paper_line(sheet->paper, SHEET_LEFT + column_x[i] + shift[i], sheet->y + 6, 0, ALIGN_LEFT,
		    &pen_label, sheet_say(sheet, heads[i]));
	sheet->y += 10;
	paper_stroke(sheet->paper, SHEET_LEFT, sheet->y, SHEET_RIGHT, sheet->y, 0.4, LINE);
	size_t i;
	const json_t *embryo;
	json_array_foreach(json_object_get(dish, "embryos"), i, embryo) {
		if (sheet_is_empty(embryo))
			empty_row(sheet, embryo);
		else
			overview_row(sheet, embryo);
	}
	sheet->y += 8;
}

static const double sign_x[5] = {0, 100, 190, 350, SHEET_WIDTH};

/* Returns its height. */
static double signature_cell(struct sheet *sheet, int column, const struct pen *pen, const char *text)
{
	return paper_text(sheet->paper, SHEET_LEFT + sign_x[column], sheet->y + 2,
	    sign_x[column + 1] - sign_x[column] - 8, 0, pen, text);
}

/* A signature as 21 CFR 11.50 has it: printed name, date and time; its meaning stands above the column. */
static double signed_cell(struct sheet *sheet, int column, const json_t *signature)
{
	char made[WORDS_TIME_SIZE], text[LIMIT_NAME + WORDS_TIME_SIZE];
	sheet_time(sheet, signature, "made", made);
	snprintf(text, sizeof text, "%s, %s", json_text(signature, "name", ""), made);
	return signature_cell(sheet, column, signature ? &pen_body : &pen_soft,
	    signature ? text : sheet_say(sheet, WORD_NOT_SIGNED));
}

static void signature_heads(struct sheet *sheet)
{
	static const enum word heads[4] = {WORD_EMBRYO, WORD_DECISION, WORD_SIGN_EMBRYOLOGIST, WORD_SIGN_WITNESS},
	                       means[4] = {0, 0, WORD_MEANS_AUTHOR, WORD_MEANS_WITNESS};
	double height = 0;
	for (int i = 0; i < 4; i++) {
		double width = sign_x[i + 1] - sign_x[i] - 8, x = SHEET_LEFT + sign_x[i];
		paper_line(sheet->paper, x, sheet->y + 6, width, ALIGN_LEFT, &pen_label, sheet_say(sheet, heads[i]));
		if (i < 2)
			continue;
		double taken =
		    paper_text(sheet->paper, x, sheet->y + 8, width, 0, &pen_small, sheet_say(sheet, means[i]));
		height = taken > height ? taken : height;
	}
	sheet->y += 10 + height;
	paper_stroke(sheet->paper, SHEET_LEFT, sheet->y, SHEET_RIGHT, sheet->y, 0.4, LINE);
}

static void signature_row(struct sheet *sheet, const json_t *dish, const json_t *embryo, bool one)
{
	enum { ROOM = 40 }; /* two long names */
	const json_t *decision = said_decision(embryo);
	char well[64], text[LIMIT_NAME * 2];
	if (sheet_need(sheet, ROOM))
		signature_heads(sheet);
	sheet_well(sheet, embryo, well, sizeof well);
	snprintf(text, sizeof text, "%s%s%s", well, one ? "" : "  ·  ", one ? "" : json_text(dish, "slide", ""));
	const char *kind = words_name(sheet->request->language, "decision", json_text(decision, "decision", ""));
	const double heights[4] = {signature_cell(sheet, 0, &pen_body, text),
	    signature_cell(sheet, 1, &pen_strong, kind), signed_cell(sheet, 2, said_signature(decision, "author")),
	    signed_cell(sheet, 3, said_signature(decision, "witness"))};
	double height = 0;
	for (int i = 0; i < 4; i++)
		height = heights[i] > height ? heights[i] : height;
	sheet->y += height + 5;
	paper_stroke(sheet->paper, SHEET_LEFT, sheet->y, SHEET_RIGHT, sheet->y, 0.4, LINE);
}

/* What was signed on the screen; true where every decision has both signatures. */
static bool electronic(struct sheet *sheet)
{
	size_t i, j;
	int decided = 0, signed_twice = 0;
	const json_t *dish, *embryo, *dishes = json_object_get(sheet->facts->json, "dishes");
	json_array_foreach(dishes, i, dish) {
		json_array_foreach(json_object_get(dish, "embryos"), j, embryo) {
			const json_t *decision = said_decision(embryo);
			if (!decision)
				continue;
			if (!decided++)
				signature_heads(sheet);
			signature_row(sheet, dish, embryo, json_array_size(dishes) == 1);
			signed_twice += said_signature(decision, "author") && said_signature(decision, "witness");
		}
	}
	sheet->y += decided ? 8 : 0;
	return decided && signed_twice == decided;
}

/* By hand, where it was not done on the screen. */
static void signatures(struct sheet *sheet)
{
	static const enum word who[2] = {WORD_SIGN_EMBRYOLOGIST, WORD_SIGN_WITNESS};
	double width = (SHEET_WIDTH - 16) / 2;
	sheet_section(sheet, sheet_say(sheet, WORD_SIGNATURES), 62);
	if (electronic(sheet))
		return;
	sheet_need(sheet, 62);
	for (int i = 0; i < 2; i++) {
		double x = SHEET_LEFT + i * (width + 16);
		paper_frame(sheet->paper, (struct paper_box){x, sheet->y, width, 54}, 4, 0.6, LINE);
		paper_line(sheet->paper, x + 8, sheet->y + 12, width - 16, ALIGN_LEFT, &pen_label,
		    sheet_say(sheet, who[i]));
		paper_stroke(sheet->paper, x + 8, sheet->y + 41, x + width - 8, sheet->y + 41, 0.5, INK_FAINT);
		paper_line(sheet->paper, x + 8, sheet->y + 49, width - 16, ALIGN_LEFT, &pen_small,
		    sheet_say(sheet, WORD_SIGN_LINE));
	}
	sheet->y += 60;
}

void front_draw(struct sheet *sheet)
{
	size_t i;
	const json_t *dish;
	sheet_page(sheet, true);
	front_head(sheet, WORD_TITLE);
	notices(sheet);
	json_array_foreach(json_object_get(sheet->facts->json, "dishes"), i, dish)
		overview(sheet, dish);
	sheet_need(sheet, 30);
	const char *order = sheet_say(sheet, WORD_ORDER);
	sheet->y += paper_text(sheet->paper, SHEET_LEFT, sheet->y, SHEET_WIDTH, 0, &pen_soft, order) + 4;
	sheet->y += paper_text(sheet->paper, SHEET_LEFT, sheet->y, SHEET_WIDTH, 0, &pen_strong,
	                sheet_say(sheet, WORD_SUPPORTS)) +
	    8;
	signatures(sheet);
}
