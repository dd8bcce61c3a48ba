/* What the planner is compared with. Each makes a plan; the rest of the code is the same. */
#pragma once

#include "work/plan.h"

/* Reads everything at home. */
void policy_local(const struct plan_input *input, struct plan *ret_plan);
/* Sends everything. */
void policy_cloud(const struct plan_input *input, struct plan *ret_plan);
/* Sends whatever is beyond five minutes of work at home, whenever it is due. */
void policy_queue(const struct plan_input *input, struct plan *ret_plan);
/* Sends what is needed when the cloud would otherwise have no time left for it. */
void policy_last_moment(const struct plan_input *input, struct plan *ret_plan);
