/* Quality of the laboratory: what the box can count of a clinic's embryos, each number with what it rests on.
 *
 *   subject.h      one embryo as quality sees it; gather.c fills it from the store
 *   indicators.c   the Vienna consensus as a table, and who counts
 *   chart.c        control limits by month
 *   kappa.c, differences.c, agreement.c   people against each other and against the box
 *   reference.c    percentiles of the clinic's own embryos
 *   period.c       months
 *   quality.c      all of it as the JSON of serve/api.yaml, which the command line prints too
 *
 * But for gather.c and what calls it the room is pure. Times that people set count as the times in use, and it is told
 * how many are the box's own. */
#pragma once

#include "base/json.h"
#include "quality/indicators.h"
#include "quality/period.h"
#include "store/store.h"

/* Quality, Agreement and Reference of serve/api.yaml; new references. Embryos that the asker reads a second time are left
 * out of what is counted and listed; asker_id 0: nobody. */
bool quality_json(struct store *store, const struct period *period, int64_t asker_id, enum tongue tongue,
    json_t **ret_quality, struct err *err);
bool quality_reference_json(struct store *store, enum insemination method, json_t **ret_reference, struct err *err);
bool quality_agreement_json(struct store *store, const struct period *period, int64_t asker_id, json_t **ret_agreement,
    struct err *err);

/* Who is in an indicator, newest dish last. */
bool quality_each(struct store *store, const struct indicator *indicator, const struct period *period, int64_t asker_id,
    bool (*each)(const struct subject *subject, enum verdict verdict, enum left_out why, void *context), void *context,
    struct err *err);
