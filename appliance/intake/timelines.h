/* Tables of annotated embryos, as they are published or exported: from files to timelines. The first line says which
 * kind a file is.
 *
 *   event times   a line per embryo: its name in the first column, columns like "t2_h" with decimal hours, empty where
 *                 an event was not seen. A gap between two events that were seen is a skipped stage.
 *   run lengths   machine, slide, well, labeler, class, first_min, last_min, n_images: what a labeler called a well from
 *                 one minute to another. The labeler with the most images is taken. A stage's begin counts only where
 *                 the record names an earlier stage right before it; "6-7 Cell", "Compacting" and other words for more
 *                 than one stage say only what came before them. Cells that fuse back do not turn time back.
 */
#pragma once

#include "base/err.h"
#include "base/own.h"
#include "model/timeline.h"

#include <stddef.h>

struct timelines {
	size_t count, capacity;
	struct timeline *of;
};

/* Adds what the table holds. Wells that are named (M0831_S00470_W5) in the text `without` are left out; it may be NULL.
 * ERR_UNSUPPORTED for a table of no known kind. */
bool timelines_parse(const char *text, size_t size, const char *without, struct timelines *timelines, struct err *err);
bool timelines_read(const char *path, const char *without, struct timelines *timelines, struct err *err);
/* Nothing known yet. False without memory. */
bool timelines_add(struct timelines *timelines, const char *embryo, struct timeline **ret_timeline, struct err *err);
void timelines_done(struct timelines *timelines);
static inline void timelines_done_owned(struct timelines *timelines)
{
	timelines_done(timelines);
}
