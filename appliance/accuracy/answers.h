/* What each method says of the frames of one embryo. */
#pragma once

#include "accuracy/dataset.h"
#include "evaluation/priors.h"

enum method {
	METHOD_READER,     /* the product: pictures, motion, clock and the temporal decoder */
	METHOD_FRAME_ONLY, /* each picture by itself */
	METHOD_TIME_ONLY,  /* the clock and what is known of timing, no picture */
	METHOD_MAJORITY,   /* always the commonest stage of the very data set */
	METHOD_COUNT
};
const char *method_name(enum method method); /* "reader", "frame_only", "time_only", "majority" */

struct answer_event {
	bool there;
	size_t point;
};

struct answers {
	bool has[METHOD_COUNT];          /* false: the method has nothing to go by (no clock) */
	enum stage *stage[METHOD_COUNT]; /* [track.count]; void where the frame was not read */
	struct answer_event events[METHOD_COUNT][STAGE_COUNT]; /* of films */
};

/* A still has no track: there the reader says what the picture says. Events of the reader are the
 * decoder's placements; those of the picture and of the clock are the first frame of which they say that
 * stage. */
bool answers_make(const struct sample *sample, const struct priors *priors, enum stage majority,
    struct answers *ret_answers, struct err *err);
void answers_done(struct answers *answers);
static inline void answers_done_owned(struct answers *answers)
{
	answers_done(answers);
}

/* The commonest stage among the frames of which one stage is known; STAGE_EMPTY without any. */
enum stage answers_majority(const struct dataset *dataset);
