/* The certificate that the lab's browsers see, in BOX_LOCAL/tls:
 *
 *   key.pem          P-256, or what the hospital gave
 *   certificate.pem  self-made, or the hospital's with its issuers
 *   request.pem      for the hospital's authority, from the same key
 *
 * A certificate of the hospital is never overwritten by a self-made one, and what is replaced is kept as
 * *.before.pem. */
#pragma once

#include "base/certificate.h"
#include "setup/answers.h"
#include "setup/box.h"

/* Makes what is missing: key, certificate (also one that ends within TLS_RENEW_DAYS or is for other names),
 * request when asked for. */
enum { TLS_RENEW_DAYS = 30 };
bool tls_make(struct box *box, const struct answers *answers, struct err *err);
/* Makes a self-made certificate anew if it ends soon; nothing else. */
bool tls_renew(struct box *box, const struct answers *answers, struct err *err);
/* Takes what the hospital's authority issued. key_path NULL: for the key that is there. ERR_BAD_INPUT or
 * ERR_CRYPTO says what does not fit: key, dates, names. */
bool tls_install(struct box *box, const struct answers *answers, const char *certificate_path,
    const char *key_path, struct err *err);
bool tls_read(const struct box *box, struct certificate_server *ret_server, struct err *err);
/* As browsers show it: "AB:CD:..." */
enum { TLS_FINGERPRINT_SIZE = 3 * CRYPTO_DIGEST_SIZE };
void tls_fingerprint(const struct certificate_server *server, char ret_text[TLS_FINGERPRINT_SIZE]);
