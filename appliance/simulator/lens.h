/* The microscope and camera of one slide: how optical path becomes grey.
 *
 *   Hoffman modulation   grey = light * (1 - gain * slope along the direction - loss at steep edges)
 *   brightfield          grey = light * (1 - loss at steep edges + fringe * curvature * defocus)
 *
 * Both add the fringe of the transport-of-intensity equation, which changes sign through focus. */
#pragma once

#include "base/image.h"
#include "simulator/layers.h"
#include "simulator/random.h"

#include <stdint.h>

enum lens_kind { LENS_HOFFMAN, LENS_BRIGHTFIELD };

struct lens {
	enum lens_kind kind;
	float scale;           /* pixels per micrometre at this frame size */
	float direction_x, direction_y; /* unit: towards the dark side of a bump's slope */
	float light;           /* grey level of clear medium, 0..255 */
	float gain;            /* relief */
	float loss;            /* dark lines at edges */
	float fringe;
	float edge;            /* the line along every contour, in focus */
	float granule;         /* light lost per height of grain */
	float absorb;          /* light lost per pixel of cytoplasm */
	float sharp_px;        /* blur in focus */
	float defocus_px;      /* further blur per micrometre out of focus */
	float noise;           /* of the sensor, grey levels */
	float ring_um;         /* the well's rim in focus; it widens with the distance from the floor */
	float ring_spread;     /* how much of that widening this instrument shows */
	float ring_light;      /* at its brightest, against clear medium */
	float outside, outside_slope;   /* light outside the well, and its change along the direction */
	float grooves;         /* turning marks outside */
	float well_um;         /* radius */
};

/* One maker's look with the spread between slides. */
void lens_draw(struct lens *lens, struct random *random, enum lens_kind kind, int side);

/* Room for one thread's imaging. */
struct exposure;
struct exposure *exposure_new(int side_max);
void exposure_free(struct exposure *exposure);
OWN_DEFINE(struct exposure *, exposure_free)

/* Works out what the layers do to light; once for all planes of a moment. */
void exposure_prepare(struct exposure *exposure, const struct lens *lens, const struct layers *layers);
/* side * side factors of light, 1 where nothing is, for one focal plane. Valid until the next call. */
const float *exposure_plane(struct exposure *exposure, const struct lens *lens, float focal_um);
