/* Plain HTTP: what Cloud Run, Knative, OpenFaaS and a self-hosted gateway speak, and Azure's custom handlers
 * too. The one file of this room that includes civetweb. TLS is the gateway's.
 *
 * - One request a connection, so that nothing can be smuggled in behind it.
 * - Bodies come with a length or in chunks (OpenFaaS's watchdog always sends chunks). A request that tells in
 *   two ways where its body ends is refused. */
#pragma once

#include "function/function.h"

struct http;

/* Listens at settings->listen and settings->port (0: a free one) and answers until stopped. */
bool http_start(
    const struct settings *settings, struct function *function, struct http **ret_http, struct err *err);
/* Lets replies that are being sent end. Drain the function first, or a batch that is being read is cut off. */
void http_stop(struct http *http);
OWN_DEFINE(struct http *, http_stop)
int http_port(const struct http *http);
