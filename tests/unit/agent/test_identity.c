#include "unit/unit.h"

#include "agent/identity.h"
#include "base/clock.h"
#include "base/text.h"

#include <string.h>

static const int64_t now_us = 1795000000LL * 1000000;
static const int64_t day_us = 86400LL * 1000000;
#define SITE "clinic-7f3a"

struct fixture {
	char folder[128];
	char authority_key[CRYPTO_PEM_SIZE], authority[CERTIFICATE_PEM_SIZE];
};

static void make_authority(struct fixture *f)
{
	struct err err;
	char public_pem[CRYPTO_PEM_SIZE];
	must(crypto_pair_make(f->authority_key, public_pem, &err));
	const struct certificate_signer self = {NULL, f->authority_key};
	const struct certificate_order order = {.use = CERTIFICATE_AUTHORITY,
	    .common_name = "Group",
	    .public_pem = public_pem,
	    .not_before_us = now_us - day_us,
	    .not_after_us = now_us + 3650 * day_us};
	must(certificate_issue(&self, &order, f->authority, &err));
}

/* A box of its own for each test. */
static struct fixture begin(void **state, const char *name)
{
	struct fixture f;
	struct err err;
	snprintf(f.folder, sizeof f.folder, "%s/%s", (const char *)*state, name);
	must(folder_make(f.folder, &err));
	make_authority(&f);
	return f;
}

/* A certificate for the private key. */
static void issue(const struct fixture *f, const char *site, const char *private_pem, int64_t from_us,
    int64_t until_us, enum certificate_use use, char ret_pem[CERTIFICATE_PEM_SIZE])
{
	struct err err;
	char public_pem[CRYPTO_PEM_SIZE];
	must(crypto_pair_public(private_pem, public_pem, &err));
	const struct certificate_signer signer = {f->authority, f->authority_key};
	const struct certificate_order order = {.use = use,
	    .common_name = site,
	    .public_pem = public_pem,
	    .names = {use == CERTIFICATE_GATEWAY ? "localhost" : NULL},
	    .not_before_us = from_us,
	    .not_after_us = until_us};
	must(certificate_issue(&signer, &order, ret_pem, &err));
}

static void issue_usual(const struct fixture *f, const char *private_pem, char ret_pem[CERTIFICATE_PEM_SIZE])
{
	issue(f, SITE, private_pem, now_us - day_us, now_us + 89 * day_us, CERTIFICATE_SITE, ret_pem);
}

static bool is_there(const struct fixture *f, const char *name)
{
	char path[256];
	snprintf(path, sizeof path, "%s/%s", f->folder, name);
	return file_exists(path);
}

static void put(const struct fixture *f, const char *name, const char *text)
{
	struct err err;
	char path[256];
	snprintf(path, sizeof path, "%s/%s", f->folder, name);
	must(file_write(path, text, strlen(text), 0600, &err));
}

static void assert_in_use(const struct fixture *f, const char *certificate_pem, const char *private_pem)
{
	struct err err;
	OWN(buf_done) struct buf certificate = BUF_INIT(8192), key = BUF_INIT(8192);
	must(identity_load(f->folder, SITE, &certificate, &key, &err));
	assert_string_equal(buf_text(&certificate), certificate_pem);
	assert_string_equal(buf_text(&key), private_pem);
}

static void a_pair_follows_another(void **state)
{
	struct err err;
	struct fixture f = begin(state, "follows");
	char first[CRYPTO_PEM_SIZE], second[CRYPTO_PEM_SIZE], again[CRYPTO_PEM_SIZE];
	char certificate[CERTIFICATE_PEM_SIZE], next[CERTIFICATE_PEM_SIZE];
	struct certificate_facts facts;
	must_fail(identity_facts(f.folder, &facts, &err), ERR_NOT_FOUND);
	must(identity_next_key(f.folder, first, &err));
	/* The same until it has its certificate. */
	must(identity_next_key(f.folder, again, &err));
	assert_string_equal(first, again);
	issue_usual(&f, first, certificate);
	must(identity_install(f.folder, SITE, certificate, f.authority, now_us, &err));
	assert_in_use(&f, certificate, first);
	assert_false(is_there(&f, "next-key.pem"));
	must(identity_next_key(f.folder, second, &err));
	assert_string_not_equal(first, second);
	issue_usual(&f, second, next);
	must(identity_install(f.folder, SITE, next, f.authority, now_us, &err));
	assert_in_use(&f, next, second);
}

