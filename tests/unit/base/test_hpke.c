#include "unit/unit.h"

#include "base/hpke_inside.h"
#include "base/text.h"

#include <string.h>

static struct err err;

static const struct hpke_text nothing = {"", 0};

/* RFC 9180, appendix A.3.1: DHKEM(P-256, HKDF-SHA256), mode base. skRm as SEC 1. */
static const char rfc_private[] =
    "-----BEGIN EC PRIVATE KEY-----\n"
    "MDECAQEEIPPOf9rlfhoxDYfx673m8yi+CpnNvK301lic8p3kuP/SoAoGCCqGSM49\n"
    "AwEH\n"
    "-----END EC PRIVATE KEY-----\n";
static const char rfc_enc[] =
    "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b61a1af4b78e5b7f951c0900"
    "be863c403ce65c9bfcb9382657222d18c4";
static const char rfc_shared_secret[] = "c0d26aeab536609a572b07695d933b589dcf363ff9d93c93adea537aeabb8cb8";

/* The working group's test-vectors.json as of draft 8, whose construction and labels are those of the RFC: mode 0, kem_id
 * 16, kdf_id 1, aead_id 2, first message. skRm as SEC 1, pkRm as SubjectPublicKeyInfo. */
static const char group_private[] =
    "-----BEGIN EC PRIVATE KEY-----\n"
    "MDECAQEEIAH1mwWWxj0wwZVmFwlaQITdimLHVKc5UGmlariqkRj8oAoGCCqGSM49\n"
    "AwEH\n"
    "-----END EC PRIVATE KEY-----\n";
static const char group_public[] =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEIdxrTMDSpzCQz5RMnxuNCnAKFT3K\n"
    "80ch7I+7i67qGeZf1x00rNz+G87/m94PH19zou2zWZ9TPnA6L0KGWj6oGQ==\n"
    "-----END PUBLIC KEY-----\n";
static const char group_ephemeral[] = "bb0df6228f0055d4f4647cb76f4aee46923aecff163829074eb2210190271352";
static const char group_enc[] =
    "0469f24d3b44c6741cce6660b1c72e05d6d9c615b64dca6947c3eeca104be0cda1d4b3e8b1978e1de88aba437155df4f"
    "a9008ee3ad02a72f1ab6534cf7fcfadb51";
static const char group_shared_secret[] = "3cda4df6c8490d7ae37eccef737e1dc3aea0e4162f985d58b90e4c3d0a69103c";
static const char group_sealed[] =
    "59b14653f7a80bd228248c71df9caf21319aa29cc90ef8e51761ef91a1275f46653b1b056482b17e1cbe1cb1de";
static const struct hpke_text group_info = {"Ode on a Grecian Urn", 20}, group_bound = {"Count-0", 7};
static const char group_plain[] = "Beauty is truth, truth beauty";
enum { GROUP_PLAIN_SIZE = sizeof group_plain - 1 };

/* exporter_context -> exported_value */
static const struct {
	struct hpke_text context;
	const char *value;
} group_exports[] = {
    {{"", 0}, "137e5fb8f28525b4c8cd75bbe92021fcca02668dc938f2b1c56df1bd336a93ef"},
    {{"\0", 1}, "661735371c3210220bef5285b271a71c7c4e0c7745134914ccd32e95d601672d"},
    {{"TestContext", 11}, "ad4ca528e31ced64dab8e7709eb457c8b478f078df09eb300b8990ab2672a1ca"},
};

static void hex_is(const uint8_t *bytes, size_t size, const char *expected)
{
	char hex[512];
	assert_true(2 * size < sizeof hex);
	text_hex(hex, bytes, size);
	assert_string_equal(hex, expected);
}

