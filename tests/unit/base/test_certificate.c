#include "unit/unit.h"

#include "base/certificate.h"
#include "base/clock.h"
#include "base/text.h"

#include <string.h>

static const int64_t day_us = 86400LL * 1000000;
static const int64_t from_us = 1795000000LL * 1000000; /* 2026-11-18 */

struct pair {
	char private_pem[CRYPTO_PEM_SIZE], public_pem[CRYPTO_PEM_SIZE];
};

static struct pair make_pair(void)
{
	struct err err;
	struct pair pair;
	must(crypto_pair_make(pair.private_pem, pair.public_pem, &err));
	return pair;
}

struct authority {
	struct pair pair;
	char pem[CERTIFICATE_PEM_SIZE];
	struct certificate_signer signer;
};

static void make_authority(struct authority *authority, const char *name)
{
	struct err err;
	authority->pair = make_pair();
	const struct certificate_order order = {.use = CERTIFICATE_AUTHORITY,
	    .common_name = name,
	    .public_pem = authority->pair.public_pem,
	    .not_before_us = from_us,
	    .not_after_us = from_us + 3650 * day_us};
	authority->signer = (struct certificate_signer){NULL, authority->pair.private_pem};
	must(certificate_issue(&authority->signer, &order, authority->pem, &err));
	authority->signer.certificate_pem = authority->pem;
}

static struct certificate_order site_order(const char *name, const struct pair *pair)
{
	return (struct certificate_order){.use = CERTIFICATE_SITE,
	    .common_name = name,
	    .public_pem = pair->public_pem,
	    .not_before_us = from_us,
	    .not_after_us = from_us + 90 * day_us};
}

static void a_site_is_read_as_it_was_ordered(void **state)
{
	(void)state;
	struct err err;
	struct authority authority;
	struct pair pair = make_pair();
	struct certificate_facts facts;
	char pem[CERTIFICATE_PEM_SIZE];
	uint8_t digest[CRYPTO_DIGEST_SIZE];
	make_authority(&authority, "Test group");
	struct certificate_order order = site_order("clinic-7f3a", &pair);
	must(certificate_issue(&authority.signer, &order, pem, &err));
	must(certificate_read(pem, &facts, &err));
	assert_string_equal(facts.subject, "CN=clinic-7f3a,O=Daybreak site");
	assert_string_equal(facts.common_name, "clinic-7f3a");
	assert_int_equal(strlen(facts.serial), 32);
	assert_int_equal(facts.not_before_us, order.not_before_us);
	assert_int_equal(facts.not_after_us, order.not_after_us);
	assert_int_equal(facts.use, CERTIFICATE_SITE);
	must(crypto_public_digest(pair.public_pem, digest, &err));
	assert_memory_equal(facts.key_digest, digest, sizeof digest);
	must(certificate_signed_by(pem, authority.pem, &err));
	must(certificate_read(authority.pem, &facts, &err));
	assert_int_equal(facts.use, CERTIFICATE_AUTHORITY);
	assert_string_equal(facts.subject, "CN=Test group,O=Daybreak authority");
}

static void another_authority_of_the_same_name_is_another(void **state)
{
	(void)state;
	struct err err;
	struct authority ours, theirs;
	struct pair pair = make_pair();
	char pem[CERTIFICATE_PEM_SIZE];
	make_authority(&ours, "Group");
	make_authority(&theirs, "Group");
	struct certificate_order order = site_order("clinic-7f3a", &pair);
	must(certificate_issue(&theirs.signer, &order, pem, &err));
	must(certificate_signed_by(pem, theirs.pem, &err));
	must_fail(certificate_signed_by(pem, ours.pem, &err), ERR_FORBIDDEN);
	/* Nor may a site sign. */
	struct certificate_signer site = {pem, pair.private_pem};
	char below[CERTIFICATE_PEM_SIZE];
	must(certificate_issue(&site, &order, below, &err));
	must_fail(certificate_signed_by(below, pem, &err), ERR_FORBIDDEN);
}

static void a_gateway_has_names(void **state)
{
	(void)state;
	struct err err;
	struct authority authority;
	struct pair pair = make_pair();
	struct certificate_facts facts;
	char pem[CERTIFICATE_PEM_SIZE];
	make_authority(&authority, "Group");
	struct certificate_order order = site_order("burst.example", &pair);
	order.use = CERTIFICATE_GATEWAY;
	must_fail(certificate_issue(&authority.signer, &order, pem, &err), ERR_BAD_INPUT);
	order.names[0] = "burst.example";
	order.names[1] = "127.0.0.1";
	order.names[2] = "::1";
	must(certificate_issue(&authority.signer, &order, pem, &err));
	must(certificate_read(pem, &facts, &err));
	assert_int_equal(facts.use, CERTIFICATE_GATEWAY);
	order.names[3] = "two words";
	must_fail(certificate_issue(&authority.signer, &order, pem, &err), ERR_BAD_INPUT);
}

