#include "simulator/figure.h"

#include "simulator/curve.h"
#include "simulator/solid.h"

#include <math.h>

struct figure_style figure_style_plain(void)
{
	return (struct figure_style){.cell = 1, .grain = 1.12f, .zona = 0.14f, .zona_grain = 0.5f,
	    .furrow = 0.65f, .furrow_um = 0.8f, .face = 1, .nuclei = 1, .lumps = 0.5f, .dirt = 1};
}

static struct solid ball(float x, float y, float z, float radius, float density)
{
	return (struct solid){.x = x, .y = y, .z = z, .across = radius, .along = radius, .axis = {0, 0, 1},
	    .density = density, .furrow_um = 0.8f, .mid_x = x, .mid_y = y, .mid_z = z};
}

int figure_side(const struct life *life, float scale)
{
	double radius = life_radius(life) * 1.12 + 4;
	if (life->hatch_um > 0)
		radius += 1.5 * life->hatch_um;
	return ((int)(2 * radius * scale) + 15) & ~7;
}

/* Geometry of one cell as drawn, worked out before its neighbours cut it. */
struct shape {
	const struct body *body;
	struct solid solid;
	float weight;     /* radius in the power diagram */
	float touch;      /* how far neighbours can reach it */
	bool plate;       /* flattened between cavity and hull */
};

/* Room between the cavity and the hull in this direction. */
static float room_of(const struct life *life, const float direction[3])
{
	const struct cavity *cavity = &life->cavity;
	float along = cavity->x * direction[0] + cavity->y * direction[1] + cavity->z * direction[2];
	float square = cavity->x * cavity->x + cavity->y * cavity->y + cavity->z * cavity->z;
	float rest = cavity->radius * cavity->radius - square + along * along;
	float edge = rest > 0 ? along + sqrtf(rest) : 0;
	return life->hull_um - edge;
}

/* A trophectoderm cell: the cap of a large ball, thick at its nucleus and thin where it meets the next. */
static void make_plate(const struct life *life, const struct figure_style *style, struct shape *shape,
    float room)
{
	const struct body *body = shape->body;
	float radius = body->radius;
	const float direction[3] = {shape->solid.axis[0], shape->solid.axis[1], shape->solid.axis[2]};
	float thick = room * (0.75f + 0.5f * ((float)body_shade(life, body) - 0.85f) / 0.3f);
	/* Some are slow to flatten and stand into the cavity. */
	if (body_shade(life, body) > 1.09)
		thick *= 1.9f;
	if (thick > 1.7f * radius)
		thick = 1.7f * radius;
	if (thick < 5)
		thick = 5;
	float wide = 1.12f * sqrtf(4 * radius * radius * radius / (3 * thick));
	if (wide < radius)
		wide = radius;
	if (wide > life->hull_um * 0.6f)
		wide = life->hull_um * 0.6f;
	float curve = (wide * wide + thick * thick) / (2 * thick);
	float at = life->hull_um - thick + curve;
	struct solid *solid = &shape->solid;
	float seen = 1 - (1 - style->face) * direction[2] * direction[2];
	/* Flat cells are dense. */
	*solid = ball(direction[0] * at, direction[1] * at, direction[2] * at, curve,
	    1.5f * seen * solid->density);
	float middle = life->hull_um - thick * 0.5f;
	solid->mid_x = direction[0] * middle;
	solid->mid_y = direction[1] * middle;
	solid->mid_z = direction[2] * middle;
	solid->reach = wide;
	solid->furrow = style->furrow;
	solid->furrow_um = style->furrow_um;
	shape->touch = wide;
	shape->weight = 0.5f * thick;
	shape->plate = true;
}

