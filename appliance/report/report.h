/* The report of one cycle: what the box and people said of its embryos, on paper as a PDF, and the same facts for other
 * programs as JSON and as CSV.
 *
 *   facts.c     everything the report says, taken from the store as one JSON value with its digest
 *   said.c      the part of it that people said, and which word of it is used; told.c makes their lists, here and for serve
 *   table.c     the facts as CSV, a line for each embryo
 *   words.c     every sentence, in English and French
 *   paper.c     pages, text, lines and pictures; the only file that knows cairo
 *   sheet.c     what all pages share: head, foot, sections, the flow from page to page
 *   front.c     the first page: patient, cycle, overview, signatures
 *   chapter.c   one embryo: pictures, timeline, events, flags, rule profiles, grade, decision
 *   notes.c     of an embryo: what was noted and commented, grades of each stage, the outcome
 *   timeline.c  events drawn along the hours
 *   sources.c   the last page: rule profiles with their citations, what the report was made with
 *   family.c    the variant for patients: pictures and decisions, without scores, flags or order
 *
 * The same facts at the same time give the same bytes. A file that an incubator sent is never decoded here:
 * pictures are the stored cuts that the sandboxed reader made. */
#pragma once

#include "base/buf.h"
#include "report/words.h"
#include "store/store.h"

/* A cycle of 16 embryos in full takes about 3 MB, its pictures most of it. */
enum { REPORT_MAX = 64 << 20 };

enum report_format { REPORT_PDF, REPORT_JSON, REPORT_CSV };
bool report_format_from_name(const char *name, enum report_format *ret_format); /* "pdf", "json", "csv" */

enum variant { VARIANT_LAB, VARIANT_PATIENT };
bool variant_from_name(const char *name, enum variant *ret_variant); /* "lab", "patient" */

/* JSON: {"made": time, "digest": of the facts, and the members of facts.h}. CSV: the columns of table.h. */
struct report_request {
	int64_t cycle_id;
	enum report_format format;
	enum variant variant;   /* what patients get is a PDF */
	enum language language; /* of the PDF; names in JSON and CSV are the box's own */
	int64_t made_us; /* the time that stands on it */
	int64_t user_id; /* who asked for it, for the audit log; 0: the command line */
};

/* Appends the file and writes the audit row "report.make". ERR_NOT_FOUND: there is no such cycle; ERR_BAD_INPUT: JSON or
 * CSV for a patient. */
bool report_make(struct store *store, const struct report_request *request, struct buf *to, struct err *err);
