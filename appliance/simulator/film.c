#include "simulator/film.h"

#include "simulator/curve.h"

#include <math.h>
#include <string.h>

/* Grey levels of an empty well are kept in 1/64 steps. */
enum { GREY_ONE = 64 };

struct studio {
	struct layers layers;
	struct exposure *exposure;
	float *grey;
};

struct film {
	struct film_plan plan;
	struct life *life;
	struct well well;
	uint16_t *empty[FILM_PLANES_MAX];  /* the well without embryo */
	float *grey;                       /* room to draw it */
	float rest_x, rest_y;     /* where the embryo lies in the well, pixels */
	bool moved;
	/* of the hour prepared last */
	int run;
	int shift_x, shift_y;     /* of the stage against the well's picture */
	int left, top;            /* of the canvas in the frame */
	bool occupied;
	float brightness;
};

struct studio *studio_new(int side, const float *noise)
{
	OWN(studio_free) struct studio *studio = calloc(1, sizeof *studio);
	if (!studio)
		return NULL;
	studio->exposure = exposure_new(side);
	studio->grey = malloc((size_t)side * (size_t)side * sizeof(float));
	if (!layers_make(&studio->layers, side, noise) || !studio->exposure || !studio->grey)
		return NULL;
	return TAKE(studio);
}

void studio_free(struct studio *studio)
{
	if (!studio)
		return;
	layers_done(&studio->layers);
	exposure_free(studio->exposure);
	free(studio->grey);
	free(studio);
}

void studio_set_noise(struct studio *studio, const float *noise)
{
	studio->layers.noise = noise;
}

/* How far its middle may lie from the well's. A well wider than the picture gives no more room than that. */
static float room_for(const struct film *film)
{
	float in_sight = 0.49f * (float)film->plan.side;
	return (film->well.radius < in_sight ? film->well.radius : in_sight) -
	    (float)life_radius(film->life) * film->plan.lens->scale;
}

/* Somewhere on the floor, rarely against the wall. */
static void place_embryo(struct film *film, struct random *random)
{
	float room = room_for(film);
	float direction[3];
	random_direction(random, direction);
	float out = room * (float)random_between(random, 0.3, 1.3);
	film->rest_x = direction[0] * out;
	film->rest_y = direction[1] * out;
}

static void place_well(struct film *film, struct random *random)
{
	const struct film_plan *plan = &film->plan;
	film->well = (struct well){.x = (float)(plan->side * (0.5 + plan->off_x + random_normal(random, 0, 0.026))),
	    .y = (float)(plan->side * (0.5 + plan->off_y + random_normal(random, 0, 0.026))),
	    .radius = plan->lens->well_um * plan->lens->scale, .seed = plan->seed,
	    .dust = film->well.radius > 0 ? film->well.dust : random_int(random, 0, 16)};
	float *grey = film->grey;
	for (int i = 0; i < plan->planes; i++) {
		well_draw(&film->well, plan->lens, (float)film_focal_um(film, i), plan->side, plan->noise, grey);
		for (int at = 0; at < plan->side * plan->side; at++)
			film->empty[i][at] = (uint16_t)(curve_clamp(grey[at], 0, 1000) * GREY_ONE);
	}
}

struct film *film_new(const struct film_plan *plan)
{
	OWN(film_free) struct film *film = calloc(1, sizeof *film);
	if (!film)
		return NULL;
	film->plan = *plan;
	film->life = malloc(sizeof *film->life);
	film->grey = malloc((size_t)plan->side * (size_t)plan->side * sizeof(float));
	for (int i = 0; i < plan->planes; i++) {
		film->empty[i] = calloc((size_t)plan->side * (size_t)plan->side, sizeof(uint16_t));
		if (!film->empty[i])
			return NULL;
	}
	if (!film->life || !film->grey)
		return NULL;
	struct random random;
	random_start(&random, plan->seed, 1);
	struct fate fate;
	fate_draw(&fate, &random, plan->method, plan->reach);
	if (plan->trouble)
		fate_trouble(&fate, &random);
	life_start(film->life, &fate, plan->seed);
	random_start(&random, plan->seed, 2);
	place_well(film, &random);
	place_embryo(film, &random);
	return TAKE(film);
}

