#include "update/updater.h"

#include "base/clock.h"
#include "base/conf.h"
#include "base/file.h"
#include "base/owner.h"
#include "base/place.h"
#include "base/program.h"
#include "base/text.h"
#include "store/copies.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

static const char conf_path[] = "/etc/daybreak/update.conf";
static const char rauc_path[] = "/etc/rauc/system.conf";

/* Settings */

void update_settings_init(struct update_settings *ret_settings, struct hours *ret_hours)
{
	*ret_settings = (struct update_settings){
	    .automatic = true, .working_hours = "mon-sun 05:00-20:00", .decision_hours = 4, .health_s = 300};
	hours_parse(ret_settings->working_hours, ret_hours, NULL);
}

bool update_settings_load(const char *path, struct update_settings *ret_settings, struct hours *ret_hours,
    struct err *err)
{
	struct update_settings settings;
	struct hours hours;
	update_settings_init(&settings, &hours);
	const struct conf_option options[] = {
	    {"automatic", CONF_BOOL, &settings.automatic, 0, 0, 0},
	    {"working_hours", CONF_TEXT, settings.working_hours, sizeof settings.working_hours, 0, 0},
	    {"decision_hours", CONF_INT, &settings.decision_hours, 0, 0, 24},
	    {"health_s", CONF_INT, &settings.health_s, 0, 1, 480},
	};
	if (!conf_load_layers(path, options, sizeof options / sizeof *options, err))
		return false;
	if (!hours_parse(settings.working_hours, &hours, err))
		return err_add(err, "reading %s", path);
	*ret_settings = settings;
	*ret_hours = hours;
	return true;
}

/* What runs */

static bool below(const char *root, const char *path, char ret_path[LIMIT_PATH], struct err *err)
{
	int length = snprintf(ret_path, LIMIT_PATH, "%s%s", root, path);
	return (length >= 0 && length < LIMIT_PATH) || err_set(err, ERR_BAD_INPUT, "path too long: %s", root);
}

/* The first line of a file below root; "" when there is none. */
static void read_line(const char *root, const char *path, char *to, size_t size)
{
	char full[LIMIT_PATH];
	OWN(buf_done) struct buf text = BUF_INIT(64 << 10);
	to[0] = 0;
	if (!below(root, path, full, NULL) || !file_read(full, &text, NULL))
		return;
	const char *line = buf_text(&text);
	snprintf(to, size, "%.*s", (int)strcspn(line, "\n"), line);
}

