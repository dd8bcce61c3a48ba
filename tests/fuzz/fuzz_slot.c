/* rooms: wire */
/* Any bytes on the socket between box and agent: a message that is taken can be written again and is the same. */
#include "wire/slot.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWN(slot_message_done) struct slot_message message = {0}, again = {0};
	OWN(buf_done) struct buf bytes = BUF_INIT(SLOT_MESSAGE_MAX);
	struct slot_head head;
	struct err err;
	if (size < SLOT_HEAD_SIZE || !slot_take_head(data, &head, &err) ||
	    size - SLOT_HEAD_SIZE < head.text_size + head.body_size ||
	    !slot_take_rest(&head, data + SLOT_HEAD_SIZE, &message, &err))
		return 0;
	/* Written without blanks, a text may still grow: a real number's digits. */
	if (!slot_write(&bytes, message.kind, message.text, message.body.data, message.body.size, &err))
		return 0;
	assert(slot_take_head(bytes.data, &head, &err));
	assert(slot_take_rest(&head, bytes.data + SLOT_HEAD_SIZE, &again, &err));
	assert(again.kind == message.kind && json_equal(again.text, message.text));
	assert(again.body.size == message.body.size);
	assert(!message.body.size || memcmp(again.body.data, message.body.data, message.body.size) == 0);
	return 0;
}
