/* The morning board: what is to be decided, ranked, and the dishes nobody has claimed. Its seq is read first: what
 * changes while the rest is read is told again by the feed after that number. */
#include "base/clock.h"
#include "serve/glances.h"
#include "serve/handlers.h"
#include "serve/shapes.h"
#include "serve/stored.h"
#include "store/bursts.h"
#include "store/changes.h"
#include "store/cycles.h"
#include "store/decisions.h"
#include "store/dishes.h"
#include "store/embryos.h"
#include "store/frames.h"
#include "store/jobs.h"
#include "store/patients.h"
#include "store/tracks.h"

#include <math.h>

/* The planner tells once a second while there is something to read. */
static const int64_t PLAN_FRESH_US = 15 * 1000000;

struct board {
	struct store *store;
	struct glances *glances;
	struct err *err;
	bool failed;
	json_t *dishes; /* where the next dish goes */
	json_t *cycles;
	int64_t runs_left;
};

static json_t *text_or(const json_t *object, const char *name, const char *fallback)
{
	return json_string(json_text(object, name, fallback));
}

static bool first_decision(const struct decision *decision, void *context)
{
	*(const char **)context = decision_name(decision->kind);
	return false;
}

static json_t *optional(json_t *value)
{
	return value ? json_incref(value) : json_null();
}

static json_t *list_of(const json_t *object, const char *name)
{
	json_t *list = json_object_get(object, name);
	return list ? json_incref(list) : json_array();
}

/* rank: of the ranking, NULL before there is one. */
static bool shape_embryo(struct board *board, const struct embryo *embryo, const json_t *rank, json_t **ret_object)
{
	OWN(json_decref) json_t *glance = NULL;
	struct frame_found frame;
	struct track_point point;
	bool read;
	const char *decision = NULL;
	if (!glances_get(board->glances, board->store, embryo->id, &glance, board->err) ||
	    !frames_latest(board->store, embryo->id, &frame, board->err) ||
	    !tracks_latest(board->store, embryo->id, &point, &read, board->err) ||
	    !decisions_each(board->store, embryo->id, first_decision, &decision, board->err))
		return false;
	const char *stage = read ? stage_name(reading_top_stage(&point.reading)) : "";
	const char *group = read ? stage_group_name(reading_top_group(&point.reading)) : "";
	*ret_object = json_pack("{s:I, s:i, s:o, s:o, s:o, s:o, s:I, s:o, s:o, s:o, s:o, s:o, s:s?}", "embryo",
	    (json_int_t)embryo->id, "well", embryo->well, "rank", optional(json_object_get(rank, "rank")), "class",
	    text_or(rank, "class", ""), "stage", text_or(glance, "stage", stage), "stage_group",
	    text_or(glance, "stage_group", group), "confidence",
	    (json_int_t)json_int(glance, "confidence", read ? point.reading.confidence : 0), "reasons", list_of(rank, "reasons"), "flags", list_of(glance, "flags"), "last_run",
	    frame.found ? json_integer(frame.frame.run) : json_null(), "best_focal",
	    frame.found ? json_integer(frame.frame.focal_um) : json_null(), "attention",
	    list_of(glance, "attention"), "decision", decision);
	return *ret_object || err_set(board->err, ERR_NO_MEMORY, "writing the board");
}

struct dish_part {
	struct board *board;
	const json_t *ranking;
	json_t *ranked;   /* in the ranking's order, holes null */
	json_t *unranked; /* in order of well */
	bool failed;
};

static bool add_embryo(const struct embryo *embryo, void *context)
{
	struct dish_part *part = context;
	json_t *object;
	size_t index = 0;
	while (index < json_array_size(part->ranking) &&
	       json_int(json_array_get(part->ranking, index), "embryo", 0) != embryo->id)
		index++;
	const json_t *rank = json_array_get(part->ranking, index);
	part->failed = !shape_embryo(part->board, embryo, rank, &object);
	if (part->failed)
		return false;
	if (rank)
		json_array_set_new(part->ranked, index, object);
	else
		json_array_append_new(part->unranked, object);
	return true;
}

/* Best first, then those without an evaluation. */
static bool list_embryos(struct board *board, int64_t dish_id, json_t **ret_list)
{
	OWN(json_decref) json_t *ranking = NULL;
	OWN(json_decref) json_t *ranked = json_array();
	OWN(json_decref) json_t *unranked = json_array();
	if (!stored_ranking(board->store, dish_id, &ranking, board->err))
		return false;
	for (size_t i = 0; i < json_array_size(ranking); i++)
		json_array_append_new(ranked, json_null());
	struct dish_part part = {.board = board, .ranking = ranking, .ranked = ranked, .unranked = unranked};
	if (!embryos_each(board->store, dish_id, add_embryo, &part, board->err) || part.failed)
		return false;
	/* An embryo can be in a ranking and no longer in the dish only if the store is damaged; then it is left out. */
	for (size_t i = json_array_size(ranked); i-- > 0;)
		if (json_is_null(json_array_get(ranked, i)))
			json_array_remove(ranked, i);
	json_array_extend(ranked, unranked);
	*ret_list = TAKE(ranked);
	return true;
}

