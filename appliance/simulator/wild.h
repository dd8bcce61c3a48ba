/* Instruments nobody has seen yet: optics, cameras and dishes drawn far wider than any one maker's spread,
 * so that a network trained on the pictures learns the embryo and not the microscope. What the product's
 * own exports look like is lens_draw()'s business. */
#pragma once

#include "simulator/figure.h"
#include "simulator/lens.h"

struct wild_bubble {
	float x, y, radius; /* shares of the side */
	float dark, soft;
};

enum { WILD_BUBBLES_MAX = 6 };

struct wild {
	struct lens lens;
	struct figure_style style;
	float off_x, off_y;        /* of the well, shares of the side */
	float focus_um;
	float grain;               /* which noise tile suits: 0 finest .. 1 coarsest */
	/* The camera */
	float slope_x, slope_y;    /* change of light from the middle to the edge, shares */
	float vignette;
	float gamma, contrast, lift;
	float blur_px;
	float seam, seam_px;       /* bright and dark seams along everything: coherent light, or sharpening */
	int quality;               /* of the JPEG */
	int bubbles_count;
	struct wild_bubble bubbles[WILD_BUBBLES_MAX];
};

void wild_draw(struct wild *wild, struct random *random, int side);
/* What the camera makes of a picture. room: 3 * side * side floats and a row. */
void wild_expose(const struct wild *wild, struct image *image, float *room);