void film_free(struct film *film)
{
	if (!film)
		return;
	free(film->life);
	free(film->grey);
	for (int i = 0; i < FILM_PLANES_MAX; i++)
		free(film->empty[i]);
	free(film);
}

int film_focal_um(const struct film *film, int plane)
{
	return (plane - film->plan.planes / 2) * 15;
}

const struct fate *film_fate(const struct film *film)
{
	return &film->life->fate;
}

static int tell_nuclei(const struct film *film)
{
	const struct life *life = film->life;
	int cells = 0, seen = 0, several = 0;
	for (int i = 0; i < life->bodies_count; i++) {
		const struct body *body = &life->bodies[i];
		bool plain = body_nuclei_seen(life, body) * film->plan.style.nuclei > 0.5;
		cells += body->kind == BODY_CELL;
		seen += plain;
		several += plain && body->nuclei > 1;
	}
	return several > 0 ? 1 : cells > 1 && 2 * seen > cells ? 0 : FILM_NOT_ASKED;
}

static void tell_truth(const struct film *film, float x, float y, struct film_truth *truth)
{
	const struct life *life = film->life;
	*truth = (struct film_truth){.stage = STAGE_EMPTY, .uneven = FILM_NOT_ASKED,
	    .multinucleated = FILM_NOT_ASKED, .well_x = film->well.x + (float)film->shift_x,
	    .well_y = film->well.y + (float)film->shift_y, .well_radius = film->well.radius,
	    .dark = life->hour >= film->plan.dark_from_h && life->hour < film->plan.dark_to_h};
	if (!film->occupied)
		return;
	truth->stage = life_stage(life);
	truth->cells = truth->stage < STAGE_M ? life_cells(life) : 0;
	truth->x = x;
	truth->y = y;
	truth->radius = (float)life_radius(life) * film->plan.lens->scale;
	truth->cavity = (float)life_cavity_share(life);
	truth->fragmentation = (float)life_fragmentation(life);
	truth->decay = life->decay;
	if (truth->stage >= STAGE_2 && truth->stage <= STAGE_8)
		truth->uneven = life_is_uneven(life);
	truth->multinucleated = tell_nuclei(film);
}

/* Five layers reach a little beyond a zygote's upper and lower pole. */
static const float layer_um = 26;

static void draw_figure(struct film *film, struct studio *studio, float x, float y)
{
	const struct lens *lens = film->plan.lens;
	int side = figure_side(film->life, lens->scale);
	if (side > film->plan.side)
		side = film->plan.side & ~7;
	film->left = (int)floorf(x) - side / 2;
	film->top = (int)floorf(y) - side / 2;
	struct figure_style style = film->plan.style;
	style.scale = lens->scale;
	style.seed = film->plan.seed;
	layers_clear(&studio->layers, side, lens->scale, layer_um);
	studio->layers.middle_x += x - floorf(x);
	studio->layers.middle_y += y - floorf(y);
	figure_draw(film->life, &style, &studio->layers);
	exposure_prepare(studio->exposure, lens, &studio->layers);
}

/* It creeps, and gives way to the wall as it grows. */
static void find_embryo(const struct film *film, float *ret_x, float *ret_y)
{
	float scale = film->plan.lens->scale, creep_x, creep_y;
	life_place(film->life, &creep_x, &creep_y);
	float x = film->rest_x + creep_x * scale, y = film->rest_y + creep_y * scale;
	float out = sqrtf(x * x + y * y) + 0.01f;
	float room = 1.25f * room_for(film);
	float share = out > room ? (room > 0 ? room : 0) / out : 1;
	*ret_x = film->well.x + x * share + (float)film->shift_x;
	*ret_y = film->well.y + y * share + (float)film->shift_y;
}

