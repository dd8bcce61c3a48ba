/* The outlook: one thread that asks the agent how the endpoints and the budget stand, tells the burst, and writes down
 * the plan of the moment for the screens (store/bursts.h has its shape). Included by this room only. */
#pragma once

#include "base/err.h"

struct work;
struct outlook;

bool outlook_start(struct work *work, struct outlook **ret_outlook, struct err *err);
/* After work_stopping has become true. NULL is fine. */
void outlook_stop(struct outlook *outlook);
