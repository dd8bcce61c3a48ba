#include "store/dishes.h"

#include "base/text.h"
#include "store/audit.h"
#include "store/changes.h"
#include "store/cycles.h"
#include "store/embryos.h"
#include "store/inside.h"
#include "store/jobs.h"
#include "store/keys.h"

#include <stdio.h>

#define DISH_COLUMNS "SELECT id, cycle_id, slide, format, insemination_clock_s, imported_us, latest_us FROM dishes "
static const char get_sql[] = DISH_COLUMNS "WHERE id = ?1";
static const char find_sql[] = DISH_COLUMNS "WHERE slide = ?1";
static const char each_sql[] = DISH_COLUMNS
    "WHERE ?1 = -1 OR ifnull(cycle_id, 0) = ?1 ORDER BY imported_us, id";
static const char add_sql[] = "INSERT INTO dishes (slide, format, insemination_clock_s, imported_us, latest_us)"
			      " VALUES (?1, ?2, ?3, ?4, ?4)";
static const char clock_sql[] = "UPDATE dishes SET insemination_clock_s = ?2 WHERE id = ?1";
static const char first_clock_sql[] =
    "SELECT min(clock_s) FROM runs WHERE embryo_id IN (SELECT id FROM embryos WHERE dish_id = ?1)";
static const char assign_sql[] = "UPDATE dishes SET cycle_id = ?2 WHERE id = ?1";
static const char progress_sql[] =
    "SELECT count(*), ifnull(sum(runs_total), 0), ifnull(sum(runs_read), 0),"
    " max((SELECT clock_s FROM runs r WHERE r.embryo_id = e.id ORDER BY r.run DESC LIMIT 1))"
    " FROM embryos e WHERE dish_id = ?1";

static void row(struct db_statement *s, struct dish *ret_dish)
{
	ret_dish->id = db_column_int(s, 0);
	ret_dish->cycle_id = db_column_int(s, 1);
	text_copy(ret_dish->slide, sizeof ret_dish->slide, db_column_text(s, 2));
	text_copy(ret_dish->format, sizeof ret_dish->format, db_column_text(s, 3));
	ret_dish->insemination_clock_s = column_clock(s, 4);
	ret_dish->imported_us = db_column_int(s, 5);
	ret_dish->latest_us = db_column_int(s, 6);
}

/* dish.id 0: nothing found. */
static bool one(struct db_statement *s, struct dish *ret_dish, struct err *err)
{
	struct dish dish = {0};
	if (db_step(s))
		row(s, &dish);
	if (!db_finish(s, err))
		return false;
	*ret_dish = dish;
	return true;
}

bool dishes_get(struct store *store, int64_t id, struct dish *ret_dish, struct err *err)
{
	struct dish dish;
	struct db_statement *s = db_prepare(store->db, get_sql);
	db_bind_int(s, 1, id);
	if (!one(s, &dish, err))
		return false;
	if (!dish.id)
		return err_set(err, ERR_NOT_FOUND, "there is no dish %" PRId64, id);
	*ret_dish = dish;
	return true;
}

static bool find(struct store *store, const char *slide, struct dish *ret_dish, struct err *err)
{
	struct db_statement *s = db_prepare(store->db, find_sql);
	db_bind_text(s, 1, slide);
	return one(s, ret_dish, err);
}

bool dishes_find(struct store *store, const char *slide, int64_t *ret_id, struct err *err)
{
	struct dish dish;
	if (!find(store, slide, &dish, err))
		return false;
	*ret_id = dish.id;
	return true;
}

static bool add(struct store *store, const struct dish *dish, int64_t *ret_id, struct err *err)
{
	struct db_statement *s = db_prepare(store->db, add_sql);
	db_bind_text(s, 1, dish->slide);
	db_bind_text(s, 2, dish->format);
	bind_clock(s, 3, dish->insemination_clock_s);
	db_bind_int(s, 4, clock_now_us());
	if (!db_run(s, err))
		return false;
	*ret_id = db_last_id(store->db);
	return keys_add_dish(store, *ret_id, err) && changes_add(store, CHANGE_DISH, *ret_id, err);
}

static bool set_clock(struct store *store, int64_t id, int64_t clock_s, struct err *err)
{
	struct db_statement *s = db_prepare(store->db, clock_sql);
	db_bind_int(s, 1, id);
	bind_clock(s, 2, clock_s);
	return db_run(s, err) && embryos_refresh(store, id, err) &&
	    changes_add(store, CHANGE_DISH, id, err);
}

