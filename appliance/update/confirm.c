#include "update/confirm.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/program.h"
#include "base/text.h"
#include "store/copies.h"
#include "update/trial.h"

#include <stdio.h>
#include <string.h>

/* Going back */

/* Which slot stands by is RAUC's to say; that its version once was confirmed is on record. Without RAUC's word the
 * record decides: then the boot loader counts the tries. */
static bool can_go_back(const struct updater *updater)
{
	struct slots slots;
	struct record_confirmed before;
	if (slots_read(&slots, NULL)) {
		record_confirmed(&updater->record, slots.other.name, &before);
		return slots.other.good && before.system[0];
	}
	return updater->record.trial.there && updater->record.trial.from[0];
}

static void stop_services(void)
{
	static const char *const arguments[] = {"systemctl", "stop", "daybreak-web", "daybreakd", NULL};
	program_run(arguments, 120, NULL, NULL);
}

/* The machine goes on with this version, and people will work with it: from now on their data are this version's, and
 * are never put back to what they were before it. What cannot be put on record must not happen. */
static enum confirm_verdict stay(struct updater *updater, const char *why, char ret_why[RECORD_WHY_SIZE])
{
	struct err err;
	updater->record.trial.schema = copies_schema_known();
	snprintf(ret_why, RECORD_WHY_SIZE, "%.200s; there is no version to go back to", why);
	if (record_save(&updater->record, &err))
		return CONFIRM_STRANDED;
	snprintf(ret_why, RECORD_WHY_SIZE, "%.150s; %.150s", why, err.detail);
	return CONFIRM_BACK;
}

/* Each step may be cut off: the version that starts then does what is left, the same way. */
static enum confirm_verdict go_back(struct updater *updater, const char *why, char ret_why[RECORD_WHY_SIZE])
{
	struct err err;
	text_copy(updater->record.trial.why, sizeof updater->record.trial.why, why);
	if (!can_go_back(updater))
		return stay(updater, why, ret_why);
	record_save(&updater->record, NULL);
	stop_services();
	if (!updater_put_back(updater, updater->record.trial.schema, &err))
		fprintf(stderr, "daybreak: %s; the version before tries again\n", err.detail);
	if (!slots_mark(SLOTS_BAD, false, &err))
		fprintf(stderr, "daybreak: %s; the boot loader goes back after three tries\n", err.detail);
	snprintf(ret_why, RECORD_WHY_SIZE, "%.200s; going back to version %.60s", why, updater->record.trial.from);
	if (!updater_reboot(&err))
		fprintf(stderr, "daybreak: %s; start it by hand\n", err.detail);
	return CONFIRM_BACK;
}

/* What another version left */

static bool note(struct updater *updater, enum record_result result, const char *why)
{
	struct err err;
	const struct record_trial *trial = &updater->record.trial;
	if (record_note(&updater->record, result, trial->from, trial->to, trial->digest, why, &err))
		return true;
	fprintf(stderr, "daybreak: %s\n", err.detail);
	return false;
}

/* RAUC had marked the other slot bad before it wrote there. */
static void end_installation(struct updater *updater)
{
	note(updater, RECORD_REFUSED, "the machine stopped while it was being installed; it is installed again");
	updater->record.trial.there = false;
}

static bool end_trial_elsewhere(struct updater *updater, struct err *err)
{
	struct record_trial *trial = &updater->record.trial;
	const char *why = trial->why[0] ? trial->why : "it did not start in three tries";
	if (!updater_put_back(updater, trial->schema, err))
		return false;
	/* The boot loader's order still names the other slot first. */
	if (!slots_mark(SLOTS_BAD, true, err) || !slots_mark(SLOTS_ACTIVE, false, err))
		fprintf(stderr, "daybreak: %s\n", err->detail);
	updater_fail(updater, trial->digest, why, true);
	note(updater, RECORD_WENT_BACK, why);
	trial->there = false;
	return true;
}

/* On a confirmed version: ends an update that did not come to its end. */
static bool end_update(struct updater *updater, struct err *err)
{
	const struct record_trial *trial = &updater->record.trial;
	/* It has not been tried yet: the restart is still to come. */
	if (!trial->there || strcmp(trial->boot, updater->boot) == 0)
		return true;
	if (!trial->installed)
		end_installation(updater);
	else if (!end_trial_elsewhere(updater, err))
		return false;
	return record_save(&updater->record, err);
}

static bool check_database(const struct updater *updater, struct err *err)
{
	int schema;
	if (!updater_schema(updater, &schema, err))
		return false;
	return schema <= copies_schema_known() ||
	    err_set(err, ERR_UNSUPPORTED,
		"the data belong to a newer version than %s, which was confirmed: start that one with "
		"daybreak update previous, or install a newer update",
		updater->version);
}

/* The trial */