void film_go(struct film *film, struct studio *studio, int run, double hour, struct film_truth *ret_truth)
{
	const struct film_plan *plan = &film->plan;
	life_advance(film->life, hour);
	struct random random;
	random_start(&random, plan->seed, 1000 + (uint64_t)run);
	if (!film->moved && hour >= plan->moved_h) {
		film->moved = true;
		place_well(film, &random);
	}
	film->run = run;
	film->occupied = !plan->empty && hour < plan->gone_h;
	film->shift_x = (int)floor(random_normal(&random, 0.5, 0.45));
	film->shift_y = (int)floor(random_normal(&random, 0.5, 0.45));
	film->brightness = (float)random_normal(&random, 1, 0.006);
	if (hour >= plan->dark_from_h && hour < plan->dark_to_h)
		film->brightness *= 0.05f;
	float x, y;
	find_embryo(film, &x, &y);
	if (film->occupied)
		draw_figure(film, studio, x, y);
	tell_truth(film, x, y, ret_truth);
}

static void fill_empty(const struct film *film, int plane, float *grey)
{
	int side = film->plan.side;
	const uint16_t *empty = film->empty[plane];
	float scale = film->brightness / GREY_ONE;
	for (int y = 0; y < side; y++) {
		int from_y = y - film->shift_y;
		from_y = from_y < 0 ? 0 : from_y >= side ? side - 1 : from_y;
		const uint16_t *row = empty + (size_t)from_y * (size_t)side;
		float *to = grey + (size_t)y * (size_t)side;
		for (int x = 0; x < side; x++) {
			int from_x = x - film->shift_x;
			from_x = from_x < 0 ? 0 : from_x >= side ? side - 1 : from_x;
			to[x] = (float)row[from_x] * scale;
		}
	}
}

static void lay_over(const struct film *film, const float *factor, int canvas, float *grey)
{
	int side = film->plan.side;
	for (int y = 0; y < canvas; y++) {
		int to_y = y + film->top;
		if (to_y < 0 || to_y >= side)
			continue;
		int first = film->left < 0 ? -film->left : 0;
		int end = film->left + canvas > side ? side - film->left : canvas;
		float *row = grey + (size_t)to_y * (size_t)side + film->left;
		for (int x = first; x < end; x++)
			row[x] *= factor[(size_t)y * (size_t)canvas + (size_t)x];
	}
}

void film_shoot(struct film *film, struct studio *studio, int plane, struct image *image)
{
	const struct film_plan *plan = &film->plan;
	float *grey = studio->grey;
	fill_empty(film, plane, grey);
	if (film->occupied)
		lay_over(film, exposure_plane(studio->exposure, plan->lens,
		    (float)film_focal_um(film, plane) + plan->focus_um),
		    studio->layers.side, grey);
	struct random random;
	random_start(&random, plan->seed, 100000 + (uint64_t)film->run * 16 + (uint64_t)plane);
	int u = random_int(&random, 0, LAYERS_NOISE - 1), v = random_int(&random, 0, LAYERS_NOISE - 1);
	for (int y = 0; y < plan->side; y++) {
		const float *noise = plan->sensor + ((y + v) & (LAYERS_NOISE - 1)) * LAYERS_NOISE;
		const float *from = grey + (size_t)y * (size_t)plan->side;
		uint8_t *to = image->pixels + (size_t)y * (size_t)plan->side;
		for (int x = 0; x < plan->side; x++) {
			float value = from[x] + plan->lens->noise * noise[(x + u) & (LAYERS_NOISE - 1)] + 0.5f;
			to[x] = value < 0 ? 0 : value > 255 ? 255 : (uint8_t)value;
		}
	}
}
