/* The clinic's side of the box: HTTP in front of the store.
 *
 *   http.c      civetweb, limits, replies          board.c embryos.c patients.c ...  one file a resource
 *   routes.c    ONE table of method, path, role    stream.c    changes as they happen
 *   sessions.c  signing in and out                 pages.c     the pages, read once at start
 *   passwords.c the one check of a password        console.c   the administrator's console
 *   cover.c     who may not see what yet           agent.c     what it asks of the sync agent
 *   guards.c    whom a page believes to work on    once.c      a word that is sent twice is taken once
 *   updates.c   the appliance's updates
 *
 * A request goes: proxy secret -> route -> session -> role -> CSRF header -> believed user -> handler. All of it is
 * decided by the row of the table; a handler only does its own work. What serve needs from rooms it may not include
 * (uploads belong to intake, progress to work) comes in as callbacks from main. serve/api.yaml describes every route,
 * and tests/api holds it to the table in both directions. */
#pragma once

#include "base/err.h"
#include "base/own.h"

#include <stddef.h>
#include <stdint.h>

/* Filled by main.c. Every callback may come from several threads at a time. */
struct serve_hooks {
	void *context;
	/* Opens a private file for an export of this name. */
	bool (*upload_begin)(void *context, const char *name, void **ret_upload, struct err *err);
	bool (*upload_write)(void *upload, const void *data, size_t size, struct err *err);
	/* The body is complete: flushes it, registers the import and queues it. Frees upload, on failure too. */
	bool (*upload_finish)(void *upload, int64_t *ret_import_id, struct err *err);
	/* The client went away: removes what was written. */
	void (*upload_abort)(void *upload);
	/* Time points read a minute; 0 when idle. */
	double (*reading_rate)(void *context);
	/* Why nothing can be read, as a sentence; "" when all is well. */
	void (*reading_problem)(void *context, char *sentence, size_t size);
};

struct serve_options {
	const char *store_folder;
	const char *web_folder;      /* the built pages; "" serves none */
	const char *profiles_folder; /* rule profiles shown by GET /api/profiles */
	const char *sync_socket;     /* where the sync agent listens; NULL or "": no cloud is configured */
	const char *update_status;   /* what the appliance's updater writes; NULL or "", or no such file: no appliance */
	const char *proxy_secret;    /* what nginx sends in X-Daybreak-Proxy */
	int port;
	int threads; /* half of them may be event streams */
	struct serve_hooks hooks;
};

struct serve;
bool serve_start(const struct serve_options *options, struct serve **ret_serve, struct err *err);
/* Ends the event streams, lets other requests finish, closes the stores. */
void serve_stop(struct serve *serve);
OWN_DEFINE(struct serve *, serve_stop)
int serve_port(const struct serve *serve);

/* One line a route: method, path, role ("-" for none), body. For `daybreakd --routes`. */
void serve_print_routes(void);
