#include "simulator/simulate.h"

#include "base/file.h"
#include "simulator/curve.h"
#include "simulator/folder.h"
#include "simulator/pdb.h"

#include <stdio.h>
#include <string.h>

struct simulate_options simulate_defaults(void)
{
	return (struct simulate_options){.seed = 1, .wells = 12, .runs = 450, .planes = 7, .side = 500,
	    .interval_s = 960, .start_s = 5400, .empty_wells = 0, .gone_well = 0, .method = INSEMINATION_ICSI,
	    .lens = LENS_HOFFMAN, .quality = 85, .threads = 2, .slide = "D2026.11.16_S00001_I0001_D"};
}

static bool check_range(const char *what, int64_t value, int64_t low, int64_t high, struct err *err)
{
	if (value >= low && value <= high)
		return true;
	return err_set(err, ERR_BAD_INPUT, "%s must be %lld to %lld, not %lld", what, (long long)low,
	    (long long)high, (long long)value);
}

bool simulate_check(const struct simulate_options *options, struct err *err)
{
	if (!check_range("wells", options->wells, 1, LIMIT_WELLS, err) ||
	    !check_range("runs", options->runs, 1, LIMIT_RUNS, err) ||
	    !check_range("planes", options->planes, 1, FILM_PLANES_MAX, err) ||
	    !check_range("side", options->side, 128, 1200, err) ||
	    !check_range("interval", options->interval_s, 60, 86400, err) ||
	    !check_range("start", options->start_s, 0, 200 * 3600, err) ||
	    !check_range("empty wells", options->empty_wells, 0, options->wells, err) ||
	    !check_range("the well that empties", options->gone_well, 0, options->wells, err) ||
	    !check_range("quality", options->quality, 1, 100, err) ||
	    !check_range("threads", options->threads, 1, 16, err))
		return false;
	if (options->planes % 2 == 0)
		return err_set(err, ERR_BAD_INPUT, "planes must be an odd number");
	if (!options->slide[0] || strchr(options->slide, '/'))
		return err_set(err, ERR_BAD_INPUT, "the slide needs a name without a slash");
	return true;
}

bool simulate_pdb(const char *path, const struct simulate_options *options, simulate_progress *progress,
    void *context, struct err *err)
{
	OWN(json_decref) json_t *truth = NULL;
	return simulate_check(options, err) && pdb_write(path, options, progress, context, &truth, err) &&
	    slide_write_truth(path, truth, err);
}

bool simulate_folder(const char *path, const struct simulate_options *options, simulate_progress *progress,
    void *context, struct err *err)
{
	OWN(json_decref) json_t *truth = NULL;
	return simulate_check(options, err) && folder_write(path, options, progress, context, &truth, err) &&
	    slide_write_truth(path, truth, err);
}

/* Slides of one clinic: one patient each, day 3 or day 5 and what lies around them. */
static struct simulate_options morning_slide(const struct simulate_options *options, int patient)
{
	struct simulate_options slide = *options;
	struct random random;
	random_start(&random, options->seed, 500 + (uint64_t)patient);
	slide.seed = options->seed * 1000 + (uint64_t)patient;
	slide.wells = random_int(&random, 4, 12);
	slide.method = random_chance(&random, 0.6) ? INSEMINATION_ICSI : INSEMINATION_IVF;
	double days = random_chance(&random, 0.3) ? 2.75 : random_chance(&random, 0.75) ? 4.75 : 5.2;
	slide.interval_s = random_chance(&random, 0.5) ? 600 : 900;
	slide.runs = (int)((days * 86400 - slide.start_s) / slide.interval_s);
	if (slide.runs > options->runs) {
		/* Fewer runs than the days need: the same days, seen less often. */
		slide.interval_s = (int)((days * 86400 - slide.start_s) / options->runs);
		slide.runs = options->runs;
	}
	slide.empty_wells = 0;
	slide.gone_well = random_chance(&random, 0.2) ? slide.wells : 0;
	snprintf(slide.slide, sizeof slide.slide, "D2026.11.%02d_S%05d_I%04d_D", 21 - (int)(days + 0.5),
	    (int)(options->seed % 900) * 100 + patient, random_int(&random, 100, 140));
	return slide;
}

