#include "wire/cloud.h"

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
	FILE_BYTES_MAX = 256 << 10,
	DAY_MIN = 24 * 60,
	MEMORY_MB_MAX = 32 << 10,
	SECOND_US = 1000000,
};

static const double money_max = 1e6, mbit_max = 1e6;

/* The whole of what a file may hold: a name that is not here is a slip of the pen, and told. */
static const char *const cloud_names[] = {"site", "regions", "budget", "decision_hour", "uplink", "hedge_percent",
    "always_on_month", "authority", "updates", "endpoints", NULL};
static const char *const budget_names[] = {"day", "month", NULL};
static const char *const window_names[] = {"days", "from", "to", "mbit", NULL};
static const char *const peer_names[] = {"url", "ca", NULL};
static const char *const endpoint_names[] = {"name", "url", "region", "ca", "key", "slots", "memory_mb",
    "price_gb_s", "price_request", NULL};

static bool check_names(json_t *object, const char *const *names, struct err *err)
{
	const char *name;
	json_t *value;
	if (!json_is_object(object))
		return err_set(err, ERR_BAD_INPUT, "this is not an object");
	json_object_foreach(object, name, value) {
		int i = 0;
		while (names[i] && strcmp(names[i], name) != 0)
			i++;
		if (!names[i])
			return err_set(err, ERR_BAD_INPUT, "there is no member \"%.60s\"", name);
	}
	return true;
}

/* Members */

/* Letters, digits, '-', '_' and '.': fit for a certificate's name, a header, a screen. */
static bool is_word(const char *text)
{
	size_t length = strlen(text);
	return length > 0 && length < CLOUD_NAME_MAX &&
	    strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == length;
}

static bool take_word(const json_t *value, const char *what, char to[CLOUD_NAME_MAX], struct err *err)
{
	const char *text = json_string_value(value);
	if (!text || !is_word(text))
		return err_set(err, ERR_BAD_INPUT, "%s has 1 to %d letters, digits, '.', '_' or '-'", what,
		    CLOUD_NAME_MAX - 1);
	text_copy(to, CLOUD_NAME_MAX, text);
	return true;
}

static bool take_number(const json_t *object, const char *name, double max, double *ret_value, struct err *err)
{
	const json_t *value = json_object_get(object, name);
	double number = json_number_value(value);
	if (!json_is_number(value) || !(number >= 0 && number <= max))
		return err_set(err, ERR_BAD_INPUT, "\"%s\" is a number from 0 to %g", name, max);
	*ret_value = number;
	return true;
}

static bool take_int(const json_t *object, const char *name, int min, int max, int *ret_value, struct err *err)
{
	int64_t number = json_int(object, name, (int64_t)min - 1);
	if (number < min || number > max)
		return err_set(err, ERR_BAD_INPUT, "\"%s\" is a whole number from %d to %d", name, min, max);
	*ret_value = (int)number;
	return true;
}

/* "07:30"; "24:00" is the end of the day. */
static bool take_clock(const json_t *object, const char *name, int max_min, int *ret_min, struct err *err)
{
	const char *text = json_text(object, name, "");
	static const char digits[] = "0123456789";
	bool formed = strlen(text) == 5 && text[2] == ':' && strspn(text, digits) == 2 && strspn(text + 3, digits) == 2;
	int hour = formed ? 10 * (text[0] - '0') + text[1] - '0' : 0;
	int minute = formed ? 10 * (text[3] - '0') + text[4] - '0' : 0;
	if (!formed || minute > 59 || 60 * hour + minute > max_min)
		return err_set(err, ERR_BAD_INPUT, "\"%s\" is a time of the day, \"07:30\"", name);
	*ret_min = 60 * hour + minute;
	return true;
}

/* https only, without a user, a query or a slash at its end: paths are added to it. */
static bool take_url(const json_t *object, char to[CLOUD_URL_MAX], struct err *err)
{
	const char *text = json_text(object, "url", ""), *host = text + strlen("https://");
	bool ok = text_starts(text, "https://") && *host && *host != '/' && *host != ':' &&
	    strlen(text) < CLOUD_URL_MAX && !text_ends(text, "/");
	for (const char *at = text; ok && *at; at++)
		ok = *at > ' ' && *at < 0x7F && !strchr("@?#\"\\<>", *at);
	if (!ok)
		return err_set(err, ERR_BAD_INPUT,
		    "\"url\" is https://host:port and perhaps a path, without a slash at the end");
	text_copy(to, CLOUD_URL_MAX, text);
	return true;
}

