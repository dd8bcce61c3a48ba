#include "unit/unit.h"

#include "base/certificate.h"
#include "function/identity.h"

#include <string.h>

static const char *site_of(const char *subject)
{
	static char site[IDENTITY_SITE_SIZE];
	struct err err;
	return identity_site(subject, site, &err) ? site : NULL;
}

static void test_sites(void **state)
{
	(void)state;
	assert_string_equal(site_of("CN=clinic-7f3a,O=Daybreak site"), "clinic-7f3a");
	assert_string_equal(site_of("O=Daybreak site, CN=clinic-7f3a"), "clinic-7f3a");
	assert_string_equal(site_of("O=a+cn=x.y_z"), "x.y_z");
	assert_null(site_of(""));
	assert_null(site_of("O=clinic-7f3a"));
	assert_null(site_of("CN="));
	assert_null(site_of("CN=clinic-1,CN=clinic-2"));
	/* An escaped comma does not end a value; a site's name has none. */
	assert_null(site_of("O=a\\,CN=clinic-1"));
	assert_null(site_of("CN=a\\,b"));
	assert_null(site_of("CN=a\\"));
	assert_null(site_of("CN=a b"));
	assert_null(site_of("CN=abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklm"));
}

static void test_lists(void **state)
{
	(void)state;
	assert_true(identity_listed("a", "a"));
	assert_true(identity_listed(" a , bc ,,d", "bc"));
	assert_true(identity_listed("a,d ", "d"));
	assert_false(identity_listed("abc", "ab"));
	assert_false(identity_listed("ab", "abc"));
	assert_false(identity_listed("", "a"));
	assert_false(identity_listed(" , ", ""));
}

static void test_serials(void **state)
{
	(void)state;
	assert_true(identity_denied("0a1b", "A1B"));
	assert_true(identity_denied("1,00:0A:1B", "0a1b"));
	assert_true(identity_denied("A1B", "00:0a:1b"));
	assert_false(identity_denied("0a1b", "0a1b00"));
	assert_false(identity_denied("0a1b00", "0a1b"));
	assert_false(identity_denied("", "01"));
}

static struct call by_gateway(const char *verify, const char *subject, const char *serial)
{
	struct call call = {.door = CALL_BY_GATEWAY};
	call.headers[CALL_GATEWAY] = "a secret of sixteen";
	call.headers[CALL_VERIFY] = verify;
	call.headers[CALL_SUBJECT] = subject;
	call.headers[CALL_SERIAL] = serial;
	return call;
}

static bool allowed(const struct settings *settings, struct call call)
{
	char site[IDENTITY_SITE_SIZE];
	struct err err;
	bool ok = identity_check(settings, &call, site, &err);
	assert_true(ok || (err.code == ERR_FORBIDDEN && err.detail[0]));
	return ok;
}

static void test_who_may(void **state)
{
	(void)state;
	const struct settings nothing = {.sites = "", .deny = "", .gateway_secret = ""};
	const struct settings any = {.sites = "*", .deny = "", .gateway_secret = ""};
	const struct settings one = {
	    .sites = "clinic-1", .deny = "ff", .gateway_secret = "a secret of sixteen"};
	const struct settings denied = {.sites = "", .deny = "01", .gateway_secret = ""};
	const struct call nobody = {.door = CALL_BY_GATEWAY};
	assert_true(allowed(&nothing, nobody));
	assert_false(allowed(&nothing, by_gateway("FAILED:expired", "CN=clinic-1", "01")));
	assert_false(allowed(&any, nobody));
	assert_true(allowed(&any, by_gateway("SUCCESS", "CN=clinic-9", "01")));
	assert_false(allowed(&any, by_gateway("NONE", "CN=clinic-9", "01")));
	assert_false(allowed(&any, by_gateway(NULL, "CN=clinic-9", "01")));
	assert_false(allowed(&any, by_gateway("SUCCESS", "CN=clinic-9", NULL)));
	assert_true(allowed(&one, by_gateway("SUCCESS", "CN=clinic-1", "01")));
	assert_false(allowed(&one, by_gateway("SUCCESS", "CN=clinic-2", "01")));
	assert_false(allowed(&one, by_gateway("SUCCESS", "CN=clinic-1", "FF")));
	assert_false(allowed(&denied, by_gateway("SUCCESS", "CN=clinic-1", "01")));
	assert_false(allowed(&denied, nobody));

	struct call wrong = by_gateway("SUCCESS", "CN=clinic-1", "01");
	wrong.headers[CALL_GATEWAY] = "a secret of sixteeN";
	assert_false(allowed(&one, wrong));
	wrong.headers[CALL_GATEWAY] = NULL;
	assert_false(allowed(&one, wrong));
}

