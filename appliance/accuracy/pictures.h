/* From pictures to readings: time points go through the sandboxed reader in batches, their readings land
 * in the points of a data set's samples. */
#pragma once

#include "accuracy/dataset.h"
#include "reading/reader.h"

struct pictures;

bool pictures_new(
    struct reader *reader, struct dataset *dataset, struct pictures **ret_pictures, struct err *err);
void pictures_free(struct pictures *pictures);
OWN_DEFINE(struct pictures *, pictures_free)

/* A new time point for this point of this sample; its planes follow. Points of one film come in order. */
bool pictures_point(struct pictures *pictures, size_t sample, size_t point, struct err *err);
/* One more plane of it, copied. A plane beyond LIMIT_PLANES or LIMIT_FRAME_BYTES is left out. */
bool pictures_plane(
    struct pictures *pictures, int focal_um, const uint8_t *data, size_t size, struct err *err);
/* Reads what is still waiting. A time point whose pictures cannot be read stays unread: that is no error. */
bool pictures_finish(struct pictures *pictures, struct err *err);
