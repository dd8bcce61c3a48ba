#include "store/cycles.h"

#include "base/text.h"
#include "store/audit.h"
#include "store/changes.h"
#include "store/columns.h"
#include "store/dishes.h"
#include "store/embryos.h"
#include "store/inside.h"
#include "store/keys.h"

static const char add_sql[] =
    "INSERT INTO cycles (patient_id, label, method, decision_us) VALUES (?1, x'', ?2, ?3)";
static const char seal_sql[] = "UPDATE cycles SET label = ?2, method = ?3, decision_us = ?4 WHERE id = ?1";
static const char get_sql[] = "SELECT id, patient_id, label, method, decision_us FROM cycles WHERE id = ?1";
static const char each_sql[] = "SELECT id, patient_id, label, method, decision_us FROM cycles"
			       " WHERE ?1 IN (0, patient_id) ORDER BY decision_us IS NULL, decision_us, id";

static bool check(const struct cycle *cycle, struct err *err)
{
	if (!cycle->label[0] || !text_is_plain(cycle->label))
		return err_set(err, ERR_BAD_INPUT, "a cycle needs a label of plain text");
	if (cycle->method >= INSEMINATION_COUNT)
		return err_set(err, ERR_BAD_INPUT, "there is no such insemination method");
	return true;
}

static bool seal_row(struct store *store, int64_t id, int64_t patient_id, const struct cycle *cycle,
    struct err *err)
{
	uint8_t key[CRYPTO_KEY_SIZE];
	if (!keys_patient(store, patient_id, key, err))
		return false;
	struct db_statement *s = db_prepare(store->db, seal_sql);
	db_bind_int(s, 1, id);
	columns_bind(s, 2, &(struct column){key, "cycles.label", id}, cycle->label);
	crypto_wipe(key, sizeof key);
	db_bind_text(s, 3, insemination_name(cycle->method));
	bind_some(s, 4, cycle->decision_us);
	return db_run(s, err);
}

bool cycles_add(struct store *store, int64_t user_id, const struct cycle *cycle, int64_t *ret_id,
    struct err *err)
{
	uint8_t key[CRYPTO_KEY_SIZE];
	if (!check(cycle, err) || !store_begin(store, err))
		return false;
	/* Asked for its key, a patient who does not exist is told by name. */
	bool ok = keys_patient(store, cycle->patient_id, key, err);
	crypto_wipe(key, sizeof key);
	int64_t id = 0;
	if (ok) {
		struct db_statement *s = db_prepare(store->db, add_sql);
		db_bind_int(s, 1, cycle->patient_id);
		db_bind_text(s, 2, insemination_name(cycle->method));
		bind_some(s, 3, cycle->decision_us);
		ok = db_run(s, err);
		id = db_last_id(store->db);
	}
	ok = ok && seal_row(store, id, cycle->patient_id, cycle, err) &&
	    changes_add(store, CHANGE_CYCLE, id, err) && audit_add(store, user_id, "cycle.add", id, "", err);
	if (!store_end(store, ok, err))
		return false;
	*ret_id = id;
	return true;
}

static bool open_row(struct store *store, struct db_statement *s, struct cycle *ret_cycle, struct err *err)
{
	struct cycle cycle = {.id = db_column_int(s, 0),
	    .patient_id = db_column_int(s, 1),
	    .decision_us = db_column_int(s, 4)};
	uint8_t key[CRYPTO_KEY_SIZE];
	if (!insemination_from_name(db_column_text(s, 3), &cycle.method))
		return err_set(err, ERR_DAMAGED, "cycle %" PRId64 " has an unknown method", cycle.id);
	if (!keys_patient(store, cycle.patient_id, key, err))
		return false;
	bool ok = columns_open(s, 2, &(struct column){key, "cycles.label", cycle.id}, cycle.label,
	    sizeof cycle.label, err);
	crypto_wipe(key, sizeof key);
	if (ok)
		*ret_cycle = cycle;
	return ok;
}

bool cycles_get(struct store *store, int64_t id, struct cycle *ret_cycle, struct err *err)
{
	struct db_statement *s = db_prepare(store->db, get_sql);
	db_bind_int(s, 1, id);
	bool found = db_step(s);
	bool ok = found && open_row(store, s, ret_cycle, err);
	if (!db_finish(s, ok || !found ? err : NULL))
		return false;
	return found ? ok : err_set(err, ERR_NOT_FOUND, "there is no cycle %" PRId64, id);
}

struct refresh {
	struct store *store;
	struct err *err;
	bool ok;
};

static bool refresh_dish(const struct dish *dish, void *context)
{
	struct refresh *refresh = context;
	refresh->ok = embryos_refresh(refresh->store, dish->id, refresh->err);
	return refresh->ok;
}

bool cycles_update(struct store *store, const struct cycle *cycle, struct err *err)
{
	struct cycle before;
	if (!check(cycle, err) || !store_begin(store, err))
		return false;
	struct refresh refresh = {store, err, true};
	bool ok = cycles_get(store, cycle->id, &before, err) &&
	    seal_row(store, cycle->id, before.patient_id, cycle, err) &&
	    dishes_each(store, cycle->id, refresh_dish, &refresh, err) && refresh.ok &&
	    changes_add(store, CHANGE_CYCLE, cycle->id, err);
	return store_end(store, ok, err);
}

bool cycles_each(struct store *store, int64_t patient_id,
    bool (*each)(const struct cycle *cycle, void *context), void *context, struct err *err)
{
	bool ok = true, more = true;
	struct db_statement *s = db_prepare(store->db, each_sql);
	db_bind_int(s, 1, patient_id);
	while (ok && more && db_step(s)) {
		struct cycle cycle;
		ok = open_row(store, s, &cycle, err);
		more = ok && each(&cycle, context);
	}
	return db_finish(s, ok ? err : NULL) && ok;
}
