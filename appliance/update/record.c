#include "update/record.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { STATE_MAX = 1 << 20 };
static const char state_name[] = "state.json";
static const char floor_name[] = "floor";
static const char history_name[] = "history.jsonl";
static const char *const result_names[] = {"installed", "confirmed", "went-back", "refused"};

static json_t *part(const struct record *record, const char *name)
{
	json_t *found = json_object_get(record->json, name);
	if (json_is_object(found))
		return found;
	json_object_set_new(record->json, name, json_object());
	return json_object_get(record->json, name);
}

void record_take_reading(const json_t *told, struct record_reading *ret_reading)
{
	*ret_reading = (struct record_reading){.protocol = (int)json_int(told, "protocol", 0)};
	text_copy(ret_reading->model, sizeof ret_reading->model, json_text(told, "model", ""));
	text_copy(ret_reading->digest, sizeof ret_reading->digest, json_text(told, "digest", ""));
}

static void take_trial(const json_t *told, struct record_trial *trial)
{
	*trial = (struct record_trial){.schema = RECORD_SCHEMA_UNKNOWN};
	if (!json_is_object(told))
		return;
	trial->there = true;
	trial->installed = strcmp(json_text(told, "state", ""), "installed") == 0;
	trial->schema = (int)json_int(told, "schema", RECORD_SCHEMA_UNKNOWN);
	text_copy(trial->slot, sizeof trial->slot, json_text(told, "slot", ""));
	text_copy(trial->from, sizeof trial->from, json_text(told, "from", ""));
	text_copy(trial->to, sizeof trial->to, json_text(told, "to", ""));
	text_copy(trial->digest, sizeof trial->digest, json_text(told, "digest", ""));
	text_copy(trial->boot, sizeof trial->boot, json_text(told, "boot", ""));
	text_copy(trial->why, sizeof trial->why, json_text(told, "why", ""));
	record_take_reading(json_object_get(told, "reading"), &trial->reading);
}

static json_t *give_trial(const struct record_trial *trial)
{
	if (!trial->there)
		return json_null();
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:s, s:s, s:{s:s, s:s, s:i}}", "state", trial->installed ? "installed" : "installing",
	    "slot", trial->slot, "from", trial->from, "to", trial->to, "digest", trial->digest, "schema", trial->schema,
	    "boot", trial->boot, "why", trial->why, "reading", "model", trial->reading.model, "digest", trial->reading.digest,
	    "protocol", trial->reading.protocol);
}

bool record_load(const char *folder, struct record *ret_record, struct err *err)
{
	char path[LIMIT_PATH], floor[VERSION_SIZE];
	struct record record = {0};
	if (!folder_path(folder, state_name, path, err))
		return false;
	text_copy(record.folder, sizeof record.folder, folder);
	if (!json_load(path, STATE_MAX, &record.json, err) || !json_is_object(record.json)) {
		json_decref(record.json);
		record.json = json_object();
	}
	take_trial(json_object_get(record.json, "trial"), &record.trial);
	text_copy(record.floor, sizeof record.floor, "0");
	if (folder_read_text(folder, floor_name, floor, sizeof floor, NULL) && version_valid(text_trim(floor)))
		text_copy(record.floor, sizeof record.floor, text_trim(floor));
	*ret_record = record;
	return true;
}

bool record_save(const struct record *record, struct err *err)
{
	char line[VERSION_SIZE + 1];
	json_object_set_new(record->json, "trial", give_trial(&record->trial));
	OWN(free) char *text = json_dumps(record->json, JSON_INDENT(1) | JSON_SORT_KEYS);
	snprintf(line, sizeof line, "%s\n", record->floor);
	if (!text)
		return err_set(err, ERR_NO_MEMORY, "writing %s", state_name);
	if (folder_make(record->folder, err) && folder_write_text(record->folder, state_name, text, 0644, err) &&
	    folder_write_text(record->folder, floor_name, line, 0644, err))
		return true;
	return err_add(err, "keeping the state of updates");
}

void record_done(struct record *record)
{
	json_decref(record->json);
	record->json = NULL;
}

