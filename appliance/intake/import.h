/* Intake: what an incubator exported becomes frames in the store.
 *
 * One road for every source: unpack (archive.h) -> find the sources inside -> open by the first format that knows
 * them (format.h) -> check the whole export -> stream frames in batches into the store -> annotations, notes, counts.
 *
 * An export is taken or it is quarantined. What cannot be proven to belong to a slide and a well, or what is hostile,
 * incomplete or no export at all is quarantined before its first frame lands: one sentence says why, and the store
 * holds nothing of it but the row of the import. Single damaged frames inside a sound export are stepped over and
 * reported. Importing an export again, or a longer version of it, adds only what is new. Where another picture holds
 * a place already, the first one stays; a well whose pictures all differ from the stored ones is left out whole.
 */
#pragma once

#include "base/json.h"
#include "store/imports.h"

#include <stdint.h>

struct import_report {
	int64_t import_id;
	int wells;               /* with at least one usable picture */
	int64_t frames_total;    /* places for a picture in the export, known before the first frame lands */
	int64_t frames_seen;     /* so far; the sum of the four below */
	int64_t frames_added;
	int64_t frames_known;    /* the same picture in the same place again */
	int64_t frames_conflict; /* another picture in a place that is taken: kept out */
	int64_t frames_damaged;  /* missing, cut off or not a picture: kept out */
	bool quarantined;
	char sentence[IMPORT_SENTENCE_MAX]; /* why, or what was taken */
	json_t *notes;           /* array of sentences, NOTES_MAX at most */
};

/* Frees the notes. */
void import_report_done(struct import_report *report);
static inline void import_report_done_owned(struct import_report *report)
{
	import_report_done(report);
}

struct import_request {
	const char *path;  /* a .pdb, a folder of images, or a zip or tar of either */
	const char *name;  /* the name it came under, which carries the slide code (an upload's path does not);
	                    * NULL: the last part of path */
	int64_t import_id; /* of imports_begin, for a caller that must know it before; 0: import_run begins one */
	/* May be NULL. After each batch, with notes == NULL. */
	void (*progress)(const struct import_report *report, void *context);
	/* May be NULL. Asked before each picture; true: the box is to stop, the import ends here. */
	bool (*stop)(void *context);
	void *context;
};

/* True with ret->quarantined for bad input; false only for failures of the box (disk, memory, database), after which
 * the same import may be run again. Done or quarantined, the import's row says so; after a failure it says
 * quarantined, with the failure. An import that was stopped fails with ERR_BUSY: what it acknowledged is kept, and its
 * row goes on saying running, so that imports_recover tells at the next start. The caller frees with
 * import_report_done. */
bool import_run(struct store *store, const struct import_request *request, struct import_report *ret_report,
    struct err *err);

/* Whether this very file or folder (same name, sizes and times of change) has been taken or quarantined already, so
 * that a restart does not do it again. name as in the request. */
bool import_known(struct store *store, const char *path, const char *name, bool *ret_known, struct err *err);
