#include "unit/intake/exports.h"

#include "intake/incoming.h"
#include "intake/upload.h"

static bool count_file(const char *full, const char *relative, void *context, struct err *failure)
{
	(void)full;
	(void)relative;
	(void)failure;
	++*(int *)context;
	return true;
}

static int files_in(const char *folder)
{
	int count = 0;
	must(folder_walk(folder, 4, count_file, &count, &err));
	return count;
}

static void streams_to_disk(void **state)
{
	struct upload *upload;
	char path[LIMIT_PATH];
	struct stat status;
	must(upload_open(*state, "D2014.04.24_S1_I1.pdb", &upload, &err));
	must(upload_write(upload, "hello ", 6, &err));
	must(upload_write(upload, "world", 5, &err));
	must(upload_finish(upload, path, &err));
	OWN(buf_done) struct buf content = BUF_INIT(100);
	must(file_read(path, &content, &err));
	assert_string_equal(buf_text(&content), "hello world");
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	must(upload_remove(path, &err));
	assert_false(file_exists(path));
	must(upload_remove(path, &err));
}

static void an_abort_leaves_nothing(void **state)
{
	struct upload *upload;
	must(upload_open(*state, "a.zip", &upload, &err));
	must(upload_write(upload, "x", 1, &err));
	assert_int_equal(files_in(*state), 1);
	upload_abort(upload);
	assert_int_equal(files_in(*state), 0);
}

static void names_that_are_no_names(void **state)
{
	struct upload *upload;
	char longer[LIMIT_NAME + 1];
	memset(longer, 'a', sizeof longer - 1);
	longer[sizeof longer - 1] = 0;
	const char *const bad[] = {"", "../a.zip", "a/b.zip", "a\nb", "\xFF", longer};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		must_fail(upload_open(*state, bad[i], &upload, &err), ERR_BAD_INPUT);
}

/* What is held stays, what a crash left goes. */
static void cleaning(void **state)
{
	struct upload *upload;
	char folder[LIMIT_PATH], path[LIMIT_PATH];
	int fd;
	must(upload_open(*state, "a.zip", &upload, &err));
	must(incoming_folder(*state, folder, &fd, &err));
	put_text(folder, "AA/1.jpg", "x");
	must(incoming_clean(*state, &err));
	assert_int_equal(files_in(*state), 2);
	close(fd);
	must(incoming_clean(*state, &err));
	assert_int_equal(files_in(*state), 1);
	must(upload_finish(upload, path, &err));
	must(incoming_clean(*state, &err));
	assert_int_equal(files_in(*state), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(streams_to_disk),
	    cmocka_unit_test(an_abort_leaves_nothing),
	    cmocka_unit_test(names_that_are_no_names),
	    cmocka_unit_test(cleaning),
	};
	return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
