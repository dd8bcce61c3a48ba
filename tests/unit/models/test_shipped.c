/* The model that reaches every clinic: it opens under the shipped key, carries its card and report, and gives the same
 * bits on every path of every processor. A box asks its reader for the same batch (models/known.h). */
#include "unit/unit.h"

#include "models/known.h"
#include "reading/network_map.h"

#include <string.h>

static const struct models_folders folders = {DAYBREAK_SOURCE_DIR "/appliance/models/shipped", NULL};
static struct err err;

static void digest_of(const struct network *network, char ret_hex[2 * CRYPTO_DIGEST_SIZE + 1])
{
	static struct cut cuts[KNOWN_CUTS];
	struct reading readings[KNOWN_CUTS] = {0};
	OWN(free) void *scratch = network_scratch(network);
	known_cuts(cuts);
	for (int i = 0; i < KNOWN_CUTS; i++)
		read_cut(network, scratch, &cuts[i], &readings[i]);
	known_digest(readings, ret_hex);
}

static void every_path_reads_the_same(void **state)
{
	(void)state;
	OWN(model_open_done) struct model_open model = MODEL_OPEN_INIT;
	OWN(network_unmap) struct network_map map = {0};
	char hex[2 * CRYPTO_DIGEST_SIZE + 1], golden[LIMIT_NAME], answer[LIMIT_NAME + 8];
	must(models_open(&folders, NULL, &model, &err));
	/* Another model brings another answer; a reading that holds something else needs another one too. */
	snprintf(answer, sizeof answer, "%s.answer", model.label);
	must(folder_read_text(folders.shipped, answer, golden, sizeof golden, &err));
	golden[strcspn(golden, "\n")] = 0;
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

static void a_reader_process_reads_the_same(void **state)
{
	(void)state;
	struct known_result result;
	must(known_read(&folders, DAYBREAK_BIN_DIR "/daybreak-reader", &result, &err));
	assert_string_equal(result.answer, result.expected);
	assert_string_equal(result.label, "daybreak-2.0");
	must_fail(known_read(&folders, "/nowhere/daybreak-reader", &result, &err), ERR_UNAVAILABLE);
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
	    cmocka_unit_test(a_reader_process_reads_the_same),
	    cmocka_unit_test(it_carries_its_card_and_report),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