static void the_shared_secret_of_the_standard(void **state)
{
	(void)state;
	uint8_t enc[HPKE_ENC_SIZE], shared_secret[HPKE_SECRET_SIZE];
	assert_true(text_unhex(enc, sizeof enc, rfc_enc));
	must(hpke_decap(rfc_private, enc, shared_secret, &err));
	hex_is(shared_secret, sizeof shared_secret, rfc_shared_secret);
	assert_true(text_unhex(enc, sizeof enc, group_enc));
	must(hpke_decap(group_private, enc, shared_secret, &err));
	hex_is(shared_secret, sizeof shared_secret, group_shared_secret);
}

static void the_published_message(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof group_exports / sizeof *group_exports; i++) {
		uint8_t ephemeral[HPKE_SCALAR_SIZE], enc[HPKE_ENC_SIZE], secret[CRYPTO_KEY_SIZE], again[CRYPTO_KEY_SIZE];
		uint8_t sealed[GROUP_PLAIN_SIZE + HPKE_TAG_SIZE], plain[GROUP_PLAIN_SIZE];
		assert_true(text_unhex(ephemeral, sizeof ephemeral, group_ephemeral));
		must(hpke_seal_as(ephemeral, group_public, group_info, group_bound, group_exports[i].context, group_plain,
		    GROUP_PLAIN_SIZE, enc, sealed, secret, &err));
		hex_is(enc, sizeof enc, group_enc);
		hex_is(sealed, sizeof sealed, group_sealed);
		hex_is(secret, sizeof secret, group_exports[i].value);
		must(hpke_open(group_private, enc, group_info, group_bound, group_exports[i].context, sealed,
		    sizeof sealed, plain, again, &err));
		assert_memory_equal(plain, group_plain, GROUP_PLAIN_SIZE);
		assert_memory_equal(again, secret, sizeof secret);
	}
}

/* A sealed message of our own, and everything that opening it takes. */
struct message {
	char private[CRYPTO_PEM_SIZE], public[CRYPTO_PEM_SIZE];
	uint8_t enc[HPKE_ENC_SIZE], sealed[5 + HPKE_TAG_SIZE], secret[CRYPTO_KEY_SIZE];
};

static void make(struct message *message)
{
	must(crypto_pair_make(message->private, message->public, &err));
	must(hpke_seal(message->public, group_info, group_bound, nothing, "hello", 5, message->enc, message->sealed,
	    message->secret, &err));
}

static bool opens(const struct message *message, struct hpke_text info, struct hpke_text bound, size_t size)
{
	uint8_t plain[5], secret[CRYPTO_KEY_SIZE];
	return hpke_open(message->private, message->enc, info, bound, nothing, message->sealed, size, plain, secret, &err) &&
	    memcmp(plain, "hello", 5) == 0 && memcmp(secret, message->secret, sizeof secret) == 0;
}

static void any_change_keeps_it_shut(void **state)
{
	(void)state;
	struct message message, other;
	make(&message);
	make(&other);
	assert_true(opens(&message, group_info, group_bound, sizeof message.sealed));
	must_fail(opens(&message, nothing, group_bound, sizeof message.sealed), ERR_CRYPTO);
	must_fail(opens(&message, group_info, nothing, sizeof message.sealed), ERR_CRYPTO);
	must_fail(opens(&message, group_info, group_bound, sizeof message.sealed - 1), ERR_CRYPTO);
	must_fail(opens(&message, group_info, group_bound, HPKE_TAG_SIZE - 1), ERR_CRYPTO);
	for (size_t i = 0; i < sizeof message.sealed; i++) {
		message.sealed[i] ^= 1;
		must_fail(opens(&message, group_info, group_bound, sizeof message.sealed), ERR_CRYPTO);
		message.sealed[i] ^= 1;
	}
	memcpy(message.private, other.private, sizeof other.private);
	must_fail(opens(&message, group_info, group_bound, sizeof message.sealed), ERR_CRYPTO);
}

