#include "unit/unit.h"

#include "base/crypto.h"

#include <string.h>

static struct err err;

static char mine[CRYPTO_PEM_SIZE], mine_public[CRYPTO_PEM_SIZE];
static char other[CRYPTO_PEM_SIZE], other_public[CRYPTO_PEM_SIZE];

static int keys_setup(void **state)
{
	(void)state;
	return crypto_pair_make(mine, mine_public, &err) && crypto_pair_make(other, other_public, &err) ? 0 : -1;
}

static void signatures(void **state)
{
	(void)state;
	uint8_t digest[CRYPTO_DIGEST_SIZE], signature[CRYPTO_SIGNATURE_SIZE];
	size_t size;
	crypto_sha256("abc", 3, digest);
	must(crypto_sign(mine, digest, signature, &size, &err));
	assert_true(size <= 72);
	must(crypto_verify(mine_public, digest, signature, size, &err));
	must_fail(crypto_verify(other_public, digest, signature, size, &err), ERR_CRYPTO);
	must_fail(crypto_verify(mine_public, digest, signature, size - 1, &err), ERR_CRYPTO);
	must_fail(crypto_verify(mine_public, digest, signature, 0, &err), ERR_CRYPTO);
	digest[31] ^= 1;
	must_fail(crypto_verify(mine_public, digest, signature, size, &err), ERR_CRYPTO);
}

/* RFC 6979, A.2.5: P-256 with SHA-256 over "sample". */
static void the_signature_of_the_standard(void **state)
{
	(void)state;
	static const char pem[] = "-----BEGIN EC PRIVATE KEY-----\n"
	    "MDECAQEEIMmvqdhFunUWa1whV2ex1pNOUMPbNuibEnuKYisSD2choAoGCCqGSM49\n"
	    "AwEH\n"
	    "-----END EC PRIVATE KEY-----\n";
	static const char r[] = "\xEF\xD4\x8B\x2A\xAC\xB6\xA8\xFD\x11\x40\xDD\x9C\xD4\x5E\x81\xD6\x9D\x2C\x87\x7B\x56\xAA\xF9"
	    "\x91\xC3\x4D\x0E\xA8\x4E\xAF\x37\x16";
	uint8_t digest[CRYPTO_DIGEST_SIZE], signature[CRYPTO_SIGNATURE_SIZE];
	size_t size;
	char shown[CRYPTO_PEM_SIZE];
	crypto_sha256("sample", 6, digest);
	must(crypto_sign(pem, digest, signature, &size, &err));
	/* SEQUENCE, INTEGER of 33 bytes (its top bit is set), r. */
	assert_memory_equal(signature + 5, r, 32);
	must(crypto_pair_public(pem, shown, &err));
	must(crypto_verify(shown, digest, signature, size, &err));
}

static void keys(void **state)
{
	(void)state;
	char again[CRYPTO_PEM_SIZE];
	uint8_t a[CRYPTO_DIGEST_SIZE], b[CRYPTO_DIGEST_SIZE];
	must(crypto_pair_public(mine, again, &err));
	assert_string_equal(again, mine_public);
	must(crypto_public_digest(mine_public, a, &err));
	must(crypto_public_digest(other_public, b, &err));
	assert_memory_not_equal(a, b, sizeof a);
	must_fail(crypto_pair_public(mine_public, again, &err), ERR_CRYPTO);
	must_fail(crypto_public_digest(mine, a, &err), ERR_CRYPTO);
	must_fail(crypto_public_digest("", a, &err), ERR_CRYPTO);
	/* secp384r1 is a good curve, but not the one of these packages. */
	static const char p384[] = "-----BEGIN PUBLIC KEY-----\n"
	    "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAErI6EUjUzxjoDrKGpdZIfXibGB5a/qrwt\n"
	    "lH0RNWJvyHi8zWuXoCzRma9NSkPD/1Mr26qFN74HcfCTpA/wVWZKd6FXfFUaedXH\n"
	    "BsjlS/xDFmI82BrYgKvDh/kbtm512VVt\n"
	    "-----END PUBLIC KEY-----\n";
	must_fail(crypto_public_digest(p384, a, &err), ERR_CRYPTO);
}

/* RFC 4648, section 10. */
static void base64(void **state)
{
	(void)state;
	static const char *const vectors[][2] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"},
	    {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
	static const char *const wrong[] = {"Z", "Zg", "Zg=", "Zg==Zg==", "Z===", "====", "Zm-v", "Zm_v", "Zg=v", "?"};
	for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
		OWN(buf_done) struct buf text = BUF_INIT(100);
		OWN(buf_done) struct buf bytes = BUF_INIT(100);
		buf_add(&text, ">", 1);
		must(crypto_base64_write(&text, vectors[i][0], strlen(vectors[i][0]), &err));
		assert_string_equal(buf_text(&text) + 1, vectors[i][1]);
		must(crypto_base64_read(vectors[i][1], strlen(vectors[i][1]), &bytes, &err));
		assert_string_equal(buf_text(&bytes), vectors[i][0]);
	}
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		OWN(buf_done) struct buf bytes = BUF_INIT(100);
		must_fail(crypto_base64_read(wrong[i], strlen(wrong[i]), &bytes, &err), ERR_BAD_INPUT);
	}
	OWN(buf_done) struct buf small = BUF_INIT(2);
	must_fail(crypto_base64_read("Zm9v", 4, &small, &err), ERR_TOO_LARGE);
	must_fail(crypto_base64_write(&small, "foo", 3, &err), ERR_TOO_LARGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(base64),
	    cmocka_unit_test(signatures),
	    cmocka_unit_test(the_signature_of_the_standard),
	    cmocka_unit_test(keys),
	};
	return cmocka_run_group_tests(tests, keys_setup, NULL);
}
