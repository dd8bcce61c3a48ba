/* A queue of events by time; those of one moment in the order they were added. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct event {
	int64_t at_us, number; /* number: order among equals */
	int kind, a;
	int64_t serial;
};

struct events {
	struct event *heap;
	int count, capacity;
	int64_t number;
};

void events_add(struct events *events, int64_t at_us, int kind, int a, int64_t serial);
/* False: none left. */
bool events_take(struct events *events, struct event *ret_event);
/* INT64_MAX: none left. */
int64_t events_next_us(const struct events *events);
void events_done(struct events *events);
