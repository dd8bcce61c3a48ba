/* Models: the learned readers of a box, several side by side, and which of them is current.
 *
 *   shipped folder   share/daybreak/models/   NAME-VERSION.model ..., current, *.pem (the maker's public keys)
 *   clinic's folder  <store>/models/          NAME-VERSION.model ..., current, *.pem (keys that the clinic trusts),
 *                                             box.key (private, 0600) and box.pem: what this box signs with
 *
 * A package is trusted when one of those public keys signed it (package.h). `current` is a file of one line, a model's
 * label; the clinic's goes before the shipped one. Nothing is kept in memory: each call looks at the folders, so that
 * a model installed or chosen by one process is seen by all. */
#pragma once

#include "base/crypto.h"
#include "base/err.h"
#include "base/json.h"
#include "base/limits.h"

#include <stddef.h>

enum {
	MODEL_LABEL_SIZE = LIMIT_NAME, /* "NAME-VERSION" and its end */
	MODEL_DIGEST_SIZE = 65,        /* SHA-256 as hexadecimal digits and their end */
	/* A package is its entries, a block and a padding each, and the end. */
	MODEL_PACKAGE_BYTES = LIMIT_NETWORK_BYTES + LIMIT_MANIFEST_BYTES + LIMIT_REPORT_BYTES + (16 << 10),
};

/* Where models lie. clinic is NULL where there is no store: then only shipped models are known. */
struct models_folders {
	const char *shipped, *clinic;
};
/* "<share>/models" and "<store>/models" of this process's place; store may be NULL. */
struct models_places {
	char shipped[LIMIT_PATH], clinic[LIMIT_PATH];
	struct models_folders folders;
};
bool models_places(const char *store_folder, struct models_places *ret_places, struct err *err);

/* A model that was verified and is ready to be given to a reader. */
struct model_open {
	int fd;       /* a sealed memory file that holds network.bin and nothing else; nobody can change it any more */
	size_t size;  /* of network.bin */
	char label[MODEL_LABEL_SIZE];
	char digest[MODEL_DIGEST_SIZE]; /* of network.bin */
	char signer[MODEL_LABEL_SIZE];  /* the file that holds the signer's public key, without ".pem" */
	json_t *manifest;               /* the model card: "name", "version", "summary", "training", "outputs", ... */
	json_t *report;                 /* measured accuracy; NULL where the package has none */
};
/* wanted: a label, or NULL for the current model. ERR_NOT_FOUND: no such model, or none at all.
 * ERR_CRYPTO: unsigned, altered, or signed by a key that is not trusted. ERR_DAMAGED: cut off.
 * ERR_UNSUPPORTED: of another format. */
bool models_open(const struct models_folders *folders, const char *wanted, struct model_open *ret_model,
    struct err *err);
/* Closes and frees; a zeroed one with fd -1 is fine. */
void model_open_done(struct model_open *model);
static inline void model_open_done_owned(struct model_open *model)
{
	model_open_done(model);
}
#define MODEL_OPEN_INIT {.fd = -1}

/* One line of the list. A package that does not verify is listed too, with what is wrong. */
struct model_entry {
	const char *label;
	bool shipped, current;
	const char *problem;    /* NULL: it verified */
	const char *digest;     /* "" with a problem, as NULL below */
	const char *signer;     /* as in struct model_open; "" with a problem */
	const json_t *manifest; /* borrowed for the call */
	const json_t *report;
};
typedef bool models_visit(const struct model_entry *entry, void *context);
/* By label, shipped ones first; a clinic's package that has a shipped one's label is not listed (it is
 * never used). Ends early when visit returns false. */
bool models_each(const struct models_folders *folders, models_visit *visit, void *context, struct err *err);

/* The label that models_open(NULL) takes. */
bool models_current(const struct models_folders *folders, char ret_label[MODEL_LABEL_SIZE], struct err *err);
/* Makes it current for this clinic, after verifying it. */
bool models_use(const struct models_folders *folders, const char *label, struct err *err);
/* Verifies a package file against the trusted keys and copies it into the clinic's folder. ERR_CONFLICT
 * where a model of that label is there: a version never changes. */
bool models_install(const struct models_folders *folders, const char *path, char ret_label[MODEL_LABEL_SIZE],
    struct err *err);
/* The private key that this box signs with, made with its public half on the first call. */
bool models_box_key(const struct models_folders *folders, char ret_private[CRYPTO_PEM_SIZE], struct err *err);
/* Opens a package file that lies anywhere, as models_open does. */
bool models_open_file(const struct models_folders *folders, const char *path, struct model_open *ret_model,
    struct err *err);
