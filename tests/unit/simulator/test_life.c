#include "simulator/life.h"
#include "unit/unit.h"

#include <math.h>

static struct life *start(uint64_t seed, enum stage reach, struct fate *fate)
{
	struct random random;
	random_start(&random, seed, 1);
	fate_draw(fate, &random, INSEMINATION_ICSI, reach);
	struct life *life = malloc(sizeof *life);
	assert_non_null(life);
	life_start(life, fate, seed);
	return life;
}

/* What is counted in the drawing is what the fate said. */
static void test_cells_follow_the_fate(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 12; seed++) {
		struct fate fate;
		OWN(free) struct life *life = start(seed, STAGE_9, &fate);
		for (double hour = 1; hour < fate.event_h[STAGE_9]; hour += 0.5) {
			life_advance(life, hour);
			if (hour > fate.reverse_h - 0.2 && hour < fate.reverse_end_h + 0.2)
				continue;
			int least = 1, most = 1;
			for (int i = 0; i < fate.splits; i++) {
				least += fate.split_h[i] < hour - 0.2;
				most += fate.split_h[i] < hour + 0.2;
			}
			assert_in_range(life_cells(life), least, most);
		}
	}
}

static void test_fused_cells_count_as_one(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed < 200; seed++) {
		struct fate fate;
		OWN(free) struct life *life = start(seed, STAGE_5, &fate);
		if (fate.reverse_h > fate.event_h[STAGE_5] - 1 || fate.reverse_end_h > fate.event_h[STAGE_5] ||
		    fate.event_h[STAGE_4] > fate.reverse_h - 1)
			continue;
		life_advance(life, fate.reverse_h - 0.2);
		int before = life_cells(life);
		life_advance(life, fate.reverse_h + 1);
		assert_int_equal(life_cells(life), before - 1);
		life_advance(life, fate.reverse_end_h + 0.3);
		assert_int_equal(life_cells(life), before);
		return;
	}
	fail_msg("no reverse cleavage in 200 fates");
}

static void test_stays_in_the_zona(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 6; seed++) {
		struct fate fate;
		OWN(free) struct life *life = start(seed, STAGE_EB, &fate);
		float last = 0;
		for (double hour = 2; hour < 130; hour += 1) {
			life_advance(life, hour);
			assert_true(life->wall_um >= last);
			last = life->wall_um;
			assert_true(life_cavity_share(life) >= 0 && life_cavity_share(life) < 1);
			for (int i = 0; i < life->bodies_count; i++) {
				const struct body *body = &life->bodies[i];
				float far = sqrtf(body->x * body->x + body->y * body->y + body->z * body->z);
				assert_true(far < life->wall_um);
			}
		}
		assert_true(life_cells(life) > 40);
	}
}

/* The hours asked for do not change the life. */
static void test_steps_do_not_matter(void **state)
{
	(void)state;
	struct fate fate;
	OWN(free) struct life *a = start(3, STAGE_B, &fate);
	OWN(free) struct life *b = start(3, STAGE_B, &fate);
	life_advance(a, 112);
	for (double hour = 0; hour <= 112; hour += 0.31)
		life_advance(b, hour);
	life_advance(b, 112);
	assert_int_equal(a->bodies_count, b->bodies_count);
	for (int i = 0; i < a->bodies_count; i++)
		assert_true(a->bodies[i].x == b->bodies[i].x && a->bodies[i].z == b->bodies[i].z);
}

/* A life of this seed whose fate has been changed before it began. */
static struct life *start_changed(uint64_t seed, const struct fate *fate)
{
	struct life *life = malloc(sizeof *life);
	assert_non_null(life);
	life_start(life, fate, seed);
	return life;
}

static double volume(const struct life *life)
{
	double sum = 0;
	for (int i = 0; i < life->bodies_count; i++) {
		const struct body *body = &life->bodies[i];
		sum += body->kind == BODY_POLAR ? 0 : (double)body->radius * body->radius * body->radius;
	}
	return sum;
}

/* Fragments are made of the cells' own cytoplasm, and as much as the fate said. */
static void test_fragments_take_from_the_cells(void **state)
{
	(void)state;
	struct fate fate;
	free(start(5, STAGE_8, &fate));
	fate.fragmentation = 0.4;
	OWN(free) struct life *life = start_changed(5, &fate);
	double before = volume(life);
	life_advance(life, fate.event_h[STAGE_2] - 2);
	assert_true(life_fragmentation(life) == 0);
	life_advance(life, fate.event_h[STAGE_8]);
	assert_true(life_fragmentation(life) > 0.2 && life_fragmentation(life) < 0.42);
	assert_true(fabs(volume(life) / before - 1) < 0.01);
}

static void test_uneven_sisters_are_told(void **state)
{
	(void)state;
	struct fate fate;
	free(start(6, STAGE_4, &fate));
	/* Just before the next division: at its end the sizes are those of two cells. */
	double two = fate.event_h[STAGE_3] - 1;
	fate.unevenness = 0;
	OWN(free) struct life *even = start_changed(6, &fate);
	life_advance(even, two);
	assert_false(life_is_uneven(even));
	fate.unevenness = 0.95;
	OWN(free) struct life *uneven = start_changed(6, &fate);
	life_advance(uneven, two);
	assert_int_equal(life_cells(uneven), life_cells(even));
	assert_true(life_is_uneven(uneven));
}

static void test_nuclei(void **state)
{
	(void)state;
	struct fate fate;
	free(start(7, STAGE_4, &fate));
	for (int several = 0; several <= 1; several++) {
		fate.multinucleated = several;
		OWN(free) struct life *life = start_changed(7, &fate);
		life_advance(life, fate.event_h[STAGE_2] + 6);
		for (int i = 0; i < life->bodies_count; i++) {
			const struct body *body = &life->bodies[i];
			assert_true(body->kind != BODY_CELL || (body->nuclei > 1) == several);
			assert_true((body_nuclei_seen(life, body) > 0.5) == (body->kind == BODY_CELL));
		}
	}
}

static void test_cells_left_out_of_the_morula(void **state)
{
	(void)state;
	struct fate fate;
	free(start(8, STAGE_SB, &fate));
	fate.excluded = 3;
	OWN(free) struct life *life = start_changed(8, &fate);
	life_advance(life, fate.event_h[STAGE_M]);
	int out = 0;
	for (int i = 0; i < life->bodies_count; i++)
		out += life->bodies[i].kind == BODY_EXCLUDED;
	assert_int_equal(out, 3);
	assert_true(life_mass(life) > 0.99);
	life_advance(life, fate.event_h[STAGE_SB] + 20);
	assert_true(life_mass(life) < 0.01);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_fragments_take_from_the_cells),
	    cmocka_unit_test(test_uneven_sisters_are_told), cmocka_unit_test(test_nuclei),
	    cmocka_unit_test(test_cells_left_out_of_the_morula), cmocka_unit_test(test_cells_follow_the_fate),
	    cmocka_unit_test(test_fused_cells_count_as_one), cmocka_unit_test(test_stays_in_the_zona),
	    cmocka_unit_test(test_steps_do_not_matter)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