static struct shape make_shape(const struct life *life, const struct body *body,
    const struct figure_style *style)
{
	/* What has arrested shrinks, darkens and crumbles. */
	float radius = (float)body_radius(life, body) * (1 - 0.1f * life->decay);
	struct shape shape = {.body = body, .weight = radius, .touch = radius};
	float density = style->cell * (body->kind == BODY_CELL ? (float)body_shade(life, body) : 0.9f);
	float mass = body->kind == BODY_CELL ? (float)life_mass(life) : 0;
	float swell = 1 + 0.16f * (body->inner && mass < 0.75f ? 0.75f : mass);
	shape.solid = ball(body->x, body->y, body->z, radius * swell, density);
	struct solid *solid = &shape.solid;
	/* Compacted cells and the inner cell mass are one body to the eye. */
	solid->merged = body->inner && mass < 0.8f ? 0.72f : 0.9f * mass;
	solid->furrow = 0.15f * (1 - solid->merged);
	float far = sqrtf(body->x * body->x + body->y * body->y + body->z * body->z) + 0.01f;
	float flat = (float)life_flatness(life, body);
	solid->axis[0] = body->x / far;
	solid->axis[1] = body->y / far;
	solid->axis[2] = body->z / far;
	solid->along = radius * swell * flat;
	solid->across = radius * swell / sqrtf(flat);
	if (body->kind == BODY_CELL && life->cavity.radius > 0 && !body->inner) {
		float room = room_of(life, solid->axis);
		if (room < 1.9f * radius)
			make_plate(life, style, &shape, room);
	}
	solid->hull = body->kind == BODY_CELL ? life->hull_um : life->wall_um;
	/* Smaller cells are rougher. */
	solid->grain = style->grain * (1 + 0.35f * life->compaction) * (1 + 0.8f * life->decay) *
	    (body->inner ? 1.4f : shape.plate ? 1.6f : 1);
	/* Granules move with their cell. */
	solid->grain_x = body->grain_x - (int)floorf(body->x * style->scale);
	solid->grain_y = body->grain_y - (int)floorf(body->y * style->scale);
	return shape;
}

/* The wall between two bodies, seen from the first. */
static void add_wall(struct shape *shape, const struct shape *other)
{
	struct solid *solid = &shape->solid;
	if (solid->walls_count == SOLID_WALLS_MAX)
		return;
	/* What lies beside a blastocyst stays round, and leaves its flat cells whole. */
	if ((shape->plate && other->body->kind != BODY_CELL) || (other->plate && shape->body->kind != BODY_CELL))
		return;
	const struct solid *to = &other->solid;
	float x = to->mid_x - solid->mid_x, y = to->mid_y - solid->mid_y, z = to->mid_z - solid->mid_z;
	float far = sqrtf(x * x + y * y + z * z);
	if (far < 0.05f || far > shape->touch + other->touch)
		return;
	float at = far * 0.5f;
	if (!(shape->plate && other->plate))
		at += (shape->weight * shape->weight - other->weight * other->weight) / (2 * far);
	if (!shape->plate && at >= solid->across)
		return;
	struct wall *wall = &solid->walls[solid->walls_count++];
	*wall = (struct wall){x / far, y / far, z / far, 0};
	wall->at = wall->x * solid->mid_x + wall->y * solid->mid_y + wall->z * solid->mid_z + at;
}

/* Its neighbours cut a body: cells first, for there is room for so many walls only. */
static void add_walls(struct shape *shapes, int count, int of)
{
	for (int j = 0; j < count; j++)
		if (j != of && shapes[j].body->kind == BODY_CELL)
			add_wall(&shapes[of], &shapes[j]);
	for (int j = 0; j < count; j++)
		if (j != of && shapes[j].body->kind != BODY_CELL)
			add_wall(&shapes[of], &shapes[j]);
}

/* The nucleus of a flat cell stands out. */
static void draw_kernel(const struct shape *shape, const struct figure_style *style, struct layers *layers)
{
	const struct solid *cell = &shape->solid;
	struct solid kernel = ball(cell->mid_x * 0.97f, cell->mid_y * 0.97f, cell->mid_z * 0.97f, 5.5f,
	    0.12f * style->cell * style->face);
	solid_draw(&kernel, layers);
}

static void draw_bodies(const struct life *life, const struct figure_style *style, struct layers *layers)
{
	struct shape shapes[LIFE_BODIES_MAX];
	for (int i = 0; i < life->bodies_count; i++)
		shapes[i] = make_shape(life, &life->bodies[i], style);
	for (int i = 0; i < life->bodies_count; i++) {
		add_walls(shapes, life->bodies_count, i);
		solid_draw(&shapes[i].solid, layers);
		if (shapes[i].plate)
			draw_kernel(&shapes[i], style, layers);
	}
}

