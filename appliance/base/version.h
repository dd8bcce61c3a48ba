/* Versions of our releases and their order, which is Debian's: packages, bundles and the floor agree on it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { VERSION_SIZE = 64 };

/* Begins with a digit; then letters, digits, '.', '+' and '~', fewer than VERSION_SIZE of all. Ours have no Debian
 * revision, so no '-'. */
bool version_valid(const char *version);
/* < 0: a is older than b. '~' sorts before the end ("1.0~rc1" is older than "1.0"), runs of digits are numbers. */
int version_compare(const char *a, const char *b);
/* The version that runs: IMAGE_VERSION of that os-release file (NULL: the system's), which the appliance's image has;
 * without one, this program's own. */
void version_running(const char *os_release, char ret_version[VERSION_SIZE]);
