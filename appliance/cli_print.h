/* How the command line shows a dish: ranked embryos for people, or everything as JSON. */
#pragma once

#include "base/json.h"
#include "model/clinic.h"
#include "store/store.h"

/* {"dish":..,"slide":..,"patient":{..}|null,"ranking":[..],"embryos":[{"embryo","well","evaluation"}]}; a new reference. */
bool dish_json(struct store *store, const struct dish *dish, json_t **ret_json, struct err *err);
/* A heading and one line for each embryo, best first; with its events when asked. */
void dish_print(const json_t *dish, bool events);
/* One line an event: dish, slide, well, event, source, run, seconds, earliest, latest, confidence. */
void dish_print_csv_head(void);
bool dish_print_csv(const json_t *dish, struct err *err);