bool dishes_obtain(struct store *store, const char *slide, const char *format, int64_t insemination_clock_s,
    int64_t *ret_id, struct err *err)
{
	struct dish found, dish = {.insemination_clock_s = insemination_clock_s};
	if (!slide[0] || !text_is_plain(slide) || !text_copy(dish.slide, sizeof dish.slide, slide) ||
	    !text_copy(dish.format, sizeof dish.format, format))
		return err_set(err, ERR_BAD_INPUT, "a slide code is plain text of 1 to %d bytes",
		    LIMIT_NAME - 1);
	if (!store_begin(store, err))
		return false;
	bool ok = find(store, slide, &found, err);
	if (ok && !found.id)
		ok = add(store, &dish, &found.id, err);
	else if (ok && found.insemination_clock_s == TIME_UNKNOWN && insemination_clock_s != TIME_UNKNOWN)
		ok = set_clock(store, found.id, insemination_clock_s, err);
	if (!store_end(store, ok, err))
		return false;
	*ret_id = found.id;
	return true;
}

bool dishes_each(struct store *store, int64_t which, bool (*each)(const struct dish *dish, void *context),
    void *context, struct err *err)
{
	bool more = true;
	struct db_statement *s = db_prepare(store->db, each_sql);
	db_bind_int(s, 1, which);
	while (more && db_step(s)) {
		struct dish dish;
		row(s, &dish);
		more = each(&dish, context);
	}
	return db_finish(s, err);
}

/* The dish to its new place: key, row, embryos, feed, log. patient_id and cycle_id 0: the inbox. The old wrapping is
 * overwritten in the database; its page leaves the write-ahead log, too. */
static bool move(struct store *store, const struct dish *dish, int64_t patient_id, int64_t cycle_id,
    int64_t user_id, struct err *err)
{
	char detail[64];
	snprintf(detail, sizeof detail, "cycle %" PRId64 " to %" PRId64, dish->cycle_id, cycle_id);
	store_shrink_log(store);
	/* those that stay behind are ranked without it */
	if (dish->cycle_id && !jobs_add_ranks(store, dish->id, err))
		return false;
	struct db_statement *s = db_prepare(store->db, assign_sql);
	db_bind_int(s, 1, dish->id);
	bind_some(s, 2, cycle_id);
	return db_run(s, err) && keys_rewrap_dish(store, dish->id, patient_id, err) &&
	    embryos_refresh(store, dish->id, err) && changes_add(store, CHANGE_DISH, dish->id, err) &&
	    audit_add(store, user_id, cycle_id ? "dish.assign" : "dish.release", dish->id, detail, err);
}

static bool assign(struct store *store, int64_t id, int64_t cycle_id, int64_t user_id, struct err *err)
{
	struct dish dish;
	struct cycle cycle;
	if (!dishes_get(store, id, &dish, err) || !cycles_get(store, cycle_id, &cycle, err))
		return false;
	if (dish.cycle_id == cycle_id)
		return true;
	if (dish.cycle_id)
		return err_set(err, ERR_CONFLICT,
		    "dish %" PRId64 " belongs to cycle %" PRId64 ": release it first", id, dish.cycle_id);
	return move(store, &dish, cycle.patient_id, cycle_id, user_id, err);
}

bool dishes_assign(struct store *store, int64_t id, int64_t cycle_id, int64_t user_id, struct err *err)
{
	return store_begin(store, err) && store_end(store, assign(store, id, cycle_id, user_id, err), err);
}

bool dishes_release(struct store *store, int64_t id, int64_t user_id, struct err *err)
{
	struct dish dish;
	if (!store_begin(store, err))
		return false;
	bool ok = dishes_get(store, id, &dish, err) &&
	    (!dish.cycle_id || move(store, &dish, 0, 0, user_id, err));
	return store_end(store, ok, err);
}

bool dishes_first_clock(struct store *store, int64_t id, int64_t *ret_clock_s, struct err *err)
{
	int64_t clock_s = TIME_UNKNOWN;
	struct db_statement *s = db_prepare(store->db, first_clock_sql);
	db_bind_int(s, 1, id);
	if (db_step(s))
		clock_s = column_clock(s, 0);
	if (!db_finish(s, err))
		return false;
	*ret_clock_s = clock_s;
	return true;
}

bool dishes_set_insemination(struct store *store, int64_t id, int64_t clock_s, int64_t user_id,
    struct err *err)
{
	char detail[64];
	struct dish dish;
	if (!store_begin(store, err))
		return false;
	bool ok = dishes_get(store, id, &dish, err);
	if (ok) {
		snprintf(detail, sizeof detail, "clock %" PRId64 " to %" PRId64, dish.insemination_clock_s,
		    clock_s);
		ok = set_clock(store, id, clock_s, err) &&
		    audit_add(store, user_id, "dish.insemination", id, detail, err);
	}
	return store_end(store, ok, err);
}

bool dishes_progress(struct store *store, int64_t id, struct dish_progress *ret_progress, struct err *err)
{
	struct dish_progress progress = {0};
	struct db_statement *s = db_prepare(store->db, progress_sql);
	db_bind_int(s, 1, id);
	if (db_step(s))
		progress = (struct dish_progress){(int)db_column_int(s, 0), (int)db_column_int(s, 1),
		    (int)db_column_int(s, 2), column_clock(s, 3)};
	if (!db_finish(s, err))
		return false;
	*ret_progress = progress;
	return true;
}
