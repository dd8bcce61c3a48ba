/* A pack: one READ question of the batch protocol (reading/protocol.h) as a tar.zst with the entries "about.json"
 * ({"format": 1}) and "question". What is in it is all that a cloud ever sees of a clinic: pixels of cuts, their
 * digests, a random batch number. */
#pragma once

#include "base/buf.h"
#include "base/limits.h"

enum {
	PACK_FORMAT = 1,
	/* A message of the batch protocol: its body and its head. */
	PACK_QUESTION_MAX = LIMIT_BATCH_BYTES + 64,
	/* AWS Lambda takes 6 MB a request, base64 included. */
	PACK_SIZE_MAX = 4500000,
};

/* Replaces the content of `to`. ERR_TOO_LARGE beyond PACK_SIZE_MAX. */
bool pack_write(const void *question, size_t size, struct buf *to, struct err *err);
/* Untrusted input. Replaces the content of ret_question; ERR_DAMAGED, or ERR_TOO_LARGE for what unpacks to more than a
 * question may be. */
bool pack_read(const void *pack, size_t size, struct buf *ret_question, struct err *err);
