/* Reading: pure, the same bits everywhere, and measured quantities that measure what they say. */
#include "unit/unit.h"

#include "reading/protocol.h"
#include "reading/read.h"
#include "unit/reading/networks.h"

#include <string.h>

/* Pictures from whole numbers only, so that the digest below holds on every machine. */
static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 16;
}

/* A grainy disc of this radius on a calm floor, or cells inside one. */
static void draw_disc(uint8_t *pixels, int cx, int cy, int radius, int grain, uint32_t *random)
{
	for (int y = 0; y < CUT_SIDE; y++) {
		for (int x = 0; x < CUT_SIDE; x++) {
			int dx = x - cx, dy = y - cy, away = dx * dx + dy * dy;
			int noise = (int)(next_random(random) % (uint32_t)grain) - grain / 2;
			if (away < radius * radius)
				pixels[y * CUT_SIDE + x] = (uint8_t)(110 + noise +
				                                     (away > (radius - 2) * (radius - 2)
				                                             ? 90
				                                             : 0));
		}
	}
}

static void draw(int kind, struct cut *cut)
{
	uint32_t random = (uint32_t)kind + 1;
	memset(cut, 0, sizeof *cut);
	cut->planes = (uint8_t)(1 + kind % CUT_PLANES_MAX);
	cut->radius_permille = 200;
	for (int p = 0; p < cut->planes; p++) {
		memset(cut->pixels[p], 140, sizeof cut->pixels[p]);
		int cells = kind % 10;
		if (cells <= 1)
			draw_disc(cut->pixels[p], 64, 64, 30 + kind / 2, 40, &random);
		for (int c = 0; c < cells && cells > 1; c++)
			draw_disc(cut->pixels[p], 64 + (c * 37 + kind * 11) % 41 - 20,
			    64 + (c * 53 + kind * 7) % 41 - 20, 12 + kind % 9, 30, &random);
	}
}

static struct cut *new_cut(void)
{
	return calloc(1, sizeof(struct cut));
}

enum { KINDS = 40 };

static struct network_ready made;

static int make_network(void **state)
{
	(void)state;
	network_make(1, true, &made);
	return 0;
}

static int drop_network(void **state)
{
	(void)state;
	network_ready_done_owned(&made);
	return 0;
}

static void read_made(const struct cut *cut, struct reading *ret_reading)
{
	read_cut(made.network, made.scratch, cut, ret_reading);
}

/* What the digest of all readings must be with every compiler, build type and processor. It
 * changes with engine_version of read.c, and only then. */
static const char expected_digest[] = "3334841771faf888fe4ed2c6e86e4e5a4a3054e34ada8b0da247718c667fd927";

