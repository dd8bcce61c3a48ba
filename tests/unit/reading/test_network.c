/* The integer network: each operator against code that does what its name says, every instruction path
 * against plain C, one golden digest for all compilers and processors, nothing allocated by a run, and no
 * file believed. */
#include "unit/unit.h"

#include "base/crypto.h"
#include "base/limits.h"
#include "base/text.h"
#include "reading/read.h"
#include "unit/reading/networks.h"

#include <pthread.h>

static struct err err;

static void draw(struct cut *cut, uint32_t seed)
{
	cut->planes = CUT_PLANES_MAX;
	cut->radius_permille = 200;
	for (int p = 0; p < CUT_PLANES_MAX; p++)
		for (int i = 0; i < CUT_SIDE * CUT_SIDE; i++)
			cut->pixels[p][i] = (uint8_t)(network_random(&seed) % (uint32_t)(100 + 70 * p));
}

/* A tensor as a plain array. */
struct values {
	int height, width, channels, zero_point;
	uint8_t *at;
};

static void values_done_owned(struct values *values)
{
	free(values->at);
}

/* Outside lies the zero point. */
static int value_at(const struct values *v, int y, int x, int c)
{
	bool inside = y >= 0 && y < v->height && x >= 0 && x < v->width;
	return inside ? v->at[(y * v->width + x) * v->channels + c] : v->zero_point;
}

/* A network of a first layer of some shape, the layer under test and a head. */
struct trial {
	struct network_writer *writer;
	struct making making;
	uint32_t random;
	struct buf bytes;
	uint8_t *aligned;
	struct network *network;
	void *scratch;
	struct cut *cut;
};

static uint32_t pick(struct trial *trial, uint32_t count)
{
	return network_random(&trial->random) % count;
}

static void trial_begin(struct trial *trial, uint32_t seed)
{
	*trial = (struct trial){.random = seed, .bytes = BUF_INIT(LIMIT_NETWORK_BYTES)};
	trial->cut = calloc(1, sizeof *trial->cut);
	trial->writer = network_writer_new(3, CUT_SIDE, 128);
	trial->making = (struct making){trial->writer, seed, 0, 3, 128};
	draw(trial->cut, seed);
}

static const struct network_tensor *shape_of(const struct trial *trial, int tensor)
{
	const struct network_head *head = (const void *)trial->aligned;
	return (const struct network_tensor *)(const void *)(trial->aligned + head->tensors) + tensor;
}

/* The stage that every network must give comes from the first layer, whose sides are known. */
static void trial_open(struct trial *trial, int first, int side)
{
	struct making head = trial->making;
	head.channels = 8;
	head.tensor = network_write_average(
	    trial->writer, first, &(struct network_window){side, side, 1, 1, 0, 0, 0, 0}, 1, 0);
	network_write_output(trial->writer, NETWORK_STAGE, making_logits(&head, STAGE_COUNT));
	must(network_write_end(trial->writer, &trial->bytes, &err));
	trial->aligned = network_aligned(&trial->bytes);
	must(network_open(trial->aligned, trial->bytes.size, &trial->network, &err));
	trial->scratch = network_scratch(trial->network);
}

static void trial_end(struct trial *trial)
{
	network_writer_free(trial->writer);
	network_close(trial->network);
	buf_done(&trial->bytes);
	free(trial->aligned);
	free(trial->scratch);
	free(trial->cut);
}

static struct values values_of(const struct trial *trial, int tensor)
{
	const struct network_tensor *shape = shape_of(trial, tensor);
	size_t size = (size_t)shape->height * shape->width * shape->channels;
	struct values values = {
	    shape->height, shape->width, shape->channels, shape->zero_point, malloc(size)};
	network_tensor(trial->network, trial->scratch, (size_t)tensor, values.at);
	return values;
}

/* Runs on every path that this machine has, and gives each result to check. */
static void trial_check(
    struct trial *trial, void (*check)(struct trial *trial, const void *layer), const void *layer)
{
	for (int path = 0; path < NETWORK_PATHS; path++) {
		if (!network_path_runs((enum network_path)path))
			continue;
		network_force_path(trial->network, (enum network_path)path);
		memset(trial->scratch, 0xAB, network_scratch_size(trial->network));
		network_run(trial->network, trial->cut, trial->scratch);
		check(trial, layer);
	}
}

static int clamped(double value, int least, int most)
{
	return value < least ? least : value > most ? most : (int)value;
}