/* Every state that a crash can leave ends in one whole pair. */
static void a_crash_leaves_a_whole_pair(void **state)
{
	struct err err;
	struct fixture f = begin(state, "crash");
	char first[CRYPTO_PEM_SIZE], second[CRYPTO_PEM_SIZE];
	char certificate[CERTIFICATE_PEM_SIZE], next[CERTIFICATE_PEM_SIZE];
	must(identity_next_key(f.folder, first, &err));
	issue_usual(&f, first, certificate);
	must(identity_install(f.folder, SITE, certificate, f.authority, now_us, &err));
	must(identity_next_key(f.folder, second, &err));
	/* Before the answer. */
	must(identity_settle(f.folder, &err));
	assert_in_use(&f, certificate, first);
	/* After the certificate was written. */
	issue_usual(&f, second, next);
	put(&f, "next-certificate.pem", next);
	must(identity_settle(f.folder, &err));
	assert_in_use(&f, next, second);
	assert_false(is_there(&f, "next-certificate.pem") || is_there(&f, "next-key.pem"));
	/* Between the two renames: the key is in place, the certificate not yet. */
	put(&f, "key.pem", first);
	put(&f, "next-certificate.pem", certificate);
	must(identity_settle(f.folder, &err));
	assert_in_use(&f, certificate, first);
	/* A certificate whose key is nowhere changes nothing. */
	put(&f, "next-certificate.pem", next);
	must(identity_settle(f.folder, &err));
	assert_in_use(&f, certificate, first);
	assert_false(is_there(&f, "next-certificate.pem"));
}

static void only_the_right_certificate_is_installed(void **state)
{
	struct err err;
	struct fixture f = begin(state, "right"), other = begin(state, "other");
	char key[CRYPTO_PEM_SIZE], foreign[CRYPTO_PEM_SIZE], public_pem[CRYPTO_PEM_SIZE],
	    pem[CERTIFICATE_PEM_SIZE];
	must(identity_next_key(f.folder, key, &err));
	must(crypto_pair_make(foreign, public_pem, &err));
	issue(&f, "clinic-other", key, now_us - day_us, now_us + day_us, CERTIFICATE_SITE, pem);
	must_fail(identity_install(f.folder, SITE, pem, f.authority, now_us, &err), ERR_FORBIDDEN);
	issue(&f, SITE, key, now_us - day_us, now_us + day_us, CERTIFICATE_GATEWAY, pem);
	must_fail(identity_install(f.folder, SITE, pem, f.authority, now_us, &err), ERR_FORBIDDEN);
	issue_usual(&f, foreign, pem);
	must_fail(identity_install(f.folder, SITE, pem, f.authority, now_us, &err), ERR_FORBIDDEN);
	issue_usual(&other, key, pem);
	must_fail(identity_install(f.folder, SITE, pem, f.authority, now_us, &err), ERR_FORBIDDEN);
	issue(&f, SITE, key, now_us - 2 * day_us, now_us - day_us, CERTIFICATE_SITE, pem);
	must_fail(identity_install(f.folder, SITE, pem, f.authority, now_us, &err), ERR_CONFLICT);
	issue(&f, SITE, key, now_us + day_us, now_us + 2 * day_us, CERTIFICATE_SITE, pem);
	must_fail(identity_install(f.folder, SITE, pem, f.authority, now_us, &err), ERR_CONFLICT);
	must_fail(identity_install(f.folder, SITE, "nonsense", f.authority, now_us, &err), ERR_DAMAGED);
	assert_false(is_there(&f, "certificate.pem") || is_there(&f, "next-certificate.pem"));
	assert_true(is_there(&f, "next-key.pem"));
}

