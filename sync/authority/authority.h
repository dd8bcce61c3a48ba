/* The authority: the small certificate authority of a clinic group's own region. It answers one question, who
 * may send batches to the gateway, and it never sees a batch.
 *
 * A box makes its own key and asks with a request that is signed by it; nobody but the box ever has the key.
 * The request waits until an administrator has compared its fingerprint with the one that the box shows and
 * approves it for a site. From then on the box renews by itself: each renewal is a request under the
 * certificate before it, for the same site. A certificate that is taken back goes on the list that the
 * gateway holds against every connection.
 *
 * All of it is one folder: authority.key (nobody else's), ca.pem and crl.pem for the gateway,
 * authority.db. */
#pragma once

#include "authority/registry.h"

enum {
	/* A box renews at two thirds of it; until the end of it a lost box is held off by the list alone. */
	AUTHORITY_SITE_DAYS = 90,
	AUTHORITY_GATEWAY_DAYS = 397, /* what browsers take at most; curl does not mind */
	AUTHORITY_OWN_DAYS = 3652,
	/* A gateway with an older list refuses everybody, so serve makes a new one each day. */
	AUTHORITY_LIST_DAYS = 7,
	/* Of one site at a time: the present one, the one before it, and room for a box set up anew. */
	AUTHORITY_CERTIFICATES_MAX = 8,
};

struct authority;

/* Makes the folder, a key, a certificate for it and an empty list. ERR_CONFLICT: there is an authority
 * already. */
bool authority_init(const char *folder, const char *name, int64_t valid_s, int64_t now_us, struct err *err);
bool authority_open(const char *folder, struct authority **ret_authority, struct err *err);
void authority_close(struct authority *authority);
OWN_DEFINE(struct authority *, authority_close)
struct registry *authority_registry(struct authority *authority);
/* PEM. */
const char *authority_certificate(const struct authority *authority);

struct authority_answer {
	char fingerprint[REGISTRY_FINGERPRINT_SIZE];
	char site[CERTIFICATE_NAME_SIZE];
	bool approved; /* else it waits */
	bool is_new;
	char certificate[CERTIFICATE_PEM_SIZE]; /* when approved */
};
/* Takes a request; the same one again is answered as authority_look does. */
bool authority_ask(struct authority *authority, const char *request_pem, int64_t now_us,
    struct authority_answer *ret_answer, struct err *err);
/* ERR_NOT_FOUND: nobody asked; ERR_FORBIDDEN: denied, revoked or expired: that key will get no certificate
 * any more. */
bool authority_look(struct authority *authority, const char *fingerprint, int64_t now_us,
    struct authority_answer *ret_answer, struct err *err);

/* What the administrator decides. site must be the one that the box asked for: it is typed twice on purpose.
 */
bool authority_approve(struct authority *authority, const char *fingerprint, const char *site,
    int64_t valid_s, int64_t now_us, struct err *err);
bool authority_deny(struct authority *authority, const char *fingerprint, int64_t now_us, struct err *err);
/* By site or by serial; the other is NULL. ERR_NOT_FOUND: there is nothing left to take back. Writes the
 * list. */
bool authority_revoke(struct authority *authority, const char *site, const char *serial, int64_t now_us,
    int *ret_count, struct err *err);

/* A certificate after the one with that serial number and subject, which the gateway has seen and checked:
 * for the same site, valid as long; asked again for the same key, the same one. ERR_FORBIDDEN says why not;
 * ERR_TOO_MANY beyond AUTHORITY_CERTIFICATES_MAX. */
bool authority_renew(struct authority *authority, const char *serial, const char *subject,
    const char *request_pem, int64_t now_us, char ret_pem[CERTIFICATE_PEM_SIZE], struct err *err);

/* key.pem and certificate.pem of a gateway with these names, into a folder. */
bool authority_gateway(struct authority *authority, const char *const names[CERTIFICATE_NAMES_MAX],
    int64_t valid_s, const char *folder, int64_t now_us, struct err *err);

/* Writes crl.pem anew. */
bool authority_list(struct authority *authority, int64_t now_us, struct err *err);
/* The same if the last one is a day old. */
bool authority_list_fresh(struct authority *authority, int64_t now_us, struct err *err);
