#include "agent/identity.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>

enum { NOTE_MAX = 4096, PEM_MAX = 64 << 10 };

#define KEY "key.pem"
#define CERTIFICATE "certificate.pem"
#define NEXT_KEY "next-key.pem"
#define NEXT_CERTIFICATE "next-certificate.pem"
#define NOTE "enrolment.json"

static bool is_there(const char *folder, const char *name)
{
	char path[LIMIT_PATH];
	return folder_path(folder, name, path, NULL) && file_exists(path);
}

/* Nobody else's to read: keys lie beside certificates. */
static bool write_text(const char *folder, const char *name, const char *text, struct err *err)
{
	return folder_write_text(folder, name, text, 0600, err);
}

static bool put_in_place(const char *folder, const char *from, const char *to, struct err *err)
{
	char from_path[LIMIT_PATH], to_path[LIMIT_PATH];
	if (!folder_path(folder, from, from_path, err) || !folder_path(folder, to, to_path, err))
		return false;
	if (rename(from_path, to_path) != 0)
		return err_errno(err, "renaming %s", from_path);
	return folder_flush(folder, err);
}

static void drop(const char *folder, const char *name)
{
	char path[LIMIT_PATH];
	if (folder_path(folder, name, path, NULL))
		unlink(path);
}

bool identity_lock(const char *folder, int *ret_fd, struct err *err)
{
	char path[LIMIT_PATH];
	if (!folder_make(folder, err) || !folder_path(folder, "enrolment.lock", path, err))
		return false;
	OWN(fd_close) int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(err, "opening %s", path);
	while (flock(fd, LOCK_EX) != 0)
		if (errno != EINTR)
			return err_errno(err, "locking %s", path);
	*ret_fd = fd;
	fd = -1;
	return true;
}

/* The certificate is for the key of that file. */
static bool is_for(const struct certificate_facts *facts, const char *folder, const char *key_name)
{
	char key[CRYPTO_PEM_SIZE], public_pem[CRYPTO_PEM_SIZE];
	uint8_t digest[CRYPTO_DIGEST_SIZE];
	bool ok = folder_read_text(folder, key_name, key, sizeof key, NULL) &&
	    crypto_pair_public(key, public_pem, NULL) && crypto_public_digest(public_pem, digest, NULL);
	crypto_wipe(key, sizeof key);
	return ok && memcmp(digest, facts->key_digest, sizeof digest) == 0;
}

static bool read_facts(
    const char *folder, const char *name, struct certificate_facts *ret_facts, struct err *err)
{
	char path[LIMIT_PATH];
	OWN(buf_done) struct buf pem = BUF_INIT(PEM_MAX);
	return folder_path(folder, name, path, err) && file_read(path, &pem, err) &&
	    (certificate_read(buf_text(&pem), ret_facts, err) || err_add(err, "%s", path));
}

bool identity_settle(const char *folder, struct err *err)
{
	struct certificate_facts facts;
	if (!is_there(folder, NEXT_CERTIFICATE))
		return true;
	if (!read_facts(folder, NEXT_CERTIFICATE, &facts, err))
		return false;
	if (is_for(&facts, folder, NEXT_KEY) && !put_in_place(folder, NEXT_KEY, KEY, err))
		return false;
	if (is_for(&facts, folder, KEY))
		return put_in_place(folder, NEXT_CERTIFICATE, CERTIFICATE, err);
	/* Its key is gone: nothing can be done with it. */
	drop(folder, NEXT_CERTIFICATE);
	return true;
}

bool identity_next_key(const char *folder, char ret_private_pem[CRYPTO_PEM_SIZE], struct err *err)
{
	char private_pem[CRYPTO_PEM_SIZE], public_pem[CRYPTO_PEM_SIZE];
	if (is_there(folder, NEXT_KEY))
		return folder_read_text(folder, NEXT_KEY, ret_private_pem, CRYPTO_PEM_SIZE, err);
	bool ok =
	    crypto_pair_make(private_pem, public_pem, err) && write_text(folder, NEXT_KEY, private_pem, err);
	if (ok)
		memcpy(ret_private_pem, private_pem, CRYPTO_PEM_SIZE);
	crypto_wipe(private_pem, sizeof private_pem);
	return ok;
}

void identity_drop_next_key(const char *folder)
{
	drop(folder, NEXT_KEY);
}

