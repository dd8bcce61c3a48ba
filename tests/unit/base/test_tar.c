#include "unit/unit.h"

#include "base/tar.h"

static const struct tar_file files[] = {{"about.json", "{}", 2}, {"empty", NULL, 0}, {"question", "what?", 5}};

static void a_plain_archive_has_names_sizes_and_no_time(void **state)
{
	(void)state;
	enum { BLOCK = 512, NAME = 0, SIZE = 124, TIME = 136 };
	OWN(buf_done) struct buf tar = BUF_INIT(1 << 14);
	struct err err;
	must(tar_write(files, 3, TAR_PLAIN, &tar, &err));
	/* a head each, a block for each content, two empty blocks */
	assert_int_equal(tar.size, (3 + 2 + 2) * BLOCK);
	const char *head = (const char *)tar.data + 3 * BLOCK;
	assert_string_equal(head + NAME, "question");
	assert_memory_equal(head + SIZE, "00000000005", 11);
	assert_memory_equal(head + TIME, "00000000000", 11);
	assert_memory_equal(head + BLOCK, "what?", 5);
}

static void the_same_content_gives_the_same_bytes(void **state)
{
	(void)state;
	struct err err;
	for (enum tar_packing packing = TAR_PLAIN; packing <= TAR_ZSTD; packing++) {
		OWN(buf_done) struct buf one = BUF_INIT(1 << 14), other = BUF_INIT(1 << 14);
		must(tar_write(files, 3, packing, &one, &err));
		must(tar_write(files, 3, packing, &other, &err));
		assert_int_equal(one.size, other.size);
		assert_memory_equal(one.data, other.data, one.size);
	}
}

static void what_does_not_fit_is_refused(void **state)
{
	(void)state;
	OWN(buf_done) struct buf small = BUF_INIT(1 << 10);
	struct err err;
	must_fail(tar_write(files, 3, TAR_PLAIN, &small, &err), ERR_TOO_LARGE);
	assert_true(small.size <= 1 << 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_plain_archive_has_names_sizes_and_no_time),
	    cmocka_unit_test(the_same_content_gives_the_same_bytes),
	    cmocka_unit_test(what_does_not_fit_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
