/* The one check of a password, for signing in and for signing. A check takes 64 MiB and a fifth of a second on purpose,
 * so few run at a time and the rest is turned away; wrong ones make the next try from that address wait. */
#pragma once

#include "serve/call.h"

/* ERR_UNAUTHENTICATED: wrong, with one sentence for every reason. ERR_TOO_MANY: wait, as the header Retry-After says.
 * Not between store_begin and store_commit. */
bool passwords_check(struct call *call, const char *name, const char *password, struct user *ret_user,
    struct err *err);
