#include "reading/network.h"

#include "base/limits.h"
#include "reading/network_inside.h"

#include <string.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the network file is used as it lies: little endian only"
#endif

/* Opening */

/* A border as wide as the widest padding of the convs that read the tensor. Pools look only inside. */
static void plan_borders(struct network *network)
{
	for (uint32_t i = 0; i < network->head->operators_count; i++) {
		const struct network_operator *op = &network->operators[i];
		const uint16_t pads[] = {op->pad_top, op->pad_left, op->pad_bottom, op->pad_right};
		struct network_place *place = &network->places[op->input];
		for (int p = 0; p < 4 && op->kind == NETWORK_CONV; p++)
			place->border = pads[p] > place->border ? pads[p] : place->border;
	}
}

static bool plan_places(struct network *network, struct err *err)
{
	size_t size = 0;
	plan_borders(network);
	for (uint32_t i = 0; i < network->head->tensors_count; i++) {
		const struct network_tensor *tensor = &network->tensors[i];
		struct network_place *place = &network->places[i];
		int unit = tensor->kind == NETWORK_S32 ? (int)sizeof(int32_t) : 1;
		place->pixel = round_up(tensor->channels, NETWORK_GROUP) * unit;
		place->row = (tensor->width + 2 * place->border) * place->pixel;
		place->at = size + (size_t)place->border * (size_t)(place->row + place->pixel);
		size += (size_t)place->row * (size_t)(tensor->height + 2 * place->border);
		size = (size + NETWORK_ALIGN - 1) / NETWORK_ALIGN * NETWORK_ALIGN;
		if (size > NETWORK_SCRATCH_MAX)
			return err_set(err, ERR_TOO_LARGE, "a network that needs more than %d bytes to run",
			    NETWORK_SCRATCH_MAX);
	}
	network->scratch_size = size;
	return true;
}

static const struct kernels *const path_kernels[NETWORK_PATHS] = {
    [NETWORK_PLAIN] = &kernels_plain,
#if defined(__x86_64__)
    [NETWORK_AVX2] = &kernels_avx2,
    [NETWORK_VNNI] = &kernels_vnni,
#elif defined(__aarch64__)
    [NETWORK_NEON] = &kernels_neon,
#endif
};

const char *network_path_name(enum network_path path)
{
	static const char *const names[NETWORK_PATHS] = {"plain C", "AVX2", "AVX-512 VNNI", "NEON"};
	return names[path];
}

bool network_path_runs(enum network_path path)
{
#if defined(__x86_64__)
	if (path == NETWORK_AVX2)
		return __builtin_cpu_supports("avx2");
	if (path == NETWORK_VNNI)
		return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
		    __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni");
#endif
	return path_kernels[path] != NULL;
}

enum network_path network_path(const struct network *network)
{
	int path = 0;
	while (path_kernels[path] != network->kernels)
		path++;
	return (enum network_path)path;
}

void network_force_path(struct network *network, enum network_path path)
{
	network->kernels = path_kernels[path];
}

bool network_open(const uint8_t *bytes, size_t size, struct network **ret_network, struct err *err)
{
	if ((uintptr_t)bytes % NETWORK_ALIGN != 0)
		return err_set(err, ERR_INTERNAL, "a network file in memory that is not aligned");
	if (size > LIMIT_NETWORK_BYTES)
		return err_set(err, ERR_TOO_LARGE, "a network file of %zu bytes; at most %d", size,
		    LIMIT_NETWORK_BYTES);
	OWN(network_close) struct network *network = calloc(1, sizeof *network);
	if (!network)
		return err_set(err, ERR_NO_MEMORY, "opening a network");
	network->bytes = bytes;
	network->size = size;
	if (!network_check(network, err))
		return false;
	network->places = calloc(network->head->tensors_count, sizeof *network->places);
	if (!network->places)
		return err_set(err, ERR_NO_MEMORY, "opening a network");
	if (!plan_places(network, err))
		return false;
	for (int path = NETWORK_PLAIN; path < NETWORK_PATHS; path++)
		if (network_path_runs((enum network_path)path))
			network_force_path(network, (enum network_path)path);
	*ret_network = TAKE(network);
	return true;
}

void network_close(struct network *network)
{
	if (!network)
		return;
	free(network->places);
	free(network);
}

size_t network_scratch_size(const struct network *network)
{
	return network->scratch_size;
}

void *network_scratch(const struct network *network)
{
	return aligned_alloc(NETWORK_ALIGN, network->scratch_size);
}

/* Running */

static struct picture picture_of(const struct network *network, uint8_t *scratch, size_t tensor)
{
	const struct network_tensor *shape = &network->tensors[tensor];
	const struct network_place *place = &network->places[tensor];
	return (struct picture){scratch + place->at, shape->height, shape->width, shape->channels,
	    place->row, place->pixel, shape->kind, shape->zero_point};
}

