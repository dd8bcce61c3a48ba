/* Who may ask. The door in front checked the client certificate; not all doors check revocation (API Gateway
 * does not), so the function looks at the site and the serial number itself.
 *
 * A gateway says X-Client-Verify: SUCCESS, and who it is in one of two ways: X-Client-Subject (RFC 2253)
 * with X-Client-Serial (hexadecimal), or Client-Cert (RFC 9440: the certificate's DER in base 64 between
 * colons). Both at once are refused: one of them then comes from the client. */
#pragma once

#include "function/call.h"
#include "function/settings.h"

enum { IDENTITY_SITE_SIZE = 64 };

/* The caller's site, "" where nobody had to say. ERR_FORBIDDEN with what is missing or not allowed. */
bool identity_check(const struct settings *settings, const struct call *call,
    char ret_site[IDENTITY_SITE_SIZE], struct err *err);
/* The CN of a subject as RFC 2253 writes it. ERR_FORBIDDEN: none, two, or one that is no site's name
 * (letters, digits, '.', '_', '-'). */
bool identity_site(const char *subject, char ret_site[IDENTITY_SITE_SIZE], struct err *err);
/* One of a list with commas, blanks around names left out. */
bool identity_listed(const char *list, const char *name);
/* As identity_listed, for serial numbers: case, colons and leading zeros do not count. */
bool identity_denied(const char *list, const char *serial);
