/* The agent's end of the Unix socket (wire/slot.h): it listens, takes whole messages from callers, hands
 * answers back. No call blocks. A caller asks one thing at a time; more before the answer is a breach and
 * ends the connection. */
#pragma once

#include "wire/slot.h"

#include <poll.h>

struct door;
struct caller;

enum { DOOR_CALLERS_MAX = 600 };

struct door_hooks {
	/* A whole message; its text and body may be moved out. Answer now or later, by door_answer. */
	void (*message)(void *context, struct caller *caller, struct slot_message *message);
	/* The connection ended before the answer: forget the caller. */
	void (*gone)(void *context, struct caller *caller);
	void *context;
};

/* ERR_CONFLICT when another agent answers there; a socket that nobody answers is replaced. */
bool door_open(const char *path, const struct door_hooks *hooks, struct door **ret_door, struct err *err);
/* Ends all connections without telling the hooks, and removes the socket. */
void door_close(struct door *door);
OWN_DEFINE(struct door *, door_close)

/* What to wait for: at most DOOR_CALLERS_MAX + 1 descriptors. */
size_t door_waits(const struct door *door, struct pollfd *to);
/* Does what is possible on those descriptors. */
void door_serve(struct door *door, const struct pollfd *waits, size_t count);
/* The caller may be gone when it returns, and must not be used again by who answered. */
void door_answer(
    struct caller *caller, enum slot_kind kind, const json_t *text, const void *body, size_t body_size);
