/* What a page believes and says with a request that changes something; where it is no longer so, nothing is done
 * (ERR_MIX_UP). A page that says nothing is not held to anything. */
#pragma once

#include "serve/call.h"

/* X-Daybreak-User: who is signed in. */
bool guards_user(const struct call *call, struct err *err);
/* X-Daybreak-Patient: whose the embryo or the dish is, 0 for the inbox. In the transaction of the change, so that
 * nobody assigns the dish in between. */
bool guards_embryo(struct call *call, int64_t embryo_id, struct err *err);
bool guards_dish(struct call *call, int64_t dish_id, struct err *err);
