#include "unit/unit.h"

#include "authority/authority.h"

#include <string.h>

static const int64_t second_us = 1000000;
static const int64_t day_us = 86400LL * 1000000;
static const int64_t now_us = 1795000000LL * 1000000;
enum { DAY_S = 86400, OWN_S = 3652 * DAY_S };

static struct authority *begin(void **state, const char *name)
{
	struct err err;
	struct authority *authority;
	char folder[256];
	snprintf(folder, sizeof folder, "%s/%s", (const char *)*state, name);
	must(authority_init(folder, "Test group", OWN_S, now_us, &err));
	must(authority_open(folder, &authority, &err));
	return authority;
}

static void make_request(const char *site, char ret_pem[CERTIFICATE_PEM_SIZE])
{
	struct err err;
	char private_pem[CRYPTO_PEM_SIZE], public_pem[CRYPTO_PEM_SIZE];
	must(crypto_pair_make(private_pem, public_pem, &err));
	must(certificate_request(private_pem, site, ret_pem, &err));
}

/* The certificate of a site that asked and was approved. */
static struct certificate_facts approve(struct authority *authority, const char *site, int64_t valid_s)
{
	struct err err;
	struct authority_answer answer;
	struct certificate_facts facts;
	char request[CERTIFICATE_PEM_SIZE];
	make_request(site, request);
	must(authority_ask(authority, request, now_us, &answer, &err));
	must(authority_approve(authority, answer.fingerprint, site, valid_s, now_us, &err));
	must(authority_look(authority, answer.fingerprint, now_us, &answer, &err));
	assert_true(answer.approved);
	must(certificate_read(answer.certificate, &facts, &err));
	return facts;
}

static void there_is_one_authority_in_a_folder(void **state)
{
	struct err err;
	char folder[256];
	authority_close(begin(state, "one"));
	snprintf(folder, sizeof folder, "%s/one", (const char *)*state);
	must_fail(authority_init(folder, "Another", OWN_S, now_us, &err), ERR_CONFLICT);
}

static void a_request_waits_until_it_is_approved(void **state)
{
	struct err err;
	OWN(authority_close) struct authority *authority = begin(state, "waits");
	struct authority_answer answer;
	struct certificate_facts facts;
	char request[CERTIFICATE_PEM_SIZE];
	make_request("clinic-7f3a", request);
	must(authority_ask(authority, request, now_us, &answer, &err));
	assert_true(answer.is_new && !answer.approved);
	must(authority_ask(authority, request, now_us, &answer, &err));
	assert_false(answer.is_new || answer.approved);
	must_fail(authority_approve(authority, answer.fingerprint, "clinic-other", DAY_S, now_us, &err),
	    ERR_BAD_INPUT);
	must(authority_approve(authority, answer.fingerprint, "clinic-7f3a", 90 * DAY_S, now_us, &err));
	must_fail(authority_approve(authority, answer.fingerprint, "clinic-7f3a", DAY_S, now_us, &err),
	    ERR_CONFLICT);
	must_fail(authority_deny(authority, answer.fingerprint, now_us, &err), ERR_CONFLICT);
	must(authority_look(authority, answer.fingerprint, now_us, &answer, &err));
	must(certificate_signed_by(answer.certificate, authority_certificate(authority), &err));
	must(certificate_read(answer.certificate, &facts, &err));
	assert_string_equal(facts.subject, "CN=clinic-7f3a,O=Daybreak site");
	assert_int_equal(facts.not_after_us, now_us + 90 * day_us);
	assert_true(facts.not_before_us < now_us);
	must_fail(authority_look(authority, answer.fingerprint, now_us + 91 * day_us, &answer, &err),
	    ERR_FORBIDDEN);
}

static void what_is_denied_stays_denied(void **state)
{
	struct err err;
	OWN(authority_close) struct authority *authority = begin(state, "denied");
	struct authority_answer answer;
	char request[CERTIFICATE_PEM_SIZE];
	must_fail(authority_deny(authority, "00", now_us, &err), ERR_NOT_FOUND);
	make_request("clinic-7f3a", request);
	must(authority_ask(authority, request, now_us, &answer, &err));
	must(authority_deny(authority, answer.fingerprint, now_us, &err));
	must_fail(authority_ask(authority, request, now_us, &answer, &err), ERR_FORBIDDEN);
	must_fail(authority_look(authority, answer.fingerprint, now_us, &answer, &err), ERR_FORBIDDEN);
	must_fail(authority_approve(authority, answer.fingerprint, "clinic-7f3a", DAY_S, now_us, &err),
	    ERR_CONFLICT);
}

