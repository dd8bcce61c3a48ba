#include "store/sessions.h"

#include "base/text.h"
#include "store/inside.h"

#include <string.h>

static const char open_sql[] =
    "INSERT INTO sessions (token, user_id, made_us, seen_us) VALUES (?1, ?2, ?3, ?3)";
static const char find_sql[] =
    "SELECT user_id, seen_us FROM sessions WHERE token = ?1 AND seen_us > ?2 AND made_us > ?3";
static const char seen_sql[] = "UPDATE sessions SET seen_us = ?2 WHERE token = ?1";
static const char close_sql[] = "DELETE FROM sessions WHERE token = ?1";
static const char expire_sql[] = "DELETE FROM sessions WHERE seen_us <= ?1 OR made_us <= ?2";

static const int64_t second_us = 1000000;
/* A write for each request would be too much of a write. */
static const int64_t seen_again_us = 60 * 1000000;

static bool digest_of(const char *token, uint8_t ret_digest[CRYPTO_DIGEST_SIZE])
{
	uint8_t bytes[(SESSION_TOKEN_SIZE - 1) / 2];
	if (strlen(token) != SESSION_TOKEN_SIZE - 1 || !text_unhex(bytes, sizeof bytes, token))
		return false;
	crypto_sha256(bytes, sizeof bytes, ret_digest);
	crypto_wipe(bytes, sizeof bytes);
	return true;
}

bool sessions_open(struct store *store, int64_t user_id, char ret_token[SESSION_TOKEN_SIZE],
    struct err *err)
{
	uint8_t bytes[(SESSION_TOKEN_SIZE - 1) / 2], digest[CRYPTO_DIGEST_SIZE];
	struct user user;
	int64_t now_us = clock_now_us();
	if (!users_get(store, user_id, &user, err) ||
	    !RUN_INTS(store, expire_sql, err, now_us - SESSION_IDLE_S * second_us,
		now_us - SESSION_LIFE_S * second_us))
		return false;
	crypto_random(bytes, sizeof bytes);
	crypto_sha256(bytes, sizeof bytes, digest);
	struct db_statement *s = db_prepare(store->db, open_sql);
	db_bind_blob(s, 1, digest, sizeof digest);
	db_bind_int(s, 2, user_id);
	db_bind_int(s, 3, now_us);
	bool ok = db_run(s, err);
	if (ok)
		text_hex(ret_token, bytes, sizeof bytes);
	crypto_wipe(bytes, sizeof bytes);
	return ok;
}

static bool mark_seen(struct store *store, const uint8_t digest[CRYPTO_DIGEST_SIZE], int64_t now_us,
    struct err *err)
{
	struct db_statement *s = db_prepare(store->db, seen_sql);
	db_bind_blob(s, 1, digest, CRYPTO_DIGEST_SIZE);
	db_bind_int(s, 2, now_us);
	return db_run(s, err);
}

bool sessions_find(struct store *store, const char *token, struct user *ret_user, struct err *err)
{
	uint8_t digest[CRYPTO_DIGEST_SIZE];
	struct user user = {0};
	int64_t user_id = 0, seen_us = 0, now_us = clock_now_us();
	if (!digest_of(token, digest))
		return err_set(err, ERR_UNAUTHENTICATED, "sign in first");
	struct db_statement *s = db_prepare(store->db, find_sql);
	db_bind_blob(s, 1, digest, sizeof digest);
	db_bind_int(s, 2, now_us - SESSION_IDLE_S * second_us);
	db_bind_int(s, 3, now_us - SESSION_LIFE_S * second_us);
	if (db_step(s)) {
		user_id = db_column_int(s, 0);
		seen_us = db_column_int(s, 1);
	}
	if (!db_finish(s, err) || (user_id && !users_get(store, user_id, &user, err)))
		return false;
	if (!user_id || user.disabled)
		return err_set(err, ERR_UNAUTHENTICATED, "sign in first");
	if (now_us - seen_us > seen_again_us && !mark_seen(store, digest, now_us, err))
		return false;
	*ret_user = user;
	return true;
}

bool sessions_close(struct store *store, const char *token, struct err *err)
{
	uint8_t digest[CRYPTO_DIGEST_SIZE];
	if (!digest_of(token, digest))
		return true;
	struct db_statement *s = db_prepare(store->db, close_sql);
	db_bind_blob(s, 1, digest, sizeof digest);
	return db_run(s, err);
}
