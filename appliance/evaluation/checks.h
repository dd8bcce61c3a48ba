/* When an embryo is best looked at: the check windows of the Istanbul Consensus 2025 (Hum Reprod, doi
 * 10.1093/humrep/deaf021). Figure 1 draws one window a check for all; Table 1 gives the single best hour for ICSI and for
 * IVF. A window here is an hour either side of the best hour of its own method, which for ICSI and IVF together spans
 * the window of Figure 1; where the method is unknown it is that window. The PN check is the same for both. */
#pragma once

#include "model/clinic.h"

/* A window that begins within this is told beforehand, so that the dish is not opened twice. */
enum { CHECK_SOON_S = 2 * 3600 };

struct check {
	const char *name; /* "PN", "syngamy", "2-cell", ... "expanded blastocyst" */
	int64_t from_s, to_s; /* since insemination; both ends belong to it */
};

/* The window that now_s (since insemination) lies in, else the next one that begins within CHECK_SOON_S. False: none,
 * or now_s is TIME_UNKNOWN. */
bool checks_due(enum insemination method, int64_t now_s, struct check *ret_check);
