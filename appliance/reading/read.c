#include "reading/read.h"

#include "reading/stage_estimate.h"

#include <string.h>

const char read_version[] = "first-1";

/* The digest names the table and the code that reads it: the code by the version, which a person
 * raises, the table by its own digest, which nobody can forget to. */
void read_digest(uint8_t ret_digest[CRYPTO_DIGEST_SIZE])
{
	uint8_t named[CRYPTO_DIGEST_SIZE + sizeof read_version];
	stage_table_digest(named);
	memcpy(named + CRYPTO_DIGEST_SIZE, read_version, sizeof read_version);
	crypto_sha256(named, sizeof named, ret_digest);
}

static const struct reading no_opinion = {
    .fragmentation_permille = READING_UNKNOWN,
    .fragmentation_confidence = READING_UNKNOWN,
    .uneven = READING_UNKNOWN,
    .multinucleated = READING_UNKNOWN,
};

void read_empty(uint16_t confidence, struct reading *ret_reading)
{
	*ret_reading = no_opinion;
	ret_reading->confidence = confidence;
	ret_reading->stage[STAGE_EMPTY] = PROBABILITY_ONE;
}

static uint16_t at_most(uint64_t value, uint16_t most)
{
	return (uint16_t)(value < most ? value : most);
}

static void measure(const struct scales *scales, const struct contour *contour, struct reading *reading)
{
	uint64_t energy = 0, grain = 0;
	for (int at = 0; at < CUT_PIXELS; at++) {
		if (!contour->inside[at])
			continue;
		energy += (uint64_t)scales->slope[at] * scales->slope[at];
		grain += (uint64_t)scales->band[0][at] * scales->band[0][at];
	}
	uint64_t area = (uint64_t)contour->area;
	reading->sharpness = at_most(energy / area, UINT16_MAX);
	reading->texture = at_most(root_of((uint32_t)(256 * grain / area)), UINT16_MAX);
	reading->area_permille = at_most(1000 * area / CUT_PIXELS, 1000);
	memcpy(reading->outline, contour->radius, sizeof reading->outline);
}

/* The sharpest plane counts double: it shows most, but membranes above and below it show on the
 * others. */
static void add_plane(const struct stage_estimate *estimate, int weight, uint32_t sums[CLASS_COUNT])
{
	for (int c = 0; c < CLASS_COUNT; c++)
		sums[c] += (uint32_t)weight * estimate->probability[c];
}

static void mean_of(const uint32_t sums[CLASS_COUNT], uint16_t probability[CLASS_COUNT])
{
	uint64_t total = 0;
	for (int c = 0; c < CLASS_COUNT; c++)
		total += sums[c];
	for (int c = 0; c < CLASS_COUNT; c++)
		probability[c] = (uint16_t)(sums[c] * (uint64_t)PROBABILITY_ONE / total);
}

void read_cut(const struct cut *cut, struct reading *ret_reading)
{
	struct scales scales;
	struct contour contour;
	struct features features;
	struct stage_estimate estimate;
	uint32_t sums[CLASS_COUNT] = {0};
	uint16_t probability[CLASS_COUNT];
	*ret_reading = no_opinion;
	for (int plane = 0; plane < cut->planes; plane++) {
		scales_make(cut->pixels[plane], &scales);
		contour_find(&scales, &contour);
		features_make(&scales, &contour, &features);
		stage_estimate(&features, &estimate);
		add_plane(&estimate, plane == 0 ? 2 : 1, sums);
		if (plane > 0)
			continue;
		measure(&scales, &contour, ret_reading);
		ret_reading->unfamiliar = estimate.unfamiliar;
	}
	mean_of(sums, probability);
	stage_share(probability, ret_reading->stage);
	ret_reading->occupied = (uint16_t)(PROBABILITY_ONE - ret_reading->stage[STAGE_EMPTY]);
	ret_reading->confidence = stage_confidence(
	    reading_group_probability(ret_reading, reading_top_group(ret_reading)));
}
