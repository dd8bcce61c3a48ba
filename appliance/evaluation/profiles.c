#include "evaluation/profiles.h"

#include "base/file.h"
#include "base/text.h"
#include "evaluation/profile.h"

#include <string.h>

enum { PROFILES_MAX = 64 }; /* a clinic compares a handful */

struct rejected {
	char file[128];
	struct err err;
};

struct profiles {
	size_t count, rejected_count;
	struct profile *of[PROFILES_MAX];
	struct rejected rejected[PROFILES_MAX];
};

static bool is_id_taken(const struct profiles *profiles, const char *id)
{
	for (size_t i = 0; i < profiles->count; i++)
		if (strcmp(profiles->of[i]->id, id) == 0)
			return true;
	return false;
}

static bool load_one(struct profiles *profiles, const char *full, struct err *err)
{
	OWN(buf_done) struct buf text = BUF_INIT(PROFILE_BYTES_MAX);
	OWN(profile_free) struct profile *profile = NULL;
	if (profiles->count == PROFILES_MAX)
		return err_set(err, ERR_TOO_LARGE, "there are more than %d profiles", PROFILES_MAX);
	if (!file_read(full, &text, err) ||
	    !profile_parse((const char *)text.data, text.size, &profile, err))
		return false;
	if (is_id_taken(profiles, profile->id))
		return err_set(err, ERR_CONFLICT, "another file has the id \"%s\" already", profile->id);
	profiles->of[profiles->count++] = TAKE(profile);
	return true;
}

static bool visit_file(const char *full, const char *relative, void *context, struct err *err)
{
	(void)err;
	struct profiles *profiles = context;
	struct rejected rejected = {0};
	if (!text_ends(relative, ".json") || load_one(profiles, full, &rejected.err))
		return true;
	text_copy(rejected.file, sizeof rejected.file, relative);
	if (profiles->rejected_count < PROFILES_MAX)
		profiles->rejected[profiles->rejected_count++] = rejected;
	return true;
}

bool profiles_load(const char *folder, struct profiles **ret_profiles, struct err *err)
{
	OWN(profiles_free) struct profiles *profiles = calloc(1, sizeof *profiles);
	if (!profiles)
		return err_set(err, ERR_NO_MEMORY, "loading profiles");
	if (!folder_walk(folder, 1, visit_file, profiles, err))
		return err_add(err, "loading rule profiles");
	*ret_profiles = TAKE(profiles);
	return true;
}

void profiles_free(struct profiles *profiles)
{
	for (size_t i = 0; i < profiles->count; i++)
		profile_free(profiles->of[i]);
	free(profiles);
}

size_t profiles_count(const struct profiles *profiles)
{
	return profiles->count;
}

const struct profile *profiles_get(const struct profiles *profiles, size_t index)
{
	return profiles->of[index];
}

static json_t *profile_json(const struct profile *profile)
{
	json_t *classes = json_array();
	for (size_t i = 0; i < profile->classes_count; i++)
		json_array_append_new(classes, json_string(profile->classes[i]));
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:s, s:s, s:o}", "id", profile->id, "title", profile->title,
	    "citation", profile->citation, "doi", profile->doi, "version", profile->version, "verified",
	    profile->verified, "caution", profile->caution, "digest", profile->digest, "classes", classes);
}

json_t *profiles_json(const struct profiles *profiles)
{
	json_t *list = json_array(), *rejected = json_array();
	for (size_t i = 0; i < profiles->count; i++)
		json_array_append_new(list, profile_json(profiles->of[i]));
	for (size_t i = 0; i < profiles->rejected_count; i++)
		json_array_append_new(rejected, json_pack("{s:s, s:s}", "file", profiles->rejected[i].file, "error",
		    profiles->rejected[i].err.detail));
	return json_pack("{s:o, s:o}", "profiles", list, "rejected", rejected);
}