static void test_doors_of_a_cloud(void **state)
{
	(void)state;
	const struct settings one = {.sites = "clinic-1", .deny = "ff", .gateway_secret = ""};
	struct call call = by_gateway("SUCCESS", "CN=clinic-1", "01");
	/* Headers are nothing there: anybody may write them. */
	call.door = CALL_BY_CLOUD;
	assert_false(allowed(&one, call));
	call.subject = "CN=clinic-1";
	call.serial = "01";
	assert_true(allowed(&one, call));
	call.serial = "ff";
	assert_false(allowed(&one, call));
	call.door = CALL_BY_ACCOUNT;
	assert_true(allowed(&one, call));
}

/* One by a made-up authority. */
static void make_certificate(
    const char *site, char pem[CERTIFICATE_PEM_SIZE], char serial[CERTIFICATE_SERIAL_SIZE])
{
	struct err err;
	struct certificate_facts facts;
	char key[CRYPTO_PEM_SIZE], public_pem[CRYPTO_PEM_SIZE], authority[CERTIFICATE_PEM_SIZE];
	struct certificate_signer signer = {.private_pem = key};
	struct certificate_order order = {.use = CERTIFICATE_AUTHORITY,
	    .common_name = "Authority",
	    .public_pem = public_pem,
	    .not_before_us = 1700000000000000,
	    .not_after_us = 1900000000000000};
	must(crypto_pair_make(key, public_pem, &err));
	must(certificate_issue(&signer, &order, authority, &err));
	signer.certificate_pem = authority;
	order.use = CERTIFICATE_SITE;
	order.common_name = site;
	must(certificate_issue(&signer, &order, pem, &err));
	must(certificate_read(pem, &facts, &err));
	memcpy(serial, facts.serial, sizeof facts.serial);
}

/* As RFC 9440 writes it. */
static void header_of(const char *pem, char header[CERTIFICATE_PEM_SIZE])
{
	const char *at = strchr(pem, '\n'), *end = strstr(pem, "-----END");
	size_t length = 0;
	header[length++] = ':';
	for (; at < end; at++)
		if (*at != '\n')
			header[length++] = *at;
	header[length++] = ':';
	header[length] = 0;
}

static void test_whole_certificates(void **state)
{
	(void)state;
	char pem[CERTIFICATE_PEM_SIZE], serial[CERTIFICATE_SERIAL_SIZE], header[CERTIFICATE_PEM_SIZE];
	make_certificate("clinic-1", pem, serial);
	header_of(pem, header);
	const struct settings one = {.sites = "clinic-1", .deny = "", .gateway_secret = ""};
	const struct settings other = {.sites = "clinic-2", .deny = "", .gateway_secret = ""};
	const struct settings denied = {.sites = "clinic-1", .deny = serial, .gateway_secret = ""};

	struct call call = {
	    .door = CALL_BY_CLOUD, .certificate = pem, .subject = "CN=clinic-2", .serial = "01"};
	assert_true(allowed(&one, call));
	assert_false(allowed(&other, call));
	assert_false(allowed(&denied, call));
	call.certificate = "no certificate";
	assert_false(allowed(&other, call));
	call.certificate = "";
	assert_true(allowed(&other, call));

	call = (struct call){.door = CALL_BY_GATEWAY};
	call.headers[CALL_VERIFY] = "SUCCESS";
	call.headers[CALL_CERTIFICATE] = header;
	assert_true(allowed(&one, call));
	assert_false(allowed(&other, call));
	assert_false(allowed(&denied, call));
	call.headers[CALL_SUBJECT] = "CN=clinic-2";
	call.headers[CALL_SERIAL] = "01";
	assert_false(allowed(&one, call));
	assert_false(allowed(&other, call));
	call.headers[CALL_SUBJECT] = NULL;
	static const char *const wrong[] = {"", ":", "::", ":?:", ":AAAA:"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		call.headers[CALL_CERTIFICATE] = wrong[i];
		assert_false(allowed(&one, call));
	}
	call.headers[CALL_CERTIFICATE] = header + 1;
	assert_false(allowed(&one, call));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sites),
	    cmocka_unit_test(test_lists),
	    cmocka_unit_test(test_serials),
	    cmocka_unit_test(test_who_may),
	    cmocka_unit_test(test_doors_of_a_cloud),
	    cmocka_unit_test(test_whole_certificates),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
