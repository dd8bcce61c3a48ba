/* Small networks with weights from a seed, for tests: the same bytes on every machine. */
#pragma once

#include "reading/network.h"
#include "reading/network_write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static inline uint32_t network_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 16;
}

/* The writer and what the next layer of it needs. */
struct making {
	struct network_writer *writer;
	uint32_t random;
	int tensor, channels; /* the last one's */
	uint8_t zero_point;
};

/* As 1 / sqrt(n), in steps of two, so that no rounding of a library matters. */
static inline double making_scale(int depth)
{
	double scale = 1.0 / 32;
	for (; depth > 1; depth /= 4)
		scale /= 2;
	return scale;
}

static inline int making_conv(struct making *m, int side, int stride, int outputs, bool relu)
{
	int depth = side * side * m->channels;
	int8_t *weights = malloc((size_t)(outputs * depth));
	int32_t bias[256];
	double scale[256];
	for (int i = 0; i < outputs * depth; i++)
		weights[i] = (int8_t)(network_random(&m->random) % 255 - 127);
	for (int o = 0; o < outputs; o++) {
		bias[o] = (int32_t)(network_random(&m->random) % 2001) - 1000;
		scale[o] = making_scale(depth) * (1 + network_random(&m->random) % 64 / 256.0);
	}
	uint8_t zero_point = relu ? 0 : 120;
	int pad = side / 2;
	m->tensor = network_write_conv(m->writer,
	    &(struct network_conv){.input = m->tensor,
	        .window = {side, side, stride, stride, pad, pad, pad, pad},
	        .outputs = outputs,
	        .groups = 1,
	        .weights = weights,
	        .bias = bias,
	        .scale = scale,
	        .zero_point = zero_point,
	        .least = 0,
	        .most = 255});
	free(weights);
	m->channels = outputs;
	m->zero_point = zero_point;
	return m->tensor;
}

static inline void making_residual(struct making *m)
{
	int before = m->tensor, channels = m->channels;
	making_conv(m, 3, 1, channels, true);
	int after = making_conv(m, 3, 1, channels, false);
	m->tensor = network_write_add(m->writer, (struct network_term){before, 1},
	    (struct network_term){after, 1}, (struct network_clamp){0, 0, 255});
	m->zero_point = 0;
}

static inline int making_logits(struct making *m, int outputs)
{
	int8_t weights[NETWORK_CHANNELS_MAX];
	int32_t bias[STAGE_COUNT];
	double scale[STAGE_COUNT];
	for (int i = 0; i < outputs * m->channels; i++)
		weights[i] = (int8_t)(network_random(&m->random) % 255 - 127);
	for (int o = 0; o < outputs; o++) {
		bias[o] = (int32_t)(network_random(&m->random) % 2001) - 1000;
		scale[o] = 1.0 / 32;
	}
	return network_write_conv(m->writer,
	    &(struct network_conv){.input = m->tensor,
	        .window = {1, 1, 1, 1, 0, 0, 0, 0},
	        .outputs = outputs,
	        .groups = 1,
	        .weights = weights,
	        .bias = bias,
	        .scale = scale,
	        .logits = true});
}

static inline struct network_calibration making_calibration(void)
{
	struct network_calibration calibration = {.bins_permille = {0, 50, 150, 350, 700}};
	for (int i = 0; i < NETWORK_CONFIDENCE_STEPS; i++)
		calibration.stage[i] = calibration.cells[i] = (uint16_t)(i * 60);
	for (int i = 0; i < NETWORK_UNFAMILIAR_STEPS; i++)
		calibration.unfamiliar[i] = (uint64_t)i * i * 1000000;
	return calibration;
}

/* The shape of our own network, or with `small` a tenth of it: every output, every kind of layer it has. */
static inline void network_write_made(uint32_t seed, bool small, struct buf *ret_bytes)
{
	struct err err;
	uint16_t centroids[4 * 96], weights[96];
	OWN(network_writer_free) struct network_writer *writer = network_writer_new(3, CUT_SIDE, 128);
	struct making m = {writer, seed, 0, 3, 128};
	int part = small ? 4 : 1;
	making_conv(&m, 5, 2, 16, true);
	making_conv(&m, 3, 2, 32 / part, true);
	making_conv(&m, 3, 1, 32 / part, true);
	making_conv(&m, 3, 2, 64 / part, true);
	making_residual(&m);
	making_conv(&m, 3, 2, 96 / part, true);
	making_residual(&m);
	m.tensor =
	    network_write_average(writer, m.tensor, &(struct network_window){8, 8, 1, 1, 0, 0, 0, 0}, 1, 0);
	int embedding = m.tensor;
	network_write_output(writer, NETWORK_STAGE, making_logits(&m, STAGE_COUNT));
	network_write_output(writer, NETWORK_FRAGMENTATION, making_logits(&m, NETWORK_BINS));
	network_write_output(writer, NETWORK_UNEVEN, making_logits(&m, 1));
	network_write_output(writer, NETWORK_MULTINUCLEATED, making_logits(&m, 1));
	network_write_output(writer, NETWORK_EMBEDDING, embedding);
	for (int i = 0; i < 4 * 96; i++)
		centroids[i] = (uint16_t)(network_random(&m.random) % 4080);
	for (int i = 0; i < 96; i++)
		weights[i] = (uint16_t)(network_random(&m.random) % 256);
	struct network_calibration calibration = making_calibration();
	network_write_calibration(writer, &calibration, centroids, 4, weights);
	if (!network_write_end(writer, ret_bytes, &err)) {
		fprintf(stderr, "%s\n", err.detail);
		abort();
	}
}

/* Bytes where network_open wants them; free() frees them. */
static inline uint8_t *network_aligned(const struct buf *bytes)
{
	uint8_t *aligned =
	    aligned_alloc(NETWORK_ALIGN, (bytes->size + NETWORK_ALIGN - 1) / NETWORK_ALIGN * NETWORK_ALIGN);
	memcpy(aligned, bytes->data, bytes->size);
	return aligned;
}

/* A network in memory, with what running it needs. */
struct network_ready {
	uint8_t *bytes;
	struct network *network;
	void *scratch;
};

static inline void network_ready_done_owned(struct network_ready *ready)
{
	network_close(ready->network);
	free(ready->scratch);
	free(ready->bytes);
}

static inline void network_make(uint32_t seed, bool small, struct network_ready *ret_ready)
{
	struct err err;
	OWN(buf_done) struct buf bytes = BUF_INIT(1 << 20);
	network_write_made(seed, small, &bytes);
	ret_ready->bytes = network_aligned(&bytes);
	if (!network_open(ret_ready->bytes, bytes.size, &ret_ready->network, &err)) {
		fprintf(stderr, "%s\n", err.detail);
		abort();
	}
	ret_ready->scratch = network_scratch(ret_ready->network);
}

/* As a model package gives it to a reader. */
static inline int network_memory_file(uint32_t seed, bool small)
{
	OWN(buf_done) struct buf bytes = BUF_INIT(1 << 20);
	network_write_made(seed, small, &bytes);
	int fd = memfd_create("network", MFD_CLOEXEC);
	if (fd < 0 || write(fd, bytes.data, bytes.size) != (ssize_t)bytes.size)
		abort();
	return fd;
}
