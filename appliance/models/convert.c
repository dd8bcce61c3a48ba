#include "models/convert.h"

#include "base/crypto.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "model/reading.h"
#include "models/onnx.h"
#include "models/package.h"

#include <math.h>
#include <string.h>

enum { RENDERED_MOMENTS = 6 /* of each stage: about a hundred cuts */ };

static bool load_manifest(const char *path, struct manifest *ret_manifest, struct err *err)
{
	OWN(buf_done) struct buf text = BUF_INIT(LIMIT_MANIFEST_BYTES);
	return (file_read(path, &text, err) &&
	           manifest_parse((const char *)text.data, text.size, ret_manifest, err)) ||
	    err_add(err, "%s", path_name(path));
}

/* Probabilities that were made in another way than the reader makes them would mean something else. */
static bool check_endings(const struct onnx *onnx, const struct manifest *manifest, struct err *err)
{
	for (int i = 0; i < onnx->graph->outputs_count; i++) {
		for (int j = 0; j < manifest->heads_count; j++) {
			const struct manifest_head *head = &manifest->heads[j];
			if (strcmp(head->output, onnx->graph->outputs[i].name) != 0 ||
			    onnx->endings[i] == ONNX_PLAIN)
				continue;
			bool one = head->kind == NETWORK_UNEVEN || head->kind == NETWORK_MULTINUCLEATED;
			bool many = head->kind == NETWORK_STAGE || head->kind == NETWORK_FRAGMENTATION;
			if (onnx->endings[i] == ONNX_SOFTMAX ? !many : !one)
				return err_set(err, ERR_UNSUPPORTED,
				    "the output %s ends in %s, and the reader makes %s of it", head->output,
				    onnx->endings[i] == ONNX_SOFTMAX ? "Softmax" : "Sigmoid",
				    many      ? "a softmax"
				        : one ? "a sigmoid"
				              : "nothing");
		}
	}
	return true;
}

static bool load_graph(
    const char *path, const struct manifest *manifest, struct graph **ret_graph, struct err *err)
{
	OWN(buf_done) struct buf bytes = BUF_INIT(LIMIT_ONNX_BYTES);
	struct onnx onnx;
	const struct graph_shape input = {manifest->planes, CUT_SIDE, CUT_SIDE};
	if (!file_read(path, &bytes, err) || !onnx_parse(bytes.data, bytes.size, input, &onnx, err))
		return err_add(err, "%s", path_name(path));
	if (!check_endings(&onnx, manifest, err)) {
		graph_free(onnx.graph);
		return err_add(err, "%s", path_name(path));
	}
	*ret_graph = onnx.graph;
	return true;
}

/* Enough digits to compare by, no more. */
static json_t *rounded(double value)
{
	return json_real(round(value * 1e5) / 1e5);
}

static json_t *errors_json(const struct quantise_report *report)
{
	json_t *outputs = json_object();
	for (int i = 0; i < report->errors_count; i++) {
		const struct quantise_error *error = &report->errors[i];
		json_object_set_new(outputs, manifest_head_name(error->kind),
		    json_pack("{s:o, s:o, s:o, s:o}", "mean", rounded(error->mean), "most",
		        rounded(error->most), "spread", rounded(error->spread), "same", rounded(error->same)));
	}
	return outputs;
}

static bool complete(json_t *json, const struct buf *network, const struct quantise_report *report,
    bool rendered, struct err *err)
{
	uint8_t digest[CRYPTO_DIGEST_SIZE];
	char hex[2 * CRYPTO_DIGEST_SIZE + 1];
	crypto_sha256(network->data, network->size, digest);
	text_hex(hex, digest, sizeof digest);
	json_object_del(json, "unfamiliar");
	int failed = json_object_set_new(json, "network", json_pack("{s:s, s:I, s:I}", "digest", hex, "bytes",
	    (json_int_t)network->size, "multiplications", (json_int_t)report->work));
	failed |= json_object_set_new(json, "quantisation",
	    json_pack("{s:I, s:b, s:o}", "cuts", (json_int_t)report->cuts, "rendered", rendered, "outputs",
	        errors_json(report)));
	return !failed || err_set(err, ERR_NO_MEMORY, "writing a manifest");
}

bool convert_onnx(const struct convert_request *request, struct buf *to, struct quantise_report *ret_report,
    struct err *err)
{
	OWN(manifest_done) struct manifest manifest = {0};
	OWN(graph_free) struct graph *graph = NULL;
	OWN(samples_done) struct samples samples = {0};
	OWN(json_decref) json_t *report = NULL;
	OWN(buf_done) struct buf network = BUF_INIT(LIMIT_NETWORK_BYTES);
	if (!load_manifest(request->manifest, &manifest, err) ||
	    !load_graph(request->onnx, &manifest, &graph, err) ||
	    (request->report && !json_load(request->report, LIMIT_REPORT_BYTES, &report, err)))
		return false;
	bool ok = request->cuts ? samples_load(request->cuts, manifest.planes, &samples, err)
				: samples_render(manifest.planes, RENDERED_MOMENTS, &samples, err);
	if (!ok || !quantise(graph, &manifest, &samples, &network, ret_report, err))
		return false;
	return complete(manifest.json, &network, ret_report, !request->cuts, err) &&
	    package_write(manifest.json, report, &network, request->private_pem, to, err);
}
