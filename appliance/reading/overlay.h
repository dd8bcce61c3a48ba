/* Burned-in labels: well numbers, clocks, names. Exporters draw them into the pixels, as black
 * letters on a white box or white letters on the picture.
 *
 * Letters are sharper than any lens: within a few pixels they jump from black to white and back.
 * Jumps that lie together are a label; it is painted over with what surrounds it, box and all.
 */
#pragma once

#include "base/image.h"

/* Returns how many labels there were. */
int overlay_erase(struct image *image);
