#include "unit/intake/archives.h"
#include "unit/intake/exports.h"

#include "intake/archive.h"

static char box[LIMIT_PATH];    /* what is unpacked goes to box/in */
static char packed[LIMIT_PATH]; /* the archive */
static char inside[LIMIT_PATH];
static struct archive_report report;

static void fresh(void **state, const char *name)
{
	path_in(box, *state, "box");
	must(folder_remove(box, &err));
	path_in(inside, box, "in");
	must(folder_make(inside, &err));
	path_in(packed, *state, name);
	unlink(packed);
}

static bool unpack_limited(const struct archive_limits *limits)
{
	return archive_unpack(packed, path_name(packed), inside, limits, &report, &err);
}

static bool unpack(void)
{
	return unpack_limited(&archive_limits_usual);
}

static bool count_file(const char *full, const char *relative, void *context, struct err *failure)
{
	(void)full;
	(void)relative;
	(void)failure;
	++*(int *)context;
	return true;
}

/* Files anywhere in the box, the unpack folder included. */
static int files_in(const char *folder)
{
	int count = 0;
	must(folder_walk(folder, 20, count_file, &count, &err));
	return count;
}

static void every_kind(void **state)
{
	static const char *const names[] = {"a.zip", "a.tar", "a.tar.gz", "a.tar.xz", "a.tar.zst"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		fresh(state, names[i]);
		struct archive *packer = packer_open(packed);
		packer_add_kind(packer, "AA1-1/", AE_IFDIR, NULL, NULL, 0);
		packer_add(packer, "AA1-1/F0/one.txt", "hello", 5);
		packer_add(packer, "./two \xC3\xBC.txt", "", 0);
		packer_add(packer, "b\\three.zip", "PK", 2);
		packer_close(packer);
		assert_true(archive_detect(packed));
		must(unpack());
		assert_int_equal(report.files, 3);
		assert_int_equal(report.bytes, 7);
		assert_int_equal(report.nested, 1);
		OWN(buf_done) struct buf content = BUF_INIT(100);
		char path[LIMIT_PATH];
		path_in(path, inside, "AA1-1/F0/one.txt");
		must(file_read(path, &content, &err));
		assert_string_equal(buf_text(&content), "hello");
		path_in(path, inside, "two \xC3\xBC.txt");
		assert_true(file_exists(path));
		path_in(path, inside, "b/three.zip");
		assert_true(file_exists(path));
	}
}

static void hostile_names(void **state)
{
	static const struct {
		const char *name, *sentence;
	} cases[] = {
	    {"../evil.txt", "outside of the archive"},
	    {"a/../../evil.txt", "outside of the archive"},
	    {"..\\evil.txt", "outside of the archive"},
	    {"/tmp/evil.txt", "absolute path"},
	    {"C:/evil.txt", "absolute path"},
	    {"a/b/c/d/e/f/g/h/i.txt", "too deep"},
	    {"same.txt", "comes twice"},
	    {"same.txt/below", "a file and a folder"},
	};
	static const char *const kinds[] = {"evil.zip", "evil.tar"};
	for (size_t i = 0; i < 2 * sizeof cases / sizeof cases[0]; i++) {
		fresh(state, kinds[i & 1]);
		struct archive *packer = packer_open(packed);
		packer_add(packer, "same.txt", "a", 1);
		packer_add(packer, cases[i / 2].name, "b", 1);
		packer_close(packer);
		must_fail(unpack(), ERR_BAD_INPUT);
		assert_non_null(strstr(err.detail, cases[i / 2].sentence));
		assert_int_equal(files_in(box), files_in(inside)); /* nothing beside the folder */
	}
}

static void links_and_devices(void **state)
{
	static const unsigned types[] = {AE_IFLNK, 0, AE_IFCHR, AE_IFIFO};
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		fresh(state, "links.tar");
		struct archive *packer = packer_open(packed);
		packer_add(packer, "a.txt", "a", 1);
		packer_add_kind(packer, "link", types[i], types[i] ? "/etc" : "a.txt", NULL, 0);
		packer_add(packer, "link/passwd", "x", 1);
		packer_close(packer);
		must_fail(unpack(), ERR_BAD_INPUT);
		assert_non_null(strstr(err.detail, i < 2 ? "is a link" : "neither a file nor a folder"));
	}
	fresh(state, "links.zip");
	struct archive *packer = packer_open(packed);
	packer_add_kind(packer, "link", AE_IFLNK, "/etc", NULL, 0);
	packer_close(packer);
	must_fail(unpack(), ERR_BAD_INPUT);
}

