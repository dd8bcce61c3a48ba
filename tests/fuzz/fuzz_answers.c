/* rooms: setup */
/* Answers may come on a stick: any text must become answers that are written and read again alike, or be
 * refused with a sentence. */
#include "setup/answers.h"
#include "setup/shares.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct answers answers, again;
	static struct shares shares;
	OWN(buf_done) struct buf text = BUF_INIT(1 << 20);
	OWN(buf_done) struct buf first = BUF_INIT(1 << 20);
	OWN(buf_done) struct buf second = BUF_INIT(1 << 20);
	struct err err = {0};
	buf_add(&text, data, size);
	answers_default(&answers);
	again = answers;
	if (!buf_ok(&text, NULL))
		return 0;
	if (!answers_take(&answers, buf_text(&text), &err) || !answers_check_all(&answers, &err)) {
		assert(err.detail[0]);
		return 0;
	}
	assert(shares_parse(answers.shares, &shares, &err));
	for (size_t i = 0; i < shares.count; i++) {
		char name[SHARE_UNIT_SIZE];
		share_unit_name(&shares.list[i], ".automount", name);
		buf_clear(&second);
		share_mount_unit(&shares.list[i], "", &second);
		assert(!strchr(name, '/') && buf_ok(&second, NULL));
	}
	buf_clear(&second);
	answers_write(&answers, &first);
	assert(answers_take(&again, buf_text(&first), &err) && answers_check_all(&again, &err));
	answers_write(&again, &second);
	assert(strcmp(buf_text(&first), buf_text(&second)) == 0);
	return 0;
}
