/* The known batch: cuts that are drawn with whole numbers, so that they are the same everywhere, and what a model must say
 * to them, bit by bit. So a box can tell whether its reader, as it runs here and now, can be trusted.
 *
 * A shipped model brings its answer: NAME-VERSION.answer beside NAME-VERSION.model, one line, the SHA-256 of the
 * readings. A clinic's own model has none; there the plain C kernels, which define the arithmetic, say what is right. */
#pragma once

#include "models/models.h"
#include "reading/read.h"

enum { KNOWN_CUTS = 24 };

struct known_result {
	char label[MODEL_LABEL_SIZE];              /* the model that was asked: the current one */
	char answer[2 * CRYPTO_DIGEST_SIZE + 1];   /* what the reader said */
	char expected[2 * CRYPTO_DIGEST_SIZE + 1]; /* what is right */
	int64_t took_us;                           /* to read the batch */
};

void known_cuts(struct cut ret_cuts[KNOWN_CUTS]);
void known_digest(const struct reading readings[KNOWN_CUTS], char ret_hex[2 * CRYPTO_DIGEST_SIZE + 1]);
/* Reads the batch with the current model in a real reader process. True when it answered: the caller compares. */
bool known_read(const struct models_folders *folders, const char *reader_program, struct known_result *ret_result,
    struct err *err);
