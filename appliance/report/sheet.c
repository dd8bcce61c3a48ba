#include "report/sheet.h"

#include <stdio.h>
#include <string.h>

const struct pen pen_body = {8, false, INK}, pen_soft = {7.5, false, INK_SOFT}, pen_small = {6.5, false, INK_SOFT},
                 pen_label = {6.5, true, INK_FAINT}, pen_strong = {8, true, INK};

const char *sheet_say(const struct sheet *sheet, enum word word)
{
	return words_say(sheet->request->language, word);
}

bool sheet_is_empty(const json_t *embryo)
{
	const json_t *evaluation = json_object_get(embryo, "evaluation");
	return strcmp(json_text(evaluation, "stage_group", ""), "empty") == 0 && !said_anything(embryo);
}

void sheet_well(const struct sheet *sheet, const json_t *embryo, char *to, size_t size)
{
	char well[16];
	snprintf(well, sizeof well, "%d", (int)json_int(embryo, "well", 0));
	words_fill(to, size, sheet->request->language, WORD_WELL, (const char *const[]){well});
}

void sheet_time(const struct sheet *sheet, const json_t *object, const char *name, char to[WORDS_TIME_SIZE])
{
	words_time(sheet->request->language, said_time_us(object, name), to);
}

const char *sheet_grade(const struct sheet *sheet, const json_t *embryo, const json_t **ret_grade)
{
	for (int stage = GRADE_STAGE_COUNT - 1; stage >= 0; stage--) {
		*ret_grade = said_grade(embryo, (enum grade_stage)stage);
		if (*ret_grade)
			return words_name(sheet->request->language, "quality", json_text(*ret_grade, "text", ""));
	}
	return NULL;
}

void sheet_makers(const struct sheet *sheet, const char **ret_reader, const char **ret_digest,
    const char **ret_engine, const char **ret_priors, int *ret_readers)
{
	size_t i, j, k;
	const json_t *dish, *embryo, *reader;
	const char *digest = "";
	*ret_reader = *ret_engine = *ret_priors = sheet_say(sheet, WORD_NONE_YET);
	*ret_readers = 0;
	json_array_foreach(json_object_get(sheet->facts->json, "dishes"), i, dish) {
		json_array_foreach(json_object_get(dish, "embryos"), j, embryo) {
			const json_t *evaluation = json_object_get(embryo, "evaluation");
			*ret_engine = json_text(evaluation, "engine", *ret_engine);
			*ret_priors = json_text(evaluation, "priors", *ret_priors);
			json_array_foreach(json_object_get(embryo, "readers"), k, reader) {
				const char *own = json_text(reader, "digest", "");
				*ret_readers += strcmp(own, digest) != 0;
				digest = own;
				*ret_reader = json_text(reader, "version", "");
			}
		}
	}
	*ret_digest = digest;
}

static void running_head(struct sheet *sheet)
{
	char text[LIMIT_NAME * 3];
	const json_t *patient = json_object_get(sheet->facts->json, "patient"),
	             *cycle = json_object_get(sheet->facts->json, "cycle");
	char born[WORDS_TIME_SIZE];
	words_date(sheet->request->language, json_text(patient, "born", ""), born);
	/* A name is never cut: a long one gets smaller and goes over several lines. */
	const struct pen pen_long = {6.5, true, INK};
	const char *name = json_text(patient, "name", "");
	if (paper_width(sheet->paper, &pen_strong, name) <= SHEET_WIDTH * 0.45)
		paper_line(sheet->paper, SHEET_LEFT, 34, 0, ALIGN_LEFT, &pen_strong, name);
	else
		paper_text(sheet->paper, SHEET_LEFT, 12, SHEET_WIDTH * 0.45, 0, &pen_long, name);
	snprintf(text, sizeof text, "%s%s%s  ·  %s", json_text(patient, "identifier", ""), born[0] ? "  ·  " : "",
	    born, json_text(cycle, "label", ""));
	paper_line(
	    sheet->paper, SHEET_LEFT + SHEET_WIDTH * 0.47, 34, SHEET_WIDTH * 0.53, ALIGN_RIGHT, &pen_soft, text);
	paper_stroke(sheet->paper, SHEET_LEFT, 41, SHEET_RIGHT, 41, 0.5, LINE);
	sheet->y = 54;
}

