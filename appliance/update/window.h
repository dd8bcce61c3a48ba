/* The window: whether an update may be installed now, and if not, why not. Pure: it is told everything. */
#pragma once

#include "base/version.h"
#include "store/pending.h"
#include "update/hours.h"

enum {
	/* Installing, starting again, the trial on a copy and the check of health: done before the clinic works. */
	WINDOW_BEFORE_WORK_MINUTES = 60,
	WINDOW_WHY_SIZE = ERR_DETAIL_MAX,
	WINDOW_FAILURES_MAX = 3, /* installations of one bundle that failed */
};

enum window_state { WINDOW_REFUSED, WINDOW_APPROVAL, WINDOW_WAITS, WINDOW_OPEN };
/* "refused", "waits-for-approval", "waits-for-window", "approved" */
const char *window_state_name(enum window_state state);

/* Of one bundle. */
struct window_bundle {
	const char *version, *compatible; /* as its signed manifest says */
	const char *refused; /* why it cannot be used; NULL: its signature is right */
	const char *failed;  /* why it failed when it was tried; NULL: it was not, or did not */
	int failures;        /* of its installation alone, which may have had other reasons */
	bool went_back;      /* it was installed and went back */
	bool from_stick, approved;
};

/* Of the box. */
struct window_box {
	const char *version, *compatible, *floor; /* floor: the highest version that was confirmed here */
	bool automatic, on_trial;
	const struct hours *hours;
	int minute; /* of the clinic's week */
	const char *unknown; /* why it cannot be told what is pending; NULL: it is told */
	struct pending pending;
};

struct window_verdict {
	enum window_state state;
	char why[WINDOW_WHY_SIZE]; /* a sentence; "" when it may be installed */
};

/* Whether the box may be changed and started again at this moment. */
bool window_quiet(const struct window_box *box, char ret_why[WINDOW_WHY_SIZE]);
/* Whether this bundle may ever be installed, whether somebody has to approve it, and whether it may be now. */
void window_decide(const struct window_box *box, const struct window_bundle *bundle,
    struct window_verdict *ret_verdict);
