#include "simulator/slide.h"

#include "base/file.h"
#include "simulator/overlay.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

/* Runs rendered between two visits of the writer. */
enum { BLOCK_RUNS = 16 };

struct shot {
	size_t at, size; /* in the well's bytes */
};

/* One well and what the current block has made of it. */
struct reel {
	struct film *film;
	struct buf bytes;
	struct shot shots[BLOCK_RUNS][FILM_PLANES_MAX];
	struct film_truth truths[BLOCK_RUNS];
	json_t *frames, *events;
	enum stage last; /* latest event told */
	struct err err;
	bool ok;
};

struct slide {
	const struct simulate_options *options;
	struct lens lens;
	float noise[LAYERS_NOISE * LAYERS_NOISE];
	float sensor[LAYERS_NOISE * LAYERS_NOISE];
	struct reel reels[LIMIT_WELLS];
	int first, count;    /* runs of the block */
	atomic_int next;     /* well to take */
};

static int64_t run_time(const struct simulate_options *options, int well, int run)
{
	/* The stage visits one well after the other. */
	return options->start_s + (int64_t)(run - 1) * options->interval_s + well * 6;
}

static void slide_free(struct slide *slide)
{
	for (int i = 0; i < LIMIT_WELLS; i++) {
		film_free(slide->reels[i].film);
		buf_done(&slide->reels[i].bytes);
		json_decref(slide->reels[i].frames);
		json_decref(slide->reels[i].events);
	}
	free(slide);
}
OWN_DEFINE(struct slide *, slide_free)

static struct film_plan plan_of(const struct slide *slide, int well, struct random *random)
{
	const struct simulate_options *options = slide->options;
	double start = options->start_s / 3600.0;
	double end = start + (double)options->runs * options->interval_s / 3600;
	struct film_plan plan = {.seed = random_u64(random), .lens = &slide->lens, .noise = slide->noise,
	    .sensor = slide->sensor, .side = options->side, .planes = options->planes, .method = options->method,
	    .empty = well > options->wells - options->empty_wells, .gone_h = FATE_NEVER, .moved_h = FATE_NEVER,
	    .dark_from_h = FATE_NEVER, .dark_to_h = FATE_NEVER, .style = figure_style_plain()};
	if (random_chance(random, 0.2))
		plan.moved_h = random_between(random, start + 10, end);
	if (well == options->gone_well)
		plan.gone_h = start + 0.75 * (end - start);
	if (options->dark && well == 1) {
		plan.dark_from_h = start + 0.4 * (end - start);
		plan.dark_to_h = plan.dark_from_h + 9;
	}
	return plan;
}

static struct slide *slide_new(const struct simulate_options *options)
{
	OWN(slide_free) struct slide *slide = calloc(1, sizeof *slide);
	if (!slide)
		return NULL;
	slide->options = options;
	struct random random;
	random_start(&random, options->seed, 0);
	lens_draw(&slide->lens, &random, options->lens, options->side);
	if (!grain_make(slide->noise, options->seed, (float)options->side / 500) ||
	    !noise_make(slide->sensor, options->seed + 1, 0.45f))
		return NULL;
	for (int i = 0; i < options->wells; i++) {
		struct reel *reel = &slide->reels[i];
		struct film_plan plan = plan_of(slide, i + 1, &random);
		reel->film = film_new(&plan);
		reel->bytes = (struct buf)BUF_INIT(BLOCK_RUNS * FILM_PLANES_MAX * (size_t)(2 << 20));
		reel->frames = json_array();
		reel->events = json_object();
		if (!reel->film || !reel->frames || !reel->events)
			return NULL;
	}
	return TAKE(slide);
}

static bool render_run(struct slide *slide, int well, int run, struct studio *studio, struct image *image)
{
	const struct simulate_options *options = slide->options;
	struct reel *reel = &slide->reels[well - 1];
	int at = run - slide->first;
	double hour = (double)run_time(options, well, run) / 3600;
	film_go(reel->film, studio, run, hour, &reel->truths[at]);
	for (int plane = 0; plane < options->planes; plane++) {
		film_shoot(reel->film, studio, plane, image);
		if (options->overlay)
			overlay_draw(image, well, hour);
		size_t before = reel->bytes.size;
		if (!image_encode_jpeg(image, options->quality, &reel->bytes, &reel->err))
			return false;
		reel->shots[at][plane] = (struct shot){before, reel->bytes.size - before};
	}
	return true;
}

static void *render_wells(void *context)
{
	struct slide *slide = context;
	int side = slide->options->side;
	OWN(studio_free) struct studio *studio = studio_new(side, slide->noise);
	OWN(image_free) struct image *image = image_new(side, side);
	for (;;) {
		int well = atomic_fetch_add(&slide->next, 1) + 1;
		if (well > slide->options->wells)
			return NULL;
		struct reel *reel = &slide->reels[well - 1];
		buf_clear(&reel->bytes);
		reel->ok = studio && image;
		if (!reel->ok)
			err_set(&reel->err, ERR_NO_MEMORY, "rendering well %d", well);
		for (int i = 0; i < slide->count && reel->ok; i++)
			reel->ok = render_run(slide, well, slide->first + i, studio, image);
	}
}

