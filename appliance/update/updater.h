/* The updater of the appliance: what it knows of the box, for as long as one command runs. Whether something is done is
 * decided by update/window.h; RAUC does the installing; what has to survive is kept by update/record.h.
 *
 *          run                 restart                trial      daybreakd       confirm
 *   bundle ─────▶ other slot ─────────▶ new version ─────────▶ ok ───────────▶ ok ─────────▶ confirmed
 *                                           │ three tries      │               │
 *                                           ▼                  ▼               ▼
 *                             old version, on the database as it was before
 *
 * Everything lies below `root`, "" but in tests. */
#pragma once

#include "update/bundles.h"
#include "update/hours.h"
#include "update/record.h"
#include "update/slots.h"
#include "update/window.h"

struct update_settings {
	bool automatic;
	char working_hours[256];
	int64_t decision_hours, health_s;
};

struct updater {
	char root[LIMIT_PATH];
	char store[LIMIT_PATH];   /* the folder of the store */
	char running[LIMIT_PATH]; /* /run/daybreak-update */
	char daemon_conf[LIMIT_PATH];
	struct update_settings settings;
	char problem[ERR_DETAIL_MAX]; /* of update.conf: the defaults count, and nothing is installed; "" */
	struct hours hours;
	char version[VERSION_SIZE]; /* that runs */
	char slot[8];               /* that it runs in; "": no appliance */
	char system[RECORD_SYSTEM_SIZE]; /* what runs in the slot, as record_confirmed has it */
	char boot[RECORD_BOOT_SIZE];     /* of this start of the machine */
	struct record record;
	int lock; /* one updater at a time */
};

/* The defaults. */
void update_settings_init(struct update_settings *ret_settings, struct hours *ret_hours);
/* update.conf: automatic, working_hours, decision_hours, health_s. */
bool update_settings_load(const char *path, struct update_settings *ret_settings, struct hours *ret_hours,
    struct err *err);

/* Whether this is the appliance: RAUC is configured, and the machine was started from one of its slots. */
bool updater_appliance(const char *root);
/* Waits for another updater to end, then knows all but what RAUC knows. */
bool updater_open(const char *root, struct updater *ret_updater, struct err *err);
void updater_close(struct updater *updater);
static inline void updater_close_owned(struct updater *updater)
{
	updater_close(updater);
}

/* The version that runs was confirmed in this slot. */
bool updater_confirmed(const struct updater *updater);
/* It was found unwell and there was nothing to go back to, so people work with it as it is. */
bool updater_stranded(const struct updater *updater);
/* There is a store. */
bool updater_store(const struct updater *updater);
/* What the store says; ret_why "" when it could be asked. approved: the digest that an administrator approved. */
struct update_facts {
	struct pending pending;
	char approved[SETTING_DIGEST_SIZE];
	int64_t room_needed, room_left; /* bytes that a trial takes, and that the disk has */
	char unknown[ERR_DETAIL_MAX]; /* why it could not be asked; "" */
};
void updater_facts(const struct updater *updater, struct update_facts *ret_facts);
/* In the store, as its owner. */
bool updater_schema(const struct updater *updater, int *ret_schema, struct err *err);
bool updater_put_back(const struct updater *updater, int schema, struct err *err);
/* Ends a putting back that was cut off, and removes a trial that was. */
bool updater_tidy(const struct updater *updater, struct err *err);
bool updater_approve(const struct updater *updater, const char *digest, struct err *err);
/* A bundle has failed: notes it, and an approval that it had counts no longer. */
void updater_fail(struct updater *updater, const char *digest, const char *why, bool went_back);
/* Asks `daybreak health` of a daemon's configuration: ERR_UNAVAILABLE with its sentence. */
bool updater_healthy(const struct updater *updater, const char *daemon_conf, struct err *err);

/* What the model in use says to the known batch: the clinic's own, if it has chosen one. */
bool updater_reading(const struct updater *updater, const char *daemon_conf, struct record_reading *ret_reading,
    struct err *err);

bool updater_reboot(struct err *err);
