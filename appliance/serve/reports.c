/* The report of a cycle: a PDF, and the same facts as JSON and CSV. It is made anew each time: it says what is known at
 * that moment, and the audit log keeps who asked for it. */
#include "base/clock.h"
#include "report/report.h"
#include "serve/cover.h"
#include "serve/handlers.h"

#include <inttypes.h>
#include <stdio.h>

/* A browser shows a PDF and keeps the others. The name of a file is no place for a patient's name. */
static const struct {
	const char *type, *disposition, *ending;
} formats[] = {
    [REPORT_PDF] = {"application/pdf", "inline", "pdf"},
    [REPORT_JSON] = {"application/json", "attachment", "json"},
    [REPORT_CSV] = {"text/csv; charset=utf-8", "attachment", "csv"},
};

static bool read_request(struct call *call, struct report_request *request, struct err *err)
{
	const char *variant = request_query(call->request, "variant"),
	           *language = request_query(call->request, "language");
	if (variant && !variant_from_name(variant, &request->variant))
		return err_set(err, ERR_BAD_INPUT, "\"variant\" is lab or patient");
	if (language && !language_from_name(language, &request->language))
		return err_set(err, ERR_BAD_INPUT, "\"language\" is en or fr");
	return true;
}

static bool answer(struct call *call, struct report_request *request, struct err *err)
{
	OWN(buf_done) struct buf file = BUF_INIT(REPORT_MAX);
	char name[80];
	request->cycle_id = call->numbers[0];
	request->made_us = clock_now_us();
	request->user_id = call->user.id;
	if (!cover_cycle_free(call, request->cycle_id, err) || !report_make(call->store, request, &file, err))
		return false;
	snprintf(name, sizeof name, "%s; filename=\"daybreak-cycle-%" PRId64 ".%s\"", formats[request->format].disposition,
	    request->cycle_id, formats[request->format].ending);
	reply_header(call->request, "Content-Disposition", name);
	reply_header(call->request, "Cache-Control", "no-store");
	reply_bytes(call->request, 200, formats[request->format].type, file.data, file.size);
	return true;
}

bool get_report(struct call *call, struct err *err)
{
	struct report_request request = {.format = REPORT_PDF};
	return read_request(call, &request, err) && answer(call, &request, err);
}

bool get_report_json(struct call *call, struct err *err)
{
	return answer(call, &(struct report_request){.format = REPORT_JSON}, err);
}

bool get_report_csv(struct call *call, struct err *err)
{
	return answer(call, &(struct report_request){.format = REPORT_CSV}, err);
}
