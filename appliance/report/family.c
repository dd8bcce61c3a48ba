/* The report for patients: each embryo's pictures, when it was seen to divide, and what the clinic decided. In
 * order of well; without scores, flags, grades, confidences or ranks, and without what the lab wrote to itself. */
#include "report/sheet.h"

#include "model/time.h"

#include <stdio.h>
#include <string.h>

static const double CARD_HEIGHT = 133, PICTURE = 112, PAD = 10;

static const struct {
	const char *event, *kind, *name;
} told[] = {{"t2", "event", "t2"}, {"t4", "event", "t4"}, {"t8", "event", "t8"}, {"tM", "group", "morula"},
    {"tB", "group", "blastocyst"}};

/* Small pictures beside each other with their time below; what is not known is left out. */
static void steps(struct sheet *sheet, const json_t *embryo, double x, double y)
{
	enum { SIDE = 56 };
	enum language language = sheet->request->language;
	const struct pen pen_time = {6.5, false, INK_SOFT}, pen_name = {6.5, true, INK};
	char time[WORDS_TIME_SIZE];
	for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
		const json_t *picture;
		const uint8_t *pixels = facts_picture(sheet->facts, embryo, told[i].event, &picture);
		if (!pixels)
			continue;
		int64_t time_s = json_int(picture, "time_s", TIME_UNKNOWN);
		paper_picture(sheet->paper, x, y, SIDE, pixels, CUT_SIDE);
		paper_line(sheet->paper, x, y + SIDE + 9, SIDE + 8, ALIGN_LEFT, &pen_name,
		    words_name(language, told[i].kind, told[i].name));
		words_hours(language, time_s, time);
		if (time_s != TIME_UNKNOWN)
			paper_line(sheet->paper, x, y + SIDE + 17, SIDE + 8, ALIGN_LEFT, &pen_time, time);
		x += SIDE + 12;
	}
}

static void card(struct sheet *sheet, const json_t *dish, const json_t *embryo, bool with_slide)
{
	enum language language = sheet->request->language;
	const struct pen pen_title = {11, true, INK}, pen_decision = {9.5, true, TEAL};
	char text[LIMIT_NAME * 2];
	sheet_need(sheet, CARD_HEIGHT + 8);
	double y = sheet->y, x = SHEET_LEFT + PAD + PICTURE + 16, width = SHEET_RIGHT - PAD - x;
	paper_frame(sheet->paper, (struct paper_box){SHEET_LEFT, y, SHEET_WIDTH, CARD_HEIGHT}, 6, 0.6, LINE);
	const uint8_t *pixels = facts_picture(sheet->facts, embryo, "now", NULL);
	double top = y + (CARD_HEIGHT - PICTURE) / 2;
	if (pixels)
		paper_picture(sheet->paper, SHEET_LEFT + PAD, top, PICTURE, pixels, CUT_SIDE);
	else
		paper_fill(sheet->paper, (struct paper_box){SHEET_LEFT + PAD, top, PICTURE, PICTURE}, 4, TINT);
	sheet_well(sheet, embryo, text, sizeof text);
	double taken = paper_line(sheet->paper, x, top + 9, 0, ALIGN_LEFT, &pen_title, text);
	if (with_slide)
		paper_line(sheet->paper, x + taken + 8, top + 9, width - taken - 8, ALIGN_LEFT, &pen_soft,
		    json_text(dish, "slide", ""));
	const json_t *decision = said_decision(embryo);
	paper_line(sheet->paper, x, top + 24, width, ALIGN_LEFT, &pen_decision,
	    words_name(language, "told", json_text(decision, "decision", "")));
	steps(sheet, embryo, x, top + 36);
	sheet->y += CARD_HEIGHT + 8;
}

static int cards_of(struct sheet *sheet, const json_t *dish, bool with_slide)
{
	size_t i;
	const json_t *embryo;
	int shown = 0;
	for (int well = 1; well <= LIMIT_WELLS; well++) {
		json_array_foreach(json_object_get(dish, "embryos"), i, embryo) {
			if (json_int(embryo, "well", 0) != well || sheet_is_empty(embryo))
				continue;
			card(sheet, dish, embryo, with_slide);
			shown++;
		}
	}
	return shown;
}

void family_draw(struct sheet *sheet)
{
	const struct pen pen_lead = {9.5, false, INK};
	size_t i;
	const json_t *dish, *dishes = json_object_get(sheet->facts->json, "dishes");
	int shown = 0;
	sheet_page(sheet, true);
	front_head(sheet, WORD_TITLE_PATIENT);
	sheet->y += paper_text(sheet->paper, SHEET_LEFT, sheet->y, SHEET_WIDTH, 0, &pen_lead,
	                sheet_say(sheet, WORD_PATIENT_LEAD)) +
	    4;
	sheet->y += paper_text(sheet->paper, SHEET_LEFT, sheet->y, SHEET_WIDTH, 0, &pen_soft,
	                sheet_say(sheet, WORD_PATIENT_SEEN)) +
	    10;
	json_array_foreach(dishes, i, dish)
		shown += cards_of(sheet, dish, json_array_size(dishes) > 1);
	sheet_need(sheet, 40);
	if (!shown)
		sheet->y += paper_text(sheet->paper, SHEET_LEFT, sheet->y, SHEET_WIDTH, 0, &pen_lead,
		                sheet_say(sheet, WORD_PATIENT_NONE)) +
		    8;
	paper_text(
	    sheet->paper, SHEET_LEFT, sheet->y + 4, SHEET_WIDTH, 0, &pen_lead, sheet_say(sheet, WORD_PATIENT_ASK));
}
