#include "unit/models/networks.h"

#include "base/limits.h"
#include "base/text.h"
#include "models/convert.h"
#include "models/package.h"

static struct err err;
static char onnx[LIMIT_PATH], manifest[LIMIT_PATH], cuts[LIMIT_PATH], report[LIMIT_PATH];
static char key[CRYPTO_PEM_SIZE], public_key[1][CRYPTO_PEM_SIZE];
static const struct package_keys trusted = {public_key, 1};

static const char card[] =
    "{\"name\":\"lab\",\"version\":\"3\",\"summary\":\"a trial\",\"input\":{},"
    "\"outputs\":{\"stage\":{\"classes\":[\"empty\",\"tPB2\",\"tPNa\",\"tPNf\",\"t2\",\"t3\",\"t4\",\"t5\",\"t6\",\"t7\",\"t8\",\"t9\","
    "\"tM\",\"tSB\",\"tB\",\"tEB\",\"tHB\"]},\"uneven\":{}}}";

static void put(const char *path, const void *data, size_t size)
{
	must(file_write(path, data, size, 0644, &err));
}

static int setup(void **state)
{
	if (folder_setup(state) != 0)
		return -1;
	path_join(onnx, sizeof onnx, *state, "network.onnx");
	path_join(manifest, sizeof manifest, *state, "manifest.json");
	path_join(cuts, sizeof cuts, *state, "cuts.bin");
	path_join(report, sizeof report, *state, "report.json");
	static struct net net;
	static uint8_t pixels[3 * 3 * 128 * 128];
	OWN(buf_done) struct buf bytes = BUF_INIT(1 << 20);
	for (size_t i = 0; i < sizeof pixels; i++)
		pixels[i] = (uint8_t)(i * i / 977);
	net_reader(&net);
	net_pack(&net, &bytes);
	put(onnx, bytes.data, bytes.size);
	put(manifest, card, strlen(card));
	put(cuts, pixels, sizeof pixels);
	put(report, "{\"accuracy\":1}", 14);
	return crypto_pair_make(key, public_key[0], &err) ? 0 : -1;
}

static bool convert(struct convert_request request, struct package *ret_package)
{
	OWN(buf_done) struct buf package = BUF_INIT(8 << 20);
	struct quantise_report made;
	request.private_pem = key;
	if (!convert_onnx(&request, &package, &made, &err))
		return false;
	must(package_open(package.data, package.size, &trusted, ret_package, &err));
	return true;
}

static void a_network_becomes_a_package(void **state)
{
	(void)state;
	OWN(package_done) struct package package = {0};
	must(convert(
	    (struct convert_request){.onnx = onnx, .manifest = manifest, .cuts = cuts, .report = report},
	    &package));
	assert_string_equal(package.name, "lab");
	assert_int_equal(json_int(package.report, "accuracy", 0), 1);
	assert_string_equal(json_text(package.manifest, "summary", ""), "a trial");
	const json_t *network = json_object_get(package.manifest, "network");
	char hex[65];
	text_hex(hex, package.digest, sizeof package.digest);
	assert_string_equal(json_text(network, "digest", ""), hex);
	assert_int_equal(json_int(network, "bytes", 0), package.network.size);
	const json_t *quantisation = json_object_get(package.manifest, "quantisation");
	assert_int_equal(json_int(quantisation, "cuts", 0), 3);
	assert_false(json_bool(quantisation, "rendered", true));
	assert_true(json_is_real(
	    json_object_get(json_object_get(json_object_get(quantisation, "outputs"), "stage"), "same")));
}

static void refused(struct convert_request request, enum err_code code, const char *part)
{
	struct package package;
	must_fail(convert(request, &package), code);
	if (!strstr(err.detail, part))
		fail_msg("no \"%s\" in: %s", part, err.detail);
}

static void what_is_missing_or_wrong(void **state)
{
	(void)state;
	refused((struct convert_request){.onnx = "/nowhere", .manifest = manifest, .cuts = cuts}, ERR_IO,
	    "/nowhere");
	refused(
	    (struct convert_request){.onnx = onnx, .manifest = "/nowhere", .cuts = cuts}, ERR_IO, "/nowhere");
	refused((struct convert_request){.onnx = onnx, .manifest = manifest, .cuts = "/nowhere"}, ERR_IO,
	    "/nowhere");
	refused((struct convert_request){.onnx = onnx, .manifest = manifest, .cuts = manifest}, ERR_BAD_INPUT,
	    "not a file of cuts");
	refused((struct convert_request){.onnx = onnx, .manifest = onnx, .cuts = cuts}, ERR_BAD_INPUT,
	    "network.onnx: JSON");
	refused((struct convert_request){.onnx = manifest, .manifest = manifest, .cuts = cuts}, ERR_DAMAGED,
	    "manifest.json: this is not an ONNX");
	refused((struct convert_request){.onnx = onnx, .manifest = manifest, .cuts = cuts, .report = cuts},
	    ERR_BAD_INPUT, "JSON");
}

/* A softmax of three is no answer to one question. */
static void endings(void **state)
{
	char path[LIMIT_PATH];
	static const char wrong[] =
	    "{\"name\":\"lab\",\"version\":\"3\",\"input\":{},\"outputs\":{\"stage\":{\"classes\":[\"t2\",\"t4\"],"
	    "\"output\":\"uneven\"},\"uneven\":{\"output\":\"stage\"}}}";
	path_join(path, sizeof path, *state, "wrong.json");
	put(path, wrong, strlen(wrong));
	refused((struct convert_request){.onnx = onnx, .manifest = path, .cuts = cuts}, ERR_UNSUPPORTED,
	    "the output stage ends in Softmax, and the reader makes a sigmoid of it");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_network_becomes_a_package),
	    cmocka_unit_test(what_is_missing_or_wrong),
	    cmocka_unit_test(endings),
	};
	return cmocka_run_group_tests(tests, setup, folder_teardown);
}
