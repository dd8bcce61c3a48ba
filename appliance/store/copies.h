/* Copies of a store's database: the one that a new version is tried on, and the way back to the one that was made before
 * a migration. Nothing here migrates, so it is safe while nobody knows yet whether this program can be trusted.
 *
 *   <folder>/trial/                a store of its own: a copy of the key and of the database, no pictures
 *   <folder>/copies/before-0005.db the database as it was before migration 5 (store_open makes it)
 *   <folder>/daybreak.db.back      such a copy, whole and on disk, on its way to being the database again
 *
 * Nobody else may have the store open meanwhile. */
#pragma once

#include "base/limits.h"
#include "store/store.h"

/* The number of the last migration that the database has had. ERR_NOT_FOUND: no store there. */
bool copies_schema(const char *folder, int *ret_number, struct err *err);
/* What this program's database has. */
int copies_schema_known(void);
/* What making a trial copy and migrating it takes on the disk at most, and what is free there. */
bool copies_room(const char *folder, int64_t *ret_needed, int64_t *ret_free, struct err *err);

/* Makes <folder>/trial anew: key and database, an empty folder for blobs, no jobs, and nothing to be deleted. */
bool copies_make_trial(const char *folder, char ret_trial[LIMIT_PATH], struct err *err);
/* None there is fine. */
bool copies_remove_trial(const char *folder, struct err *err);

/* Puts the database back as it was when `number` was its last migration; one that is no newer is left alone. Safe to cut
 * off at any moment: the next call, with whatever number, ends what was begun. ERR_NOT_FOUND, ERR_DAMAGED: there is no
 * such copy, or it is not whole; then nothing was changed. */
bool copies_put_back(const char *folder, int number, bool *ret_done, struct err *err);
