#include "store/cycles.h"

#include "base/text.h"
#include "store/audit.h"
#include "store/changes.h"
#include "store/columns.h"
#include "store/dishes.h"
#include "store/embryos.h"
#include "store/inside.h"
#include "store/keys.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

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

/* Two labels of a patient that people would take for each other have one normal form: blanks at the ends are out, those
 * inside are one each, letters are small (ASCII, and the accented ones of Latin-1). */
static void normal_label(char to[LIMIT_NAME], const char *label)
{
	size_t length = 0;
	for (const unsigned char *at = (const unsigned char *)label; *at && length < LIMIT_NAME - 1; at++) {
		bool capital = at > (const unsigned char *)label && at[-1] == 0xc3 && *at >= 0x80 && *at <= 0x9e && *at != 0x97;
		if (!isspace(*at))
			to[length++] = (char)(capital ? *at + 0x20 : tolower(*at));
		else if (length && to[length - 1] != ' ')
			to[length++] = ' ';
	}
	while (length && to[length - 1] == ' ')
		length--;
	to[length] = 0;
}

static bool same_label(const char *a, const char *b)
{
	char normal[2][LIMIT_NAME];
	normal_label(normal[0], a);
	normal_label(normal[1], b);
	return strcmp(normal[0], normal[1]) == 0;
}

static bool refuse_known(struct store *store, const struct cycle *cycle, struct err *err)
{
	struct cycle known;
	bool found;
	if (!cycles_find(store, cycle->patient_id, cycle->label, &known, &found, err))
		return false;
	return !found || err_set(err, ERR_CONFLICT, "the patient has a cycle of this label already");
}

bool cycles_add(struct store *store, int64_t user_id, const struct cycle *cycle, int64_t *ret_id,
    struct err *err)
{
	uint8_t key[CRYPTO_KEY_SIZE];
	if (!check(cycle, err) || !store_begin(store, err))
		return false;
	/* Asked for its key, a patient who does not exist is told by name. */
	bool ok = keys_patient(store, cycle->patient_id, key, err) && refuse_known(store, cycle, err);
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

/* The names of the members that differ, for the audit row. */
static void describe(char detail[64], const struct cycle *before, const struct cycle *after)
{
	snprintf(detail, 64, "%s%s%s", strcmp(before->label, after->label) != 0 ? " label" : "",
	    before->method != after->method ? " method" : "",
	    before->decision_us != after->decision_us ? " decision" : "");
}

static bool update(struct store *store, int64_t user_id, const struct cycle *cycle, struct err *err)
{
	struct cycle before, after = *cycle;
	struct refresh refresh = {store, err, true};
	char detail[64];
	if (!cycles_get(store, cycle->id, &before, err))
		return false;
	after.patient_id = before.patient_id;
	describe(detail, &before, &after);
	return (same_label(before.label, after.label) || refuse_known(store, &after, err)) &&
	    seal_row(store, after.id, after.patient_id, &after, err) &&
	    dishes_each(store, after.id, refresh_dish, &refresh, err) && refresh.ok &&
	    changes_add(store, CHANGE_CYCLE, after.id, err) &&
	    audit_add(store, user_id, "cycle.update", after.id, text_trim(detail), err);
}

bool cycles_update(struct store *store, int64_t user_id, const struct cycle *cycle, struct err *err)
{
	return check(cycle, err) && store_begin(store, err) &&
	    store_end(store, update(store, user_id, cycle, err), err);
}

struct finding {
	const char *label;
	struct cycle cycle;
	bool found;
};

static bool find_label(const struct cycle *cycle, void *context)
{
	struct finding *finding = context;
	finding->found = same_label(cycle->label, finding->label);
	if (finding->found)
		finding->cycle = *cycle;
	return !finding->found;
}

bool cycles_find(struct store *store, int64_t patient_id, const char *label, struct cycle *ret_cycle, bool *ret_found,
    struct err *err)
{
	struct finding finding = {.label = label};
	if (!cycles_each(store, patient_id, find_label, &finding, err))
		return false;
	if (finding.found)
		*ret_cycle = finding.cycle;
	*ret_found = finding.found;
	return true;
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
