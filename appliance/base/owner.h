/* Becoming the user whom something belongs to: what root started must not leave files behind that the daemon cannot open. */
#pragma once

#include "base/err.h"

/* Does nothing unless the process is root's and the path is somebody else's. For good: there is no way back. Must be
 * called before any thread is started. */
bool owner_become(const char *path, struct err *err);
