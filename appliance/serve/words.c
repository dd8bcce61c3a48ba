/* What people say about an embryo: events, grades, comments, decisions, and that they read it a second time. Words are
 * added, never written over; the store queues the new evaluation and writes the audit rows. */
#include "serve/body.h"
#include "serve/cover.h"
#include "serve/handlers.h"
#include "serve/once.h"
#include "store/annotations.h"
#include "store/comments.h"
#include "store/decisions.h"
#include "store/grades.h"
#include "store/second_readings.h"

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
	annotation->absent = json_bool(body, "absent", false);
	bool has_run = json_object_get(body, "run") != NULL;
	if (has_run == annotation->absent)
		return err_set(err, ERR_BAD_INPUT, "say a run, or \"absent\": true, and not both");
	annotation->time_s = TIME_UNKNOWN;
	return body_run(body, &annotation->run, err);
}

static bool add_annotation(struct call *call, void *word, int64_t *ret_id, struct err *err)
{
	(void)ret_id;
	return annotations_add(call->store, call->numbers[0], call->user.id, word, err);
}

static bool withdraw_annotation(struct call *call, void *word, int64_t *ret_id, struct err *err)
{
	(void)ret_id;
	const struct annotation *annotation = word;
	return annotations_withdraw(call->store, call->numbers[0], call->user.id, annotation->event, err);
}

