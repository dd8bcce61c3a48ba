#include "simulator/life.h"

#include "simulator/curve.h"

#include <math.h>
#include <string.h>

/* Three minutes: a cell parts in some six steps. */
static const double step_h = 0.05;
/* From the first elongation to two cells. */
static const double division_h = 0.45;

static double cube(double x)
{
	return x * x * x;
}

static struct body *body_add(struct life *life, enum body_kind kind, double radius)
{
	if (life->bodies_count == LIFE_BODIES_MAX)
		return NULL;
	struct body *body = &life->bodies[life->bodies_count++];
	*body = (struct body){.kind = kind, .radius = (float)radius, .born_h = life->hour,
	    .group = life->groups++, .parted_h = life->hour, .divides_h = FATE_NEVER,
	    .grain_x = random_int(&life->random, 0, LIFE_GRAIN - 1),
	    .grain_y = random_int(&life->random, 0, LIFE_GRAIN - 1), .grain_seed = life->bodies_count,
	    .shade = 1, .shade_before = 1};
	return body;
}

static void body_move(struct body *body, const float direction[3], double by)
{
	body->x += (float)(direction[0] * by);
	body->y += (float)(direction[1] * by);
	body->z += (float)(direction[2] * by);
}

static void add_polar(struct life *life, const float direction[3])
{
	struct body *polar = body_add(life, BODY_POLAR, random_between(&life->random, 5.5, 8));
	if (polar)
		body_move(polar, direction, life->wall_um - polar->radius * 0.8);
}

void life_start(struct life *life, const struct fate *fate, uint64_t seed)
{
	memset(life, 0, sizeof *life);
	life->fate = *fate;
	random_start(&life->random, seed, 7);
	life->wall_um = (float)fate->zona_inner_um;
	life->zona_um = (float)fate->zona_um;
	life->hull_um = life->wall_um;
	random_direction(&life->random, life->pole);
	float length = sqrtf(life->pole[0] * life->pole[0] + life->pole[1] * life->pole[1] +
	    0.25f * life->pole[2] * life->pole[2]);
	/* Seen from the side more often than not. */
	life->pole[0] /= length;
	life->pole[1] /= length;
	life->pole[2] *= 0.5f / length;
	random_direction(&life->random, life->hatch);
	float level = sqrtf(life->hatch[0] * life->hatch[0] + life->hatch[1] * life->hatch[1]) + 0.01f;
	life->hatch[0] /= level;
	life->hatch[1] /= level;
	life->hatch[2] = 0;
	body_add(life, BODY_CELL, fate->radius_um);
	life->cells = 1;
	float direction[3];
	random_direction(&life->random, direction);
	direction[2] *= 0.4f;
	add_polar(life, direction);
	for (int i = 0; i < 3; i++)
		random_direction(&life->random, life->nuclei[i]);
}

static int count_cells(const struct life *life)
{
	int cells = 0;
	for (int i = 0; i < life->bodies_count; i++) {
		const struct body *body = &life->bodies[i];
		bool first = body->kind == BODY_CELL;
		for (int j = 0; j < i && first; j++)
			first = life->bodies[j].kind != BODY_CELL || life->bodies[j].group != body->group;
		cells += first;
	}
	return cells;
}

double body_parted(const struct life *life, const struct body *body)
{
	if (body->fused) {
		double in = curve_step(body->parted_h - 0.6, body->parted_h, life->hour);
		double out = curve_step(body->born_h, body->born_h + 0.6, life->hour);
		return 1 - out * (1 - in);
	}
	return curve_step(body->born_h, body->parted_h + 0.3, life->hour);
}

double body_radius(const struct life *life, const struct body *body)
{
	return body->radius * (1.26 - 0.26 * body_parted(life, body));
}

double body_shade(const struct life *life, const struct body *body)
{
	return curve_mix(body->shade_before, body->shade, body_parted(life, body));
}

double body_nuclei_seen(const struct life *life, const struct body *body)
{
	int cells = life_cells(life);
	if (body->kind != BODY_CELL || cells < 2 || cells > 9)
		return 0;
	double age = life->hour - body->parted_h;
	return curve_step(1.5, 3.5, age) * (1 - curve_step(8.5, 10, age));
}

