/* rooms: serve */
#include "serve/fields.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Texts of a request head go through every small grammar; what comes out ends, and fits. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	char value[64];
	assert(text);
	memcpy(text, data, size);
	text[size] = 0;
	if (fields_cookie(text, "daybreak_session", value, sizeof value))
		assert(strlen(value) < sizeof value);
	if (fields_query(text, "name", value, sizeof value))
		assert(strlen(value) < sizeof value);
	if (fields_path_is_plain(text))
		assert(text[0] == '/' && !strstr(text, "/.") && !strstr(text, "//") && !strchr(text, '%'));
	if (fields_is_digits(text))
		assert(strlen(text) <= 18);
	fields_etag_matches(text, "\"abc\"");
	free(text);
	return 0;
}