static void draw_nuclei(const struct life *life, const struct figure_style *style, struct layers *layers)
{
	if (life->nuclei_seen * style->nuclei <= 0 || life->bodies_count < 1)
		return;
	const struct body *cell = &life->bodies[0];
	/* They meet near the middle before they fade. */
	float apart = 10.5f + 16 * (1 - (float)curve_step(life->fate.event_h[STAGE_PNA],
	    life->fate.event_h[STAGE_PNA] + 6, life->hour));
	float level = sqrtf(1 - life->nuclei[0][2] * life->nuclei[0][2]) + 0.01f;
	const float line[2] = {life->nuclei[0][0] / level, life->nuclei[0][1] / level};
	struct random dots;
	random_start(&dots, style->seed, 5);
	for (int i = 0; i < life->fate.pronuclei; i++) {
		float side = (float)i - 0.5f * (float)(life->fate.pronuclei - 1);
		float x = cell->x + line[0] * apart * 2 * side + life->nuclei[2][0] * 9;
		float y = cell->y + line[1] * apart * 2 * side + life->nuclei[2][1] * 9 + (i == 2 ? 14.0f : 0);
		float z = cell->z + life->nuclei[0][2] * 6 * side;
		float thick = style->cell * life->nuclei_seen * style->nuclei;
		struct solid envelope = ball(x, y, z, 11.5f, 0.55f * thick);
		struct solid sap = ball(x, y, z, 10.6f, -0.64f * thick);
		solid_draw(&envelope, layers);
		solid_draw(&sap, layers);
		for (int k = 0; k < 6; k++) {
			float direction[3];
			random_direction(&dots, direction);
			float out = (float)random_between(&dots, 3, 8);
			struct solid dot = ball(x + direction[0] * out - line[0] * 3 * side,
			    y + direction[1] * out - line[1] * 3 * side, z + direction[2] * out * 0.3f,
			    (float)random_between(&dots, 1.6, 2.5), 1.6f * thick);
			solid_draw(&dot, layers);
		}
	}
}

/* One of a cell's nuclei: side by side where there are several, and then smaller. */
static void draw_cell_nucleus(const struct body *body, int which, float seen, struct layers *layers)
{
	float off = 0.15f * body->radius * (body->shade > 1 ? 1 : -1);
	float size = (0.17f * body->radius + 2) * (body->nuclei > 1 ? 0.8f : 1);
	float x = body->x + off, y = body->y - off;
	if (body->nuclei > 1) {
		double turn = body->grain_x + which * 6.2831853 / body->nuclei;
		x += (float)curve_cos(turn) * size * 1.35f;
		y += (float)curve_sin(turn) * size * 1.35f;
	}
	struct solid envelope = ball(x, y, body->z, size, 0.35f * seen);
	struct solid sap = ball(x, y, body->z, size - 0.8f, -0.45f * seen);
	struct solid dot = ball(x + off * 0.2f, y + off * 0.3f, body->z, 1.9f, 1.4f * seen);
	solid_draw(&envelope, layers);
	solid_draw(&sap, layers);
	solid_draw(&dot, layers);
}

/* Nuclei of the first cells, faint, between divisions. */
static void draw_cell_nuclei(const struct life *life, const struct figure_style *style, struct layers *layers)
{
	for (int i = 0; i < life->bodies_count; i++) {
		const struct body *body = &life->bodies[i];
		float seen = (float)body_nuclei_seen(life, body) * style->cell * style->nuclei;
		for (int which = 0; which < body->nuclei && seen > 0; which++)
			draw_cell_nucleus(body, which, seen, layers);
	}
}

/* Coarse matter: dark lumps and clear vacuoles that keep their place in their cell. A compacted embryo is
 * mottled all over. */
static void draw_lumps(const struct life *life, const struct figure_style *style, struct layers *layers)
{
	for (int i = 0; i < life->bodies_count; i++) {
		const struct body *body = &life->bodies[i];
		if (body->kind != BODY_CELL || (life->cavity.radius > 0 && !body->inner))
			continue;
		struct random random;
		random_start(&random, style->seed, 2000 + (uint64_t)(body->grain_seed));
		float plenty = style->lumps * (0.25f + 1.6f * life->compaction);
		int count = (int)(plenty * body->radius * body->radius * (float)random_between(&random, 0.002, 0.012));
		bool vacuole = random_chance(&random, 0.03 * style->lumps);
		for (int k = 0; k < count + vacuole; k++) {
			float direction[3];
			random_direction(&random, direction);
			float out = body->radius * (float)random_between(&random, 0.1, 0.75);
			float size = (float)random_between(&random, 1.2, 3.2 + 1.5 * life->compaction);
			float density = (float)random_between(&random, -0.5, 0.9) * style->cell;
			if (k == count) {
				size = (float)random_between(&random, 3, 9);
				density = -0.9f * style->cell;
			}
			struct solid lump = ball(body->x + direction[0] * out, body->y + direction[1] * out,
			    body->z + direction[2] * out, size, density);
			solid_draw(&lump, layers);
		}
	}
}

