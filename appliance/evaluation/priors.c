#include "evaluation/priors.h"

#include "base/crypto.h"
#include "base/file.h"
#include "base/place.h"
#include "base/text.h"

#include <math.h>
#include <string.h>

enum { PRIORS_BYTES_MAX = 64 << 10, DIGEST_DIGITS = 16, MINUTES_MAX = 30 * 24 * 60, SPREAD_MAX = 5000, ALIKE_FRAMES = 20 };

/* Sources.
 * Medians: Istanbul Consensus 2025, Table 1 (doi 10.1093/humrep/deaf021), 140,872 zygotes, ICSI and IVF apart.
 * Limits: an engineering proposal, wider than Chamayou 2013 (PMID 23585186). */
static const struct prior table[STAGE_COUNT] = {
    /*              soft      hard      ICSI IVF  motion within */
    [STAGE_PB2] = {1, 8, 0, 16, -1, -1, 0, 120},
    [STAGE_PNA] = {4, 13, 2, 24, -1, -1, 0, 120},
    [STAGE_PNF] = {17, 31, 12, 44, 23, 24, 0, 60},
    [STAGE_2] = {19, 35, 14, 50, 26, 27, 1000, 60},
    [STAGE_3] = {26, 48, 15, 72, -1, -1, 1000, 60},
    [STAGE_4] = {30, 52, 20, 80, 38, 39, 1000, 90},
    [STAGE_5] = {38, 66, 24, 110, -1, -1, 900, 120},
    [STAGE_6] = {-1, -1, -1, -1, -1, -1, 800, 120},
    [STAGE_7] = {-1, -1, -1, -1, -1, -1, 800, 120},
    [STAGE_8] = {44, 86, 28, 130, 57, 58, 700, 180},
    [STAGE_9] = {50, 92, 32, 140, -1, -1, 500, 240},
    [STAGE_M] = {70, 112, 48, 150, 89, 91, 0, 300},
    [STAGE_SB] = {80, 126, 60, 170, -1, -1, 0, 240},
    [STAGE_B] = {88, 138, 65, 180, 108, 107, 0, 240},
    [STAGE_EB] = {92, 148, 70, 190, 113, 113, 0, 240},
    [STAGE_HB] = {-1, -1, -1, -1, -1, -1, 0, 180},
};

struct priors {
	struct timing of[STAGE_COUNT];
	double said[STAGE_COUNT][STAGE_COUNT]; /* [stage][said] */
	char digest[2 * CRYPTO_DIGEST_SIZE + 1];
};

const struct prior *prior_of(enum stage event)
{
	return &table[event];
}

int64_t prior_median_s(enum stage event, enum insemination method)
{
	int hours = method == INSEMINATION_ICSI ? table[event].median_icsi_h
	    : method == INSEMINATION_IVF    ? table[event].median_ivf_h
					    : -1;
	return hours < 0 ? TIME_UNKNOWN : (int64_t)hours * 3600;
}

/* A whole number of the object, least .. most; sticky: nothing is read after a failure. */
static int number(const json_t *object, const char *name, int least, int most, struct err *err)
{
	json_t *value;
	if (err->code || !json_member(object, name, JSON_INTEGER, &value, err))
		return 0;
	json_int_t given = json_integer_value(value);
	if (given < least || given > most)
		err_set(err, ERR_BAD_INPUT, "\"%s\" is %lld, not %d to %d", name, (long long)given, least, most);
	return (int)given;
}

/* What any reader would mistake for what. */
static double alike(enum stage stage, enum stage said)
{
	static const double next = 0.35, odd = 0.1;
	bool one_cell = (stage == STAGE_PB2 && said == STAGE_PNF) || (stage == STAGE_PNF && said == STAGE_PB2);
	double sum = 0;
	for (int k = STAGE_PB2; k <= STAGE_HB; k++)
		sum += pow(next, abs(k - (int)stage));
	return (1 - odd) * pow(next, one_cell ? 1 : abs((int)said - (int)stage)) / sum + odd / STAGE_HB;
}

