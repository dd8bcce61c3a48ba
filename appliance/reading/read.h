/* Reading: what one cut says, without any neighbour, time or identity. A pure function in integers
 * only, so that the same cut gives the same bits on every machine and a batch may be split, retried
 * or raced without a difference.
 *
 *   cut ──▶ sharpest plane ──▶ scales.h ──▶ contour.h ──▶ outline, area, sharpness, texture
 *    └────▶ all planes ──▶ network.h ──▶ calibrate.h ──▶ stage, cells, fragmentation ..., and how sure
 *
 * The measured quantities need no learning; all else is the network's, which comes from a model package. */
#pragma once

#include "base/crypto.h"
#include "model/reading.h"
#include "reading/network.h"

/* Two readers with one digest give the same bits: SHA-256 of the network file's digest and of the version
 * of the code around it. */
void read_digest(const uint8_t network_digest[CRYPTO_DIGEST_SIZE], uint8_t ret_digest[CRYPTO_DIGEST_SIZE]);

/* scratch: network_scratch_size bytes, one for each thread. Allocates nothing; about 350 kB of stack. */
void read_cut(
    const struct network *network, void *scratch, const struct cut *cut, struct reading *ret_reading);
/* The reading of a well in which nothing was found to cut. confidence: of that, permille. */
void read_empty(uint16_t confidence, struct reading *ret_reading);

/* How much changed between two neighbouring cuts of one embryo, permille of what could: 0 the
 * same picture. Small shifts of the well and changes of the light are taken out first. At home
 * only: it needs the order of the frames. */
uint16_t read_motion(const struct cut *before, const struct cut *after);
