/* What people said of an embryo and still say, as JSON: in its report, and on its page (serve/api.yaml has the schemas).
 * New references. */
#pragma once

#include "base/json.h"
#include "store/store.h"

bool told_grades(struct store *store, int64_t embryo_id, json_t **ret_list, struct err *err);       /* GradeWord */
bool told_observations(struct store *store, int64_t embryo_id, json_t **ret_list, struct err *err); /* Observation */
bool told_comments(struct store *store, int64_t embryo_id, json_t **ret_list, struct err *err);     /* Comment */
/* Decision with its signatures, the one that stands first. */
bool told_decisions(struct store *store, int64_t embryo_id, json_t **ret_list, struct err *err);
