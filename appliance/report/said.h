/* Said: what people said of one embryo, with who and when, as a part of the facts: the lists of told.h as "grades",
 * "observations", "comments" and "decisions", and finding what is used among them. Inside report/. */
#pragma once

#include "base/json.h"
#include "model/grade.h"
#include "model/observation.h"
#include "store/store.h"

/* Sets the four members. */
bool said_collect(struct store *store, int64_t embryo_id, json_t *object, struct err *err);

/* The word that is used: the newest of anybody. NULL without one. */
const json_t *said_grade(const json_t *embryo, enum grade_stage stage);
const json_t *said_observation(const json_t *embryo, enum observation_kind kind);
/* The decision that stands, and a signature of it. NULL without one. */
const json_t *said_decision(const json_t *embryo);
const json_t *said_signature(const json_t *decision, const char *meaning);
/* Whether anybody said anything. */
bool said_anything(const json_t *embryo);
/* The time in a member such as "made"; 0 without one. */
int64_t said_time_us(const json_t *object, const char *name);
