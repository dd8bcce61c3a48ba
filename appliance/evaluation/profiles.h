/* The rule profiles of one folder: every *.json in it, in order of file name. A file that does not pass the checks
 * is left out with one sentence, so that one slip of the pen does not take the others away; see profile.h for the
 * language. Read-only after loading: any number of threads may share it. */
#pragma once

#include "base/json.h"

struct profiles;

/* ERR_IO when the folder cannot be read. An empty folder is fine. */
bool profiles_load(const char *folder, struct profiles **ret_profiles, struct err *err);
void profiles_free(struct profiles *profiles);
OWN_DEFINE(struct profiles *, profiles_free)

size_t profiles_count(const struct profiles *profiles);
/* Borrowed; index below profiles_count(). */
struct profile;
const struct profile *profiles_get(const struct profiles *profiles, size_t index);
/* {"profiles":[{"id","title","citation","doi","version","verified","caution","digest","classes":[best..worst]}],
 *  "rejected":[{"file","error"}]}; a new reference. */
json_t *profiles_json(const struct profiles *profiles);
