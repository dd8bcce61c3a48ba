/* Cuts to set activation ranges by: from a file, or rendered embryos through the product's own cutting. */
#pragma once

#include "base/err.h"
#include "base/own.h"

#include <stddef.h>
#include <stdint.h>

enum { SAMPLES_MAX = 384 };

struct samples {
	int planes;
	size_t count;
	uint8_t *pixels; /* [count][planes][CUT_SIDE][CUT_SIDE] */
};
void samples_done(struct samples *samples);
static inline void samples_done_owned(struct samples *samples)
{
	samples_done(samples);
}
/* Of planes x CUT_SIDE x CUT_SIDE bytes. */
const uint8_t *samples_at(const struct samples *samples, size_t number);

/* A file of nothing but cuts, each of so many planes. Of more than SAMPLES_MAX, evenly spaced ones are
 * taken. */
bool samples_load(const char *path, int planes, struct samples *ret_samples, struct err *err);
/* So many moments of every stage, young and old, in both kinds of optics. Always the same ones. */
bool samples_render(int planes, int moments, struct samples *ret_samples, struct err *err);
