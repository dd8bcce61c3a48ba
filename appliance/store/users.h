/* People who sign in. Passwords are argon2id hashes (RFC 9106: 64 MiB, 3 passes, 1 lane). `by_id` is who does it, 0 the
 * command line, for the audit row. */
#pragma once

#include "model/clinic.h"
#include "store/store.h"

struct user {
	int64_t id;
	char name[LIMIT_NAME];
	enum role role;
	bool disabled;
};

enum {
	USER_PASSWORD_MIN = 8,
	USER_PASSWORD_MAX = 256,
	USER_PASSWORD_MADE_SIZE = 24,
	/* So many failed sign-ins within the window close the name until the window has passed. */
	USER_FAILURES_MAX = 10,
	USER_FAILURES_WINDOW_S = 600,
};

/* Twenty letters of an alphabet of 32 without look-alikes: 100 bits. */
void users_make_password(char ret_password[USER_PASSWORD_MADE_SIZE]);
/* ERR_CONFLICT: the name is taken. ERR_BAD_INPUT: name or password not fit. */
bool users_add(struct store *store, int64_t by_id, const char *name, const char *password, enum role role,
    int64_t *ret_id, struct err *err);
/* ERR_UNAUTHENTICATED with one and the same sentence, after the same time, for a wrong name, a wrong
 * password and a disabled account; with another one for a name (whether there is such a user or not) that
 * failed too often. */
bool users_check(struct store *store, const char *name, const char *password, struct user *ret_user,
    struct err *err);
bool users_get(struct store *store, int64_t id, struct user *ret_user, struct err *err);
bool users_each(struct store *store, bool (*each)(const struct user *user, void *context), void *context,
    struct err *err);
/* These end the user's sessions. ERR_CONFLICT: nobody would be left who administers the box. */
bool users_set_password(struct store *store, int64_t by_id, int64_t id, const char *password, struct err *err);
bool users_set_role(struct store *store, int64_t by_id, int64_t id, enum role role, bool disabled, struct err *err);
