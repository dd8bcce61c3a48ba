/* One embryo, on a page of its own: what it looks like, what was seen of it and by whom, and what was decided. */
#include "report/sheet.h"

#include "model/gardner.h"
#include "model/time.h"

#include <stdio.h>
#include <string.h>

enum {
	TEXT_MAX = 600,
	EARLIER_MAX = 5, /* decisions before the one that counts; the store has them all */
};
static const double PICTURE = 116, GAP = 14;

static const char *const film[] = {"tPNa", "t2", "t4", "t8", "tM", "tB"};
enum { FILM_COUNT = sizeof film / sizeof *film };

/* "27.4 h", or the frame where no time is known. */
static void when(const struct sheet *sheet, const json_t *object, char *to, size_t size)
{
	char text[WORDS_TIME_SIZE], run[16];
	int64_t time_s = json_int(object, "time_s", TIME_UNKNOWN);
	snprintf(run, sizeof run, "%d", (int)json_int(object, "run", 0));
	words_hours(sheet->request->language, time_s, text);
	if (time_s == TIME_UNKNOWN)
		words_fill(to, size, sheet->request->language, WORD_RUN, (const char *const[]){run});
	else
		snprintf(to, size, "%s", text);
}

static void title(struct sheet *sheet, const json_t *dish, const json_t *embryo)
{
	enum language language = sheet->request->language;
	const struct pen pen = {15, true, INK};
	char text[TEXT_MAX], rank[16], of[16];
	const json_t *value = json_object_get(embryo, "rank");
	sheet_well(sheet, embryo, text, sizeof text);
	double x = SHEET_LEFT + paper_line(sheet->paper, SHEET_LEFT, sheet->y + 14, 0, ALIGN_LEFT, &pen, text) + 12;
	snprintf(rank, sizeof rank, "%d", (int)json_integer_value(value));
	snprintf(of, sizeof of, "%d", (int)json_int(embryo, "of", 0));
	WORDS_FILL(text, language, WORD_RANK_OF, rank, of);
	x += sheet_badge(sheet, x, sheet->y + 12, TEAL, 0xFFFFFF,
	         json_is_integer(value) ? text : sheet_say(sheet, WORD_UNRANKED)) +
	    5;
	snprintf(of, sizeof of, "%d", (int)json_int(embryo, "shared", 0));
	WORDS_FILL(text, language, WORD_SHARED, of);
	if (json_is_integer(value) && json_int(embryo, "shared", 0) > 1)
		sheet_badge(sheet, x, sheet->y + 12, TEAL_SOFT, TEAL, text);
	paper_line(sheet->paper, SHEET_RIGHT - 200, sheet->y + 13, 200, ALIGN_RIGHT, &pen_soft,
	    json_text(dish, "slide", ""));
	sheet->y += 24;
}

static double label(struct sheet *sheet, double x, double y, enum word word)
{
	paper_line(sheet->paper, x, y + 7, 0, ALIGN_LEFT, &pen_label, sheet_say(sheet, word));
	return y + 10;
}

static double reached(struct sheet *sheet, const json_t *evaluation, double x, double y, double width)
{
	enum language language = sheet->request->language;
	char text[TEXT_MAX], confidence[64], number[16];
	y = label(sheet, x, y, WORD_REACHED);
	const char *stage = json_text(evaluation, "stage", "");
	const char *shown = strcmp(stage, "empty") == 0 ? words_name(language, "group", stage)
	                                                : words_name(language, "event", stage);
	snprintf(number, sizeof number, "%d", (int)json_int(evaluation, "stage_confidence", 0) / 10);
	WORDS_FILL(confidence, language, WORD_CONFIDENCE, number);
	snprintf(text, sizeof text, "%s, %s", shown, confidence);
	return y +
	    paper_text(sheet->paper, x, y, width, 2, &pen_body, stage[0] ? text : sheet_say(sheet, WORD_UNREAD)) +
	    4;
}

