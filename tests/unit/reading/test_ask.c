/* An answer counts only when it is this reader's, to these cuts, in this order, whole, and nothing more. */
#include "unit/unit.h"

#include "reading/answer.h"
#include "reading/ask.h"
#include "reading/read.h"
#include "unit/reading/networks.h"

#include <string.h>

enum { COUNT = 3 };

static struct err err;
static struct network_ready made;
static const uint8_t reader_digest[CRYPTO_DIGEST_SIZE] = {7};
static uint8_t digests[COUNT][CRYPTO_DIGEST_SIZE];
static struct cut cuts[COUNT];

/* The answer's body to a question about all cuts. */
static struct view asked(struct buf *question, struct buf *to)
{
	const struct answer_reader reader = {.network = made.network, .scratch = made.scratch, .label = "made-1",
	    .digest = {7}, .place = ANSWER_IN_CLOUD};
	struct protocol_head head;
	ask_begin(question, 99, reader_digest, COUNT);
	for (int i = 0; i < COUNT; i++)
		ask_add_cut(question, &cuts[i], digests[i]);
	must(protocol_end(question, &err));
	must(protocol_take_head(question->data, &head, &err));
	must(answer(&reader, &head, question->data + PROTOCOL_HEAD_SIZE, to, &err));
	must(protocol_take_head(to->data, &head, &err));
	assert_true(head.kind == PROTOCOL_READ_ANSWER && head.batch == 99);
	return (struct view)VIEW(to->data + PROTOCOL_HEAD_SIZE, head.size);
}

static int make(void **state)
{
	(void)state;
	network_make(1, true, &made);
	for (int i = 0; i < COUNT; i++) {
		cuts[i].planes = 1;
		for (int k = 0; k < CUT_SIDE * CUT_SIDE; k++)
			cuts[i].pixels[0][k] = (uint8_t)(k * (i + 3) >> 4);
	}
	return 0;
}

static int drop(void **state)
{
	(void)state;
	network_ready_done_owned(&made);
	return 0;
}

static void the_answer_is_taken(void **state)
{
	(void)state;
	OWN(buf_done) struct buf question = BUF_INIT(LIMIT_BATCH_BYTES), to = BUF_INIT(LIMIT_BATCH_BYTES);
	struct view body = asked(&question, &to);
	struct reading readings[COUNT], expected;
	must(ask_take_readings(&body, reader_digest, digests, COUNT, readings, &err));
	for (int i = 0; i < COUNT; i++) {
		read_cut(made.network, made.scratch, &cuts[i], &expected);
		assert_memory_equal(&readings[i], &expected, sizeof expected);
	}
}

static void any_other_answer_is_not(void **state)
{
	(void)state;
	OWN(buf_done) struct buf question = BUF_INIT(LIMIT_BATCH_BYTES), to = BUF_INIT(LIMIT_BATCH_BYTES);
	const struct view whole = asked(&question, &to);
	const uint8_t other_reader[CRYPTO_DIGEST_SIZE] = {8};
	struct reading readings[COUNT];
	struct view body = whole;
	must_fail(ask_take_readings(&body, other_reader, digests, COUNT, readings, &err), ERR_CONFLICT);
	body = whole;
	must_fail(ask_take_readings(&body, reader_digest, digests, COUNT - 1, readings, &err), ERR_DAMAGED);
	body = whole;
	body.size--;
	must_fail(ask_take_readings(&body, reader_digest, digests, COUNT, readings, &err), ERR_DAMAGED);
	uint8_t swapped[COUNT][CRYPTO_DIGEST_SIZE];
	memcpy(swapped[0], digests[1], CRYPTO_DIGEST_SIZE);
	memcpy(swapped[1], digests[0], CRYPTO_DIGEST_SIZE);
	memcpy(swapped[2], digests[2], CRYPTO_DIGEST_SIZE);
	body = whole;
	must_fail(ask_take_readings(&body, reader_digest, swapped, COUNT, readings, &err), ERR_DAMAGED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_answer_is_taken),
	    cmocka_unit_test(any_other_answer_is_not),
	};
	return cmocka_run_group_tests(tests, make, drop);
}
