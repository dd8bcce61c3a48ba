#include "store/users.h"

#include "base/text.h"
#include "store/audit.h"
#include "store/inside.h"

#include <argon2.h>
#include <stdio.h>
#include <string.h>

/* RFC 9106's second recommendation; about 0.2 s. */
enum { PASSES = 3, MEMORY_KIB = 64 << 10, LANES = 1, SALT_SIZE = 16, HASH_SIZE = 32, ENCODED_SIZE = 160 };

#define USER_COLUMNS "SELECT id, name, role, disabled, password FROM users "
static const char get_sql[] = USER_COLUMNS "WHERE id = ?1";
static const char find_sql[] = USER_COLUMNS "WHERE name = ?1";
static const char each_sql[] = USER_COLUMNS "ORDER BY name";
static const char add_sql[] = "INSERT INTO users (name, role, password) VALUES (?1, ?2, ?3)";
static const char password_sql[] = "UPDATE users SET password = ?2 WHERE id = ?1";
static const char role_sql[] = "UPDATE users SET role = ?2, disabled = ?3 WHERE id = ?1";
static const char admins_sql[] = "SELECT 1 FROM users WHERE role = 'admin' AND disabled = 0 AND id <> ?1 LIMIT 1";
static const char sign_out_sql[] = "DELETE FROM sessions WHERE user_id = ?1";

static const char forget_sql[] = "DELETE FROM attempts WHERE since_us < ?1";
static const char attempt_sql[] =
    "INSERT INTO attempts VALUES (?1, 1, ?2)"
    " ON CONFLICT (name_index) DO UPDATE SET failures = failures + 1 RETURNING failures";
static const char forgive_sql[] = "DELETE FROM attempts WHERE name_index = ?1";

void users_make_password(char ret_password[USER_PASSWORD_MADE_SIZE])
{
	static const char alphabet[] = "abcdefghjkmnpqrstuvwxyz23456789A";
	uint8_t bytes[20];
	crypto_random(bytes, sizeof bytes);
	char *at = ret_password;
	for (int i = 0; i < 20; i++) {
		if (i && i % 5 == 0)
			*at++ = '-';
		*at++ = alphabet[bytes[i] % 32];
	}
	*at = 0;
}

static bool hash_password(const char *password, char ret_encoded[ENCODED_SIZE], struct err *err)
{
	uint8_t salt[SALT_SIZE];
	size_t length = strlen(password);
	if (length < USER_PASSWORD_MIN || length > USER_PASSWORD_MAX)
		return err_set(err, ERR_BAD_INPUT, "a password has %d to %d bytes", USER_PASSWORD_MIN,
		    USER_PASSWORD_MAX);
	crypto_random(salt, sizeof salt);
	int code = argon2id_hash_encoded(PASSES, MEMORY_KIB, LANES, password, length, salt, sizeof salt,
	    HASH_SIZE, ret_encoded, ENCODED_SIZE);
	return code == ARGON2_OK ||
	    err_set(err, ERR_NO_MEMORY, "hashing a password: %s", argon2_error_message(code));
}

/* Without a user the same work is done for nothing, so that the time tells nothing. */
static bool verify_password(const char *encoded, const char *password, bool *ret_same, struct err *err)
{
	static const uint8_t salt[SALT_SIZE];
	uint8_t hash[HASH_SIZE];
	size_t length = strlen(password);
	int code = encoded[0] ? argon2id_verify(encoded, password, length)
			      : argon2id_hash_raw(PASSES, MEMORY_KIB, LANES, password, length, salt,
				    sizeof salt, hash, sizeof hash);
	if (code != ARGON2_OK && code != ARGON2_VERIFY_MISMATCH)
		return err_set(err, ERR_NO_MEMORY, "checking a password: %s", argon2_error_message(code));
	*ret_same = encoded[0] && code == ARGON2_OK;
	return true;
}

