#include "store/embryos.h"

#include "store/changes.h"
#include "store/inside.h"
#include "store/jobs.h"

static const char get_sql[] = "SELECT id, dish_id, well FROM embryos WHERE id = ?1";
static const char find_sql[] = "SELECT id, dish_id, well FROM embryos WHERE dish_id = ?1 AND well = ?2";
static const char each_sql[] = "SELECT id, dish_id, well FROM embryos WHERE dish_id = ?1 ORDER BY well";
static const char dish_sql[] = "SELECT 1 FROM dishes WHERE id = ?1";
static const char add_sql[] = "INSERT INTO embryos (dish_id, well) VALUES (?1, ?2)";

static void row(struct db_statement *s, struct embryo *ret_embryo)
{
	*ret_embryo = (struct embryo){
	    .id = db_column_int(s, 0), .dish_id = db_column_int(s, 1), .well = (int)db_column_int(s, 2)};
}

bool embryos_find(struct store *store, int64_t dish_id, int well, int64_t *ret_id, struct err *err)
{
	struct db_statement *s = db_prepare(store->db, find_sql);
	db_bind_int(s, 1, dish_id);
	db_bind_int(s, 2, well);
	*ret_id = db_step(s) ? db_column_int(s, 0) : 0;
	return db_finish(s, err);
}

static bool dish_exists(struct store *store, int64_t dish_id, struct err *err)
{
	struct db_statement *s = db_prepare(store->db, dish_sql);
	db_bind_int(s, 1, dish_id);
	bool found = db_step(s);
	return db_finish(s, err) &&
	    (found || err_set(err, ERR_NOT_FOUND, "there is no dish %" PRId64, dish_id));
}

static bool add(struct store *store, int64_t dish_id, int well, int64_t *ret_id, struct err *err)
{
	if (!dish_exists(store, dish_id, err) || !RUN_INTS(store, add_sql, err, dish_id, well))
		return false;
	*ret_id = db_last_id(store->db);
	return changes_add(store, CHANGE_EMBRYO, *ret_id, err);
}

bool embryos_obtain(struct store *store, int64_t dish_id, int well, int64_t *ret_id, struct err *err)
{
	int64_t id = 0;
	if (well < 1 || well > LIMIT_WELLS)
		return err_set(err, ERR_BAD_INPUT, "well %d is not in 1..%d", well, LIMIT_WELLS);
	if (!store_begin(store, err))
		return false;
	bool ok = embryos_find(store, dish_id, well, &id, err) && (id || add(store, dish_id, well, &id, err));
	if (!store_end(store, ok, err))
		return false;
	*ret_id = id;
	return true;
}

bool embryos_get(struct store *store, int64_t id, struct embryo *ret_embryo, struct err *err)
{
	struct embryo embryo = {0};
	struct db_statement *s = db_prepare(store->db, get_sql);
	db_bind_int(s, 1, id);
	if (db_step(s))
		row(s, &embryo);
	if (!db_finish(s, err))
		return false;
	if (!embryo.id)
		return err_set(err, ERR_NOT_FOUND, "there is no embryo %" PRId64, id);
	*ret_embryo = embryo;
	return true;
}

bool embryos_each(struct store *store, int64_t dish_id,
    bool (*each)(const struct embryo *embryo, void *context), void *context, struct err *err)
{
	bool more = true;
	struct db_statement *s = db_prepare(store->db, each_sql);
	db_bind_int(s, 1, dish_id);
	while (more && db_step(s)) {
		struct embryo embryo;
		row(s, &embryo);
		more = each(&embryo, context);
	}
	return db_finish(s, err);
}

struct refresh {
	struct store *store;
	struct err *err;
	bool ok;
};

static bool refresh_one(const struct embryo *embryo, void *context)
{
	struct refresh *refresh = context;
	refresh->ok = jobs_add(refresh->store, JOB_EVALUATE, embryo->id, JOB_PRIORITY_EVALUATE,
	    refresh->err);
	return refresh->ok;
}

bool embryos_refresh(struct store *store, int64_t dish_id, struct err *err)
{
	struct refresh refresh = {store, err, true};
	return embryos_each(store, dish_id, refresh_one, &refresh, err) && refresh.ok;
}