double life_halo(const struct life *life)
{
	const double *t = life->fate.event_h;
	if (life->cells != 1 || t[STAGE_PNA] == FATE_NEVER)
		return 0;
	return life->fate.halo * curve_step(t[STAGE_PNA] - 1, t[STAGE_PNA] + 6, life->hour);
}

static bool differ(const struct body *a, const struct body *b)
{
	float more = a->radius > b->radius ? a->radius : b->radius;
	return fabsf(a->radius - b->radius) > 0.25f * more;
}

bool life_is_uneven(const struct life *life)
{
	int cells = life_cells(life);
	bool all = cells == 2 || cells == 4 || cells == 8;
	for (int i = 0; i < life->bodies_count; i++)
		for (int j = 0; j < i; j++) {
			const struct body *a = &life->bodies[i], *b = &life->bodies[j];
			bool alike = all || (a->sisters > 0 && a->sisters == b->sisters);
			if (a->kind == BODY_CELL && b->kind == BODY_CELL && a->group != b->group && alike && differ(a, b))
				return true;
		}
	return false;
}

static bool is_cleaving(const struct life *life)
{
	return life->cavity.radius <= 0;
}

double life_flatness(const struct life *life, const struct body *body)
{
	if (body->kind != BODY_CELL || !is_cleaving(life))
		return 1;
	int cells = life_cells(life);
	double most = cells < 2 ? 1 : cells == 2 ? 0.84 : cells == 3 ? 0.88 : cells == 4 ? 0.91 : 0.95;
	double far = sqrt((double)body->x * body->x + (double)body->y * body->y + (double)body->z * body->z);
	return 1 - (1 - most) * curve_step(4, 22, far) * body_parted(life, body);
}

double life_mass(const struct life *life)
{
	return life->compaction * (1 - curve_step(0.35, 0.7, life->cavity.radius / life->hull_um));
}

static struct body *choose_mother(struct life *life)
{
	struct body *best = NULL;
	double most = -1;
	for (int i = 0; i < life->bodies_count; i++) {
		struct body *body = &life->bodies[i];
		/* Large cells first; chance decides between sisters. */
		double urge = cube(body->radius) * random_between(&life->random, 0.85, 1.0);
		if (body->kind == BODY_CELL && !body->fused && urge > most) {
			most = urge;
			best = body;
		}
	}
	return best;
}

static int draw_nuclei(struct life *life)
{
	if (!random_chance(&life->random, life->fate.multinucleated))
		return 1;
	return random_chance(&life->random, 0.7) ? 2 : random_int(&life->random, 3, 5);
}

/* What a division gives both daughters, each its own: nuclei, a shade, a sister. */
static void renew(struct life *life, struct body *body)
{
	body->sisters = life->divisions;
	body->nuclei = draw_nuclei(life);
	body->shade = (float)random_between(&life->random, 0.85, 1.15);
}

static void divide(struct life *life, double at_h)
{
	struct body *mother = choose_mother(life);
	struct body *daughter = mother ? body_add(life, BODY_CELL, mother->radius) : NULL;
	if (!daughter)
		return;
	double share = 0.5 + life->fate.unevenness * random_between(&life->random, 0.6, 1) * 0.5;
	double volume = cube(mother->radius);
	*daughter = (struct body){.kind = BODY_CELL, .x = mother->x, .y = mother->y, .z = mother->z,
	    .born_h = life->hour, .parted_h = at_h, .group = mother->group, .divides_h = FATE_NEVER,
	    .inner = mother->inner, .grain_x = mother->grain_y, .grain_y = mother->grain_x,
	    .grain_seed = life->bodies_count, .shade_before = (float)body_shade(life, mother),
	    .radius = (float)curve_cube_root(volume * (1 - share))};
	mother->shade_before = daughter->shade_before;
	life->divisions++;
	renew(life, daughter);
	renew(life, mother);
	mother->radius = (float)curve_cube_root(volume * share);
	mother->born_h = life->hour;
	mother->parted_h = at_h;
	float direction[3];
	random_direction(&life->random, direction);
	/* The first spindle lies about level: dishes are viewed from below. */
	direction[2] *= life_cells(life) < 3 ? 0.35f : 0.8f;
	body_move(mother, direction, 2);
	body_move(daughter, direction, -2);
}