/* Halves up; exact, for scales that are a few bits long. */
static double rounded(double value)
{
	double below = (double)(int64_t)value;
	below -= below > value;
	return value - below >= 0.5 ? below + 1 : below;
}

struct conv_layer {
	struct network_conv conv;
	int8_t *weights;
	int32_t *bias;
	double *scale;
	int tensor;
};

static void check_conv(struct trial *trial, const void *context)
{
	const struct conv_layer *layer = context;
	const struct network_conv *conv = &layer->conv;
	const struct network_window *w = &conv->window;
	OWN(values_done)
	struct values in = values_of(trial, conv->input),
	              out = values_of(trial, layer->tensor);
	int inputs = in.channels / conv->groups, outputs = conv->outputs / conv->groups;
	for (int y = 0; y < out.height; y++)
		for (int x = 0; x < out.width; x++)
			for (int o = 0; o < out.channels; o++) {
				const int8_t *weight =
				    conv->weights + (size_t)o * (size_t)(inputs * w->height * w->width);
				int sum = conv->bias[o];
				for (int i = 0; i < inputs; i++)
					for (int ky = 0; ky < w->height; ky++)
						for (int kx = 0; kx < w->width; kx++)
							sum += *weight++ *
							    (value_at(&in, y * w->stride_y - w->top + ky,
							         x * w->stride_x - w->left + kx,
							         o / outputs * inputs + i) -
							        in.zero_point);
				int expected = clamped(conv->zero_point + rounded(sum * conv->scale[o]),
				    conv->least, conv->most);
				assert_int_equal(value_at(&out, y, x, o), expected);
			}
}

/* A conv of any shape on the trial's last tensor. */
static void add_conv(struct trial *trial, int groups, struct conv_layer *layer)
{
	int height = 1 + (int)pick(trial, 5), width = 1 + (int)pick(trial, 5);
	int outputs = groups * (1 + (int)pick(trial, groups > 1 ? 2 : 50));
	int depth = trial->making.channels / groups * height * width;
	layer->weights = malloc((size_t)(outputs * depth));
	layer->bias = malloc(sizeof *layer->bias * (size_t)outputs);
	layer->scale = malloc(sizeof *layer->scale * (size_t)outputs);
	for (int i = 0; i < outputs * depth; i++)
		layer->weights[i] =
		    (int8_t)(pick(trial, 8) == 0 ? pick(trial, 2) * 255 - 128 : pick(trial, 256) - 128);
	for (int o = 0; o < outputs; o++) {
		layer->bias[o] = (int32_t)pick(trial, 60000) - 30000;
		layer->scale[o] = (1 + pick(trial, 255)) / 1048576.0;
	}
	layer->conv = (struct network_conv){.input = trial->making.tensor,
	    .window = {height, width, 1 + (int)pick(trial, 3), 1 + (int)pick(trial, 3),
	        (int)pick(trial, (uint32_t)height), (int)pick(trial, (uint32_t)width),
	        (int)pick(trial, (uint32_t)height), (int)pick(trial, (uint32_t)width)},
	    .outputs = outputs,
	    .groups = groups,
	    .weights = layer->weights,
	    .bias = layer->bias,
	    .scale = layer->scale,
	    .zero_point = (uint8_t)pick(trial, 256),
	    .least = (uint8_t)pick(trial, 40),
	    .most = (uint8_t)(255 - pick(trial, 40))};
	layer->tensor = network_write_conv(trial->writer, &layer->conv);
	assert_true(layer->tensor >= 0);
}

static void conv_layer_done(struct conv_layer *layer)
{
	free(layer->weights);
	free(layer->bias);
	free(layer->scale);
}

/* Sides of 8 x 8 to 18 x 18 by the first layer's stride; channels of any number by a second. */
static int begin_layers(struct trial *trial, uint32_t seed, int *ret_first)
{
	trial_begin(trial, seed);
	int stride = 7 + (int)pick(trial, 9);
	*ret_first = making_conv(&trial->making, 3, stride, 8, seed % 2 == 0);
	making_conv(&trial->making, 1, 1, 1 + (int)pick(trial, 40), seed % 3 == 0);
	return (CUT_SIDE - 1) / stride + 1;
}

static void convs_of_any_shape_are_convs(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= 60; seed++) {
		struct trial trial;
		struct conv_layer layer;
		int first, side = begin_layers(&trial, seed, &first);
		add_conv(&trial, 1, &layer);
		trial_open(&trial, first, side);
		trial_check(&trial, check_conv, &layer);
		conv_layer_done(&layer);
		trial_end(&trial);
	}
}

