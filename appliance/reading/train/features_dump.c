/* Cuts in, features out: the bridge from the fitting script to the reader's own code, so that
 * nothing is computed in two ways. stdin: one plane of 128 x 128 bytes a cut; stdout:
 * FEATURE_COUNT 32-bit integers a cut. */
#include "reading/features.h"

#include <stdio.h>

int main(void)
{
	static uint8_t pixels[CUT_PIXELS];
	static struct scales scales;
	struct contour contour;
	struct features features;
	while (fread(pixels, sizeof pixels, 1, stdin) == 1) {
		scales_make(pixels, &scales);
		contour_find(&scales, &contour);
		features_make(&scales, &contour, &features);
		fwrite(&features, sizeof features, 1, stdout);
	}
	return 0;
}