static void the_same_cut_gives_the_same_bits(void **state)
{
	(void)state;
	OWN(free) struct cut *cut = new_cut();
	OWN(buf_done) struct buf bytes = BUF_INIT(1 << 20);
	uint8_t digest[CRYPTO_DIGEST_SIZE];
	char hex[2 * CRYPTO_DIGEST_SIZE + 1];
	for (int kind = 0; kind < KINDS; kind++) {
		struct reading reading, again;
		draw(kind, cut);
		read_made(cut, &reading);
		read_made(cut, &again);
		assert_memory_equal(&reading, &again, sizeof reading);
		protocol_add_reading(&bytes, &reading);
	}
	crypto_sha256(bytes.data, bytes.size, digest);
	for (int i = 0; i < CRYPTO_DIGEST_SIZE; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	assert_string_equal(hex, expected_digest);
}

static uint32_t sum_of_stages(const struct reading *reading)
{
	uint32_t sum = 0;
	for (int i = 0; i < STAGE_COUNT; i++)
		sum += reading->stage[i];
	return sum;
}

static void any_cut_gives_a_sound_reading(void **state)
{
	(void)state;
	OWN(free) struct cut *cut = new_cut();
	uint32_t random = 5;
	for (int round = 0; round < 12; round++) {
		struct reading reading;
		cut->planes = (uint8_t)(1 + round % CUT_PLANES_MAX);
		for (int p = 0; p < cut->planes; p++)
			for (int i = 0; i < CUT_SIDE * CUT_SIDE; i++)
				cut->pixels[p][i] = round == 0   ? 0
				                    : round == 1 ? 255
				                    : round < 6  ? (uint8_t)next_random(&random)
				                                 : (uint8_t)(i * round >> (round % 8));
		read_made(cut, &reading);
		assert_int_equal(sum_of_stages(&reading), PROBABILITY_ONE);
		assert_true(reading.confidence <= 1000 && reading.unfamiliar <= 1000 &&
		            reading.area_permille <= 1000);
		assert_true(reading.cells <= CELLS_MAX && reading.cells_confidence <= 1000);
		bool counted = reading.cells > 0;
		assert_int_equal(reading.fragmentation_permille <= 1000, counted);
		assert_int_equal(reading.fragmentation_confidence <= 1000, counted);
		assert_int_equal(reading.uneven <= 1000, counted);
		assert_int_equal(reading.multinucleated <= 1000, counted);
		assert_int_equal(reading.occupied, PROBABILITY_ONE - reading.stage[STAGE_EMPTY]);
	}
}

static void an_empty_well_reads_empty(void **state)
{
	(void)state;
	struct reading reading;
	read_empty(950, &reading);
	assert_int_equal(reading.occupied, 0);
	assert_int_equal(reading.stage[STAGE_EMPTY], PROBABILITY_ONE);
	assert_int_equal(reading_top_group(&reading), GROUP_EMPTY);
	assert_int_equal(reading.confidence, 950);
}

static void the_outline_lies_on_the_edge(void **state)
{
	(void)state;
	OWN(free) struct cut *cut = new_cut();
	for (int radius = 34; radius <= 50; radius += 4) {
		uint32_t random = 3;
		struct reading reading;
		cut->planes = 1;
		memset(cut->pixels[0], 140, sizeof cut->pixels[0]);
		draw_disc(cut->pixels[0], 64, 64, radius, 40, &random);
		read_made(cut, &reading);
		for (int i = 0; i < OUTLINE_POINTS; i++)
			assert_in_range(reading.outline[i], 2 * radius - 6, 2 * radius + 6);
		int area = 3142 * radius * radius / CUT_SIDE / CUT_SIDE;
		assert_in_range(reading.area_permille, area * 85 / 100, area * 115 / 100);
	}
}

static void blur_is_less_sharp_and_less_grainy(void **state)
{
	(void)state;
	OWN(free) struct cut *sharp = new_cut(), *soft = new_cut();
	struct reading of_sharp, of_soft;
	draw(4, sharp);
	*soft = *sharp;
	for (int i = CUT_SIDE + 1; i < CUT_SIDE * CUT_SIDE - CUT_SIDE - 1; i++) {
		int sum = 0;
		for (int j = -1; j <= 1; j++)
			for (int k = -1; k <= 1; k++)
				sum += sharp->pixels[0][i + j * CUT_SIDE + k];
		soft->pixels[0][i] = (uint8_t)(sum / 9);
	}
	read_made(sharp, &of_sharp);
	read_made(soft, &of_soft);
	assert_true(of_soft.sharpness < of_sharp.sharpness);
	assert_true(of_soft.texture < of_sharp.texture);
}

static void motion_is_change_of_the_embryo_only(void **state)
{
	(void)state;
	OWN(free) struct cut *one = new_cut(), *two = new_cut();
	draw(4, one);
	*two = *one;
	assert_int_equal(read_motion(one, two), 0);
	/* The well moves. */
	memset(two->pixels[0], 140, sizeof two->pixels[0]);
	for (int y = 6; y < CUT_SIDE; y++)
		memcpy(two->pixels[0] + y * CUT_SIDE, one->pixels[0] + (y - 6) * CUT_SIDE + 4,
		    CUT_SIDE - 4);
	uint16_t moved = read_motion(one, two);
	/* The lamp changes. */
	*two = *one;
	for (int i = 0; i < CUT_SIDE * CUT_SIDE; i++)
		two->pixels[0][i] = (uint8_t)(two->pixels[0][i] / 2 + 60);
	uint16_t lit = read_motion(one, two);
	/* The embryo changes. */
	draw(7, two);
	uint16_t changed = read_motion(one, two);
	assert_true(moved < 30);
	assert_true(lit < 30);
	assert_true(changed > 300 && changed <= 1000);
}

static void a_reader_is_named_after_its_network(void **state)
{
	(void)state;
	uint8_t network[CRYPTO_DIGEST_SIZE] = {1}, one[CRYPTO_DIGEST_SIZE], two[CRYPTO_DIGEST_SIZE];
	read_digest(network, one);
	read_digest(network, two);
	assert_memory_equal(one, two, sizeof one);
	assert_memory_not_equal(one, network, sizeof one);
	network[0] = 2;
	read_digest(network, two);
	assert_memory_not_equal(one, two, sizeof one);
}

static void missing_planes_are_copies_of_the_sharpest(void **state)
{
	(void)state;
	OWN(free) struct cut *cut = new_cut();
	struct reading one, three;
	draw(3, cut);
	cut->planes = 1;
	memset(cut->pixels[1], 7, 2 * sizeof cut->pixels[1]);
	read_made(cut, &one);
	cut->planes = 3;
	memcpy(cut->pixels[1], cut->pixels[0], sizeof cut->pixels[0]);
	memcpy(cut->pixels[2], cut->pixels[0], sizeof cut->pixels[0]);
	read_made(cut, &three);
	assert_memory_equal(&one, &three, sizeof one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_same_cut_gives_the_same_bits),
	    cmocka_unit_test(any_cut_gives_a_sound_reading),
	    cmocka_unit_test(an_empty_well_reads_empty),
	    cmocka_unit_test(the_outline_lies_on_the_edge),
	    cmocka_unit_test(blur_is_less_sharp_and_less_grainy),
	    cmocka_unit_test(motion_is_change_of_the_embryo_only),
	    cmocka_unit_test(a_reader_is_named_after_its_network),
	    cmocka_unit_test(missing_planes_are_copies_of_the_sharpest),
	};
	return cmocka_run_group_tests(tests, make_network, drop_network);
}
