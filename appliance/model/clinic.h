/* The clinic's nouns as plain structs with their checks. Ids are the store's row ids; 0 is none. */
#pragma once

#include "base/err.h"
#include "base/limits.h"
#include "model/time.h"

#include <stdint.h>

enum insemination { INSEMINATION_UNKNOWN, INSEMINATION_ICSI, INSEMINATION_IVF, INSEMINATION_COUNT };
const char *insemination_name(enum insemination method); /* "unknown", "ICSI", "IVF" */
bool insemination_from_name(const char *name, enum insemination *ret_method);

/* "yyyy-mm-dd". */
bool clinic_is_date(const char *text);

/* Identity. Sealed column by column in the store; never logged. */
struct patient {
	int64_t id;
	char name[LIMIT_NAME];
	char identifier[LIMIT_NAME]; /* the clinic's own number */
	char born[11];               /* "yyyy-mm-dd" or "" */
};
/* ERR_BAD_INPUT with a sentence about the first member that is not fit. */
bool patient_check(const struct patient *patient, struct err *err);

struct cycle {
	int64_t id;
	int64_t patient_id;
	char label[LIMIT_NAME]; /* "2026-11 ICSI" */
	enum insemination method;
	int64_t decision_us; /* when the lab decides, UTC; 0 unknown */
};

/* One culture dish or slide as an incubator exports it. Without a cycle it waits in the inbox. */
struct dish {
	int64_t id;
	int64_t cycle_id; /* 0: inbox */
	char slide[LIMIT_NAME];      /* maker's slide code, "D2014.04.24_S01082_I0132" */
	char format[32];             /* intake format that first delivered it */
	int64_t insemination_clock_s; /* on the export's clock; TIME_UNKNOWN */
	int64_t imported_us;
	int64_t latest_us; /* when the newest run came */
};

struct embryo {
	int64_t id;
	int64_t dish_id;
	int well; /* 1..LIMIT_WELLS */
};

/* One picture: one embryo, one run (time point), one focal plane. */
struct frame {
	int64_t id;
	int64_t embryo_id;
	int run;
	int focal_um;    /* 0 is the centre plane */
	int64_t clock_s; /* on the export's clock; TIME_UNKNOWN */
	int width, height;
};

enum role { ROLE_VIEWER, ROLE_EMBRYOLOGIST, ROLE_ADMIN, ROLE_COUNT };
const char *role_name(enum role role);
bool role_from_name(const char *name, enum role *ret_role);
