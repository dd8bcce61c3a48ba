#include "authority/registry.h"

#include "base/clock.h"
#include "base/text.h"

#include <string.h>

#define DAY_US (86400 * INT64_C(1000000))

/* Columns called _us are UTC microseconds. */
static const char schema[] =
    "CREATE TABLE IF NOT EXISTS requests ("
    " fingerprint TEXT PRIMARY KEY,"
    " common_name TEXT NOT NULL,"
    " request TEXT NOT NULL," /* PEM */
    " state TEXT NOT NULL CHECK (state IN ('waiting', 'approved', 'denied')),"
    " asked_us INTEGER NOT NULL,"
    " decided_us INTEGER,"
    " serial TEXT REFERENCES certificates (serial)"
    ") STRICT;"
    "CREATE TABLE IF NOT EXISTS certificates ("
    " serial TEXT PRIMARY KEY,"
    " site TEXT NOT NULL,"
    " use TEXT NOT NULL CHECK (use IN ('site', 'gateway')),"
    " fingerprint TEXT NOT NULL,"
    " certificate TEXT NOT NULL," /* PEM */
    " issued_us INTEGER NOT NULL,"
    " not_before_us INTEGER NOT NULL,"
    " not_after_us INTEGER NOT NULL,"
    " revoked_us INTEGER"
    ") STRICT;"
    "CREATE INDEX IF NOT EXISTS certificates_by_site ON certificates (site, not_after_us);"
    "CREATE INDEX IF NOT EXISTS certificates_revoked ON certificates (revoked_us)"
    " WHERE revoked_us IS NOT NULL;"
    "CREATE TABLE IF NOT EXISTS lists ("
    " number INTEGER PRIMARY KEY AUTOINCREMENT,"
    " made_us INTEGER NOT NULL"
    ") STRICT;";

static const char *const state_names[] = {
    [REGISTRY_WAITING] = "waiting", [REGISTRY_APPROVED] = "approved", [REGISTRY_DENIED] = "denied"};

struct registry {
	struct db *db;
};

bool registry_open(const char *path, struct registry **ret_registry, struct err *err)
{
	OWN(registry_close) struct registry *registry = calloc(1, sizeof *registry);
	if (!registry)
		return err_set(err, ERR_NO_MEMORY, "opening %s", path);
	if (!db_open(path, &registry->db, err) || !db_exec(registry->db, schema, err))
		return false;
	*ret_registry = TAKE(registry);
	return true;
}

void registry_close(struct registry *registry)
{
	if (!registry)
		return;
	if (registry->db)
		db_close(registry->db);
	free(registry);
}

bool registry_begin(struct registry *registry, struct err *err)
{
	return db_begin(registry->db, err);
}

bool registry_commit(struct registry *registry, struct err *err)
{
	return db_commit(registry->db, err);
}

void registry_rollback(struct registry *registry)
{
	db_rollback(registry->db);
}

/* Requests */

static bool forget_old(struct registry *registry, int64_t now_us, struct err *err)
{
	struct db_statement *s =
	    db_prepare(registry->db, "DELETE FROM requests WHERE state = 'waiting' AND asked_us < ?1");
	db_bind_int(s, 1, now_us - 14 * DAY_US);
	return db_run(s, err);
}

bool registry_ask(
    struct registry *registry, const struct registry_request *request, int64_t now_us, struct err *err)
{
	if (!forget_old(registry, now_us, err))
		return false;
	struct db_statement *s = db_prepare(registry->db,
	    "INSERT INTO requests (fingerprint, common_name, request, state, asked_us)"
	    " SELECT ?1, ?2, ?3, 'waiting', ?4"
	    " WHERE (SELECT count(*) FROM requests WHERE state = 'waiting') < ?5");
	db_bind_text(s, 1, request->fingerprint);
	db_bind_text(s, 2, request->common_name);
	db_bind_text(s, 3, request->request);
	db_bind_int(s, 4, now_us);
	db_bind_int(s, 5, REGISTRY_WAITING_MAX);
	if (!db_run(s, err))
		return false;
	return db_changed(registry->db) == 1 ||
	    err_set(err, ERR_TOO_MANY, "%d requests wait already: an administrator must decide upon them",
	        REGISTRY_WAITING_MAX);
}