static void a_request_proves_its_key(void **state)
{
	(void)state;
	struct err err;
	struct pair pair = make_pair();
	struct certificate_asked asked;
	char pem[CERTIFICATE_PEM_SIZE];
	uint8_t digest[CRYPTO_DIGEST_SIZE];
	must(certificate_request(pair.private_pem, "clinic-7f3a", pem, &err));
	must(certificate_request_read(pem, &asked, &err));
	assert_string_equal(asked.common_name, "clinic-7f3a");
	assert_string_equal(asked.public_pem, pair.public_pem);
	must(crypto_public_digest(pair.public_pem, digest, &err));
	assert_memory_equal(asked.key_digest, digest, sizeof digest);
	must_fail(certificate_request_read("none", &asked, &err), ERR_DAMAGED);
	must_fail(certificate_request(pair.private_pem, "", pem, &err), ERR_BAD_INPUT);
}

/* What a hospital issues to a box: another use, another organisation, an issuer above it. */
static struct certificate_order box_order(const struct pair *pair)
{
	return (struct certificate_order){.use = CERTIFICATE_BOX,
	    .common_name = "daybreak.hospital.example",
	    .names = {"daybreak.hospital.example", "*.lab.example", "192.0.2.7", "2001:db8::7"},
	    .public_pem = pair->public_pem,
	    .not_before_us = from_us,
	    .not_after_us = from_us + 820 * day_us};
}

static void a_box_signs_for_itself(void **state)
{
	(void)state;
	struct err err;
	struct pair pair = make_pair(), other = make_pair();
	struct certificate_server server;
	struct certificate_facts facts;
	char pem[CERTIFICATE_PEM_SIZE];
	const struct certificate_order order = box_order(&pair);
	const struct certificate_signer itself = {NULL, pair.private_pem};
	must(certificate_issue(&itself, &order, pem, &err));
	must(certificate_server_read(pem, pair.private_pem, &server, &err));
	assert_string_equal(server.names, "daybreak.hospital.example,*.lab.example,192.0.2.7,2001:db8::7");
	assert_true(server.self_made);
	assert_int_equal(server.not_after_us, order.not_after_us);
	assert_true(certificate_server_covers(&server, "Daybreak.Hospital.example"));
	assert_true(certificate_server_covers(&server, "embryos.lab.example"));
	assert_false(certificate_server_covers(&server, "a.b.lab.example"));
	assert_true(certificate_server_covers(&server, "2001:DB8:0::7"));
	assert_false(certificate_server_covers(&server, "192.0.2.70"));
	must_fail(certificate_server_read(pem, other.private_pem, &server, &err), ERR_CRYPTO);
	must_fail(certificate_server_read(pem, "none", &server, &err), ERR_CRYPTO);
	must_fail(certificate_server_read("none", NULL, &server, &err), ERR_DAMAGED);
	must(certificate_read(pem, &facts, &err));
	assert_string_equal(facts.subject, "CN=daybreak.hospital.example,O=Daybreak box");
}

static void a_hospital_issues_a_chain(void **state)
{
	(void)state;
	struct err err;
	struct authority authority;
	struct pair pair = make_pair();
	struct certificate_server server;
	char pem[CERTIFICATE_PEM_SIZE], chain[2 * CERTIFICATE_PEM_SIZE];
	make_authority(&authority, "Hospital");
	const struct certificate_order order = box_order(&pair);
	must(certificate_issue(&authority.signer, &order, pem, &err));
	snprintf(chain, sizeof chain, "%s%s", pem, authority.pem);
	must(certificate_server_read(chain, pair.private_pem, &server, &err));
	assert_false(server.self_made);
	assert_string_equal(server.issuer, "CN=Hospital,O=Daybreak authority");
	snprintf(chain, sizeof chain, "%s%s", authority.pem, pem);
	must_fail(certificate_server_read(chain, pair.private_pem, &server, &err), ERR_CRYPTO);
	must_fail(certificate_server_read(chain, NULL, &server, &err), ERR_BAD_INPUT);
}

static void a_request_asks_for_names(void **state)
{
	(void)state;
	struct err err;
	struct pair pair = make_pair();
	struct certificate_asked asked;
	char pem[CERTIFICATE_PEM_SIZE];
	const char *const names[CERTIFICATE_NAMES_MAX] = {"daybreak.hospital.example", "192.0.2.7"};
	const char *const wrong[CERTIFICATE_NAMES_MAX] = {"two words"};
	must(certificate_server_request(pair.private_pem, names, pem, &err));
	must(certificate_request_read(pem, &asked, &err));
	assert_string_equal(asked.common_name, names[0]);
	must_fail(certificate_server_request(pair.private_pem, wrong, pem, &err), ERR_BAD_INPUT);
}

