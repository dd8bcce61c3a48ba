/* Accuracy: how right the reader is on pictures whose stage is known, beside what could be said without
 * looking.
 *
 *   data set on disk ──▶ dataset ──▶ answers ──▶ tallies ──▶ figures ──▶ report
 *    (datasets.c)        truth and    what each    one an      drawing     JSON, text
 *                        readings     method says  embryo      embryos
 *
 * Four methods answer for every frame: the product (pictures and the temporal decoder), the picture
 * alone, the clock alone, and the commonest stage. An embryo, not a frame, is the unit of chance:
 * neighbouring frames are one look at one embryo, so intervals come from drawing embryos. Data sets are
 * never added up, least of all real and rendered ones.
 *
 * This file: a data set in memory. Truth is a set of stages, because a mark often leaves several open:
 * an expert who says "blastocyst" has not said which. */
#pragma once

#include "base/json.h"
#include "model/track.h"

#include <stddef.h>
#include <stdint.h>

/* Bit 1 << stage. No bit: nothing is known. */
typedef uint32_t stage_set;
#define STAGE_SET_ALL ((stage_set)((1u << STAGE_COUNT) - 1))
/* "t4", "tPNa|tPNf", or a word for several: occupied, zygote, cleavage, morula, blastocyst. False: no
 * such stage. */
bool stage_set_parse(const char *text, stage_set *ret_stages);
int stage_set_count(stage_set stages);
enum stage stage_set_first(stage_set stages); /* of a set that is not empty */
enum stage stage_set_last(stage_set stages);

enum event_known {
	EVENT_UNKNOWN, /* the truth does not say when */
	EVENT_ABSENT,  /* the truth says that no frame shows it */
	EVENT_SEEN,
};

struct event_truth {
	enum event_known known;
	size_t point; /* first that shows it; void unless seen */
};

/* One embryo. Its track and, beside it, what is true. */
struct sample {
	char name[LIMIT_NAME]; /* slide or code, as the data set calls it */
	char code[LIMIT_NAME]; /* what its tables are called after; "" */
	int well;
	bool film; /* frames follow each other closely, so that motion and events mean something */
	struct track track;
	size_t capacity;  /* of track.points and truth */
	stage_set *truth; /* [track.count] */
	struct event_truth events[STAGE_COUNT];
};

struct dataset {
	char name[LIMIT_NAME];
	char maker[LIMIT_NAME];
	bool rendered;   /* by our own simulator; else real embryos */
	bool trained_on; /* the model's card names this set among its teachers: no test of it */
	bool calibrated; /* the readings carry a confidence */
	struct sample *samples;
	size_t count, capacity;
	json_t *notes; /* sentences that belong beside every figure */
};

/* An empty one; false without memory. */
bool dataset_init(struct dataset *dataset, struct err *err);
void dataset_done(struct dataset *dataset);
static inline void dataset_done_owned(struct dataset *dataset)
{
	dataset_done(dataset);
}
void dataset_note(struct dataset *dataset, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Of this name and well, added where there is none; NULL without memory. Valid until the next call. */
struct sample *dataset_sample(struct dataset *dataset, const char *name, int well);
/* A new last point; ERR_TOO_LARGE beyond LIMIT_RUNS. Runs must rise. */
bool sample_add(struct sample *sample, const struct track_point *point, stage_set truth, struct err *err);

/* Fills events from the truth of the points. An event is seen at the first point whose truth is its
 * stage alone, if the labelled points before leave only earlier stages open. It is absent where the
 * truth goes from earlier stages to later ones between two neighbours, or ends before it; in every other
 * case it is unknown. Frames without a label before the first polar body count as earlier. */
void sample_find_events(struct sample *sample);
/* Points that were read and have a truth. */
size_t sample_labelled(const struct sample *sample);