/* Flat cells are not smooth: patches of thicker and thinner cytoplasm mottle the cavity behind them. */
static void draw_patches(const struct life *life, const struct figure_style *style, struct layers *layers)
{
	float old = (float)curve_step(0.5, 0.75, life->cavity.radius / life->hull_um);
	for (int i = 0; i < life->bodies_count && old > 0; i++) {
		const struct body *body = &life->bodies[i];
		struct random random;
		random_start(&random, style->seed, 4000 + (uint64_t)body->grain_seed);
		if (body->kind != BODY_CELL || body->inner || !random_chance(&random, 0.5 * style->lumps))
			continue;
		float far = sqrtf(body->x * body->x + body->y * body->y + body->z * body->z) + 0.01f;
		float size = (float)random_between(&random, 3, 10);
		float out = (life->hull_um - size * 0.8f) / far;
		float aside = 0.25f * body->radius * (body->shade > 1 ? 1 : -1);
		struct solid patch = ball(body->x * out + aside, body->y * out - aside, body->z * out, size,
		    old * style->cell * (float)random_between(&random, -0.15, 0.4));
		/* Some are folds. */
		if (random_chance(&random, 0.5)) {
			random_direction(&random, patch.axis);
			patch.along = size * (float)random_between(&random, 1.5, 3);
			patch.across = size * 0.6f;
			patch.reach = patch.along;
		}
		patch.hull = life->hull_um;
		patch.grain = style->grain;
		patch.grain_x = body->grain_x;
		solid_draw(&patch, layers);
	}
}

/* The inner cell mass is one granular clump to the eye, darker than the flat cells. */
static void draw_clump(const struct life *life, const struct figure_style *style, struct layers *layers)
{
	float x = 0, y = 0, z = 0, volume = 0, old = (float)(life->compaction - life_mass(life));
	for (int i = 0; i < life->bodies_count; i++) {
		const struct body *body = &life->bodies[i];
		if (body->kind != BODY_CELL || !body->inner)
			continue;
		float weight = body->radius * body->radius * body->radius;
		x += weight * body->x;
		y += weight * body->y;
		z += weight * body->z;
		volume += weight;
	}
	if (volume <= 0 || old <= 0)
		return;
	float radius = 0.98f * (float)curve_cube_root(volume);
	struct solid clump = ball(x / volume, y / volume, z / volume, radius, 0.22f * old * style->cell);
	clump.hull = life->hull_um;
	for (int i = 0; i < 3; i++) {
		clump.grain = 1.1f * old * style->grain;
		clump.grain_x = 60 * i;
		clump.grain_y = 85 * i;
		solid_draw(&clump, layers);
		clump.density = 0;
	}
}

/* Until the first division the organelles gather in the middle and leave the rim clear. */
static void draw_halo(const struct life *life, const struct figure_style *style, struct layers *layers)
{
	float halo = (float)life_halo(life);
	if (halo <= 0)
		return;
	const struct body *cell = &life->bodies[0];
	for (int i = 0; i < 3; i++) {
		struct solid core = ball(cell->x, cell->y, cell->z, cell->radius * (0.62f + 0.12f * (float)i),
		    0.07f * halo * style->cell);
		core.grain = 0.5f * halo * style->grain;
		core.grain_x = cell->grain_x + 40 * i;
		solid_draw(&core, layers);
	}
}

/* The first cavity: a clear drop with an outline, before flat cells line it. */
static void draw_drop(const struct life *life, const struct figure_style *style, struct layers *layers)
{
	const struct cavity *cavity = &life->cavity;
	float young = 1 - (float)curve_step(0.45, 0.75, cavity->radius / life->hull_um);
	if (cavity->radius < 2.5f || young <= 0)
		return;
	struct solid rim = ball(cavity->x, cavity->y, cavity->z, cavity->radius, 0.35f * young * style->cell);
	struct solid drop = ball(cavity->x, cavity->y, cavity->z, cavity->radius - 1.1f,
	    -0.75f * young * style->cell);
	solid_draw(&rim, layers);
	solid_draw(&drop, layers);
}

/* Bits between the membrane and the zona. */
static void draw_dots(const struct life *life, const struct figure_style *style, struct layers *layers)
{
	struct random random;
	random_start(&random, style->seed, 11);
	int count = (int)((float)random_int(&random, 5, 45) * style->dirt);
	for (int i = 0; i < count; i++) {
		float direction[3];
		random_direction(&random, direction);
		float out = life->wall_um - (float)random_between(&random, 0.5, 4);
		struct solid dot = ball(direction[0] * out, direction[1] * out, direction[2] * out * 0.6f,
		    (float)random_between(&random, 0.7, 2.2), style->cell * 0.9f);
		solid_draw(&dot, layers);
	}
}

