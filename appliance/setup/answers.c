#include "setup/answers.h"

#include "base/certificate.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/text.h"
#include "setup/shares.h"
#include "update/hours.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static const double budget_max = 1e6;

void answers_default(struct answers *answers)
{
	uint8_t random[4];
	char digits[2 * sizeof random + 1];
	*answers = (struct answers){.clinic = "Clinic",
	    .admin = "admin",
	    .decision_hour = "07:30",
	    .budget_day = "0",
	    .budget_month = "0",
	    .tls = "self-made",
	    .working_hours = "mon-sun 05:00-20:00",
	    .automatic_updates = true};
	crypto_random(random, sizeof random);
	text_hex(digits, random, sizeof random);
	snprintf(answers->site, sizeof answers->site, "clinic-%s", digits);
}

#define TEXT(name) {#name, CONF_TEXT, answers->name, sizeof answers->name, 0, 0}

size_t answers_options(struct answers *answers, struct conf_option *ret_options)
{
	const struct conf_option options[] = {TEXT(clinic), TEXT(site), TEXT(admin), TEXT(password_file),
	    TEXT(decision_hour), TEXT(time_zone), TEXT(regions), TEXT(budget_day), TEXT(budget_month),
	    TEXT(authority_url), TEXT(authority_ca), TEXT(updates_url), TEXT(updates_ca), TEXT(names),
	    TEXT(tls), {"share", CONF_LIST, answers->shares, sizeof answers->shares, 0, 0},
	    TEXT(working_hours), {"automatic_updates", CONF_BOOL, &answers->automatic_updates, 0, 0, 0}};
	const size_t count = sizeof options / sizeof *options;
	_Static_assert(sizeof options / sizeof *options <= ANSWERS_COUNT, "more answers than room");
	memcpy(ret_options, options, sizeof options);
	return count;
}

bool answers_take(struct answers *answers, const char *text, struct err *err)
{
	struct conf_option options[ANSWERS_COUNT];
	size_t count = answers_options(answers, options);
	return conf_parse(text, options, count, err);
}

bool answers_load(struct answers *answers, const char *path, struct err *err)
{
	struct conf_option options[ANSWERS_COUNT];
	size_t count = answers_options(answers, options);
	int length =
	    snprintf(answers->folder, sizeof answers->folder, "%.*s", (int)(path_name(path) - path), path);
	return (length < LIMIT_PATH || err_set(err, ERR_BAD_INPUT, "path too long: %s", path)) &&
	    conf_load(path, options, count, err);
}

bool answers_path(
    const struct answers *answers, const char *named, char ret_path[LIMIT_PATH], struct err *err)
{
	int length = snprintf(ret_path, LIMIT_PATH, "%s%s", named[0] == '/' ? "" : answers->folder, named);
	return length < LIMIT_PATH || err_set(err, ERR_BAD_INPUT, "path too long: %s", named);
}

bool answers_each(const char *list, bool (*each)(const char *item, void *context, struct err *err),
    void *context, struct err *err)
{
	char copy[4 * ANSWER_SIZE];
	if (!text_copy(copy, sizeof copy, list))
		return err_set(err, ERR_BAD_INPUT, "the list is too long");
	for (char *at = copy, *next; at; at = next) {
		next = strchr(at, ',');
		if (next)
			*next++ = 0;
		const char *item = text_trim(at);
		if (*item && !each(item, context, err))
			return false;
	}
	return true;
}

/* Checks */

static bool check_clinic(const struct answers *answers, struct err *err)
{
	return (answers->clinic[0] && text_is_plain(answers->clinic)) ||
	    err_set(err, ERR_BAD_INPUT, "the clinic's name is plain text of 1 to %d bytes", LIMIT_NAME - 1);
}

static bool is_word(const char *text, size_t size)
{
	size_t length = strlen(text);
	return length > 0 && length < size &&
	    strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == length;
}

