#include "update/install.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "store/copies.h"

#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

/* What one look finds. */
struct look {
	struct slots slots;
	struct bundles bundles;
	struct update_facts facts;
	struct window_box box;
	struct window_verdict verdicts[BUNDLES_MAX];
	int best; /* of those that are not refused, the highest version; -1: none */
	char why[WINDOW_WHY_SIZE]; /* why nothing happens now; "" */
};

/* Minutes since Monday 00:00 on the clinic's clock. */
static int minute_of_week(void)
{
	time_t now = (time_t)(clock_now_us() / 1000000);
	struct tm parts;
	localtime_r(&now, &parts);
	return (parts.tm_wday + 6) % 7 * HOURS_DAY_MINUTES + parts.tm_hour * 60 + parts.tm_min;
}

static void judge(const struct updater *updater, struct look *look, int i)
{
	const struct bundle *bundle = &look->bundles.list[i];
	struct record_failure failure;
	bool approved = strcmp(bundle->digest, look->facts.approved) == 0;
	/* Who approves what has failed wants it tried again. */
	bool failed = record_failure(&updater->record, bundle->digest, &failure) && !(approved && failure.anew);
	const struct window_bundle asked = {.version = bundle->version,
	    .compatible = bundle->compatible,
	    .refused = bundle->refused[0] ? bundle->refused : NULL,
	    .failed = failed ? failure.why : NULL,
	    .failures = failed ? failure.count : 0,
	    .went_back = failed && failure.went_back,
	    .from_stick = bundle->from_stick,
	    .approved = approved};
	window_decide(&look->box, &asked, &look->verdicts[i]);
}

static bool is_better(const struct look *look, int i, int than)
{
	bool asks = look->verdicts[i].state == WINDOW_APPROVAL, other_asks = look->verdicts[than].state == WINDOW_APPROVAL;
	if (asks != other_asks)
		return other_asks;
	return version_compare(look->bundles.list[i].version, look->bundles.list[than].version) > 0;
}

/* One bundle is installed: the highest version of those that nobody is to be asked for, if there is any. */
static void choose(struct look *look)
{
	look->best = -1;
	for (int i = 0; i < look->bundles.count; i++)
		if (look->verdicts[i].state != WINDOW_REFUSED && (look->best < 0 || is_better(look, i, look->best)))
			look->best = i;
	if (look->best < 0 || look->verdicts[look->best].state == WINDOW_APPROVAL)
		return;
	const char *version = look->bundles.list[look->best].version;
	for (int i = 0; i < look->bundles.count; i++) {
		struct window_verdict *verdict = &look->verdicts[i];
		if (i == look->best || verdict->state == WINDOW_REFUSED ||
		    version_compare(look->bundles.list[i].version, version) > 0)
			continue;
		verdict->state = WINDOW_REFUSED;
		snprintf(verdict->why, sizeof verdict->why, "version %s waits too and is the one to install", version);
	}
}

static bool find_bundles(const struct updater *updater, struct bundles *bundles, struct err *err)
{
	char network[LIMIT_PATH + 64], stick[LIMIT_PATH];
	snprintf(network, sizeof network, "%s/var/lib/daybreak-sync/updates", updater->root);
	/* What a person brought first: the network's many cannot push it out of the list. */
	return path_join(stick, sizeof stick, updater->record.folder, "bundles") &&
	    bundles_add(bundles, stick, true, err) && bundles_add(bundles, network, false, err);
}

static bool waits_for_restart(const struct updater *updater)
{
	const struct record_trial *trial = &updater->record.trial;
	return trial->there && trial->installed && strcmp(trial->boot, updater->boot) == 0 &&
	    strcmp(trial->slot, updater->slot) != 0;
}

