#include "evaluation/profile.h"

#include "base/crypto.h"
#include "base/text.h"

#include <string.h>

/* Whole digits of a bound: 99999 h is far beyond any culture, and products of it stay far below 2^63. */
enum { BOUND_DIGITS = 5 };

static const struct {
	const char *name, *meaning;
} noted_table[NOTED_COUNT] = {
#define X(noted, name, meaning) [noted] = {name, meaning},
    NOTED_TABLE(X)
#undef X
};

const char *noted_meaning(enum noted noted)
{
	return noted_table[noted].meaning;
}

static bool has_only(const json_t *object, const char *const *allowed, const char *what, struct err *err)
{
	const char *key;
	json_t *value;
	json_object_foreach((json_t *)object, key, value)
	{
		const char *const *name = allowed;
		while (*name && strcmp(*name, key) != 0)
			name++;
		if (!*name)
			return err_set(err, ERR_BAD_INPUT, "%s: member \"%.40s\" is not known", what, key);
	}
	return true;
}

static bool read_text(const json_t *object, const char *name, char *to, size_t size, struct err *err)
{
	json_t *value;
	if (!json_member(object, name, JSON_STRING, &value, err))
		return false;
	if (!json_string_length(value) || !text_is_plain(json_string_value(value)))
		return err_set(err, ERR_BAD_INPUT, "\"%s\" must be plain text, not empty", name);
	if (!text_copy(to, size, json_string_value(value)))
		return err_set(err, ERR_BAD_INPUT, "\"%s\" is longer than %zu bytes", name, size - 1);
	return true;
}

/* "-11.90" with at most `places` decimals as an integer of 10^places; leaves *at behind it. */
static bool read_decimal(const char **at, int places, int64_t *ret_value)
{
	const char *c = *at;
	bool negative = *c == '-';
	c += negative;
	int64_t value = 0;
	int digits = 0;
	for (; *c >= '0' && *c <= '9' && digits < BOUND_DIGITS; c++, digits++)
		value = value * 10 + (*c - '0');
	bool has_point = *c == '.';
	c += has_point;
	int decimals = 0;
	for (; has_point && *c >= '0' && *c <= '9' && decimals < places; c++, decimals++)
		value = value * 10 + (*c - '0');
	if (!digits || (has_point && !decimals) || (*c >= '0' && *c <= '9'))
		return false;
	for (; decimals < places; decimals++)
		value *= 10;
	*at = c;
	*ret_value = negative ? -value : value;
	return true;
}

/* "48.8 h" to seconds, or "0.5781" to 1/10000. */
static bool read_bound(const json_t *value, bool is_ratio, int64_t *ret_value, struct err *err)
{
	const char *text = json_string_value(value);
	int64_t number = 0;
	if (!text || !read_decimal(&text, 4, &number))
		return err_set(err, ERR_BAD_INPUT, "a bound is text like %s", is_ratio ? "\"0.5781\"" : "\"48.8 h\"");
	if (is_ratio) {
		if (*text)
			return err_set(err, ERR_BAD_INPUT, "a bound of a ratio carries no unit");
		*ret_value = number;
		return true;
	}
	if (strcmp(text, " h") != 0)
		return err_set(err, ERR_BAD_INPUT, "a bound of a time ends in \" h\"");
	if (number * 3600 % 10000)
		return err_set(err, ERR_BAD_INPUT, "%s is not a whole number of seconds", json_string_value(value));
	*ret_value = number * 3600 / 10000;
	return true;
}

static bool read_terms(const json_t *list, struct profile_terms *ret_terms, struct err *err)
{
	*ret_terms = (struct profile_terms){0};
	if (!json_is_array(list) || json_array_size(list) < 1 || json_array_size(list) > PROFILE_TERMS_MAX)
		return err_set(err, ERR_BAD_INPUT, "a sum is a list of 1 to %d events", PROFILE_TERMS_MAX);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *text = json_string_value(json_array_get(list, i));
		if (!text)
			return err_set(err, ERR_BAD_INPUT, "a sum names events: \"t3\" or \"-t2\"");
		bool minus = text[0] == '-';
		enum stage event;
		if (!stage_from_name(text + minus, &event) || event == STAGE_EMPTY)
			return err_set(err, ERR_BAD_INPUT, "\"%.20s\" is not an event", text);
		ret_terms->of[ret_terms->count].event = event;
		ret_terms->of[ret_terms->count++].sign = minus ? -1 : 1;
	}
	return true;
}

