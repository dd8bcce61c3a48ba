/* The model that reaches every clinic: it opens under the shipped key, carries its card and report, and gives the same
 * bits on every path of every processor. A box's self test reads the same batch to the same digest. */
#include "unit/unit.h"

#include "base/text.h"
#include "models/models.h"
#include "reading/network_map.h"
#include "reading/read.h"

#include <string.h>

static const struct models_folders folders = {DAYBREAK_SOURCE_DIR "/appliance/models/shipped", NULL};
static struct err err;

/* Discs of several greys in a disc: nothing an embryologist would know, but every layer has something to do. */
static void draw(struct cut *cut, uint32_t seed)
{
	memset(cut, 0, sizeof *cut);
	cut->planes = (uint8_t)(1 + seed % CUT_PLANES_MAX);
	cut->radius_permille = 300;
	for (int plane = 0; plane < cut->planes; plane++) {
		memset(cut->pixels[plane], 128, sizeof cut->pixels[plane]);
		for (int disc = 0; disc < 12; disc++) {
			seed = seed * 1664525 + 1013904223;
			int x = 34 + (int)(seed >> 8) % 60, y = 34 + (int)(seed >> 16) % 60, r = disc ? 6 + (int)(seed >> 24) % 18 : 50;
			for (int at = 0; at < CUT_SIDE * CUT_SIDE; at++) {
				int dx = at % CUT_SIDE - x, dy = at / CUT_SIDE - y;
				if (dx * dx + dy * dy < r * r)
					cut->pixels[plane][at] = (uint8_t)(60 + (seed >> 4) % 140);
			}
		}
	}
}

static void digest_of(const struct network *network, char ret_hex[2 * CRYPTO_DIGEST_SIZE + 1])
{
	enum { CUTS = 24 };
	static struct cut cut;
	struct reading readings[CUTS];
	uint8_t digest[CRYPTO_DIGEST_SIZE];
	OWN(free) void *scratch = network_scratch(network);
	memset(readings, 0, sizeof readings);
	for (uint32_t i = 0; i < CUTS; i++) {
		draw(&cut, i);
		read_cut(network, scratch, &cut, &readings[i]);
	}
	crypto_sha256(readings, sizeof readings, digest);
	text_hex(ret_hex, digest, sizeof digest);
}

/* Changes with the shipped model, and with what a reading holds. */
static const char golden[] = "0195d7e87fd386c89bbc67298f530f15c1cadd99d67df9d51355f607c1224b94";

static void every_path_reads_the_same(void **state)
{
	(void)state;
	OWN(model_open_done) struct model_open model = MODEL_OPEN_INIT;
	OWN(network_unmap) struct network_map map = {0};
	char hex[2 * CRYPTO_DIGEST_SIZE + 1];
	must(models_open(&folders, NULL, &model, &err));
	must(network_map(model.fd, &map, &err));
	for (int path = 0; path < NETWORK_PATHS; path++) {
		if (!network_path_runs((enum network_path)path))
			continue;
		network_force_path(map.network, (enum network_path)path);
		digest_of(map.network, hex);
		print_message("%s on %s: %s\n", model.label, network_path_name((enum network_path)path), hex);
		assert_string_equal(hex, golden);
	}
}

static void it_carries_its_card_and_report(void **state)
{
	(void)state;
	OWN(model_open_done) struct model_open model = MODEL_OPEN_INIT;
	must(models_open(&folders, NULL, &model, &err));
	assert_string_equal(model.signer, "daybreak-release");
	assert_non_null(json_object_get(model.manifest, "training"));
	assert_non_null(model.report);
	assert_true(json_array_size(json_object_get(model.report, "datasets")) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_path_reads_the_same),
	    cmocka_unit_test(it_carries_its_card_and_report),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
