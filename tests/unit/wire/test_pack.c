#include "unit/unit.h"

#include "base/crypto.h"
#include "wire/pack.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

static struct err err;

static bool reads(const struct buf *pack, struct buf *question)
{
	return pack_read(pack->data, pack->size, question, &err);
}

static void a_question_comes_back(void **state)
{
	(void)state;
	OWN(buf_done) struct buf pack = BUF_INIT(PACK_SIZE_MAX), question = BUF_INIT(PACK_QUESTION_MAX);
	static const size_t sizes[] = {1, 511, 512, 513, 100000, LIMIT_BATCH_BYTES, PACK_QUESTION_MAX};
	OWN(free) uint8_t *bytes = malloc(PACK_QUESTION_MAX);
	crypto_random(bytes, PACK_QUESTION_MAX); /* what no compression makes smaller still fits */
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		must(pack_write(bytes, sizes[i], &pack, &err));
		must(reads(&pack, &question));
		assert_int_equal(question.size, sizes[i]);
		assert_memory_equal(question.data, bytes, sizes[i]);
	}
	must_fail(pack_write(bytes, PACK_QUESTION_MAX + (size_t)1, &pack, &err), ERR_TOO_LARGE);
}

/* The same question gives the same bytes: a pack has no time and no owner in it. */
static void a_pack_tells_nothing_else(void **state)
{
	(void)state;
	OWN(buf_done) struct buf one = BUF_INIT(PACK_SIZE_MAX), two = BUF_INIT(PACK_SIZE_MAX);
	must(pack_write("question", 8, &one, &err));
	struct timespec past = {0, 2000000};
	nanosleep(&past, NULL);
	must(pack_write("question", 8, &two, &err));
	assert_int_equal(one.size, two.size);
	assert_memory_equal(one.data, two.data, one.size);
	struct archive *archive = archive_read_new();
	struct archive_entry *entry;
	archive_read_support_filter_zstd(archive);
	archive_read_support_format_tar(archive);
	assert_int_equal(archive_read_open_memory(archive, one.data, one.size), ARCHIVE_OK);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(archive_read_next_header(archive, &entry), ARCHIVE_OK);
		assert_string_equal(archive_entry_pathname(entry), i ? "question" : "about.json");
		assert_int_equal(archive_entry_mtime(entry), 0);
		assert_int_equal(archive_entry_uid(entry), 0);
		assert_int_equal(archive_entry_gid(entry), 0);
		assert_string_equal(archive_entry_uname(entry), "");
		assert_string_equal(archive_entry_gname(entry), "");
	}
	assert_int_equal(archive_read_next_header(archive, &entry), ARCHIVE_EOF);
	archive_read_free(archive);
}

static void a_pack_cut_off_or_altered(void **state)
{
	(void)state;
	OWN(buf_done) struct buf pack = BUF_INIT(PACK_SIZE_MAX), question = BUF_INIT(PACK_QUESTION_MAX);
	OWN(free) uint8_t *bytes = malloc(3000);
	crypto_random(bytes, 3000);
	must(pack_write(bytes, 3000, &pack, &err));
	size_t whole = pack.size;
	for (pack.size = 0; pack.size < 3000; pack.size += 13) {
		must_fail(reads(&pack, &question), ERR_DAMAGED);
		assert_int_equal(question.size, 0);
	}
	pack.size = whole;
	/* Bits are the seal's to guard; here nothing may be read out of bounds. */
	for (size_t i = 0; i < whole; i++) {
		pack.data[i] ^= 0xFF;
		reads(&pack, &question);
		pack.data[i] ^= 0xFF;
	}
	must(reads(&pack, &question));
}

/* Packs that are not ours */

struct part {
	const char *name, *content;
	size_t size; /* of the content; 0: its length */
	int type;    /* 0: a plain file */
	const char *link;
};

static la_ssize_t collect(struct archive *archive, void *context, const void *data, size_t size)
{
	(void)archive;
	buf_add(context, data, size);
	return (la_ssize_t)size;
}

/* In as many layers of zstd. */
static void make(struct buf *pack, int layers, const struct part *parts, size_t count)
{
	struct archive *archive = archive_write_new();
	buf_clear(pack);
	archive_write_set_format_pax_restricted(archive);
	while (layers--)
		archive_write_add_filter_zstd(archive);
	archive_write_set_bytes_in_last_block(archive, 1);
	assert_int_equal(archive_write_open(archive, pack, NULL, collect, NULL), ARCHIVE_OK);
	for (size_t i = 0; i < count; i++) {
		const struct part *part = &parts[i];
		struct archive_entry *entry = archive_entry_new();
		size_t size = part->size ? part->size : strlen(part->content);
		archive_entry_set_pathname(entry, part->name);
		archive_entry_set_filetype(entry, part->type ? (unsigned)part->type : AE_IFREG);
		archive_entry_set_perm(entry, 0600);
		if (part->type == AE_IFLNK)
			archive_entry_set_symlink(entry, part->link);
		else if (part->link)
			archive_entry_set_hardlink(entry, part->link);
		archive_entry_set_size(entry, part->type || part->link ? 0 : (la_int64_t)size);
		assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
		if (!part->type && !part->link)
			archive_write_data(archive, part->content, size);
		archive_entry_free(entry);
	}
	archive_write_close(archive);
	archive_write_free(archive);
}

