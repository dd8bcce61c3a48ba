/* The morning board: what is to be decided, ranked, and the dishes nobody has claimed. Its seq is read first: what
 * changes while the rest is read is told again by the feed after that number. */
#include "base/clock.h"
#include "serve/cards.h"
#include "serve/handlers.h"
#include "serve/shapes.h"
#include "serve/stored.h"
#include "store/bursts.h"
#include "store/changes.h"
#include "store/cycles.h"
#include "store/dishes.h"
#include "store/jobs.h"
#include "store/patients.h"

#include <math.h>

/* The planner tells once a second while there is something to read. */
static const int64_t PLAN_FRESH_US = 15 * 1000000;

/* A morning's patients: a cycle whose dishes have all been still for so long is found by its cohort page. */
static const int64_t SHOWN_US = INT64_C(14) * 24 * 3600 * 1000000;

struct board {
	struct call *call;
	struct err *err;
	bool failed;
	enum insemination method; /* of the dishes being listed */
	int64_t since_us;
	int64_t newest_us; /* of the cycle being looked at */
	json_t *dishes;    /* where the next dish goes */
	json_t *cycles;
	int64_t runs_left;
};

static bool append(struct board *board, const struct card *card, const json_t *rank, json_t *list)
{
	json_t *object;
	return cards_embryo(board->call, card, rank, &object, board->err) && json_array_append_new(list, object) == 0;
}

/* Best first, then those without a rank, by well; all by well where no rank is shown. */
static bool list_embryos(struct board *board, int64_t dish_id, json_t **ret_list)
{
	OWN(cards_done) struct cards cards = {0};
	OWN(json_decref) json_t *ranking = NULL;
	OWN(json_decref) json_t *list = json_array();
	if (!cards_load(board->call, dish_id, &cards, board->err) ||
	    !stored_ranking(board->call->store, dish_id, &ranking, board->err))
		return false;
	if (cards.covered)
		json_array_clear(ranking);
	for (size_t i = 0; i < json_array_size(ranking); i++) {
		const json_t *rank = json_array_get(ranking, i);
		const struct card *card = cards_find(&cards, json_int(rank, "embryo", 0));
		if (card && !append(board, card, rank, list))
			return false;
	}
	for (size_t i = 0; i < cards.count; i++)
		if (!stored_rank_of(ranking, cards.of[i].embryo.id) && !append(board, &cards.of[i], NULL, list))
			return false;
	*ret_list = TAKE(list);
	return true;
}

static bool add_dish(const struct dish *dish, void *context)
{
	struct board *board = context;
	json_t *list, *object;
	board->failed = !cards_dish(board->call, dish, board->method, &object, board->err);
	if (board->failed)
		return false;
	json_array_append_new(board->dishes, object);
	board->failed = !list_embryos(board, dish->id, &list);
	if (board->failed)
		return false;
	json_object_set_new(object, "ranking", list);
	const json_t *progress = json_object_get(object, "progress");
	board->runs_left += json_int(progress, "runs_total", 0) - json_int(progress, "runs_read", 0);
	return true;
}

static bool note_newest(const struct dish *dish, void *context)
{
	struct board *board = context;
	if (dish->latest_us > board->newest_us)
		board->newest_us = dish->latest_us;
	return true;
}

/* One without a dish is waited for; with a decision hour long gone it was never used. */
static bool is_current(struct board *board, const struct cycle *cycle)
{
	board->newest_us = 0;
	board->failed = !dishes_each(board->call->store, cycle->id, note_newest, board, board->err);
	int64_t newest_us = board->newest_us ? board->newest_us : cycle->decision_us;
	return !board->failed && (newest_us == 0 || newest_us >= board->since_us);
}

static bool add_cycle(const struct cycle *cycle, void *context)
{
	struct board *board = context;
	struct store *store = board->call->store;
	struct patient patient;
	if (!is_current(board, cycle))
		return !board->failed;
	board->dishes = json_array();
	board->method = cycle->method;
	json_t *object = shape_cycle(cycle);
	json_object_set_new(object, "dishes", board->dishes);
	json_array_append_new(board->cycles, object);
	if (!patients_get(store, cycle->patient_id, &patient, board->err) ||
	    !dishes_each(store, cycle->id, add_dish, board, board->err))
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
	if (!cycles_each(board->call->store, 0, add_cycle, board, board->err) || board->failed)
		return false;
	board->dishes = json_array();
	board->method = INSEMINATION_UNKNOWN;
	json_object_set_new(reply, "inbox", board->dishes);
	return dishes_each(board->call->store, DISHES_INBOX, add_dish, board, board->err) && !board->failed;
}

bool get_board(struct call *call, struct err *err)
{
	int64_t seq;
	if (!changes_last(call->store, &seq, err))
		return false;
	OWN(json_decref) json_t *reply =
	    json_pack("{s:I, s:o}", "seq", (json_int_t)seq, "now", json_utc(clock_now_us()));
	struct board board = {.call = call, .err = err, .since_us = clock_now_us() - SHOWN_US};
	json_t *work;
	if (!fill(&board, reply) || !shape_work(call, board.runs_left, &work, err))
		return false;
	json_object_set_new(reply, "work", work);
	reply_json(call->request, 200, TAKE(reply));
	return true;
}
