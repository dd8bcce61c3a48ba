#include "store/decisions.h"

#include "base/text.h"
#include "store/audit.h"
#include "store/changes.h"
#include "store/columns.h"
#include "store/embryos.h"
#include "store/inside.h"
#include "store/keys.h"

#include <string.h>

static const char *const names[DECISION_COUNT] = {"transfer", "freeze", "biopsy", "culture", "discard"};

static const char add_sql[] =
    "INSERT INTO decisions (embryo_id, decision, reason, user_id, made_us, evaluation)"
    " VALUES (?1, ?2, x'', ?3, ?4, (SELECT json FROM evaluations WHERE embryo_id = ?1))";
static const char seal_sql[] = "UPDATE decisions SET reason = ?2 WHERE id = ?1";
static const char each_sql[] =
    "SELECT d.id, d.decision, d.reason, u.name, d.made_us FROM decisions d"
    " JOIN users u ON u.id = d.user_id WHERE d.embryo_id = ?1 ORDER BY d.id DESC";
static const char evaluation_sql[] = "SELECT evaluation FROM decisions WHERE id = ?1";

const char *decision_name(enum decision_kind kind)
{
	return kind < DECISION_COUNT ? names[kind] : "unknown";
}

bool decision_from_name(const char *name, enum decision_kind *ret_kind)
{
	for (int i = 0; i < DECISION_COUNT; i++) {
		if (strcmp(names[i], name) != 0)
			continue;
		*ret_kind = (enum decision_kind)i;
		return true;
	}
	return false;
}

/* The key of the dish that holds the embryo: the caller wipes it. */
static bool embryo_key(struct store *store, int64_t embryo_id, uint8_t ret_key[CRYPTO_KEY_SIZE],
    struct err *err)
{
	struct embryo embryo;
	return embryos_get(store, embryo_id, &embryo, err) &&
	    keys_dish(store, embryo.dish_id, ret_key, err);
}

static bool add(struct store *store, const struct decision *decision, int64_t user_id, int64_t *ret_id,
    struct err *err)
{
	uint8_t key[CRYPTO_KEY_SIZE];
	if (!embryo_key(store, decision->embryo_id, key, err))
		return false;
	struct db_statement *s = db_prepare(store->db, add_sql);
	db_bind_int(s, 1, decision->embryo_id);
	db_bind_text(s, 2, names[decision->kind]);
	db_bind_int(s, 3, user_id);
	db_bind_int(s, 4, clock_now_us());
	bool ok = db_run(s, err);
	int64_t id = db_last_id(store->db);
	if (ok) {
		s = db_prepare(store->db, seal_sql);
		db_bind_int(s, 1, id);
		columns_bind(s, 2, &(struct column){key, "decisions.reason", id}, decision->reason);
		ok = db_run(s, err);
	}
	crypto_wipe(key, sizeof key);
	*ret_id = id;
	return ok && changes_add(store, CHANGE_DECISION, decision->embryo_id, err) &&
	    audit_add(store, user_id, "decision.add", decision->embryo_id, names[decision->kind], err);
}

bool decisions_add(struct store *store, int64_t embryo_id, int64_t user_id, enum decision_kind kind,
    const char *reason, int64_t *ret_id, struct err *err)
{
	struct decision decision = {.embryo_id = embryo_id, .kind = kind};
	int64_t id;
	if (kind >= DECISION_COUNT)
		return err_set(err, ERR_BAD_INPUT, "there is no such decision");
	if (!text_copy(decision.reason, sizeof decision.reason, reason))
		return err_set(err, ERR_TOO_LARGE, "a reason has at most %d bytes", LIMIT_COMMENT - 1);
	if (!store_begin(store, err) || !store_end(store, add(store, &decision, user_id, &id, err), err))
		return false;
	*ret_id = id;
	return true;
}

static bool open_row(struct db_statement *s, const uint8_t *key, struct decision *decision, struct err *err)
{
	decision->id = db_column_int(s, 0);
	decision->made_us = db_column_int(s, 4);
	text_copy(decision->author, sizeof decision->author, db_column_text(s, 3));
	if (!decision_from_name(db_column_text(s, 1), &decision->kind))
		return err_set(err, ERR_DAMAGED, "decision %" PRId64 " is of an unknown kind",
		    decision->id);
	return columns_open(s, 2, &(struct column){key, "decisions.reason", decision->id}, decision->reason,
	    sizeof decision->reason, err);
}

bool decisions_each(struct store *store, int64_t embryo_id,
    bool (*each)(const struct decision *decision, void *context), void *context, struct err *err)
{
	uint8_t key[CRYPTO_KEY_SIZE];
	if (!embryo_key(store, embryo_id, key, err))
		return false;
	bool ok = true, more = true, current = true;
	struct db_statement *s = db_prepare(store->db, each_sql);
	db_bind_int(s, 1, embryo_id);
	while (ok && more && db_step(s)) {
		struct decision decision = {.embryo_id = embryo_id, .current = current};
		ok = open_row(s, key, &decision, err);
		more = ok && each(&decision, context);
		current = false;
	}
	crypto_wipe(key, sizeof key);
	return db_finish(s, ok ? err : NULL) && ok;
}

bool decisions_evaluation(struct store *store, int64_t decision_id, struct buf *to, struct err *err)
{
	struct db_statement *s = db_prepare(store->db, evaluation_sql);
	db_bind_int(s, 1, decision_id);
	bool found = db_step(s);
	if (found)
		buf_print(to, "%s", db_column_text(s, 0));
	if (!db_finish(s, err))
		return false;
	return found ? buf_ok(to, err)
		     : err_set(err, ERR_NOT_FOUND, "there is no decision %" PRId64, decision_id);
}
