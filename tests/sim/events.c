#include "sim/events.h"

#include <stdlib.h>

static bool before(const struct event *a, const struct event *b)
{
	return a->at_us != b->at_us ? a->at_us < b->at_us : a->number < b->number;
}

void events_add(struct events *events, int64_t at_us, int kind, int a, int64_t serial)
{
	if (events->count == events->capacity) {
		events->capacity = events->capacity ? 2 * events->capacity : 256;
		events->heap = realloc(events->heap, (size_t)events->capacity * sizeof *events->heap);
		if (!events->heap)
			abort();
	}
	struct event event = {at_us, events->number++, kind, a, serial};
	int at = events->count++;
	for (; at > 0 && before(&event, &events->heap[(at - 1) / 2]); at = (at - 1) / 2)
		events->heap[at] = events->heap[(at - 1) / 2];
	events->heap[at] = event;
}

bool events_take(struct events *events, struct event *ret_event)
{
	if (events->count == 0)
		return false;
	*ret_event = events->heap[0];
	struct event last = events->heap[--events->count];
	int at = 0;
	for (;;) {
		int child = 2 * at + 1;
		if (child >= events->count)
			break;
		if (child + 1 < events->count && before(&events->heap[child + 1], &events->heap[child]))
			child++;
		if (!before(&events->heap[child], &last))
			break;
		events->heap[at] = events->heap[child];
		at = child;
	}
	if (events->count > 0)
		events->heap[at] = last;
	return true;
}

int64_t events_next_us(const struct events *events)
{
	return events->count > 0 ? events->heap[0].at_us : INT64_MAX;
}

void events_done(struct events *events)
{
	free(events->heap);
	*events = (struct events){0};
}