static enum registry_state state_of(const char *name)
{
	for (int i = 0; i < (int)(sizeof state_names / sizeof *state_names); i++)
		if (strcmp(state_names[i], name) == 0)
			return i;
	return REGISTRY_DENIED;
}

bool registry_request(
    struct registry *registry, const char *fingerprint, struct registry_request *ret_request, struct err *err)
{
	struct registry_request request = {0};
	bool found = false;
	struct db_statement *s = db_prepare(registry->db,
	    "SELECT fingerprint, common_name, state, request, serial FROM requests WHERE fingerprint = ?1");
	db_bind_text(s, 1, fingerprint);
	if (db_step(s)) {
		found = true;
		text_copy(request.fingerprint, sizeof request.fingerprint, db_column_text(s, 0));
		text_copy(request.common_name, sizeof request.common_name, db_column_text(s, 1));
		request.state = state_of(db_column_text(s, 2));
		text_copy(request.request, sizeof request.request, db_column_text(s, 3));
		text_copy(request.serial, sizeof request.serial, db_column_text(s, 4));
	}
	if (!db_finish(s, err))
		return false;
	if (!found)
		return err_set(err, ERR_NOT_FOUND, "no key of that fingerprint has asked for a certificate");
	*ret_request = request;
	return true;
}

bool registry_decide(struct registry *registry, const char *fingerprint, enum registry_state state,
    const char *serial, int64_t now_us, struct err *err)
{
	struct db_statement *s = db_prepare(registry->db,
	    "UPDATE requests SET state = ?2, serial = ?3, decided_us = ?4 WHERE fingerprint = ?1");
	db_bind_text(s, 1, fingerprint);
	db_bind_text(s, 2, state_names[state]);
	db_bind_text(s, 3, serial);
	db_bind_int(s, 4, now_us);
	return db_run(s, err);
}

/* Certificates */

