/* JSON is jansson's; this header is the only one that includes it. What it adds: loading with our errors
 * and required members by type. */
#pragma once

#include "base/err.h"
#include "base/own.h"

#include <jansson.h>

OWN_DEFINE(json_t *, json_decref)

/* One JSON value and nothing after it; at most 32 levels deep. The caller owns the value. */
bool json_parse(const char *text, size_t size, json_t **ret_value, struct err *err);
bool json_load(const char *path, size_t max_bytes, json_t **ret_value, struct err *err);
/* Borrowed member, or an error that names it. */
bool json_member(const json_t *object, const char *name, json_type type, json_t **ret_value, struct err *err);
/* The member's text if it is a string, else fallback. */
const char *json_text(const json_t *object, const char *name, const char *fallback);
int64_t json_int(const json_t *object, const char *name, int64_t fallback);
bool json_bool(const json_t *object, const char *name, bool fallback);
/* "2026-11-21T06:30:00Z", or null for 0: a time that is not known or has not come. */
json_t *json_utc(int64_t utc_us);