static bool is_name(const char *name)
{
	size_t length = strlen(name);
	return length > 0 && length < PROFILE_NAME_MAX && text_is_plain(name);
}

static bool find_quantity(const struct profile *profile, const char *name, size_t *ret_index, struct err *err)
{
	for (size_t i = 0; i < profile->quantities_count; i++) {
		if (strcmp(profile->quantities[i].name, name) != 0)
			continue;
		*ret_index = i;
		return true;
	}
	return err_set(err, ERR_BAD_INPUT, "there is no quantity \"%.40s\"", name);
}

static bool read_quantities(const json_t *root, struct profile *profile, struct err *err)
{
	static const char *const allowed[] = {"time", "over", NULL};
	json_t *object, *value;
	const char *key;
	if (!json_member(root, "quantities", JSON_OBJECT, &object, err))
		return false;
	json_object_foreach(object, key, value)
	{
		struct profile_quantity *quantity = &profile->quantities[profile->quantities_count];
		json_t *over = json_object_get(value, "over");
		if (profile->quantities_count == PROFILE_QUANTITIES_MAX || !is_name(key))
			return err_set(err, ERR_BAD_INPUT, "quantities: too many, or an unfit name");
		if (!json_is_object(value) || !has_only(value, allowed, key, err) ||
		    !read_terms(json_object_get(value, "time"), &quantity->time, err) ||
		    (over && !read_terms(over, &quantity->over, err)))
			return err_add(err, "quantity \"%s\"", key);
		text_copy(quantity->name, sizeof quantity->name, key);
		profile->quantities_count++;
	}
	return true;
}

static bool read_bounds(const json_t *value, bool is_ratio, struct profile_test *test, struct err *err)
{
	const json_t *from = json_object_get(value, "from"), *above = json_object_get(value, "above");
	const json_t *to = json_object_get(value, "to"), *below = json_object_get(value, "below");
	if ((from && above) || (to && below) || (!from && !above && !to && !below))
		return err_set(err, ERR_BAD_INPUT, "give one lower bound, one upper bound, or one of each");
	test->has_low = from || above;
	test->low_open = above;
	test->has_high = to || below;
	test->high_open = below;
	if (test->has_low && !read_bound(from ? from : above, is_ratio, &test->low, err))
		return false;
	if (test->has_high && !read_bound(to ? to : below, is_ratio, &test->high, err))
		return false;
	if (test->has_low && test->has_high && test->low > test->high)
		return err_set(err, ERR_BAD_INPUT, "the lower bound is above the upper one");
	return true;
}

static bool read_test(const json_t *value, const struct profile *profile, struct profile_test *test, struct err *err)
{
	static const char *const allowed[] = {"of", "from", "to", "above", "below", "noted", "method", "text", NULL};
	const char *of = json_text(value, "of", NULL), *noted = json_text(value, "noted", NULL);
	const char *method = json_text(value, "method", NULL);
	if (!json_is_object(value) || !has_only(value, allowed, "test", err) ||
	    !read_text(value, "text", test->text, sizeof test->text, err))
		return false;
	if (!!of + !!noted + !!method != 1)
		return err_set(err, ERR_BAD_INPUT, "a test has one of \"of\", \"noted\", \"method\"");
	if (of) {
		test->kind = TEST_BOUNDS;
		return find_quantity(profile, of, &test->quantity, err) &&
		    read_bounds(value, profile->quantities[test->quantity].over.count > 0, test, err);
	}
	if (method) {
		test->kind = TEST_METHOD;
		return insemination_from_name(method, &test->method)
		    ? true
		    : err_set(err, ERR_BAD_INPUT, "the method is ICSI or IVF");
	}
	test->kind = TEST_NOTED;
	for (int i = 0; i < NOTED_COUNT; i++) {
		if (strcmp(noted_table[i].name, noted) != 0)
			continue;
		test->noted = (enum noted)i;
		return true;
	}
	return err_set(err, ERR_BAD_INPUT, "\"%.40s\" is not an observation", noted);
}

