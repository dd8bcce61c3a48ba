/* The store and the people in it, worked on as the store's owner. */
#pragma once

#include "setup/answers.h"
#include "setup/box.h"
#include "store/users.h"

#define PEOPLE_STORE "/var/lib/daybreak/store"

/* Makes the store if there is none, and the first administrator if it has none. made: the password that was
 * made for them, "" when there was one of a file or nobody was added; to be wiped. */
bool people_make(
    struct box *box, const struct answers *answers, char ret_made[USER_PASSWORD_MADE_SIZE], struct err *err);
/* Whether a name and password sign in. */
bool people_can_sign_in(
    const struct box *box, const char *name, const char *password, bool *ret_can, struct err *err);
