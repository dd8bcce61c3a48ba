/* Where the running program's companions lie: programs beside it in bin/, data in ../share/daybreak/. The build
 * tree has the same shape as an installed one. */
#pragma once

#include "base/err.h"

#include <stddef.h>

/* Full path of a program of ours, "daybreak-reader". */
bool place_program(char *to, size_t size, const char *name, struct err *err);
/* Full path of a data folder or file of ours, "profiles". */
bool place_share(char *to, size_t size, const char *name, struct err *err);
