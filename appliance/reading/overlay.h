/* Burned-in labels: well numbers, clocks, names. Exporters draw them into the pixels, as black letters on a white
 * box or white letters on the picture.
 *
 * Letters are sharper than any lens: within a few pixels they jump from black to white and back. Jumps that lie
 * together are a label; it is painted over with what surrounds it, box and all.
 */
#pragma once

#include "base/image.h"

/* Pixels left <= x < right, top <= y < bottom. May reach beyond the frame. */
struct area {
	int left, top, right, bottom;
};

/* Erases every label that reaches into the area. Returns how many there were. */
int overlay_erase(struct image *image, struct area area);