/* Cells of the cumulus and dirt that stick to the zona's outside. */
static void draw_debris(const struct life *life, const struct figure_style *style, struct layers *layers)
{
	struct random random;
	random_start(&random, style->seed, 12);
	int heaps = random_chance(&random, 0.35 * style->dirt) ? random_int(&random, 1, 3) : 0;
	for (int heap = 0; heap < heaps; heap++) {
		float direction[3];
		random_direction(&random, direction);
		float out = (float)life_radius(life) + 3;
		for (int i = random_int(&random, 3, 14); i > 0; i--) {
			float around[3];
			random_direction(&random, around);
			float far = (float)random_between(&random, 0, 10);
			struct solid bit = ball(direction[0] * out + around[0] * far,
			    direction[1] * out + around[1] * far, direction[2] * 20 + around[2] * far,
			    (float)random_between(&random, 1.2, 4.2), style->cell);
			bit.grain = style->grain;
			solid_draw(&bit, layers);
		}
	}
}

enum { LOBE_PLATES = 26 };

/* One cell of the lobe: the i-th of evenly strewn directions (a golden-angle spiral). */
static struct shape lobe_plate(const struct life *life, const struct figure_style *style, int i,
    const struct body *body)
{
	float at = life->hull_um + life->hatch_um * 0.55f, radius = life->hatch_um;
	float up = 1 - 2 * ((float)i + 0.5f) / LOBE_PLATES, level = sqrtf(1 - up * up);
	float turn = (float)i * 2.399963f;
	const float direction[3] = {level * (float)curve_cos(turn), level * (float)curve_sin(turn), up};
	float thick = (0.10f + 0.05f * (float)(i % 3)) * radius + 2, wide = radius * 0.62f;
	float curve = (wide * wide + thick * thick) / (2 * thick), far = radius - thick + curve;
	const float centre[3] = {life->hatch[0] * at, life->hatch[1] * at, life->hatch[2] * at};
	struct shape plate = {.body = body, .plate = true, .touch = wide * 1.5f, .weight = thick};
	struct solid *solid = &plate.solid;
	*solid = ball(centre[0] + direction[0] * far, centre[1] + direction[1] * far,
	    centre[2] + direction[2] * far, curve, style->cell * 1.3f);
	solid->hull = radius;
	solid->hull_x = centre[0];
	solid->hull_y = centre[1];
	solid->hull_z = centre[2];
	solid->mid_x = centre[0] + direction[0] * radius;
	solid->mid_y = centre[1] + direction[1] * radius;
	solid->mid_z = centre[2] + direction[2] * radius;
	solid->reach = wide;
	solid->furrow = 0.8f * style->furrow;
	solid->furrow_um = style->furrow_um;
	solid->grain = style->grain * 1.6f;
	solid->grain_x = 31 * i;
	return plate;
}

/* What has slipped out through the zona: a smaller ball of flat cells. */
static void draw_lobe(const struct life *life, const struct figure_style *style, struct layers *layers)
{
	if (life->hatch_um < 3)
		return;
	const struct body body = {.kind = BODY_CELL};
	struct shape plates[LOBE_PLATES];
	for (int i = 0; i < LOBE_PLATES; i++)
		plates[i] = lobe_plate(life, style, i, &body);
	for (int i = 0; i < LOBE_PLATES; i++) {
		struct solid *solid = &plates[i].solid;
		for (int j = 0; j < LOBE_PLATES; j++)
			if (i != j)
				add_wall(&plates[i], &plates[j]);
		/* Open towards the rest of the embryo. */
		float square = solid->mid_x * solid->mid_x + solid->mid_y * solid->mid_y +
		    solid->mid_z * solid->mid_z;
		if (square > life->hull_um * life->hull_um * 0.9f)
			solid_draw(solid, layers);
	}
}

void figure_draw(const struct life *life, const struct figure_style *style, struct layers *layers)
{
	shell_draw(layers, life->wall_um, life->wall_um + life->zona_um, 7, style->zona, style->zona_grain);
	draw_dots(life, style, layers);
	draw_debris(life, style, layers);
	draw_bodies(life, style, layers);
	draw_halo(life, style, layers);
	draw_lumps(life, style, layers);
	draw_patches(life, style, layers);
	draw_clump(life, style, layers);
	draw_drop(life, style, layers);
	draw_nuclei(life, style, layers);
	draw_cell_nuclei(life, style, layers);
	draw_lobe(life, style, layers);
}