static bool check(const char *folder, const char *site, const char *certificate_pem,
    const char *authority_pem, int64_t now_us, struct err *err)
{
	struct certificate_facts facts;
	char when[CLOCK_TEXT_SIZE];
	if (!certificate_read(certificate_pem, &facts, err))
		return false;
	if (strcmp(facts.common_name, site) != 0)
		return err_set(
		    err, ERR_FORBIDDEN, "the certificate is for %s; this box is %s", facts.common_name, site);
	if (facts.use != CERTIFICATE_SITE)
		return err_set(err, ERR_FORBIDDEN, "the certificate is not one of a box");
	if (!is_for(&facts, folder, NEXT_KEY) && !is_for(&facts, folder, KEY))
		return err_set(err, ERR_FORBIDDEN, "the certificate is for another key than this box has");
	if (!certificate_signed_by(certificate_pem, authority_pem, err))
		return false;
	clock_format(when, facts.not_before_us > now_us ? facts.not_before_us : facts.not_after_us);
	if (facts.not_before_us > now_us)
		return err_set(
		    err, ERR_CONFLICT, "the certificate counts from %s: is this box's clock right?", when);
	if (facts.not_after_us <= now_us)
		return err_set(
		    err, ERR_CONFLICT, "the certificate ended at %s: is this box's clock right?", when);
	return true;
}

bool identity_install(const char *folder, const char *site, const char *certificate_pem,
    const char *authority_pem, int64_t now_us, struct err *err)
{
	return check(folder, site, certificate_pem, authority_pem, now_us, err) &&
	    write_text(folder, NEXT_CERTIFICATE, certificate_pem, err) && identity_settle(folder, err);
}

bool identity_facts(const char *folder, struct certificate_facts *ret_facts, struct err *err)
{
	if (!is_there(folder, CERTIFICATE))
		return err_set(err, ERR_NOT_FOUND, "this box has no certificate");
	return read_facts(folder, CERTIFICATE, ret_facts, err);
}

/* Of another site, or of a key that is not here: it must not be shown to anybody. */
static bool is_ours(
    const struct certificate_facts *facts, const char *folder, const char *site, struct err *err)
{
	if (strcmp(facts->common_name, site) != 0)
		return err_set(err, ERR_FORBIDDEN, "the certificate is for %s; this box is %s",
		    facts->common_name, site);
	return is_for(facts, folder, KEY) ||
	    err_set(err, ERR_FORBIDDEN, "the certificate is for another key than this box has");
}

bool identity_load(
    const char *folder, const char *site, struct buf *ret_certificate, struct buf *ret_key, struct err *err)
{
	struct certificate_facts facts;
	char path[LIMIT_PATH];
	if (!identity_facts(folder, &facts, err) || !is_ours(&facts, folder, site, err))
		return false;
	buf_clear(ret_certificate);
	buf_clear(ret_key);
	return folder_path(folder, CERTIFICATE, path, err) && file_read(path, ret_certificate, err) &&
	    folder_path(folder, KEY, path, err) && file_read(path, ret_key, err);
}

/* The note */

bool identity_note_read(const char *folder, struct identity_note *ret_note, struct err *err)
{
	struct identity_note note = {0};
	char path[LIMIT_PATH];
	OWN(json_decref) json_t *value = NULL;
	if (is_there(folder, NOTE)) {
		if (!folder_path(folder, NOTE, path, err) || !json_load(path, NOTE_MAX, &value, err))
			return false;
		text_copy(note.state, sizeof note.state, json_text(value, "state", ""));
		text_copy(note.reason, sizeof note.reason, json_text(value, "reason", ""));
		text_copy(note.next, sizeof note.next, json_text(value, "next", ""));
		text_copy(note.fingerprint, sizeof note.fingerprint, json_text(value, "fingerprint", ""));
		clock_parse(json_text(value, "since", ""), &note.since_us);
	}
	*ret_note = note;
	return true;
}

