/* The one shape everything is built of: a ball, or a ball flattened along one axis, cut by flat walls
 * where it meets its neighbours and by a surrounding ball. It is convex, so a ray of light crosses it
 * once; the length of that crossing is its optical path. */
#pragma once

#include "simulator/layers.h"

enum { SOLID_WALLS_MAX = 20 };

struct wall {
	float x, y, z;  /* unit normal; inside is where x*nx + y*ny + z*nz <= at */
	float at;
};

/* Micrometres from the canvas's centre, like life.h. */
struct solid {
	float x, y, z;
	float across, along;      /* semi-axes; equal for a ball */
	float axis[3];
	float hull;               /* radius of the ball that holds it; 0: none */
	float hull_x, hull_y, hull_z;
	struct wall walls[SOLID_WALLS_MAX];
	int walls_count;
	float density;            /* optical path per length, 1 is cytoplasm */
	float furrow;             /* how deep the path sinks where it meets a neighbour, 0..1 */
	float furrow_um;          /* how far from there: a thin line, or all of a cell a soft hump */
	float grain;              /* height of its granules */
	int grain_x, grain_y;     /* which part of the noise tile */
	float reach;              /* draw no farther from (x, y) than this; 0: across */
	float merged;             /* 0 in focus at its own depth .. 1 one with all others in the middle layer */
	float mid_x, mid_y, mid_z;/* for reach and depth where they are not the centre's */
};

void solid_draw(const struct solid *solid, struct layers *layers);
/* A shell: zona. Soft outer edge of `soft` micrometres. */
void shell_draw(struct layers *layers, float inner, float outer, float soft, float density, float grain);
