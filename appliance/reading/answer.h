/* Answering: one question of the batch protocol in, its answer out. A pure function, the same in
 * the sandboxed process at home and in a cloud function. */
#pragma once

#include "reading/network.h"
#include "reading/protocol.h"

/* Which questions a place answers. A cloud lane never sees a frame, so it is not even able to
 * cut one. */
enum answer_place { ANSWER_AT_HOME, ANSWER_IN_CLOUD };

/* What answers: a network with its scratch, its name-version and its digest (read_digest). One thread at a
 * time. */
struct answer_reader {
	const struct network *network;
	void *scratch;
	const char *label;
	uint8_t digest[CRYPTO_DIGEST_SIZE];
	enum answer_place place;
};

/* body: of the message with this head. Replaces the content of `to` by a whole message: the
 * answer, or REFUSED with the reason. False only where no answer can be written (ERR_NO_MEMORY,
 * ERR_TOO_LARGE). */
bool answer(const struct answer_reader *reader, const struct protocol_head *head, const uint8_t *body,
    struct buf *to, struct err *err);

/* The first message of a lane. */
bool answer_hello(const struct answer_reader *reader, struct buf *to, struct err *err);