static bool add(struct store *store, const char *name, const char *encoded, enum role role, int64_t *ret_id,
    struct err *err)
{
	struct db_statement *s = db_prepare(store->db, add_sql);
	db_bind_text(s, 1, name);
	db_bind_text(s, 2, role_name(role));
	db_bind_text(s, 3, encoded);
	struct err why = {0};
	if (!db_run(s, &why))
		return err_set(err, why.code, "%s",
		    why.code == ERR_CONFLICT ? "there is a user of this name already" : why.detail);
	*ret_id = db_last_id(store->db);
	return true;
}

bool users_add(struct store *store, int64_t by_id, const char *name, const char *password, enum role role,
    int64_t *ret_id, struct err *err)
{
	char encoded[ENCODED_SIZE];
	int64_t id = 0;
	if (!name[0] || strlen(name) >= LIMIT_NAME || !text_is_plain(name))
		return err_set(err, ERR_BAD_INPUT, "a user's name is plain text of 1 to %d bytes",
		    LIMIT_NAME - 1);
	if (role >= ROLE_COUNT)
		return err_set(err, ERR_BAD_INPUT, "there is no such role");
	if (!hash_password(password, encoded, err) || !store_begin(store, err))
		return false;
	bool ok = add(store, name, encoded, role, &id, err) &&
	    audit_add(store, by_id, "user.add", id, role_name(role), err);
	if (!store_end(store, ok, err))
		return false;
	*ret_id = id;
	return true;
}

/* A role that is not known gives the least. */
static void row(struct db_statement *s, struct user *ret_user)
{
	*ret_user = (struct user){
	    .id = db_column_int(s, 0), .disabled = db_column_int(s, 3), .role = ROLE_VIEWER};
	text_copy(ret_user->name, sizeof ret_user->name, db_column_text(s, 1));
	role_from_name(db_column_text(s, 2), &ret_user->role);
}

/* user.id 0 and "" when there is none. */
static bool find(struct store *store, const char *name, struct user *ret_user,
    char ret_encoded[ENCODED_SIZE], struct err *err)
{
	*ret_user = (struct user){0};
	ret_encoded[0] = 0;
	struct db_statement *s = db_prepare(store->db, find_sql);
	db_bind_text(s, 1, name);
	if (db_step(s)) {
		row(s, ret_user);
		text_copy(ret_encoded, ENCODED_SIZE, db_column_text(s, 4));
	}
	return db_finish(s, err);
}

/* Counts the attempt as failed before it is made: guessing in parallel gains nothing. Names that nobody has
 * are counted as well, so that being locked out tells nothing. */
static bool count_attempt(struct store *store, const uint8_t index[CRYPTO_DIGEST_SIZE],
    int64_t *ret_failures, struct err *err)
{
	int64_t now_us = clock_now_us();
	if (!RUN_INTS(store, forget_sql, err, now_us - USER_FAILURES_WINDOW_S * INT64_C(1000000)))
		return false;
	struct db_statement *s = db_prepare(store->db, attempt_sql);
	db_bind_blob(s, 1, index, CRYPTO_DIGEST_SIZE);
	db_bind_int(s, 2, now_us);
	while (db_step(s))
		*ret_failures = db_column_int(s, 0);
	return db_finish(s, err);
}

static bool forgive(struct store *store, const uint8_t index[CRYPTO_DIGEST_SIZE], struct err *err)
{
	struct db_statement *s = db_prepare(store->db, forgive_sql);
	db_bind_blob(s, 1, index, CRYPTO_DIGEST_SIZE);
	return db_run(s, err);
}

