/* JSON shapes that several replies share; serve/api.yaml has them by the same names. New references; NULL without
 * memory, which json_pack passes on. */
#pragma once

#include "base/json.h"
#include "model/clinic.h"
#include "model/reading.h"

json_t *shape_patient(const struct patient *patient); /* Patient */
json_t *shape_cycle(const struct cycle *cycle);       /* Cycle */
json_t *shape_dish(const struct dish *dish);          /* members every dish has */
/* Known when the export said the insemination time, or a person did. */
const char *shape_timing(const struct dish *dish);
/* Sets the members that a reading gives; all null for NULL. */
void shape_reading(json_t *object, const struct reading *reading, uint16_t motion);
/* TIME_UNKNOWN becomes null. */
json_t *shape_seconds(int64_t seconds);
/* A negative one becomes null. */
json_t *shape_run(int run);
