/* Sealing a batch end to end: the box seals to the function's public key, so that gateway, queue and the box's own
 * agent see ciphertext; the function answers under a key that only this question gave it, after the example of
 * Oblivious HTTP (RFC 9458, section 4.4).
 *
 * HPKE (RFC 9180): base mode, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM; info "daybreak batch 1".
 *
 *   0         4         6          22                 54         119
 *   | D B R Q | version | batch id | key's digest 32  | enc 65   | ciphertext + tag         question
 *   | D B R A | version | batch id | nonce 12 | ciphertext + tag                            answer
 *
 * All that stands before a ciphertext is bound to it: enc by HPKE's key schedule, the nonce by GCM, the rest as
 * associated data. The answer's key is the exporter secret for "daybreak answer". Numbers are little endian. */
#pragma once

#include "base/buf.h"
#include "base/crypto.h"

enum {
	SEALED_BATCH_SIZE = 16,
	SEALED_QUESTION_OVERHEAD = 119 + CRYPTO_TAG_SIZE,
	SEALED_ANSWER_OVERHEAD = 34 + CRYPTO_TAG_SIZE,
};

/* Replaces the content of `to`. ret_answer_key opens the answer and nothing else. */
bool sealed_question(const char *public_pem, const uint8_t batch[SEALED_BATCH_SIZE], const void *pack, size_t size,
    struct buf *to, uint8_t ret_answer_key[CRYPTO_KEY_SIZE], struct err *err);
/* ERR_DAMAGED: not a question; ERR_NOT_FOUND: sealed to another key; ERR_CRYPTO: the seal does not open. */
bool sealed_question_open(const char *private_pem, const void *question, size_t size,
    uint8_t ret_batch[SEALED_BATCH_SIZE], struct buf *ret_pack, uint8_t ret_answer_key[CRYPTO_KEY_SIZE], struct err *err);
bool sealed_answer(const uint8_t answer_key[CRYPTO_KEY_SIZE], const uint8_t batch[SEALED_BATCH_SIZE],
    const void *message, size_t size, struct buf *to, struct err *err);
/* ERR_DAMAGED: not an answer; ERR_CONFLICT: another batch's; ERR_CRYPTO: the seal does not open. */
bool sealed_answer_open(const uint8_t answer_key[CRYPTO_KEY_SIZE], const uint8_t batch[SEALED_BATCH_SIZE],
    const void *answer, size_t size, struct buf *ret_message, struct err *err);

/* For who carries sealed bytes and has no key: they look as they should, and are what they are said to be. ERR_DAMAGED:
 * nothing of the kind; ERR_CONFLICT: another batch's; ERR_NOT_FOUND: sealed to another key. */
bool sealed_question_check(const char *public_pem, const uint8_t batch[SEALED_BATCH_SIZE], const void *question,
    size_t size, struct err *err);
bool sealed_answer_check(const uint8_t batch[SEALED_BATCH_SIZE], const void *answer, size_t size, struct err *err);