static void grouped_convs_see_their_group(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= 30; seed++) {
		struct trial trial;
		struct conv_layer layer;
		trial_begin(&trial, seed);
		int first = making_conv(&trial.making, 3, 9, 8, true);
		int groups = 1 + (int)pick(&trial, 6), inputs = seed % 2 ? 1 : 1 + (int)pick(&trial, 4);
		making_conv(&trial.making, 1, 1, groups * inputs, false);
		add_conv(&trial, groups, &layer);
		trial_open(&trial, first, 15);
		trial_check(&trial, check_conv, &layer);
		conv_layer_done(&layer);
		trial_end(&trial);
	}
}

struct pool_layer {
	struct network_window window;
	int input, tensor;
	double scale; /* of average; 0: largest */
	int zero_point;
};

static int pooled(const struct values *in, const struct pool_layer *layer, int y, int x, int c)
{
	const struct network_window *w = &layer->window;
	int sum = 0, most = 0;
	for (int ky = 0; ky < w->height; ky++)
		for (int kx = 0; kx < w->width; kx++) {
			int iy = y * w->stride_y - w->top + ky, ix = x * w->stride_x - w->left + kx;
			int value = value_at(in, iy, ix, c);
			bool inside = iy >= 0 && iy < in->height && ix >= 0 && ix < in->width;
			sum += value - in->zero_point;
			most = inside && value > most ? value : most;
		}
	double mean = sum * (layer->scale / (w->height * w->width));
	return layer->scale > 0 ? clamped(layer->zero_point + rounded(mean), 0, 255) : most;
}

static void check_pool(struct trial *trial, const void *context)
{
	const struct pool_layer *layer = context;
	OWN(values_done)
	struct values in = values_of(trial, layer->input),
	              out = values_of(trial, layer->tensor);
	for (int y = 0; y < out.height; y++)
		for (int x = 0; x < out.width; x++)
			for (int c = 0; c < out.channels; c++)
				assert_int_equal(value_at(&out, y, x, c), pooled(&in, layer, y, x, c));
}

static void pools_pool(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= 40; seed++) {
		struct trial trial;
		int first, side = begin_layers(&trial, seed, &first);
		/* Powers of two, so that the reference divides exactly. */
		struct pool_layer layer = {
		    {1 << pick(&trial, 3), 1 << pick(&trial, 3), 1 + (int)pick(&trial, 3), 2, 0, 0, 0, 0},
		    trial.making.tensor, 0, seed % 2 ? 0.4375 : 0, 30};
		layer.window.top = (int)pick(&trial, (uint32_t)layer.window.height);
		layer.window.right = (int)pick(&trial, (uint32_t)layer.window.width);
		layer.tensor = seed % 2
		    ? network_write_average(trial.writer, layer.input, &layer.window, layer.scale, 30)
		    : network_write_largest(trial.writer, layer.input, &layer.window);
		trial_open(&trial, first, side);
		trial_check(&trial, check_pool, &layer);
		trial_end(&trial);
	}
}

struct sum_layer {
	struct network_term terms[2];
	struct network_clamp clamp;
	int tensor;
	bool concat;
};

static void check_sum(struct trial *trial, const void *context)
{
	const struct sum_layer *layer = context;
	OWN(values_done) struct values one = values_of(trial, layer->terms[0].tensor);
	OWN(values_done) struct values two = values_of(trial, layer->terms[1].tensor);
	OWN(values_done) struct values out = values_of(trial, layer->tensor);
	for (int y = 0; y < out.height; y++)
		for (int x = 0; x < out.width; x++)
			for (int c = 0; c < out.channels; c++) {
				double sum = 0;
				if (c < one.channels)
					sum += layer->terms[0].scale *
					    (value_at(&one, y, x, c) - one.zero_point);
				if (!layer->concat)
					sum += layer->terms[1].scale *
					    (value_at(&two, y, x, c) - two.zero_point);
				else if (c >= one.channels)
					sum = layer->terms[1].scale *
					    (value_at(&two, y, x, c - one.channels) - two.zero_point);
				int expected = clamped(layer->clamp.zero_point + rounded(sum),
				    layer->clamp.least, layer->clamp.most);
				assert_int_equal(value_at(&out, y, x, c), expected);
			}
}

