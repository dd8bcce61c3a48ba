/* The report of a cycle as a PDF. It is made anew each time: it says what is known at that moment,
 * and the audit log keeps who asked for it. */
#include "base/clock.h"
#include "report/report.h"
#include "serve/handlers.h"

#include <inttypes.h>
#include <stdio.h>

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

bool get_report(struct call *call, struct err *err)
{
	struct report_request request = {
	    .cycle_id = call->numbers[0], .made_us = clock_now_us(), .user_id = call->user.id};
	OWN(buf_done) struct buf pdf = BUF_INIT(REPORT_MAX);
	char name[80];
	if (!read_request(call, &request, err) || !report_make(call->store, &request, &pdf, err))
		return false;
	/* The name of a file is no place for a patient's name. */
	snprintf(name, sizeof name, "inline; filename=\"daybreak-cycle-%" PRId64 ".pdf\"", request.cycle_id);
	reply_header(call->request, "Content-Disposition", name);
	reply_header(call->request, "Cache-Control", "no-store");
	reply_bytes(call->request, 200, "application/pdf", pdf.data, pdf.size);
	return true;
}