static void fill_border(const struct picture *picture, int border)
{
	size_t side = (size_t)border * (size_t)picture->pixel, row = (size_t)picture->row;
	uint8_t *first = picture->at - side;
	if (border == 0)
		return;
	memset(first - (size_t)border * row, picture->zero_point, (size_t)border * row);
	for (int y = 0; y < picture->height; y++) {
		memset(first + (size_t)y * row, picture->zero_point, side);
		memset(first + (size_t)(y + 1) * row - side, picture->zero_point, side);
	}
	memset(first + (size_t)picture->height * row, picture->zero_point, (size_t)border * row);
}

/* Planes side by side in each pixel. A cut with fewer planes than the network wants repeats its
 * sharpest one. */
static void take_cut(const struct picture *input, const struct cut *cut)
{
	const uint8_t *planes[CUT_PLANES_MAX];
	for (int p = 0; p < CUT_PLANES_MAX; p++)
		planes[p] = cut->pixels[p < cut->planes ? p : 0];
	uint32_t kept = 0xFFFFFFFFU >> (8 * (NETWORK_GROUP - input->channels));
	for (int y = 0; y < CUT_SIDE; y++) {
		uint8_t *to = input->at + y * input->row;
		size_t from = (size_t)y * CUT_SIDE;
		for (size_t x = 0; x < CUT_SIDE; x++) {
			uint32_t pixel = (uint32_t)planes[0][from + x] |
			    (uint32_t)planes[1][from + x] << 8 | (uint32_t)planes[2][from + x] << 16;
			pixel &= kept;
			memcpy(to + 4 * x, &pixel, sizeof pixel);
		}
	}
}

static void run_conv(const struct network *network, const struct network_operator *op, uint8_t *scratch)
{
	struct conv conv = {
	    .in = picture_of(network, scratch, op->input),
	    .out = picture_of(network, scratch, op->output),
	    .op = op,
	    .weights = (const int8_t *)network->bytes + op->weights,
	    .bias = (const void *)(network->bytes + op->bias),
	    .multipliers = (const void *)(network->bytes + op->scales),
	};
	int entries = op->kind == NETWORK_CONV ? round_up(conv.out.channels, NETWORK_BLOCK) : NETWORK_BLOCK;
	conv.shifts = (const uint32_t *)conv.multipliers + entries;
	if (op->kind == NETWORK_AVERAGE)
		kernels_average(&conv);
	else if (op->kind == NETWORK_LARGEST)
		kernels_largest(&conv);
	else if (conv.out.kind == NETWORK_S32)
		kernels_conv_logits(&conv);
	else if (op->groups > 1)
		kernels_conv_grouped(&conv);
	else
		network->kernels->conv(&conv);
}

static void run_addition(const struct network *network, const struct network_operator *op, uint8_t *scratch)
{
	struct addition addition = {
	    .one = picture_of(network, scratch, op->input),
	    .two = picture_of(network, scratch, op->second),
	    .out = picture_of(network, scratch, op->output),
	    .op = op,
	};
	if (op->kind == NETWORK_CONCAT)
		kernels_concat(&addition);
	else
		network->kernels->add(&addition);
}

void network_run(const struct network *network, const struct cut *cut, void *scratch)
{
	struct picture input = picture_of(network, scratch, 0);
	take_cut(&input, cut);
	fill_border(&input, network->places[0].border);
	for (uint32_t i = 0; i < network->head->operators_count; i++) {
		const struct network_operator *op = &network->operators[i];
		if (op->kind == NETWORK_ADD || op->kind == NETWORK_CONCAT)
			run_addition(network, op, scratch);
		else
			run_conv(network, op, scratch);
		struct picture output = picture_of(network, scratch, op->output);
		fill_border(&output, network->places[op->output].border);
	}
}

/* What it said */

const int32_t *network_logits(
    const struct network *network, const void *scratch, enum network_output_kind kind, size_t *ret_count)
{
	int tensor = network->output[kind];
	if (tensor < 0)
		return NULL;
	*ret_count = network->tensors[tensor].channels;
	return (const void *)((const uint8_t *)scratch + network->places[tensor].at);
}

const uint8_t *network_embedding(const struct network *network, const void *scratch, size_t *ret_count)
{
	int tensor = network->output[NETWORK_EMBEDDING];
	if (tensor < 0)
		return NULL;
	*ret_count = network->tensors[tensor].channels;
	return (const uint8_t *)scratch + network->places[tensor].at;
}

const struct network_calibration *network_calibration(const struct network *network)
{
	return network->calibration;
}

int network_planes(const struct network *network)
{
	return network->tensors[0].channels;
}

int64_t network_work(const struct network *network)
{
	return network->work;
}

void network_tensor(const struct network *network, const void *scratch, size_t index, void *to)
{
	const struct network_tensor *tensor = &network->tensors[index];
	const struct network_place *place = &network->places[index];
	const uint8_t *from = (const uint8_t *)scratch + place->at;
	size_t size = tensor->channels * (tensor->kind == NETWORK_S32 ? sizeof(int32_t) : 1);
	uint8_t *next = to;
	for (int y = 0; y < tensor->height; y++)
		for (int x = 0; x < tensor->width; x++, next += size)
			memcpy(next, from + y * place->row + x * place->pixel, size);
}