bool registry_add(struct registry *registry, const struct registry_certificate *certificate, int64_t now_us,
    struct err *err)
{
	struct db_statement *s = db_prepare(registry->db,
	    "INSERT INTO certificates"
	    " (serial, site, use, fingerprint, certificate, issued_us, not_before_us, not_after_us)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
	db_bind_text(s, 1, certificate->serial);
	db_bind_text(s, 2, certificate->site);
	db_bind_text(s, 3, certificate->use == CERTIFICATE_SITE ? "site" : "gateway");
	db_bind_text(s, 4, certificate->fingerprint);
	db_bind_text(s, 5, certificate->pem);
	db_bind_int(s, 6, now_us);
	db_bind_int(s, 7, certificate->not_before_us);
	db_bind_int(s, 8, certificate->not_after_us);
	return db_run(s, err);
}

#define CERTIFICATE_COLUMNS                                                                                  \
	"serial, site, use, fingerprint, certificate, not_before_us, not_after_us, revoked_us"

/* Ends the statement, which is to find one row. */
static bool take_certificate(
    struct db_statement *s, struct registry_certificate *ret_certificate, struct err *err)
{
	struct registry_certificate certificate = {0};
	bool found = db_step(s);
	if (found) {
		text_copy(certificate.serial, sizeof certificate.serial, db_column_text(s, 0));
		text_copy(certificate.site, sizeof certificate.site, db_column_text(s, 1));
		certificate.use =
		    strcmp(db_column_text(s, 2), "site") == 0 ? CERTIFICATE_SITE : CERTIFICATE_GATEWAY;
		text_copy(certificate.fingerprint, sizeof certificate.fingerprint, db_column_text(s, 3));
		text_copy(certificate.pem, sizeof certificate.pem, db_column_text(s, 4));
		certificate.not_before_us = db_column_int(s, 5);
		certificate.not_after_us = db_column_int(s, 6);
		certificate.revoked_us = db_column_int(s, 7);
	}
	if (!db_finish(s, err))
		return false;
	if (!found)
		return err_set(err, ERR_NOT_FOUND, "no such certificate was issued here");
	*ret_certificate = certificate;
	return true;
}

bool registry_certificate(struct registry *registry, const char *serial,
    struct registry_certificate *ret_certificate, struct err *err)
{
	struct db_statement *s =
	    db_prepare(registry->db, "SELECT " CERTIFICATE_COLUMNS " FROM certificates WHERE serial = ?1");
	db_bind_text(s, 1, serial);
	return take_certificate(s, ret_certificate, err);
}

bool registry_following(struct registry *registry, const struct registry_certificate *before,
    const char *fingerprint, struct registry_certificate *ret_certificate, struct err *err)
{
	struct db_statement *s = db_prepare(registry->db,
	    "SELECT " CERTIFICATE_COLUMNS " FROM certificates"
	    " WHERE site = ?1 AND use = 'site' AND fingerprint = ?2 AND serial <> ?3 AND not_after_us >= ?4"
	    " AND revoked_us IS NULL ORDER BY not_after_us DESC LIMIT 1");
	db_bind_text(s, 1, before->site);
	db_bind_text(s, 2, fingerprint);
	db_bind_text(s, 3, before->serial);
	db_bind_int(s, 4, before->not_after_us);
	return take_certificate(s, ret_certificate, err);
}

bool registry_count(
    struct registry *registry, const char *site, int64_t now_us, int *ret_count, struct err *err)
{
	int64_t count = 0;
	struct db_statement *s = db_prepare(registry->db,
	    "SELECT count(*) FROM certificates"
	    " WHERE site = ?1 AND use = 'site' AND not_after_us > ?2 AND revoked_us IS NULL");
	db_bind_text(s, 1, site);
	db_bind_int(s, 2, now_us);
	if (db_step(s))
		count = db_column_int(s, 0);
	if (!db_finish(s, err))
		return false;
	*ret_count = (int)count;
	return true;
}

bool registry_revoke(struct registry *registry, const char *site, const char *serial, int64_t now_us,
    int *ret_count, struct err *err)
{
	struct db_statement *s = db_prepare(registry->db,
	    "UPDATE certificates SET revoked_us = ?3"
	    " WHERE (serial = ?1 OR (use = 'site' AND site = ?2))"
	    " AND revoked_us IS NULL AND not_after_us > ?3");
	db_bind_text(s, 1, serial);
	db_bind_text(s, 2, site);
	db_bind_int(s, 3, now_us);
	if (!db_run(s, err))
		return false;
	*ret_count = (int)db_changed(registry->db);
	return true;
}

/* The list */

bool registry_revoked(struct registry *registry, int64_t now_us, struct certificate_revoked **ret_revoked,
    size_t *ret_count, struct err *err)
{
	OWN(free) struct certificate_revoked *revoked = calloc(CERTIFICATE_REVOKED_MAX, sizeof *revoked);
	size_t count = 0;
	if (!revoked)
		return err_set(err, ERR_NO_MEMORY, "listing what was revoked");
	struct db_statement *s = db_prepare(registry->db,
	    "SELECT serial, revoked_us FROM certificates WHERE revoked_us IS NOT NULL AND not_after_us > ?1"
	    " ORDER BY revoked_us, serial LIMIT ?2");
	db_bind_int(s, 1, now_us - DAY_US);
	db_bind_int(s, 2, CERTIFICATE_REVOKED_MAX + 1);
	while (db_step(s)) {
		if (count < CERTIFICATE_REVOKED_MAX) {
			text_copy(revoked[count].serial, sizeof revoked[count].serial, db_column_text(s, 0));
			revoked[count].when_us = db_column_int(s, 1);
		}
		count++;
	}
	if (!db_finish(s, err))
		return false;
	if (count > CERTIFICATE_REVOKED_MAX)
		return err_set(
		    err, ERR_TOO_LARGE, "a list has at most %d certificates", CERTIFICATE_REVOKED_MAX);
	*ret_revoked = TAKE(revoked);
	*ret_count = count;
	return true;
}

bool registry_next_list(struct registry *registry, int64_t now_us, int64_t *ret_number, struct err *err)
{
	struct db_statement *s = db_prepare(registry->db, "INSERT INTO lists (made_us) VALUES (?1)");
	db_bind_int(s, 1, now_us);
	if (!db_run(s, err))
		return false;
	*ret_number = db_last_id(registry->db);
	return true;
}

bool registry_list(struct registry *registry, int64_t *ret_number, int64_t *ret_made_us, struct err *err)
{
	int64_t number = 0, made_us = 0;
	struct db_statement *s =
	    db_prepare(registry->db, "SELECT number, made_us FROM lists ORDER BY number DESC LIMIT 1");
	if (db_step(s)) {
		number = db_column_int(s, 0);
		made_us = db_column_int(s, 1);
	}
	if (!db_finish(s, err))
		return false;
	*ret_number = number;
	*ret_made_us = made_us;
	return true;
}

/* Showing */

static json_t *time_text(struct db_statement *s, int column)
{
	char text[CLOCK_TEXT_SIZE];
	if (db_column_is_null(s, column))
		return json_null();
	clock_format(text, db_column_int(s, column));
	return json_string(text);
}

static bool show_requests(struct registry *registry, json_t *to, struct err *err)
{
	struct db_statement *s = db_prepare(registry->db,
	    "SELECT fingerprint, common_name, state, asked_us, decided_us FROM requests"
	    " ORDER BY asked_us DESC, fingerprint");
	while (db_step(s))
		json_array_append_new(to,
		    json_pack("{s:s, s:s, s:s, s:o, s:o}", "fingerprint", db_column_text(s, 0), "site",
		        db_column_text(s, 1), "state", db_column_text(s, 2), "asked", time_text(s, 3),
		        "decided", time_text(s, 4)));
	return db_finish(s, err);
}

static bool show_certificates(struct registry *registry, int64_t now_us, json_t *to, struct err *err)
{
	struct db_statement *s = db_prepare(registry->db,
	    "SELECT serial, site, use, fingerprint, CASE WHEN revoked_us IS NOT NULL THEN 'revoked'"
	    " WHEN not_after_us <= ?1 THEN 'expired' ELSE 'valid' END,"
	    " not_before_us, not_after_us, revoked_us"
	    " FROM certificates ORDER BY issued_us DESC, serial");
	db_bind_int(s, 1, now_us);
	while (db_step(s))
		json_array_append_new(to,
		    json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o}", "serial", db_column_text(s, 0),
		        "site", db_column_text(s, 1), "use", db_column_text(s, 2), "fingerprint",
		        db_column_text(s, 3), "state", db_column_text(s, 4), "not_before", time_text(s, 5),
		        "not_after", time_text(s, 6), "revoked", time_text(s, 7)));
	return db_finish(s, err);
}

bool registry_show(struct registry *registry, int64_t now_us, json_t **ret_shown, struct err *err)
{
	OWN(json_decref) json_t *shown = json_pack("{s:[], s:[]}", "requests", "certificates");
	if (!shown)
		return err_set(err, ERR_NO_MEMORY, "listing certificates");
	if (!show_requests(registry, json_object_get(shown, "requests"), err) ||
	    !show_certificates(registry, now_us, json_object_get(shown, "certificates"), err))
		return false;
	*ret_shown = TAKE(shown);
	return true;
}
