#include "serve/serve.h"

#include "base/log.h"
#include "evaluation/profiles.h"
#include "serve/call.h"
#include "serve/routes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PROXY_SECRET_MIN = 16 };

/* One thread of the server with its own connection to the store, opened when it is first needed. */
struct worker {
	const struct serve *serve;
	struct store *store;
};

static void *worker_begin(void *context)
{
	struct worker *worker = calloc(1, sizeof *worker);
	if (worker)
		worker->serve = context;
	return worker;
}

static void worker_end(void *thread)
{
	struct worker *worker = thread;
	if (worker)
		store_close(worker->store);
	free(worker);
}

static struct store *worker_store(void *thread, struct err *err)
{
	struct worker *worker = thread;
	if (!worker)
		err_set(err, ERR_NO_MEMORY, "a worker has not started");
	else if (worker->store || store_open(worker->serve->options.store_folder, &worker->store, err))
		return worker->store;
	return NULL;
}

static void worker_answer(struct request *request, void *thread, void *context)
{
	routes_answer(context, request, worker_store, thread);
}

static bool load_profiles(const char *folder, char **ret_text, struct err *err)
{
	OWN(profiles_free) struct profiles *profiles = NULL;
	if (!profiles_load(folder, &profiles, err))
		return false;
	OWN(json_decref) json_t *value = profiles_json(profiles);
	*ret_text = value ? json_dumps(value, JSON_COMPACT) : NULL;
	return *ret_text || err_set(err, ERR_NO_MEMORY, "listing the profiles");
}

static bool copy_options(struct serve *serve, const struct serve_options *options, struct err *err)
{
	serve->options = *options;
	serve->options.store_folder = strdup(options->store_folder);
	serve->options.proxy_secret = strdup(options->proxy_secret);
	serve->options.web_folder = NULL;
	serve->options.profiles_folder = NULL;
	if (!serve->options.store_folder || !serve->options.proxy_secret)
		return err_set(err, ERR_NO_MEMORY, "starting to serve");
	return true;
}

bool serve_start(const struct serve_options *options, struct serve **ret_serve, struct err *err)
{
	if (strlen(options->proxy_secret) < PROXY_SECRET_MIN)
		return err_set(err, ERR_BAD_INPUT, "the proxy secret has at least %d characters", PROXY_SECRET_MIN);
	OWN(serve_stop) struct serve *serve = calloc(1, sizeof *serve);
	if (!serve)
		return err_set(err, ERR_NO_MEMORY, "starting to serve");
	size_t pages;
	if (!copy_options(serve, options, err) || !load_profiles(options->profiles_folder, &serve->profiles, err) ||
	    !pages_load(options->web_folder, &serve->pages, &pages, err))
		return false;
	if (!pages)
		log_line(LOG_NOTICE, "no pages to serve: the API alone");
	serve->throttle = throttle_new();
	if (!serve->throttle)
		return err_set(err, ERR_NO_MEMORY, "starting to serve");
	const struct http_options http = {
	    .port = options->port,
	    .threads = options->threads,
	    .context = serve,
	    .thread_begin = worker_begin,
	    .thread_end = worker_end,
	    .answer = worker_answer,
	};
	if (!http_start(&http, &serve->http, err))
		return false;
	*ret_serve = TAKE(serve);
	return true;
}

void serve_stop(struct serve *serve)
{
	if (!serve)
		return;
	http_stop(serve->http);
	pages_free(serve->pages);
	throttle_free(serve->throttle);
	free(serve->profiles);
	free((char *)serve->options.store_folder);
	free((char *)serve->options.proxy_secret);
	free(serve);
}

int serve_port(const struct serve *serve)
{
	return http_port(serve->http);
}

void serve_print_routes(void)
{
	for (size_t i = 0; i < routes_count(); i++) {
		const struct route *route = routes_at(i);
		printf("%-6s %-42s %-12s %s\n", route->method, route->path, access_name(route->access),
		    body_name(route->body));
	}
}