static void adding_adds_and_concatenating_does_not(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= 40; seed++) {
		struct trial trial;
		int first, side = begin_layers(&trial, seed, &first);
		int one = trial.making.tensor, channels = trial.making.channels;
		bool concat = seed % 2;
		trial.making.tensor = first;
		trial.making.channels = 8;
		int two =
		    making_conv(&trial.making, 1, 1, concat ? 1 + (int)pick(&trial, 30) : channels, false);
		struct sum_layer layer = {
		    {{one, (1 + pick(&trial, 96)) / 64.0}, {two, (1 + pick(&trial, 96)) / 64.0}},
		    {(uint8_t)pick(&trial, 256), (uint8_t)pick(&trial, 50), 250}, 0, concat};
		layer.tensor = concat
		    ? network_write_concat(trial.writer, layer.terms, 2, layer.clamp)
		    : network_write_add(trial.writer, layer.terms[0], layer.terms[1], layer.clamp);
		trial_open(&trial, first, side);
		trial_check(&trial, check_sum, &layer);
		trial_end(&trial);
	}
}

enum { BATCH = 12 };

/* Every tensor of every cut of a batch. */
static void digest_of(const struct network_ready *ready, char *ret_hex)
{
	OWN(free) uint8_t *values = malloc(network_scratch_size(ready->network));
	const struct network_head *head = (const void *)ready->bytes;
	const struct network_tensor *shapes = (const void *)(ready->bytes + head->tensors);
	OWN(free) struct cut *cut = calloc(1, sizeof *cut);
	struct crypto_hash *hash = crypto_hash_new();
	uint8_t digest[CRYPTO_DIGEST_SIZE];
	for (uint32_t i = 0; i < BATCH; i++) {
		struct reading reading;
		draw(cut, i);
		cut->planes = (uint8_t)(1 + i % CUT_PLANES_MAX);
		read_cut(ready->network, ready->scratch, cut, &reading);
		crypto_hash_add(hash, &reading, sizeof reading);
		for (uint32_t t = 0; t < head->tensors_count; t++) {
			size_t unit = shapes[t].kind == NETWORK_S32 ? 4 : 1;
			network_tensor(ready->network, ready->scratch, t, values);
			crypto_hash_add(
			    hash, values, unit * shapes[t].height * shapes[t].width * shapes[t].channels);
		}
	}
	crypto_hash_end(hash, digest);
	text_hex(ret_hex, digest, sizeof digest);
}

/* What it must be with every compiler, build type, processor, path and number of threads. It changes with
 * networks.h and with what a reading holds, and only then. */
static const char golden[] = "10ba90a079cfd72da02d53435574752c5db48069a02867e398ee4fb97a4e52a0";

static void every_path_gives_the_golden_digest(void **state)
{
	(void)state;
	OWN(network_ready_done) struct network_ready ready;
	char hex[2 * CRYPTO_DIGEST_SIZE + 1];
	int paths = 0;
	network_make(1, false, &ready);
	for (int path = 0; path < NETWORK_PATHS; path++) {
		if (!network_path_runs((enum network_path)path))
			continue;
		network_force_path(ready.network, (enum network_path)path);
		assert_int_equal(network_path(ready.network), path);
		digest_of(&ready, hex);
		print_message("%s: %.16s\n", network_path_name((enum network_path)path), hex);
		assert_string_equal(hex, golden);
		paths++;
	}
	assert_true(paths >= 1);
}

static void *digest_in_thread(void *context)
{
	struct network_ready own = *(struct network_ready *)context;
	char *hex = malloc(2 * CRYPTO_DIGEST_SIZE + 1);
	own.scratch = network_scratch(own.network);
	digest_of(&own, hex);
	free(own.scratch);
	return hex;
}

static void threads_share_a_network(void **state)
{
	(void)state;
	OWN(network_ready_done) struct network_ready ready;
	pthread_t threads[2];
	network_make(1, false, &ready);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, digest_in_thread, &ready), 0);
	for (int i = 0; i < 2; i++) {
		void *hex;
		pthread_join(threads[i], &hex);
		assert_string_equal(hex, golden);
		free(hex);
	}
}

/* The allocator, counted. Not where a sanitizer has its own. */
static int allocations;

#ifndef DAYBREAK_SANITIZED
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

void *malloc(size_t size)
{
	allocations++;
	return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	allocations++;
	return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
	allocations++;
	return __libc_realloc(old, size);
}
#endif

static void a_cut_costs_no_allocation(void **state)
{
	(void)state;
	OWN(network_ready_done) struct network_ready ready;
	OWN(free) struct cut *cut = calloc(1, sizeof *cut);
	struct reading reading;
	network_make(1, false, &ready);
	draw(cut, 3);
	int before = allocations;
	for (int i = 0; i < 3; i++)
		read_cut(ready.network, ready.scratch, cut, &reading);
	assert_int_equal(allocations, before);
}

