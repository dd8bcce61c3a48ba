/* What the updater remembers over restarts and versions, in /var/lib/daybreak-update. Every version reads what every
 * other wrote, so members are added and never change their meaning.
 *
 *   state.json     {"confirmed":{"A":{"system","version","schema"}},
 *                   "trial":{"state":"installing"|"installed","slot","from","to","digest","schema","boot","why",
 *                            "reading":{"model","digest","protocol"}},
 *                   "failed":{DIGEST:{"why","count","went_back","anew"}}}
 *   floor          the highest version that was ever confirmed, one line; RAUC's hook reads it
 *   history.jsonl  a line for each thing that happened: {"at","from","to","digest","result","why"} */
#pragma once

#include "base/json.h"
#include "base/limits.h"
#include "base/version.h"
#include "store/settings.h"

enum {
	RECORD_SYSTEM_SIZE = 160,
	RECORD_BOOT_SIZE = 64,
	RECORD_WHY_SIZE = ERR_DETAIL_MAX,
	RECORD_SCHEMA_UNKNOWN = -1, /* there was no store */
};

/* What the clinic's model says to the known batch. */
struct record_reading {
	char model[LIMIT_NAME]; /* "": it was not asked */
	char digest[SETTING_DIGEST_SIZE];
	int protocol; /* with another one, other bits are right */
};

/* An update on its way from one slot to the other. */
struct record_trial {
	bool there;
	bool installed; /* else it is being written */
	char slot[8];   /* the new version's */
	char from[VERSION_SIZE], to[VERSION_SIZE];
	char digest[SETTING_DIGEST_SIZE]; /* of its bundle; "" when it was not installed by the updater */
	int schema; /* of the store before it */
	char boot[RECORD_BOOT_SIZE]; /* the boot that installed it */
	struct record_reading reading; /* in the version before it */
	char why[RECORD_WHY_SIZE]; /* what the new version found wrong; "": it did not come to say */
};

struct record_confirmed {
	char system[RECORD_SYSTEM_SIZE]; /* what ran in the slot; "": nothing was ever confirmed there */
	char version[VERSION_SIZE];
	int schema;
};

struct record_failure {
	char why[RECORD_WHY_SIZE];
	int count;
	bool went_back;
	bool anew; /* an approval from before it does not stand any more: one that does is a new word */
};

struct record {
	char folder[LIMIT_PATH];
	json_t *json; /* as above, without the trial */
	struct record_trial trial;
	char floor[VERSION_SIZE]; /* "0": none yet */
};

/* An empty one when there is none, or when it cannot be understood: then nothing counts as confirmed. */
bool record_load(const char *folder, struct record *ret_record, struct err *err);
/* All but the history; flushed to disk. */
bool record_save(const struct record *record, struct err *err);
void record_done(struct record *record);
static inline void record_done_owned(struct record *record)
{
	record_done(record);
}

/* From the object that `daybreak health --json` and the record have; NULL: none. */
void record_take_reading(const json_t *told, struct record_reading *ret_reading);
void record_confirmed(const struct record *record, const char *slot, struct record_confirmed *ret_confirmed);
void record_confirm(struct record *record, const char *slot, const struct record_confirmed *confirmed);
void record_forget(struct record *record, const char *slot);
bool record_any_confirmed(const struct record *record);

bool record_failure(const struct record *record, const char *digest, struct record_failure *ret_failure);
/* went_back and anew of `failure` are kept, its count is worked out. */
void record_fail(struct record *record, const char *digest, const struct record_failure *failure);
void record_forgive(struct record *record, const char *digest);

enum record_result { RECORD_INSTALLED, RECORD_CONFIRMED, RECORD_WENT_BACK, RECORD_REFUSED };
/* why may be NULL. */
bool record_note(const struct record *record, enum record_result result, const char *from, const char *to,
    const char *digest, const char *why, struct err *err);
/* The newest line of the history; NULL: none. The caller owns it. */
json_t *record_last(const struct record *record);
