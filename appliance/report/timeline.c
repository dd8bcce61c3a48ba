/* Events along the hours: above the line what the reader saw, with the interval it lies in; below it what people
 * marked; on it the group of stages, so that a glance tells how far it had come and when. */
#include "report/sheet.h"

#include "model/time.h"

#include <stdio.h>
#include <string.h>

enum { DAY_S = 24 * 3600, SPAN_MIN_S = 5 * DAY_S };

struct axis {
	double left, width;
	int64_t span_s;
};

static double at_time(const struct axis *axis, int64_t time_s)
{
	if (time_s < 0)
		return axis->left;
	return axis->left +
	    axis->width * (double)(time_s < axis->span_s ? time_s : axis->span_s) / (double)axis->span_s;
}

static uint32_t group_colour(enum stage_group group)
{
	static const uint32_t colours[GROUP_COUNT] = {[GROUP_EMPTY] = LINE,
	    [GROUP_ZYGOTE] = 0xE7D9B8,
	    [GROUP_CLEAVAGE] = 0xBBD8DC,
	    [GROUP_MORULA] = 0x8FB8C4,
	    [GROUP_BLASTOCYST] = 0x4F8F9F};
	return colours[group];
}

/* The band of stage groups: from the first event of each to the next. What is not known stays blank. */
static void band(struct sheet *sheet, const struct axis *axis, const json_t *evaluation, double y)
{
	int64_t from[GROUP_COUNT], end = json_int(evaluation, "last_time_s", TIME_UNKNOWN);
	size_t i;
	const json_t *value;
	for (int group = 0; group < GROUP_COUNT; group++)
		from[group] = TIME_UNKNOWN;
	json_array_foreach(json_object_get(evaluation, "events"), i, value) {
		enum stage event;
		int64_t time_s = json_int(json_object_get(value, "used"), "time_s", TIME_UNKNOWN);
		if (!stage_from_name(json_text(value, "event", ""), &event) || time_s == TIME_UNKNOWN)
			continue;
		enum stage_group group = stage_group(event);
		if (from[group] == TIME_UNKNOWN || time_s < from[group])
			from[group] = time_s;
	}
	for (int group = GROUP_BLASTOCYST; group > GROUP_EMPTY; group--) {
		if (from[group] == TIME_UNKNOWN)
			continue;
		double left = at_time(axis, from[group]), right = at_time(axis, end);
		const struct pen pen = {6, true, group == GROUP_BLASTOCYST ? 0xFFFFFF : INK};
		if (right > left) {
			paper_fill(sheet->paper, (struct paper_box){left, y, right - left, 11}, 0,
			    group_colour((enum stage_group)group));
			const char *name = words_name(
			    sheet->request->language, "group", stage_group_name((enum stage_group)group));
			if (paper_width(sheet->paper, &pen, name) + 6 < right - left)
				paper_line(sheet->paper, left + 3, y + 8, 0, ALIGN_LEFT, &pen, name);
		}
		end = from[group];
	}
}

static void days(struct sheet *sheet, const struct axis *axis, double top, double bottom)
{
	const struct pen pen = {6, false, INK_FAINT};
	char text[16];
	for (int64_t time_s = 0; time_s <= axis->span_s; time_s += DAY_S) {
		double x = at_time(axis, time_s);
		paper_stroke(sheet->paper, x, top, x, bottom, 0.4, LINE);
		snprintf(text, sizeof text, "%d h", (int)(time_s / 3600));
		paper_line(sheet->paper, x - 15, bottom + 7, 30, ALIGN_CENTRE, &pen, text);
	}
}

/* Names stand on two heights, and are left out where they would lie on each other: the table has them all. */
static void mark_names(struct sheet *sheet, double x, double y, double last[2], const char *name, uint32_t colour)
{
	const struct pen pen = {6, true, colour};
	double width = paper_width(sheet->paper, &pen, name);
	for (int row = 0; row < 2; row++) {
		if (x - width / 2 < last[row])
			continue;
		paper_line(sheet->paper, x - width / 2, y - 7 * row, 0, ALIGN_LEFT, &pen, name);
		last[row] = x + width / 2 + 2;
		return;
	}
}

static void automatic_mark(
    struct sheet *sheet, const struct axis *axis, const json_t *value, double y, double last[2])
{
	const json_t *automatic = json_object_get(value, "automatic");
	int64_t time_s = json_int(automatic, "time_s", TIME_UNKNOWN);
	if (time_s == TIME_UNKNOWN)
		return;
	double x = at_time(axis, time_s);
	double from = at_time(axis, json_int(automatic, "earliest_s", time_s)),
	       to = at_time(axis, json_int(automatic, "latest_s", time_s));
	paper_stroke(sheet->paper, from, y - 4, to, y - 4, 1.6, TEAL);
	paper_stroke(sheet->paper, x, y - 8, x, y, 1, TEAL);
	mark_names(sheet, x, y - 10, last, json_text(value, "event", ""), TEAL);
}

static void human_marks(struct sheet *sheet, const struct axis *axis, const json_t *value, double y)
{
	size_t i;
	const json_t *mark;
	json_array_foreach(json_object_get(value, "human"), i, mark) {
		int64_t time_s = json_int(mark, "time_s", TIME_UNKNOWN);
		if (time_s != TIME_UNKNOWN)
			paper_diamond(sheet->paper, at_time(axis, time_s), y, 2.6, PLUM);
	}
}

void timeline_draw(struct sheet *sheet, const json_t *evaluation)
{
	struct axis axis = {SHEET_LEFT + 62, SHEET_WIDTH - 72, SPAN_MIN_S};
	int64_t last_s = json_int(evaluation, "last_time_s", TIME_UNKNOWN);
	if (last_s == TIME_UNKNOWN) {
		paper_line(sheet->paper, SHEET_LEFT, sheet->y + 8, SHEET_WIDTH, ALIGN_LEFT, &pen_soft,
		    sheet_say(sheet, WORD_TIMELINE_NONE));
		sheet->y += 16;
		return;
	}
	if (last_s > axis.span_s)
		axis.span_s = last_s;
	double y = sheet->y + 28, last[2] = {0};
	days(sheet, &axis, y - 12, y + 24);
	band(sheet, &axis, evaluation, y);
	const struct pen pen_automatic = {6, true, TEAL}, pen_human = {6, true, PLUM};
	paper_line(
	    sheet->paper, SHEET_LEFT, y - 2, 58, ALIGN_LEFT, &pen_automatic, sheet_say(sheet, WORD_AUTOMATIC));
	paper_line(sheet->paper, SHEET_LEFT, y + 20, 58, ALIGN_LEFT, &pen_human, sheet_say(sheet, WORD_HUMAN));
	size_t i;
	const json_t *value;
	json_array_foreach(json_object_get(evaluation, "events"), i, value) {
		automatic_mark(sheet, &axis, value, y, last);
		human_marks(sheet, &axis, value, y + 18);
	}
	sheet->y = y + 36;
}