static void opens_or_says_why_not(uint8_t *bytes, size_t size, const struct cut *cut)
{
	struct network *network = NULL;
	err.detail[0] = 0;
	if (!network_open(bytes, size, &network, &err)) {
		assert_true(err.detail[0] != 0);
		return;
	}
	void *scratch = network_scratch(network);
	network_run(network, cut, scratch);
	free(scratch);
	network_close(network);
}

static void a_damaged_file_is_refused_or_harmless(void **state)
{
	(void)state;
	OWN(buf_done) struct buf bytes = BUF_INIT(1 << 20);
	OWN(free) struct cut *cut = calloc(1, sizeof *cut);
	uint32_t random = 9;
	network_write_made(1, true, &bytes);
	OWN(free) uint8_t *aligned = network_aligned(&bytes);
	const struct network_head *head = (const void *)bytes.data;
	draw(cut, 1);
	for (size_t size = 0; size < bytes.size; size += 61)
		opens_or_says_why_not(aligned, size, cut);
	/* One byte of the tables at a time; the weights may be anything. */
	for (size_t at = 0; at < head->calibration + sizeof(struct network_calibration); at++) {
		uint8_t was = aligned[at];
		aligned[at] =
		    (uint8_t)(network_random(&random) % 3 ? was ^ (1 << network_random(&random) % 8) : 255);
		opens_or_says_why_not(aligned, bytes.size, cut);
		aligned[at] = was;
	}
	opens_or_says_why_not(aligned, bytes.size, cut);
}

static void other_versions_are_told_from_damage(void **state)
{
	(void)state;
	OWN(buf_done) struct buf bytes = BUF_INIT(1 << 20);
	struct network *network;
	network_write_made(1, true, &bytes);
	OWN(free) uint8_t *aligned = network_aligned(&bytes);
	aligned[8] = NETWORK_VERSION + 1;
	must_fail(network_open(aligned, bytes.size, &network, &err), ERR_UNSUPPORTED);
	aligned[8] = NETWORK_VERSION;
	aligned[0] = 'X';
	must_fail(network_open(aligned, bytes.size, &network, &err), ERR_DAMAGED);
}

static void mistakes_in_writing_are_told(void **state)
{
	(void)state;
	OWN(buf_done) struct buf bytes = BUF_INIT(1 << 20);
	static const int8_t weights[3] = {1, 2, 3};
	static const double large = 0.7, scale = 0.1;
	struct network_conv conv = {.input = 0,
	    .window = {1, 1, 1, 1, 0, 0, 0, 0},
	    .outputs = 1,
	    .groups = 1,
	    .weights = weights,
	    .scale = &large,
	    .most = 255};
	for (int mistake = 0; mistake < 4; mistake++) {
		OWN(network_writer_free)
		struct network_writer *writer = network_writer_new(3, CUT_SIDE, 128);
		struct network_conv wrong = conv;
		wrong.scale = mistake == 0 ? &large : &scale;
		wrong.input = mistake == 1 ? 7 : 0;
		wrong.window.height = mistake == 2 ? CUT_SIDE + 1 : 1;
		wrong.groups = mistake == 3 ? 2 : 1;
		assert_int_equal(network_write_conv(writer, &wrong), -1);
		/* It stays so. */
		assert_int_equal(network_write_conv(writer, &conv), -1);
		must_fail(network_write_end(writer, &bytes, &err), ERR_BAD_INPUT);
	}
	/* No stage. */
	OWN(network_writer_free) struct network_writer *writer = network_writer_new(3, CUT_SIDE, 128);
	conv.scale = &scale;
	assert_int_equal(network_write_conv(writer, &conv), 1);
	must_fail(network_write_end(writer, &bytes, &err), ERR_DAMAGED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(convs_of_any_shape_are_convs),
	    cmocka_unit_test(grouped_convs_see_their_group),
	    cmocka_unit_test(pools_pool),
	    cmocka_unit_test(adding_adds_and_concatenating_does_not),
	    cmocka_unit_test(every_path_gives_the_golden_digest),
	    cmocka_unit_test(threads_share_a_network),
	    cmocka_unit_test(a_cut_costs_no_allocation),
	    cmocka_unit_test(a_damaged_file_is_refused_or_harmless),
	    cmocka_unit_test(other_versions_are_told_from_damage),
	    cmocka_unit_test(mistakes_in_writing_are_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
