/* The two slots of the appliance, as RAUC tells and sets them. */
#pragma once

#include "base/err.h"
#include "base/limits.h"
#include "base/version.h"

struct slot {
	char name[8]; /* "A"; "": there is none */
	char version[VERSION_SIZE]; /* that RAUC installed there; "": not by RAUC */
	bool good; /* the boot loader would start it */
};

struct slots {
	char compatible[LIMIT_NAME]; /* the kind of machine that bundles have to be made for */
	struct slot running, other;
};

bool slots_read(struct slots *ret_slots, struct err *err);
/* Minutes. The other slot is what it was, or marked bad, when this fails. */
bool slots_install(const char *bundle, struct err *err);

enum slots_mark { SLOTS_GOOD, SLOTS_BAD, SLOTS_ACTIVE };
bool slots_mark(enum slots_mark mark, bool other, struct err *err);