static void say_why(const struct updater *updater, struct look *look)
{
	const struct record_trial *trial = &updater->record.trial;
	if (waits_for_restart(updater))
		snprintf(look->why, sizeof look->why, "version %s is installed and starts with the machine's next start",
		    trial->to);
	else if (updater_stranded(updater))
		snprintf(look->why, sizeof look->why, "version %s is not confirmed: %.200s", updater->version, trial->why);
	else if (look->best >= 0)
		text_copy(look->why, sizeof look->why, look->verdicts[look->best].why);
}

static void ask_facts(const struct updater *updater, struct look *look)
{
	updater_facts(updater, &look->facts);
	if (updater->problem[0])
		text_copy(look->facts.unknown, sizeof look->facts.unknown, updater->problem);
}

static bool take_look(const struct updater *updater, struct look *look, struct err *err)
{
	if (!slots_read(&look->slots, err) || !find_bundles(updater, &look->bundles, err))
		return false;
	ask_facts(updater, look);
	look->box = (struct window_box){.version = updater->version,
	    .compatible = look->slots.compatible,
	    .floor = updater->record.floor,
	    .automatic = updater->settings.automatic,
	    .on_trial = !updater_confirmed(updater) && !updater_stranded(updater),
	    .hours = &updater->hours,
	    .minute = minute_of_week(),
	    .unknown = look->facts.unknown[0] ? look->facts.unknown : NULL,
	    .pending = look->facts.pending};
	for (int i = 0; i < look->bundles.count; i++)
		judge(updater, look, i);
	choose(look);
	say_why(updater, look);
	return true;
}

/* The status */

static json_t *sentence(const char *text)
{
	return *text ? json_string(text) : json_null();
}

static json_t *waiting(const struct look *look)
{
	json_t *list = json_array();
	for (int i = 0; i < look->bundles.count; i++) {
		const struct bundle *bundle = &look->bundles.list[i];
		json_array_append_new(list, json_pack("{s:s, s:o, s:s, s:s, s:I, s:s, s:s}", "file", bundle->file, "version",
		    sentence(bundle->version), "digest", bundle->digest, "from", bundle->from_stick ? "stick" : "network",
		    "size", (json_int_t)bundle->size, "state", window_state_name(look->verdicts[i].state), "why",
		    look->verdicts[i].why));
	}
	return list;
}

static json_t *other(const struct updater *updater, const struct slots *slots)
{
	struct record_confirmed confirmed;
	record_confirmed(&updater->record, slots->other.name, &confirmed);
	const char *version = confirmed.version[0] ? confirmed.version : slots->other.version;
	return json_pack("{s:o, s:b}", "version", sentence(version), "bootable", slots->other.good);
}

static json_t *last(const struct updater *updater)
{
	json_t *line = record_last(&updater->record);
	return line ? line : json_null();
}

static json_t *status_of(const struct updater *updater, const struct look *look)
{
	return json_pack("{s:b, s:s, s:s, s:b, s:o, s:o, s:o, s:o}", "appliance", 1, "version", updater->version, "slot",
	    updater->slot, "confirmed", updater_confirmed(updater), "other", other(updater, &look->slots), "waiting",
	    waiting(look), "why", sentence(look->why), "last", last(updater));
}

json_t *install_no_appliance(const char *root)
{
	char release[LIMIT_PATH + 64], version[VERSION_SIZE];
	snprintf(release, sizeof release, "%s/usr/lib/os-release", root);
	version_running(release, version);
	return json_pack("{s:b, s:s, s:n, s:b, s:n, s:[], s:s, s:n}", "appliance", 0, "version", version, "slot",
	    "confirmed", 1, "other", "waiting", "why", "this box is kept up to date by its packages: apt update, then apt upgrade", "last");
}

bool install_tell(const struct updater *updater, const json_t *status, struct err *err)
{
	OWN(free) char *text = json_dumps(status, JSON_INDENT(1));
	if (!text)
		return err_set(err, ERR_NO_MEMORY, "telling the state of updates");
	return folder_write_text(updater->running, "status.json", text, 0644, err) ||
	    err_add(err, "telling the state of updates");
}

