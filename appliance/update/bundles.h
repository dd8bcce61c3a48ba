/* Update bundles that have arrived: from the network in the agent's folder, from a stick in the updater's. */
#pragma once

#include "base/limits.h"
#include "base/version.h"
#include "store/settings.h"

enum { BUNDLES_MAX = 16 };

struct bundle {
	char path[LIMIT_PATH];
	char file[LIMIT_NAME];
	char digest[SETTING_DIGEST_SIZE]; /* SHA-256 of the file */
	int64_t size;
	bool from_stick;
	/* As its signed manifest says. */
	char version[VERSION_SIZE], compatible[LIMIT_NAME];
	char refused[ERR_DETAIL_MAX]; /* why RAUC does not accept it; "": its signature is right */
};

struct bundles {
	int count;
	struct bundle list[BUNDLES_MAX];
};

/* Adds every *.raucb of a folder by name; there may be no such folder. Links, and what does not fit, are left out. */
bool bundles_add(struct bundles *bundles, const char *folder, bool from_stick, struct err *err);
/* Copies what was looked at to a path where nobody but the caller can write, and asks RAUC again of the copy. ERR_CONFLICT
 * when it is another by now: the network's folder belongs to the agent. */
bool bundles_take(const struct bundle *bundle, const char *path, struct err *err);
