/* What the authority remembers, in one SQLite file: who asked for a certificate, and every certificate it
 * issued.
 *
 *   requests       a key asks once; an administrator approves or denies it
 *   certificates   one row each, never deleted; a revoked one is on the list until it would have ended
 *
 * Keys are named by their fingerprint: SHA-256 of the public key's DER in lower-case hex. A registry belongs
 * to one thread; the server and the command line have one each. */
#pragma once

#include "base/certificate.h"
#include "base/db.h"
#include "base/json.h"

enum {
	REGISTRY_FINGERPRINT_SIZE = 2 * CRYPTO_DIGEST_SIZE + 1,
	/* Requests that nobody has decided upon: whoever reaches the gateway may ask. */
	REGISTRY_WAITING_MAX = 256,
};

enum registry_state { REGISTRY_WAITING, REGISTRY_APPROVED, REGISTRY_DENIED };

struct registry_request {
	char fingerprint[REGISTRY_FINGERPRINT_SIZE];
	char common_name[CERTIFICATE_NAME_SIZE];
	enum registry_state state;
	char request[CERTIFICATE_PEM_SIZE];
	char serial[CERTIFICATE_SERIAL_SIZE]; /* of the certificate, when approved */
};

struct registry_certificate {
	char serial[CERTIFICATE_SERIAL_SIZE];
	char site[CERTIFICATE_NAME_SIZE]; /* or the gateway's first host name */
	enum certificate_use use;
	char fingerprint[REGISTRY_FINGERPRINT_SIZE];
	char pem[CERTIFICATE_PEM_SIZE];
	int64_t not_before_us, not_after_us;
	int64_t revoked_us; /* 0: it counts */
};

struct registry;

bool registry_open(const char *path, struct registry **ret_registry, struct err *err);
void registry_close(struct registry *registry);
OWN_DEFINE(struct registry *, registry_close)

/* Changes that belong together; see db_begin. */
bool registry_begin(struct registry *registry, struct err *err);
bool registry_commit(struct registry *registry, struct err *err);
void registry_rollback(struct registry *registry);

/* Forgets what has waited for two weeks, then adds. ERR_TOO_MANY with REGISTRY_WAITING_MAX waiting. */
bool registry_ask(
    struct registry *registry, const struct registry_request *request, int64_t now_us, struct err *err);
/* ERR_NOT_FOUND. */
bool registry_request(struct registry *registry, const char *fingerprint,
    struct registry_request *ret_request, struct err *err);
bool registry_decide(struct registry *registry, const char *fingerprint, enum registry_state state,
    const char *serial, int64_t now_us, struct err *err);

bool registry_add(struct registry *registry, const struct registry_certificate *certificate, int64_t now_us,
    struct err *err);
/* ERR_NOT_FOUND. */
bool registry_certificate(struct registry *registry, const char *serial,
    struct registry_certificate *ret_certificate, struct err *err);
/* What already follows that certificate for that key: of the same site, another one, and it does not end
 * earlier. ERR_NOT_FOUND: nothing. */
bool registry_following(struct registry *registry, const struct registry_certificate *before,
    const char *fingerprint, struct registry_certificate *ret_certificate, struct err *err);
/* Certificates of the site that count now. */
bool registry_count(
    struct registry *registry, const char *site, int64_t now_us, int *ret_count, struct err *err);
/* Takes back every certificate of the site, or the one of the serial number (the other is NULL), that counts
 * now. */
bool registry_revoke(struct registry *registry, const char *site, const char *serial, int64_t now_us,
    int *ret_count, struct err *err);

/* What belongs on the list: revoked and not yet ended a day ago. The caller frees; an array of *ret_count. */
bool registry_revoked(struct registry *registry, int64_t now_us, struct certificate_revoked **ret_revoked,
    size_t *ret_count, struct err *err);
/* The next number of a list; counts up. */
bool registry_next_list(struct registry *registry, int64_t now_us, int64_t *ret_number, struct err *err);
/* The last list's number and when it was made; 0, 0: there is none. */
bool registry_list(struct registry *registry, int64_t *ret_number, int64_t *ret_made_us, struct err *err);

/* {"requests": [...], "certificates": [...]}, newest first; new reference. */
bool registry_show(struct registry *registry, int64_t now_us, json_t **ret_shown, struct err *err);
