/* Sign-in sessions. The token is 32 random bytes in hexadecimal; only its SHA-256 is stored. */
#pragma once

#include "store/store.h"
#include "store/users.h"

enum {
	SESSION_TOKEN_SIZE = 65, /* with the end */
	SESSION_IDLE_S = 3600, /* ends after an hour without a request */
	SESSION_LIFE_S = 12 * 3600, /* and with the working day */
};

bool sessions_open(struct store *store, int64_t user_id, char ret_token[SESSION_TOKEN_SIZE],
    struct err *err);
/* ERR_UNAUTHENTICATED: no such session, or over, or its user is disabled. */
bool sessions_find(struct store *store, const char *token, struct user *ret_user, struct err *err);
/* Closing an unknown session is fine. */
bool sessions_close(struct store *store, const char *token, struct err *err);