static bool take_path(const json_t *object, const char *name, const char *folder, char to[LIMIT_PATH], struct err *err)
{
	const char *text = json_text(object, name, "");
	bool fits = text[0] == '/' ? text_copy(to, LIMIT_PATH, text) : path_join(to, LIMIT_PATH, folder, text);
	return (text[0] && fits) || err_set(err, ERR_BAD_INPUT, "\"%s\" is the path of a file", name);
}

/* Groups */

static bool take_regions(const json_t *object, struct cloud *cloud, struct err *err)
{
	json_t *regions;
	if (!json_member(object, "regions", JSON_ARRAY, &regions, err))
		return false;
	size_t count = json_array_size(regions);
	if (count > CLOUD_REGIONS_MAX)
		return err_set(err, ERR_BAD_INPUT, "\"regions\" names at most %d regions", CLOUD_REGIONS_MAX);
	for (size_t i = 0; i < count; i++)
		if (!take_word(json_array_get(regions, i), "a region", cloud->regions[i], err))
			return false;
	cloud->regions_count = (int)count;
	return true;
}

static bool take_budget(const json_t *object, struct cloud *cloud, struct err *err)
{
	json_t *budget;
	if (!json_member(object, "budget", JSON_OBJECT, &budget, err))
		return false;
	return (check_names(budget, budget_names, err) &&
	           take_number(budget, "day", money_max, &cloud->budget_day, err) &&
	           take_number(budget, "month", money_max, &cloud->budget_month, err)) ||
	    err_add(err, "\"budget\"");
}

/* The day that a text begins with, 0 for Monday; -1: none. */
static int day_of(const char *text)
{
	static const char names[7][4] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
	for (int i = 0; i < 7; i++)
		if (text_starts(text, names[i]))
			return i;
	return -1;
}

/* "mon-fri,sun"; "sat-mon" goes over the end of the week. */
static bool take_days(const json_t *object, unsigned *ret_days, struct err *err)
{
	const char *at = json_text(object, "days", "");
	unsigned days = 0;
	for (;;) {
		int first = day_of(at), last = first;
		at += first >= 0 ? 3 : 0;
		if (first >= 0 && *at == '-') {
			last = day_of(at + 1);
			at += last >= 0 ? 4 : 0;
		}
		if (first < 0 || last < 0 || (*at && *at != ','))
			return err_set(err, ERR_BAD_INPUT, "\"days\" are \"mon-fri\" or \"sat,sun\"");
		for (int day = first;; day = (day + 1) % 7) {
			days |= 1U << day;
			if (day == last)
				break;
		}
		if (!*at)
			break;
		at++;
	}
	*ret_days = days;
	return true;
}

static bool take_window(json_t *object, struct cloud_window *window, struct err *err)
{
	if (!check_names(object, window_names, err) || !take_days(object, &window->days, err) ||
	    !take_clock(object, "from", DAY_MIN - 1, &window->from_min, err) ||
	    !take_clock(object, "to", DAY_MIN, &window->to_min, err) ||
	    !take_number(object, "mbit", mbit_max, &window->mbit, err))
		return false;
	if (window->from_min >= window->to_min)
		return err_set(err, ERR_BAD_INPUT, "\"from\" is before \"to\", on the same day");
	return window->mbit > 0 || err_set(err, ERR_BAD_INPUT, "\"mbit\" is more than 0");
}

static bool take_uplink(const json_t *object, struct cloud *cloud, struct err *err)
{
	const json_t *windows = json_object_get(object, "uplink");
	if (!windows)
		return true;
	size_t count = json_array_size(windows);
	if (!json_is_array(windows) || count > CLOUD_WINDOWS_MAX)
		return err_set(err, ERR_BAD_INPUT, "\"uplink\" is a list of at most %d windows", CLOUD_WINDOWS_MAX);
	for (size_t i = 0; i < count; i++)
		if (!take_window(json_array_get(windows, i), &cloud->windows[i], err))
			return err_add(err, "window %zu of \"uplink\"", i + 1);
	cloud->windows_count = (int)count;
	return true;
}