/* The value of name= on the kernel's command line; "" when it is not there. */
static void kernel_argument(const char *root, const char *name, char *to, size_t size)
{
	char line[8192];
	char *rest = NULL;
	to[0] = 0;
	read_line(root, "/proc/cmdline", line, sizeof line);
	for (char *word = strtok_r(line, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		if (text_starts(word, name) && word[strlen(name)] == '=')
			text_copy(to, size, word + strlen(name) + 1);
	}
}

bool updater_appliance(const char *root)
{
	char path[LIMIT_PATH], slot[8];
	kernel_argument(root, "rauc.slot", slot, sizeof slot);
	return below(root, rauc_path, path, NULL) && file_exists(path) && slot[0];
}

static bool know_system(struct updater *updater, struct err *err)
{
	char release[LIMIT_PATH], hash[96];
	if (!below(updater->root, "/usr/lib/os-release", release, err))
		return false;
	version_running(release, updater->version);
	kernel_argument(updater->root, "rauc.slot", updater->slot, sizeof updater->slot);
	kernel_argument(updater->root, "daybreak.roothash", hash, sizeof hash);
	/* Two builds of one version are two systems. */
	snprintf(updater->system, sizeof updater->system, "%s %s", updater->version, hash);
	read_line(updater->root, "/proc/sys/kernel/random/boot_id", updater->boot, sizeof updater->boot);
	return true;
}

static bool take_lock(struct updater *updater, struct err *err)
{
	char path[LIMIT_PATH];
	/* The daemon reads the status that lies here. */
	if (!folder_make(updater->running, err) || !folder_path(updater->running, "lock", path, err))
		return false;
	if (chmod(updater->running, 0755) != 0)
		return err_errno(err, "opening %s to readers", updater->running);
	updater->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	return (updater->lock >= 0 && flock(updater->lock, LOCK_EX) == 0) || err_errno(err, "locking %s", path);
}

/* A box whose update.conf is wrong still starts. */
static void load_settings(struct updater *updater, const char *path)
{
	struct err err;
	if (update_settings_load(path, &updater->settings, &updater->hours, &err))
		return;
	update_settings_init(&updater->settings, &updater->hours);
	text_copy(updater->problem, sizeof updater->problem, err.detail);
}

static bool open_all(struct updater *updater, struct err *err)
{
	char conf[LIMIT_PATH], state[LIMIT_PATH];
	if (!below(updater->root, conf_path, conf, err) || !below(updater->root, "/var/lib/daybreak-update", state, err) ||
	    !below(updater->root, "/var/lib/daybreak/store", updater->store, err) ||
	    !below(updater->root, "/run/daybreak-update", updater->running, err) ||
	    !below(updater->root, "/etc/daybreak/daybreakd.conf", updater->daemon_conf, err))
		return false;
	load_settings(updater, conf);
	return know_system(updater, err) && take_lock(updater, err) && record_load(state, &updater->record, err);
}

bool updater_open(const char *root, struct updater *ret_updater, struct err *err)
{
	struct updater updater = {.lock = -1};
	if (!text_copy(updater.root, sizeof updater.root, root))
		return err_set(err, ERR_BAD_INPUT, "path too long: %s", root);
	/* What is started from here is not the service that was started. */
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	if (!open_all(&updater, err)) {
		updater_close(&updater);
		return false;
	}
	*ret_updater = updater;
	return true;
}

void updater_close(struct updater *updater)
{
	record_done(&updater->record);
	if (updater->lock >= 0)
		close(updater->lock);
	updater->lock = -1;
}

bool updater_confirmed(const struct updater *updater)
{
	struct record_confirmed confirmed;
	record_confirmed(&updater->record, updater->slot, &confirmed);
	return strcmp(confirmed.system, updater->system) == 0;
}

bool updater_stranded(const struct updater *updater)
{
	const struct record_trial *trial = &updater->record.trial;
	return !updater_confirmed(updater) && trial->there && trial->why[0] && strcmp(trial->slot, updater->slot) == 0;
}

/* The store */

bool updater_store(const struct updater *updater)
{
	char path[LIMIT_PATH];
	return path_join(path, sizeof path, updater->store, "daybreak.db") && file_exists(path);
}

struct asking {
	const struct updater *updater;
	int schema;
	const char *digest;
};

/* Opening one of another version would migrate it. */
static bool open_store(const char *folder, struct store **ret_store, struct err *err)
{
	int schema;
	if (!copies_schema(folder, &schema, err))
		return false;
	if (schema != copies_schema_known())
		return err_set(err, ERR_UNSUPPORTED, "the store is of another version (%d, not %d)", schema,
		    copies_schema_known());
	return store_open(folder, ret_store, err);
}

static bool ask_facts(void *context, json_t *answer, struct err *err)
{
	const struct asking *asking = context;
	const char *folder = asking->updater->store;
	int64_t around_us = asking->updater->settings.decision_hours * INT64_C(3600000000);
	struct update_facts facts;
	OWN(store_close) struct store *store = NULL;
	if (!open_store(folder, &store, err) || !pending_count(store, clock_now_us(), around_us, &facts.pending, err) ||
	    !settings_update_approved(store, facts.approved, err) ||
	    !copies_room(folder, &facts.room_needed, &facts.room_left, err))
		return false;
	json_object_set_new(answer, "imports", json_integer(facts.pending.imports));
	json_object_set_new(answer, "jobs", json_integer(facts.pending.jobs));
	json_object_set_new(answer, "embryos", json_integer(facts.pending.embryos));
	json_object_set_new(answer, "decision_us", json_integer(facts.pending.decision_us));
	json_object_set_new(answer, "approved", json_string(facts.approved));
	json_object_set_new(answer, "room_needed", json_integer(facts.room_needed));
	json_object_set_new(answer, "room_left", json_integer(facts.room_left));
	return true;
}

static bool ask(const struct updater *updater, bool (*as_owner)(void *context, json_t *answer, struct err *err),
    struct asking *asking, json_t **ret_answer, struct err *err)
{
	asking->updater = updater;
	const struct owner_task task = {.folder = updater->store, .as_owner = as_owner, .context = asking};
	return owner_do(&task, ret_answer, err);
}

void updater_facts(const struct updater *updater, struct update_facts *ret_facts)
{
	struct err err;
	struct asking asking = {0};
	OWN(json_decref) json_t *answer = NULL;
	*ret_facts = (struct update_facts){0};
	/* Before setup there is nothing that could be pending. */
	if (!updater_store(updater))
		return;
	if (!ask(updater, ask_facts, &asking, &answer, &err)) {
		text_copy(ret_facts->unknown, sizeof ret_facts->unknown, err.detail);
		return;
	}
	ret_facts->pending = (struct pending){.imports = json_int(answer, "imports", 0),
	    .jobs = json_int(answer, "jobs", 0),
	    .embryos = json_int(answer, "embryos", 0),
	    .decision_us = json_int(answer, "decision_us", 0)};
	ret_facts->room_needed = json_int(answer, "room_needed", 0);
	ret_facts->room_left = json_int(answer, "room_left", 0);
	text_copy(ret_facts->approved, sizeof ret_facts->approved, json_text(answer, "approved", ""));
}

static bool ask_schema(void *context, json_t *answer, struct err *err)
{
	const struct asking *asking = context;
	int schema;
	if (!copies_schema(asking->updater->store, &schema, err))
		return false;
	json_object_set_new(answer, "schema", json_integer(schema));
	return true;
}

bool updater_schema(const struct updater *updater, int *ret_schema, struct err *err)
{
	struct asking asking = {0};
	OWN(json_decref) json_t *answer = NULL;
	*ret_schema = RECORD_SCHEMA_UNKNOWN;
	if (!updater_store(updater))
		return true;
	if (!ask(updater, ask_schema, &asking, &answer, err))
		return false;
	*ret_schema = (int)json_int(answer, "schema", RECORD_SCHEMA_UNKNOWN);
	return true;
}

static bool put_back(void *context, json_t *answer, struct err *err)
{
	const struct asking *asking = context;
	bool done;
	(void)answer;
	return copies_put_back(asking->updater->store, asking->schema, &done, err);
}

bool updater_put_back(const struct updater *updater, int schema, struct err *err)
{
	struct asking asking = {.schema = schema};
	return schema == RECORD_SCHEMA_UNKNOWN || !updater_store(updater) || ask(updater, put_back, &asking, NULL, err);
}

static bool tidy(void *context, json_t *answer, struct err *err)
{
	const struct asking *asking = context;
	bool done;
	(void)answer;
	return copies_put_back(asking->updater->store, INT_MAX, &done, err) &&
	    copies_remove_trial(asking->updater->store, err);
}

bool updater_tidy(const struct updater *updater, struct err *err)
{
	struct asking asking = {0};
	return !updater_store(updater) || ask(updater, tidy, &asking, NULL, err);
}

static bool approve(void *context, json_t *answer, struct err *err)
{
	const struct asking *asking = context;
	OWN(store_close) struct store *store = NULL;
	(void)answer;
	return open_store(asking->updater->store, &store, err) &&
	    settings_set_update_approved(store, 0, asking->digest, err);
}

bool updater_approve(const struct updater *updater, const char *digest, struct err *err)
{
	struct asking asking = {.digest = digest};
	return ask(updater, approve, &asking, NULL, err);
}

static bool take_back_approval(void *context, json_t *answer, struct err *err)
{
	const struct asking *asking = context;
	char approved[SETTING_DIGEST_SIZE];
	OWN(store_close) struct store *store = NULL;
	(void)answer;
	return open_store(asking->updater->store, &store, err) && settings_update_approved(store, approved, err) &&
	    (strcmp(approved, asking->digest) != 0 || settings_set_update_approved(store, 0, NULL, err));
}

void updater_fail(struct updater *updater, const char *digest, const char *why, bool went_back)
{
	struct asking asking = {.digest = digest};
	struct record_failure failure = {.went_back = went_back};
	text_copy(failure.why, sizeof failure.why, why);
	failure.anew = !updater_store(updater) || ask(updater, take_back_approval, &asking, NULL, NULL);
	record_fail(&updater->record, digest, &failure);
}

/* Programs */

struct health {
	const char *daemon_conf;
	int patience_s;
};

static bool check_health(void *context, json_t *answer, struct err *err)
{
	const struct health *health = context;
	char program[LIMIT_PATH];
	(void)answer;
	if (!place_program(program, sizeof program, "daybreak", err))
		return false;
	const char *const arguments[] = {program, "health", "--config", health->daemon_conf, NULL};
	return program_run(arguments, health->patience_s, NULL, err);
}

bool updater_healthy(const struct updater *updater, const char *daemon_conf, struct err *err)
{
	struct health health = {daemon_conf, (int)updater->settings.health_s};
	const struct owner_task task = {.folder = updater->store, .as_owner = check_health, .context = &health};
	return owner_do(&task, NULL, err);
}

static bool ask_reading(void *context, json_t *answer, struct err *err)
{
	const struct health *health = context;
	char program[LIMIT_PATH];
	OWN(buf_done) struct buf text = BUF_INIT(64 << 10);
	OWN(json_decref) json_t *told = NULL;
	if (!place_program(program, sizeof program, "daybreak", err))
		return false;
	const char *const arguments[] = {
	    program, "health", "--config", health->daemon_conf, "--only", "reader", "--json", NULL};
	if (!program_run(arguments, health->patience_s, &text, err) || !json_parse(buf_text(&text), text.size, &told, err))
		return false;
	json_object_update(answer, json_object_get(json_array_get(json_object_get(told, "checks"), 0), "reading"));
	return true;
}

bool updater_reading(const struct updater *updater, const char *daemon_conf, struct record_reading *ret_reading,
    struct err *err)
{
	struct health health = {daemon_conf, (int)updater->settings.health_s};
	const struct owner_task task = {.folder = updater->store, .as_owner = ask_reading, .context = &health};
	OWN(json_decref) json_t *answer = NULL;
	if (!owner_do(&task, &answer, err))
		return false;
	record_take_reading(answer, ret_reading);
	return true;
}

bool updater_reboot(struct err *err)
{
	static const char *const arguments[] = {"systemctl", "--no-block", "reboot", NULL};
	return program_run(arguments, 60, NULL, err) || err_add(err, "starting the machine again");
}
