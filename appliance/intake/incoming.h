/* The store's incoming/ folder: uploads while they grow, archives while they are unpacked. Private (0700), on the
 * store's disk, and empty but for what is being worked on: each thing in it is locked (flock) by its owner. */
#pragma once

#include "base/err.h"
#include "base/limits.h"

/* A new, locked file or folder with a random name below `<store>/incoming`. *ret_fd holds the lock until closed. */
bool incoming_file(const char *store_folder, char ret_path[LIMIT_PATH], int *ret_fd, struct err *err);
bool incoming_folder(const char *store_folder, char ret_path[LIMIT_PATH], int *ret_fd, struct err *err);
/* Removes what nobody holds: the remains of a crash. For the daemon's start, before the first upload. */
bool incoming_clean(const char *store_folder, struct err *err);
