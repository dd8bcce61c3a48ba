#include "serve/body.h"

#include "base/text.h"

#include <string.h>

static bool is_named(const char *names, const char *name)
{
	size_t length = strlen(name);
	for (const char *at = names; *at;) {
		at += strspn(at, " ");
		size_t word = strcspn(at, " ");
		if (word == length && strncmp(at, name, length) == 0)
			return true;
		at += word;
	}
	return false;
}

bool body_only(const json_t *body, const char *names, struct err *err)
{
	const char *name;
	json_t *value;
	json_object_foreach((json_t *)body, name, value)
		if (!is_named(names, name))
			return err_set(err, ERR_BAD_INPUT, "there is no member \"%.60s\" here, only: %s", name, names);
	return true;
}

bool body_text(const json_t *body, const char *name, bool needed, char *to, size_t size, struct err *err)
{
	const json_t *value = json_object_get(body, name);
	if (!needed && (!value || json_is_null(value))) {
		to[0] = 0;
		return true;
	}
	if (!json_is_string(value))
		return err_set(err, ERR_BAD_INPUT, "member \"%s\" is to be a text", name);
	const char *text = json_string_value(value);
	if (strlen(text) != json_string_length(value) || !text_is_plain(text))
		return err_set(err, ERR_BAD_INPUT, "member \"%s\" is to be plain text on one line", name);
	if (strlen(text) >= size)
		return err_set(err, ERR_BAD_INPUT, "member \"%s\" has at most %zu bytes", name, size - 1);
	return text_copy(to, size, text);
}

bool body_int(const json_t *body, const char *name, int64_t min, int64_t max, int64_t *ret_value, struct err *err)
{
	const json_t *value = json_object_get(body, name);
	if (!json_is_integer(value) || json_integer_value(value) < min || json_integer_value(value) > max)
		return err_set(err, ERR_BAD_INPUT, "member \"%s\" is to be a whole number from %lld to %lld", name,
		    (long long)min, (long long)max);
	*ret_value = json_integer_value(value);
	return true;
}

bool body_run(const json_t *body, int *ret_run, struct err *err)
{
	int64_t run = -1;
	if (json_object_get(body, "run") && !body_int(body, "run", 0, INT32_MAX, &run, err))
		return false;
	*ret_run = (int)run;
	return true;
}