static void part_groups(struct life *life)
{
	for (int i = 0; i < life->bodies_count; i++) {
		struct body *body = &life->bodies[i];
		if (body->parted_h > life->hour)
			continue;
		for (int j = 0; j < i; j++)
			if (life->bodies[j].group == body->group)
				body->group = life->groups++;
		body->fused = body->fused && life->hour < body->parted_h + 0.1;
	}
}

/* Reverse cleavage: the two nearest cells become one for some hours. */
static void fuse(struct life *life)
{
	struct body *pair[2] = {NULL, NULL};
	double least = 1e9;
	for (int i = 0; i < life->bodies_count; i++)
		for (int j = 0; j < i; j++) {
			struct body *a = &life->bodies[i], *b = &life->bodies[j];
			double x = a->x - b->x, y = a->y - b->y, z = a->z - b->z;
			double square = x * x + y * y + z * z;
			if (a->kind == BODY_CELL && b->kind == BODY_CELL && a->group != b->group && square < least) {
				least = square;
				pair[0] = a;
				pair[1] = b;
			}
		}
	if (!pair[0])
		return;
	pair[0]->group = pair[1]->group;
	for (int i = 0; i < 2; i++) {
		pair[i]->fused = true;
		pair[i]->born_h = life->hour;
		pair[i]->parted_h = life->fate.reverse_end_h;
	}
}

/* What fragments hold is missing in the cells. */
static void shrink_cells(struct life *life, double share)
{
	float less = (float)curve_cube_root(1 - share / (1 - life->fragments_made));
	for (int i = 0; i < life->bodies_count; i++)
		if (life->bodies[i].kind == BODY_CELL)
			life->bodies[i].radius *= less;
}

/* Some cells do not compact: the outermost are left between the morula and the zona. */
static void leave_out(struct life *life)
{
	life->excluded_drawn = true;
	for (int wanted = life->fate.excluded; wanted > 0; wanted--) {
		struct body *best = NULL;
		float most = -1;
		for (int i = 0; i < life->bodies_count; i++) {
			struct body *body = &life->bodies[i];
			float square = body->x * body->x + body->y * body->y + body->z * body->z;
			if (body->kind == BODY_CELL && square > most) {
				most = square;
				best = body;
			}
		}
		if (best && life->cells > 6)
			best->kind = BODY_EXCLUDED;
	}
}

static void make_fragments(struct life *life)
{
	const struct fate *fate = &life->fate;
	double first = fate->event_h[STAGE_2] != FATE_NEVER ? fate->event_h[STAGE_2] : fate->event_h[STAGE_3];
	if (first == FATE_NEVER)
		return;
	double whole = cube(fate->radius_um);
	double wanted = fate->fragmentation * curve_step(first - 1, first + 30, life->hour + 8);
	while (life->hour > first - 0.3 && life->fragments_made + 0.0004 < wanted) {
		/* So many pieces, whatever their volume: many small, few large. */
		double mean = curve_cube_root(fate->fragmentation * whole / fate->fragments);
		double share = random_unit(&life->random);
		double radius = mean * (0.45 + 1.25 * share * share);
		struct body *fragment = body_add(life, BODY_FRAGMENT, radius);
		if (!fragment)
			return;
		float direction[3];
		random_direction(&life->random, direction);
		/* They gather at one side, where the furrow was. */
		for (int i = 0; i < 3; i++)
			direction[i] = 0.55f * direction[i] + fate->gather * life->hatch[i];
		body_move(fragment, direction, life->wall_um * 0.75);
		shrink_cells(life, cube(radius) / whole);
		life->fragments_made += (float)(cube(radius) / whole);
	}
}

