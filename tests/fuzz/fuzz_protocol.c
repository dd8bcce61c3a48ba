/* rooms: reading */
/* Any bytes as a message of the batch protocol: each kind's body is taken apart as its receiver
 * would, and questions a cloud lane answers are answered. */
#include "../unit/reading/networks.h"
#include "reading/answer.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take_crops(struct view *body)
{
	static struct reader_answer answer;
	struct err err;
	size_t count;
	if (!protocol_take_count(body, &count, &err))
		return;
	while (count-- && protocol_take_crop(body, &answer, &err))
		;
	protocol_done(body, &err);
}

static void take_answers(struct view *body)
{
	static struct reader_answer answer;
	struct err err;
	size_t count;
	if (!protocol_take_count(body, &count, &err))
		return;
	while (count-- && protocol_take_answer(body, &answer, &err))
		;
	protocol_done(body, &err);
}

static void take_items(struct view *body)
{
	struct cut_plane planes[LIMIT_PLANES];
	struct err err;
	size_t count, planes_count;
	if (!protocol_take_count(body, &count, &err))
		return;
	while (count-- && protocol_take_item(body, planes, &planes_count, &err))
		;
	protocol_done(body, &err);
}

static void take_readings(struct view *body)
{
	uint8_t digest[CRYPTO_DIGEST_SIZE];
	struct reading reading;
	struct err err;
	size_t count;
	if (!protocol_take_digest(body, digest, &err) || !protocol_take_count(body, &count, &err))
		return;
	while (count-- && protocol_take_digest(body, digest, &err) &&
	       protocol_take_reading(body, &reading, &err))
		;
	protocol_done(body, &err);
}

static void answer_question(struct protocol_head head, const uint8_t *body, size_t size)
{
	OWN(buf_done) struct buf to = BUF_INIT(LIMIT_BATCH_BYTES);
	static struct network_ready made;
	struct err err;
	if (!made.network)
		network_make(1, true, &made);
	/* The digest of nothing but zeros: the corpus names it. */
	const struct answer_reader reader = {.network = made.network, .scratch = made.scratch, .label = "made-1",
	    .place = ANSWER_IN_CLOUD};
	head.size = (uint32_t)size;
	answer(&reader, &head, body, &to, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct protocol_head head;
	struct protocol_hello hello;
	struct err err;
	if (size < PROTOCOL_HEAD_SIZE || !protocol_take_head(data, &head, &err))
		return 0;
	struct view body = VIEW(data + PROTOCOL_HEAD_SIZE, size - PROTOCOL_HEAD_SIZE);
	if (head.kind == PROTOCOL_HELLO)
		protocol_take_hello(&body, &hello, &err);
	else if (head.kind == PROTOCOL_CUT || head.kind == PROTOCOL_CROP)
		take_items(&body);
	else if (head.kind == PROTOCOL_CROP_ANSWER)
		take_crops(&body);
	else if (head.kind == PROTOCOL_CUT_ANSWER)
		take_answers(&body);
	else if (head.kind == PROTOCOL_READ)
		answer_question(head, body.data, body.size);
	else if (head.kind == PROTOCOL_READ_ANSWER)
		take_readings(&body);
	else
		protocol_take_refusal(&body, &err);
	return 0;
}
