#include "unit/unit.h"

#include "wire/pack.h"
#include "wire/sealed.h"

#include <string.h>

static struct err err;

static char private[CRYPTO_PEM_SIZE], public[CRYPTO_PEM_SIZE];
static char other_private[CRYPTO_PEM_SIZE], other_public[CRYPTO_PEM_SIZE];
static const uint8_t batch[SEALED_BATCH_SIZE] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
static const uint8_t another[SEALED_BATCH_SIZE] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17};

static int keys_setup(void **state)
{
	(void)state;
	return crypto_pair_make(private, public, &err) && crypto_pair_make(other_private, other_public, &err) ? 0 : -1;
}

static bool open_question(const struct buf *question, const char *key, const char *expected)
{
	OWN(buf_done) struct buf pack = BUF_INIT(64);
	uint8_t opened_batch[SEALED_BATCH_SIZE], answer_key[CRYPTO_KEY_SIZE];
	if (!sealed_question_open(key, question->data, question->size, opened_batch, &pack, answer_key, &err)) {
		assert_int_equal(pack.size, 0);
		return false;
	}
	assert_memory_equal(opened_batch, batch, sizeof batch);
	assert_int_equal(pack.size, strlen(expected));
	assert_memory_equal(pack.data, expected, pack.size);
	return true;
}

static void a_question_and_its_answer(void **state)
{
	(void)state;
	OWN(buf_done) struct buf question = BUF_INIT(1000), pack = BUF_INIT(1000), answer = BUF_INIT(1000),
	    message = BUF_INIT(1000);
	uint8_t asked_key[CRYPTO_KEY_SIZE], answer_key[CRYPTO_KEY_SIZE], opened[SEALED_BATCH_SIZE];
	must(sealed_question(public, batch, "a pack", 6, &question, asked_key, &err));
	assert_int_equal(question.size, 6 + SEALED_QUESTION_OVERHEAD);
	must(sealed_question_open(private, question.data, question.size, opened, &pack, answer_key, &err));
	assert_memory_equal(opened, batch, sizeof batch);
	assert_memory_equal(pack.data, "a pack", 6);
	assert_memory_equal(asked_key, answer_key, sizeof asked_key);

	must(sealed_answer(answer_key, opened, "readings", 8, &answer, &err));
	assert_int_equal(answer.size, 8 + SEALED_ANSWER_OVERHEAD);
	must(sealed_answer_open(asked_key, batch, answer.data, answer.size, &message, &err));
	assert_int_equal(message.size, 8);
	assert_memory_equal(message.data, "readings", 8);
	must_fail(sealed_answer_open(asked_key, another, answer.data, answer.size, &message, &err), ERR_CONFLICT);
}

/* The places of the drawing in sealed.h. */
static void the_bytes_of_a_question(void **state)
{
	(void)state;
	OWN(buf_done) struct buf question = BUF_INIT(1000);
	uint8_t answer_key[CRYPTO_KEY_SIZE], digest[CRYPTO_DIGEST_SIZE];
	must(sealed_question(public, batch, "a pack", 6, &question, answer_key, &err));
	must(crypto_public_digest(public, digest, &err));
	assert_memory_equal(question.data, "DBRQ\1\0", 6);
	assert_memory_equal(question.data + 6, batch, sizeof batch);
	assert_memory_equal(question.data + 22, digest, sizeof digest);
	assert_int_equal(question.data[54], 4); /* an uncompressed point */
}

static void every_bit_of_a_question_counts(void **state)
{
	(void)state;
	OWN(buf_done) struct buf question = BUF_INIT(1000);
	uint8_t answer_key[CRYPTO_KEY_SIZE];
	must(sealed_question(public, batch, "a pack", 6, &question, answer_key, &err));
	for (size_t i = 0; i < question.size; i++) {
		question.data[i] ^= 0x10;
		must_fail(open_question(&question, private, "a pack"), i < 6 ? ERR_DAMAGED : i < 22 ? ERR_CRYPTO :
		        i < 54 ? ERR_NOT_FOUND : ERR_CRYPTO);
		question.data[i] ^= 0x10;
	}
	assert_true(open_question(&question, private, "a pack"));
}

static void questions_that_do_not_open(void **state)
{
	(void)state;
	OWN(buf_done) struct buf question = BUF_INIT(1000);
	uint8_t answer_key[CRYPTO_KEY_SIZE];
	must(sealed_question(public, batch, "a pack", 6, &question, answer_key, &err));
	must_fail(open_question(&question, other_private, ""), ERR_NOT_FOUND);
	must_fail(open_question(&question, "no key", ""), ERR_CRYPTO);
	size_t whole = question.size;
	for (question.size = 0; question.size < whole; question.size++)
		must_fail(open_question(&question, private, ""),
		    question.size < SEALED_QUESTION_OVERHEAD ? ERR_DAMAGED : ERR_CRYPTO);
	/* Larger than the room that the caller gives. */
	must(sealed_question(public, batch, public, 65, &question, answer_key, &err));
	must_fail(open_question(&question, private, ""), ERR_TOO_LARGE);
}

