/* The integer network: a cut's pixels in, answers out, with the same bits on every processor, compiler and
 * number of threads. The file (network_file.h) is used as it lies: weights are already in the order the
 * kernels take them, so opening costs a check and no copy.
 *
 * Threads: a network is read-only once open; any number of threads may run it, each with a scratch of
 * its own. Running allocates nothing. */
#pragma once

#include "base/err.h"
#include "base/own.h"
#include "model/reading.h"
#include "reading/network_file.h"

#include <stddef.h>

struct network;

/* bytes: a whole network file, 64-byte aligned, unchanged and mapped until network_close. Every offset,
 * shape and size is held against the file and against the limits. ERR_DAMAGED: it contradicts itself, and
 * the sentence names the operator; ERR_UNSUPPORTED: another version; ERR_TOO_LARGE. */
bool network_open(const uint8_t *bytes, size_t size, struct network **ret_network, struct err *err);
void network_close(struct network *network);
OWN_DEFINE(struct network *, network_close)

/* What a run needs: bytes of memory, aligned to 64. */
size_t network_scratch_size(const struct network *network);
/* Allocated; free() frees it. */
void *network_scratch(const struct network *network);

/* The whole chain of one cut: pixels, operators, outputs. */
void network_run(const struct network *network, const struct cut *cut, void *scratch);
/* The answer of an output in scratch after a run: s32 logits, or the u8 embedding. count is its channels.
 * NULL where the network has no such output. */
const int32_t *network_logits(
    const struct network *network, const void *scratch, enum network_output_kind kind, size_t *ret_count);
const uint8_t *network_embedding(const struct network *network, const void *scratch, size_t *ret_count);

const struct network_calibration *network_calibration(const struct network *network);
/* Planes that it wants, 1..CUT_PLANES_MAX. */
int network_planes(const struct network *network);
/* Multiplications of one run. */
int64_t network_work(const struct network *network);

/* How it computes: the widest kernels that the processor has. For tests and benchmarks: any path gives
 * the same bits. */
enum network_path { NETWORK_PLAIN, NETWORK_AVX2, NETWORK_VNNI, NETWORK_NEON, NETWORK_PATHS };
const char *network_path_name(enum network_path path);
bool network_path_runs(enum network_path path);
enum network_path network_path(const struct network *network);
/* The path must run here. */
void network_force_path(struct network *network, enum network_path path);
/* One u8 or s32 tensor after a run, rows of height x width x channels without gaps; for tests and for
 * measuring how far quantisation lies from floats. to: room for them all. */
void network_tensor(const struct network *network, const void *scratch, size_t index, void *to);
