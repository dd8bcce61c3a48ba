#include "wire/sealed.h"

#include "base/hpke.h"

#include <string.h>

enum { VERSION = 1, BATCH_AT = 6, KEY_AT = 22, ENC_AT = 54, QUESTION_TEXT_AT = 119, ANSWER_TEXT_AT = 22 };

static const uint8_t question_magic[4] = {'D', 'B', 'R', 'Q'}, answer_magic[4] = {'D', 'B', 'R', 'A'};

static const struct hpke_text info = {"daybreak batch 1", 16}, answer_context = {"daybreak answer", 15};

static void add_head(struct buf *to, const uint8_t magic[4], const uint8_t batch[SEALED_BATCH_SIZE])
{
	buf_clear(to);
	buf_add(to, magic, 4);
	buf_add_u16(to, VERSION);
	buf_add(to, batch, SEALED_BATCH_SIZE);
}

static bool check_head(const uint8_t *bytes, size_t size, const uint8_t magic[4], size_t size_min, const char *what,
    struct err *err)
{
	struct view view = VIEW(bytes, size);
	if (size < size_min || memcmp(view_bytes(&view, 4), magic, 4) != 0)
		return err_set(err, ERR_DAMAGED, "this is not %s", what);
	unsigned version = view_u16(&view);
	return version == VERSION ||
	    err_set(err, ERR_DAMAGED, "%s of version %u; this side speaks %d", what, version, VERSION);
}

bool sealed_question(const char *public_pem, const uint8_t batch[SEALED_BATCH_SIZE], const void *pack, size_t size,
    struct buf *to, uint8_t ret_answer_key[CRYPTO_KEY_SIZE], struct err *err)
{
	uint8_t key[CRYPTO_DIGEST_SIZE];
	if (!crypto_public_digest(public_pem, key, err))
		return err_add(err, "sealing a batch");
	add_head(to, question_magic, batch);
	buf_add(to, key, sizeof key);
	buf_grow(to, HPKE_ENC_SIZE);
	buf_grow(to, size + HPKE_TAG_SIZE);
	if (!buf_ok(to, err))
		return err_add(err, "sealing a batch");
	/* enc is bound by the key schedule, the rest of the head here. */
	return hpke_seal(public_pem, info, (struct hpke_text){to->data, ENC_AT}, answer_context, pack, size,
	           to->data + ENC_AT, to->data + QUESTION_TEXT_AT, ret_answer_key, err) ||
	    err_add(err, "sealing a batch");
}

static bool check_key(const char *private_pem, const uint8_t named[CRYPTO_DIGEST_SIZE], struct err *err)
{
	char public_pem[CRYPTO_PEM_SIZE];
	uint8_t key[CRYPTO_DIGEST_SIZE];
	if (!crypto_pair_public(private_pem, public_pem, err) || !crypto_public_digest(public_pem, key, err))
		return false;
	return memcmp(key, named, sizeof key) == 0 ||
	    err_set(err, ERR_NOT_FOUND, "the batch is sealed to another key than this function's");
}

bool sealed_question_open(const char *private_pem, const void *question, size_t size,
    uint8_t ret_batch[SEALED_BATCH_SIZE], struct buf *ret_pack, uint8_t ret_answer_key[CRYPTO_KEY_SIZE], struct err *err)
{
	const uint8_t *bytes = question;
	if (!check_head(bytes, size, question_magic, SEALED_QUESTION_OVERHEAD, "a sealed batch", err) ||
	    !check_key(private_pem, bytes + KEY_AT, err))
		return false;
	buf_clear(ret_pack);
	buf_grow(ret_pack, size - SEALED_QUESTION_OVERHEAD);
	if (!buf_ok(ret_pack, err) ||
	    !hpke_open(private_pem, bytes + ENC_AT, info, (struct hpke_text){bytes, ENC_AT}, answer_context,
	        bytes + QUESTION_TEXT_AT, size - QUESTION_TEXT_AT, ret_pack->data, ret_answer_key, err)) {
		buf_clear(ret_pack);
		return err_add(err, "opening a batch");
	}
	memcpy(ret_batch, bytes + BATCH_AT, SEALED_BATCH_SIZE);
	return true;
}

bool sealed_answer(const uint8_t answer_key[CRYPTO_KEY_SIZE], const uint8_t batch[SEALED_BATCH_SIZE],
    const void *message, size_t size, struct buf *to, struct err *err)
{
	add_head(to, answer_magic, batch);
	buf_grow(to, size + CRYPTO_SEAL_OVERHEAD);
	return (buf_ok(to, err) && crypto_seal(answer_key, to->data, ANSWER_TEXT_AT, message, size,
	                               to->data + ANSWER_TEXT_AT, err)) ||
	    err_add(err, "sealing an answer");
}

bool sealed_answer_open(const uint8_t answer_key[CRYPTO_KEY_SIZE], const uint8_t batch[SEALED_BATCH_SIZE],
    const void *answer, size_t size, struct buf *ret_message, struct err *err)
{
	const uint8_t *bytes = answer;
	if (!sealed_answer_check(batch, answer, size, err))
		return false;
	buf_clear(ret_message);
	buf_grow(ret_message, size - SEALED_ANSWER_OVERHEAD);
	if (!buf_ok(ret_message, err) || !crypto_open(answer_key, bytes, ANSWER_TEXT_AT, bytes + ANSWER_TEXT_AT,
	                                     size - ANSWER_TEXT_AT, ret_message->data, err)) {
		buf_clear(ret_message);
		return err_add(err, "opening an answer");
	}
	return true;
}

bool sealed_question_check(const char *public_pem, const uint8_t batch[SEALED_BATCH_SIZE], const void *question,
    size_t size, struct err *err)
{
	const uint8_t *bytes = question;
	uint8_t key[CRYPTO_DIGEST_SIZE];
	if (!check_head(bytes, size, question_magic, SEALED_QUESTION_OVERHEAD, "a sealed batch", err) ||
	    !crypto_public_digest(public_pem, key, err))
		return false;
	if (memcmp(bytes + BATCH_AT, batch, SEALED_BATCH_SIZE) != 0)
		return err_set(err, ERR_CONFLICT, "this is another batch than it is said to be");
	return memcmp(bytes + KEY_AT, key, sizeof key) == 0 ||
	    err_set(err, ERR_NOT_FOUND, "the batch is sealed to another key than the endpoint's");
}

bool sealed_answer_check(const uint8_t batch[SEALED_BATCH_SIZE], const void *answer, size_t size, struct err *err)
{
	const uint8_t *bytes = answer;
	if (!check_head(bytes, size, answer_magic, SEALED_ANSWER_OVERHEAD, "a sealed answer", err))
		return false;
	return memcmp(bytes + BATCH_AT, batch, SEALED_BATCH_SIZE) == 0 ||
	    err_set(err, ERR_CONFLICT, "this is the answer to another batch");
}