struct morning {
	simulate_progress *progress;
	void *context;
	int patients, patient;
};

/* Each slide counts the same; the sizes are not known beforehand. */
static void morning_progress(int64_t done, int64_t total, void *context)
{
	struct morning *morning = context;
	if (morning->progress)
		morning->progress((int64_t)morning->patient * 1000 + 1000 * done / total,
		    (int64_t)morning->patients * 1000, morning->context);
}

bool simulate_morning(const char *folder, int patients, const struct simulate_options *options,
    simulate_progress *progress, void *context, struct err *err)
{
	if (!check_range("patients", patients, 1, 99, err) || !simulate_check(options, err) ||
	    !folder_make(folder, err))
		return false;
	struct morning morning = {progress, context, patients, 0};
	for (; morning.patient < patients; morning.patient++) {
		struct simulate_options slide = morning_slide(options, morning.patient + 1);
		char path[LIMIT_PATH];
		if (snprintf(path, sizeof path, "%s/%s.pdb", folder, slide.slide) >= (int)sizeof path)
			return err_set(err, ERR_BAD_INPUT, "the path is too long");
		if (!simulate_pdb(path, &slide, morning_progress, &morning, err))
			return false;
	}
	return true;
}

/* The hour at this share of a stage's span in this life. */
static double hour_in_stage(const struct fate *fate, enum stage stage, double share)
{
	const double *t = fate->event_h;
	double from = t[stage], to = from + 10;
	for (int next = STAGE_COUNT - 1; next > (int)stage; next--)
		if (t[next] != FATE_NEVER)
			to = t[next];
	/* A division shows its cells for a moment after the event, and the next one before its own. */
	double margin = (to - from) * 0.1 < 0.1 ? (to - from) * 0.1 : 0.1;
	return curve_mix(from + margin, to - margin, share);
}

bool simulate_frame(const struct simulate_scene *scene, struct image **ret_image,
    struct film_truth *ret_truth, struct err *err)
{
	if (!check_range("side", scene->side, 128, 1200, err) ||
	    !check_range("focal plane", scene->focal_um / 15, -5, 5, err))
		return false;
	static const int planes = FILM_PLANES_MAX;
	OWN(free) float *noise = malloc(2 * sizeof(float) * LAYERS_NOISE * LAYERS_NOISE);
	OWN(studio_free) struct studio *studio = studio_new(scene->side, noise);
	OWN(image_free) struct image *image = image_new(scene->side, scene->side);
	if (!noise || !studio || !image)
		return err_set(err, ERR_NO_MEMORY, "rendering a frame");
	float *sensor = noise + LAYERS_NOISE * LAYERS_NOISE;
	if (!grain_make(noise, scene->seed, (float)scene->side / 500) ||
	    !noise_make(sensor, scene->seed + 1, 0.45f))
		return err_set(err, ERR_NO_MEMORY, "rendering a frame");
	struct random random;
	random_start(&random, scene->seed, 0);
	struct lens lens;
	lens_draw(&lens, &random, scene->lens, scene->side);
	struct film_plan plan = {.seed = scene->seed, .lens = &lens, .noise = noise, .sensor = sensor,
	    .side = scene->side, .planes = planes, .method = INSEMINATION_ICSI, .reach = scene->stage,
	    .empty = scene->stage == STAGE_EMPTY, .gone_h = FATE_NEVER, .moved_h = FATE_NEVER,
	    .dark_from_h = FATE_NEVER, .dark_to_h = FATE_NEVER, .style = figure_style_plain()};
	OWN(film_free) struct film *film = film_new(&plan);
	if (!film)
		return err_set(err, ERR_NO_MEMORY, "rendering a frame");
	double hour = plan.empty ? 10 : hour_in_stage(film_fate(film), scene->stage, scene->share);
	struct film_truth truth;
	film_go(film, studio, 1, hour, &truth);
	film_shoot(film, studio, planes / 2 + scene->focal_um / 15, image);
	*ret_image = TAKE(image);
	*ret_truth = truth;
	return true;
}
