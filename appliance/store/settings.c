#include "store/settings.h"

#include "base/text.h"
#include "store/audit.h"
#include "store/changes.h"
#include "store/inside.h"

#include <stdio.h>
#include <string.h>

#define PIXEL "pixel-nm:"
static const char score_name[] = "score-after-grade";
static const char update_name[] = "update-approved";

static const char get_sql[] = "SELECT value FROM settings WHERE name = ?1";
static const char put_sql[] = "INSERT OR REPLACE INTO settings (name, value) VALUES (?1, ?2)";
static const char forget_sql[] = "DELETE FROM settings WHERE name = ?1";
static const char format_sql[] = "SELECT 1 FROM dishes WHERE format = ?1 LIMIT 1";
static const char formats_sql[] = "SELECT f.format, s.value FROM (SELECT DISTINCT format FROM dishes) f"
				  " LEFT JOIN settings s ON s.name = '" PIXEL "' || f.format ORDER BY f.format";

static bool get(struct store *store, const char *name, int64_t fallback, int64_t *ret_value, struct err *err)
{
	int64_t value = fallback;
	struct db_statement *s = db_prepare(store->db, get_sql);
	db_bind_text(s, 1, name);
	bool ok = !db_step(s) || text_to_i64(db_column_text(s, 0), &value);
	if (!db_finish(s, err))
		return false;
	if (!ok)
		return err_set(err, ERR_DAMAGED, "the setting %s is no number", name);
	*ret_value = value;
	return true;
}

/* value NULL: it is forgotten. */
static bool put(struct store *store, int64_t user_id, const char *name, const char *value, struct err *err)
{
	char detail[LIMIT_NAME];
	snprintf(detail, sizeof detail, "%s %s", name, value ? value : "forgotten");
	struct db_statement *s = db_prepare(store->db, value ? put_sql : forget_sql);
	db_bind_text(s, 1, name);
	if (value)
		db_bind_text(s, 2, value);
	return db_run(s, err) && changes_add(store, CHANGE_SETTINGS, 0, err) &&
	    audit_add(store, user_id, "settings.change", 0, detail, err);
}

bool settings_score_after_grade(struct store *store, bool *ret_on, struct err *err)
{
	int64_t value;
	if (!get(store, score_name, 1, &value, err))
		return false;
	*ret_on = value != 0;
	return true;
}

bool settings_set_score_after_grade(struct store *store, int64_t user_id, bool on, struct err *err)
{
	return store_begin(store, err) && store_end(store, put(store, user_id, score_name, on ? "1" : "0", err), err);
}

bool settings_pixel_nm(struct store *store, const char *format, int64_t *ret_nm, struct err *err)
{
	char name[64];
	snprintf(name, sizeof name, PIXEL "%s", format);
	return get(store, name, 0, ret_nm, err);
}

static bool set_pixel(struct store *store, int64_t user_id, const char *format, int64_t nm, struct err *err)
{
	char name[64], value[32];
	struct db_statement *s = db_prepare(store->db, format_sql);
	db_bind_text(s, 1, format);
	bool known = db_step(s);
	if (!db_finish(s, err))
		return false;
	if (!known)
		return err_set(err, ERR_BAD_INPUT, "no dish came in this format");
	snprintf(name, sizeof name, PIXEL "%s", format);
	snprintf(value, sizeof value, "%" PRId64, nm);
	return put(store, user_id, name, nm ? value : NULL, err);
}

bool settings_set_pixel_nm(struct store *store, int64_t user_id, const char *format, int64_t nm, struct err *err)
{
	if (nm < 0 || nm > SETTING_PIXEL_NM_MAX)
		return err_set(err, ERR_BAD_INPUT, "a pixel is 1 to %d nanometres wide, 0: not known", SETTING_PIXEL_NM_MAX);
	return store_begin(store, err) && store_end(store, set_pixel(store, user_id, format, nm, err), err);
}

bool settings_each_format(struct store *store, bool (*each)(const char *format, int64_t nm, void *context),
    void *context, struct err *err)
{
	bool more = true;
	struct db_statement *s = db_prepare(store->db, formats_sql);
	while (more && db_step(s)) {
		char format[32];
		int64_t nm = 0;
		text_copy(format, sizeof format, db_column_text(s, 0));
		text_to_i64(db_column_text(s, 1), &nm);
		more = each(format, nm, context);
	}
	return db_finish(s, err);
}

bool settings_update_approved(struct store *store, char ret_digest[SETTING_DIGEST_SIZE], struct err *err)
{
	char digest[SETTING_DIGEST_SIZE] = "";
	struct db_statement *s = db_prepare(store->db, get_sql);
	db_bind_text(s, 1, update_name);
	if (db_step(s))
		text_copy(digest, sizeof digest, db_column_text(s, 0));
	if (!db_finish(s, err))
		return false;
	text_copy(ret_digest, SETTING_DIGEST_SIZE, digest);
	return true;
}

bool settings_set_update_approved(struct store *store, int64_t user_id, const char *digest, struct err *err)
{
	if (digest && (strlen(digest) != SETTING_DIGEST_SIZE - 1 || strspn(digest, "0123456789abcdef") != SETTING_DIGEST_SIZE - 1))
		return err_set(err, ERR_BAD_INPUT, "an update is named by the 64 hexadecimal digits of its bundle's SHA-256");
	return store_begin(store, err) && store_end(store, put(store, user_id, update_name, digest, err), err);
}
