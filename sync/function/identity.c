#include "function/identity.h"

#include "base/text.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* The end of one name=value in a subject: an unescaped ',' or '+'. */
static size_t part_length(const char *at)
{
	size_t length = 0;
	while (at[length] && at[length] != ',' && at[length] != '+')
		length += at[length] == '\\' && at[length + 1] ? 2 : 1;
	return length;
}

static bool is_site(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)text[i]) && !strchr("._-", text[i]))
			return false;
	return length > 0 && length < IDENTITY_SITE_SIZE;
}

bool identity_site(const char *subject, char ret_site[IDENTITY_SITE_SIZE], struct err *err)
{
	const char *found = NULL;
	size_t found_length = 0;
	for (const char *at = subject; *at;) {
		at += strspn(at, " ");
		size_t length = part_length(at);
		if (strncasecmp(at, "CN=", 3) == 0) {
			if (found)
				return err_set(err, ERR_FORBIDDEN, "the certificate names two sites");
			found = at + 3;
			found_length = length - 3;
		}
		at += length;
		at += *at != 0;
	}
	if (!found || !is_site(found, found_length))
		return err_set(err, ERR_FORBIDDEN, "the certificate names no site");
	memcpy(ret_site, found, found_length);
	ret_site[found_length] = 0;
	return true;
}

/* Calls is_it for each name of a list; true at the first that is. */
static bool any(const char *list, bool (*is_it)(const char *name, size_t length, const char *wanted), const char *wanted)
{
	for (const char *at = list; *at;) {
		at += strspn(at, ", ");
		size_t length = strcspn(at, ",");
		size_t used = length;
		while (used && at[used - 1] == ' ')
			used--;
		if (used && is_it(at, used, wanted))
			return true;
		at += length;
	}
	return false;
}

static bool same_name(const char *name, size_t length, const char *wanted)
{
	return strlen(wanted) == length && memcmp(name, wanted, length) == 0;
}

/* Past what does not count at the start of a serial number. */
static size_t insignificant(const char *serial, size_t length)
{
	size_t at = 0;
	while (at < length && (serial[at] == '0' || serial[at] == ':'))
		at++;
	return at;
}

static bool same_serial(const char *serial, size_t length, const char *wanted)
{
	size_t wanted_length = strlen(wanted);
	size_t a = insignificant(serial, length), b = insignificant(wanted, wanted_length);
	while (a < length && b < wanted_length) {
		if (serial[a] == ':')
			a++;
		else if (wanted[b] == ':')
			b++;
		else if (tolower((unsigned char)serial[a++]) != tolower((unsigned char)wanted[b++]))
			return false;
	}
	return a == length && b == wanted_length;
}

bool identity_listed(const char *list, const char *name)
{
	return any(list, same_name, name);
}

bool identity_denied(const char *list, const char *serial)
{
	return any(list, same_serial, serial);
}

static bool check_gateway(const struct settings *settings, const struct call *call, struct err *err)
{
	const char *wanted = settings->gateway_secret, *given = call->headers[CALL_GATEWAY];
	size_t size = strlen(wanted);
	if (!size)
		return true;
	if (!given || strlen(given) != size || !crypto_equal(given, wanted, size))
		return err_set(err, ERR_FORBIDDEN, "this function is reached through its gateway only");
	return true;
}

bool identity_check(const struct settings *settings, const struct call *call, char ret_site[IDENTITY_SITE_SIZE],
    struct err *err)
{
	const char *subject = call->subject, *serial = call->serial;
	char site[IDENTITY_SITE_SIZE] = "";
	if (call->door == CALL_BY_GATEWAY) {
		const char *verified = call->headers[CALL_VERIFY];
		if (!check_gateway(settings, call, err))
			return false;
		/* nginx says NONE, SUCCESS or FAILED:reason. */
		if (verified && strcmp(verified, "SUCCESS") == 0) {
			subject = call->headers[CALL_SUBJECT];
			serial = call->headers[CALL_SERIAL];
		} else if (verified && strcmp(verified, "NONE") != 0) {
			return err_set(err, ERR_FORBIDDEN, "the gateway did not accept the client certificate");
		}
	}
	bool needed = *settings->sites || *settings->deny || *settings->gateway_secret;
	if (call->door != CALL_BY_ACCOUNT && needed) {
		if (!subject || !serial)
			return err_set(err, ERR_FORBIDDEN, "a client certificate is needed");
		if (!identity_site(subject, site, err))
			return false;
		if (*settings->sites && !identity_listed(settings->sites, "*") && !identity_listed(settings->sites, site))
			return err_set(err, ERR_FORBIDDEN, "site %s is not one that this function answers", site);
		if (identity_denied(settings->deny, serial))
			return err_set(err, ERR_FORBIDDEN, "the certificate of site %s is on the deny list", site);
	}
	memcpy(ret_site, site, sizeof site);
	return true;
}
