/* Enrolment: how the box comes by its certificate and keeps it. It makes its own key, asks the authority that
 * cloud.json names with a signed request, and polls until an administrator has approved; from then on it
 * renews by itself, under the certificate before, with a new key each time. A failed renewal is tried again
 * until the certificate has ended.
 *
 * What leaves for it (a pseudonym and public keys) is a row each in the egress ledger. See identity.h for the
 * files. */
#pragma once

#include "agent/identity.h"
#include "agent/link.h"
#include "agent/settings.h"
#include "wire/cloud.h"

/* What one attempt came to. */
enum enrol_result { ENROL_DONE, ENROL_WAITING, ENROL_REFUSED, ENROL_FAILED };

/* Asks, or asks how asking stands. ENROL_DONE: the certificate is in place. ENROL_WAITING: an administrator
 * has to approve; ret_fingerprint is what to compare. ENROL_REFUSED: that key gets none, err says why; the
 * next call asks with a new one. ENROL_FAILED: try again. again: a certificate that counts is no reason not
 * to ask; it is not renewed while the request waits, since it may have been taken back. */
enum enrol_result enrol_ask(struct link *link, const struct cloud *cloud, const char *folder, bool again,
    char ret_fingerprint[2 * CRYPTO_DIGEST_SIZE + 1], struct err *err);
/* Renews now. ENROL_DONE, ENROL_REFUSED or ENROL_FAILED. */
enum enrol_result enrol_renew(
    struct link *link, const struct cloud *cloud, const char *folder, struct err *err);

/* The link shows the certificate in use from now on. */
bool enrol_identity(struct link *link, const char *folder, const char *site, struct err *err);

/* The thread that polls while a request waits and renews in time; it has its own ledger and link. Ends what
 * an installation left open before it returns. */
struct enrol;
bool enrol_start(const struct cloud *cloud, const char *folder, struct enrol **ret_enrol, struct err *err);
void enrol_stop(struct enrol *enrol);
OWN_DEFINE(struct enrol *, enrol_stop)

/* identity_show under the name that the books know. */
json_t *enrol_certificate(const char *folder, const char *site, int64_t now_us);

/* daybreak-sync enrol, daybreak-sync rotate; argv[0] is the subcommand. */
int enrol_command(int argc, char **argv);
int enrol_rotate_command(int argc, char **argv);