/* The cells nearest the pole and the middle become the inner cell mass. */
static void choose_lineages(struct life *life)
{
	int wanted = (int)(life->fate.icm_share * life_cells(life) + 0.5);
	life->lineages_drawn = true;
	for (; wanted > 0; wanted--) {
		struct body *best = NULL;
		float most = -1e9f;
		for (int i = 0; i < life->bodies_count; i++) {
			struct body *body = &life->bodies[i];
			float toward = body->x * life->pole[0] + body->y * life->pole[1] + body->z * life->pole[2];
			float square = body->x * body->x + body->y * body->y + body->z * body->z;
			float score = toward - 0.5f * sqrtf(square);
			if (body->kind == BODY_CELL && !body->inner && score > most) {
				most = score;
				best = body;
			}
		}
		if (best)
			best->inner = true;
	}
}

static double event_share(const struct life *life, enum stage from, enum stage to)
{
	const double *t = life->fate.event_h;
	if (t[from] == FATE_NEVER)
		return 0;
	double end = t[to] == FATE_NEVER ? t[from] + 12 : t[to];
	return curve_clamp((life->hour - t[from]) / (end - t[from]), 0, 1);
}

/* The cavity grows from a slit to nearly the whole hull; the hull follows once it is full. */
static void grow_cavity(struct life *life)
{
	const struct fate *fate = &life->fate;
	if (life->hour < fate->event_h[STAGE_SB] - 0.3)
		return;
	if (!life->lineages_drawn)
		choose_lineages(life);
	double early = event_share(life, STAGE_SB, STAGE_B);
	double full = event_share(life, STAGE_B, STAGE_EB);
	double after = fate->event_h[STAGE_EB] == FATE_NEVER ? 0 :
	    curve_step(fate->event_h[STAGE_EB] - 1, fate->event_h[STAGE_EB] + 16, life->hour);
	double fallen = curve_step(fate->collapse_h, fate->collapse_h + 0.4, life->hour) *
	    (1 - curve_step(fate->collapse_h + 0.4, fate->collapse_h + 4.5, life->hour));
	double largest = fate->expansion_um - 6;
	double start = fate->zona_inner_um - 4;
	double grown = curve_mix(start, fate->zona_inner_um + 3, full);
	grown = curve_mix(grown, largest, after);
	/* In sight when its hour comes. */
	double out = curve_step(fate->event_h[STAGE_HB] - 1.5, fate->event_h[STAGE_HB] + 10, life->hour);
	double hull = curve_mix(grown, start * 0.86, fallen) * (1 - 0.14 * out);
	life->hull_um += (float)((hull - life->hull_um) * 0.25);
	if (life->wall_um < grown)
		life->wall_um = (float)grown;
	double inner = fate->zona_inner_um;
	life->zona_um = (float)(fate->zona_um * inner * inner / ((double)life->wall_um * life->wall_um));
	double share = curve_mix(curve_mix(0.16, 0.78, early), 0.92, full) * (1 - 0.6 * fallen);
	struct cavity *cavity = &life->cavity;
	cavity->radius = (float)(life->hull_um * share);
	double off = -(life->hull_um - cavity->radius) * curve_mix(0.5, 0.3, full);
	cavity->x = (float)(life->pole[0] * off);
	cavity->y = (float)(life->pole[1] * off);
	cavity->z = (float)(life->pole[2] * off);
	life->hatch_um = (float)(0.8 * life->hull_um * out * (1 - fallen));
}

static void change_state(struct life *life)
{
	const struct fate *fate = &life->fate;
	const double *t = fate->event_h;
	double seen = curve_step(t[STAGE_PNA] - 0.2, t[STAGE_PNA] + 1.5, life->hour) *
	    (1 - curve_step(t[STAGE_PNF] - 0.9, t[STAGE_PNF], life->hour));
	life->nuclei_seen = t[STAGE_PNA] == FATE_NEVER ? 0 : (float)seen;
	if (fate->compaction_h != FATE_NEVER) {
		double end = t[STAGE_M] == FATE_NEVER ? fate->compaction_h + 18 : t[STAGE_M];
		life->compaction = (float)curve_step(fate->compaction_h, end, life->hour);
		if (life->compaction > 0.15f && !life->excluded_drawn)
			leave_out(life);
	}
	if (fate->arrest_h != FATE_NEVER)
		life->decay = (float)curve_step(fate->arrest_h + 12, fate->arrest_h + 60, life->hour);
	if (life->hour >= t[STAGE_PB2] && life->hour < t[STAGE_PB2] + step_h) {
		float near[3];
		random_direction(&life->random, near);
		for (int i = 0; i < 3 && life->bodies_count > 1; i++) {
			const struct body *first = &life->bodies[1];
			const float at[3] = {first->x, first->y, first->z};
			near[i] = near[i] * 0.35f + at[i] / life->wall_um;
		}
		add_polar(life, near);
	}
	grow_cavity(life);
}