bool identity_note_write(const char *folder, const struct identity_note *note, struct err *err)
{
	struct identity_note before;
	char since[CLOCK_TEXT_SIZE];
	bool same = identity_note_read(folder, &before, NULL) && strcmp(before.state, note->state) == 0;
	if (same && strcmp(before.reason, note->reason) == 0 &&
	    strcmp(before.fingerprint, note->fingerprint) == 0)
		return true;
	clock_format(since, same ? before.since_us : note->since_us);
	OWN(json_decref) json_t *value = json_pack("{s:s, s:s, s:s, s:s, s:s}", "state", note->state,
	    "reason", note->reason, "next", note->next, "fingerprint", note->fingerprint, "since", since);
	OWN(free) char *text = value ? json_dumps(value, JSON_INDENT(1)) : NULL;
	if (!text)
		return err_set(err, ERR_NO_MEMORY, "writing how enrolment stands");
	return write_text(folder, NOTE, text, err);
}

void identity_note_clear(const char *folder)
{
	drop(folder, NOTE);
}

/* Showing */

int64_t identity_renewal_us(const struct certificate_facts *facts)
{
	return facts->not_after_us - (facts->not_after_us - facts->not_before_us) / 3;
}

struct shown {
	const char *state;
	char reason[ERR_DETAIL_MAX], next[ERR_DETAIL_MAX];
	int64_t since_us; /* 0: not known */
};

static void say(
    struct shown *shown, const char *state, int64_t since_us, const char *reason, const char *next)
{
	shown->state = state;
	shown->since_us = since_us;
	text_copy(shown->reason, sizeof shown->reason, reason);
	text_copy(shown->next, sizeof shown->next, next);
}

static void say_certificate(struct shown *shown, const struct certificate_facts *facts,
    const struct identity_note *note, int64_t now_us)
{
	char when[CLOCK_TEXT_SIZE], text[128];
	int64_t renewal_us = identity_renewal_us(facts);
	if (now_us >= facts->not_after_us) {
		say(shown, "expired", facts->not_after_us, "the certificate has expired",
		    "run daybreak-sync enrol on the box and have it approved");
	} else if (now_us < renewal_us) {
		clock_format(when, renewal_us);
		snprintf(text, sizeof text, "nothing: it is renewed by itself from %s on", when);
		say(shown, "valid", facts->not_before_us, "the certificate counts", text);
	} else {
		bool late = strcmp(note->state, "late") == 0;
		say(shown, "expiring", late ? note->since_us : renewal_us,
		    late ? note->reason : "the certificate is due to be renewed",
		    late && *note->next ? note->next
		                        : "nothing: renewing is tried by itself until it has ended");
	}
}

json_t *identity_show(const char *folder, const char *site, int64_t now_us)
{
	struct certificate_facts facts;
	struct identity_note note = {0};
	struct shown shown;
	struct err err;
	char fingerprint[2 * CRYPTO_DIGEST_SIZE + 1] = "";
	bool found = identity_facts(folder, &facts, &err);
	identity_note_read(folder, &note, NULL);
	bool counts = found && now_us < facts.not_after_us;
	if (found && !is_ours(&facts, folder, site, &err)) {
		say(&shown, "refused", facts.not_before_us, err.detail,
		    "correct \"site\" in cloud.json, or run daybreak-sync enrol --again");
	} else if (strcmp(note.state, "revoked") == 0 || strcmp(note.state, "waiting") == 0 ||
	    (!counts && strcmp(note.state, "refused") == 0)) {
		say(&shown, note.state, note.since_us, note.reason, note.next);
	} else if (found) {
		say_certificate(&shown, &facts, &note, now_us);
	} else {
		bool missing = err.code == ERR_NOT_FOUND;
		say(&shown, missing ? "none" : "refused", 0, err.detail,
		    "run daybreak-sync enrol on the box and have it approved");
	}
	if (found)
		text_hex(fingerprint, facts.key_digest, sizeof facts.key_digest);
	if (strcmp(note.state, "waiting") == 0 || (!found && *note.fingerprint))
		text_copy(fingerprint, sizeof fingerprint, note.fingerprint);
	return json_pack("{s:s, s:s, s:o, s:s, s:s?, s:s?, s:o, s:o, s:s?}", "state", shown.state, "reason",
	    shown.reason, "since", json_utc(shown.since_us), "next",
	    shown.next, "subject", found ? facts.subject : NULL, "serial", found ? facts.serial : NULL,
	    "not_before", found ? json_utc(facts.not_before_us) : json_null(), "not_after",
	    found ? json_utc(facts.not_after_us) : json_null(), "fingerprint",
	    *fingerprint ? fingerprint : NULL);
}