static void a_strange_request_is_refused(void **state)
{
	struct err err;
	OWN(authority_close) struct authority *authority = begin(state, "strange");
	struct authority_answer answer;
	char request[CERTIFICATE_PEM_SIZE];
	make_request("two words", request);
	must_fail(authority_ask(authority, request, now_us, &answer, &err), ERR_BAD_INPUT);
	must_fail(authority_ask(authority, "nonsense", now_us, &answer, &err), ERR_DAMAGED);
}

/* Strangers cannot fill the disk, and what nobody decides upon is forgotten. */
static void the_waiting_room_is_limited(void **state)
{
	struct err err;
	OWN(authority_close) struct authority *authority = begin(state, "limited");
	struct registry_request request = {
	    .state = REGISTRY_WAITING, .common_name = "clinic", .request = "-"};
	struct registry *registry = authority_registry(authority);
	struct authority_answer answer;
	char last[CERTIFICATE_PEM_SIZE];
	must(registry_begin(registry, &err));
	for (int i = 0; i < REGISTRY_WAITING_MAX; i++) {
		snprintf(request.fingerprint, sizeof request.fingerprint, "%064d", i);
		must(registry_ask(registry, &request, now_us, &err));
	}
	must(registry_commit(registry, &err));
	make_request("clinic-7f3a", last);
	must_fail(authority_ask(authority, last, now_us, &answer, &err), ERR_TOO_MANY);
	must(authority_ask(authority, last, now_us + 15 * day_us, &answer, &err));
}

static void a_renewal_is_for_the_same_site(void **state)
{
	struct err err;
	OWN(authority_close) struct authority *authority = begin(state, "renewal");
	struct certificate_facts before = approve(authority, "clinic-7f3a", 90 * DAY_S), after;
	char request[CERTIFICATE_PEM_SIZE], pem[CERTIFICATE_PEM_SIZE];
	int64_t later_us = now_us + 60 * day_us;
	make_request("clinic-7f3a", request);
	must(authority_renew(authority, before.serial, before.subject, request, later_us, pem, &err));
	must(certificate_read(pem, &after, &err));
	assert_string_equal(after.subject, before.subject);
	assert_string_not_equal(after.serial, before.serial);
	assert_int_equal(after.not_after_us, later_us + 90 * day_us);
	must_fail(
	    authority_renew(authority, "00", before.subject, request, later_us, pem, &err), ERR_NOT_FOUND);
	must_fail(authority_renew(authority, before.serial, "CN=clinic-other,O=Daybreak site", request,
	              later_us, pem, &err),
	    ERR_FORBIDDEN);
	must_fail(authority_renew(
	              authority, before.serial, before.subject, request, now_us + 90 * day_us, pem, &err),
	    ERR_FORBIDDEN);
	make_request("clinic-other", request);
	must_fail(authority_renew(authority, before.serial, before.subject, request, later_us, pem, &err),
	    ERR_FORBIDDEN);
}

static void renewals_of_one_site_are_limited(void **state)
{
	struct err err;
	OWN(authority_close) struct authority *authority = begin(state, "renewals");
	struct certificate_facts before = approve(authority, "clinic-7f3a", 90 * DAY_S);
	char request[CERTIFICATE_PEM_SIZE], pem[CERTIFICATE_PEM_SIZE];
	for (int i = 1; i < AUTHORITY_CERTIFICATES_MAX; i++) {
		make_request("clinic-7f3a", request);
		must(authority_renew(authority, before.serial, before.subject, request, now_us, pem, &err));
	}
	/* An answer that was lost is given again. */
	char again[CERTIFICATE_PEM_SIZE];
	must(
	    authority_renew(authority, before.serial, before.subject, request, now_us + day_us, again, &err));
	assert_string_equal(again, pem);
	make_request("clinic-7f3a", request);
	must_fail(authority_renew(authority, before.serial, before.subject, request, now_us, pem, &err),
	    ERR_TOO_MANY);
}