/* 10 GB of zeros: a few MB are written before it is clear what it is. */
static void bombs(void **state)
{
	static const char *const names[] = {"bomb.tar.zst", "bomb.tar.gz", "bomb.zip"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		fresh(state, names[i]);
		struct archive *packer = packer_open(packed);
		packer_add_zeros(packer, "zeros.pdb", i == 0 ? INT64_C(10) << 30 : INT64_C(40) << 20);
		packer_close(packer);
		struct stat status;
		assert_int_equal(stat(packed, &status), 0);
		assert_true(status.st_size < 2 << 20);
		must_fail(unpack(), ERR_TOO_LARGE);
		assert_non_null(strstr(err.detail, "200 times its size"));
		char path[LIMIT_PATH];
		path_in(path, inside, "zeros.pdb");
		assert_true(stat(path, &status) != 0 || status.st_size <= 32 << 20);
	}
}

static void limits(void **state)
{
	const struct archive_limits entries = {.entries = 3, .bytes = 1 << 20, .ratio = 200};
	const struct archive_limits bytes = {.entries = 100, .bytes = 3, .ratio = 200};
	for (int i = 0; i < 2; i++) {
		fresh(state, i ? "many.tar.gz" : "many.zip");
		struct archive *packer = packer_open(packed);
		for (int file = 0; file < 4; file++) {
			char name[16];
			snprintf(name, sizeof name, "%d.txt", file);
			packer_add(packer, name, "a", 1);
		}
		packer_close(packer);
		must_fail(unpack_limited(&entries), ERR_TOO_LARGE);
		fresh(state, i ? "other.tar.gz" : "other.zip");
		packer = packer_open(packed);
		packer_add(packer, "a.txt", "aa", 2);
		packer_add(packer, "b.txt", "bb", 2);
		packer_close(packer);
		must_fail(unpack_limited(&bytes), ERR_TOO_LARGE);
	}
}

/* Cut off anywhere, it is refused. */
static void truncated(void **state)
{
	static const char *const names[] = {"cut.zip", "cut.tar", "cut.tar.gz", "cut.tar.xz", "cut.tar.zst"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		fresh(state, names[i]);
		struct archive *packer = packer_open(packed);
		for (unsigned file = 0; file < 3; file++) {
			OWN(buf_done) struct buf picture = BUF_INIT(1 << 20);
			char name[16];
			picture_make(file, &picture);
			snprintf(name, sizeof name, "%u.jpg", file);
			packer_add(packer, name, picture.data, picture.size);
		}
		packer_close(packer);
		OWN(buf_done) struct buf whole = BUF_INIT(1 << 20);
		must(file_read(packed, &whole, &err));
		/* A tar ends with two empty blocks; one of them is enough. */
		size_t end = i == 1 ? whole.size - 512 : whole.size;
		for (size_t size = 0; size < end; size += 1 + size / 9) {
			fresh(state, names[i]);
			put_bytes(packed, whole.data, size);
			assert_false(unpack());
			assert_true(err.code == ERR_DAMAGED || (err.code == ERR_UNSUPPORTED && size < 300));
		}
	}
}

static void no_archives(void **state)
{
	fresh(state, "no.zip");
	must(file_write(packed, "", 0, 0600, &err));
	assert_false(archive_detect(packed));
	must_fail(unpack(), ERR_UNSUPPORTED);
	must(file_write(packed, "\x1F\x8B nonsense that is no gzip stream", 30, 0600, &err));
	must_fail(unpack(), ERR_DAMAGED);
	must(file_write(packed, "PK\3\4 nonsense that is no zip either PK\5\6", 40, 0600, &err));
	must_fail(unpack(), ERR_DAMAGED);
	assert_int_equal(files_in(inside), 0);
}

static void stems(void **state)
{
	(void)state;
	char stem[64];
	archive_stem(stem, sizeof stem, "AA83-7.tar.gz");
	assert_string_equal(stem, "AA83-7");
	archive_stem(stem, sizeof stem, "D2014.04.24_S1_I1.ZIP");
	assert_string_equal(stem, "D2014.04.24_S1_I1");
	archive_stem(stem, sizeof stem, "AA83-7");
	assert_string_equal(stem, "AA83-7");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_kind),
	    cmocka_unit_test(hostile_names),
	    cmocka_unit_test(links_and_devices),
	    cmocka_unit_test(bombs),
	    cmocka_unit_test(limits),
	    cmocka_unit_test(truncated),
	    cmocka_unit_test(no_archives),
	    cmocka_unit_test(stems),
	};
	return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
