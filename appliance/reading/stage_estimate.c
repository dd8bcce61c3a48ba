#include "reading/stage_estimate.h"

#include "base/crypto.h"
#include "reading/stage_table.h"

enum {
	/* A feature in 1/256 of its spread, and how far out it may pull. */
	FEATURE_ONE = 256,
	FEATURE_MOST = 4 * FEATURE_ONE,
	/* Weights have 12 bits after the point, hidden values and class scores 8. */
	WEIGHT_BITS = 12,
	SCORE_ONE = 256,
	SCORE_LEAST = -20 * SCORE_ONE,
};

_Static_assert(sizeof feature_mean / sizeof *feature_mean == FEATURE_COUNT, "fit the table again");
_Static_assert(sizeof class_bias / sizeof *class_bias == CLASS_COUNT, "fit the table again");

/* class -> the stages it covers with their shares of 256. A still picture of a zygote says
 * little about its pronuclei: the shares are then how long each phase lasts (about 4, 15 and 3
 * hours). */
static const struct {
	uint8_t class;
	uint8_t stage;
	uint16_t share;
} shares[] = {
    {0, STAGE_EMPTY, 256},
    {1, STAGE_PB2, 46},
    {1, STAGE_PNA, 175},
    {1, STAGE_PNF, 35},
    {2, STAGE_2, 256},
    {3, STAGE_3, 256},
    {4, STAGE_4, 256},
    {5, STAGE_5, 256},
    {6, STAGE_6, 256},
    {7, STAGE_7, 128},
    {7, STAGE_8, 128},
    {8, STAGE_9, 256},
    {9, STAGE_M, 256},
    {10, STAGE_SB, 256},
    {11, STAGE_B, 256},
    {12, STAGE_EB, 256},
    {13, STAGE_HB, 256},
};

static int32_t clamp(int64_t value)
{
	if (value > FEATURE_MOST)
		return FEATURE_MOST;
	return value < -FEATURE_MOST ? -FEATURE_MOST : (int32_t)value;
}

static void standardise(const struct features *features, int32_t z[FEATURE_COUNT])
{
	for (int i = 0; i < FEATURE_COUNT; i++) {
		/* feature_scale: 65536 / spread. */
		int64_t value = ((int64_t)features->value[i] - feature_mean[i]) * feature_scale[i] *
		                FEATURE_ONE / 65536;
		z[i] = clamp(value);
	}
}

static int32_t neuron(const int32_t *inputs, int count, const int16_t *weights, int32_t bias)
{
	int64_t sum = (int64_t)bias * (1 << WEIGHT_BITS);
	for (int i = 0; i < count; i++)
		sum += (int64_t)inputs[i] * weights[i];
	return (int32_t)(sum / (1 << WEIGHT_BITS));
}

/* 65536 x 2 to the power score / SCORE_ONE, score <= 0. */
static uint32_t power_of_two(int32_t score)
{
	/* 65536 x 2^(-i/16) */
	static const uint32_t sixteenths[16] = {65536, 62757, 60097, 57549, 55109, 52772, 50535, 48393,
	    46341, 44376, 42495, 40693, 38968, 37316, 35734, 34219};
	int32_t down = -score * 16 / SCORE_ONE;
	int32_t rest = -score * 16 % SCORE_ONE;
	uint32_t here = sixteenths[down % 16] >> (down / 16);
	uint32_t next = sixteenths[(down + 1) % 16] >> ((down + 1) / 16);
	return here - (here - next) * (uint32_t)rest / SCORE_ONE;
}

/* Scores are base-two logarithms of odds. */
static void normalise(const int32_t score[CLASS_COUNT], uint16_t probability[CLASS_COUNT])
{
	int top = 0;
	for (int c = 1; c < CLASS_COUNT; c++)
		top = score[c] > score[top] ? c : top;
	uint32_t weight[CLASS_COUNT], sum = 0, given = 0;
	for (int c = 0; c < CLASS_COUNT; c++) {
		int32_t below = score[c] - score[top];
		weight[c] = power_of_two(below < SCORE_LEAST ? SCORE_LEAST : below);
		sum += weight[c];
	}
	for (int c = 0; c < CLASS_COUNT; c++) {
		probability[c] = (uint16_t)((uint64_t)weight[c] * PROBABILITY_ONE / sum);
		given += probability[c];
	}
	probability[top] = (uint16_t)(probability[top] + PROBABILITY_ONE - given);
}

