/* The last page: whose rules these are and whether they were checked, how to read the report, what it was made
 * with. */
#include "report/sheet.h"

#include <stdio.h>
#include <string.h>

enum { TEXT_MAX = 1200 };

static void source(struct sheet *sheet, const json_t *profile)
{
	const struct pen pen_name = {7.5, true, INK};
	char text[TEXT_MAX], version[160], digest[17];
	bool verified = json_bool(profile, "verified", false);
	snprintf(text, sizeof text, "%s", json_text(profile, "caution", ""));
	char *own =
	    strstr(text, " Not checked, because nobody noted it"); /* of one embryo; it stands on its page */
	if (own)
		*own = 0;
	double height = 11 + paper_height(sheet->paper, SHEET_WIDTH - 10, 0, &pen_small, text) + 14;
	sheet_need(sheet, height);
	double x = SHEET_LEFT +
	    paper_line(
	        sheet->paper, SHEET_LEFT, sheet->y + 8, 0, ALIGN_LEFT, &pen_name, json_text(profile, "title", "")) +
	    6;
	sheet_badge(sheet, x, sheet->y + 8, verified ? TEAL_SOFT : AMBER_SOFT, verified ? TEAL : AMBER,
	    sheet_say(sheet, verified ? WORD_VERIFIED : WORD_UNVERIFIED));
	snprintf(digest, sizeof digest, "%.16s", json_text(profile, "digest", ""));
	WORDS_FILL(version, sheet->request->language, WORD_VERSION, json_text(profile, "version", ""), digest);
	paper_line(sheet->paper, SHEET_LEFT, sheet->y + 17, SHEET_WIDTH * 0.62, ALIGN_LEFT, &pen_small,
	    json_text(profile, "citation", ""));
	paper_line(sheet->paper, SHEET_LEFT + SHEET_WIDTH * 0.64, sheet->y + 17, SHEET_WIDTH * 0.36, ALIGN_RIGHT,
	    &pen_small, version);
	sheet->y += 19;
	sheet->y += paper_text(sheet->paper, SHEET_LEFT, sheet->y, SHEET_WIDTH, 0, &pen_small, text) + 5;
}

static void sources(struct sheet *sheet)
{
	size_t i;
	const json_t *profile, *profiles = facts_profiles(sheet->facts);
	if (!profiles)
		return;
	sheet_section(sheet, sheet_say(sheet, WORD_SOURCES), 60);
	sheet->y += paper_text(sheet->paper, SHEET_LEFT, sheet->y, SHEET_WIDTH, 0, &pen_soft,
	                sheet_say(sheet, WORD_SOURCES_LEAD)) +
	    5;
	json_array_foreach(profiles, i, profile)
		source(sheet, profile);
	sheet->y += 4;
}

static void how(struct sheet *sheet)
{
	static const enum word words[] = {WORD_HOW_EVENTS, WORD_HOW_RESULTS, WORD_HOW_PICTURES};
	sheet_section(sheet, sheet_say(sheet, WORD_HOW), 60);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		const char *text = sheet_say(sheet, words[i]);
		sheet_need(sheet, paper_height(sheet->paper, SHEET_WIDTH, 0, &pen_soft, text));
		sheet->y += paper_text(sheet->paper, SHEET_LEFT, sheet->y, SHEET_WIDTH, 0, &pen_soft, text) + 3;
	}
	sheet->y += 6;
}

static void made_with(struct sheet *sheet)
{
	const char *reader, *digest, *engine, *priors;
	int readers;
	char full[256];
	sheet_makers(sheet, &reader, &digest, &engine, &priors, &readers);
	snprintf(full, sizeof full, "%.64s%s%.64s", reader, digest[0] ? "  ·  " : "", digest);
	const struct {
		enum word label;
		const char *value;
	} rows[] = {
	    {WORD_READER, full}, {WORD_ENGINE, engine}, {WORD_PRIORS, priors}, {WORD_DIGEST, sheet->facts->digest}};
	sheet_section(sheet, sheet_say(sheet, WORD_MADE_BY), 48);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		paper_line(sheet->paper, SHEET_LEFT, sheet->y + 8, 145, ALIGN_LEFT, &pen_label,
		    sheet_say(sheet, rows[i].label));
		paper_line(sheet->paper, SHEET_LEFT + 150, sheet->y + 8, SHEET_WIDTH - 150, ALIGN_LEFT, &pen_small,
		    rows[i].value);
		sheet->y += 11;
	}
}

void sources_draw(struct sheet *sheet)
{
	sheet_page(sheet, false);
	how(sheet);
	made_with(sheet);
	sheet->y += 8;
	sources(sheet);
}
