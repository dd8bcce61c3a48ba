#include "unit/unit.h"

#include "function/settings.h"

#include <string.h>

static char key[CRYPTO_PEM_SIZE];

/* An environment with what is needed and nothing else. */
static int begin(void **state)
{
	static const char *const names[] = {"DAYBREAK_KEY_FILE", "DAYBREAK_MODEL", "DAYBREAK_SITES",
	    "DAYBREAK_DENY", "DAYBREAK_GATEWAY_SECRET", "DAYBREAK_CONCURRENCY", "DAYBREAK_LISTEN",
	    "AWS_REGION", "AWS_LAMBDA_RUNTIME_API", "FUNCTIONS_CUSTOMHANDLER_PORT", "PORT", "LISTEN_FDS"};
	char public_pem[CRYPTO_PEM_SIZE];
	struct err err;
	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		unsetenv(names[i]);
	must(crypto_pair_make(key, public_pem, &err));
	setenv("DAYBREAK_KEY", key, 1);
	setenv("DAYBREAK_REGION", "eu-central-1", 1);
	return 0;
}

static void test_what_is_not_said(void **state)
{
	(void)state;
	struct err err;
	struct settings settings;
	must(settings_read(&settings, &err));
	assert_string_equal(settings.region, "eu-central-1");
	assert_string_equal(settings.key, key);
	assert_null(settings.model);
	assert_int_equal(settings.concurrency, 1);
	assert_int_equal(settings.contract, CONTRACT_HTTP);
	assert_int_equal(settings.port, 8080);
	assert_string_equal(settings.listen, "127.0.0.1");
}

static void test_contracts_in_their_order(void **state)
{
	(void)state;
	struct err err;
	struct settings settings;
	setenv("PORT", "1234", 1);
	must(settings_read(&settings, &err));
	assert_int_equal(settings.contract, CONTRACT_HTTP);
	assert_int_equal(settings.port, 1234);
	setenv("FUNCTIONS_CUSTOMHANDLER_PORT", "4321", 1);
	must(settings_read(&settings, &err));
	assert_int_equal(settings.contract, CONTRACT_AZURE);
	assert_int_equal(settings.port, 4321);
	setenv("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001", 1);
	must(settings_read(&settings, &err));
	assert_int_equal(settings.contract, CONTRACT_LAMBDA);
	assert_string_equal(settings.runtime_api, "127.0.0.1:9001");
}

static void test_regions(void **state)
{
	(void)state;
	struct err err;
	struct settings settings;
	setenv("AWS_REGION", "us-east-1", 1);
	must(settings_read(&settings, &err));
	assert_string_equal(settings.region, "eu-central-1");
	setenv("DAYBREAK_REGION", "", 1);
	must(settings_read(&settings, &err));
	assert_string_equal(settings.region, "us-east-1");
	unsetenv("AWS_REGION");
	must_fail(settings_read(&settings, &err), ERR_BAD_INPUT);
}

static void test_wrong_values(void **state)
{
	(void)state;
	static const char *const wrong[][2] = {{"PORT", "65536"}, {"PORT", "x"},
	    {"DAYBREAK_CONCURRENCY", "0"}, {"DAYBREAK_CONCURRENCY", "65"},
	    {"DAYBREAK_GATEWAY_SECRET", "fifteen letters"}};
	struct err err;
	struct settings settings;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		setenv(wrong[i][0], wrong[i][1], 1);
		must_fail(settings_read(&settings, &err), ERR_BAD_INPUT);
		assert_non_null(strstr(err.detail, wrong[i][0]));
		unsetenv(wrong[i][0]);
	}
	setenv("DAYBREAK_KEY", "no key", 1);
	must_fail(settings_read(&settings, &err), ERR_CRYPTO);
	unsetenv("DAYBREAK_KEY");
	must_fail(settings_read(&settings, &err), ERR_BAD_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(test_what_is_not_said, begin),
	    cmocka_unit_test_setup(test_contracts_in_their_order, begin),
	    cmocka_unit_test_setup(test_regions, begin),
	    cmocka_unit_test_setup(test_wrong_values, begin),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
