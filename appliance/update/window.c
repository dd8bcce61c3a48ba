#include "update/window.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const state_names[] = {"refused", "waits-for-approval", "waits-for-window", "approved"};

const char *window_state_name(enum window_state state)
{
	return state_names[state];
}

__attribute__((format(printf, 3, 4))) static void set(struct window_verdict *verdict, enum window_state state,
    const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(verdict->why, sizeof verdict->why, format, arguments);
	va_end(arguments);
	verdict->state = state;
}

/* Other than by the time. */
static void admit(const struct window_box *box, const struct window_bundle *bundle, struct window_verdict *verdict)
{
	*verdict = (struct window_verdict){.state = WINDOW_OPEN};
	if (bundle->refused)
		set(verdict, WINDOW_REFUSED, "%s", bundle->refused);
	else if (!version_valid(bundle->version))
		set(verdict, WINDOW_REFUSED, "its version is not one");
	else if (strcmp(bundle->compatible, box->compatible) != 0)
		set(verdict, WINDOW_REFUSED, "it is made for another kind of machine (%.64s)", bundle->compatible);
	else if (version_compare(bundle->version, box->version) <= 0)
		set(verdict, WINDOW_REFUSED, "version %s is not newer than the installed %s", bundle->version,
		    box->version);
	else if (version_compare(bundle->version, box->floor) <= 0)
		set(verdict, WINDOW_REFUSED,
		    "version %s is not newer than %s, which ran here already: use the previous version instead",
		    bundle->version, box->floor);
	else if (bundle->went_back)
		set(verdict, WINDOW_APPROVAL, "it was tried and went back: %s; approve it to try again",
		    bundle->failed);
	else if (bundle->failures >= WINDOW_FAILURES_MAX)
		set(verdict, WINDOW_APPROVAL, "it could not be installed in %d tries: %s; approve it to try again",
		    bundle->failures, bundle->failed);
	else if (!bundle->approved && bundle->from_stick)
		set(verdict, WINDOW_APPROVAL, "an update from a stick waits until an administrator approves it");
	else if (!bundle->approved && !box->automatic)
		set(verdict, WINDOW_APPROVAL, "an administrator has to approve it, as update.conf says automatic = no");
}

static bool says(char why[WINDOW_WHY_SIZE], const char *what, int64_t count)
{
	snprintf(why, WINDOW_WHY_SIZE, "it waits until the work is done: %" PRId64 " %s", count, what);
	return false;
}

bool window_quiet(const struct window_box *box, char ret_why[WINDOW_WHY_SIZE])
{
	char hour[CLOCK_TEXT_SIZE];
	const struct pending *pending = &box->pending;
	ret_why[0] = 0;
	if (box->unknown) {
		snprintf(ret_why, WINDOW_WHY_SIZE, "it waits until this is put right: %.200s", box->unknown);
		return false;
	}
	if (hours_works(box->hours, box->minute, WINDOW_BEFORE_WORK_MINUTES)) {
		snprintf(ret_why, WINDOW_WHY_SIZE, "it waits until the clinic's working hours are over");
		return false;
	}
	if (pending->imports)
		return says(ret_why, "imports are running", pending->imports);
	if (pending->jobs)
		return says(ret_why, "readings and evaluations are to be made", pending->jobs);
	if (pending->embryos) {
		clock_format(hour, pending->decision_us);
		snprintf(ret_why, WINDOW_WHY_SIZE, "it waits for the lab: %" PRId64 " embryos are decided around %s",
		    pending->embryos, hour);
		return false;
	}
	return true;
}

void window_decide(const struct window_box *box, const struct window_bundle *bundle,
    struct window_verdict *ret_verdict)
{
	admit(box, bundle, ret_verdict);
	if (ret_verdict->state != WINDOW_OPEN)
		return;
	if (box->on_trial)
		set(ret_verdict, WINDOW_WAITS, "it waits until the version that runs is confirmed");
	else if (!window_quiet(box, ret_verdict->why))
		ret_verdict->state = WINDOW_WAITS;
}
