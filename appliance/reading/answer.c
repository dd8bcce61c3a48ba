#include "reading/answer.h"

#include "base/text.h"
#include "reading/read.h"

#include <string.h>

bool answer_hello(const struct answer_reader *reader, struct buf *to, struct err *err)
{
	struct protocol_hello hello;
	text_copy(hello.version, sizeof hello.version, reader->label);
	memcpy(hello.digest, reader->digest, sizeof hello.digest);
	protocol_begin(to, PROTOCOL_HELLO, 0);
	protocol_add_hello(to, &hello);
	return protocol_end(to, err);
}

/* One bad time point is an answer too; only a bad message refuses the batch. */
static void answer_item(const struct answer_reader *reader, const struct reader_item *item, bool read,
    struct reader_answer *ret_answer)
{
	memset(ret_answer, 0, sizeof *ret_answer);
	ret_answer->ok = cut_make(item->planes, item->planes_count, &ret_answer->cut, &ret_answer->err);
	if (!ret_answer->ok || !read)
		return;
	if (ret_answer->cut.made)
		read_cut(reader->network, reader->scratch, &ret_answer->cut.cut, &ret_answer->reading);
	else
		read_empty(ret_answer->cut.location.confidence, &ret_answer->reading);
}

/* read false: a CROP. */
static bool answer_cut(
    const struct answer_reader *reader, bool read, struct view *body, struct buf *to, struct err *err)
{
	OWN(free) struct reader_answer *item_answer = malloc(sizeof *item_answer);
	size_t count;
	if (!item_answer)
		return err_set(err, ERR_NO_MEMORY, "answering a batch");
	if (!protocol_take_count(body, &count, err))
		return false;
	protocol_add_count(to, count);
	for (size_t i = 0; i < count; i++) {
		struct cut_plane planes[LIMIT_PLANES];
		struct reader_item item = {.planes = planes};
		if (!protocol_take_item(body, planes, &item.planes_count, err))
			return false;
		answer_item(reader, &item, read, item_answer);
		if (read)
			protocol_add_answer(to, item_answer);
		else
			protocol_add_crop(to, item_answer);
	}
	return protocol_done(body, err);
}

static bool check_reader(const struct answer_reader *reader, struct view *body, struct err *err)
{
	uint8_t wanted[CRYPTO_DIGEST_SIZE];
	if (!protocol_take_digest(body, wanted, err))
		return false;
	if (memcmp(wanted, reader->digest, sizeof wanted) != 0)
		return err_set(err, ERR_CONFLICT, "the batch is for another reader than %s", reader->label);
	return true;
}

static bool answer_read(
    const struct answer_reader *reader, struct view *body, struct buf *to, struct err *err)
{
	OWN(free) struct cut *cut = malloc(sizeof *cut);
	uint8_t digest[CRYPTO_DIGEST_SIZE], found[CRYPTO_DIGEST_SIZE];
	size_t count;
	if (!cut)
		return err_set(err, ERR_NO_MEMORY, "answering a batch");
	if (!check_reader(reader, body, err) || !protocol_take_count(body, &count, err))
		return false;
	protocol_add_digest(to, reader->digest);
	protocol_add_count(to, count);
	for (size_t i = 0; i < count; i++) {
		struct reading reading;
		if (!protocol_take_digest(body, digest, err) || !protocol_take_cut(body, cut, err))
			return false;
		protocol_cut_digest(cut, found);
		if (memcmp(digest, found, sizeof found) != 0)
			return err_set(err, ERR_DAMAGED,
			    "cut %zu of the batch is not the one it is named as", i);
		read_cut(reader->network, reader->scratch, cut, &reading);
		protocol_add_digest(to, digest);
		protocol_add_reading(to, &reading);
	}
	return protocol_done(body, err);
}

bool answer(const struct answer_reader *reader, const struct protocol_head *head, const uint8_t *body,
    struct buf *to, struct err *err)
{
	struct view view = VIEW(body, head->size);
	struct err why;
	bool answered;
	if (head->kind == PROTOCOL_READ) {
		protocol_begin(to, PROTOCOL_READ_ANSWER, head->batch);
		answered = answer_read(reader, &view, to, &why);
	} else if ((head->kind == PROTOCOL_CUT || head->kind == PROTOCOL_CROP) && reader->place == ANSWER_AT_HOME) {
		bool read = head->kind == PROTOCOL_CUT;
		protocol_begin(to, read ? PROTOCOL_CUT_ANSWER : PROTOCOL_CROP_ANSWER, head->batch);
		answered = answer_cut(reader, read, &view, to, &why);
	} else {
		answered = err_set(&why, ERR_UNSUPPORTED, "this lane does not answer messages of kind %d",
		    (int)head->kind);
	}
	if (answered)
		return protocol_end(to, err);
	protocol_begin(to, PROTOCOL_REFUSED, head->batch);
	protocol_add_refusal(to, &why);
	return protocol_end(to, err);
}