static double grade(struct sheet *sheet, const json_t *embryo, double x, double y, double width)
{
	enum language language = sheet->request->language;
	const json_t *given;
	char text[TEXT_MAX], made[WORDS_TIME_SIZE], neqsi[24] = "";
	struct gardner gardner;
	y = label(sheet, x, y, WORD_GRADE);
	const char *name = sheet_grade(sheet, embryo, &given);
	if (!name)
		return y + paper_text(sheet->paper, x, y, width, 2, &pen_body, sheet_say(sheet, WORD_GRADE_NONE)) +
		    4;
	bool known = gardner_parse(name, &gardner, NULL);
	if (known && gardner_neqsi(&gardner))
		snprintf(neqsi, sizeof neqsi, ", NEQsi %d", gardner_neqsi(&gardner));
	sheet_time(sheet, given, "made", made);
	snprintf(text, sizeof text, "%s %s%s%s%s", words_name(language, "group", json_text(given, "stage", "")), name,
	    neqsi, known && gardner_is_good(&gardner) ? ", " : "",
	    known && gardner_is_good(&gardner) ? sheet_say(sheet, WORD_GOOD) : "");
	y += paper_text(sheet->paper, x, y, width, 2, &pen_strong, text);
	WORDS_FILL(text, language, WORD_BY, json_text(given, "author", ""), made);
	return y + paper_text(sheet->paper, x, y, width, 0, &pen_small, text) + 4;
}

/* Who signed a decision, when, and as what. */
static double signed_lines(struct sheet *sheet, const json_t *decision, double x, double y, double width)
{
	static const struct {
		const char *meaning;
		enum word word;
	} rows[] = {{"author", WORD_SIGNED_BY}, {"witness", WORD_WITNESSED_BY}};
	char text[TEXT_MAX], made[WORDS_TIME_SIZE];
	double top = y;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const json_t *signature = said_signature(decision, rows[i].meaning);
		sheet_time(sheet, signature, "made", made);
		WORDS_FILL(text, sheet->request->language, rows[i].word, json_text(signature, "name", ""), made);
		if (signature)
			y += paper_text(sheet->paper, x, y, width, 0, &pen_small, text);
	}
	return y - top;
}

static double decisions(struct sheet *sheet, const json_t *embryo, double x, double y, double width)
{
	enum language language = sheet->request->language;
	const struct pen pen = {11, true, TEAL};
	char text[TEXT_MAX], made[WORDS_TIME_SIZE], number[16];
	size_t i;
	const json_t *decision, *list = json_object_get(embryo, "decisions");
	y = label(sheet, x, y, WORD_DECISION);
	if (json_array_size(list) == 0)
		return y + paper_text(sheet->paper, x, y, width, 1, &pen_body, sheet_say(sheet, WORD_UNDECIDED)) +
		    4;
	json_array_foreach(list, i, decision) {
		const char *kind = words_name(language, "decision", json_text(decision, "decision", ""));
		const char *author = json_text(decision, "author", "");
		sheet_time(sheet, decision, "made", made);
		if (i == 0) {
			y += paper_text(sheet->paper, x, y, width, 1, &pen, kind);
			y += paper_text(sheet->paper, x, y, width, 0, &pen_body, json_text(decision, "reason", ""));
			WORDS_FILL(text, language, WORD_BY, author, made);
		} else if (i <= EARLIER_MAX) {
			WORDS_FILL(text, language, WORD_BEFORE, kind, author, made);
		} else {
			snprintf(number, sizeof number, "%d", (int)(json_array_size(list) - i));
			WORDS_FILL(text, language, WORD_EARLIER, number);
		}
		y += paper_text(sheet->paper, x, y, width, 0, &pen_small, text);
		if (i > EARLIER_MAX)
			break;
		y += signed_lines(sheet, decision, x, y, width);
	}
	return y + 4;
}

static double reasons(struct sheet *sheet, const json_t *embryo, double x, double y, double width)
{
	char text[TEXT_MAX];
	size_t i;
	const json_t *reason, *list = json_object_get(embryo, "reasons");
	if (json_array_size(list) == 0)
		return y;
	y = label(sheet, x, y, WORD_WHY);
	json_array_foreach(list, i, reason) {
		words_tell(sheet->request->language, json_string_value(reason), text, sizeof text);
		y += paper_text(sheet->paper, x, y, width, 0, &pen_soft, text) + 1;
	}
	return y;
}

