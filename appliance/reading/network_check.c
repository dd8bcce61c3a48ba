/* The file may be anybody's: nothing in it is believed before it has been held against the file's size,
 * the limits and the rest of the file. Afterwards no kernel needs to check a thing. */
#include "reading/network_inside.h"

#include <string.h>

static bool damaged(struct err *err, const char *what)
{
	return err_set(err, ERR_DAMAGED, "a network file: %s", what);
}

/* Where count things of this size lie, NULL when not inside the file. */
static const void *part(const struct network *network, uint32_t at, size_t count, size_t size)
{
	bool inside = at % NETWORK_ALIGN == 0 && at >= sizeof(struct network_head) && at <= network->size &&
	    count <= (network->size - at) / size;
	return inside ? network->bytes + at : NULL;
}

static bool check_head(struct network *network, struct err *err)
{
	const struct network_head *head = (const void *)network->bytes;
	if (network->size < sizeof *head || memcmp(head->magic, NETWORK_MAGIC, sizeof head->magic) != 0)
		return damaged(err, "it does not begin as one");
	if (head->version != NETWORK_VERSION)
		return err_set(err, ERR_UNSUPPORTED, "a network file of version %u; this program reads %d",
		    (unsigned)head->version, NETWORK_VERSION);
	if (head->size != network->size)
		return damaged(err, "it is cut short or too long");
	network->head = head;
	if (head->tensors_count == 0 || head->tensors_count > NETWORK_TENSORS_MAX ||
	    head->operators_count == 0 || head->operators_count > NETWORK_OPERATORS_MAX ||
	    head->outputs_count == 0 || head->outputs_count >= NETWORK_OUTPUT_KINDS)
		return damaged(err, "too few or too many parts");
	network->tensors = part(network, head->tensors, head->tensors_count, sizeof *network->tensors);
	network->operators =
	    part(network, head->operators, head->operators_count, sizeof *network->operators);
	network->outputs = part(network, head->outputs, head->outputs_count, sizeof *network->outputs);
	network->calibration = part(network, head->calibration, 1, sizeof *network->calibration);
	if (!network->tensors || !network->operators || !network->outputs || !network->calibration)
		return damaged(err, "a part lies outside");
	return true;
}

static bool check_tensors(const struct network *network, struct err *err)
{
	const struct network_tensor *input = &network->tensors[0];
	for (uint32_t i = 0; i < network->head->tensors_count; i++) {
		const struct network_tensor *t = &network->tensors[i];
		bool fits = t->height > 0 && t->height <= NETWORK_SIDE_MAX && t->width > 0 &&
		    t->width <= NETWORK_SIDE_MAX && t->channels > 0 && t->channels <= NETWORK_CHANNELS_MAX;
		bool answer =
		    t->kind == NETWORK_S32 && t->height == 1 && t->width == 1 && t->zero_point == 0;
		if (!fits || !(t->kind == NETWORK_U8 || answer))
			return err_set(
			    err, ERR_DAMAGED, "a network file: the shape of tensor %u", (unsigned)i);
	}
	if (input->kind != NETWORK_U8 || input->height != CUT_SIDE || input->width != CUT_SIDE ||
	    input->channels > CUT_PLANES_MAX)
		return err_set(err, ERR_UNSUPPORTED,
		    "a network for pictures of %d x %d x %d; cuts are %d x %d x 1..%d", input->width,
		    input->height, input->channels, CUT_SIDE, CUT_SIDE, CUT_PLANES_MAX);
	return true;
}

/* What is known of the file while its operators are gone through. written: channels of each tensor. */
struct checking {
	struct network *network;
	const struct network_operator *op;
	const struct network_tensor *in, *second, *out;
	uint16_t written[NETWORK_TENSORS_MAX];
};

static bool side_fits(int in, int out, int kernel, int stride, int before, int after)
{
	if (kernel < 1 || kernel > NETWORK_SIDE_MAX || stride < 1 || stride > NETWORK_STRIDE_MAX ||
	    before > NETWORK_PAD_MAX || after > NETWORK_PAD_MAX || before >= kernel || after >= kernel)
		return false;
	int room = in + before + after - kernel;
	return room >= 0 && out == room / stride + 1;
}

static bool window_fits(const struct checking *c)
{
	const struct network_operator *op = c->op;
	return side_fits(c->in->height, c->out->height, op->kernel_height, op->stride_y, op->pad_top,
	           op->pad_bottom) &&
	    side_fits(
	        c->in->width, c->out->width, op->kernel_width, op->stride_x, op->pad_left, op->pad_right);
}