static bool check_site(const struct answers *answers, struct err *err)
{
	return is_word(answers->site, CLOUD_NAME_MAX) ||
	    err_set(err, ERR_BAD_INPUT,
	        "the site is a pseudonym of 1 to %d letters, digits, '.', '_' or '-', as clinic-7f3a: it is "
	        "what the cloud sees, so do not use the clinic's name",
	        CLOUD_NAME_MAX - 1);
}

static bool check_admin(const struct answers *answers, struct err *err)
{
	return (answers->admin[0] && text_is_plain(answers->admin)) ||
	    err_set(err, ERR_BAD_INPUT, "the administrator's name is plain text of 1 to %d bytes",
	        LIMIT_NAME - 1);
}

static bool check_file(const struct answers *answers, const char *named, const char *what, struct err *err)
{
	char path[LIMIT_PATH];
	return !named[0] ||
	    (answers_path(answers, named, path, err) &&
	        (file_exists(path) ||
	            err_set(err, ERR_BAD_INPUT, "there is no file %s to take the %s from", path, what)));
}

static bool check_password_file(const struct answers *answers, struct err *err)
{
	return check_file(answers, answers->password_file, "password", err);
}

static bool check_decision_hour(const struct answers *answers, struct err *err)
{
	int hour, minute;
	char rest;
	return (strlen(answers->decision_hour) == 5 &&
	           sscanf(answers->decision_hour, "%2d:%2d%c", &hour, &minute, &rest) == 2 && hour >= 0 &&
	           hour < 24 && minute >= 0 && minute < 60) ||
	    err_set(err, ERR_BAD_INPUT, "the decision hour is a time of the day, as 07:30");
}