static void portrait(struct sheet *sheet, const json_t *embryo)
{
	const json_t *picture = NULL, *evaluation = json_object_get(embryo, "evaluation");
	char text[TEXT_MAX], time[WORDS_TIME_SIZE];
	double x = SHEET_LEFT + PICTURE + GAP, width = SHEET_RIGHT - x, top = sheet->y;
	const uint8_t *pixels = facts_picture(sheet->facts, embryo, "now", &picture);
	if (pixels) {
		paper_picture(sheet->paper, SHEET_LEFT, top, PICTURE, pixels, CUT_SIDE);
		when(sheet, picture, time, sizeof time);
		snprintf(text, sizeof text, "%s, %s", sheet_say(sheet, WORD_NOW), time);
	} else {
		paper_fill(sheet->paper, (struct paper_box){SHEET_LEFT, top, PICTURE, PICTURE}, 4, TINT);
		snprintf(text, sizeof text, "%s", sheet_say(sheet, WORD_NO_PICTURE));
	}
	paper_line(sheet->paper, SHEET_LEFT, top + PICTURE + 9, PICTURE, ALIGN_LEFT, &pen_small, text);
	double half = (width - GAP) / 2, y = decisions(sheet, embryo, x, top, half);
	y = reached(sheet, evaluation, x, y, half);
	y = grade(sheet, embryo, x, y, half);
	double other = reasons(sheet, embryo, x + half + GAP, top, half), bottom = top + PICTURE + 14;
	sheet->y = (y > other ? y : other) > bottom ? (y > other ? y : other) : bottom;
	sheet->y += 4;
}

/* The same embryo at the frames of its events: those it has. */
static void film_strip(struct sheet *sheet, const json_t *embryo)
{
	char text[TEXT_MAX], time[WORDS_TIME_SIZE];
	double side = (SHEET_WIDTH - (FILM_COUNT - 1) * 8.0) / FILM_COUNT * 0.75,
	       step = (SHEET_WIDTH + 8) / FILM_COUNT;
	int shown = 0;
	for (int i = 0; i < FILM_COUNT; i++) {
		const json_t *picture;
		const uint8_t *pixels = facts_picture(sheet->facts, embryo, film[i], &picture);
		if (!pixels)
			continue;
		if (!shown)
			sheet_need(sheet, side + 16);
		double x = SHEET_LEFT + step * shown++;
		when(sheet, picture, time, sizeof time);
		snprintf(text, sizeof text, "%s  %s", film[i], time);
		paper_picture(sheet->paper, x, sheet->y, side, pixels, CUT_SIDE);
		paper_line(sheet->paper, x, sheet->y + side + 8, side, ALIGN_LEFT, &pen_small, text);
	}
	if (shown)
		sheet->y += side + 16;
}

/* Where the columns of an event lie in its half of the page. */
static const double EVENT_TIME = 27, EVENT_INTERVAL = 66, EVENT_SURE = 150, EVENT_HUMAN = 160;

static double automatic_cells(struct sheet *sheet, const json_t *event, double x, double y, double width)
{
	enum language language = sheet->request->language;
	const struct pen pen_odd = {6, true, AMBER};
	const json_t *automatic = json_object_get(event, "automatic");
	char text[TEXT_MAX], number[16], from[WORDS_TIME_SIZE], to[WORDS_TIME_SIZE];
	if (!json_is_object(automatic)) {
		/* Where nobody marked it either, the reason has the whole row. */
		bool alone = json_array_size(json_object_get(event, "human")) == 0;
		words_tell(language, json_text(event, "missing", ""), text, sizeof text);
		return paper_text(sheet->paper, x + EVENT_TIME, y + 1, (alone ? width : EVENT_SURE) - EVENT_TIME, 2,
		    &pen_small, text[0] ? text : sheet_say(sheet, WORD_NO_MARK));
	}
	when(sheet, automatic, text, sizeof text);
	paper_line(sheet->paper, x + EVENT_TIME, y + 8, 42, ALIGN_LEFT, &pen_soft, text);
	words_hours(language, json_int(automatic, "earliest_s", TIME_UNKNOWN), from);
	words_hours(language, json_int(automatic, "latest_s", TIME_UNKNOWN), to);
	from[strcspn(from, " ")] = 0;
	snprintf(text, sizeof text, "%s – %s", from, to);
	if (json_int(automatic, "time_s", TIME_UNKNOWN) != TIME_UNKNOWN)
		paper_line(sheet->paper, x + EVENT_INTERVAL, y + 8, 62, ALIGN_LEFT, &pen_small, text);
	snprintf(number, sizeof number, "%d", (int)json_int(automatic, "confidence", 0) / 10);
	WORDS_FILL(text, language, WORD_PERCENT, number);
	paper_line(sheet->paper, x + EVENT_SURE - 26, y + 8, 26, ALIGN_RIGHT, &pen_small, text);
	const char *plausible = json_text(event, "plausibility", "");
	bool hard = strcmp(plausible, "hard") == 0;
	if (!hard && strcmp(plausible, "soft") != 0)
		return 0;
	paper_line(sheet->paper, x + EVENT_TIME, y + 16, 120, ALIGN_LEFT, &pen_odd,
	    sheet_say(sheet, hard ? WORD_HARD : WORD_SOFT));
	return 17;
}

