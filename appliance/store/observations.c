#include "store/observations.h"

#include "base/text.h"
#include "store/audit.h"
#include "store/changes.h"
#include "store/decisions.h"
#include "store/embryos.h"
#include "store/inside.h"
#include "store/jobs.h"

#include <stdio.h>

#define OF_AUTHOR " embryo_id = ?1 AND user_id = ?2 AND kind = ?3"
#define CURRENT   " replaced_by IS NULL AND withdrawn_us IS NULL"

static const char add_sql[] = "INSERT INTO observations (embryo_id, user_id, kind, value, run, day, made_us)"
			      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
static const char same_sql[] = "SELECT 1 FROM observations WHERE" OF_AUTHOR " AND" CURRENT
			       " AND value = ?4 AND run IS ?5 AND day = ?6";
static const char replace_sql[] = "UPDATE observations SET replaced_by = ?4 WHERE" OF_AUTHOR " AND" CURRENT
				  " AND id <> ?4";
static const char withdraw_sql[] = "UPDATE observations SET withdrawn_us = ?4 WHERE" OF_AUTHOR " AND" CURRENT;
static const char each_sql[] = "SELECT o.kind, o.value, o.run, o.day, o.user_id, u.name, o.made_us"
			       " FROM observations o JOIN users u ON u.id = o.user_id"
			       " WHERE o.embryo_id = ?1 AND" CURRENT " ORDER BY o.id";

static struct db_statement *of_author(struct store *store, const char *sql, int64_t embryo_id, int64_t user_id,
    enum observation_kind kind)
{
	struct db_statement *s = db_prepare(store->db, sql);
	db_bind_int(s, 1, embryo_id);
	db_bind_int(s, 2, user_id);
	db_bind_text(s, 3, observation_name(kind));
	return s;
}

static void bind_word(struct db_statement *s, const struct observation *observation)
{
	db_bind_text(s, 4, observation->value);
	bind_clock(s, 5, observation->run < 0 ? TIME_UNKNOWN : observation->run);
	db_bind_text(s, 6, observation->day);
}

/* Only of an embryo that was transferred can it be known what became of it. */
static bool check_outcome(struct store *store, int64_t embryo_id, struct err *err)
{
	enum decision_kind kind;
	bool found;
	if (!decisions_standing(store, embryo_id, &kind, &found, err))
		return false;
	return (found && kind == DECISION_TRANSFER) ||
	    err_set(err, ERR_CONFLICT, "an outcome is of an embryo that was transferred: decide that first");
}

static bool add_row(struct store *store, int64_t embryo_id, int64_t user_id, const struct observation *observation,
    struct err *err)
{
	struct db_statement *s = of_author(store, add_sql, embryo_id, user_id, observation->kind);
	bind_word(s, observation);
	db_bind_int(s, 7, clock_now_us());
	if (!db_run(s, err))
		return false;
	int64_t id = db_last_id(store->db);
	s = of_author(store, replace_sql, embryo_id, user_id, observation->kind);
	db_bind_int(s, 4, id);
	return db_run(s, err);
}

/* What follows from a changed word. */
static bool tell(struct store *store, int64_t embryo_id, int64_t user_id, const char *action,
    enum observation_kind kind, const char *value, struct err *err)
{
	char detail[64];
	snprintf(detail, sizeof detail, "%s %s", observation_name(kind), value);
	return (observation_group(kind) != ASSESSMENT ||
		   jobs_add(store, JOB_EVALUATE, embryo_id, JOB_PRIORITY_EVALUATE, err)) &&
	    changes_add(store, CHANGE_ANNOTATION, embryo_id, err) &&
	    audit_add(store, user_id, action, embryo_id, text_trim(detail), err);
}

static bool add(struct store *store, int64_t embryo_id, int64_t user_id, const struct observation *observation,
    struct err *err)
{
	struct embryo embryo;
	if (!embryos_get(store, embryo_id, &embryo, err) ||
	    (observation_group(observation->kind) == OUTCOME && !check_outcome(store, embryo_id, err)))
		return false;
	struct db_statement *s = of_author(store, same_sql, embryo_id, user_id, observation->kind);
	bind_word(s, observation);
	bool same = db_step(s);
	if (!db_finish(s, err) || same)
		return same;
	return add_row(store, embryo_id, user_id, observation, err) &&
	    tell(store, embryo_id, user_id, "observation.add", observation->kind, observation->value, err);
}

bool observations_add(struct store *store, int64_t embryo_id, int64_t user_id, const struct observation *observation,
    struct err *err)
{
	return observation_check(observation, err) && store_begin(store, err) &&
	    store_end(store, add(store, embryo_id, user_id, observation, err), err);
}

static bool withdraw(struct store *store, int64_t embryo_id, int64_t user_id, enum observation_kind kind,
    struct err *err)
{
	struct db_statement *s = of_author(store, withdraw_sql, embryo_id, user_id, kind);
	db_bind_int(s, 4, clock_now_us());
	if (!db_run(s, err))
		return false;
	if (db_changed(store->db) == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no observation of yours of %s", observation_name(kind));
	return tell(store, embryo_id, user_id, "observation.withdraw", kind, "", err);
}

bool observations_withdraw(struct store *store, int64_t embryo_id, int64_t user_id, enum observation_kind kind,
    struct err *err)
{
	if (kind >= OBSERVATION_COUNT)
		return err_set(err, ERR_BAD_INPUT, "there is no such observation");
	return store_begin(store, err) && store_end(store, withdraw(store, embryo_id, user_id, kind, err), err);
}

static bool row(struct db_statement *s, struct observation *ret_observation)
{
	*ret_observation = (struct observation){
	    .run = db_column_is_null(s, 2) ? -1 : (int)db_column_int(s, 2),
	    .user_id = db_column_int(s, 4),
	    .made_us = db_column_int(s, 6),
	};
	text_copy(ret_observation->value, sizeof ret_observation->value, db_column_text(s, 1));
	text_copy(ret_observation->day, sizeof ret_observation->day, db_column_text(s, 3));
	text_copy(ret_observation->author, sizeof ret_observation->author, db_column_text(s, 5));
	return observation_from_name(db_column_text(s, 0), &ret_observation->kind);
}

bool observations_each(struct store *store, int64_t embryo_id,
    bool (*each)(const struct observation *observation, void *context), void *context, struct err *err)
{
	bool more = true, known = true;
	struct db_statement *s = db_prepare(store->db, each_sql);
	db_bind_int(s, 1, embryo_id);
	while (more && known && db_step(s)) {
		struct observation observation;
		known = row(s, &observation);
		more = known && each(&observation, context);
	}
	return db_finish(s, err) &&
	    (known ||
		err_set(err, ERR_DAMAGED, "embryo %" PRId64 " has an observation of an unknown kind", embryo_id));
}
