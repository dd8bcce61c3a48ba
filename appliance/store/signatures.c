#include "store/signatures.h"

#include "base/text.h"
#include "store/audit.h"
#include "store/changes.h"
#include "store/decisions.h"
#include "store/inside.h"
#include "store/users.h"

#include <stdio.h>
#include <string.h>

enum { SNAPSHOT_MAX = 4 << 20 }; /* an evaluation is under 100 kB */

static const char *const meanings[SIGNATURE_MEANING_COUNT] = {"author", "witness"};

#define SIGNATURE_COLUMNS "SELECT decision_id, meaning, user_id, name, made_us, seal FROM signatures"
static const char add_sql[] = "INSERT INTO signatures (decision_id, meaning, user_id, name, made_us, seal)"
			      " VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
static const char each_sql[] = SIGNATURE_COLUMNS " WHERE decision_id = ?1 ORDER BY id";
static const char all_sql[] = SIGNATURE_COLUMNS " ORDER BY id";

const char *signature_meaning_name(enum signature_meaning meaning)
{
	return meaning < SIGNATURE_MEANING_COUNT ? meanings[meaning] : "unknown";
}

bool signature_meaning_from_name(const char *name, enum signature_meaning *ret_meaning)
{
	for (int i = 0; i < SIGNATURE_MEANING_COUNT; i++) {
		if (strcmp(meanings[i], name) != 0)
			continue;
		*ret_meaning = (enum signature_meaning)i;
		return true;
	}
	return false;
}

/* Texts go in with their length, so that no two lists of members give the same bytes. */
static void add_text(struct buf *to, const char *text)
{
	buf_add_u32(to, (uint32_t)strlen(text));
	buf_add(to, text, strlen(text));
}

/* HMAC of decision | embryo | kind | reason | author | time | SHA-256 of the evaluation | meaning | signer | name | time. */
static bool seal_of(struct store *store, const struct decision *decision, const struct signature *signature,
    uint8_t ret_seal[CRYPTO_DIGEST_SIZE], struct err *err)
{
	OWN(buf_done) struct buf snapshot = BUF_INIT(SNAPSHOT_MAX), text = BUF_INIT(2 * LIMIT_COMMENT);
	uint8_t digest[CRYPTO_DIGEST_SIZE];
	if (!decisions_evaluation(store, decision->id, &snapshot, err))
		return false;
	crypto_sha256(snapshot.data, snapshot.size, digest);
	buf_add_u64(&text, (uint64_t)decision->id);
	buf_add_u64(&text, (uint64_t)decision->embryo_id);
	add_text(&text, decision_name(decision->kind));
	add_text(&text, decision->reason);
	buf_add_u64(&text, (uint64_t)decision->user_id);
	buf_add_u64(&text, (uint64_t)decision->made_us);
	buf_add(&text, digest, sizeof digest);
	add_text(&text, signature_meaning_name(signature->meaning));
	buf_add_u64(&text, (uint64_t)signature->user_id);
	add_text(&text, signature->name);
	buf_add_u64(&text, (uint64_t)signature->made_us);
	bool ok = buf_ok(&text, err);
	if (ok)
		crypto_hmac(store->signature_key, text.data, text.size, ret_seal);
	crypto_wipe(text.data, text.size);
	return ok;
}

static bool check_signer(const struct decision *decision, const struct user *user, enum signature_meaning meaning,
    struct err *err)
{
	bool decided = user->id == decision->user_id;
	if (meaning == SIGNATURE_AUTHOR)
		return decided || err_set(err, ERR_FORBIDDEN, "a decision is signed as author by who made it");
	if (decided)
		return err_set(err, ERR_FORBIDDEN, "a witness is another person than who decided");
	return (user->role >= ROLE_EMBRYOLOGIST && !user->disabled) ||
	    err_set(err, ERR_FORBIDDEN, "a witness is an embryologist");
}

