/* From the store to what quality counts: the one file of the room that reads it. */
#pragma once

#include "quality/agreement.h"
#include "quality/period.h"
#include "quality/subject.h"
#include "store/store.h"

struct gathered {
	struct subject subject;
	struct words words;
};

/* Every embryo whose dish was taken in within the period (NULL: ever), in order of import and well, but for those that the
 * asker reads a second time: counts would tell of the others' words. asker_id 0: nobody. A callback that returns false
 * ends the listing without an error. */
bool gather_each(struct store *store, const struct period *period, int64_t asker_id,
    bool (*each)(const struct gathered *gathered, void *context), void *context, struct err *err);
/* Adds the words of one embryo, and what the box reads where a person saw something. */
bool gather_agreement(struct store *store, const struct gathered *gathered, struct agreement *agreement, struct err *err);
