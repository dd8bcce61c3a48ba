/* daybreak-sync's configuration file: where it keeps its key and its ledger, where the box finds it, and what
 * the clinic allows. */
#pragma once

#include "base/err.h"
#include "base/limits.h"

struct settings {
	char folder[LIMIT_PATH]; /* key.pem, certificate.pem, ledger.db; nobody else's */
	char socket[LIMIT_PATH]; /* of wire/slot.h */
	char cloud[LIMIT_PATH];  /* cloud.json of wire/cloud.h */
};

/* What the file leaves out lies where the package puts it. */
bool settings_load(const char *path, struct settings *ret_settings, struct err *err);
