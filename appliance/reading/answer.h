/* Answering: one question of the batch protocol in, its answer out. A pure function, the same in
 * the sandboxed process at home and in a cloud function. */
#pragma once

#include "reading/protocol.h"

/* Which questions a place answers. A cloud lane never sees a frame, so it is not even able to
 * cut one. */
enum answer_place { ANSWER_AT_HOME, ANSWER_IN_CLOUD };

/* body: of the message with this head. Replaces the content of `to` by a whole message: the
 * answer, or REFUSED with the reason. False only where no answer can be written (ERR_NO_MEMORY,
 * ERR_TOO_LARGE). */
bool answer(const struct protocol_head *head, const uint8_t *body, enum answer_place place, struct buf *to,
    struct err *err);

/* The first message of a lane. */
bool answer_hello(struct buf *to, struct err *err);
