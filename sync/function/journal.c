#include "function/journal.h"

#include "base/clock.h"

#include <stdio.h>

void journal_line(const char *severity, const char *event, json_t *facts)
{
	OWN(json_decref) json_t *owned = facts;
	char time[CLOCK_TEXT_SIZE];
	clock_format(time, clock_now_us());
	OWN(json_decref) json_t *line =
	    json_pack("{s:s, s:s, s:s}", "time", time, "severity", severity, "event", event);
	if (!line)
		return;
	if (owned)
		json_object_update_missing(line, owned);
	OWN(free) char *text = json_dumps(line, JSON_COMPACT);
	/* One call: lines of several threads do not mix. */
	if (text)
		fprintf(stderr, "%s\n", text);
}