static void every_bit_of_an_answer_counts(void **state)
{
	(void)state;
	OWN(buf_done) struct buf answer = BUF_INIT(1000), message = BUF_INIT(1000);
	uint8_t key[CRYPTO_KEY_SIZE];
	crypto_random(key, sizeof key);
	must(sealed_answer(key, batch, "readings", 8, &answer, &err));
	for (size_t i = 0; i < answer.size; i++) {
		answer.data[i] ^= 0x10;
		must_fail(sealed_answer_open(key, batch, answer.data, answer.size, &message, &err),
		    i < 6 ? ERR_DAMAGED : i < 22 ? ERR_CONFLICT : ERR_CRYPTO);
		assert_int_equal(message.size, 0);
		answer.data[i] ^= 0x10;
	}
	for (size_t size = 0; size < answer.size; size++)
		must_fail(sealed_answer_open(key, batch, answer.data, size, &message, &err),
		    size < SEALED_ANSWER_OVERHEAD ? ERR_DAMAGED : ERR_CRYPTO);
	key[0] ^= 1;
	must_fail(sealed_answer_open(key, batch, answer.data, answer.size, &message, &err), ERR_CRYPTO);
}

/* An answer to the same batch asked again, under that question's key, is not this question's answer. */
static void an_answer_belongs_to_one_question(void **state)
{
	(void)state;
	OWN(buf_done) struct buf question = BUF_INIT(1000), answer = BUF_INIT(1000), message = BUF_INIT(1000);
	uint8_t first[CRYPTO_KEY_SIZE], second[CRYPTO_KEY_SIZE];
	must(sealed_question(public, batch, "a pack", 6, &question, first, &err));
	must(sealed_question(public, batch, "a pack", 6, &question, second, &err));
	must(sealed_answer(first, batch, "readings", 8, &answer, &err));
	must_fail(sealed_answer_open(second, batch, answer.data, answer.size, &message, &err), ERR_CRYPTO);
	/* A question is no answer. */
	must_fail(sealed_answer_open(first, batch, question.data, question.size, &message, &err), ERR_DAMAGED);
}

/* What the agent can see of what it carries. */
static void who_has_no_key_can_look(void **state)
{
	(void)state;
	OWN(buf_done) struct buf question = BUF_INIT(1000), answer = BUF_INIT(1000);
	uint8_t key[CRYPTO_KEY_SIZE], other_batch[SEALED_BATCH_SIZE] = {1};
	must(sealed_question(public, batch, "a pack", 6, &question, key, &err));
	must(sealed_answer(key, batch, "readings", 8, &answer, &err));
	must(sealed_question_check(public, batch, question.data, question.size, &err));
	must_fail(sealed_question_check(other_public, batch, question.data, question.size, &err), ERR_NOT_FOUND);
	must_fail(sealed_question_check(public, other_batch, question.data, question.size, &err), ERR_CONFLICT);
	must_fail(sealed_question_check(public, batch, answer.data, answer.size, &err), ERR_DAMAGED);
	must_fail(sealed_question_check(public, batch, "clear pixels", 12, &err), ERR_DAMAGED);
	must(sealed_answer_check(batch, answer.data, answer.size, &err));
	must_fail(sealed_answer_check(other_batch, answer.data, answer.size, &err), ERR_CONFLICT);
	must_fail(sealed_answer_check(batch, question.data, question.size, &err), ERR_DAMAGED);
	must_fail(sealed_answer_check(batch, answer.data, SEALED_ANSWER_OVERHEAD - 1, &err), ERR_DAMAGED);
}

static void the_largest(void **state)
{
	(void)state;
	OWN(buf_done) struct buf question = BUF_INIT(PACK_SIZE_MAX + SEALED_QUESTION_OVERHEAD), pack = BUF_INIT(PACK_SIZE_MAX),
	    small = BUF_INIT(PACK_SIZE_MAX + SEALED_QUESTION_OVERHEAD - 1);
	OWN(free) uint8_t *bytes = malloc(PACK_SIZE_MAX);
	uint8_t asked_key[CRYPTO_KEY_SIZE], answer_key[CRYPTO_KEY_SIZE], opened[SEALED_BATCH_SIZE];
	crypto_random(bytes, PACK_SIZE_MAX);
	must(sealed_question(public, batch, bytes, PACK_SIZE_MAX, &question, asked_key, &err));
	must(sealed_question_open(private, question.data, question.size, opened, &pack, answer_key, &err));
	assert_int_equal(pack.size, PACK_SIZE_MAX);
	assert_memory_equal(pack.data, bytes, PACK_SIZE_MAX);
	must_fail(sealed_question(public, batch, bytes, PACK_SIZE_MAX, &small, asked_key, &err), ERR_TOO_LARGE);
}

static void sealing_needs_a_key(void **state)
{
	(void)state;
	OWN(buf_done) struct buf question = BUF_INIT(1000);
	uint8_t answer_key[CRYPTO_KEY_SIZE];
	must_fail(sealed_question("no key", batch, "a pack", 6, &question, answer_key, &err), ERR_CRYPTO);
	must_fail(sealed_question(private, batch, "a pack", 6, &question, answer_key, &err), ERR_CRYPTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_question_and_its_answer),
	    cmocka_unit_test(the_bytes_of_a_question),
	    cmocka_unit_test(every_bit_of_a_question_counts),
	    cmocka_unit_test(questions_that_do_not_open),
	    cmocka_unit_test(every_bit_of_an_answer_counts),
	    cmocka_unit_test(an_answer_belongs_to_one_question),
	    cmocka_unit_test(who_has_no_key_can_look),
	    cmocka_unit_test(the_largest),
	    cmocka_unit_test(sealing_needs_a_key),
	};
	return cmocka_run_group_tests(tests, keys_setup, NULL);
}
