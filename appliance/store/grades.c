#include "store/grades.h"

#include "base/text.h"
#include "store/audit.h"
#include "store/changes.h"
#include "store/embryos.h"
#include "store/inside.h"
#include "store/jobs.h"

#include <stdio.h>

static const char add_sql[] = "INSERT INTO grades (embryo_id, expansion, icm, te, user_id, made_us)"
			      " VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
static const char get_sql[] =
    "SELECT g.expansion, g.icm, g.te, u.name, g.made_us FROM grades g"
    " JOIN users u ON u.id = g.user_id WHERE g.embryo_id = ?1 ORDER BY g.id DESC LIMIT 1";

static bool letter_fits(char letter)
{
	return letter == 0 || (letter >= 'A' && letter <= 'D');
}

static bool add(struct store *store, int64_t embryo_id, int64_t user_id, const struct gardner *gardner,
    struct err *err)
{
	struct embryo embryo;
	char detail[8];
	snprintf(detail, sizeof detail, "%d%c%c", gardner->expansion % 10,
	    gardner->icm ? gardner->icm : '-', gardner->te ? gardner->te : '-');
	if (!embryos_get(store, embryo_id, &embryo, err))
		return false;
	struct db_statement *s = db_prepare(store->db, add_sql);
	db_bind_int(s, 1, embryo_id);
	db_bind_int(s, 2, gardner->expansion);
	db_bind_text(s, 3, (const char[]){gardner->icm, 0});
	db_bind_text(s, 4, (const char[]){gardner->te, 0});
	db_bind_int(s, 5, user_id);
	db_bind_int(s, 6, clock_now_us());
	return db_run(s, err) && jobs_add(store, JOB_EVALUATE, embryo_id, JOB_PRIORITY_EVALUATE, err) &&
	    changes_add(store, CHANGE_ANNOTATION, embryo_id, err) &&
	    audit_add(store, user_id, "grade.add", embryo_id, detail, err);
}

bool grades_add(struct store *store, int64_t embryo_id, int64_t user_id, const struct gardner *gardner,
    struct err *err)
{
	if (gardner->expansion < 1 || gardner->expansion > 6 || !letter_fits(gardner->icm) ||
	    !letter_fits(gardner->te))
		return err_set(err, ERR_BAD_INPUT, "a grade is an expansion of 1 to 6 and letters A to D");
	return store_begin(store, err) &&
	    store_end(store, add(store, embryo_id, user_id, gardner, err), err);
}

bool grades_get(struct store *store, int64_t embryo_id, struct grade *ret_grade, bool *ret_found,
    struct err *err)
{
	struct grade grade = {0};
	struct db_statement *s = db_prepare(store->db, get_sql);
	db_bind_int(s, 1, embryo_id);
	bool found = db_step(s);
	if (found) {
		grade.gardner.expansion = (int)db_column_int(s, 0);
		grade.gardner.icm = db_column_text(s, 1)[0];
		grade.gardner.te = db_column_text(s, 2)[0];
		text_copy(grade.author, sizeof grade.author, db_column_text(s, 3));
		grade.made_us = db_column_int(s, 4);
	}
	if (!db_finish(s, err))
		return false;
	*ret_grade = grade;
	*ret_found = found;
	return true;
}
