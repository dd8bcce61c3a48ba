/* Frames: the pictures as they came, sealed, each once. frames_add returning true is the acknowledgement: a
 * power cut a moment later loses none of them. */
#pragma once

#include "base/buf.h"
#include "model/clinic.h"
#include "store/store.h"

struct frame_new {
	int64_t embryo_id;
	int run; /* >= 0 */
	int focal_um;
	int64_t clock_s; /* TIME_UNKNOWN */
	int width, height;
	const uint8_t *data; /* still encoded; 1..LIMIT_FRAME_BYTES */
	size_t size;
};

enum frame_outcome {
	FRAME_ADDED,
	FRAME_KNOWN, /* this picture is there already */
	FRAME_CONFLICT, /* another picture has this embryo, run and plane: the first one stays */
};

/* All or nothing, durable on return; one dish per call; count 1..LIMIT_FRAMES_PER_COMMIT. outcomes[count]
 * is written on success. Queues or renews the read job of each embryo that gained a frame, in the same
 * transaction. Give all planes of a run in one call where possible: a run that gains a plane after it was
 * read is read again. */
bool frames_add(struct store *store, int64_t dish_id, const struct frame_new *frames, size_t count,
    enum frame_outcome *outcomes, struct err *err);

/* In order of run, then focal plane, from from_run on. */
bool frames_each(struct store *store, int64_t embryo_id, int from_run,
    bool (*each)(const struct frame *frame, void *context), void *context, struct err *err);

/* A strong HTTP entity tag with its quotes. */
enum { FRAME_ETAG_SIZE = 35 };

struct frame_found {
	bool found; /* false: nothing else is meant */
	struct frame frame;
	char etag[FRAME_ETAG_SIZE];
};
/* One picture's place and tag, without opening its seal. Nothing found is not an error. */
bool frames_find(struct store *store, int64_t embryo_id, int run, int focal_um,
    struct frame_found *ret_found, struct err *err);
/* The picture to show an embryo by: of the last run in which one was seen, else of the last run; the sharpest plane once
 * cut, else the one nearest the centre. */
bool frames_latest(struct store *store, int64_t embryo_id, struct frame_found *ret_found, struct err *err);
/* Appends the picture to `to`. ret_etag may be NULL. ERR_CRYPTO or ERR_DAMAGED when the disk gives back
 * anything else than what was acknowledged. */
bool frames_read(struct store *store, int64_t embryo_id, int run, int focal_um, struct buf *to,
    char ret_etag[FRAME_ETAG_SIZE], struct err *err);

/* The first runs, at most max, that wait to be cut. */
bool frames_runs_unread(struct store *store, int64_t embryo_id, int *ret_runs, size_t max,
    size_t *ret_count, struct err *err);
