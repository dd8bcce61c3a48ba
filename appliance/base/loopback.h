/* One question to the daemon on this machine, for those who ask whether it is alive. */
#pragma once

#include "base/buf.h"

/* GET path at 127.0.0.1:port as nginx would send it; the body of the answer goes to `to`. ERR_UNAVAILABLE: nobody
 * answers there, or not within wait_ms. */
bool loopback_get(int port, const char *path, const char *proxy_secret, int wait_ms, struct buf *to, int *ret_status,
    struct err *err);
