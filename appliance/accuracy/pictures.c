#include "accuracy/pictures.h"

#include <string.h>

enum {
	BATCH_POINTS = 32,
	BATCH_BYTES = 12 << 20, /* starts a batch early; one time point may go beyond */
	BYTES_MAX = BATCH_BYTES + LIMIT_PLANES * LIMIT_FRAME_BYTES,
};

struct waiting {
	size_t sample, point;
	struct cut_plane planes[LIMIT_PLANES];
	size_t offset[LIMIT_PLANES]; /* of each plane's bytes: the buffer moves as it grows */
	size_t planes_count;
};

struct pictures {
	struct reader *reader;
	struct dataset *dataset;
	struct waiting waiting[BATCH_POINTS];
	struct reader_item items[BATCH_POINTS];
	struct reader_answer answers[BATCH_POINTS];
	size_t count;
	struct buf bytes;
	struct cut before; /* the last cut of the sample below, for the motion of the next */
	size_t before_sample;
	bool has_before;
};

bool pictures_new(
    struct reader *reader, struct dataset *dataset, struct pictures **ret_pictures, struct err *err)
{
	struct pictures *pictures = calloc(1, sizeof *pictures);
	if (!pictures)
		return err_set(err, ERR_NO_MEMORY, "reading pictures");
	pictures->reader = reader;
	pictures->dataset = dataset;
	pictures->bytes.max = BYTES_MAX;
	*ret_pictures = pictures;
	return true;
}

void pictures_free(struct pictures *pictures)
{
	buf_done(&pictures->bytes);
	free(pictures);
}

/* A picture that kills the reader takes the batch with it, so the batch is asked again one by one. */
static bool ask(struct pictures *pictures)
{
	struct err err;
	bool whole = true;
	for (size_t i = 0; i < pictures->count; i++) {
		struct waiting *waiting = &pictures->waiting[i];
		for (size_t k = 0; k < waiting->planes_count; k++)
			waiting->planes[k].data = pictures->bytes.data + waiting->offset[k];
		pictures->items[i] = (struct reader_item){waiting->planes, waiting->planes_count};
		whole = whole && waiting->planes_count > 0;
	}
	if (whole && reader_cut(pictures->reader, pictures->items, pictures->count, pictures->answers, &err))
		return true;
	bool any = false;
	for (size_t i = 0; i < pictures->count; i++) {
		struct reader_answer *answer = &pictures->answers[i];
		answer->ok = false;
		if (pictures->items[i].planes_count == 0 ||
		    !reader_cut(pictures->reader, &pictures->items[i], 1, answer, &err))
			answer->ok = false;
		any =
		    any || answer->ok || pictures->items[i].planes_count == 0 || err.code != ERR_UNAVAILABLE;
	}
	return any;
}

static void keep(struct pictures *pictures, size_t i)
{
	const struct reader_answer *answer = &pictures->answers[i];
	const struct waiting *waiting = &pictures->waiting[i];
	struct sample *sample = &pictures->dataset->samples[waiting->sample];
	struct track_point *point = &sample->track.points[waiting->point];
	point->read = answer->ok;
	if (!answer->ok)
		return;
	point->reading = answer->reading;
	if (!answer->cut.made)
		return;
	point->radius_permille = answer->cut.cut.radius_permille;
	bool follows = pictures->has_before && pictures->before_sample == waiting->sample;
	point->motion = follows && sample->film ? read_motion(&pictures->before, &answer->cut.cut) : 0;
	pictures->before = answer->cut.cut;
	pictures->before_sample = waiting->sample;
	pictures->has_before = true;
}

bool pictures_finish(struct pictures *pictures, struct err *err)
{
	if (pictures->count == 0)
		return true;
	if (!ask(pictures))
		return err_set(err, ERR_UNAVAILABLE, "the reader does not answer");
	for (size_t i = 0; i < pictures->count; i++)
		keep(pictures, i);
	pictures->count = 0;
	buf_clear(&pictures->bytes);
	return true;
}

bool pictures_point(struct pictures *pictures, size_t sample, size_t point, struct err *err)
{
	bool full = pictures->count == BATCH_POINTS || pictures->bytes.size >= BATCH_BYTES;
	if (full && !pictures_finish(pictures, err))
		return false;
	struct waiting *waiting = &pictures->waiting[pictures->count++];
	waiting->sample = sample;
	waiting->point = point;
	waiting->planes_count = 0;
	return true;
}

bool pictures_plane(
    struct pictures *pictures, int focal_um, const uint8_t *data, size_t size, struct err *err)
{
	struct waiting *waiting = &pictures->waiting[pictures->count - 1];
	if (waiting->planes_count == LIMIT_PLANES || size > LIMIT_FRAME_BYTES || size == 0)
		return true;
	size_t k = waiting->planes_count++;
	waiting->planes[k] = (struct cut_plane){.focal_um = focal_um, .size = size};
	waiting->offset[k] = pictures->bytes.size;
	buf_add(&pictures->bytes, data, size);
	return buf_ok(&pictures->bytes, err);
}
