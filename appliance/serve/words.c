/* What people say about an embryo: events, grades, decisions. Words are added, never written over; the store queues
 * the new evaluation and writes the audit rows. */
#include "serve/body.h"
#include "serve/handlers.h"
#include "store/annotations.h"
#include "store/decisions.h"
#include "store/grades.h"

#include <string.h>

static bool read_event(const json_t *body, enum stage *ret_event, struct err *err)
{
	char name[16];
	if (!body_text(body, "event", true, name, sizeof name, err))
		return false;
	if (!stage_from_name(name, ret_event) || *ret_event == STAGE_EMPTY)
		return err_set(err, ERR_BAD_INPUT, "member \"event\" is to be an event such as t2 or tB");
	return true;
}

static bool read_annotation(const json_t *body, struct annotation *annotation, struct err *err)
{
	int64_t run = -1;
	annotation->absent = json_bool(body, "absent", false);
	bool has_run = json_object_get(body, "run") != NULL;
	if (has_run == annotation->absent)
		return err_set(err, ERR_BAD_INPUT, "say a run, or \"absent\": true, and not both");
	if (has_run && !body_int(body, "run", 0, INT32_MAX, &run, err))
		return false;
	annotation->run = (int)run;
	annotation->time_s = TIME_UNKNOWN;
	return true;
}

bool post_annotation(struct call *call, struct err *err)
{
	const json_t *body = call->body;
	struct annotation annotation = {0};
	if (!body_only(body, "event run absent withdrawn", err) || !read_event(body, &annotation.event, err))
		return false;
	if (json_bool(body, "withdrawn", false)) {
		if (!body_only(body, "event withdrawn", err) ||
		    !annotations_withdraw(call->store, call->numbers[0], call->user.id, annotation.event, err))
			return false;
	} else if (!read_annotation(body, &annotation, err) ||
	           !annotations_add(call->store, call->numbers[0], call->user.id, &annotation, err)) {
		return false;
	}
	reply_nothing(call->request, 204);
	return true;
}

static bool read_letter(const json_t *body, const char *name, char *ret_letter, struct err *err)
{
	char text[4];
	if (!body_text(body, name, false, text, sizeof text, err))
		return false;
	if (text[0] && (text[1] || !strchr("ABCD", text[0])))
		return err_set(err, ERR_BAD_INPUT, "member \"%s\" is to be A, B, C, D or null", name);
	*ret_letter = text[0];
	return true;
}

bool post_grade(struct call *call, struct err *err)
{
	int64_t expansion;
	struct gardner gardner = {0};
	if (!body_only(call->body, "expansion icm te", err) ||
	    !body_int(call->body, "expansion", 1, 6, &expansion, err) ||
	    !read_letter(call->body, "icm", &gardner.icm, err) || !read_letter(call->body, "te", &gardner.te, err))
		return false;
	gardner.expansion = (int)expansion;
	if (!grades_add(call->store, call->numbers[0], call->user.id, &gardner, err))
		return false;
	reply_nothing(call->request, 204);
	return true;
}

bool post_decision(struct call *call, struct err *err)
{
	char name[16];
	enum decision_kind kind;
	char *reason = request_alloc(call->request, LIMIT_COMMENT);
	if (!reason)
		return err_set(err, ERR_NO_MEMORY, "reading the decision");
	if (!body_only(call->body, "decision reason", err) ||
	    !body_text(call->body, "decision", true, name, sizeof name, err) ||
	    !body_text(call->body, "reason", false, reason, LIMIT_COMMENT, err))
		return false;
	if (!decision_from_name(name, &kind))
		return err_set(err, ERR_BAD_INPUT,
		    "member \"decision\" is to be transfer, freeze, biopsy, culture or discard");
	int64_t id;
	if (!decisions_add(call->store, call->numbers[0], call->user.id, kind, reason, &id, err))
		return false;
	reply_nothing(call->request, 204);
	return true;
}
