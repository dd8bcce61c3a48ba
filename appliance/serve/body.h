/* Members of a JSON request body, with sentences about what is wrong. A member that no reader asked for is a typing
 * mistake of the client's and is refused: body_only() names what may be there. */
#pragma once

#include "base/err.h"
#include "base/json.h"

#include <stddef.h>
#include <stdint.h>

/* names: separated by blanks. */
bool body_only(const json_t *body, const char *names, struct err *err);
/* Plain text that fits; "" where it is missing or null and not needed. */
bool body_text(const json_t *body, const char *name, bool needed, char *to, size_t size, struct err *err);
bool body_int(const json_t *body, const char *name, int64_t min, int64_t max, int64_t *ret_value, struct err *err);
/* Member "run", a time point; -1 where it is missing. */
bool body_run(const json_t *body, int *ret_run, struct err *err);