static void a_short_certificate_is_renewed_as_short(void **state)
{
	struct err err;
	OWN(authority_close) struct authority *authority = begin(state, "short");
	struct certificate_facts facts = approve(authority, "clinic-7f3a", 20);
	char request[CERTIFICATE_PEM_SIZE], pem[CERTIFICATE_PEM_SIZE];
	make_request("clinic-7f3a", request);
	for (int i = 1; i <= 3; i++) {
		int64_t at_us = now_us + i * 10 * second_us;
		must(authority_renew(authority, facts.serial, facts.subject, request, at_us, pem, &err));
		must(certificate_read(pem, &facts, &err));
		assert_int_equal(facts.not_after_us, at_us + 20 * second_us);
	}
}

static void what_is_taken_back_is_on_the_list_and_not_renewed(void **state)
{
	struct err err;
	OWN(authority_close) struct authority *authority = begin(state, "revoked");
	struct certificate_facts first = approve(authority, "clinic-7f3a", 90 * DAY_S);
	struct certificate_facts other = approve(authority, "clinic-other", 90 * DAY_S);
	OWN(free) struct certificate_revoked *revoked = NULL;
	size_t count;
	int taken;
	char request[CERTIFICATE_PEM_SIZE], pem[CERTIFICATE_PEM_SIZE];
	must(authority_revoke(authority, "clinic-7f3a", NULL, now_us, &taken, &err));
	assert_int_equal(taken, 1);
	must_fail(authority_revoke(authority, "clinic-7f3a", NULL, now_us, &taken, &err), ERR_NOT_FOUND);
	must(authority_revoke(authority, NULL, other.serial, now_us, &taken, &err));
	must(registry_revoked(authority_registry(authority), now_us, &revoked, &count, &err));
	assert_int_equal(count, 2);
	make_request("clinic-7f3a", request);
	must_fail(authority_renew(authority, first.serial, first.subject, request, now_us, pem, &err),
	    ERR_FORBIDDEN);
	/* The list holds it until it would have ended anyway, and a day longer. */
	free(TAKE(revoked));
	must(registry_revoked(authority_registry(authority), now_us + 92 * day_us, &revoked, &count, &err));
	assert_int_equal(count, 0);
}

static void the_list_is_made_anew_each_day(void **state)
{
	struct err err;
	OWN(authority_close) struct authority *authority = begin(state, "list");
	int64_t number, made_us;
	must(authority_list_fresh(authority, now_us + day_us / 2, &err));
	must(registry_list(authority_registry(authority), &number, &made_us, &err));
	assert_int_equal(made_us, now_us);
	must(authority_list_fresh(authority, now_us + day_us, &err));
	must(registry_list(authority_registry(authority), &number, &made_us, &err));
	assert_int_equal(made_us, now_us + day_us);
	/* A clock that was set back does not stop it. */
	must(authority_list_fresh(authority, now_us, &err));
	must(registry_list(authority_registry(authority), &number, &made_us, &err));
	assert_int_equal(made_us, now_us);
	assert_int_equal(number, 3);
}

static void nothing_outlives_the_authority(void **state)
{
	struct err err;
	OWN(authority_close) struct authority *authority = begin(state, "outlives");
	struct authority_answer answer;
	char request[CERTIFICATE_PEM_SIZE];
	make_request("clinic-7f3a", request);
	must(authority_ask(authority, request, now_us, &answer, &err));
	must_fail(authority_approve(authority, answer.fingerprint, "clinic-7f3a", 2LL * OWN_S, now_us, &err),
	    ERR_BAD_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(there_is_one_authority_in_a_folder),
	    cmocka_unit_test(a_request_waits_until_it_is_approved),
	    cmocka_unit_test(what_is_denied_stays_denied),
	    cmocka_unit_test(a_strange_request_is_refused),
	    cmocka_unit_test(the_waiting_room_is_limited),
	    cmocka_unit_test(a_renewal_is_for_the_same_site),
	    cmocka_unit_test(renewals_of_one_site_are_limited),
	    cmocka_unit_test(a_short_certificate_is_renewed_as_short),
	    cmocka_unit_test(what_is_taken_back_is_on_the_list_and_not_renewed),
	    cmocka_unit_test(the_list_is_made_anew_each_day),
	    cmocka_unit_test(nothing_outlives_the_authority),
	};
	return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
