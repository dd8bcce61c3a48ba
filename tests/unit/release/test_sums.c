/* A release: signed, checked, and every way it may not be what was signed. */
#include "base/crypto.h"
#include "base/file.h"
#include "release/sums.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64];
static char private_pem[CRYPTO_PEM_SIZE], public_pem[CRYPTO_PEM_SIZE];

static void put(const char *name, const char *content)
{
	char path[LIMIT_PATH];
	assert_true(folder_path(folder, name, path, NULL));
	assert_true(file_write(path, content, strlen(content), 0644, NULL));
}

static void drop(const char *name)
{
	char path[LIMIT_PATH];
	assert_true(folder_path(folder, name, path, NULL));
	assert_int_equal(unlink(path), 0);
}

static int setup(void **state)
{
	(void)state;
	char inner[LIMIT_PATH];
	strcpy(folder, "/tmp/daybreak-sums-XXXXXX");
	assert_non_null(mkdtemp(folder));
	assert_true(crypto_pair_make(private_pem, public_pem, NULL));
	assert_true(folder_path(folder, "cloud", inner, NULL) && folder_make(inner, NULL));
	put("daybreak.deb", "a package");
	put("cloud/function.zip", "a function");
	put("update.raucb", "");
	assert_true(sums_sign(folder, private_pem, NULL));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return folder_remove(folder, NULL) ? 0 : -1;
}

static void refused(enum err_code code, const char *words)
{
	struct err err;
	size_t files = 99;
	assert_false(sums_verify(folder, public_pem, &files, &err));
	assert_int_equal(err.code, code);
	assert_non_null(strstr(err.detail, words));
	assert_int_equal(files, 99);
}

static void test_whole(void **state)
{
	(void)state;
	size_t files;
	OWN(buf_done) struct buf list = BUF_INIT(SUMS_BYTES_MAX);
	assert_true(sums_verify(folder, public_pem, &files, NULL));
	assert_int_equal(files, 3);
	assert_true(sums_list(folder, &list, NULL));
	/* Of nothing, by FIPS 180-4. */
	assert_non_null(strstr(buf_text(&list),
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  update.raucb\n"));
	assert_true(sums_sign(folder, private_pem, NULL));
	assert_true(sums_verify(folder, public_pem, &files, NULL));
}

static void test_altered(void **state)
{
	(void)state;
	put("cloud/function.zip", "a function.");
	refused(ERR_DAMAGED, "cloud/function.zip is not the file that was signed");
}

static void test_missing(void **state)
{
	(void)state;
	drop("update.raucb");
	refused(ERR_DAMAGED, "update.raucb is missing");
	drop("cloud/function.zip");
	refused(ERR_DAMAGED, "cloud/function.zip is missing");
}

static void test_too_many(void **state)
{
	(void)state;
	put("zz.deb", "");
	refused(ERR_DAMAGED, "zz.deb does not belong");
	put("aa.deb", "");
	refused(ERR_DAMAGED, "aa.deb does not belong");
}

static void test_list_altered(void **state)
{
	(void)state;
	put("update.raucb", "another one");
	OWN(buf_done) struct buf list = BUF_INIT(SUMS_BYTES_MAX);
	assert_true(sums_list(folder, &list, NULL));
	put("SHA256SUMS", buf_text(&list));
	refused(ERR_CRYPTO, "not signed by this key");
	drop("SHA256SUMS.sig");
	refused(ERR_IO, "not a signed release");
}

static void test_another_key(void **state)
{
	(void)state;
	assert_true(crypto_pair_make(private_pem, public_pem, NULL));
	refused(ERR_CRYPTO, "not signed by this key");
}

static void test_name(void **state)
{
	(void)state;
	struct err err;
	put("two\nlines", "");
	assert_false(sums_sign(folder, private_pem, &err));
	assert_int_equal(err.code, ERR_BAD_INPUT);
}

static void test_nothing(void **state)
{
	(void)state;
	struct err err;
	drop("daybreak.deb");
	drop("cloud/function.zip");
	drop("update.raucb");
	assert_false(sums_sign(folder, private_pem, &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_whole, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_altered, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_missing, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_too_many, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_list_altered, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_another_key, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_name, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_nothing, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
