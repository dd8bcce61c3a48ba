#include "report/report.h"

#include "base/clock.h"
#include "report/sheet.h"
#include "report/table.h"
#include "store/audit.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* fontconfig puts tens of kilobytes on the stack at a time, and a worker of the web server has 100 kB in all. */
enum { STACK_BYTES = 4 << 20 };

static const char *const formats[] = {[REPORT_PDF] = "pdf", [REPORT_JSON] = "json", [REPORT_CSV] = "csv"};
static const char *const variants[] = {[VARIANT_LAB] = "lab", [VARIANT_PATIENT] = "patient"};

bool variant_from_name(const char *name, enum variant *ret_variant)
{
	for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) {
		if (strcmp(variants[i], name) != 0)
			continue;
		*ret_variant = (enum variant)i;
		return true;
	}
	return false;
}

bool report_format_from_name(const char *name, enum report_format *ret_format)
{
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
		if (strcmp(formats[i], name) != 0)
			continue;
		*ret_format = (enum report_format)i;
		return true;
	}
	return false;
}

static void draw_chapters(struct sheet *sheet)
{
	size_t i, j;
	const json_t *dish, *embryo;
	json_array_foreach(json_object_get(sheet->facts->json, "dishes"), i, dish)
		json_array_foreach(json_object_get(dish, "embryos"), j, embryo)
			if (!sheet_is_empty(embryo))
				chapter_draw(sheet, dish, embryo);
}

/* Draws all of it; ret_pages how many pages that took. */
static bool draw(const struct facts *facts, const struct report_request *request, int pages, struct buf *to,
    int *ret_pages, struct err *err)
{
	OWN(paper_free) struct paper *paper = NULL;
	char made[CLOCK_TEXT_SIZE];
	clock_format(made, request->made_us);
	enum word title = request->variant == VARIANT_PATIENT ? WORD_TITLE_PATIENT : WORD_TITLE;
	if (!paper_open(to, words_say(request->language, title), made, &paper, err))
		return false;
	struct sheet sheet = {.paper = paper, .facts = facts, .request = request, .pages = pages};
	if (request->variant == VARIANT_PATIENT) {
		family_draw(&sheet);
	} else {
		front_draw(&sheet);
		draw_chapters(&sheet);
		sources_draw(&sheet);
	}
	*ret_pages = paper_pages(paper);
	return paper_close(paper, err);
}

struct drawing {
	const struct facts *facts;
	const struct report_request *request;
	struct buf *to;
	struct err *err;
	bool done;
};

/* Once to know how many pages there are, once to write it. */
static void *draw_twice(void *context)
{
	struct drawing *drawing = context;
	int pages;
	drawing->done = draw(drawing->facts, drawing->request, 0, NULL, &pages, drawing->err) &&
	    draw(drawing->facts, drawing->request, pages, drawing->to, &pages, drawing->err);
	return NULL;
}

/* In a thread with room, which the caller waits for. */
static bool draw_apart(struct drawing *drawing)
{
	pthread_attr_t attributes;
	pthread_t thread;
	if (pthread_attr_init(&attributes) != 0)
		return err_set(drawing->err, ERR_NO_MEMORY, "starting to draw");
	bool started = pthread_attr_setstacksize(&attributes, STACK_BYTES) == 0 &&
	    pthread_create(&thread, &attributes, draw_twice, drawing) == 0;
	pthread_attr_destroy(&attributes);
	if (!started)
		return err_set(drawing->err, ERR_NO_MEMORY, "starting to draw");
	pthread_join(thread, NULL);
	return drawing->done;
}

/* In one transaction: a dish that changes hands meanwhile is here whole or not at all. */
static bool collect(struct store *store, int64_t cycle_id, struct facts *ret_facts, struct err *err)
{
	if (!store_begin(store, err))
		return false;
	bool collected = facts_collect(store, cycle_id, ret_facts, err);
	store_rollback(store);
	return collected;
}

static int add_bytes(const char *bytes, size_t size, void *to)
{
	buf_add(to, bytes, size);
	return 0;
}

static bool write_json(const struct facts *facts, const struct report_request *request, struct buf *to, struct err *err)
{
	OWN(json_decref) json_t *json = json_pack("{s:o, s:s}", "made", json_utc(request->made_us), "digest", facts->digest);
	if (json_object_update(json, facts->json) != 0 || json_dump_callback(json, add_bytes, to, JSON_INDENT(1)) != 0)
		return err_set(err, ERR_NO_MEMORY, "writing a report as JSON");
	return buf_ok(to, err);
}

static bool write_as(const struct facts *facts, const struct report_request *request, struct buf *to, struct err *err)
{
	struct drawing drawing = {.facts = facts, .request = request, .to = to, .err = err};
	switch (request->format) {
	case REPORT_JSON:
		return write_json(facts, request, to, err);
	case REPORT_CSV:
		table_write(facts, request->made_us, to);
		return buf_ok(to, err);
	default:
		return draw_apart(&drawing);
	}
}

bool report_make(struct store *store, const struct report_request *request, struct buf *to, struct err *err)
{
	OWN(facts_done) struct facts facts = {0};
	char detail[64];
	if (request->variant == VARIANT_PATIENT && request->format != REPORT_PDF)
		return err_set(err, ERR_BAD_INPUT, "the report for patients is a PDF; JSON and CSV hold all that the lab knows");
	if (!collect(store, request->cycle_id, &facts, err) || !write_as(&facts, request, to, err))
		return err_add(err, "report of cycle %lld", (long long)request->cycle_id);
	if (request->format == REPORT_PDF)
		snprintf(detail, sizeof detail, "%s %s %.16s", variants[request->variant],
		    language_name(request->language), facts.digest);
	else
		snprintf(detail, sizeof detail, "%s %.16s", formats[request->format], facts.digest);
	return audit_add(store, request->user_id, "report.make", request->cycle_id, detail, err);
}
