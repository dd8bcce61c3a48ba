#include "base/json.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"

enum { DEPTH_MAX = 32 };

/* jansson descends by recursion, up to 2048 levels: more than the stack of some threads. */
static bool is_too_deep(const char *text, size_t size)
{
	int depth = 0;
	bool in_string = false;
	for (size_t i = 0; i < size; i++) {
		if (in_string && text[i] == '\\')
			i++;
		else if (text[i] == '"')
			in_string = !in_string;
		else if (!in_string && (text[i] == '[' || text[i] == '{') && ++depth > DEPTH_MAX)
			return true;
		else if (!in_string && (text[i] == ']' || text[i] == '}'))
			depth--;
	}
	return false;
}

bool json_parse(const char *text, size_t size, json_t **ret_value, struct err *err)
{
	json_error_t problem;
	if (is_too_deep(text, size))
		return err_set(err, ERR_BAD_INPUT, "JSON nested deeper than %d levels", DEPTH_MAX);
	json_t *value = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &problem);
	if (!value)
		return err_set(err, ERR_BAD_INPUT, "JSON line %d: %s", problem.line, problem.text);
	*ret_value = value;
	return true;
}

bool json_load(const char *path, size_t max_bytes, json_t **ret_value, struct err *err)
{
	OWN(buf_done) struct buf text = BUF_INIT(max_bytes);
	if (!file_read(path, &text, err) ||
	    !json_parse((const char *)text.data, text.size, ret_value, err))
		return err_add(err, "reading %s", path);
	return true;
}

bool json_member(const json_t *object, const char *name, json_type type, json_t **ret_value, struct err *err)
{
	json_t *value = json_object_get(object, name);
	if (!value)
		return err_set(err, ERR_BAD_INPUT, "member \"%s\" is missing", name);
	if (json_typeof(value) != type)
		return err_set(err, ERR_BAD_INPUT, "member \"%s\" is of the wrong type", name);
	*ret_value = value;
	return true;
}

const char *json_text(const json_t *object, const char *name, const char *fallback)
{
	const char *text = json_string_value(json_object_get(object, name));
	return text ? text : fallback;
}

int64_t json_int(const json_t *object, const char *name, int64_t fallback)
{
	const json_t *value = json_object_get(object, name);
	return json_is_integer(value) ? json_integer_value(value) : fallback;
}

bool json_bool(const json_t *object, const char *name, bool fallback)
{
	const json_t *value = json_object_get(object, name);
	return json_is_boolean(value) ? json_is_true(value) : fallback;
}

json_t *json_utc(int64_t utc_us)
{
	char text[CLOCK_TEXT_SIZE];
	if (!utc_us)
		return json_null();
	clock_format(text, utc_us);
	return json_string(text);
}
