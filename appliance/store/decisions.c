#include "store/decisions.h"

#include "base/text.h"
#include "store/audit.h"
#include "store/changes.h"
#include "store/columns.h"
#include "store/inside.h"
#include "store/keys.h"

#include <string.h>

static const char *const names[DECISION_COUNT] = {"transfer", "freeze", "biopsy", "culture", "discard"};

static const char add_sql[] =
    "INSERT INTO decisions (embryo_id, decision, reason, user_id, made_us, evaluation)"
    " VALUES (?1, ?2, x'', ?3, ?4, (SELECT json FROM evaluations WHERE embryo_id = ?1))";
static const char seal_sql[] = "UPDATE decisions SET reason = ?2 WHERE id = ?1";
/* The last column tells whether it stands. */
#define DECISION_COLUMNS \
	"SELECT d.id, d.embryo_id, d.decision, d.reason, d.user_id, u.name, d.made_us, d.withdrawn_us, d.id IS" \
	" (SELECT max(id) FROM decisions n WHERE n.embryo_id = d.embryo_id AND n.withdrawn_us IS NULL)" \
	" FROM decisions d JOIN users u ON u.id = d.user_id"
static const char each_sql[] =
    DECISION_COLUMNS " WHERE d.embryo_id = ?1 AND d.withdrawn_us IS NULL ORDER BY d.id DESC";
static const char get_sql[] = DECISION_COLUMNS " WHERE d.id = ?1";
static const char standing_sql[] =
    "SELECT decision FROM decisions WHERE embryo_id = ?1 AND withdrawn_us IS NULL ORDER BY id DESC LIMIT 1";
static const char signed_sql[] = "SELECT 1 FROM signatures WHERE decision_id = ?1";
static const char withdraw_sql[] = "UPDATE decisions SET withdrawn_us = ?2 WHERE id = ?1";
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

static bool add(struct store *store, const struct decision *decision, int64_t user_id, int64_t *ret_id,
    struct err *err)
{
	uint8_t key[CRYPTO_KEY_SIZE];
	if (!keys_embryo(store, decision->embryo_id, key, err))
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

static bool open_row(struct db_statement *s, const uint8_t *key, struct decision *ret_decision, struct err *err)
{
	struct decision decision = {.id = db_column_int(s, 0),
	    .embryo_id = db_column_int(s, 1),
	    .user_id = db_column_int(s, 4),
	    .made_us = db_column_int(s, 6),
	    .withdrawn_us = db_column_int(s, 7),
	    .current = db_column_int(s, 8)};
	text_copy(decision.author, sizeof decision.author, db_column_text(s, 5));
	if (!decision_from_name(db_column_text(s, 2), &decision.kind))
		return err_set(err, ERR_DAMAGED, "decision %" PRId64 " is of an unknown kind", decision.id);
	if (!columns_open(s, 3, &(struct column){key, "decisions.reason", decision.id}, decision.reason,
		sizeof decision.reason, err))
		return false;
	*ret_decision = decision;
	return true;
}

bool decisions_each(struct store *store, int64_t embryo_id,
    bool (*each)(const struct decision *decision, void *context), void *context, struct err *err)
{
	uint8_t key[CRYPTO_KEY_SIZE];
	if (!keys_embryo(store, embryo_id, key, err))
		return false;
	bool ok = true, more = true;
	struct db_statement *s = db_prepare(store->db, each_sql);
	db_bind_int(s, 1, embryo_id);
	while (ok && more && db_step(s)) {
		struct decision decision;
		ok = open_row(s, key, &decision, err);
		more = ok && each(&decision, context);
	}
	crypto_wipe(key, sizeof key);
	return db_finish(s, ok ? err : NULL) && ok;
}

bool decisions_get(struct store *store, int64_t id, struct decision *ret_decision, struct err *err)
{
	uint8_t key[CRYPTO_KEY_SIZE];
	struct db_statement *s = db_prepare(store->db, get_sql);
	db_bind_int(s, 1, id);
	bool found = db_step(s);
	bool ok = found && keys_embryo(store, db_column_int(s, 1), key, err);
	if (ok) {
		ok = open_row(s, key, ret_decision, err);
		crypto_wipe(key, sizeof key);
	}
	if (!db_finish(s, ok || !found ? err : NULL))
		return false;
	return found ? ok : err_set(err, ERR_NOT_FOUND, "there is no decision %" PRId64, id);
}

bool decisions_standing(struct store *store, int64_t embryo_id, enum decision_kind *ret_kind, bool *ret_found,
    struct err *err)
{
	enum decision_kind kind = DECISION_COUNT;
	struct db_statement *s = db_prepare(store->db, standing_sql);
	db_bind_int(s, 1, embryo_id);
	bool found = db_step(s);
	bool known = !found || decision_from_name(db_column_text(s, 0), &kind);
	if (!db_finish(s, err))
		return false;
	if (!known)
		return err_set(err, ERR_DAMAGED, "a decision on embryo %" PRId64 " is of an unknown kind", embryo_id);
	if (found)
		*ret_kind = kind;
	*ret_found = found;
	return true;
}

static bool is_signed(struct store *store, int64_t id, bool *ret_signed, struct err *err)
{
	struct db_statement *s = db_prepare(store->db, signed_sql);
	db_bind_int(s, 1, id);
	*ret_signed = db_step(s);
	return db_finish(s, err);
}

static bool withdraw(struct store *store, int64_t embryo_id, int64_t id, int64_t user_id, struct err *err)
{
	struct decision decision;
	bool is_fixed;
	if (!decisions_get(store, id, &decision, err) || !is_signed(store, id, &is_fixed, err))
		return false;
	if (decision.embryo_id != embryo_id || decision.withdrawn_us)
		return err_set(err, ERR_NOT_FOUND, "there is no decision %" PRId64 " on this embryo", id);
	if (decision.user_id != user_id)
		return err_set(err, ERR_FORBIDDEN, "a decision is taken back by who made it");
	if (is_fixed)
		return err_set(err, ERR_CONFLICT, "the decision is signed: decide anew instead");
	return RUN_INTS(store, withdraw_sql, err, id, clock_now_us()) &&
	    changes_add(store, CHANGE_DECISION, embryo_id, err) &&
	    audit_add(store, user_id, "decision.withdraw", embryo_id, names[decision.kind], err);
}

bool decisions_withdraw(struct store *store, int64_t embryo_id, int64_t id, int64_t user_id, struct err *err)
{
	return store_begin(store, err) && store_end(store, withdraw(store, embryo_id, id, user_id, err), err);
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
