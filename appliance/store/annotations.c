#include "store/annotations.h"

#include "base/text.h"
#include "store/audit.h"
#include "store/changes.h"
#include "store/embryos.h"
#include "store/inside.h"
#include "store/jobs.h"

/* Rows of one author on one event: of a user by id, of an export by name. */
#define OF_AUTHOR " embryo_id = ?1 AND event = ?2 AND user_id IS ?3 AND (?3 IS NOT NULL OR author = ?4)"
#define CURRENT   " replaced_by IS NULL AND withdrawn_us IS NULL"

static const char add_sql[] =
    "INSERT INTO events (embryo_id, event, user_id, author, absent, run, time_s, made_us)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
static const char same_sql[] = "SELECT 1 FROM events WHERE" OF_AUTHOR " AND" CURRENT
			       " AND absent = ?5 AND run IS ?6 AND time_s IS ?7";
static const char replace_sql[] = "UPDATE events SET replaced_by = ?5 WHERE" OF_AUTHOR " AND" CURRENT
				  " AND id <> ?5";
static const char withdraw_sql[] = "UPDATE events SET withdrawn_us = ?5 WHERE" OF_AUTHOR " AND" CURRENT;
static const char each_sql[] =
    "SELECT e.event, e.absent, e.run, e.time_s, r.clock_s, d.insemination_clock_s,"
    " ifnull(u.name, e.author), e.made_us FROM events e"
    " JOIN embryos m ON m.id = e.embryo_id JOIN dishes d ON d.id = m.dish_id"
    " LEFT JOIN runs r ON r.embryo_id = e.embryo_id AND r.run = e.run LEFT JOIN users u ON u.id = e.user_id"
    " WHERE e.embryo_id = ?1 AND" CURRENT " ORDER BY e.id";

static bool check(int64_t user_id, const struct annotation *annotation, struct err *err)
{
	if (annotation->event <= STAGE_EMPTY || annotation->event >= STAGE_COUNT)
		return err_set(err, ERR_BAD_INPUT, "there is no such event");
	if (!annotation->absent && annotation->run < 0 && annotation->time_s == TIME_UNKNOWN)
		return err_set(err, ERR_BAD_INPUT,
		    "an annotation needs a run or a time, or says that it did not happen");
	if (!user_id && (!annotation->author[0] || !text_is_plain(annotation->author)))
		return err_set(err, ERR_BAD_INPUT, "an annotation needs an author");
	return true;
}

static struct db_statement *of_author(struct store *store, const char *sql, int64_t embryo_id,
    int64_t user_id, const struct annotation *annotation)
{
	struct db_statement *s = db_prepare(store->db, sql);
	db_bind_int(s, 1, embryo_id);
	db_bind_text(s, 2, stage_name(annotation->event));
	bind_some(s, 3, user_id);
	db_bind_text(s, 4, user_id ? "" : annotation->author);
	return s;
}

static void bind_word(struct db_statement *s, const struct annotation *annotation)
{
	db_bind_int(s, 5, annotation->absent);
	bind_clock(s, 6, annotation->absent || annotation->run < 0 ? TIME_UNKNOWN : annotation->run);
	bind_clock(s, 7, annotation->absent ? TIME_UNKNOWN : annotation->time_s);
}

static bool add_row(struct store *store, int64_t embryo_id, int64_t user_id,
    const struct annotation *annotation, struct err *err)
{
	struct db_statement *s = of_author(store, add_sql, embryo_id, user_id, annotation);
	bind_word(s, annotation);
	db_bind_int(s, 8, annotation->made_us ? annotation->made_us : clock_now_us());
	if (!db_run(s, err))
		return false;
	int64_t id = db_last_id(store->db);
	s = of_author(store, replace_sql, embryo_id, user_id, annotation);
	db_bind_int(s, 5, id);
	return db_run(s, err);
}

/* What follows from a changed word. */
static bool tell(struct store *store, int64_t embryo_id, int64_t user_id, const char *action,
    enum stage event, struct err *err)
{
	return jobs_add(store, JOB_EVALUATE, embryo_id, JOB_PRIORITY_EVALUATE, err) &&
	    changes_add(store, CHANGE_ANNOTATION, embryo_id, err) &&
	    (!user_id || audit_add(store, user_id, action, embryo_id, stage_name(event), err));
}

static bool add(struct store *store, int64_t embryo_id, int64_t user_id,
    const struct annotation *annotation, struct err *err)
{
	struct embryo embryo;
	if (!embryos_get(store, embryo_id, &embryo, err))
		return false;
	struct db_statement *s = of_author(store, same_sql, embryo_id, user_id, annotation);
	bind_word(s, annotation);
	bool same = db_step(s);
	if (!db_finish(s, err) || same)
		return same;
	return add_row(store, embryo_id, user_id, annotation, err) &&
	    tell(store, embryo_id, user_id, "annotation.add", annotation->event, err);
}

bool annotations_add(struct store *store, int64_t embryo_id, int64_t user_id,
    const struct annotation *annotation, struct err *err)
{
	return check(user_id, annotation, err) && store_begin(store, err) &&
	    store_end(store, add(store, embryo_id, user_id, annotation, err), err);
}

static bool withdraw(struct store *store, int64_t embryo_id, int64_t user_id, enum stage event,
    struct err *err)
{
	struct db_statement *s = of_author(store, withdraw_sql, embryo_id, user_id,
	    &(struct annotation){.event = event});
	db_bind_int(s, 5, clock_now_us());
	if (!db_run(s, err))
		return false;
	if (db_changed(store->db) == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no annotation of yours of %s",
		    stage_name(event));
	return tell(store, embryo_id, user_id, "annotation.withdraw", event, err);
}

bool annotations_withdraw(struct store *store, int64_t embryo_id, int64_t user_id, enum stage event,
    struct err *err)
{
	return store_begin(store, err) &&
	    store_end(store, withdraw(store, embryo_id, user_id, event, err), err);
}

static bool row(struct db_statement *s, struct annotation *ret_annotation)
{
	*ret_annotation = (struct annotation){
	    .absent = db_column_int(s, 1),
	    .run = db_column_is_null(s, 2) ? -1 : (int)db_column_int(s, 2),
	    .time_s = column_clock(s, 3),
	    .made_us = db_column_int(s, 7),
	};
	text_copy(ret_annotation->author, sizeof ret_annotation->author, db_column_text(s, 6));
	if (ret_annotation->time_s == TIME_UNKNOWN)
		ret_annotation->time_s = time_since_insemination(column_clock(s, 4), column_clock(s, 5));
	return stage_from_name(db_column_text(s, 0), &ret_annotation->event);
}

bool annotations_each(struct store *store, int64_t embryo_id,
    bool (*each)(const struct annotation *annotation, void *context), void *context, struct err *err)
{
	bool more = true, known = true;
	struct db_statement *s = db_prepare(store->db, each_sql);
	db_bind_int(s, 1, embryo_id);
	while (more && known && db_step(s)) {
		struct annotation annotation;
		known = row(s, &annotation);
		more = known && each(&annotation, context);
	}
	return db_finish(s, err) &&
	    (known ||
		err_set(err, ERR_DAMAGED, "embryo %" PRId64 " has an annotation of an unknown event",
		    embryo_id));
}
