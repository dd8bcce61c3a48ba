/* Writing a network file, operator by operator, from integers and real scales: packs weights in the
 * kernels' order, folds zero points into biases, turns scales into multiplier and shift. For the import of
 * models and for tests; the reader process never writes one. Sticky: the first mistake is kept and
 * network_write_end tells it.
 *
 *   struct network_writer *w = network_writer_new(planes, side, zero_point);
 *   int features = network_write_conv(w, &(struct network_conv){.input = 0, ...});
 *   network_write_output(w, NETWORK_STAGE, logits);
 *   network_write_calibration(w, &calibration, centroids, weights);
 *   network_write_end(w, &bytes, &err);
 */
#pragma once

#include "base/buf.h"
#include "reading/network_file.h"

struct network_writer;

struct network_writer *network_writer_new(int planes, int side, uint8_t zero_point);
void network_writer_free(struct network_writer *writer);
OWN_DEFINE(struct network_writer *, network_writer_free)

struct network_window {
	int height, width; /* of the kernel */
	int stride_y, stride_x;
	int top, left, bottom, right; /* padding */
};

struct network_conv {
	int input; /* tensor */
	struct network_window window;
	int outputs, groups;   /* channels */
	const int8_t *weights; /* [output][input / groups][kernel y][kernel x], ONNX's order */
	const int32_t *bias; /* in steps of input scale x weight scale, zero point not folded in; NULL: 0 */
	const double *scale; /* per output: input scale x weight scale / output scale, below 0.5; for logits
	                        input scale x weight scale x 256 x log2(e) / temperature */
	bool logits;         /* an s32 tensor; the rest is unused then */
	uint8_t zero_point, least, most; /* of the output */
};

/* Each gives the index of the tensor it writes, -1 after a mistake. */
int network_write_conv(struct network_writer *writer, const struct network_conv *conv);
/* scale: input scale / output scale, without the size of the window. */
int network_write_average(struct network_writer *writer, int input, const struct network_window *window,
    double scale, uint8_t zero_point);
int network_write_largest(struct network_writer *writer, int input, const struct network_window *window);

struct network_term {
	int tensor;
	double scale; /* its scale / the output's, below 128 */
};
/* clamp: the output's zero point, least and most. */
struct network_clamp {
	uint8_t zero_point, least, most;
};
int network_write_add(struct network_writer *writer, struct network_term one, struct network_term two,
    struct network_clamp clamp);
int network_write_concat(
    struct network_writer *writer, const struct network_term *terms, int count, struct network_clamp clamp);

void network_write_output(struct network_writer *writer, enum network_output_kind kind, int tensor);
/* offsets, dimensions and counts inside are filled in. centroids: centroids_count x dimensions, in 1/16
 * steps of the embedding's q; both NULL and count 0 without an unfamiliar score. Without a call:
 * confidences are the probabilities themselves. */
void network_write_calibration(struct network_writer *writer, const struct network_calibration *calibration,
    const uint16_t *centroids, int centroids_count, const uint16_t *dimension_weights);

/* The file, opened once to see that it is sound. ERR_BAD_INPUT with the first mistake. */
bool network_write_end(struct network_writer *writer, struct buf *ret_bytes, struct err *err);
