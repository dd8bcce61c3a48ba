/* Imports: one row for each intake, what came of it, in numbers and sentences. The name is sealed (file
 * names carry patients' names). */
#pragma once

#include "base/limits.h"
#include "store/store.h"

enum import_state { IMPORT_RUNNING, IMPORT_DONE, IMPORT_QUARANTINED, IMPORT_STATE_COUNT };
const char *import_state_name(enum import_state state); /* "running", "done", "quarantined" */

enum { IMPORT_NOTES_MAX = 16384, IMPORT_SENTENCE_MAX = 512 };

struct import {
	int64_t id;
	char name[LIMIT_PATH];
	enum import_state state;
	char sentence[IMPORT_SENTENCE_MAX];
	char notes[IMPORT_NOTES_MAX]; /* JSON array of strings; "" is stored as [] */
	int wells;
	int64_t frames_seen, frames_added, frames_known, frames_conflict, frames_damaged;
	int64_t started_us, ended_us; /* ended 0: still running */
};

/* A new running import. */
bool imports_begin(struct store *store, const char *name, int64_t *ret_id, struct err *err);
/* Writes state, sentence, notes and counts; a state other than running sets ended_us. name and times are
 * not looked at. */
bool imports_update(struct store *store, const struct import *import, struct err *err);
bool imports_get(struct store *store, int64_t id, struct import *ret_import, struct err *err);
/* Newest first, at most max. */
bool imports_each(struct store *store, int max, bool (*each)(const struct import *import, void *context),
    void *context, struct err *err);
/* The mark of an import that has ended by verdict: a digest of its source's name, sizes and times of
 * change, kept as a blind index. Seen: some import has it. So a watched folder is not taken in again after
 * a restart, while an import that was cut off is. */
bool imports_mark(struct store *store, int64_t id, const uint8_t mark[32], struct err *err);
bool imports_seen(struct store *store, const uint8_t mark[32], bool *ret_seen, struct err *err);
/* At the start of the daemon: imports still running were cut off; they are quarantined with a sentence. */
bool imports_recover(struct store *store, struct err *err);
