/* Landing: from a format's pictures to frames in the store, in batches.
 *
 * A batch is one transaction: dish, embryo and frames appear together or not at all. It holds pictures of one well,
 * whole runs where possible, at most LIMIT_FRAMES_PER_COMMIT of them and about BATCH_BYTES.
 *
 * Before the first batch of a well that has pictures already, pictures in common must be the same: at least one is
 * equal, or the well is refused. Under a maker's slide code nothing in common is fine (the export goes on where the
 * last one ended); a folder's name alone does not prove that much.
 *
 * A slide's name may have been used twice. So a well that the store does not know, of a slide that it knows, waits until
 * all wells of the export that it knows have proven to be the same embryos: the source is gone over once more for it. */
#pragma once

#include "intake/format.h"
#include "intake/import.h"

struct landing;

/* Counts go to report, sentences to notes; both outlive the landing. */
bool landing_start(struct store *store, const char *format_name, struct import_report *report, struct notes *notes,
    struct landing **ret_landing, struct err *err);
/* In order of slide, well, run, plane. Copies the picture. *ret_landed: a batch has been committed by this call. */
bool landing_add(struct landing *landing, const struct format_frame *frame, bool *ret_landed, struct err *err);
/* The last batch. *ret_again: wells have waited and are to be taken; give all pictures of the source once more. */
bool landing_finish(struct landing *landing, bool *ret_again, struct err *err);
/* After landing_finish: an annotation for a well that has landed; others, and the ones already there, are passed
 * over. Fits struct format's callback. */
bool landing_annotate(const struct format_annotation *annotation, void *landing, struct err *err);
void landing_free(struct landing *landing);
OWN_DEFINE(struct landing *, landing_free)