static void hold_inside(const struct life *life, struct body *body, double radius)
{
	const struct cavity *cavity = &life->cavity;
	double far = sqrt((double)body->x * body->x + (double)body->y * body->y + (double)body->z * body->z);
	double room = body->kind == BODY_CELL ? life->hull_um : life->wall_um;
	double limit = room - radius * (cavity->radius > 0 ? 0.55 : life_flatness(life, body) * 0.97);
	if (limit < 0)
		limit = 0;
	if (far > limit) {
		/* Softly back to its place, but never through the wall. */
		double back = 1 - 0.4 * (far - limit) / far;
		if (far * back > 0.99 * room)
			back = 0.99 * room / far;
		body->x *= (float)back;
		body->y *= (float)back;
		body->z *= (float)back;
	}
	if (cavity->radius <= 0 || body->kind == BODY_POLAR)
		return;
	double x = body->x - cavity->x, y = body->y - cavity->y, z = body->z - cavity->z;
	double away = sqrt(x * x + y * y + z * z) + 1e-3;
	double least = cavity->radius + radius * 0.35;
	if (away >= least)
		return;
	double out = 0.35 * (least - away) / away;
	body->x += (float)(x * out);
	body->y += (float)(y * out);
	body->z += (float)(z * out);
}

/* How near two bodies want to be, as a share of the sum of their radii. */
static double wanted_nearness(const struct life *life, const struct body *a, const struct body *b)
{
	if (a->group == b->group) {
		const struct body *young = a->born_h > b->born_h ? a : b;
		return 0.12 + 0.62 * body_parted(life, young);
	}
	if (a->kind != BODY_CELL || b->kind != BODY_CELL)
		return 0.9;
	double young = fmax(a->born_h, b->born_h);
	/* Fresh cells are round; they settle against each other. */
	double settled = curve_step(young, young + 4, life->hour);
	double near = curve_mix(0.93, 0.82, settled);
	near = curve_mix(near, 0.69, life->compaction);
	if (life->cavity.radius > 0)
		near = curve_mix(a->inner && b->inner ? 0.66 : a->inner || b->inner ? 0.8 : 1.3, near,
		    life_mass(life));
	return near;
}

static void push_apart(const struct life *life, struct body *a, struct body *b)
{
	double x = a->x - b->x, y = a->y - b->y, z = a->z - b->z;
	double reach = body_radius(life, a) + body_radius(life, b);
	double square = x * x + y * y + z * z;
	double cohesion = a->kind == BODY_CELL && b->kind == BODY_CELL ? 1.25 : 1;
	if (square > reach * reach * 1.7)
		return;
	double far = sqrt(square) + 1e-3;
	double wanted = reach * wanted_nearness(life, a, b);
	bool bound = a->group == b->group;
	if (far > wanted * cohesion && !bound)
		return;
	/* Cells stick a little; halves of one cell hold together. */
	double force = far < wanted ? 0.22 : bound ? 0.2 : 0.02 + 0.05 * life->compaction;
	double by = force * (wanted - far) / far;
	double mass_a = cube(a->radius), mass_b = cube(b->radius);
	double share_a = mass_b / (mass_a + mass_b), share_b = 1 - share_a;
	a->x += (float)(x * by * share_a);
	a->y += (float)(y * by * share_a);
	a->z += (float)(z * by * share_a);
	b->x -= (float)(x * by * share_b);
	b->y -= (float)(y * by * share_b);
	b->z -= (float)(z * by * share_b);
}