/* Installing */

/* For the trial; and before it for a copy of what the network brought. */
static bool has_room(const struct updater *updater, const struct look *look, char why[WINDOW_WHY_SIZE])
{
	const struct bundle *bundle = &look->bundles.list[look->best];
	int64_t needed = look->facts.room_needed, left = look->facts.room_left;
	struct statvfs disk;
	if (left >= needed && !bundle->from_stick && statvfs(updater->record.folder, &disk) == 0) {
		needed += bundle->size;
		left = (int64_t)(disk.f_bavail * disk.f_frsize);
	}
	if (left >= needed)
		return true;
	snprintf(why, WINDOW_WHY_SIZE, "it waits until the disk has %lld MB free for the trial; there are %lld",
	    (long long)(needed >> 20), (long long)(left >> 20));
	return false;
}

/* Nothing is begun on a box that would not be confirmed afterwards. Who approved an update may know better than its
 * health, but nobody can do without the room for the trial. */
static bool is_fit(const struct updater *updater, const struct look *look, char why[WINDOW_WHY_SIZE])
{
	struct err err;
	if (!has_room(updater, look, why))
		return false;
	if (strcmp(look->bundles.list[look->best].digest, look->facts.approved) == 0 || !updater_store(updater) ||
	    updater_healthy(updater, updater->daemon_conf, &err))
		return true;
	snprintf(why, WINDOW_WHY_SIZE, "it waits until the box is well, or an administrator approves it: %.200s",
	    err.detail);
	return false;
}

/* Where a bundle of the network is copied to: the agent, which talks to the internet, cannot exchange it there. */
static bool copy_path(const struct updater *updater, char ret_path[LIMIT_PATH], struct err *err)
{
	return folder_path(updater->record.folder, "installing.raucb", ret_path, err);
}

static bool begin_install(struct updater *updater, const struct look *look, struct err *err)
{
	const struct bundle *bundle = &look->bundles.list[look->best];
	struct record_trial *trial = &updater->record.trial;
	*trial = (struct record_trial){.there = true};
	text_copy(trial->slot, sizeof trial->slot, look->slots.other.name);
	text_copy(trial->from, sizeof trial->from, updater->version);
	text_copy(trial->to, sizeof trial->to, bundle->version);
	text_copy(trial->digest, sizeof trial->digest, bundle->digest);
	text_copy(trial->boot, sizeof trial->boot, updater->boot);
	/* A box that cannot be read with has nothing to compare, and may need the update for that. */
	if (updater_store(updater))
		updater_reading(updater, updater->daemon_conf, &trial->reading, NULL);
	/* What was confirmed there is about to be overwritten. */
	record_forget(&updater->record, look->slots.other.name);
	return updater_schema(updater, &trial->schema, err) && record_save(&updater->record, err);
}

static bool note_install(struct updater *updater, enum record_result result, const char *why, struct err *err)
{
	const struct record_trial trial = updater->record.trial;
	if (result == RECORD_REFUSED) {
		updater_fail(updater, trial.digest, why, false);
		updater->record.trial.there = false;
	} else {
		updater->record.trial.installed = true;
	}
	return record_save(&updater->record, err) &&
	    record_note(&updater->record, result, trial.from, trial.to, trial.digest, why, err);
}

static bool install_from(struct updater *updater, const struct look *look, const char *path, struct err *err)
{
	struct err why;
	if (!begin_install(updater, look, err))
		return false;
	if (slots_install(path, &why))
		return note_install(updater, RECORD_INSTALLED, NULL, err);
	note_install(updater, RECORD_REFUSED, why.detail, NULL);
	return err_set(err, why.code, "installing version %s: %s", look->bundles.list[look->best].version, why.detail);
}

