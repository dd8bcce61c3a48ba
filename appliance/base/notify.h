/* What a service tells systemd: that it is ready, alive, stopping. Nothing happens where nobody listens. */
#pragma once

#include <stdint.h>

/* Lines of "NAME=value" as in sd_notify(3): "READY=1", "STATUS=one sentence", "WATCHDOG=1", "STOPPING=1". */
void notify_say(const char *lines);
/* Within this time systemd wants to hear WATCHDOG=1 again, or it kills the process; 0: it does not watch. */
int64_t notify_watchdog_ms(void);
