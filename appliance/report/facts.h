/* Facts: all that a report of one cycle says, taken from the store before anything is drawn. As JSON they are the report
 * for other programs. Times are UTC, "2026-11-21T06:30:00Z"; times of events are seconds since insemination.
 *
 * {"cycle":{"id","label","method","decision":time|null}, "patient":{"name","identifier","born"},
 *  "dishes":[{"slide","timing","runs_total","runs_read","embryos":[
 *    {"embryo","well","rank":n|null,"of":n,"shared":n,"reasons":["..."],"evaluation":{..}|null,
 *     what people said (said.h), "readers":[{"version","digest","runs"}],
 *     "pictures":[{"what":"t2"|"now","run","time_s":n|null,"index","digest"}]}]}]}
 *
 * Embryos stand in the order of their dish's ranking, the unranked behind. Pictures are the sharpest plane of
 * stored cuts: grey pixels around the embryo that the sandboxed reader made, so nobody decodes an incubator's file
 * here. */
#pragma once

#include "base/json.h"
#include "model/reading.h"
#include "store/store.h"

enum { FACTS_PIXELS = CUT_SIDE * CUT_SIDE };

struct facts {
	json_t *json;
	char digest[65]; /* of the JSON, and so of the pictures too */
	size_t pictures_count;
	uint8_t *pictures; /* pictures_count x FACTS_PIXELS */
};

/* ERR_NOT_FOUND: there is no such cycle. ERR_TOO_LARGE: more embryos than any cycle has. */
bool facts_collect(struct store *store, int64_t cycle_id, struct facts *ret_facts, struct err *err);
void facts_done(struct facts *facts);
static inline void facts_done_owned(struct facts *facts)
{
	facts_done(facts);
}
/* The rule profiles of the first embryo that has any: all are evaluated by the same folder. NULL without. */
const json_t *facts_profiles(const struct facts *facts);
/* The pixels of the picture called `what`; NULL without one. ret_picture, its entry, may be NULL. */
const uint8_t *facts_picture(
    const struct facts *facts, const json_t *embryo, const char *what, const json_t **ret_picture);
