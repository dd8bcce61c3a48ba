/* Reading: what one cut says, without any neighbour, time or identity. A pure function in integers
 * only, so that the same cut gives the same bits on every machine and a batch may be split, retried
 * or raced without a difference.
 *
 * The measured quantities need no learning: outline, area, sharpness, texture. The stage comes
 * from features.h (a few hundred handmade numbers) and stage_estimate.h (a small fitted table).
 * The learned network will take the place of those two and nothing else. */
#pragma once

#include "base/crypto.h"
#include "model/reading.h"

/* Names the reader that made a reading, "first-1"; goes up whenever a reading may change. */
extern const char read_version[];
/* SHA-256 of the version and of every coefficient: two readers with one digest give the same bits. */
void read_digest(uint8_t ret_digest[CRYPTO_DIGEST_SIZE]);

void read_cut(const struct cut *cut, struct reading *ret_reading);
/* The reading of a well in which nothing was found to cut. confidence: of that, permille. */
void read_empty(uint16_t confidence, struct reading *ret_reading);

/* How much changed between two neighbouring cuts of one embryo, permille of what could: 0 the
 * same picture. Small shifts of the well and changes of the light are taken out first. At home
 * only: it needs the order of the frames. */
uint16_t read_motion(const struct cut *before, const struct cut *after);
