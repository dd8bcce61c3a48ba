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

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_cells_follow_the_fate),
	    cmocka_unit_test(test_fused_cells_count_as_one), cmocka_unit_test(test_stays_in_the_zona),
	    cmocka_unit_test(test_steps_do_not_matter)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
