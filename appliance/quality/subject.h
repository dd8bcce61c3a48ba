/* One embryo as quality sees it: what is used of its events and of people's words. */
#pragma once

#include "model/clinic.h"
#include "model/milestone.h"
#include "model/gardner.h"

/* What became of it, as far as counting goes. */
enum fate { FATE_OPEN, FATE_TRANSFER, FATE_KEPT, FATE_DISCARD }; /* kept: frozen or biopsied */
enum known { KNOWN_NOT, KNOWN_NO, KNOWN_YES };

struct subject {
	int64_t embryo_id, dish_id, cycle_id; /* cycle 0: the inbox */
	int well;
	int month; /* in which its dish was taken in: year x 12 + month - 1, by the clock of the box's time zone */
	enum insemination method;
	bool seen;  /* it has an event or a word; else the well may be empty, or nothing was read yet */
	bool timed; /* the insemination time is known */
	int64_t last_s; /* of the last picture of it; TIME_UNKNOWN */
	/* TIME_UNKNOWN where none is used; and without `timed`. */
	struct {
		int64_t used_s, automatic_s;
		enum milestone_source source;
		bool absent; /* a person said that it did not happen */
	} events[STAGE_COUNT];
	char pronuclei[8]; /* "2", "2.1" ...; "" not recorded */
	bool graded;
	struct gardner grade; /* the newest of a blastocyst */
	enum fate fate;
	enum known sac; /* a gestational sac after transfer */
};