/* Confirmed slots */

void record_confirmed(const struct record *record, const char *slot, struct record_confirmed *ret_confirmed)
{
	const json_t *told = json_object_get(json_object_get(record->json, "confirmed"), slot);
	*ret_confirmed = (struct record_confirmed){.schema = (int)json_int(told, "schema", RECORD_SCHEMA_UNKNOWN)};
	text_copy(ret_confirmed->system, sizeof ret_confirmed->system, json_text(told, "system", ""));
	text_copy(ret_confirmed->version, sizeof ret_confirmed->version, json_text(told, "version", ""));
}

void record_confirm(struct record *record, const char *slot, const struct record_confirmed *confirmed)
{
	json_object_set_new(part(record, "confirmed"), slot, json_pack("{s:s, s:s, s:i}", "system", confirmed->system,
	    "version", confirmed->version, "schema", confirmed->schema));
	if (version_compare(confirmed->version, record->floor) > 0)
		text_copy(record->floor, sizeof record->floor, confirmed->version);
}

void record_forget(struct record *record, const char *slot)
{
	json_object_del(part(record, "confirmed"), slot);
}

bool record_any_confirmed(const struct record *record)
{
	return json_object_size(json_object_get(record->json, "confirmed")) > 0;
}

/* Failures */

bool record_failure(const struct record *record, const char *digest, struct record_failure *ret_failure)
{
	const json_t *told = json_object_get(json_object_get(record->json, "failed"), digest);
	*ret_failure = (struct record_failure){.count = (int)json_int(told, "count", 0),
	    .went_back = json_bool(told, "went_back", false),
	    .anew = json_bool(told, "anew", false)};
	text_copy(ret_failure->why, sizeof ret_failure->why, json_text(told, "why", ""));
	return told != NULL;
}

void record_fail(struct record *record, const char *digest, const struct record_failure *failure)
{
	struct record_failure before;
	record_failure(record, digest, &before);
	if (*digest)
		json_object_set_new(part(record, "failed"), digest, json_pack("{s:s, s:i, s:b, s:b}", "why", failure->why,
		    "count", before.count + 1, "went_back", failure->went_back, "anew", failure->anew));
}

void record_forgive(struct record *record, const char *digest)
{
	json_object_del(part(record, "failed"), digest);
}

/* The history */

bool record_note(const struct record *record, enum record_result result, const char *from, const char *to,
    const char *digest, const char *why, struct err *err)
{
	char path[LIMIT_PATH], at[CLOCK_TEXT_SIZE];
	clock_format(at, clock_now_us());
	OWN(json_decref) json_t *line = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s?}", "at", at, "from", from, "to", to,
	    "digest", digest, "result", result_names[result], "why", why);
	OWN(free) char *text = line ? json_dumps(line, JSON_COMPACT) : NULL;
	if (!text || !folder_make(record->folder, err) || !folder_path(record->folder, history_name, path, err))
		return err_set(err, ERR_NO_MEMORY, "writing the history of updates");
	OWN(fd_close) int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0 || !fd_write(fd, text, strlen(text)) || !fd_write(fd, "\n", 1) || fsync(fd) != 0)
		return err_errno(err, "writing %s", path);
	return true;
}

/* Its end is enough. A line that a power cut left half is passed over. */
json_t *record_last(const struct record *record)
{
	enum { TAIL = 8192 };
	char path[LIMIT_PATH], tail[TAIL + 1];
	json_t *last = NULL;
	if (!folder_path(record->folder, history_name, path, NULL))
		return NULL;
	OWN(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
	off_t size = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
	off_t from = size > TAIL ? size - TAIL : 0;
	ssize_t got = fd < 0 ? 0 : pread(fd, tail, TAIL, from);
	if (got <= 0)
		return NULL;
	tail[got] = 0;
	for (char *line = tail, *next; line; line = next) {
		json_t *parsed = NULL;
		next = strchr(line, '\n');
		if (next)
			*next++ = 0;
		if (!*line || !json_parse(line, strlen(line), &parsed, NULL))
			continue;
		json_decref(last);
		last = parsed;
	}
	return last;
}