/* Multipliers, then shifts, of this many channels. */
static bool scales_fit(const struct checking *c, int channels)
{
	size_t count = (size_t)round_up(channels, NETWORK_BLOCK);
	const int32_t *multipliers = part(c->network, c->op->scales, 2 * count, sizeof *multipliers);
	if (!multipliers)
		return false;
	const uint32_t *shifts = (const uint32_t *)multipliers + count;
	for (size_t i = 0; i < count; i++)
		if (multipliers[i] < 0 || shifts[i] < NETWORK_WIDE_SHIFT_LEAST ||
		    shifts[i] > NETWORK_WIDE_SHIFT_MOST)
			return false;
	return true;
}

static bool bias_fits(const struct checking *c)
{
	size_t count = (size_t)round_up(c->out->channels, NETWORK_BLOCK);
	const int32_t *bias = part(c->network, c->op->bias, count, sizeof *bias);
	for (size_t i = 0; bias && i < count; i++)
		if (bias[i] < -NETWORK_BIAS_MAX || bias[i] > NETWORK_BIAS_MAX)
			return false;
	return bias != NULL;
}

static bool check_conv(struct checking *c, int64_t *ret_work)
{
	uint32_t groups = c->op->groups;
	if (!window_fits(c) || groups == 0 || c->in->channels % groups != 0 ||
	    c->out->channels % groups != 0)
		return false;
	bool answer = c->out->kind == NETWORK_S32;
	if (answer && groups != 1)
		return false;
	int inputs =
	    groups == 1 ? round_up(c->in->channels, NETWORK_GROUP) : (int)(c->in->channels / groups);
	int outputs = groups == 1 ? round_up(c->out->channels, NETWORK_BLOCK) : c->out->channels;
	int64_t depth = (int64_t)c->op->kernel_height * c->op->kernel_width * inputs;
	*ret_work = depth * c->out->height * c->out->width * c->out->channels;
	return depth <= NETWORK_DEPTH_MAX && scales_fit(c, c->out->channels) && bias_fits(c) &&
	    part(c->network, c->op->weights, (size_t)depth * (size_t)outputs, 1);
}

static bool check_pool(struct checking *c, int64_t *ret_work)
{
	*ret_work = (int64_t)c->op->kernel_height * c->op->kernel_width * c->out->height * c->out->width *
	    c->out->channels;
	if (!window_fits(c) || c->out->kind != NETWORK_U8 || c->in->channels != c->out->channels ||
	    c->op->weights != 0 || c->op->bias != 0)
		return false;
	return c->op->kind == NETWORK_AVERAGE
	    ? scales_fit(c, 1)
	    : c->op->scales == 0 && c->in->zero_point == c->out->zero_point;
}

static bool narrow_fits(const struct network_operator *op, int32_t multiplier)
{
	return multiplier >= -NETWORK_NARROW_MAX && multiplier <= NETWORK_NARROW_MAX && op->shift >= 1 &&
	    op->shift <= NETWORK_NARROW_SHIFT_MOST;
}

static bool same_size(const struct network_tensor *a, const struct network_tensor *b)
{
	return a->kind == NETWORK_U8 && b->kind == NETWORK_U8 && a->height == b->height &&
	    a->width == b->width;
}

static bool check_add(struct checking *c, int64_t *ret_work)
{
	*ret_work = 2LL * c->out->height * c->out->width * c->out->channels;
	return same_size(c->in, c->out) && same_size(c->second, c->out) &&
	    c->in->channels == c->out->channels && c->second->channels == c->out->channels &&
	    narrow_fits(c->op, c->op->multiplier) && narrow_fits(c->op, c->op->second_multiplier);
}

static bool check_concat(struct checking *c, int64_t *ret_work)
{
	*ret_work = (int64_t)c->in->height * c->in->width * c->in->channels;
	return same_size(c->in, c->out) && c->op->channel + c->in->channels <= c->out->channels &&
	    narrow_fits(c->op, c->op->multiplier);
}

static bool complete(const struct checking *c, uint16_t tensor)
{
	return tensor < c->network->head->tensors_count &&
	    c->written[tensor] == c->network->tensors[tensor].channels;
}

/* Inputs are finished, the output is not begun, or is being put together. */
static bool order_fits(struct checking *c)
{
	const struct network_operator *op = c->op;
	if (!complete(c, op->input) ||
	    (op->kind == NETWORK_ADD ? !complete(c, op->second) : op->second != 0))
		return false;
	if (op->output >= c->network->head->tensors_count || op->most < op->least)
		return false;
	if (c->written[op->output] != (op->kind == NETWORK_CONCAT ? op->channel : 0))
		return false;
	c->in = &c->network->tensors[op->input];
	c->second = &c->network->tensors[op->kind == NETWORK_ADD ? op->second : op->input];
	c->out = &c->network->tensors[op->output];
	return c->in->kind == NETWORK_U8;
}