static void foreign_packs(void **state)
{
	(void)state;
	static const struct part about = {"about.json", "{\"format\":1}", 0, 0, NULL}, question = {"question", "q", 0, 0, NULL};
	OWN(free) char *zeros = calloc(1, PACK_QUESTION_MAX + (size_t)1);
	const struct {
		struct part parts[3];
		size_t count;
		enum err_code code; /* ERR_NONE: it is read */
	} cases[] = {
	    {{about, question}, 2, ERR_NONE},
	    {{question, about}, 2, ERR_NONE},
	    {{about}, 1, ERR_DAMAGED},
	    {{question}, 1, ERR_DAMAGED},
	    {{about, question, question}, 3, ERR_DAMAGED},
	    {{about, question, {"names.txt", "n", 0, 0, NULL}}, 3, ERR_DAMAGED},
	    {{about, {"../question", "q", 0, 0, NULL}}, 2, ERR_DAMAGED},
	    {{about, {"/question", "q", 0, 0, NULL}}, 2, ERR_DAMAGED},
	    {{about, {"question", "", 0, AE_IFDIR, NULL}}, 2, ERR_DAMAGED},
	    {{about, {"question", "", 0, AE_IFLNK, "/etc/passwd"}}, 2, ERR_DAMAGED},
	    {{about, {"question", "", 0, 0, "about.json"}}, 2, ERR_DAMAGED},
	    {{about, {"question", "", 0, 0, NULL}}, 2, ERR_DAMAGED},
	    {{about, {"question", zeros, PACK_QUESTION_MAX + (size_t)1, 0, NULL}}, 2, ERR_TOO_LARGE},
	    {{{"about.json", zeros, 257, 0, NULL}, question}, 2, ERR_TOO_LARGE},
	    {{{"about.json", "{\"format\":2}", 0, 0, NULL}, question}, 2, ERR_DAMAGED},
	    {{{"about.json", "{}", 0, 0, NULL}, question}, 2, ERR_DAMAGED},
	    {{{"about.json", "[1]", 0, 0, NULL}, question}, 2, ERR_DAMAGED},
	    {{{"about.json", "no", 0, 0, NULL}, question}, 2, ERR_DAMAGED},
	};
	OWN(buf_done) struct buf pack = BUF_INIT(PACK_SIZE_MAX), taken = BUF_INIT(PACK_QUESTION_MAX);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		make(&pack, 1, cases[i].parts, cases[i].count);
		if (cases[i].code == ERR_NONE) {
			must(reads(&pack, &taken));
			assert_memory_equal(taken.data, "q", 1);
			continue;
		}
		must_fail(reads(&pack, &taken), cases[i].code);
		assert_int_equal(taken.size, 0);
	}
}

static void one_layer_of_compression(void **state)
{
	(void)state;
	static const struct part parts[] = {{"about.json", "{\"format\":1}", 0, 0, NULL}, {"question", "q", 0, 0, NULL}};
	OWN(buf_done) struct buf pack = BUF_INIT(PACK_SIZE_MAX), taken = BUF_INIT(PACK_QUESTION_MAX);
	make(&pack, 0, parts, 2);
	must_fail(reads(&pack, &taken), ERR_DAMAGED);
	make(&pack, 2, parts, 2);
	must_fail(reads(&pack, &taken), ERR_DAMAGED);
}

/* 100 MiB of zeros in a few kilobytes: refused by what the entry says of itself, before it is unpacked. */
static void a_bomb(void **state)
{
	(void)state;
	enum { HUGE_SIZE = 100 << 20 };
	OWN(free) char *zeros = calloc(1, HUGE_SIZE);
	OWN(buf_done) struct buf pack = BUF_INIT(PACK_SIZE_MAX), taken = BUF_INIT(PACK_QUESTION_MAX);
	const struct part parts[] = {{"about.json", "{\"format\":1}", 0, 0, NULL}, {"question", zeros, HUGE_SIZE, 0, NULL}};
	make(&pack, 1, parts, 2);
	assert_true(pack.size < 100000);
	must_fail(reads(&pack, &taken), ERR_TOO_LARGE);
}

static void the_room_is_the_callers(void **state)
{
	(void)state;
	OWN(buf_done) struct buf pack = BUF_INIT(PACK_SIZE_MAX), small = BUF_INIT(7), tiny = BUF_INIT(20);
	must(pack_write("question", 8, &pack, &err));
	must_fail(reads(&pack, &small), ERR_TOO_LARGE);
	must_fail(pack_write("question", 8, &tiny, &err), ERR_TOO_LARGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_question_comes_back),
	    cmocka_unit_test(a_pack_tells_nothing_else),
	    cmocka_unit_test(a_pack_cut_off_or_altered),
	    cmocka_unit_test(foreign_packs),
	    cmocka_unit_test(one_layer_of_compression),
	    cmocka_unit_test(a_bomb),
	    cmocka_unit_test(the_room_is_the_callers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