static bool add_row(struct store *store, const struct decision *decision, const struct signature *signature,
    struct err *err)
{
	uint8_t seal[CRYPTO_DIGEST_SIZE];
	if (!seal_of(store, decision, signature, seal, err))
		return false;
	struct db_statement *s = db_prepare(store->db, add_sql);
	db_bind_int(s, 1, signature->decision_id);
	db_bind_text(s, 2, signature_meaning_name(signature->meaning));
	db_bind_int(s, 3, signature->user_id);
	db_bind_text(s, 4, signature->name);
	db_bind_int(s, 5, signature->made_us);
	db_bind_blob(s, 6, seal, sizeof seal);
	struct err why = {0};
	return db_run(s, &why) ||
	    err_set(err, why.code, "%s",
		why.code == ERR_CONFLICT ? "the decision has a signature of this meaning already" : why.detail);
}

static bool add(struct store *store, int64_t decision_id, enum signature_meaning meaning, int64_t user_id,
    struct err *err)
{
	struct decision decision;
	struct user user;
	char detail[64];
	if (!decisions_get(store, decision_id, &decision, err) || !users_get(store, user_id, &user, err))
		return false;
	if (!decision.current)
		return err_set(err, ERR_CONFLICT, "decision %" PRId64 " does not stand any more", decision_id);
	struct signature signature = {
	    .decision_id = decision_id, .meaning = meaning, .user_id = user_id, .made_us = clock_now_us()};
	text_copy(signature.name, sizeof signature.name, user.name);
	snprintf(detail, sizeof detail, "decision %" PRId64 " %s", decision_id, meanings[meaning]);
	return check_signer(&decision, &user, meaning, err) && add_row(store, &decision, &signature, err) &&
	    changes_add(store, CHANGE_DECISION, decision.embryo_id, err) &&
	    audit_add(store, user_id, "signature.add", decision.embryo_id, detail, err);
}

bool signatures_add(struct store *store, int64_t decision_id, enum signature_meaning meaning, int64_t user_id,
    struct err *err)
{
	if (meaning >= SIGNATURE_MEANING_COUNT)
		return err_set(err, ERR_BAD_INPUT, "there is no such meaning of a signature");
	return store_begin(store, err) &&
	    store_end(store, add(store, decision_id, meaning, user_id, err), err);
}

static bool row(struct db_statement *s, struct signature *ret_signature, struct err *err)
{
	struct signature signature = {.decision_id = db_column_int(s, 0),
	    .user_id = db_column_int(s, 2),
	    .made_us = db_column_int(s, 4)};
	text_copy(signature.name, sizeof signature.name, db_column_text(s, 3));
	if (!signature_meaning_from_name(db_column_text(s, 1), &signature.meaning))
		return err_set(err, ERR_DAMAGED, "a signature of decision %" PRId64 " is of an unknown kind",
		    signature.decision_id);
	*ret_signature = signature;
	return true;
}

bool signatures_each(struct store *store, int64_t decision_id,
    bool (*each)(const struct signature *signature, void *context), void *context, struct err *err)
{
	bool ok = true, more = true;
	struct db_statement *s = db_prepare(store->db, each_sql);
	db_bind_int(s, 1, decision_id);
	while (ok && more && db_step(s)) {
		struct signature signature;
		ok = row(s, &signature, err);
		more = ok && each(&signature, context);
	}
	return db_finish(s, ok ? err : NULL) && ok;
}

/* ERR_DAMAGED or ERR_CRYPTO: what was signed reads differently now. */
static bool check_row(struct store *store, struct db_statement *s, struct err *err)
{
	struct decision decision;
	struct signature signature;
	uint8_t expected[CRYPTO_DIGEST_SIZE];
	size_t size;
	const void *seal = db_column_blob(s, 5, &size);
	if (!row(s, &signature, err) || !decisions_get(store, signature.decision_id, &decision, err) ||
	    !seal_of(store, &decision, &signature, expected, err))
		return false;
	return (size == sizeof expected && crypto_equal(seal, expected, size)) ||
	    err_set(err, ERR_DAMAGED, "the signature of %s on decision %" PRId64 " does not fit what was signed",
		signature_meaning_name(signature.meaning), decision.id);
}

bool signatures_check(struct store *store, void (*problem)(const char *text, void *context), void *context,
    struct err *err)
{
	struct db_statement *s = db_prepare(store->db, all_sql);
	while (db_step(s)) {
		struct err why;
		if (!check_row(store, s, &why))
			problem(why.detail, context);
	}
	return db_finish(s, err);
}