static void another_site_is_not_shown(void **state)
{
	struct err err;
	struct fixture f = begin(state, "shown");
	char key[CRYPTO_PEM_SIZE], pem[CERTIFICATE_PEM_SIZE];
	OWN(buf_done) struct buf certificate = BUF_INIT(8192), key_text = BUF_INIT(8192);
	must(identity_next_key(f.folder, key, &err));
	issue_usual(&f, key, pem);
	must(identity_install(f.folder, SITE, pem, f.authority, now_us, &err));
	must_fail(identity_load(f.folder, "clinic-other", &certificate, &key_text, &err), ERR_FORBIDDEN);
	assert_int_equal(key_text.size, 0);
}

static void assert_state(const struct fixture *f, const char *site, int64_t at_us, const char *expected)
{
	OWN(json_decref) json_t *shown = identity_show(f->folder, site, at_us);
	assert_non_null(shown);
	assert_string_equal(json_text(shown, "state", ""), expected);
	assert_true(json_text(shown, "reason", "")[0] != 0);
	assert_true(json_text(shown, "next", "")[0] != 0);
}

static void write_note(const struct fixture *f, const char *word, const char *reason, int64_t since_us)
{
	struct err err;
	struct identity_note note = {.since_us = since_us};
	text_copy(note.state, sizeof note.state, word);
	text_copy(note.reason, sizeof note.reason, reason);
	text_copy(note.next, sizeof note.next, "ask");
	must(identity_note_write(f->folder, &note, &err));
}

static void each_state_has_its_reason(void **state)
{
	struct err err;
	struct fixture f = begin(state, "states");
	char key[CRYPTO_PEM_SIZE], pem[CERTIFICATE_PEM_SIZE];
	assert_state(&f, SITE, now_us, "none");
	write_note(&f, "waiting", "nobody has decided", now_us);
	assert_state(&f, SITE, now_us, "waiting");
	write_note(&f, "refused", "denied", now_us);
	assert_state(&f, SITE, now_us, "refused");
	identity_note_clear(f.folder);
	must(identity_next_key(f.folder, key, &err));
	issue_usual(&f, key, pem);
	must(identity_install(f.folder, SITE, pem, f.authority, now_us, &err));
	assert_state(&f, SITE, now_us, "valid");
	assert_state(&f, SITE, now_us + 58 * day_us, "valid");
	assert_state(&f, SITE, now_us + 60 * day_us, "expiring");
	assert_state(&f, SITE, now_us + 90 * day_us, "expired");
	assert_state(&f, "clinic-other", now_us, "refused");
	write_note(&f, "late", "the authority is away", now_us);
	assert_state(&f, SITE, now_us, "valid");
	assert_state(&f, SITE, now_us + 60 * day_us, "expiring");
	write_note(&f, "revoked", "taken back", now_us);
	assert_state(&f, SITE, now_us, "revoked");
}

static void since_is_kept_while_the_state_is(void **state)
{
	struct err err;
	struct fixture f = begin(state, "since");
	struct identity_note note;
	must(identity_note_read(f.folder, &note, &err));
	assert_string_equal(note.state, "");
	write_note(&f, "late", "one reason", now_us);
	write_note(&f, "late", "another reason", now_us + day_us);
	must(identity_note_read(f.folder, &note, &err));
	assert_string_equal(note.reason, "another reason");
	assert_int_equal(note.since_us, now_us);
	write_note(&f, "revoked", "taken back", now_us + day_us);
	must(identity_note_read(f.folder, &note, &err));
	assert_int_equal(note.since_us, now_us + day_us);
	put(&f, "enrolment.json", "not JSON");
	must_fail(identity_note_read(f.folder, &note, &err), ERR_BAD_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_pair_follows_another),
	    cmocka_unit_test(a_crash_leaves_a_whole_pair),
	    cmocka_unit_test(only_the_right_certificate_is_installed),
	    cmocka_unit_test(another_site_is_not_shown),
	    cmocka_unit_test(each_state_has_its_reason),
	    cmocka_unit_test(since_is_kept_while_the_state_is),
	};
	return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