static bool read_tests(const json_t *root, struct profile *profile, struct err *err)
{
	json_t *object, *value;
	const char *key;
	if (!json_object_get(root, "tests"))
		return true;
	if (!json_member(root, "tests", JSON_OBJECT, &object, err))
		return false;
	json_object_foreach(object, key, value)
	{
		/* "not x" in a rule turns test x round, so no test may be called that. */
		if (profile->tests_count == PROFILE_TESTS_MAX || !is_name(key) || strncmp(key, "not ", 4) == 0)
			return err_set(err, ERR_BAD_INPUT, "tests: too many, or an unfit name");
		struct profile_test *test = &profile->tests[profile->tests_count];
		if (!read_test(value, profile, test, err))
			return err_add(err, "test \"%s\"", key);
		text_copy(test->name, sizeof test->name, key);
		profile->tests_count++;
	}
	return true;
}

static bool read_when(const json_t *value, const struct profile *profile, struct profile_rule *rule, struct err *err)
{
	json_t *when;
	if (!json_member(value, "when", JSON_ARRAY, &when, err))
		return false;
	if (json_array_size(when) > PROFILE_TESTS_MAX)
		return err_set(err, ERR_BAD_INPUT, "a row has at most %d tests", PROFILE_TESTS_MAX);
	for (size_t i = 0; i < json_array_size(when); i++) {
		const char *name = json_string_value(json_array_get(when, i));
		if (!name)
			return err_set(err, ERR_BAD_INPUT, "\"when\" lists names of tests");
		bool negated = strncmp(name, "not ", 4) == 0;
		size_t test = 0;
		while (test < profile->tests_count && strcmp(profile->tests[test].name, name + 4 * negated) != 0)
			test++;
		if (test == profile->tests_count)
			return err_set(err, ERR_BAD_INPUT, "there is no test \"%.40s\"", name);
		rule->when[rule->count].test = test;
		rule->when[rule->count++].negated = negated;
	}
	return true;
}

static bool read_exclusions(const json_t *root, struct profile *profile, struct err *err)
{
	static const char *const allowed[] = {"when", "reason", NULL};
	const json_t *list = json_object_get(root, "exclusions");
	if (list && !json_is_array(list))
		return err_set(err, ERR_BAD_INPUT, "\"exclusions\" is a list");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *value = json_array_get(list, i);
		if (profile->rules_count == PROFILE_RULES_MAX)
			return err_set(err, ERR_BAD_INPUT, "more than %d rows", PROFILE_RULES_MAX);
		struct profile_rule *rule = &profile->rules[profile->rules_count++];
		rule->class_index = -1;
		if (!json_is_object(value) || !has_only(value, allowed, "row", err) ||
		    !read_text(value, "reason", rule->reason, sizeof rule->reason, err) ||
		    !read_when(value, profile, rule, err))
			return err_add(err, "exclusion %zu", i + 1);
		if (!rule->count)
			return err_set(err, ERR_BAD_INPUT, "exclusion %zu would exclude every embryo", i + 1);
	}
	return true;
}

static bool read_classes(const json_t *root, struct profile *profile, struct err *err)
{
	json_t *list;
	if (!json_member(root, "classes", JSON_ARRAY, &list, err))
		return false;
	if (json_array_size(list) < 1 || json_array_size(list) > PROFILE_CLASSES_MAX)
		return err_set(err, ERR_BAD_INPUT, "a profile has 1 to %d classes", PROFILE_CLASSES_MAX);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *name = json_string_value(json_array_get(list, i));
		if (!name || !is_name(name))
			return err_set(err, ERR_BAD_INPUT, "class %zu is not a short plain name", i + 1);
		for (size_t k = 0; k < i; k++)
			if (strcmp(profile->classes[k], name) == 0)
				return err_set(err, ERR_BAD_INPUT, "class \"%s\" is there twice", name);
		text_copy(profile->classes[profile->classes_count++], PROFILE_NAME_MAX, name);
	}
	return true;
}

static bool read_rule(const json_t *value, struct profile *profile, struct err *err)
{
	static const char *const allowed[] = {"when", "class", NULL};
	char name[PROFILE_NAME_MAX];
	struct profile_rule *rule = &profile->rules[profile->rules_count];
	if (!json_is_object(value) || !has_only(value, allowed, "row", err) ||
	    !read_text(value, "class", name, sizeof name, err) || !read_when(value, profile, rule, err))
		return false;
	rule->class_index = -1;
	for (size_t i = 0; i < profile->classes_count; i++)
		if (strcmp(profile->classes[i], name) == 0)
			rule->class_index = (int)i;
	if (rule->class_index < 0)
		return err_set(err, ERR_BAD_INPUT, "class \"%s\" is not among the classes", name);
	profile->rules_count++;
	return true;
}