static double human_cells(struct sheet *sheet, const json_t *event, double x, double y, double width)
{
	const struct pen pen = {6.5, false, PLUM};
	char text[TEXT_MAX], time[WORDS_TIME_SIZE];
	double height = 0;
	size_t i;
	const json_t *mark, *marks = json_object_get(event, "human");
	json_array_foreach(marks, i, mark) {
		when(sheet, mark, time, sizeof time);
		snprintf(text, sizeof text, "%s, %s",
		    json_bool(mark, "absent", false) ? sheet_say(sheet, WORD_ABSENT) : time,
		    json_text(mark, "author", ""));
		height +=
		    paper_text(sheet->paper, x + EVENT_HUMAN, y + 1 + height, width - EVENT_HUMAN, 2, &pen, text);
	}
	if (json_array_size(marks) == 0 && json_is_object(json_object_get(event, "automatic")))
		paper_line(sheet->paper, x + EVENT_HUMAN, y + 8, 20, ALIGN_LEFT, &pen_small,
		    sheet_say(sheet, WORD_NO_MARK));
	return height;
}

static void event_heads(struct sheet *sheet, double x)
{
	const struct pen pen = {6, true, INK_FAINT};
	paper_line(
	    sheet->paper, x + EVENT_TIME, sheet->y + 6, 0, ALIGN_LEFT, &pen, sheet_say(sheet, WORD_AUTOMATIC));
	paper_line(sheet->paper, x + EVENT_INTERVAL + 10, sheet->y + 6, 50, ALIGN_LEFT, &pen,
	    sheet_say(sheet, WORD_INTERVAL));
	paper_line(
	    sheet->paper, x + EVENT_SURE - 26, sheet->y + 6, 26, ALIGN_RIGHT, &pen, sheet_say(sheet, WORD_SURE));
	paper_line(sheet->paper, x + EVENT_HUMAN, sheet->y + 6, 0, ALIGN_LEFT, &pen, sheet_say(sheet, WORD_HUMAN));
}

static double event_row(struct sheet *sheet, const json_t *event, double x, double y, double width)
{
	paper_line(sheet->paper, x, y + 8, EVENT_TIME - 2, ALIGN_LEFT, &pen_strong, json_text(event, "event", ""));
	double automatic = automatic_cells(sheet, event, x, y, width),
	       human = human_cells(sheet, event, x, y, width), height = 11;
	height = automatic + 2 > height ? automatic + 2 : height;
	height = human + 2 > height ? human + 2 : height;
	paper_stroke(sheet->paper, x, y + height, x + width, y + height, 0.3, LINE);
	return height;
}

static void events(struct sheet *sheet, const json_t *evaluation)
{
	const json_t *list = json_object_get(evaluation, "events");
	size_t count = json_array_size(list), half = (count + 1) / 2;
	double width = (SHEET_WIDTH - GAP) / 2, bottom = 0;
	sheet_section(sheet, sheet_say(sheet, WORD_EVENTS), 110);
	for (int side = 0; side < 2; side++) {
		double x = SHEET_LEFT + side * (width + GAP), y = sheet->y + 9;
		event_heads(sheet, x);
		for (size_t i = side ? half : 0; i < (side ? count : half); i++)
			y += event_row(sheet, json_array_get(list, i), x, y, width);
		bottom = y > bottom ? y : bottom;
	}
	sheet->y = bottom + 7;
}

static uint32_t state_colour(const char *state)
{
	bool raised = strcmp(state, "yes") == 0 || strcmp(state, "suspected") == 0;
	return raised ? AMBER : INK_SOFT;
}

