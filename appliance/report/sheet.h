/* What all pages of a report share. A chapter asks for room before it draws and goes on below `y`. Inside report/.
 */
#pragma once

#include "base/limits.h"
#include "report/facts.h"
#include "report/paper.h"
#include "report/report.h"
#include "report/said.h"

#define SHEET_LEFT   42.0
#define SHEET_RIGHT  (PAPER_WIDTH - 42.0)
#define SHEET_WIDTH  (SHEET_RIGHT - SHEET_LEFT)
#define SHEET_BOTTOM 778.0 /* above the foot */

/* Colours of the house: dark ink, a deep teal, and two that always come with a word. */
enum {
	INK = 0x1B2A33,
	INK_SOFT = 0x4C5B64,
	INK_FAINT = 0x77858D,
	LINE = 0xC9D1D6,
	TINT = 0xF2F5F6,
	TEAL = 0x0F5C66,
	TEAL_SOFT = 0xDCEBEC,
	AMBER = 0x8A4B00,
	AMBER_SOFT = 0xFBEFD9,
	PLUM = 0x7A2E63,
};

struct sheet {
	struct paper *paper;
	const struct facts *facts;
	const struct report_request *request;
	int pages; /* of the whole report; 0 while they are being counted */
	double y;  /* where the next thing goes */
};

extern const struct pen pen_body, pen_soft, pen_small, pen_label, pen_strong;

/* A page with its running head and foot; the first has a head of its own. */
void sheet_page(struct sheet *sheet, bool first);
/* Goes to a new page unless so much room is left; true where it did. */
bool sheet_need(struct sheet *sheet, double height);
/* A heading with a rule under it; keeps `height` of what follows with it. */
void sheet_section(struct sheet *sheet, const char *title, double height);
/* A word in a rounded field; returns its width. */
double sheet_badge(struct sheet *sheet, double x, double y, uint32_t field, uint32_t colour, const char *text);

const char *sheet_say(const struct sheet *sheet, enum word word);
/* Whether there is no embryo: the well is empty and nobody said anything of it. */
bool sheet_is_empty(const json_t *embryo);
/* "Well 3". */
void sheet_well(const struct sheet *sheet, const json_t *embryo, char *to, size_t size);
/* A time of the facts as the report says it. */
void sheet_time(const struct sheet *sheet, const json_t *object, const char *name, char to[WORDS_TIME_SIZE]);
/* The grade that is used of the furthest stage that has one: "4AB", "top". NULL without one. */
const char *sheet_grade(const struct sheet *sheet, const json_t *embryo, const json_t **ret_grade);
/* Name and engine of what read and evaluated the embryos; "none yet". */
void sheet_makers(const struct sheet *sheet, const char **ret_reader, const char **ret_digest,
    const char **ret_engine, const char **ret_priors, int *ret_readers);

/* The parts of a report, in order. */
void front_draw(struct sheet *sheet);
void chapter_draw(struct sheet *sheet, const json_t *dish, const json_t *embryo);
/* These draw at sheet->y and move it. */
void timeline_draw(struct sheet *sheet, const json_t *evaluation);
void notes_draw(struct sheet *sheet, const json_t *embryo);
void sources_draw(struct sheet *sheet);
void family_draw(struct sheet *sheet);
/* The lines of patient and cycle, on the first page of either variant. */
void front_head(struct sheet *sheet, enum word title);
