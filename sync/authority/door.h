/* What the authority answers through the gateway:
 *
 *   POST /v1/enrol                a request in PEM: 202 {"state": "waiting", "fingerprint"}, 200 as below
 *   GET  /v1/enrol/{fingerprint}  200 {"state": "approved", "fingerprint", "certificate", "ca"}, 202 or 403
 *   POST /v1/renew                under a client certificate, for the same site: 200 {"certificate", "ca"}
 *   GET  /v1/crl                  the list in PEM
 *
 * Errors are {"error": {"code", "sentence"}} with the status of the error table. Without the gateway's secret
 * everything is refused. */
#pragma once

#include "authority/authority.h"
#include "authority/http.h"

struct door {
	struct authority *authority;
	const char *secret; /* what the gateway sends in X-Daybreak-Gateway */
	const char *list;   /* path of crl.pem */
};

/* For http_options; context is a struct door. */
bool door_answer(
    const struct http_request *request, struct http_reply *reply, void *context, struct err *err);
