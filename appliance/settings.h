/* What daybreakd.conf says, for the daemon and for those of the command line that ask about it. */
#pragma once

#include "base/err.h"
#include "base/limits.h"

#include <stdint.h>

#define SETTINGS_FILE "/etc/daybreak/daybreakd.conf"

enum { SETTINGS_WATCH_MAX = 32 };

struct settings {
	char store[LIMIT_PATH], web[LIMIT_PATH], profiles[LIMIT_PATH], reader[LIMIT_PATH];
	char cloud[LIMIT_PATH], sync_socket[LIMIT_PATH], update_status[LIMIT_PATH];
	char watch[8 * LIMIT_PATH]; /* watched folders, a line each; at most SETTINGS_WATCH_MAX */
	char proxy_secret[LIMIT_NAME];
	int64_t listen_port, threads, lanes, settle_s;
};

/* The file and its layer in local/ (base/conf.h); what neither names is as packaging/daybreakd.conf says. */
bool settings_load(const char *path, struct settings *ret_settings, struct err *err);
