/* One well in front of the camera, run after run: the life inside, where stage and embryo lie,
 * brightness, bad stretches, and the exact truth about every picture. */
#pragma once

#include "base/image.h"
#include "simulator/figure.h"
#include "simulator/lens.h"
#include "simulator/life.h"
#include "simulator/well.h"

enum { FILM_PLANES_MAX = 11, FILM_NOT_ASKED = 255 };

struct film_plan {
	uint64_t seed;
	const struct lens *lens;
	const float *noise;     /* grain tile, outlives the film */
	const float *sensor;    /* noise tile of the camera */
	int side;
	int planes;             /* odd, 1..FILM_PLANES_MAX, 15 um apart around 0 */
	enum insemination method;
	enum stage reach;       /* the life is chosen to get there; STAGE_EMPTY: as it comes */
	bool empty;             /* no embryo from the start */
	double gone_h;          /* the well is empty from then on; FATE_NEVER */
	double moved_h;         /* the stage is set anew then; FATE_NEVER */
	double dark_from_h, dark_to_h; /* lamp all but off */
	bool trouble;           /* more goes wrong than in a usual cohort */
	struct figure_style style; /* scale and seed are filled in by the film */
	float off_x, off_y;     /* of the well from the picture's middle, shares of the side */
	float focus_um;         /* how far the instrument's plane 0 lies from the embryo's middle */
};

/* What is in the picture. Lengths in pixels of the frame. */
struct film_truth {
	enum stage stage;       /* STAGE_EMPTY for an empty well */
	int cells;              /* 0 once they cannot be counted */
	float x, y, radius;     /* outer edge of the zona */
	float well_x, well_y, well_radius;
	float cavity;           /* share of the embryo's volume */
	float fragmentation;    /* share of the cytoplasm's volume */
	int uneven;             /* 1: blastomeres differ by more than a quarter in diameter; FILM_NOT_ASKED */
	int multinucleated;     /* 1: more than one nucleus is drawn in one blastomere; FILM_NOT_ASKED */
	float decay;            /* 0..1: arrested long ago */
	bool dark;
};

/* A thread's drawing room; films share it one after the other. */
struct studio;
struct studio *studio_new(int side, const float *noise);
void studio_free(struct studio *studio);
/* Another tile of grain, for the next films. */
void studio_set_noise(struct studio *studio, const float *noise);
OWN_DEFINE(struct studio *, studio_free)

struct film;
struct film *film_new(const struct film_plan *plan); /* NULL without memory */
void film_free(struct film *film);
OWN_DEFINE(struct film *, film_free)

/* Goes on to a later hour and prepares its pictures in the studio. */
void film_go(struct film *film, struct studio *studio, int run, double hour, struct film_truth *ret_truth);
/* One plane of the hour prepared last in this studio; image is side x side. */
void film_shoot(struct film *film, struct studio *studio, int plane, struct image *image);
int film_focal_um(const struct film *film, int plane);
const struct fate *film_fate(const struct film *film);
