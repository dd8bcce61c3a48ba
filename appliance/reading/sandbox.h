/* The walls of a process that decodes untrusted bytes. After sandbox_enter() it can compute, use
 * the memory it is allowed and speak on one descriptor; any other system call kills it. There is
 * no way back. */
#pragma once

#include "base/err.h"

/* Address space of the process. A 4096 x 4096 frame takes 16 MiB decoded, a batch at most
 * LIMIT_CUT_BATCH_BYTES. */
#define SANDBOX_MEMORY_BYTES (512L << 20)

/* Closes every descriptor but keep_fd, drops core dumps, limits memory and files, forbids new
 * privileges, then installs the allow-list. Errors: ERR_UNAVAILABLE when the kernel refuses a
 * wall; the caller must then exit. */
bool sandbox_enter(int keep_fd, struct err *err);
