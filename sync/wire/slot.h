/* The Unix socket between the box and its agent. The agent listens. A connection is a slot: one batch at a time, or
 * one question about the agent's books. Who connects asks, the agent answers; a connection that ends takes its batch back.
 *
 *   0         4              6           8               12              16
 *   | D B S Y | version u16  | kind u16  | text size u32 | body size u32 | text ... | body ...
 *
 * Little endian. text is JSON, body is sealed bytes:
 *
 *   SEND     {"batch": hex, "endpoint": name, "cuts": n, "why": "spill" | "hedge" | "again",
 *             "limit_ms": of the answer, 120000 if left out}                                    body: sealed question
 *   ANSWER   {"batch", "endpoint", "attempts", "duration_ms" (the caller's clock, all attempts), "read_ms", "billed_ms",
 *             "cold": bool, "cost_nano", "bytes_out"}                                          body: sealed answer
 *   FAILED   {"batch", "endpoint", "attempts", "code": error name, "sentence", "retry_after_ms", "blame":
 *             "batch" (it will fail anywhere: read it at home) | "endpoint" (down, throttled) | "policy" (not allowed)}
 *   ASK      {"what": "status" | "egress" | "invocations" | "costs" | "events" | "updates", ...}
 *   TELL     the answer (agent/books.h; agent/updates.h), or {"error": {"code", "sentence"}}
 *
 * Functions block; a limit in milliseconds holds for the whole message, ERR_UNAVAILABLE beyond it. */
#pragma once

#include "base/buf.h"
#include "base/json.h"

enum {
	SLOT_VERSION = 1,
	SLOT_HEAD_SIZE = 16,
	SLOT_TEXT_MAX = 4 << 20, /* of a TELL; the other kinds' texts stay under 64 KiB */
	SLOT_BODY_MAX = 4600000, /* a sealed pack; only SEND and ANSWER have a body */
	SLOT_MESSAGE_MAX = SLOT_HEAD_SIZE + SLOT_TEXT_MAX + SLOT_BODY_MAX,
};

enum slot_kind { SLOT_SEND = 1, SLOT_ANSWER, SLOT_FAILED, SLOT_ASK, SLOT_TELL, SLOT_KINDS };

struct slot_head {
	enum slot_kind kind;
	size_t text_size, body_size;
};

struct slot_message {
	enum slot_kind kind;
	json_t *text; /* an object */
	struct buf body;
};
void slot_message_done(struct slot_message *message);
static inline void slot_message_done_owned(struct slot_message *message)
{
	slot_message_done(message);
}

/* Writes a whole message into `to`, replacing its content. */
bool slot_write(struct buf *to, enum slot_kind kind, const json_t *text, const void *body, size_t body_size,
    struct err *err);
/* ERR_DAMAGED or ERR_TOO_LARGE. For readers of their own, such as the agent's event loop. */
bool slot_take_head(const uint8_t bytes[SLOT_HEAD_SIZE], struct slot_head *ret_head, struct err *err);
/* text and body of a message whose head is known. Replaces what the message held. */
bool slot_take_rest(const struct slot_head *head, const uint8_t *rest, struct slot_message *ret_message, struct err *err);

/* The client. ERR_UNAVAILABLE when the agent does not run. The caller closes the descriptor. */
bool slot_connect(const char *socket_path, int *ret_fd, struct err *err);
bool slot_send(int fd, enum slot_kind kind, const json_t *text, const void *body, size_t body_size, int limit_ms,
    struct err *err);
bool slot_receive(int fd, int limit_ms, struct slot_message *ret_message, struct err *err);
/* One question on a connection of its own: the reply, new reference. An "error" in it becomes err. */
bool slot_ask(const char *socket_path, const json_t *question, int limit_ms, json_t **ret_reply, struct err *err);