static bool install_best(struct updater *updater, const struct look *look, struct err *err)
{
	const struct bundle *bundle = &look->bundles.list[look->best];
	char copy[LIMIT_PATH];
	if (bundle->from_stick)
		return install_from(updater, look, bundle->path, err);
	if (!copy_path(updater, copy, err))
		return false;
	if (!bundles_take(bundle, copy, err))
		return err_add(err, "installing version %s", bundle->version);
	bool ok = install_from(updater, look, copy, err);
	unlink(copy);
	return ok;
}

/* The minute in which it was installed may have brought work. */
static bool restart_if_quiet(const struct updater *updater, struct look *look, struct err *err)
{
	char why[WINDOW_WHY_SIZE];
	ask_facts(updater, look);
	look->box.pending = look->facts.pending;
	look->box.unknown = look->facts.unknown[0] ? look->facts.unknown : NULL;
	look->box.minute = minute_of_week();
	if (window_quiet(&look->box, why)) {
		snprintf(look->why, sizeof look->why, "version %s is installed; the machine is starting again",
		    updater->record.trial.to);
		return updater_reboot(err);
	}
	snprintf(look->why, sizeof look->why, "version %s is installed and starts later: %.200s",
	    updater->record.trial.to, why);
	return true;
}

/* From "nothing has been done" to what the look says of it. */
static bool act(struct updater *updater, struct look *look, struct err *err)
{
	char why[WINDOW_WHY_SIZE], copy[LIMIT_PATH];
	if (copy_path(updater, copy, NULL))
		unlink(copy); /* of an installation that was cut off */
	if (waits_for_restart(updater))
		return restart_if_quiet(updater, look, err);
	if (look->best < 0 || look->verdicts[look->best].state != WINDOW_OPEN)
		return true;
	if (!is_fit(updater, look, why)) {
		look->verdicts[look->best].state = WINDOW_WAITS;
		text_copy(look->verdicts[look->best].why, sizeof why, why);
		text_copy(look->why, sizeof look->why, why);
		return true;
	}
	return install_best(updater, look, err) && restart_if_quiet(updater, look, err);
}

static bool look_and(struct updater *updater, bool run, json_t **ret_status, struct err *err)
{
	OWN(free) struct look *look = calloc(1, sizeof *look);
	if (!look)
		return err_set(err, ERR_NO_MEMORY, "looking for updates");
	if (!take_look(updater, look, err))
		return false;
	bool ok = !run || act(updater, look, err);
	if (!ok)
		snprintf(look->why, sizeof look->why, "%s", err->detail);
	OWN(json_decref) json_t *status = status_of(updater, look);
	struct err told;
	if (!install_tell(updater, status, &told) && ok)
		ok = err_set(err, told.code, "%s", told.detail);
	if (ok)
		*ret_status = TAKE(status);
	return ok;
}

bool install_check(struct updater *updater, json_t **ret_status, struct err *err)
{
	return look_and(updater, false, ret_status, err);
}

bool install_run(struct updater *updater, json_t **ret_status, struct err *err)
{
	return look_and(updater, true, ret_status, err);
}

bool install_approve(struct updater *updater, const char *name, struct err *err)
{
	OWN(free) struct bundles *bundles = calloc(1, sizeof *bundles);
	if (!bundles)
		return err_set(err, ERR_NO_MEMORY, "looking for updates");
	if (!find_bundles(updater, bundles, err))
		return false;
	for (int i = 0; i < bundles->count; i++) {
		const struct bundle *bundle = &bundles->list[i];
		if (strcmp(name, bundle->digest) != 0 && strcmp(name, bundle->file) != 0 && strcmp(name, bundle->version) != 0)
			continue;
		if (bundle->refused[0])
			return err_set(err, ERR_BAD_INPUT, "%s cannot be installed: %s", bundle->file, bundle->refused);
		record_forgive(&updater->record, bundle->digest);
		return record_save(&updater->record, err) && updater_approve(updater, bundle->digest, err);
	}
	return err_set(err, ERR_NOT_FOUND, "no update that waits is called %s; see daybreak update status", name);
}
