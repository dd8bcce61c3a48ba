/* The units of systemd that mount the clinic's shares. */
#pragma once

#include "setup/answers.h"
#include "setup/box.h"

/* Writes, enables and starts the units of the answers' shares; those of shares that are no more are stopped
 * and removed. On a system whose /etc is read-only they are written to /run, for this boot. */
bool mounts_make(struct box *box, const struct answers *answers, struct err *err);