static void an_encapsulated_key_is_a_point(void **state)
{
	(void)state;
	struct message message;
	make(&message);
	uint8_t kept[HPKE_ENC_SIZE];
	memcpy(kept, message.enc, sizeof kept);
	message.enc[64] ^= 1; /* not on the curve */
	must_fail(opens(&message, group_info, group_bound, sizeof message.sealed), ERR_CRYPTO);
	memcpy(message.enc, kept, sizeof kept);
	message.enc[0] = 2; /* a compressed point of the wrong length */
	must_fail(opens(&message, group_info, group_bound, sizeof message.sealed), ERR_CRYPTO);
	memset(message.enc, 0, sizeof message.enc); /* the point at infinity */
	must_fail(opens(&message, group_info, group_bound, sizeof message.sealed), ERR_CRYPTO);
	memset(message.enc, 0xFF, sizeof message.enc);
	must_fail(opens(&message, group_info, group_bound, sizeof message.sealed), ERR_CRYPTO);
}

static void each_message_has_its_own_key(void **state)
{
	(void)state;
	struct message one;
	uint8_t enc[HPKE_ENC_SIZE], sealed[5 + HPKE_TAG_SIZE], secret[CRYPTO_KEY_SIZE];
	make(&one);
	must(hpke_seal(one.public, group_info, group_bound, nothing, "hello", 5, enc, sealed, secret, &err));
	assert_memory_not_equal(enc, one.enc, sizeof enc);
	assert_memory_not_equal(sealed, one.sealed, sizeof sealed);
	assert_memory_not_equal(secret, one.secret, sizeof secret);
}

static void nothing_can_be_sealed(void **state)
{
	(void)state;
	struct message one;
	uint8_t enc[HPKE_ENC_SIZE], sealed[HPKE_TAG_SIZE], secret[CRYPTO_KEY_SIZE], again[CRYPTO_KEY_SIZE], plain[1];
	make(&one);
	must(hpke_seal(one.public, nothing, nothing, nothing, NULL, 0, enc, sealed, secret, &err));
	must(hpke_open(one.private, enc, nothing, nothing, nothing, sealed, sizeof sealed, plain, again, &err));
	assert_memory_equal(again, secret, sizeof secret);
}

static void wrong_keys(void **state)
{
	(void)state;
	static const char p384[] =
	    "-----BEGIN PUBLIC KEY-----\n"
	    "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAELVL73rNXb3wtm/eQVaSZGfLE0lXUaogP\n"
	    "I6Uidg+0pJop0O0jgGWBzHRR83LuPb78TyQtsWhRthNV49tnf0LVrM0lUG6fWNEO\n"
	    "MoP9K0kNUoIGQcJjk5oqxVAqwQPrbUHc\n"
	    "-----END PUBLIC KEY-----\n";
	struct message one;
	uint8_t enc[HPKE_ENC_SIZE], sealed[HPKE_TAG_SIZE + 1], secret[CRYPTO_KEY_SIZE], plain[1];
	make(&one);
	must_fail(hpke_seal(p384, nothing, nothing, nothing, "x", 1, enc, sealed, secret, &err), ERR_CRYPTO);
	must_fail(hpke_seal(one.private, nothing, nothing, nothing, "x", 1, enc, sealed, secret, &err), ERR_CRYPTO);
	must_fail(hpke_seal("", nothing, nothing, nothing, "x", 1, enc, sealed, secret, &err), ERR_CRYPTO);
	must_fail(hpke_open(one.public, one.enc, nothing, nothing, nothing, sealed, sizeof sealed, plain, secret, &err),
	    ERR_CRYPTO);
	uint8_t zero[HPKE_SCALAR_SIZE] = {0};
	must_fail(hpke_seal_as(zero, one.public, nothing, nothing, nothing, "x", 1, enc, sealed, secret, &err), ERR_CRYPTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_shared_secret_of_the_standard),
	    cmocka_unit_test(the_published_message),
	    cmocka_unit_test(any_change_keeps_it_shut),
	    cmocka_unit_test(an_encapsulated_key_is_a_point),
	    cmocka_unit_test(each_message_has_its_own_key),
	    cmocka_unit_test(nothing_can_be_sealed),
	    cmocka_unit_test(wrong_keys),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
