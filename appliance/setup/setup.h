/* A machine with the packages becomes a clinic's box: store and first administrator, certificate, the files
 * of BOX_LOCAL, mounts of shares, time zone, units. Every step looks first at what is there and does what is
 * missing, so that it can be run again at any time: data, keys, passwords and certificates of the hospital
 * are never replaced.
 *
 *   BOX_LOCAL/setup.conf          the answers, for the next run
 *   BOX_LOCAL/proxy-secret.conf   what nginx proves itself to the daemon with
 *   BOX_LOCAL/cloud.json          what was answered of the cloud; what the administrator put there stays
 *   BOX_LOCAL/{authority,updates}-ca.pem   authorities of the servers that it names
 *   BOX_LOCAL/{daybreakd,daybreak-sync,update}.conf   read after the file of that name above
 *   BOX_LOCAL/shares/NAME.credentials   for mount.cifs
 *   BOX_LOCAL/first-sign-in       of an appliance, until the password in it no longer signs in
 *
 * daybreakd.conf is written last: the units wait for it. */
#pragma once

#include "setup/answers.h"
#include "setup/box.h"

#define SETUP_CONF          BOX_LOCAL "/setup.conf"
#define SETUP_DONE          BOX_LOCAL "/daybreakd.conf"
#define SETUP_FIRST_SIGN_IN "/run/daybreak-setup/first-sign-in"

/* What was answered last time, or what is true of a clinic that was asked nothing; names and time zone are
 * the machine's. */
bool setup_answers(const struct box *box, struct answers *ret_answers, struct err *err);
/* Everything. first_boot: the made password goes to BOX_LOCAL/first-sign-in, not to box->told. */
bool setup_apply(struct box *box, const struct answers *answers, bool first_boot, struct err *err);
/* Units of services, once all is written. */
bool setup_start(struct box *box, struct err *err);
/* A self-made certificate that ends soon. */
bool setup_renew(struct box *box, const struct answers *answers, struct err *err);
/* For each boot of an appliance: sets up what is not, shows the first sign-in, renews the certificate, mounts
 * shares. answered: somebody brought answers, which count on a box that is set up, too. Opens no store that
 * is there already: whether this version may is not known yet. */
bool setup_first_boot(struct box *box, const struct answers *answers, bool answered, struct err *err);
/* The first sign-in while its password still signs in, else "" and its files are gone. */
bool setup_first_sign_in(struct box *box, struct buf *to, struct err *err);
/* Address, certificate: the last lines that a person reads. */
bool setup_show(const struct box *box, const struct answers *answers, struct err *err);