/* A server that the agent asks, and whom it trusts to be that; none where the member is left out. */
static bool take_peer(const json_t *object, const char *name, const char *folder, char url[CLOUD_URL_MAX],
    char ca[LIMIT_PATH], struct err *err)
{
	json_t *peer = json_object_get(object, name);
	if (!peer)
		return true;
	return (check_names(peer, peer_names, err) && take_url(peer, url, err) && take_path(peer, "ca", folder, ca, err)) ||
	    err_add(err, "\"%s\"", name);
}

/* The key is read and tried here: a wrong one would fail every batch of a morning. */
static bool take_key(const json_t *object, const char *folder, struct cloud_endpoint *endpoint, struct err *err)
{
	char path[LIMIT_PATH];
	OWN(buf_done) struct buf pem = BUF_INIT(CRYPTO_PEM_SIZE);
	uint8_t digest[CRYPTO_DIGEST_SIZE];
	struct err why;
	if (!take_path(object, "key", folder, path, err))
		return false;
	if (!file_read(path, &pem, &why) || !text_copy(endpoint->key, sizeof endpoint->key, buf_text(&pem)) ||
	    !crypto_public_digest(endpoint->key, digest, &why))
		return err_set(err, ERR_BAD_INPUT, "\"key\": %.200s", why.detail);
	return true;
}

static bool take_endpoint(json_t *object, const char *folder, struct cloud_endpoint *endpoint, struct err *err)
{
	return check_names(object, endpoint_names, err) &&
	    take_word(json_object_get(object, "name"), "\"name\"", endpoint->name, err) &&
	    take_url(object, endpoint->url, err) &&
	    take_word(json_object_get(object, "region"), "\"region\"", endpoint->region, err) &&
	    take_path(object, "ca", folder, endpoint->ca, err) && take_key(object, folder, endpoint, err) &&
	    take_int(object, "slots", 1, CLOUD_SLOTS_MAX, &endpoint->slots, err) &&
	    take_int(object, "memory_mb", 1, MEMORY_MB_MAX, &endpoint->memory_mb, err) &&
	    take_number(object, "price_gb_s", 1, &endpoint->price_gb_s, err) &&
	    take_number(object, "price_request", 1, &endpoint->price_request, err);
}

static bool take_endpoints(const json_t *object, const char *folder, struct cloud *cloud, struct err *err)
{
	json_t *endpoints;
	if (!json_member(object, "endpoints", JSON_ARRAY, &endpoints, err))
		return false;
	size_t count = json_array_size(endpoints);
	if (count > CLOUD_ENDPOINTS_MAX)
		return err_set(err, ERR_BAD_INPUT, "\"endpoints\" has at most %d of them", CLOUD_ENDPOINTS_MAX);
	for (size_t i = 0; i < count; i++) {
		struct cloud_endpoint *endpoint = &cloud->endpoints[i];
		if (!take_endpoint(json_array_get(endpoints, i), folder, endpoint, err))
			return err_add(err, "endpoint %zu", i + 1);
		for (size_t j = 0; j < i; j++)
			if (strcmp(cloud->endpoints[j].name, endpoint->name) == 0)
				return err_set(err, ERR_BAD_INPUT, "two endpoints are called %s", endpoint->name);
		for (int j = 0; j < cloud->regions_count; j++)
			endpoint->allowed |= strcmp(cloud->regions[j], endpoint->region) == 0;
	}
	cloud->endpoints_count = (int)count;
	return true;
}

static bool take_optional(const json_t *object, struct cloud *cloud, struct err *err)
{
	cloud->decision_min = 7 * 60 + 30;
	cloud->hedge_percent = 5;
	cloud->always_on_month = 40;
	return (!json_object_get(object, "decision_hour") ||
	           take_clock(object, "decision_hour", DAY_MIN - 1, &cloud->decision_min, err)) &&
	    (!json_object_get(object, "hedge_percent") ||
	        take_int(object, "hedge_percent", 0, 100, &cloud->hedge_percent, err)) &&
	    (!json_object_get(object, "always_on_month") ||
	        take_number(object, "always_on_month", money_max, &cloud->always_on_month, err));
}

