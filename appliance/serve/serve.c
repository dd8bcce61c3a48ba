#include "serve/serve.h"

#include "base/log.h"
#include "evaluation/profiles.h"
#include "serve/call.h"
#include "serve/routes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PROXY_SECRET_MIN = 16 };

static void answer(struct request *request, void *context)
{
	routes_answer(context, request);
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
	serve->options.store_folder = serve->options.web_folder = NULL;
	serve->options.profiles_folder = serve->options.sync_socket = NULL;
	serve->options.proxy_secret = strdup(options->proxy_secret);
	serve->options.update_status = strdup(options->update_status ? options->update_status : "");
	return (serve->options.proxy_secret && serve->options.update_status) ||
	    err_set(err, ERR_NO_MEMORY, "starting to serve");
}

bool serve_start(const struct serve_options *options, struct serve **ret_serve, struct err *err)
{
	if (strlen(options->proxy_secret) < PROXY_SECRET_MIN)
		return err_set(err, ERR_BAD_INPUT, "the proxy secret has at least %d characters", PROXY_SECRET_MIN);
	OWN(serve_stop) struct serve *serve = calloc(1, sizeof *serve);
	if (!serve)
		return err_set(err, ERR_NO_MEMORY, "starting to serve");
	size_t pages;
	if (!copy_options(serve, options, err) || !models_places(options->store_folder, &serve->models, err) ||
	    !load_profiles(options->profiles_folder, &serve->profiles, err) ||
	    !pages_load(options->web_folder, &serve->pages, &pages, err))
		return false;
	if (!pages)
		log_line(LOG_NOTICE, "no pages to serve: the API alone");
	serve->stores = stores_new(options->store_folder);
	serve->throttle = throttle_new();
	serve->glances = glances_new();
	serve->agent = agent_new(options->sync_socket);
	if (!serve->stores || !serve->throttle || !serve->glances || !serve->agent)
		return err_set(err, ERR_NO_MEMORY, "starting to serve");
	const struct http_options http = {
	    .port = options->port,
	    .threads = options->threads,
	    .answer = answer,
	    .context = serve,
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
	stores_free(serve->stores);
	pages_free(serve->pages);
	throttle_free(serve->throttle);
	glances_free(serve->glances);
	agent_free(serve->agent);
	free(serve->profiles);
	free((char *)(uintptr_t)serve->options.proxy_secret);
	free((char *)(uintptr_t)serve->options.update_status);
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
