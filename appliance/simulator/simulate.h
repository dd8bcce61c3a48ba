/* Daybreak's own time-lapse: human embryos drawn so that they look like an incubator's export, with the exact
 * truth beside them. Feeds the first trial of a new box, the tests and the training of readers.
 *
 *   random, curve     chance and curves, equal on every machine
 *   fate -> life      what will happen, and it happening: bodies in a zona
 *   solid, layers     shapes to optical path in layers of depth
 *   figure            the embryo of a moment as solids
 *   lens, well        light through it, and the well around it
 *   wild              lenses and cameras of makers nobody has met, to train readers on
 *   film              one well, run after run, with the truth
 *   slide             all wells of a slide, in threads, to a writer
 *   pdb, folder       the writers
 *
 * The same options give the same bytes, whatever the number of threads. */
#pragma once

#include "base/err.h"
#include "base/image.h"
#include "model/clinic.h"
#include "model/stage.h"
#include "simulator/film.h"

#include <stdint.h>

struct simulate_options {
	uint64_t seed;
	int wells;            /* 1..LIMIT_WELLS */
	int runs;             /* 1..LIMIT_RUNS */
	int planes;           /* odd, 1..11 */
	int side;             /* pixels: 500 EmbryoScope, 800 EmbryoScope+; 128..1200 */
	int interval_s;       /* between runs */
	int start_s;          /* of run 1 after insemination */
	int empty_wells;      /* the last ones hold nothing */
	int gone_well;        /* this well's embryo is taken out at three quarters of the runs; 0 none */
	bool dark;            /* the lamp fails for some hours in well 1 */
	bool overlay;         /* burned-in well number and hour */
	enum insemination method;
	enum lens_kind lens;
	int quality;          /* of the JPEGs, 1..100 */
	int threads;          /* 1..16 */
	char slide[64];       /* "D2026.11.16_S00001_I0001_D" */
};

/* A 12-well EmbryoScope slide of five days. */
struct simulate_options simulate_defaults(void);
/* ERR_BAD_INPUT with a sentence about the first option that is out of range. */
bool simulate_check(const struct simulate_options *options, struct err *err);

typedef void simulate_progress(int64_t done, int64_t total, void *context);

/* Writes an EmbryoScope-layout .pdb, which must not exist, and <path>.truth.json. progress may be NULL. */
bool simulate_pdb(const char *path, const struct simulate_options *options, simulate_progress *progress,
    void *context, struct err *err);
/* Writes folders in the Nantes layout: <path>/F-45/<code>/..., <code>_timeElapsed.csv, and
 * <path>.truth.json. */
bool simulate_folder(const char *path, const struct simulate_options *options, simulate_progress *progress,
    void *context, struct err *err);
/* Slides of a clinic's morning, one .pdb a patient, ages and cohorts as they come, into a folder. */
bool simulate_morning(const char *folder, int patients, const struct simulate_options *options,
    simulate_progress *progress, void *context, struct err *err);

/* One picture. */
struct simulate_scene {
	uint64_t seed;
	enum stage stage;     /* STAGE_EMPTY: an empty well */
	double share;         /* 0..1 from the stage's first moment to its last */
	int focal_um;         /* -75..75 in steps of 15 */
	int side;
	enum lens_kind lens;
};
bool simulate_frame(const struct simulate_scene *scene, struct image **ret_image,
    struct film_truth *ret_truth, struct err *err);