static bool take_cloud(json_t *object, const char *folder, struct cloud **ret_cloud, struct err *err)
{
	OWN(cloud_free) struct cloud *cloud = calloc(1, sizeof *cloud);
	if (!cloud)
		return err_set(err, ERR_NO_MEMORY, "reading the cloud's configuration");
	if (!check_names(object, cloud_names, err) ||
	    !take_word(json_object_get(object, "site"), "\"site\"", cloud->site, err) ||
	    !take_regions(object, cloud, err) || !take_budget(object, cloud, err) ||
	    !take_optional(object, cloud, err) || !take_uplink(object, cloud, err) ||
	    !take_peer(object, "authority", folder, cloud->authority_url, cloud->authority_ca, err) ||
	    !take_peer(object, "updates", folder, cloud->updates_url, cloud->updates_ca, err) ||
	    !take_endpoints(object, folder, cloud, err))
		return false;
	*ret_cloud = TAKE(cloud);
	return true;
}

bool cloud_parse(const char *text, size_t size, const char *folder, struct cloud **ret_cloud, struct err *err)
{
	OWN(json_decref) json_t *object = NULL;
	return json_parse(text, size, &object, err) && take_cloud(object, folder, ret_cloud, err);
}

bool cloud_load(const char *path, struct cloud **ret_cloud, struct err *err)
{
	OWN(buf_done) struct buf text = BUF_INIT(FILE_BYTES_MAX);
	char folder[LIMIT_PATH];
	size_t length = (size_t)(path_name(path) - path);
	if (length >= sizeof folder)
		return err_set(err, ERR_BAD_INPUT, "path too long: %s", path);
	text_copy(folder, sizeof folder, length ? path : ".");
	folder[length > 1 ? length - 1 : 1] = 0;
	if (!file_read(path, &text, err))
		return false;
	return cloud_parse((const char *)text.data, text.size, folder, ret_cloud, err) ||
	    err_add(err, "reading %s", path);
}

void cloud_free(struct cloud *cloud)
{
	free(cloud);
}

enum cloud_news cloud_look(const char *path, int64_t *stamp, struct err *err)
{
	OWN(cloud_free) struct cloud *cloud = NULL;
	int64_t before = *stamp;
	*stamp = file_stamp(path);
	if (*stamp == before)
		return CLOUD_SAME;
	return cloud_load(path, &cloud, err) ? CLOUD_OTHER : CLOUD_BROKEN;
}

/* What it says of now */

static bool local_parts(int64_t now_us, struct tm *ret_parts)
{
	time_t seconds = (time_t)(now_us / SECOND_US);
	return localtime_r(&seconds, ret_parts) != NULL;
}

int64_t cloud_decision_us(const struct cloud *cloud, int64_t now_us)
{
	struct tm today;
	if (!local_parts(now_us, &today))
		return now_us;
	/* Tomorrow's clock may have changed, so the day is counted, not its seconds. The third day is for an hour
	 * that a change of the clock leaves out. */
	for (int day = 0; day < 3; day++) {
		struct tm parts = {.tm_year = today.tm_year, .tm_mon = today.tm_mon, .tm_mday = today.tm_mday + day,
		    .tm_hour = cloud->decision_min / 60, .tm_min = cloud->decision_min % 60, .tm_isdst = -1};
		int64_t strikes_us = (int64_t)mktime(&parts) * SECOND_US;
		if (strikes_us > now_us)
			return strikes_us;
	}
	return now_us;
}

double cloud_uplink(const struct cloud *cloud, int64_t now_us)
{
	struct tm parts;
	double mbit = 0;
	if (!local_parts(now_us, &parts))
		return 0;
	int minute = 60 * parts.tm_hour + parts.tm_min;
	unsigned day = 1U << ((parts.tm_wday + 6) % 7);
	for (int i = 0; i < cloud->windows_count; i++) {
		const struct cloud_window *window = &cloud->windows[i];
		bool open = (window->days & day) && minute >= window->from_min && minute < window->to_min;
		if (open && (mbit == 0 || window->mbit < mbit))
			mbit = window->mbit;
	}
	return mbit * 1e6 / 8;
}

int64_t cloud_cost_nano(const struct cloud_endpoint *endpoint, int64_t billed_ms)
{
	double gb_s = (double)billed_ms / 1000 * endpoint->memory_mb / 1024;
	return llround((gb_s * endpoint->price_gb_s + endpoint->price_request) * 1e9);
}
