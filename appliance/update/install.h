/* Looking for updates, and installing the one whose time has come. */
#pragma once

#include "update/updater.h"

/* Everything there is to say, as GET /api/updates gives it:
 *   {"appliance","version","slot","confirmed","other":{"version","bootable"},
 *    "waiting":[{"file","version","digest","from","size","state","why"}],"why","last"} */
bool install_check(struct updater *updater, json_t **ret_status, struct err *err);
/* Installs the best bundle if nothing stands against it, and starts the machine again; ret_status is what is to be said
 * afterwards. ERR_UNAVAILABLE: the installation failed, which is noted. */
bool install_run(struct updater *updater, json_t **ret_status, struct err *err);
/* name: the digest, the file's name or the version of a bundle that waits. ERR_NOT_FOUND: none is called so. */
bool install_approve(struct updater *updater, const char *name, struct err *err);

/* Where there is no updater: what to say of a box that is kept up to date by its packages. */
json_t *install_no_appliance(const char *root);
/* Keeps it in /run/daybreak-update/status.json, for the daemon and for everybody else. */
bool install_tell(const struct updater *updater, const json_t *status, struct err *err);