static bool add_dish(const struct dish *dish, void *context)
{
	struct board *board = context;
	struct dish_progress progress;
	json_t *list;
	board->failed = !dishes_progress(board->store, dish->id, &progress, board->err) ||
	    !list_embryos(board, dish->id, &list);
	if (board->failed)
		return false;
	json_t *object = shape_dish(dish);
	json_object_set_new(object, "embryos_total", json_integer(progress.embryos));
	json_object_set_new(object, "progress",
	    json_pack("{s:i, s:i}", "runs_total", progress.runs_total, "runs_read", progress.runs_read));
	json_object_set_new(object, "ranking", list);
	json_array_append_new(board->dishes, object);
	board->runs_left += progress.runs_total - progress.runs_read;
	return true;
}

static bool add_cycle(const struct cycle *cycle, void *context)
{
	struct board *board = context;
	struct patient patient;
	board->dishes = json_array();
	json_t *object = shape_cycle(cycle);
	json_object_set_new(object, "dishes", board->dishes);
	json_array_append_new(board->cycles, object);
	if (!patients_get(board->store, cycle->patient_id, &patient, board->err) ||
	    !dishes_each(board->store, cycle->id, add_dish, board, board->err))
		board->failed = true;
	else
		json_object_set_new(object, "patient", shape_patient(&patient));
	return !board->failed;
}

/* When the planner expects all to be read, wherever it is read; 0 where it has not said so lately. */
static bool planned_ready(struct call *call, int64_t *ret_ready_us, struct err *err)
{
	OWN(buf_done) struct buf text = BUF_INIT(BURST_PLAN_MAX);
	OWN(json_decref) json_t *plan = NULL;
	int64_t made_us = 0, ready_us = 0, now_us = clock_now_us();
	bool found;
	if (!bursts_plan_get(call->store, &text, &found, err))
		return false;
	/* A plan that cannot be read is no reason to have no board. */
	bool told = found && json_parse((const char *)text.data, text.size, &plan, NULL) && clock_parse(json_text(plan, "made", ""), &made_us) && now_us - made_us < PLAN_FRESH_US &&
	    clock_parse(json_text(plan, "board_ready", ""), &ready_us) && ready_us > now_us;
	*ret_ready_us = told ? ready_us : 0;
	return true;
}

static bool shape_work(struct call *call, int64_t runs_left, json_t **ret_work, struct err *err)
{
	const struct serve_hooks *hooks = &call->serve->options.hooks;
	double rate = hooks->reading_rate(hooks->context);
	struct job_counts jobs;
	int64_t planned_us;
	if (!jobs_count(call->store, &jobs, err) || !planned_ready(call, &planned_us, err))
		return false;
	json_t *ready = json_null();
	if (runs_left == 0 && jobs.pending + jobs.running == 0)
		ready = json_integer(0);
	else if (rate > 0)
		ready = json_integer((json_int_t)ceil((double)runs_left * 60 / rate));
	char problem[ERR_DETAIL_MAX] = "";
	hooks->reading_problem(hooks->context, problem, sizeof problem);
	*ret_work = json_pack("{s:I, s:I, s:I, s:o, s:o, s:s?}", "pending", (json_int_t)jobs.pending, "running",
	    (json_int_t)jobs.running, "rate_per_min", (json_int_t)lround(rate), "ready_in_s", ready,
	    "ready", json_utc(runs_left ? planned_us : 0), "problem", problem[0] ? problem : NULL);
	return true;
}

/* Cycles, then the inbox, into the reply. */
static bool fill(struct board *board, json_t *reply)
{
	board->cycles = json_array();
	json_object_set_new(reply, "cycles", board->cycles);
	if (!cycles_each(board->store, 0, add_cycle, board, board->err) || board->failed)
		return false;
	board->dishes = json_array();
	json_object_set_new(reply, "inbox", board->dishes);
	return dishes_each(board->store, DISHES_INBOX, add_dish, board, board->err) && !board->failed;
}

bool get_board(struct call *call, struct err *err)
{
	int64_t seq;
	if (!changes_last(call->store, &seq, err))
		return false;
	OWN(json_decref) json_t *reply =
	    json_pack("{s:I, s:o}", "seq", (json_int_t)seq, "now", json_utc(clock_now_us()));
	struct board board = {.store = call->store, .glances = call->serve->glances, .err = err};
	json_t *work;
	if (!fill(&board, reply) || !shape_work(call, board.runs_left, &work, err))
		return false;
	json_object_set_new(reply, "work", work);
	reply_json(call->request, 200, TAKE(reply));
	return true;
}
