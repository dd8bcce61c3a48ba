#include "settings.h"

#include "base/conf.h"
#include "base/place.h"
#include "work/work.h"

#include <string.h>

enum { SECRET_MIN = 16 };

/* What is not in the file: the usual place, or beside this program. */
static void set_defaults(struct settings *settings)
{
	*settings = (struct settings){
	    .store = "/var/lib/daybreak/store",
	    .sync_socket = "/run/daybreak/sync.sock",
	    .update_status = "/run/daybreak-update/status.json",
	    .listen_port = 8480,
	    .threads = 32,
	    .settle_s = 30};
	struct err err;
	if (!place_share(settings->web, sizeof settings->web, "web", &err))
		settings->web[0] = 0;
	if (!place_share(settings->profiles, sizeof settings->profiles, "profiles", &err))
		settings->profiles[0] = 0;
	if (!place_program(settings->reader, sizeof settings->reader, "daybreak-reader", &err))
		settings->reader[0] = 0;
}

bool settings_load(const char *path, struct settings *settings, struct err *err)
{
	set_defaults(settings);
	const struct conf_option options[] = {
	    {"store", CONF_TEXT, settings->store, sizeof settings->store, 0, 0},
	    {"listen_port", CONF_INT, &settings->listen_port, 0, 0, 65535},
	    {"proxy_secret", CONF_TEXT, settings->proxy_secret, sizeof settings->proxy_secret, 0, 0},
	    {"threads", CONF_INT, &settings->threads, 0, 4, 256},
	    {"web", CONF_TEXT, settings->web, sizeof settings->web, 0, 0},
	    {"profiles", CONF_TEXT, settings->profiles, sizeof settings->profiles, 0, 0},
	    {"reader", CONF_TEXT, settings->reader, sizeof settings->reader, 0, 0},
	    {"lanes", CONF_INT, &settings->lanes, 0, 0, WORK_LANES_MAX},
	    {"watch", CONF_LIST, settings->watch, sizeof settings->watch, 0, 0},
	    {"cloud", CONF_TEXT, settings->cloud, sizeof settings->cloud, 0, 0},
	    {"sync_socket", CONF_TEXT, settings->sync_socket, sizeof settings->sync_socket, 0, 0},
	    {"update_status", CONF_TEXT, settings->update_status, sizeof settings->update_status, 0, 0},
	    {"settle_s", CONF_INT, &settings->settle_s, 0, 0, 3600},
	};
	if (!conf_load_layers(path, options, sizeof options / sizeof *options, err))
		return false;
	if (strlen(settings->proxy_secret) < SECRET_MIN)
		return err_set(err, ERR_BAD_INPUT,
		    "%s: proxy_secret is needed, at least %d characters; daybreak setup writes it", path, SECRET_MIN);
	if (!settings->profiles[0] || !settings->reader[0])
		return err_set(err, ERR_BAD_INPUT, "%s: profiles and reader are needed", path);
	return true;
}
