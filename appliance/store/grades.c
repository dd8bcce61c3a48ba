#include "store/grades.h"

#include "base/text.h"
#include "store/audit.h"
#include "store/changes.h"
#include "store/embryos.h"
#include "store/inside.h"
#include "store/jobs.h"

#include <stdio.h>

#define OF_AUTHOR " embryo_id = ?1 AND user_id = ?2 AND stage = ?3"
#define CURRENT   " replaced_by IS NULL AND withdrawn_us IS NULL"
#define GRADE_COLUMNS \
	"SELECT g.stage, g.expansion, g.icm, g.te, g.quality, g.user_id, u.name, g.made_us, g.id FROM grades g" \
	" JOIN users u ON u.id = g.user_id WHERE g.embryo_id = ?1 AND" CURRENT

static const char add_sql[] =
    "INSERT INTO grades (embryo_id, user_id, stage, expansion, icm, te, quality, made_us)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
static const char same_sql[] = "SELECT 1 FROM grades WHERE" OF_AUTHOR " AND" CURRENT
			       " AND expansion = ?4 AND icm = ?5 AND te = ?6 AND quality = ?7";
static const char replace_sql[] = "UPDATE grades SET replaced_by = ?4 WHERE" OF_AUTHOR " AND" CURRENT
				  " AND id <> ?4";
static const char withdraw_sql[] = "UPDATE grades SET withdrawn_us = ?4 WHERE" OF_AUTHOR " AND" CURRENT;
static const char get_sql[] = GRADE_COLUMNS " AND g.stage = 'blastocyst' ORDER BY g.id DESC LIMIT 1";
static const char each_sql[] = GRADE_COLUMNS " ORDER BY g.id DESC";
static const char given_sql[] = "SELECT 1 FROM grades WHERE embryo_id = ?1 AND user_id = ?2 AND" CURRENT;

static struct db_statement *of_author(struct store *store, const char *sql, int64_t embryo_id, int64_t user_id,
    enum grade_stage stage)
{
	struct db_statement *s = db_prepare(store->db, sql);
	db_bind_int(s, 1, embryo_id);
	db_bind_int(s, 2, user_id);
	db_bind_text(s, 3, grade_stage_name(stage));
	return s;
}

static void bind_word(struct db_statement *s, const struct grade *grade)
{
	db_bind_int(s, 4, grade->gardner.expansion);
	db_bind_text(s, 5, (const char[]){grade->gardner.icm, 0});
	db_bind_text(s, 6, (const char[]){grade->gardner.te, 0});
	db_bind_text(s, 7, grade_quality_name(grade->quality));
}

static bool add_row(struct store *store, int64_t embryo_id, int64_t user_id, const struct grade *grade,
    struct err *err)
{
	struct db_statement *s = of_author(store, add_sql, embryo_id, user_id, grade->stage);
	bind_word(s, grade);
	db_bind_int(s, 8, clock_now_us());
	if (!db_run(s, err))
		return false;
	int64_t id = db_last_id(store->db);
	s = of_author(store, replace_sql, embryo_id, user_id, grade->stage);
	db_bind_int(s, 4, id);
	return db_run(s, err);
}

/* What follows from a changed word. */
static bool tell(struct store *store, int64_t embryo_id, int64_t user_id, const char *action, const char *detail,
    struct err *err)
{
	return jobs_add(store, JOB_EVALUATE, embryo_id, JOB_PRIORITY_EVALUATE, err) &&
	    changes_add(store, CHANGE_ANNOTATION, embryo_id, err) &&
	    audit_add(store, user_id, action, embryo_id, detail, err);
}

static bool add(struct store *store, int64_t embryo_id, int64_t user_id, const struct grade *grade, struct err *err)
{
	struct embryo embryo;
	char text[GRADE_TEXT_SIZE], detail[64];
	if (!embryos_get(store, embryo_id, &embryo, err))
		return false;
	struct db_statement *s = of_author(store, same_sql, embryo_id, user_id, grade->stage);
	bind_word(s, grade);
	bool same = db_step(s);
	if (!db_finish(s, err) || same)
		return same;
	grade_format(text, grade);
	snprintf(detail, sizeof detail, "%s %s", grade_stage_name(grade->stage), text);
	return add_row(store, embryo_id, user_id, grade, err) &&
	    tell(store, embryo_id, user_id, "grade.add", detail, err);
}

bool grades_add(struct store *store, int64_t embryo_id, int64_t user_id, const struct grade *grade, struct err *err)
{
	return grade_check(grade, err) && store_begin(store, err) &&
	    store_end(store, add(store, embryo_id, user_id, grade, err), err);
}

static bool withdraw(struct store *store, int64_t embryo_id, int64_t user_id, enum grade_stage stage, struct err *err)
{
	struct db_statement *s = of_author(store, withdraw_sql, embryo_id, user_id, stage);
	db_bind_int(s, 4, clock_now_us());
	if (!db_run(s, err))
		return false;
	if (db_changed(store->db) == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no grade of yours of the %s", grade_stage_name(stage));
	return tell(store, embryo_id, user_id, "grade.withdraw", grade_stage_name(stage), err);
}

bool grades_withdraw(struct store *store, int64_t embryo_id, int64_t user_id, enum grade_stage stage, struct err *err)
{
	return store_begin(store, err) && store_end(store, withdraw(store, embryo_id, user_id, stage, err), err);
}

static bool row(struct db_statement *s, struct grade *ret_grade, struct err *err)
{
	struct grade grade = {.user_id = db_column_int(s, 5), .made_us = db_column_int(s, 7)};
	grade.gardner.expansion = (int)db_column_int(s, 1);
	grade.gardner.icm = db_column_text(s, 2)[0];
	grade.gardner.te = db_column_text(s, 3)[0];
	text_copy(grade.author, sizeof grade.author, db_column_text(s, 6));
	if (!grade_stage_from_name(db_column_text(s, 0), &grade.stage) ||
	    !grade_quality_from_name(db_column_text(s, 4), &grade.quality))
		return err_set(err, ERR_DAMAGED, "grade %" PRId64 " is of an unknown kind", db_column_int(s, 8));
	*ret_grade = grade;
	return true;
}

bool grades_get(struct store *store, int64_t embryo_id, struct grade *ret_grade, bool *ret_found, struct err *err)
{
	struct db_statement *s = db_prepare(store->db, get_sql);
	db_bind_int(s, 1, embryo_id);
	bool found = db_step(s);
	bool ok = !found || row(s, ret_grade, err);
	if (!db_finish(s, ok ? err : NULL) || !ok)
		return false;
	*ret_found = found;
	return true;
}

bool grades_each(struct store *store, int64_t embryo_id, bool (*each)(const struct grade *grade, void *context),
    void *context, struct err *err)
{
	bool ok = true, more = true;
	struct db_statement *s = db_prepare(store->db, each_sql);
	db_bind_int(s, 1, embryo_id);
	while (ok && more && db_step(s)) {
		struct grade grade;
		ok = row(s, &grade, err);
		more = ok && each(&grade, context);
	}
	return db_finish(s, ok ? err : NULL) && ok;
}

bool grades_given(struct store *store, int64_t embryo_id, int64_t user_id, bool *ret_given, struct err *err)
{
	struct db_statement *s = db_prepare(store->db, given_sql);
	db_bind_int(s, 1, embryo_id);
	db_bind_int(s, 2, user_id);
	bool given = db_step(s);
	if (!db_finish(s, err))
		return false;
	*ret_given = given;
	return true;
}
