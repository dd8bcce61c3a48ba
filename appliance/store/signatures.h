/* Electronic signatures on decisions. The password is asked for where the request is taken; what is kept is who signed
 * what, when and with which meaning, under a seal: HMAC-SHA256 by a key derived from the box key over the decision (id,
 * embryo, kind, reason, author, time, digest of the evaluation that stood on the screen) and the signature (meaning,
 * signer's id and name, time). store_verify looks at every seal. */
#pragma once

#include "base/limits.h"
#include "store/store.h"

enum signature_meaning {
	SIGNATURE_AUTHOR,  /* "I decided this" */
	SIGNATURE_WITNESS, /* "I saw it and agree" */
	SIGNATURE_MEANING_COUNT
};
const char *signature_meaning_name(enum signature_meaning meaning); /* "author", "witness" */
bool signature_meaning_from_name(const char *name, enum signature_meaning *ret_meaning);

struct signature {
	int64_t decision_id;
	enum signature_meaning meaning;
	int64_t user_id;
	char name[LIMIT_NAME]; /* as it was when it was signed */
	int64_t made_us;
};

/* ERR_CONFLICT: the decision was taken back, does not stand any more, or has a signature of this meaning.
 * ERR_FORBIDDEN: as author somebody else than who decided; as witness who decided, or a role below embryologist.
 * Writes an audit row. */
bool signatures_add(struct store *store, int64_t decision_id, enum signature_meaning meaning, int64_t user_id,
    struct err *err);
/* Of one decision, in order of making. */
bool signatures_each(struct store *store, int64_t decision_id,
    bool (*each)(const struct signature *signature, void *context), void *context, struct err *err);
/* Of every decision: looks whether the seal fits. One that does not is a sentence to `problem`. */
bool signatures_check(struct store *store, void (*problem)(const char *text, void *context), void *context,
    struct err *err);
