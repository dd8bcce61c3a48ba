/* What a planner could do that knows the whole morning beforehand: bounds that no schedule can beat.
 *
 * Work is divisible, so that the home is one machine. Serving the earliest deadline first and dropping what
 * its deadline has reached does the most work within the windows that any schedule can (the greedy is exact
 * for convex bipartite matching: Glover, Naval Research Logistics Quarterly 14, 1967); what is dropped must
 * be read in the cloud, warm, in full batches, at the best price. That is the least money. For a window
 * from a landing to a deadline, what lands in it of the dishes due by its end can be no more time points
 * than home and cloud, as they really were, can do in it: the smallest are taken, the rest is late in every
 * schedule. The cloud's part of it is what the budget can pay, too. Where some must be late, money is the
 * least for the least lateness of the latest. */
#pragma once

#include "sim/morning.h"

struct bound {
	int late;               /* dishes, at least */
	double lateness_us;     /* of the latest dish, at least */
	int64_t cuts;           /* to be read in the cloud, at least */
	double money_nano;
	double end_us;          /* of everything, all lanes at full rate, at least */
};

void bound_make(const struct morning *morning, struct bound *ret_bound);
/* The home never idle while something waits, so many cuts read elsewhere: when it would be done. */
double bound_home_end(const struct morning *morning, int64_t cuts_cloud);
