#include "report/told.h"

#include "store/comments.h"
#include "store/decisions.h"
#include "store/grades.h"
#include "store/observations.h"
#include "store/signatures.h"

static json_t *shape_run(int run)
{
	return run < 0 ? json_null() : json_integer(run);
}

static json_t *shape_letter(char letter)
{
	return letter ? json_stringn(&letter, 1) : json_null();
}

static bool add_grade(const struct grade *grade, void *context)
{
	bool blastocyst = grade->stage == GRADE_BLASTOCYST;
	char text[GRADE_TEXT_SIZE];
	grade_format(text, grade);
	return json_array_append_new(context,
	    json_pack("{s:s, s:o, s:o, s:o, s:o, s:s, s:s, s:o}", "stage", grade_stage_name(grade->stage), "expansion",
	        blastocyst ? json_integer(grade->gardner.expansion) : json_null(), "icm",
	        shape_letter(grade->gardner.icm), "te", shape_letter(grade->gardner.te), "quality",
	        blastocyst ? json_null() : json_string(grade_quality_name(grade->quality)), "text", text, "author",
	        grade->author, "made", json_utc(grade->made_us))) == 0;
}

bool told_grades(struct store *store, int64_t embryo_id, json_t **ret_list, struct err *err)
{
	OWN(json_decref) json_t *list = json_array();
	if (!grades_each(store, embryo_id, add_grade, list, err))
		return false;
	*ret_list = TAKE(list);
	return true;
}

static bool add_observation(const struct observation *observation, void *context)
{
	return json_array_append_new(context,
	    json_pack("{s:s, s:s, s:o, s:s, s:s, s:o}", "kind", observation_name(observation->kind), "value",
	        observation->value, "run", shape_run(observation->run), "day", observation->day, "author",
	        observation->author, "made", json_utc(observation->made_us))) == 0;
}

bool told_observations(struct store *store, int64_t embryo_id, json_t **ret_list, struct err *err)
{
	OWN(json_decref) json_t *list = json_array();
	if (!observations_each(store, embryo_id, add_observation, list, err))
		return false;
	*ret_list = TAKE(list);
	return true;
}

static bool add_comment(const struct comment *comment, void *context)
{
	return json_array_append_new(context,
	    json_pack("{s:I, s:s, s:o, s:s, s:o}", "id", (json_int_t)comment->id, "text", comment->text, "run",
	        shape_run(comment->run), "author", comment->author, "made", json_utc(comment->made_us))) == 0;
}

bool told_comments(struct store *store, int64_t embryo_id, json_t **ret_list, struct err *err)
{
	OWN(json_decref) json_t *list = json_array();
	if (!comments_each(store, embryo_id, add_comment, list, err))
		return false;
	*ret_list = TAKE(list);
	return true;
}

static bool add_signature(const struct signature *signature, void *context)
{
	return json_array_append_new(context,
	    json_pack("{s:s, s:s, s:o}", "meaning", signature_meaning_name(signature->meaning), "name",
	        signature->name, "made", json_utc(signature->made_us))) == 0;
}

struct deciding {
	struct store *store;
	json_t *list;
	bool failed;
	struct err *err;
};

static bool add_decision(const struct decision *decision, void *context)
{
	struct deciding *deciding = context;
	json_t *signatures = json_array();
	json_array_append_new(deciding->list,
	    json_pack("{s:I, s:s, s:s, s:s, s:o, s:o}", "id", (json_int_t)decision->id, "decision",
	        decision_name(decision->kind), "reason", decision->reason, "author", decision->author, "made",
	        json_utc(decision->made_us), "signatures", signatures));
	deciding->failed =
	    !signatures_each(deciding->store, decision->id, add_signature, signatures, deciding->err);
	return !deciding->failed;
}

bool told_decisions(struct store *store, int64_t embryo_id, json_t **ret_list, struct err *err)
{
	OWN(json_decref) json_t *list = json_array();
	struct deciding deciding = {.store = store, .list = list, .err = err};
	if (!decisions_each(store, embryo_id, add_decision, &deciding, err) || deciding.failed)
		return false;
	*ret_list = TAKE(list);
	return true;
}
