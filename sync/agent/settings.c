#include "agent/settings.h"

#include "base/conf.h"

bool settings_load(const char *path, struct settings *ret_settings, struct err *err)
{
	struct settings settings = {.folder = "/var/lib/daybreak-sync",
	    .socket = "/run/daybreak/sync.sock",
	    .cloud = "/etc/daybreak/cloud.json"};
	const struct conf_option options[] = {
	    {"folder", CONF_TEXT, settings.folder, sizeof settings.folder, 0, 0},
	    {"socket", CONF_TEXT, settings.socket, sizeof settings.socket, 0, 0},
	    {"cloud", CONF_TEXT, settings.cloud, sizeof settings.cloud, 0, 0},
	};
	if (!conf_load_layers(path, options, sizeof options / sizeof *options, err))
		return false;
	*ret_settings = settings;
	return true;
}