static void foot(struct sheet *sheet)
{
	enum language language = sheet->request->language;
	const char *reader, *digest, *engine, *priors;
	int readers;
	char made[WORDS_TIME_SIZE], part[160], text[512], page[16], pages[16], short_digest[17];
	bool patient = sheet->request->variant == VARIANT_PATIENT;
	sheet_makers(sheet, &reader, &digest, &engine, &priors, &readers);
	paper_stroke(sheet->paper, SHEET_LEFT, 790, SHEET_RIGHT, 790, 0.5, LINE);
	const struct pen pen = {6.5, true, INK_SOFT}, fine = {6, false, INK_FAINT};
	paper_line(sheet->paper, SHEET_LEFT, 801, SHEET_WIDTH - 90, ALIGN_LEFT, &pen,
	    sheet_say(sheet, patient ? WORD_SUPPORTS_PATIENT : WORD_SUPPORTS));
	snprintf(page, sizeof page, "%d", paper_pages(sheet->paper));
	snprintf(pages, sizeof pages, "%d", sheet->pages);
	WORDS_FILL(part, language, WORD_PAGE, page, pages);
	paper_line(sheet->paper, SHEET_RIGHT - 90, 801, 90, ALIGN_RIGHT, &pen, part);
	snprintf(short_digest, sizeof short_digest, "%.12s", digest);
	WORDS_FILL(part, language, digest[0] ? WORD_FOOT_READER : WORD_FOOT_READER_NONE, reader, short_digest);
	int size = snprintf(text, sizeof text, "%s  ·  ", part);
	WORDS_FILL(part, language, WORD_FOOT_ENGINE, engine);
	size += snprintf(text + size, sizeof text - (size_t)size, "%s  ·  ", part);
	snprintf(short_digest, sizeof short_digest, "%.16s", sheet->facts->digest);
	WORDS_FILL(part, language, WORD_FOOT_DIGEST, short_digest);
	size += snprintf(text + size, sizeof text - (size_t)size, "%s  ·  ", part);
	words_time(language, sheet->request->made_us, made);
	WORDS_FILL(part, language, WORD_FOOT_MADE, made);
	snprintf(text + size, sizeof text - (size_t)size, "%s", part);
	paper_line(sheet->paper, SHEET_LEFT, 812, SHEET_WIDTH, ALIGN_LEFT, &fine, text);
}

void sheet_page(struct sheet *sheet, bool first)
{
	paper_page(sheet->paper);
	foot(sheet);
	sheet->y = 42;
	if (!first)
		running_head(sheet);
}

bool sheet_need(struct sheet *sheet, double height)
{
	if (sheet->y + height <= SHEET_BOTTOM)
		return false;
	sheet_page(sheet, false);
	return true;
}

void sheet_section(struct sheet *sheet, const char *title, double height)
{
	const struct pen pen = {8.5, true, TEAL};
	sheet_need(sheet, 22 + height);
	paper_line(sheet->paper, SHEET_LEFT, sheet->y + 10, SHEET_WIDTH, ALIGN_LEFT, &pen, title);
	paper_stroke(sheet->paper, SHEET_LEFT, sheet->y + 14, SHEET_RIGHT, sheet->y + 14, 0.7, TEAL);
	sheet->y += 19;
}

double sheet_badge(struct sheet *sheet, double x, double y, uint32_t field, uint32_t colour, const char *text)
{
	const struct pen pen = {6.5, true, colour};
	double width = paper_width(sheet->paper, &pen, text) + 8;
	paper_fill(sheet->paper, (struct paper_box){x, y - 7.5, width, 10.5}, 3, field);
	paper_line(sheet->paper, x + 4, y, 0, ALIGN_LEFT, &pen, text);
	return width;
}