/* "read" of one stage, or nothing, beside what is alike; the row sums to one. */
static bool read_confusion(const json_t *object, enum stage stage, double row[STAGE_COUNT], struct err *err)
{
	json_t *read = json_object_get(object, "read"), *as;
	double sum = 0;
	for (int j = STAGE_PB2; j <= STAGE_HB; j++)
		row[j] = ALIKE_FRAMES * alike(stage, (enum stage)j);
	if (read) {
		*err = (struct err){0};
		int frames = number(read, "frames", 0, 1 << 30, err);
		if (err->code || !json_member(read, "as", JSON_ARRAY, &as, err))
			return false;
		if (json_array_size(as) != STAGE_HB)
			return err_set(err, ERR_BAD_INPUT, "\"as\" has %zu numbers, not %d", json_array_size(as), STAGE_HB);
		for (int j = STAGE_PB2; j <= STAGE_HB; j++)
			row[j] += frames / 1000.0 * fmax(json_number_value(json_array_get(as, (size_t)j - 1)), 0);
	}
	for (int j = STAGE_PB2; j <= STAGE_HB; j++)
		sum += row[j];
	for (int j = STAGE_PB2; j <= STAGE_HB; j++)
		row[j] /= sum;
	return true;
}

static bool read_stage(const json_t *object, struct priors *priors, struct err *err)
{
	enum stage stage;
	json_t *begins, *lasts;
	const char *name = json_text(object, "stage", "");
	if (!stage_from_name(name, &stage) || stage == STAGE_EMPTY)
		return err_set(err, ERR_BAD_INPUT, "\"%.32s\" is no stage", name);
	if (!json_member(object, "begins", JSON_OBJECT, &begins, err) ||
	    !json_member(object, "lasts", JSON_OBJECT, &lasts, err))
		return err_add(err, "%s", name);
	*err = (struct err){0};
	priors->of[stage] = (struct timing){
	    .begins_count = number(begins, "embryos", 0, 1 << 30, err),
	    .begins_min = number(begins, "median_min", 1, MINUTES_MAX, err),
	    .begins_spread_min = number(begins, "spread_min", 1, MINUTES_MAX, err),
	    .lasts_count = number(lasts, "embryos", 0, 1 << 30, err),
	    .lasts_min = number(lasts, "median_min", 1, MINUTES_MAX, err),
	    .lasts_spread = number(lasts, "spread_permille", 1, SPREAD_MAX, err),
	    .shown = number(object, "shown", 0, 1 << 30, err),
	    .skipped = number(object, "skipped", 0, 1 << 30, err),
	};
	return (!err->code && read_confusion(object, stage, priors->said[stage], err)) || err_add(err, "%s", name);
}

static bool read_stages(const json_t *value, struct priors *priors, struct err *err)
{
	json_t *stages;
	size_t i;
	const json_t *object;
	if (!json_member(value, "stages", JSON_ARRAY, &stages, err))
		return false;
	json_array_foreach(stages, i, object)
		if (!read_stage(object, priors, err))
			return false;
	for (int j = STAGE_PB2; j <= STAGE_HB; j++)
		if (!priors->of[j].lasts_min)
			return err_set(err, ERR_BAD_INPUT, "%s is missing", stage_name((enum stage)j));
	return true;
}

bool priors_load(const char *path, struct priors **ret_priors, struct err *err)
{
	OWN(buf_done) struct buf text = BUF_INIT(PRIORS_BYTES_MAX);
	OWN(json_decref) json_t *value = NULL;
	OWN(priors_free) struct priors *priors = calloc(1, sizeof *priors);
	uint8_t digest[CRYPTO_DIGEST_SIZE];
	if (!priors)
		return err_set(err, ERR_NO_MEMORY, "loading priors");
	if (!file_read(path, &text, err) || !json_parse((const char *)text.data, text.size, &value, err) ||
	    !read_stages(value, priors, err))
		return err_add(err, "%s", path);
	crypto_sha256(text.data, text.size, digest);
	text_hex(priors->digest, digest, sizeof digest);
	priors->digest[DIGEST_DIGITS] = 0;
	*ret_priors = TAKE(priors);
	return true;
}

bool priors_open(const char *store_folder, struct priors **ret_priors, struct err *err)
{
	char path[LIMIT_PATH];
	if (store_folder && path_join(path, sizeof path, store_folder, "priors.json") && file_exists(path))
		return priors_load(path, ret_priors, err);
	return place_share(path, sizeof path, "priors.json", err) && priors_load(path, ret_priors, err);
}

void priors_free(struct priors *priors)
{
	free(priors);
}

const struct timing *priors_timing(const struct priors *priors, enum stage stage)
{
	return &priors->of[stage];
}

double priors_said(const struct priors *priors, enum stage stage, enum stage said)
{
	return priors->said[stage][said];
}

const char *priors_digest(const struct priors *priors)
{
	return priors->digest;
}