bool post_annotation(struct call *call, struct err *err)
{
	const json_t *body = call->body;
	struct annotation annotation = {0};
	bool withdrawn = json_bool(body, "withdrawn", false);
	if (!body_only(body, withdrawn ? "event withdrawn" : "event run absent withdrawn", err) ||
	    !read_event(body, &annotation.event, err) || (!withdrawn && !read_annotation(body, &annotation, err)))
		return false;
	return once_answer(call, withdrawn ? withdraw_annotation : add_annotation, &annotation, err);
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

static bool read_gardner(const json_t *body, struct gardner *gardner, struct err *err)
{
	int64_t expansion;
	if (!body_only(body, "stage expansion icm te", err) || !body_int(body, "expansion", 1, 6, &expansion, err) ||
	    !read_letter(body, "icm", &gardner->icm, err) || !read_letter(body, "te", &gardner->te, err))
		return false;
	gardner->expansion = (int)expansion;
	return true;
}

static bool read_quality(const json_t *body, enum grade_quality *ret_quality, struct err *err)
{
	char name[16];
	if (!body_only(body, "stage quality", err) || !body_text(body, "quality", true, name, sizeof name, err))
		return false;
	if (!grade_quality_from_name(name, ret_quality) || *ret_quality == GRADE_NO_QUALITY)
		return err_set(err, ERR_BAD_INPUT, "member \"quality\" is to be top, intermediate or low");
	return true;
}

static bool read_grade_stage(const json_t *body, enum grade_stage *ret_stage, struct err *err)
{
	char name[16];
	*ret_stage = GRADE_BLASTOCYST;
	if (!body_text(body, "stage", false, name, sizeof name, err))
		return false;
	if (name[0] && !grade_stage_from_name(name, ret_stage))
		return err_set(err, ERR_BAD_INPUT, "member \"stage\" is to be cleavage, morula or blastocyst");
	return true;
}

static bool add_grade(struct call *call, void *word, int64_t *ret_id, struct err *err)
{
	(void)ret_id;
	return grades_add(call->store, call->numbers[0], call->user.id, word, err);
}

static bool withdraw_grade(struct call *call, void *word, int64_t *ret_id, struct err *err)
{
	(void)ret_id;
	const struct grade *grade = word;
	return grades_withdraw(call->store, call->numbers[0], call->user.id, grade->stage, err);
}

bool post_grade(struct call *call, struct err *err)
{
	const json_t *body = call->body;
	struct grade grade = {0};
	if (!read_grade_stage(body, &grade.stage, err))
		return false;
	if (json_bool(body, "withdrawn", false))
		return body_only(body, "stage withdrawn", err) && once_answer(call, withdraw_grade, &grade, err);
	if (grade.stage == GRADE_BLASTOCYST ? !read_gardner(body, &grade.gardner, err)
					    : !read_quality(body, &grade.quality, err))
		return false;
	return once_answer(call, add_grade, &grade, err);
}

struct said {
	const char *text;
	int run;
};

static bool add_comment(struct call *call, void *word, int64_t *ret_id, struct err *err)
{
	const struct said *comment = word;
	return comments_add(call->store, call->numbers[0], call->user.id, comment->text, comment->run, ret_id, err);
}

bool post_comment(struct call *call, struct err *err)
{
	struct said comment;
	json_t *text;
	if (!body_only(call->body, "text run", err) || !json_member(call->body, "text", JSON_STRING, &text, err) ||
	    !body_run(call->body, &comment.run, err))
		return false;
	/* The store says which characters it takes; lines may be broken. */
	comment.text = json_string_value(text);
	return once_answer(call, add_comment, &comment, err);
}

static bool withdraw_comment(struct call *call, void *word, int64_t *ret_id, struct err *err)
{
	(void)word, (void)ret_id;
	return comments_withdraw(call->store, call->numbers[0], call->numbers[1], call->user.id, err);
}

bool delete_comment(struct call *call, struct err *err)
{
	return once_answer(call, withdraw_comment, NULL, err);
}

struct decided {
	enum decision_kind kind;
	char *reason;
};

static bool add_decision(struct call *call, void *word, int64_t *ret_id, struct err *err)
{
	const struct decided *decision = word;
	return cover_embryo_free(call->store, call->user.id, call->numbers[0], err) &&
	    decisions_add(call->store, call->numbers[0], call->user.id, decision->kind, decision->reason, ret_id, err);
}

bool post_decision(struct call *call, struct err *err)
{
	char name[16];
	struct decided decision = {.reason = request_alloc(call->request, LIMIT_COMMENT)};
	if (!decision.reason)
		return err_set(err, ERR_NO_MEMORY, "reading the decision");
	if (!body_only(call->body, "decision reason", err) ||
	    !body_text(call->body, "decision", true, name, sizeof name, err) ||
	    !body_text(call->body, "reason", false, decision.reason, LIMIT_COMMENT, err))
		return false;
	if (!decision_from_name(name, &decision.kind))
		return err_set(err, ERR_BAD_INPUT,
		    "member \"decision\" is to be transfer, freeze, biopsy, culture or discard");
	return once_answer(call, add_decision, &decision, err);
}

static bool withdraw_decision(struct call *call, void *word, int64_t *ret_id, struct err *err)
{
	(void)word, (void)ret_id;
	return cover_embryo_free(call->store, call->user.id, call->numbers[0], err) &&
	    decisions_withdraw(call->store, call->numbers[0], call->numbers[1], call->user.id, err);
}

bool delete_decision(struct call *call, struct err *err)
{
	return once_answer(call, withdraw_decision, NULL, err);
}

static bool begin_reading(struct call *call, void *word, int64_t *ret_id, struct err *err)
{
	(void)word, (void)ret_id;
	return second_readings_begin(call->store, call->numbers[0], call->user.id, err);
}

static bool end_reading(struct call *call, void *word, int64_t *ret_id, struct err *err)
{
	(void)word, (void)ret_id;
	return second_readings_end(call->store, call->numbers[0], call->user.id, err);
}

bool post_second_reading(struct call *call, struct err *err)
{
	char state[8];
	if (!body_only(call->body, "state", err) || !body_text(call->body, "state", true, state, sizeof state, err))
		return false;
	bool begins = strcmp(state, "begin") == 0;
	if (!begins && strcmp(state, "end") != 0)
		return err_set(err, ERR_BAD_INPUT, "member \"state\" is to be begin or end");
	return once_answer(call, begins ? begin_reading : end_reading, NULL, err);
}