/* Mean square of the standardised features, held against what the fitted pictures had. */
static uint16_t unfamiliarity(const int32_t z[FEATURE_COUNT])
{
	int64_t sum = 0;
	for (int i = 0; i < FEATURE_COUNT; i++)
		sum += (int64_t)z[i] * z[i];
	int32_t mean = (int32_t)(sum / FEATURE_COUNT);
	int permille = 0;
	for (int i = 0; i < UNFAMILIAR_STEPS; i++)
		permille += mean > unfamiliar_step[i];
	return (uint16_t)(permille * 1000 / UNFAMILIAR_STEPS);
}

void stage_estimate(const struct features *features, struct stage_estimate *ret_estimate)
{
	int32_t z[FEATURE_COUNT], hidden[HIDDEN_COUNT], score[CLASS_COUNT];
	standardise(features, z);
	for (int i = 0; i < HIDDEN_COUNT; i++) {
		int32_t value = neuron(z, FEATURE_COUNT, hidden_weight[i], hidden_bias[i]);
		hidden[i] = value > 0 ? value : 0;
	}
	for (int c = 0; c < CLASS_COUNT; c++)
		score[c] = neuron(hidden, HIDDEN_COUNT, class_weight[c], class_bias[c]);
	normalise(score, ret_estimate->probability);
	ret_estimate->unfamiliar = unfamiliarity(z);
}

void stage_share(const uint16_t probability[CLASS_COUNT], uint16_t ret_stage[STAGE_COUNT])
{
	uint32_t given = 0;
	int top = 0;
	for (int i = 0; i < STAGE_COUNT; i++)
		ret_stage[i] = 0;
	for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
		uint32_t part = (uint32_t)probability[shares[i].class] * shares[i].share / 256;
		ret_stage[shares[i].stage] = (uint16_t)part;
		given += part;
	}
	for (int i = 1; i < STAGE_COUNT; i++)
		top = ret_stage[i] > ret_stage[top] ? i : top;
	ret_stage[top] = (uint16_t)(ret_stage[top] + PROBABILITY_ONE - given);
}

uint16_t stage_confidence(uint32_t group_probability)
{
	/* confidence_at holds the measured share at 0, 1/16 .. 16/16 of certainty. */
	uint32_t step = group_probability * 16 / PROBABILITY_ONE,
	         rest = group_probability * 16 % PROBABILITY_ONE;
	if (step >= 16)
		return confidence_at[16];
	return (uint16_t)(confidence_at[step] + (confidence_at[step + 1] - confidence_at[step]) *
	                                            (int64_t)rest / PROBABILITY_ONE);
}

void stage_table_digest(uint8_t ret_digest[CRYPTO_DIGEST_SIZE])
{
	static const struct {
		const void *data;
		size_t size;
	} tables[] = {
	    {feature_mean, sizeof feature_mean},
	    {feature_scale, sizeof feature_scale},
	    {hidden_weight, sizeof hidden_weight},
	    {hidden_bias, sizeof hidden_bias},
	    {class_weight, sizeof class_weight},
	    {class_bias, sizeof class_bias},
	    {unfamiliar_step, sizeof unfamiliar_step},
	    {confidence_at, sizeof confidence_at},
	};
	enum { TABLES = sizeof tables / sizeof *tables };
	uint8_t digests[TABLES][CRYPTO_DIGEST_SIZE];
	for (int i = 0; i < TABLES; i++)
		crypto_sha256(tables[i].data, tables[i].size, digests[i]);
	crypto_sha256(digests, sizeof digests, ret_digest);
}
