/* A network of somebody's own to a signed package: ONNX and its manifest in, quantised, card completed, signed.
 *
 *   network.onnx ──▶ graph ──▶ network.bin ─┐
 *   manifest.json ─────▲                    ├──▶ package
 *   cuts ──────────────┴──▶ error, digest ──┘
 *
 * The package's manifest is the given one without "unfamiliar" (that is in the network now), with
 *   "network": {"digest", "bytes", "multiplications"} and
 *   "quantisation": {"cuts", "rendered", "outputs": {name: {"mean", "most", "spread", "same"}}} (quantise.h). */
#pragma once

#include "models/quantise.h"

struct convert_request {
	const char *onnx, *manifest;
	const char *cuts;   /* NULL: cuts are rendered */
	const char *report; /* accuracy, JSON; NULL: none */
	const char *private_pem;
};

/* Appends the package to `to`. */
bool convert_onnx(const struct convert_request *request, struct buf *to, struct quantise_report *ret_report,
    struct err *err);