/* An update that was installed by hand has no record yet. */
static bool begin_trial(struct updater *updater, struct err *err)
{
	struct record_trial *trial = &updater->record.trial;
	if (trial->there && trial->installed && strcmp(trial->slot, updater->slot) == 0 &&
	    strcmp(trial->to, updater->version) == 0) {
		/* A try before this one may have migrated the data, and hung. */
		trial->why[0] = 0;
		return updater_put_back(updater, trial->schema, err) && record_save(&updater->record, err);
	}
	struct record_confirmed before;
	record_confirmed(&updater->record, strcmp(updater->slot, "A") == 0 ? "B" : "A", &before);
	*trial = (struct record_trial){.there = true, .installed = true};
	text_copy(trial->slot, sizeof trial->slot, updater->slot);
	text_copy(trial->from, sizeof trial->from, before.version);
	text_copy(trial->to, sizeof trial->to, updater->version);
	text_copy(trial->boot, sizeof trial->boot, updater->boot);
	return updater_schema(updater, &trial->schema, err) && record_save(&updater->record, err);
}

enum confirm_verdict confirm_trial(struct updater *updater, char ret_why[RECORD_WHY_SIZE])
{
	struct err err = {0};
	ret_why[0] = 0;
	/* Before anything looks at the data. */
	bool ok = updater_tidy(updater, &err);
	if (updater_confirmed(updater)) {
		ok = ok && end_update(updater, &err) && check_database(updater, &err);
		text_copy(ret_why, RECORD_WHY_SIZE, ok ? "" : err.detail);
		return ok ? CONFIRM_FINE : CONFIRM_STRANDED;
	}
	/* The box's first version has no version before it and no data of another. */
	bool first = !record_any_confirmed(&updater->record);
	ok = ok && begin_trial(updater, &err) && (first || !updater_store(updater) || trial_prove(updater, &err));
	return ok ? CONFIRM_FINE : go_back(updater, err.detail, ret_why);
}

/* Confirming */

static bool wait_for_health(const struct updater *updater, struct err *err)
{
	enum { PAUSE_MS = 2000 };
	int64_t until_us = clock_monotonic_us() + updater->settings.health_s * 1000000;
	while (!updater_healthy(updater, updater->daemon_conf, err)) {
		if (clock_monotonic_us() > until_us)
			return err_add(err, "version %s is not well", updater->version);
		clock_sleep_ms(PAUSE_MS);
	}
	return true;
}

/* Bundles that came by stick and are of no more use: they are the updater's to delete. */
static void clean_bundles(const struct updater *updater)
{
	char folder[LIMIT_PATH];
	OWN(free) struct bundles *bundles = calloc(1, sizeof *bundles);
	if (!bundles || !path_join(folder, sizeof folder, updater->record.folder, "bundles") ||
	    !bundles_add(bundles, folder, true, NULL))
		return;
	for (int i = 0; i < bundles->count; i++)
		if (!bundles->list[i].refused[0] && version_compare(bundles->list[i].version, updater->version) <= 0)
			unlink(bundles->list[i].path);
}

static bool keep_confirmed(struct updater *updater, struct err *err)
{
	struct record_confirmed confirmed;
	text_copy(confirmed.system, sizeof confirmed.system, updater->system);
	text_copy(confirmed.version, sizeof confirmed.version, updater->version);
	if (!updater_schema(updater, &confirmed.schema, err))
		return false;
	record_confirm(&updater->record, updater->slot, &confirmed);
	note(updater, RECORD_CONFIRMED, NULL);
	updater->record.trial = (struct record_trial){.schema = RECORD_SCHEMA_UNKNOWN};
	return record_save(&updater->record, err);
}

enum confirm_verdict confirm_run(struct updater *updater, char ret_why[RECORD_WHY_SIZE])
{
	struct err err = {0};
	ret_why[0] = 0;
	if (updater_confirmed(updater)) {
		/* The boot loader has counted this start. That alone is no reason to keep the lab out. */
		if (!slots_mark(SLOTS_GOOD, false, &err))
			text_copy(ret_why, RECORD_WHY_SIZE, err.detail);
		return CONFIRM_FINE;
	}
	if (!wait_for_health(updater, &err) || !slots_mark(SLOTS_GOOD, false, &err) || !keep_confirmed(updater, &err))
		return go_back(updater, err.detail, ret_why);
	clean_bundles(updater);
	return CONFIRM_FINE;
}

bool confirm_again(struct updater *updater, struct err *err)
{
	return !updater_stranded(updater) || !updater_healthy(updater, updater->daemon_conf, NULL) ||
	    (slots_mark(SLOTS_GOOD, false, err) && keep_confirmed(updater, err));
}

/* The previous version */

bool confirm_previous(struct updater *updater, struct err *err)
{
	struct slots slots;
	struct record_confirmed before;
	int schema;
	if (!slots_read(&slots, err))
		return false;
	record_confirmed(&updater->record, slots.other.name, &before);
	if (!slots.other.good || !before.system[0])
		return err_set(err, ERR_NOT_FOUND, "the other slot has no version that was confirmed here and can be started");
	if (!updater_confirmed(updater))
		return err_set(err, ERR_CONFLICT, "version %s is on trial and goes back by itself when it is not well",
		    updater->version);
	if (!updater_schema(updater, &schema, err))
		return false;
	if (schema > before.schema)
		return err_set(err, ERR_CONFLICT,
		    "version %s cannot read the data as %s has written it: install a newer update", before.version,
		    updater->version);
	return slots_mark(SLOTS_ACTIVE, true, err) &&
	    record_note(&updater->record, RECORD_WENT_BACK, updater->version, before.version, "",
		"an administrator asked for the previous version", err) &&
	    updater_reboot(err);
}
