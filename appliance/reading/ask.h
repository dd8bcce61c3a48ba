/* Asking for readings: the asker's half of a READ, the same for a process at home and for a cloud function. */
#pragma once

#include "reading/protocol.h"

/* A READ of count cuts (1..LIMIT_BATCH_ITEMS) for the reader of this digest: begin, count times add, protocol_end. */
void ask_begin(struct buf *to, uint64_t batch, const uint8_t reader_digest[CRYPTO_DIGEST_SIZE], size_t count);
/* ret_digest is the cut's name, by which the answer is known. */
void ask_add_cut(struct buf *to, const struct cut *cut, uint8_t ret_digest[CRYPTO_DIGEST_SIZE]);
/* The body of the READ_ANSWER: of this reader, of these cuts in this order, and nothing after. ERR_CONFLICT: another
 * reader's; ERR_DAMAGED: anything else that is not the answer. Nothing is to be believed then. */
bool ask_take_readings(struct view *body, const uint8_t reader_digest[CRYPTO_DIGEST_SIZE],
    const uint8_t (*cut_digests)[CRYPTO_DIGEST_SIZE], size_t count, struct reading *ret_readings, struct err *err);