static void flags(struct sheet *sheet, const json_t *evaluation)
{
	enum language language = sheet->request->language;
	char text[TEXT_MAX];
	size_t i;
	const json_t *flag, *anomaly;
	sheet_section(sheet, sheet_say(sheet, WORD_FLAGS), 55);
	json_array_foreach(json_object_get(evaluation, "flags"), i, flag) {
		const char *state = json_text(flag, "state", "");
		const struct pen pen_state = {7, true, state_colour(state)};
		words_tell(language, json_text(flag, "reason", ""), text, sizeof text);
		sheet_need(sheet, 11);
		paper_line(sheet->paper, SHEET_LEFT, sheet->y + 8, 138, ALIGN_LEFT, &pen_soft,
		    words_name(language, "flag", json_text(flag, "flag", "")));
		paper_line(sheet->paper, SHEET_LEFT + 142, sheet->y + 8, 66, ALIGN_LEFT, &pen_state,
		    words_name(language, "state", state));
		double height = paper_text(
		    sheet->paper, SHEET_LEFT + 212, sheet->y + 1, SHEET_WIDTH - 212, 2, &pen_small, text);
		sheet->y += height + 2 > 11 ? height + 2 : 11;
	}
	json_array_foreach(json_object_get(evaluation, "anomalies"), i, anomaly) {
		words_tell(language, json_text(anomaly, "text", ""), text, sizeof text);
		sheet_need(sheet, 11);
		paper_line(sheet->paper, SHEET_LEFT, sheet->y + 8, 138, ALIGN_LEFT, &pen_soft,
		    sheet_say(sheet, WORD_ANOMALIES));
		sheet->y += paper_text(sheet->paper, SHEET_LEFT + 142, sheet->y + 1, SHEET_WIDTH - 142, 2,
		                &pen_small, text) +
		    2;
	}
	sheet->y += 5;
}

/* `value | not computable: needs t5 | excluded: reason`, and what nobody noted although the rule asks for it. */
static void result_text(const struct sheet *sheet, const json_t *profile, char *to, size_t size)
{
	enum language language = sheet->request->language;
	const char *state = json_text(profile, "state", "");
	const char *unchecked = strstr(json_text(profile, "caution", ""), "Not checked, because nobody noted it: ");
	char reason[TEXT_MAX / 2];
	if (strcmp(state, "value") != 0) {
		words_tell(language, json_text(profile, "reason", ""), reason, sizeof reason);
		snprintf(to, size, "%s%s%s", words_name(language, "state", state),
		    language == LANGUAGE_FR ? " : " : ": ", reason);
		return;
	}
	const char *what = unchecked ? strchr(unchecked, ':') + 2 : "";
	snprintf(to, size, "%s%s%s%s%s", json_text(profile, "value", ""), unchecked ? "  ·  " : "",
	    unchecked ? sheet_say(sheet, WORD_UNCHECKED) : "", unchecked ? ": " : "", what);
}

static double profile_cell(struct sheet *sheet, const json_t *profile, double x, double y, double width)
{
	char text[TEXT_MAX];
	const struct pen pen_name = {7, true, INK}, pen_mark = {6, true, AMBER};
	bool has_value = strcmp(json_text(profile, "state", ""), "value") == 0;
	const char *mark = sheet_say(sheet, WORD_UNVERIFIED);
	bool verified = json_bool(profile, "verified", false);
	double room = verified ? 0 : paper_width(sheet->paper, &pen_mark, mark) + 6;
	double taken = paper_line(
	    sheet->paper, x, y + 7, width - room, ALIGN_LEFT, &pen_name, json_text(profile, "title", ""));
	if (!verified)
		paper_line(sheet->paper, x + taken + 5, y + 7, 0, ALIGN_LEFT, &pen_mark, mark);
	result_text(sheet, profile, text, sizeof text);
	return 9 + paper_text(sheet->paper, x, y + 9, width, 2, has_value ? &pen_strong : &pen_small, text) + 2;
}

static void profiles(struct sheet *sheet, const json_t *evaluation)
{
	const json_t *list = json_object_get(evaluation, "profiles");
	size_t count = json_array_size(list);
	double width = (SHEET_WIDTH - GAP) / 2;
	if (!count)
		return;
	sheet_section(sheet, sheet_say(sheet, WORD_PROFILES), 30);
	for (size_t i = 0; i < count; i += 2) {
		sheet_need(sheet, 30);
		double left = profile_cell(sheet, json_array_get(list, i), SHEET_LEFT, sheet->y, width);
		double right = i + 1 < count
		    ? profile_cell(sheet, json_array_get(list, i + 1), SHEET_LEFT + width + GAP, sheet->y, width)
		    : 0;
		sheet->y += left > right ? left : right;
	}
}

void chapter_draw(struct sheet *sheet, const json_t *dish, const json_t *embryo)
{
	const json_t *evaluation = json_object_get(embryo, "evaluation");
	sheet_page(sheet, false);
	title(sheet, dish, embryo);
	portrait(sheet, embryo);
	film_strip(sheet, embryo);
	notes_draw(sheet, embryo);
	if (!json_is_object(evaluation))
		return;
	sheet_section(sheet, sheet_say(sheet, WORD_TIMELINE), 64);
	timeline_draw(sheet, evaluation);
	events(sheet, evaluation);
	flags(sheet, evaluation);
	profiles(sheet, evaluation);
}
