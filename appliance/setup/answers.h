/* What `daybreak setup` has to be told about a clinic: name = value, the same names in a file, as options of
 * the command and in setup.conf, which keeps what was answered last. No secret is among them, only where one
 * lies. */
#pragma once

#include "base/buf.h"
#include "base/conf.h"
#include "base/limits.h"
#include "wire/cloud.h"

enum {
	ANSWERS_COUNT = 20,
	ANSWER_SIZE = 256,
	ANSWERS_SHARES_SIZE = 16 << 10,
};

struct answers {
	char clinic[LIMIT_NAME];
	char site[CLOUD_NAME_MAX]; /* pseudonym of the box in the cloud */
	char admin[LIMIT_NAME];
	char password_file[LIMIT_PATH];
	char decision_hour[ANSWER_SIZE], time_zone[ANSWER_SIZE];
	char regions[ANSWER_SIZE], budget_day[ANSWER_SIZE], budget_month[ANSWER_SIZE];
	/* Where the box's certificate towards the cloud comes from, and its updates; the files are the
	 * servers' authorities. "": as cloud.json has it. */
	char authority_url[CLOUD_URL_MAX], authority_ca[LIMIT_PATH];
	char updates_url[CLOUD_URL_MAX], updates_ca[LIMIT_PATH];
	char names[4 * ANSWER_SIZE]; /* host names and addresses, by comma */
	char tls[ANSWER_SIZE];       /* self-made or request */
	char working_hours[ANSWER_SIZE];
	bool automatic_updates;
	char shares[ANSWERS_SHARES_SIZE]; /* a line each, see setup/shares.h */
	char folder[LIMIT_PATH]; /* of their file, with its slash: what their paths are relative to */
};

/* What is true of a clinic that was asked nothing; time_zone and names are the machine's to say. */
void answers_default(struct answers *answers);
/* The options of the file, which stand in `answers`; ret has ANSWERS_COUNT. Returns how many there are. */
size_t answers_options(struct answers *answers, struct conf_option *ret_options);
/* Takes the answers of a text over those that are there. */
bool answers_take(struct answers *answers, const char *text, struct err *err);
bool answers_load(struct answers *answers, const char *path, struct err *err);
/* The path of a file that the answers name. */
bool answers_path(
    const struct answers *answers, const char *named, char ret_path[LIMIT_PATH], struct err *err);
/* What is wrong with one of them, by its option's name; every sentence says what would be right. */
bool answers_check(const struct answers *answers, const char *name, struct err *err);
bool answers_check_all(const struct answers *answers, struct err *err);
/* As a file that answers_load takes; without the paths, which may be those of a stick. */
void answers_write(const struct answers *answers, struct buf *to);
/* Calls for each item of a list by comma, without blanks. */
bool answers_each(const char *list, bool (*each)(const char *item, void *context, struct err *err),
    void *context, struct err *err);
