/* The function's log: one JSON object a line on stderr, which the clouds' log collectors take apart by
 * themselves. Ids, numbers and sentences of our own; never a byte of what a batch holds. */
#pragma once

#include "base/json.h"

/* {"time", "severity", "event", ...facts}. severity: "INFO", "WARNING" or "ERROR", as Google Cloud names
 * them. Takes the reference to facts; NULL for none. */
void journal_line(const char *severity, const char *event, json_t *facts);
