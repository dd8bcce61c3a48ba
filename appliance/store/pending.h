/* What the lab waits for now: an update or a restart had better come later. */
#pragma once

#include "store/store.h"

struct pending {
	int64_t imports; /* that are being taken in */
	int64_t jobs;    /* queued or running */
	int64_t embryos; /* undecided, of cycles that are decided around now */
	int64_t decision_us; /* the earliest of those cycles' hours; 0: none */
};

/* Embryos count while their cycle's decision hour is at most around_us away, before or after. */
bool pending_count(struct store *store, int64_t now_us, int64_t around_us, struct pending *ret_pending, struct err *err);