static bool read_rules(const json_t *root, struct profile *profile, struct err *err)
{
	json_t *list;
	if (!json_member(root, "rules", JSON_ARRAY, &list, err))
		return false;
	size_t count = json_array_size(list);
	if (count < 1 || count > PROFILE_RULES_MAX - profile->rules_count)
		return err_set(err, ERR_BAD_INPUT, "a profile has 1 to %d rows", PROFILE_RULES_MAX);
	for (size_t i = 0; i < count; i++)
		if (!read_rule(json_array_get(list, i), profile, err))
			return err_add(err, "rule %zu", i + 1);
	/* So that every embryo with the needed events falls into a class. */
	if (profile->rules[profile->rules_count - 1].count)
		return err_set(err, ERR_BAD_INPUT, "the last rule must have an empty \"when\"");
	return true;
}

static bool read_heading(const json_t *root, struct profile *profile, struct err *err)
{
	json_t *verified;
	if (json_int(root, "format", 0) != 1)
		return err_set(err, ERR_UNSUPPORTED, "\"format\" must be 1");
	if (!read_text(root, "id", profile->id, sizeof profile->id, err) ||
	    !read_text(root, "title", profile->title, sizeof profile->title, err) ||
	    !read_text(root, "citation", profile->citation, sizeof profile->citation, err) ||
	    !read_text(root, "version", profile->version, sizeof profile->version, err))
		return false;
	if (json_object_get(root, "doi") && !read_text(root, "doi", profile->doi, sizeof profile->doi, err))
		return false;
	for (const char *c = profile->id; *c; c++)
		if (!((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || *c == '-'))
			return err_set(err, ERR_BAD_INPUT, "the id \"%s\" may hold a-z, 0-9 and - only", profile->id);
	verified = json_object_get(root, "verified");
	if (!json_is_boolean(verified))
		return err_set(err, ERR_BAD_INPUT, "\"verified\" must be true or false");
	profile->verified = json_is_true(verified);
	if (!profile->verified || json_object_get(root, "caution"))
		return read_text(root, "caution", profile->caution, sizeof profile->caution, err);
	return true;
}

static bool read_profile(const json_t *root, struct profile *profile, struct err *err)
{
	static const char *const allowed[] = {"format", "id", "title", "citation", "doi", "version", "verified",
	    "caution", "quantities", "tests", "exclusions", "rules", "classes", "value", NULL};
	if (!json_is_object(root))
		return err_set(err, ERR_BAD_INPUT, "a profile is one JSON object");
	if (!has_only(root, allowed, "profile", err) || !read_heading(root, profile, err) ||
	    !read_quantities(root, profile, err) || !read_tests(root, profile, err) ||
	    !read_exclusions(root, profile, err))
		return false;
	const char *value = json_text(root, "value", NULL);
	profile->value = -1;
	if (!json_object_get(root, "value"))
		return read_classes(root, profile, err) && read_rules(root, profile, err);
	size_t quantity = 0;
	if (!value || json_object_get(root, "rules") || json_object_get(root, "classes"))
		return err_set(err, ERR_BAD_INPUT, "a profile has \"value\", or \"rules\" and \"classes\"");
	if (!find_quantity(profile, value, &quantity, err))
		return false;
	profile->value = (int)quantity;
	return true;
}

bool profile_parse(const char *text, size_t size, struct profile **ret_profile, struct err *err)
{
	OWN(json_decref) json_t *root = NULL;
	OWN(profile_free) struct profile *profile = calloc(1, sizeof *profile);
	if (!profile)
		return err_set(err, ERR_NO_MEMORY, "reading a profile");
	if (size > PROFILE_BYTES_MAX)
		return err_set(err, ERR_TOO_LARGE, "a profile has at most %d bytes", PROFILE_BYTES_MAX);
	if (!json_parse(text, size, &root, err) || !read_profile(root, profile, err))
		return false;
	uint8_t digest[CRYPTO_DIGEST_SIZE];
	crypto_sha256(text, size, digest);
	text_hex(profile->digest, digest, sizeof digest);
	*ret_profile = TAKE(profile);
	return true;
}

void profile_free(struct profile *profile)
{
	free(profile);
}
