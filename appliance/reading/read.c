#include "reading/read.h"

#include "reading/calibrate.h"
#include "reading/contour.h"

#include <string.h>

/* The code's part of a reading: goes up whenever the same network would read the same cut otherwise. */
static const char engine_version[] = "engine-1";

static const struct reading no_opinion = {
    .fragmentation_permille = READING_UNKNOWN,
    .fragmentation_confidence = READING_UNKNOWN,
    .uneven = READING_UNKNOWN,
    .multinucleated = READING_UNKNOWN,
};

void read_digest(const uint8_t network_digest[CRYPTO_DIGEST_SIZE], uint8_t ret_digest[CRYPTO_DIGEST_SIZE])
{
	uint8_t named[CRYPTO_DIGEST_SIZE + sizeof engine_version];
	memcpy(named, network_digest, CRYPTO_DIGEST_SIZE);
	memcpy(named + CRYPTO_DIGEST_SIZE, engine_version, sizeof engine_version);
	crypto_sha256(named, sizeof named, ret_digest);
}

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

/* Sums of squares inside the outline, row by row: slopes, 1/16 grey levels per pixel, and fine grain. */
static void sum_inside(
    const struct scales *scales, const struct contour *contour, uint64_t *ret_energy, uint64_t *ret_grain)
{
	*ret_energy = *ret_grain = 0;
	for (int y = 0; y < CUT_SIDE; y++) {
		const uint8_t *inside = contour->inside + y * CUT_SIDE;
		const int16_t *dx = scales->slope_x + y * CUT_SIDE, *dy = scales->slope_y + y * CUT_SIDE;
		const uint16_t *grain = scales->band[0] + y * CUT_SIDE;
		uint32_t energy_row = 0, grain_row = 0;
		for (int x = 0; x < CUT_SIDE; x++) {
			uint32_t kept = 0U - inside[x];
			energy_row +=
			    (uint32_t)((dx[x] * dx[x] + dy[x] * dy[x]) / (SLOPE_ONE * SLOPE_ONE)) & kept;
			grain_row += (uint32_t)(grain[x] * grain[x]) & kept;
		}
		*ret_energy += energy_row;
		*ret_grain += grain_row;
	}
}

/* What needs no learning, of the sharpest plane. */
static void measure(const struct cut *cut, struct reading *reading)
{
	struct scales scales;
	struct contour contour;
	uint64_t energy, grain;
	scales_make(cut->pixels[0], &scales);
	contour_find(&scales, &contour);
	sum_inside(&scales, &contour, &energy, &grain);
	uint64_t area = (uint64_t)contour.area;
	reading->sharpness = at_most(energy / area, UINT16_MAX);
	reading->texture = at_most(root_of((uint32_t)(256 * grain / area)), UINT16_MAX);
	reading->area_permille = at_most(1000 * area / CUT_PIXELS, 1000);
	memcpy(reading->outline, contour.radius, sizeof reading->outline);
}

void read_cut(
    const struct network *network, void *scratch, const struct cut *cut, struct reading *ret_reading)
{
	*ret_reading = no_opinion;
	measure(cut, ret_reading);
	network_run(network, cut, scratch);
	calibrate(network, scratch, ret_reading);
}
