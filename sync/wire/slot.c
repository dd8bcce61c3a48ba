#include "wire/slot.h"

void slot_message_done(struct slot_message *message)
{
	json_decref(message->text);
	message->text = NULL;
	buf_done(&message->body);
}
