#include "reading/calibrate.h"

#include "reading/network_inside.h"

/* 2^31 x 2 to the power -down / NETWORK_LOGIT_ONE: a factor for each bit of the fraction, then a shift. */
static uint32_t power_of_two(uint32_t down)
{
	/* 2^32 x 2^(-1/2), 2^(-1/4) ... 2^(-1/256) */
	static const uint32_t factors[8] = {3037000500U, 3611622603U, 3938502376U, 4112874773U, 4202935003U,
	    4248701965U, 4271771996U, 4283353945U};
	uint64_t value = 1U << 31;
	for (int bit = 0; bit < 8; bit++)
		if (down & (128U >> bit))
			value = value * factors[bit] >> 32;
	uint32_t halvings = down / NETWORK_LOGIT_ONE;
	return halvings < 32 ? (uint32_t)(value >> halvings) : 0;
}

void calibrate_softmax(const int32_t *logits, size_t count, uint16_t *ret_probabilities)
{
	uint32_t weight[STAGE_COUNT], given = 0;
	uint64_t sum = 0;
	size_t top = 0;
	for (size_t i = 1; i < count; i++)
		top = logits[i] > logits[top] ? i : top;
	for (size_t i = 0; i < count; i++) {
		weight[i] = power_of_two((uint32_t)logits[top] - (uint32_t)logits[i]);
		sum += weight[i];
	}
	for (size_t i = 0; i < count; i++) {
		ret_probabilities[i] = (uint16_t)(weight[i] * (uint64_t)PROBABILITY_ONE / sum);
		given += ret_probabilities[i];
	}
	ret_probabilities[top] = (uint16_t)(ret_probabilities[top] + PROBABILITY_ONE - given);
}

static uint16_t permille(uint32_t probability)
{
	return (uint16_t)((probability * 1000ULL + PROBABILITY_ONE / 2) / PROBABILITY_ONE);
}

uint16_t calibrate_logistic(int32_t logit)
{
	const int32_t both[2] = {logit, 0};
	uint16_t probabilities[2];
	calibrate_softmax(both, 2, probabilities);
	return permille(probabilities[0]);
}

uint16_t calibrate_confidence(const uint16_t steps[NETWORK_CONFIDENCE_STEPS], uint32_t probability)
{
	uint32_t at = probability * (NETWORK_CONFIDENCE_STEPS - 1);
	uint32_t step = at / PROBABILITY_ONE, rest = at % PROBABILITY_ONE;
	if (step >= NETWORK_CONFIDENCE_STEPS - 1)
		return steps[NETWORK_CONFIDENCE_STEPS - 1];
	uint32_t sum = steps[step] * (PROBABILITY_ONE - rest) + steps[step + 1] * rest;
	return (uint16_t)((sum + PROBABILITY_ONE / 2) / PROBABILITY_ONE);
}

uint16_t calibrate_unfamiliar(const uint64_t steps[NETWORK_UNFAMILIAR_STEPS], uint64_t distance)
{
	const uint64_t each = 1000 / (NETWORK_UNFAMILIAR_STEPS - 1);
	if (distance <= steps[0])
		return 0;
	uint64_t step = 0;
	while (step < NETWORK_UNFAMILIAR_STEPS - 1 && steps[step + 1] <= distance)
		step++;
	if (step == NETWORK_UNFAMILIAR_STEPS - 1)
		return 1000;
	uint64_t one_permille = (steps[step + 1] - steps[step] + each - 1) / each;
	return (uint16_t)(step * each + (distance - steps[step]) / one_permille);
}

static uint64_t nearest(const struct network *network, const uint8_t *embedding)
{
	const struct network_calibration *calibration = network->calibration;
	const uint16_t *centroid = (const void *)(network->bytes + calibration->centroids);
	const uint16_t *weights = (const void *)(network->bytes + calibration->dimension_weights);
	uint64_t least = UINT64_MAX;
	for (uint32_t k = 0; k < calibration->centroids_count; k++, centroid += calibration->dimensions) {
		uint64_t distance = 0;
		for (uint32_t d = 0; d < calibration->dimensions; d++) {
			int64_t away = 16 * embedding[d] - (int64_t)centroid[d];
			distance += weights[d] * (uint64_t)(away * away);
		}
		least = distance < least ? distance : least;
	}
	return least;
}

/* The count that the stages speak for, where most of them speak for counting at all. */
static void count_cells(const struct network_calibration *calibration, struct reading *reading)
{
	uint32_t of_count[CELLS_MAX + 1] = {0};
	int top = 0;
	for (int i = 0; i < STAGE_COUNT; i++)
		of_count[stage_cells((enum stage)i)] += reading->stage[i];
	for (int cells = 1; cells <= CELLS_MAX; cells++)
		top = of_count[cells] > of_count[top] ? cells : top;
	reading->cells = (uint16_t)top;
	reading->cells_confidence = top ? calibrate_confidence(calibration->cells, of_count[top]) : 0;
}

/* The classes that embryologists write down: below 10, 25, 50 %, and above. */
static int fragmentation_class(uint32_t share)
{
	return share < 100 ? 0 : share < 250 ? 1 : share < 500 ? 2 : 3;
}

static void read_fragmentation(
    const struct network_calibration *calibration, const int32_t *logits, struct reading *reading)
{
	uint16_t probabilities[NETWORK_BINS];
	uint32_t share = 0, within = 0;
	calibrate_softmax(logits, NETWORK_BINS, probabilities);
	for (int i = 0; i < NETWORK_BINS; i++)
		share += (uint32_t)probabilities[i] * calibration->bins_permille[i];
	share = (share + PROBABILITY_ONE / 2) / PROBABILITY_ONE;
	for (int i = 0; i < NETWORK_BINS; i++)
		if (fragmentation_class(calibration->bins_permille[i]) == fragmentation_class(share))
			within += probabilities[i];
	reading->fragmentation_permille = (uint16_t)share;
	reading->fragmentation_confidence = permille(within);
}

void calibrate(const struct network *network, const void *scratch, struct reading *reading)
{
	const struct network_calibration *calibration = network->calibration;
	size_t count;
	calibrate_softmax(
	    network_logits(network, scratch, NETWORK_STAGE, &count), STAGE_COUNT, reading->stage);
	reading->occupied = (uint16_t)(PROBABILITY_ONE - reading->stage[STAGE_EMPTY]);
	reading->confidence =
	    calibrate_confidence(calibration->stage, reading->stage[reading_top_stage(reading)]);
	count_cells(calibration, reading);
	if (calibration->centroids_count > 0)
		reading->unfamiliar = calibrate_unfamiliar(
		    calibration->unfamiliar, nearest(network, network_embedding(network, scratch, &count)));
	if (reading->cells == 0)
		return;
	const int32_t *fragmentation = network_logits(network, scratch, NETWORK_FRAGMENTATION, &count);
	const int32_t *uneven = network_logits(network, scratch, NETWORK_UNEVEN, &count);
	const int32_t *multinucleated = network_logits(network, scratch, NETWORK_MULTINUCLEATED, &count);
	if (fragmentation)
		read_fragmentation(calibration, fragmentation, reading);
	if (uneven)
		reading->uneven = calibrate_logistic(*uneven);
	if (multinucleated)
		reading->multinucleated = calibrate_logistic(*multinucleated);
}