/* The inner cell mass keeps together in a ball under its pole. */
static void gather(const struct life *life, struct body *body, double mass_um)
{
	float far = (float)(life->hull_um - mass_um - 4);
	float x = life->pole[0] * far - body->x, y = life->pole[1] * far - body->y;
	float z = life->pole[2] * far - body->z;
	double away = sqrt((double)x * x + (double)y * y + (double)z * z) + 1e-3;
	double room = mass_um - 0.7 * body->radius;
	if (away <= room)
		return;
	float by = (float)(0.25 * (away - room) / away);
	body->x += by * x;
	body->y += by * y;
	body->z += by * z;
}

/* Radius of a ball of all its cells. */
static double inner_mass(const struct life *life)
{
	double volume = 0;
	for (int i = 0; i < life->bodies_count; i++)
		if (life->bodies[i].inner)
			volume += cube(life->bodies[i].radius);
	return 0.92 * curve_cube_root(volume);
}

static void settle(struct life *life)
{
	double mass_um = inner_mass(life);
	for (int i = 0; i < life->bodies_count; i++) {
		struct body *body = &life->bodies[i];
		float jitter[3];
		random_direction(&life->random, jitter);
		body_move(body, jitter, body->kind == BODY_CELL ? 0.06 : 0.12);
		/* Cytoplasm churns; fragments waste away beside a blastocyst. */
		if (random_chance(&life->random, 0.15))
			body->grain_x += random_int(&life->random, -1, 1);
		if (body->kind == BODY_FRAGMENT && life->cavity.radius > 0 && body->radius > 2)
			body->radius *= 0.9975f;
		if (body->kind == BODY_EXCLUDED && life->cavity.radius > 0 && body->radius > 8)
			body->radius *= 0.9985f;
		/* Everything heavier than the medium sinks a little. */
		body->z -= 0.01f;
		/* A compacting morula draws together. */
		float draw = 1 - 0.0015f * life->compaction * (life->cavity.radius <= 0 && body->kind == BODY_CELL);
		body->x *= draw;
		body->y *= draw;
		body->z *= draw;
		if (body->inner)
			gather(life, body, mass_um);
		for (int j = 0; j < i; j++)
			push_apart(life, body, &life->bodies[j]);
	}
	for (int i = 0; i < life->bodies_count; i++)
		hold_inside(life, &life->bodies[i], body_radius(life, &life->bodies[i]));
}

static void step(struct life *life)
{
	const struct fate *fate = &life->fate;
	life->hour += step_h;
	while (life->splits_done < fate->splits &&
	    fate->split_h[life->splits_done] - division_h <= life->hour)
		divide(life, fate->split_h[life->splits_done++]);
	if (!life->fusing && life->hour >= fate->reverse_h) {
		life->fusing = true;
		fuse(life);
	}
	part_groups(life);
	life->cells = count_cells(life);
	make_fragments(life);
	change_state(life);
	settle(life);
}

void life_advance(struct life *life, double hour)
{
	while (life->hour + step_h <= hour)
		step(life);
}

int life_cells(const struct life *life)
{
	return life->cells;
}

enum stage life_stage(const struct life *life)
{
	const double *t = life->fate.event_h;
	for (enum stage stage = STAGE_HB; stage >= STAGE_M; stage--)
		if (life->hour >= t[stage])
			return stage;
	int cells = life_cells(life);
	if (cells >= 2)
		return cells > 9 ? STAGE_9 : (enum stage)(STAGE_2 + cells - 2);
	if (life->hour >= t[STAGE_PNF])
		return STAGE_PNF;
	return life->hour >= t[STAGE_PNA] ? STAGE_PNA : STAGE_PB2;
}

double life_fragmentation(const struct life *life)
{
	return life->fragments_made;
}

double life_cavity_share(const struct life *life)
{
	return cube(life->cavity.radius / life->hull_um);
}

double life_radius(const struct life *life)
{
	return life->wall_um + life->zona_um;
}

void life_place(const struct life *life, float *ret_x, float *ret_y)
{
	double phase = life->fate.radius_um * 37;
	*ret_x = (float)(4.0 * (curve_sin(phase + life->hour * 0.061) - curve_sin(phase)));
	*ret_y = (float)(3.0 * (curve_sin(2 * phase + life->hour * 0.043) - curve_sin(2 * phase)));
}
