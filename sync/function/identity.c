#include "function/identity.h"

#include "base/certificate.h"

#include <ctype.h>
#include <stdio.h>
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
static bool any(
    const char *list, bool (*is_it)(const char *name, size_t length, const char *wanted), const char *wanted)
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

/* The certificate of a Client-Cert header as PEM. */
static bool take_pem(const char *header, char pem[CERTIFICATE_PEM_SIZE], struct err *err)
{
	size_t length = strlen(header);
	bool framed = length > 2 && header[0] == ':' && header[length - 1] == ':';
	int written = !framed ? -1 : snprintf(pem, CERTIFICATE_PEM_SIZE,
	    "-----BEGIN CERTIFICATE-----\n%.*s\n-----END CERTIFICATE-----\n", (int)length - 2, header + 1);
	if (written < 0 || written >= CERTIFICATE_PEM_SIZE)
		return err_set(err, ERR_FORBIDDEN, "the gateway's Client-Cert is no certificate");
	return true;
}

struct caller {
	const char *subject, *serial; /* NULL: unknown */
	struct certificate_facts facts; /* what they may point to */
};

static bool take_certificate(const char *pem, struct caller *caller, struct err *err)
{
	if (!certificate_read(pem, &caller->facts, err)) {
		err->code = ERR_FORBIDDEN;
		return err_add(err, "the client certificate");
	}
	caller->subject = caller->facts.subject;
	caller->serial = caller->facts.serial;
	return true;
}

static bool take_gateway(const struct settings *settings, const struct call *call, struct caller *caller,
    struct err *err)
{
	const char *verified = call->headers[CALL_VERIFY], *certificate = call->headers[CALL_CERTIFICATE];
	char pem[CERTIFICATE_PEM_SIZE];
	if (!check_gateway(settings, call, err))
		return false;
	/* nginx says NONE, SUCCESS or FAILED:reason. */
	if (!verified || strcmp(verified, "NONE") == 0)
		return true;
	if (strcmp(verified, "SUCCESS") != 0)
		return err_set(err, ERR_FORBIDDEN, "the gateway did not accept the client certificate");
	if (certificate && call->headers[CALL_SUBJECT])
		return err_set(
		    err, ERR_FORBIDDEN, "two headers say who asks: Client-Cert and X-Client-Subject");
	if (certificate)
		return take_pem(certificate, pem, err) && take_certificate(pem, caller, err);
	caller->subject = call->headers[CALL_SUBJECT];
	caller->serial = call->headers[CALL_SERIAL];
	return true;
}

static bool take_caller(const struct settings *settings, const struct call *call, struct caller *caller,
    struct err *err)
{
	if (call->door == CALL_BY_GATEWAY)
		return take_gateway(settings, call, caller, err);
	if (call->certificate && *call->certificate)
		return take_certificate(call->certificate, caller, err);
	caller->subject = call->subject;
	caller->serial = call->serial;
	return true;
}

bool identity_check(const struct settings *settings, const struct call *call,
    char ret_site[IDENTITY_SITE_SIZE], struct err *err)
{
	struct caller caller = {0};
	char site[IDENTITY_SITE_SIZE] = "";
	bool needed = *settings->sites || *settings->deny || *settings->gateway_secret;
	if (!take_caller(settings, call, &caller, err))
		return false;
	if (call->door != CALL_BY_ACCOUNT && needed) {
		if (!caller.subject || !caller.serial)
			return err_set(err, ERR_FORBIDDEN, "a client certificate is needed");
		if (!identity_site(caller.subject, site, err))
			return false;
		if (*settings->sites && !identity_listed(settings->sites, "*") &&
		    !identity_listed(settings->sites, site))
			return err_set(
			    err, ERR_FORBIDDEN, "site %s is not one that this function answers", site);
		if (identity_denied(settings->deny, caller.serial))
			return err_set(
			    err, ERR_FORBIDDEN, "the certificate of site %s is on the deny list", site);
	}
	memcpy(ret_site, site, sizeof site);
	return true;
}