/* Whether it is there is looked up where it is used: a name that leads out of the folder is refused here. */
static bool check_time_zone(const struct answers *answers, struct err *err)
{
	const char *zone = answers->time_zone;
	return !zone[0] ||
	    (strspn(zone, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_+-") ==
	            strlen(zone) &&
	        zone[0] != '/') ||
	    err_set(
	        err, ERR_BAD_INPUT, "the time zone is a name like Europe/Paris (timedatectl list-timezones)");
}

static bool check_region(const char *item, void *context, struct err *err)
{
	int *count = context;
	if (++*count > CLOUD_REGIONS_MAX)
		return err_set(err, ERR_BAD_INPUT, "at most %d regions can be allowed", CLOUD_REGIONS_MAX);
	return is_word(item, CLOUD_NAME_MAX) ||
	    err_set(err, ERR_BAD_INPUT,
	        "\"%.60s\" is no region: name them like eu-central-1, by comma; nothing if no picture "
	        "may leave the house",
	        item);
}

static bool check_regions(const struct answers *answers, struct err *err)
{
	int count = 0;
	return answers_each(answers->regions, check_region, &count, err);
}

static bool check_budget(const char *text, const char *of, struct err *err)
{
	double dollars;
	return (text_to_f64(text, &dollars) && dollars >= 0 && dollars <= budget_max) ||
	    err_set(err, ERR_BAD_INPUT, "the budget of a %s is a number of US dollars, 0 for none", of);
}

static bool check_budget_day(const struct answers *answers, struct err *err)
{
	return check_budget(answers->budget_day, "day", err);
}

static bool check_budget_month(const struct answers *answers, struct err *err)
{
	return check_budget(answers->budget_month, "month", err);
}

/* As cloud.json wants it, where it is looked at once more. */
static bool check_url(const char *url, struct err *err)
{
	return !url[0] ||
	    (text_starts(url, "https://") && url[strlen("https://")] && !text_ends(url, "/") &&
	        !strpbrk(url, " @?#\"")) ||
	    err_set(err, ERR_BAD_INPUT,
	        "\"%.100s\" is not https://host:port and perhaps a path, without a slash at the end", url);
}

static bool check_authority(const struct answers *answers, struct err *err)
{
	return check_url(answers->authority_url, err) &&
	    check_file(answers, answers->authority_ca, "authority's certificate", err);
}

static bool check_updates(const struct answers *answers, struct err *err)
{
	return check_url(answers->updates_url, err) &&
	    check_file(answers, answers->updates_ca, "authority's certificate", err);
}

static bool check_name(const char *item, void *context, struct err *err)
{
	int *count = context;
	uint8_t address[16];
	if (++*count > CERTIFICATE_NAMES_MAX)
		return err_set(err, ERR_BAD_INPUT, "a certificate takes at most %d names and addresses",
		    CERTIFICATE_NAMES_MAX);
	if (inet_pton(AF_INET, item, address) == 1 || inet_pton(AF_INET6, item, address) == 1)
		return true;
	size_t length = strlen(item);
	bool formed = length < CERTIFICATE_NAME_SIZE && item[0] != '-' && item[0] != '.' &&
	    strspn(item, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") == length;
	return formed ||
	    err_set(err, ERR_BAD_INPUT, "\"%.60s\" is neither a host name nor an address; name them by comma",
	        item);
}

static bool check_names(const struct answers *answers, struct err *err)
{
	int count = 0;
	return answers_each(answers->names, check_name, &count, err);
}

static bool check_tls(const struct answers *answers, struct err *err)
{
	return strcmp(answers->tls, "self-made") == 0 || strcmp(answers->tls, "request") == 0 ||
	    err_set(err, ERR_BAD_INPUT,
	        "the certificate is self-made, or request: a request for the hospital's authority");
}

static bool check_shares(const struct answers *answers, struct err *err)
{
	struct shares shares;
	return shares_parse(answers->shares, &shares, err);
}

static bool check_working_hours(const struct answers *answers, struct err *err)
{
	struct hours hours;
	return hours_parse(answers->working_hours, &hours, err);
}

static const struct check {
	const char *name;
	bool (*check)(const struct answers *answers, struct err *err);
} checks[] = {{"clinic", check_clinic}, {"site", check_site}, {"admin", check_admin},
    {"password_file", check_password_file}, {"decision_hour", check_decision_hour},
    {"time_zone", check_time_zone}, {"regions", check_regions}, {"budget_day", check_budget_day},
    {"budget_month", check_budget_month}, {"authority_url", check_authority},
    {"authority_ca", check_authority}, {"updates_url", check_updates}, {"updates_ca", check_updates},
    {"names", check_names}, {"tls", check_tls}, {"share", check_shares},
    {"working_hours", check_working_hours}};

enum { CHECKS_COUNT = sizeof checks / sizeof *checks };

bool answers_check(const struct answers *answers, const char *name, struct err *err)
{
	for (size_t i = 0; i < CHECKS_COUNT; i++)
		if (strcmp(checks[i].name, name) == 0)
			return checks[i].check(answers, err);
	return true;
}

bool answers_check_all(const struct answers *answers, struct err *err)
{
	for (size_t i = 0; i < CHECKS_COUNT; i++)
		if (!checks[i].check(answers, err))
			return false;
	return true;
}

void answers_write(const struct answers *answers, struct buf *to)
{
	struct answers copy = *answers;
	struct conf_option options[ANSWERS_COUNT];
	size_t count = answers_options(&copy, options);
	for (size_t i = 0; i < count; i++) {
		const struct conf_option *option = &options[i];
		struct shares shares = {0};
		if (option->kind == CONF_LIST && shares_parse(option->value, &shares, NULL))
			shares_write(&shares, "share = ", to);
		else if (option->kind == CONF_BOOL)
			buf_print(to, "%s = %s\n", option->name, *(bool *)option->value ? "yes" : "no");
		else if (option->kind == CONF_TEXT && !text_ends(option->name, "_file") &&
		    !text_ends(option->name, "_ca"))
			buf_print(to, "%s = %s\n", option->name, (const char *)option->value);
	}
}