static bool render_block(struct slide *slide, struct err *err)
{
	pthread_t threads[16];
	int started = 0;
	atomic_store(&slide->next, 0);
	while (started < slide->options->threads - 1 &&
	    pthread_create(&threads[started], NULL, render_wells, slide) == 0)
		started++;
	render_wells(slide);
	for (int i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < slide->options->wells; i++)
		if (!slide->reels[i].ok) {
			*err = slide->reels[i].err;
			return false;
		}
	return true;
}

static double rounded(double value)
{
	return floor(value * 1000 + 0.5) / 1000;
}

/* true, false, or null where the picture does not put the question. */
static json_t *answer(int told)
{
	return told == FILM_NOT_ASKED ? json_null() : json_boolean(told);
}

static void tell(struct slide *slide, int well, int run)
{
	struct reel *reel = &slide->reels[well - 1];
	const struct film_truth *truth = &reel->truths[run - slide->first];
	int64_t time_s = run_time(slide->options, well, run);
	json_array_append_new(reel->frames, json_pack("{si sI ss si sf sf sf sf sf sf sf sf so so sb}", "run", run,
	    "time_s", (json_int_t)time_s, "stage", stage_name(truth->stage), "cells", truth->cells, "x",
	    rounded(truth->x), "y", rounded(truth->y), "radius", rounded(truth->radius), "well_x",
	    rounded(truth->well_x), "well_y", rounded(truth->well_y), "well_radius", rounded(truth->well_radius),
	    "cavity", rounded(truth->cavity), "fragmentation", rounded(truth->fragmentation), "uneven",
	    answer(truth->uneven), "multinucleated", answer(truth->multinucleated), "dark", (int)truth->dark));
	/* An event is the first frame that shows it; one already under way at the first run has no time. */
	if (truth->stage > reel->last) {
		if (run > 1)
			json_object_set_new(reel->events, stage_name(truth->stage),
			    json_pack("{si sI}", "run", run, "time_s", (json_int_t)time_s));
		reel->last = truth->stage;
	}
}

static bool hand_over(struct slide *slide, const struct slide_sink *sink, struct err *err)
{
	const struct simulate_options *options = slide->options;
	for (int well = 1; well <= options->wells; well++) {
		struct reel *reel = &slide->reels[well - 1];
		for (int i = 0; i < slide->count; i++) {
			int run = slide->first + i;
			for (int plane = 0; plane < options->planes; plane++) {
				const struct shot *shot = &reel->shots[i][plane];
				struct slide_picture picture = {.well = well, .run = run,
				    .focal_um = film_focal_um(reel->film, plane),
				    .time_s = run_time(options, well, run), .data = reel->bytes.data + shot->at,
				    .size = shot->size};
				if (!sink->picture(sink->context, &picture, err))
					return false;
			}
			tell(slide, well, run);
		}
	}
	return true;
}

static json_t *truth_of(const struct slide *slide)
{
	const struct simulate_options *options = slide->options;
	json_t *wells = json_array();
	for (int i = 0; i < options->wells; i++) {
		const struct reel *reel = &slide->reels[i];
		json_array_append_new(wells, json_pack("{si sb sO sO}", "well", i + 1, "empty",
		    i + 1 > options->wells - options->empty_wells, "events", reel->events, "frames", reel->frames));
	}
	return json_pack("{ss sI ss si so}", "slide", options->slide, "seed", (json_int_t)options->seed, "method",
	    insemination_name(options->method), "side", options->side, "wells", wells);
}

bool slide_render(const struct simulate_options *options, const struct slide_sink *sink,
    simulate_progress *progress, void *context, json_t **ret_truth, struct err *err)
{
	OWN(slide_free) struct slide *slide = slide_new(options);
	if (!slide)
		return err_set(err, ERR_NO_MEMORY, "setting up a slide");
	int64_t per_run = (int64_t)options->wells * options->planes, total = per_run * options->runs;
	for (int first = 1; first <= options->runs; first += BLOCK_RUNS) {
		slide->first = first;
		slide->count = options->runs - first + 1 < BLOCK_RUNS ? options->runs - first + 1 : BLOCK_RUNS;
		if (!render_block(slide, err) || !hand_over(slide, sink, err))
			return false;
		if (progress)
			progress(per_run * (first + slide->count - 1), total, context);
	}
	json_t *truth = truth_of(slide);
	if (!truth)
		return err_set(err, ERR_NO_MEMORY, "telling the truth about a slide");
	*ret_truth = truth;
	return true;
}

bool slide_write_truth(const char *path, const json_t *truth, struct err *err)
{
	char name[LIMIT_PATH];
	if (snprintf(name, sizeof name, "%s.truth.json", path) >= (int)sizeof name)
		return err_set(err, ERR_BAD_INPUT, "the path is too long");
	OWN(free) char *text = json_dumps(truth, JSON_COMPACT | JSON_REAL_PRECISION(9));
	if (!text)
		return err_set(err, ERR_NO_MEMORY, "writing %s", name);
	return file_write(name, text, strlen(text), 0644, err);
}
