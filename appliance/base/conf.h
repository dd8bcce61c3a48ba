/* Configuration: `name = value` lines, `#` comments. The options are a table of the caller's; a name that
 * is not in it, a value that does not parse or lies outside its range is an error with its line number. */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/* CONF_LIST: the option may stand several times; each value is a line of the text, with its end. */
enum conf_kind { CONF_TEXT, CONF_INT, CONF_BOOL, CONF_LIST };

struct conf_option {
	const char *name;
	enum conf_kind kind;
	void *value; /* char[size], int64_t or bool, holding the default before the file is read */
	size_t size; /* of a text or list */
	int64_t min, max;
};

bool conf_parse(const char *text, const struct conf_option *options, size_t count, struct err *err);
bool conf_load(const char *path, const struct conf_option *options, size_t count, struct err *err);
/* The file, and after it the one of the same name in the folder local beside it, if it is there: the package's file
 * is the admin's to edit, local/ is what `daybreak setup` decided, and the later word wins; a list takes from both. */
bool conf_load_layers(const char *path, const struct conf_option *options, size_t count, struct err *err);