static bool check_operator(struct checking *c, uint32_t index, struct err *err)
{
	static bool (*const checks[NETWORK_OPERATOR_KINDS])(struct checking *, int64_t *) = {
	    [NETWORK_CONV] = check_conv,
	    [NETWORK_AVERAGE] = check_pool,
	    [NETWORK_LARGEST] = check_pool,
	    [NETWORK_ADD] = check_add,
	    [NETWORK_CONCAT] = check_concat,
	};
	int64_t work = 0;
	c->op = &c->network->operators[index];
	bool known = c->op->kind > 0 && c->op->kind < NETWORK_OPERATOR_KINDS;
	if (!known || !order_fits(c) || !checks[c->op->kind](c, &work))
		return err_set(err, ERR_DAMAGED,
		    "a network file: operator %u of kind %u does not fit the rest", (unsigned)index,
		    (unsigned)c->op->kind);
	c->written[c->op->output] =
	    c->op->kind == NETWORK_CONCAT ? (uint16_t)(c->op->channel + c->in->channels) : c->out->channels;
	c->network->work += work;
	if (c->network->work > NETWORK_WORK_MAX)
		return err_set(err, ERR_TOO_LARGE, "a network of more than %lld multiplications",
		    (long long)NETWORK_WORK_MAX);
	return true;
}

static bool check_output(struct checking *c, const struct network_output *output, struct err *err)
{
	static const uint16_t channels[NETWORK_OUTPUT_KINDS] = {
	    [NETWORK_STAGE] = STAGE_COUNT,
	    [NETWORK_FRAGMENTATION] = NETWORK_BINS,
	    [NETWORK_UNEVEN] = 1,
	    [NETWORK_MULTINUCLEATED] = 1,
	};
	if (output->kind == 0 || output->kind >= NETWORK_OUTPUT_KINDS || !complete(c, output->tensor))
		return damaged(err, "an output of a kind unknown, or never written");
	const struct network_tensor *t = &c->network->tensors[output->tensor];
	bool embedding = output->kind == NETWORK_EMBEDDING;
	bool fits = embedding ? t->kind == NETWORK_U8 && t->height == 1 && t->width == 1
	                      : t->kind == NETWORK_S32 && t->channels == channels[output->kind];
	if (!fits || c->network->output[output->kind] >= 0)
		return damaged(err, "an output of another shape, or told twice");
	c->network->output[output->kind] = output->tensor;
	return true;
}

static bool check_calibration(const struct network *network, struct err *err)
{
	const struct network_calibration *calibration = network->calibration;
	bool fits = true;
	for (int i = 0; i < NETWORK_CONFIDENCE_STEPS; i++)
		fits = fits && calibration->stage[i] <= 1000 && calibration->cells[i] <= 1000;
	for (int i = 0; i < NETWORK_BINS; i++)
		fits = fits && calibration->bins_permille[i] <= 1000;
	for (int i = 1; i < NETWORK_UNFAMILIAR_STEPS; i++)
		fits = fits && calibration->unfamiliar[i - 1] <= calibration->unfamiliar[i];
	if (!fits)
		return damaged(err, "its calibration");
	if (calibration->centroids_count == 0)
		return true;
	int embedding = network->output[NETWORK_EMBEDDING];
	if (embedding < 0 || calibration->centroids_count > NETWORK_CENTROIDS_MAX ||
	    calibration->dimensions != network->tensors[embedding].channels)
		return damaged(err, "centroids without an embedding of their size");
	size_t dimensions = calibration->dimensions;
	if (!part(network, calibration->centroids, dimensions * calibration->centroids_count,
	        sizeof(uint16_t)) ||
	    !part(network, calibration->dimension_weights, dimensions, sizeof(uint16_t)))
		return damaged(err, "centroids outside");
	return true;
}

bool network_check(struct network *network, struct err *err)
{
	struct checking c = {.network = network};
	for (int i = 0; i < NETWORK_OUTPUT_KINDS; i++)
		network->output[i] = -1;
	if (!check_head(network, err) || !check_tensors(network, err))
		return false;
	c.written[0] = network->tensors[0].channels;
	for (uint32_t i = 0; i < network->head->operators_count; i++)
		if (!check_operator(&c, i, err))
			return false;
	for (uint32_t i = 0; i < network->head->outputs_count; i++)
		if (!check_output(&c, &network->outputs[i], err))
			return false;
	if (network->output[NETWORK_STAGE] < 0)
		return damaged(err, "it gives no stage");
	return check_calibration(network, err);
}
