#include "base/conf.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

static bool set_value(const struct conf_option *option, const char *value, int line, struct err *err)
{
	int64_t number;
	switch (option->kind) {
	case CONF_TEXT:
		if (!text_copy(option->value, option->size, value))
			return err_set(err, ERR_BAD_INPUT, "line %d: %s is too long", line, option->name);
		return true;
	case CONF_LIST: {
		char *list = option->value;
		size_t used = strlen(list);
		if (strlen(value) + 2 > option->size - used)
			return err_set(err, ERR_BAD_INPUT, "line %d: too much of %s", line, option->name);
		snprintf(list + used, option->size - used, "%s\n", value);
		return true;
	}
	case CONF_BOOL:
		if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
			return err_set(err, ERR_BAD_INPUT, "line %d: %s is yes or no", line, option->name);
		*(bool *)option->value = strcmp(value, "yes") == 0;
		return true;
	case CONF_INT:
		if (!text_to_i64(value, &number) || number < option->min || number > option->max)
			return err_set(err, ERR_BAD_INPUT, "line %d: %s is a number from %lld to %lld", line,
			    option->name, (long long)option->min, (long long)option->max);
		*(int64_t *)option->value = number;
		return true;
	}
	return err_set(err, ERR_INTERNAL, "option %s has no kind", option->name);
}

static bool parse_line(char *text, int line, const struct conf_option *options, size_t count, struct err *err)
{
	text = text_trim(text);
	if (*text == 0 || *text == '#')
		return true;
	char *equals = strchr(text, '=');
	if (!equals)
		return err_set(err, ERR_BAD_INPUT, "line %d: expected name = value", line);
	*equals = 0;
	const char *name = text_trim(text);
	for (size_t i = 0; i < count; i++)
		if (strcmp(options[i].name, name) == 0)
			return set_value(&options[i], text_trim(equals + 1), line, err);
	return err_set(err, ERR_BAD_INPUT, "line %d: there is no option \"%.60s\"", line, name);
}

bool conf_parse(const char *text, const struct conf_option *options, size_t count, struct err *err)
{
	OWN(free) char *copy = strdup(text);
	if (!copy)
		return err_set(err, ERR_NO_MEMORY, "parsing the configuration");
	int line = 1;
	/* Some editors begin a text with a mark that it is UTF-8. */
	char *begin = copy + (text_starts(copy, "\xEF\xBB\xBF") ? 3 : 0);
	for (char *at = begin, *next; at; at = next, line++) {
		next = strchr(at, '\n');
		if (next)
			*next++ = 0;
		if (!parse_line(at, line, options, count, err))
			return false;
	}
	return true;
}

bool conf_load(const char *path, const struct conf_option *options, size_t count, struct err *err)
{
	OWN(buf_done) struct buf text = BUF_INIT(1 << 20);
	if (!file_read(path, &text, err))
		return false;
	if (!conf_parse(buf_text(&text), options, count, err))
		return err_add(err, "reading %s", path);
	return true;
}

bool conf_load_layers(const char *path, const struct conf_option *options, size_t count, struct err *err)
{
	char local[LIMIT_PATH];
	const char *name = path_name(path);
	int length = snprintf(local, sizeof local, "%.*slocal/%s", (int)(name - path), path, name);
	if (length < 0 || (size_t)length >= sizeof local)
		return err_set(err, ERR_BAD_INPUT, "path too long: %s", path);
	return conf_load(path, options, count, err) && (!file_exists(local) || conf_load(local, options, count, err));
}
