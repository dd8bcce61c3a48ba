/* Who the box is towards gateways: the files of its key and certificate, and how one pair follows another
 * without a moment in which a crash would leave neither.
 *
 *   key.pem, certificate.pem   in use; the link takes over whatever lies there
 *   next-key.pem               a key that is asked for, on disk before its request leaves
 *   next-certificate.pem       its certificate, checked; from here on identity_settle ends what was begun
 *   enrolment.json             how asking stands, until there is a certificate
 *
 * A key never leaves the folder. Whoever changes files here holds the lock. */
#pragma once

#include "base/buf.h"
#include "base/certificate.h"
#include "base/json.h"

/* Waits for whoever changes something at the moment. The caller closes the descriptor. */
bool identity_lock(const char *folder, int *ret_fd, struct err *err);
/* Ends an installation that was cut off. Under the lock. */
bool identity_settle(const char *folder, struct err *err);

/* The key that the next certificate is for; made when there is none. Under the lock. */
bool identity_next_key(const char *folder, char ret_private_pem[CRYPTO_PEM_SIZE], struct err *err);
/* That key got no certificate and will get none. Under the lock. */
void identity_drop_next_key(const char *folder);

/* Checks that the certificate is this site's, for the next key (or the present one), from that authority, and
 * counts now; then puts both in place. Under the lock. ERR_FORBIDDEN: it is not; ERR_CONFLICT: not by this
 * box's clock. The sentence says what is wrong. */
bool identity_install(const char *folder, const char *site, const char *certificate_pem,
    const char *authority_pem, int64_t now_us, struct err *err);

/* The certificate in use. ERR_NOT_FOUND: there is none. */
bool identity_facts(const char *folder, struct certificate_facts *ret_facts, struct err *err);
/* Certificate and key in use, as texts, for the link. ERR_FORBIDDEN: the certificate is another site's, or
 * not the key's. */
bool identity_load(
    const char *folder, const char *site, struct buf *ret_certificate, struct buf *ret_key, struct err *err);

/* How enrolment stands. */
struct identity_note {
	/* "waiting", "refused", "revoked", or "late" for a renewal that fails; "": nothing to say. */
	char state[16];
	char reason[ERR_DETAIL_MAX], next[ERR_DETAIL_MAX];
	char fingerprint[2 * CRYPTO_DIGEST_SIZE + 1]; /* of the key that is asked for */
	int64_t since_us;
};
/* since_us is kept as long as the state stays the same. Under the lock. */
bool identity_note_write(const char *folder, const struct identity_note *note, struct err *err);
/* A file that is not there says nothing. */
bool identity_note_read(const char *folder, struct identity_note *ret_note, struct err *err);
void identity_note_clear(const char *folder);

/* When a certificate is renewed: a third of its time before its end. */
int64_t identity_renewal_us(const struct certificate_facts *facts);
/* {"state": "none|waiting|valid|expiring|expired|revoked|refused", "reason", "since", "next", "subject",
 * "serial", "not_before", "not_after", "fingerprint"}, from the files alone; new reference, NULL without
 * memory. */
json_t *identity_show(const char *folder, const char *site, int64_t now_us);
