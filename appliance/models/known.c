#include "models/known.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "reading/network_map.h"
#include "reading/reader.h"

#include <stdio.h>
#include <string.h>

/* Discs of several greys in a disc: nothing an embryologist would know, but every layer has something to do. */
static void draw(struct cut *cut, uint32_t seed)
{
	memset(cut, 0, sizeof *cut);
	cut->planes = (uint8_t)(1 + seed % CUT_PLANES_MAX);
	cut->radius_permille = 300;
	for (int plane = 0; plane < cut->planes; plane++) {
		memset(cut->pixels[plane], 128, sizeof cut->pixels[plane]);
		for (int disc = 0; disc < 12; disc++) {
			seed = seed * 1664525 + 1013904223;
			int x = 34 + (int)(seed >> 8) % 60, y = 34 + (int)(seed >> 16) % 60, r = disc ? 6 + (int)(seed >> 24) % 18 : 50;
			for (int at = 0; at < CUT_SIDE * CUT_SIDE; at++) {
				int dx = at % CUT_SIDE - x, dy = at / CUT_SIDE - y;
				if (dx * dx + dy * dy < r * r)
					cut->pixels[plane][at] = (uint8_t)(60 + (seed >> 4) % 140);
			}
		}
	}
}

void known_cuts(struct cut ret_cuts[KNOWN_CUTS])
{
	for (uint32_t i = 0; i < KNOWN_CUTS; i++)
		draw(&ret_cuts[i], i);
}

void known_digest(const struct reading readings[KNOWN_CUTS], char ret_hex[2 * CRYPTO_DIGEST_SIZE + 1])
{
	uint8_t digest[CRYPTO_DIGEST_SIZE];
	crypto_sha256(readings, KNOWN_CUTS * sizeof *readings, digest);
	text_hex(ret_hex, digest, sizeof digest);
}

/* What plain C says, in this process. */
static bool read_plainly(int model_fd, const struct cut *cuts, struct reading *readings, struct err *err)
{
	OWN(network_unmap) struct network_map map = {0};
	if (!network_map(model_fd, &map, err))
		return false;
	OWN(free) void *scratch = network_scratch(map.network);
	if (!scratch)
		return err_set(err, ERR_NO_MEMORY, "reading the known batch");
	network_force_path(map.network, NETWORK_PLAIN);
	for (int i = 0; i < KNOWN_CUTS; i++)
		read_cut(map.network, scratch, &cuts[i], &readings[i]);
	return true;
}

static bool expect(const char *shipped, const struct model_open *model, const struct cut *cuts,
    struct known_result *result, struct err *err)
{
	char name[MODEL_LABEL_SIZE + 8], path[LIMIT_PATH], text[LIMIT_NAME];
	struct reading readings[KNOWN_CUTS] = {0};
	snprintf(name, sizeof name, "%s.answer", model->label);
	if (!folder_path(shipped, name, path, err))
		return false;
	if (file_exists(path))
		return folder_read_text(shipped, name, text, sizeof text, err) &&
		    (text_copy(result->expected, sizeof result->expected, text_trim(text)) ||
			err_set(err, ERR_DAMAGED, "%s holds no digest", path));
	if (!read_plainly(model->fd, cuts, readings, err))
		return false;
	known_digest(readings, result->expected);
	return true;
}

static bool ask_reader(const char *program, const struct model_open *model, const struct cut *cuts,
    struct known_result *result, struct err *err)
{
	OWN(reader_stop) struct reader *reader = NULL;
	struct reading readings[KNOWN_CUTS] = {0};
	const struct reader_model with = {.fd = model->fd, .label = model->label};
	if (!reader_start(program, &with, &reader, err))
		return false;
	int64_t begun_us = clock_monotonic_us();
	if (!reader_read(reader, cuts, KNOWN_CUTS, readings, err))
		return false;
	result->took_us = clock_monotonic_us() - begun_us;
	known_digest(readings, result->answer);
	return true;
}

bool known_read(const struct models_folders *folders, const char *reader_program, struct known_result *ret_result,
    struct err *err)
{
	OWN(model_open_done) struct model_open model = MODEL_OPEN_INIT;
	OWN(free) struct cut *cuts = calloc(KNOWN_CUTS, sizeof *cuts);
	struct known_result result = {0};
	if (!cuts)
		return err_set(err, ERR_NO_MEMORY, "reading the known batch");
	if (!models_open(folders, NULL, &model, err))
		return false;
	known_cuts(cuts);
	text_copy(result.label, sizeof result.label, model.label);
	if (!expect(folders->shipped, &model, cuts, &result, err) ||
	    !ask_reader(reader_program, &model, cuts, &result, err))
		return false;
	*ret_result = result;
	return true;
}