/* A flipped bit is never taken for a request; most of them break the form, the others the signature. */
static void a_changed_request_is_refused(void **state)
{
	(void)state;
	struct err err;
	struct pair pair = make_pair();
	struct certificate_asked asked;
	char pem[CERTIFICATE_PEM_SIZE];
	must(certificate_request(pair.private_pem, "clinic-7f3a", pem, &err));
	char *begin = strchr(pem, '\n') + 1, *end = strstr(pem, "\n-----END");
	int refused_by_signature = 0;
	/* Not the last letters: bits of them pad. */
	for (char *at = begin; at < end - 4; at++) {
		if (*at == '\n')
			continue;
		char kept = *at;
		*at = kept == 'A' ? 'B' : 'A';
		assert_false(certificate_request_read(pem, &asked, &err));
		refused_by_signature += err.code == ERR_CRYPTO;
		*at = kept;
	}
	assert_true(refused_by_signature > 50);
	must(certificate_request_read(pem, &asked, &err));
}

static void orders_that_make_no_sense_are_refused(void **state)
{
	(void)state;
	struct err err;
	struct authority authority, other;
	struct pair pair = make_pair();
	char pem[CERTIFICATE_PEM_SIZE];
	make_authority(&authority, "Group");
	make_authority(&other, "Group");
	struct certificate_order order = site_order("clinic", &pair);
	order.not_after_us = order.not_before_us;
	must_fail(certificate_issue(&authority.signer, &order, pem, &err), ERR_BAD_INPUT);
	order = site_order("a name of more than sixty-four characters, which X.509 does not allow", &pair);
	must_fail(certificate_issue(&authority.signer, &order, pem, &err), ERR_BAD_INPUT);
	order = site_order("clinic", &pair);
	struct certificate_signer mixed = {authority.pem, other.pair.private_pem};
	must_fail(certificate_issue(&mixed, &order, pem, &err), ERR_CRYPTO);
}

static void dates_beyond_2049_are_kept(void **state)
{
	(void)state;
	struct err err;
	struct authority authority;
	struct pair pair = make_pair();
	struct certificate_facts facts;
	char pem[CERTIFICATE_PEM_SIZE], text[CLOCK_TEXT_SIZE];
	make_authority(&authority, "Group");
	struct certificate_order order = site_order("clinic", &pair);
	assert_true(clock_parse("2050-01-01T00:00:00Z", &order.not_after_us));
	must(certificate_issue(&authority.signer, &order, pem, &err));
	must(certificate_read(pem, &facts, &err));
	clock_format(text, facts.not_after_us);
	assert_string_equal(text, "2050-01-01T00:00:00Z");
}

static void a_list_is_written(void **state)
{
	(void)state;
	struct err err;
	struct authority authority;
	OWN(buf_done) struct buf list = BUF_INIT(1 << 20);
	OWN(free) struct certificate_revoked *many = calloc(CERTIFICATE_REVOKED_MAX, sizeof *many);
	make_authority(&authority, "Group");
	must(certificate_list(&authority.signer, NULL, 0, 1, from_us, from_us + day_us, &list, &err));
	assert_true(text_starts(buf_text(&list), "-----BEGIN X509 CRL-----"));
	for (size_t i = 0; i < CERTIFICATE_REVOKED_MAX; i++) {
		snprintf(many[i].serial, sizeof many[i].serial, "FF%036zX", i);
		many[i].when_us = from_us;
	}
	must(certificate_list(&authority.signer, many, CERTIFICATE_REVOKED_MAX, INT64_MAX, from_us,
	    from_us + day_us, &list, &err));
	assert_true(list.size > 40 * CERTIFICATE_REVOKED_MAX);
	text_copy(many[0].serial, sizeof many[0].serial, "not hex");
	must_fail(certificate_list(&authority.signer, many, 1, 1, from_us, from_us + day_us, &list, &err),
	    ERR_BAD_INPUT);
}

static void what_is_no_certificate_is_refused(void **state)
{
	(void)state;
	struct err err;
	struct certificate_facts facts;
	struct pair pair = make_pair();
	must_fail(certificate_read("", &facts, &err), ERR_DAMAGED);
	must_fail(certificate_read(pair.public_pem, &facts, &err), ERR_DAMAGED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_site_is_read_as_it_was_ordered),
	    cmocka_unit_test(another_authority_of_the_same_name_is_another),
	    cmocka_unit_test(a_gateway_has_names),
	    cmocka_unit_test(a_request_proves_its_key),
	    cmocka_unit_test(a_box_signs_for_itself),
	    cmocka_unit_test(a_hospital_issues_a_chain),
	    cmocka_unit_test(a_request_asks_for_names),
	    cmocka_unit_test(a_changed_request_is_refused),
	    cmocka_unit_test(orders_that_make_no_sense_are_refused),
	    cmocka_unit_test(dates_beyond_2049_are_kept),
	    cmocka_unit_test(a_list_is_written),
	    cmocka_unit_test(what_is_no_certificate_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