bool users_check(struct store *store, const char *name, const char *password, struct user *ret_user,
    struct err *err)
{
	uint8_t index[CRYPTO_DIGEST_SIZE];
	char encoded[ENCODED_SIZE];
	struct user user;
	int64_t failures = 0;
	bool same = false;
	if (strlen(password) > USER_PASSWORD_MAX)
		password = "";
	store_index(store, "sign-in", name, index);
	if (!store_begin(store, err) || !store_end(store, count_attempt(store, index, &failures, err), err))
		return false;
	if (failures > USER_FAILURES_MAX)
		return err_set(err, ERR_UNAUTHENTICATED, "too many failed sign-ins: wait %d minutes",
		    USER_FAILURES_WINDOW_S / 60);
	if (!find(store, name, &user, encoded, err) || !verify_password(encoded, password, &same, err))
		return false;
	if (!same || user.disabled)
		return err_set(err, ERR_UNAUTHENTICATED, "the name or the password is wrong");
	if (!forgive(store, index, err))
		return false;
	*ret_user = user;
	return true;
}

bool users_get(struct store *store, int64_t id, struct user *ret_user, struct err *err)
{
	struct user user = {0};
	struct db_statement *s = db_prepare(store->db, get_sql);
	db_bind_int(s, 1, id);
	if (db_step(s))
		row(s, &user);
	if (!db_finish(s, err))
		return false;
	if (!user.id)
		return err_set(err, ERR_NOT_FOUND, "there is no user %" PRId64, id);
	*ret_user = user;
	return true;
}

bool users_each(struct store *store, bool (*each)(const struct user *user, void *context), void *context,
    struct err *err)
{
	bool more = true;
	struct db_statement *s = db_prepare(store->db, each_sql);
	while (more && db_step(s)) {
		struct user user;
		row(s, &user);
		more = each(&user, context);
	}
	return db_finish(s, err);
}

/* Runs a prepared update of one user and signs the user out. */
static bool change(struct store *store, int64_t id, struct db_statement *update, struct err *err)
{
	if (!db_run(update, err))
		return false;
	if (db_changed(store->db) == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no user %" PRId64, id);
	return RUN_INTS(store, sign_out_sql, err, id);
}

bool users_set_password(struct store *store, int64_t by_id, int64_t id, const char *password, struct err *err)
{
	char encoded[ENCODED_SIZE];
	if (!hash_password(password, encoded, err) || !store_begin(store, err))
		return false;
	struct db_statement *s = db_prepare(store->db, password_sql);
	db_bind_int(s, 1, id);
	db_bind_text(s, 2, encoded);
	bool ok = change(store, id, s, err) && audit_add(store, by_id, "user.password", id, "", err);
	return store_end(store, ok, err);
}

/* A box that nobody administers could only be helped from its command line, which an appliance does not have. */
static bool keep_an_admin(struct store *store, int64_t id, enum role role, bool disabled, struct err *err)
{
	struct user user;
	if (!users_get(store, id, &user, err))
		return false;
	if (user.role != ROLE_ADMIN || user.disabled || (role == ROLE_ADMIN && !disabled))
		return true;
	struct db_statement *s = db_prepare(store->db, admins_sql);
	db_bind_int(s, 1, id);
	bool found = db_step(s);
	return db_finish(s, err) &&
	    (found || err_set(err, ERR_CONFLICT, "this is the last administrator: make another one first"));
}

bool users_set_role(struct store *store, int64_t by_id, int64_t id, enum role role, bool disabled, struct err *err)
{
	char detail[64];
	if (role >= ROLE_COUNT)
		return err_set(err, ERR_BAD_INPUT, "there is no such role");
	if (!store_begin(store, err))
		return false;
	if (!keep_an_admin(store, id, role, disabled, err))
		return store_end(store, false, err);
	struct db_statement *s = db_prepare(store->db, role_sql);
	db_bind_int(s, 1, id);
	db_bind_text(s, 2, role_name(role));
	db_bind_int(s, 3, disabled);
	snprintf(detail, sizeof detail, "%s%s", role_name(role), disabled ? ", disabled" : "");
	bool ok = change(store, id, s, err) &&
	    audit_add(store, by_id, "user.role", id, detail, err);
	return store_end(store, ok, err);
}
