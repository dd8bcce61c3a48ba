/* One call of the API on its way to its handler: everything the row of the routes table asked for has been checked
 * and read. Handlers are listed in handlers.h. */
#pragma once

#include "models/models.h"
#include "serve/agent.h"
#include "serve/glances.h"
#include "serve/http.h"
#include "serve/pages.h"
#include "serve/serve.h"
#include "serve/stores.h"
#include "serve/throttle.h"
#include "store/store.h"
#include "store/users.h"

#include <stdatomic.h>

enum {
	CALL_NUMBERS_MAX = 3,
	/* An upload holds a worker for minutes; the disk is no faster with more of them. */
	CALL_UPLOADS_MAX = 4,
};

/* What all calls share. Made by serve_start. */
struct serve {
	struct serve_options options; /* of its texts only the last two are kept */
	struct http *http;
	struct stores *stores; /* safe for all threads, as are all below */
	struct pages *pages;
	char *profiles; /* JSON text of GET /api/profiles */
	struct models_places models; /* where they lie; nobody writes it */
	struct throttle *throttle;
	struct glances *glances;
	struct agent *agent;
	atomic_int uploads;
	atomic_int streams;
};

struct call {
	struct request *request;
	struct serve *serve;
	struct store *store; /* lent for this call; NULL for ACCESS_ANYONE */
	struct user user;    /* id 0 where the route needs no session */
	const char *token;   /* of the session; NULL likewise */
	int64_t numbers[CALL_NUMBERS_MAX]; /* of the path, in order */
	json_t *body;        /* borrowed; NULL where the route takes none */
};

/* Answers and returns true, or gives an error that the caller answers with. */
typedef bool call_handler(struct call *call, struct err *err);
