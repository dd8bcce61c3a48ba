/* From the restart into a version until it is confirmed, or back to the one before. */
#pragma once

#include "update/updater.h"

/* What became of it, for the person who reads the log: a sentence. */
enum confirm_verdict {
	CONFIRM_FINE,    /* go on */
	CONFIRM_BACK,    /* the version before is put back: the machine is starting again */
	CONFIRM_STRANDED /* it is not well, and there is nothing to go back to: go on as it is */
};

/* Before the daemon starts. Ends what another version left: an installation that was cut off, a version that did not
 * come up. Then an unconfirmed version is tried on a copy. */
enum confirm_verdict confirm_trial(struct updater *updater, char ret_why[RECORD_WHY_SIZE]);
/* After the daemon has started: an unconfirmed version that is healthy is confirmed. Either way RAUC hears that this
 * start went well. */
enum confirm_verdict confirm_run(struct updater *updater, char ret_why[RECORD_WHY_SIZE]);
/* For a version that was not well and had nothing to go back to: it is confirmed once it is well. */
bool confirm_again(struct updater *updater, struct err *err);
/* A person wants the version of the other slot back: it is what starts next, and the machine starts again. */
bool confirm_previous(struct updater *updater, struct err *err);
