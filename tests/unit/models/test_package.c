#include "unit/models/packages.h"

#include "base/limits.h"

static struct err err;
static struct keys mine, other;
static struct buf whole = BUF_INIT(80 << 20), bytes = BUF_INIT(160 << 20);
static struct tar tar;

static int setup(void **state)
{
	(void)state;
	return keys_make(&mine, &err) && keys_make(&other, &err) &&
	    package_make("daybreak", "2.0", "network", mine.private_pem, &whole, &err) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	buf_done(&whole);
	buf_done(&bytes);
	tar_done(&tar);
	return 0;
}

static void refused(enum err_code code, const char *part)
{
	struct package package;
	tar_pack(&tar, &bytes);
	must_fail(package_open(bytes.data, bytes.size, &mine.trusted, &package, &err), code);
	if (!strstr(err.detail, part))
		fail_msg("no \"%s\" in: %s", part, err.detail);
	tar_done(&tar);
	tar_open(&tar, &whole);
}

static void there_and_back(void **state)
{
	(void)state;
	OWN(package_done) struct package package = {0};
	OWN(json_decref) json_t *manifest =
	    json_pack("{s:s, s:s, s:s}", "name", "daybreak", "version", "2.0-rc1", "summary", "\xC3\xBC");
	OWN(json_decref) json_t *report = json_pack("{s:i}", "frames", 7);
	OWN(buf_done) struct buf made = BUF_INIT(1 << 20), again = BUF_INIT(1 << 20), network = BUF_INIT(100);
	uint8_t digest[CRYPTO_DIGEST_SIZE];
	buf_add(&network, "a\0b", 3);
	must(package_write(manifest, report, &network, mine.private_pem, &made, &err));
	must(package_write(manifest, report, &network, mine.private_pem, &again, &err));
	assert_int_equal(made.size, again.size);
	assert_memory_equal(made.data, again.data, made.size);
	must(package_open(made.data, made.size, &mine.trusted, &package, &err));
	assert_string_equal(package.name, "daybreak");
	assert_string_equal(package.version, "2.0-rc1");
	assert_string_equal(json_text(package.manifest, "summary", ""), "\xC3\xBC");
	assert_int_equal(json_int(package.report, "frames", 0), 7);
	assert_int_equal(package.network.size, 3);
	assert_memory_equal(package.network.data, "a\0b", 3);
	crypto_sha256("a\0b", 3, digest);
	assert_memory_equal(package.digest, digest, sizeof digest);
	must(crypto_public_digest(mine.public_pem[0], digest, &err));
	assert_memory_equal(package.signer, digest, sizeof digest);
}

static void not_trusted(void **state)
{
	(void)state;
	struct package package;
	const struct package_keys nobody = {0};
	must_fail(package_open(whole.data, whole.size, &other.trusted, &package, &err), ERR_CRYPTO);
	assert_non_null(strstr(err.detail, "does not trust"));
	must_fail(package_open(whole.data, whole.size, &nobody, &package, &err), ERR_CRYPTO);
}

static void altered(void **state)
{
	(void)state;
	tar_done(&tar);
	tar_open(&tar, &whole);
	tar_entry(&tar, "network.bin")->data[0] ^= 1;
	refused(ERR_CRYPTO, "network.bin was altered");
	tar_entry(&tar, "manifest.json")->data[5] ^= 1;
	refused(ERR_CRYPTO, "manifest.json was altered");
	buf_add(tar_entry(&tar, "manifest.json"), "\n", 1);
	refused(ERR_CRYPTO, "manifest.json was altered");
	tar_add(&tar, "report.json", "{}", 2);
	refused(ERR_CRYPTO, "report.json is not signed");
	/* Digests that fit, signed by another: a list of one's own under somebody's name. */
	struct buf *signature = tar_entry(&tar, "signature");
	char *digit = strstr(buf_text(signature), "ecdsa ") + 20;
	*digit = *digit == '0' ? '1' : '0';
	refused(ERR_CRYPTO, "signature");
}

static void not_signed(void **state)
{
	(void)state;
	tar_done(&tar);
	tar_open(&tar, &whole);
	tar.count--; /* the signature is the last */
	buf_done(&tar.contents[tar.count]);
	refused(ERR_CRYPTO, "not signed");
	static const char *const texts[] = {"", "\n", "daybreak-package 1\n", "nothing",
	    "daybreak-package 1\nkey zz\n", "daybreak-package 1\nentry a b\n", "daybreak-package 1\necdsa 00\n",
	    "daybreak-package 1\nmore\n"};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct buf *signature = tar_entry(&tar, "signature");
		buf_clear(signature);
		buf_add(signature, texts[i], strlen(texts[i]));
		refused(ERR_CRYPTO, "signature");
	}
}

static void another_format(void **state)
{
	(void)state;
	tar_done(&tar);
	tar_open(&tar, &whole);
	char *number = strstr(buf_text(tar_entry(&tar, "signature")), "package 1");
	number[8] = '0';
	refused(ERR_UNSUPPORTED, "format 0, and this Daybreak reads 1");
}

static void entries_that_do_not_belong(void **state)
{
	(void)state;
	tar_done(&tar);
	tar_open(&tar, &whole);
	tar_add(&tar, "network.bin", "other", 5);
	refused(ERR_BAD_INPUT, "holds network.bin twice");
	tar_add(&tar, "../../etc/passwd", "x", 1);
	refused(ERR_BAD_INPUT, "holds ../../etc/passwd");
	char name[250];
	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = 0;
	tar_add(&tar, name, "x", 1);
	refused(ERR_BAD_INPUT, "no part of a model");
	snprintf(tar.names[1], sizeof tar.names[1], "report.json");
	refused(ERR_DAMAGED, "lacks network.bin");
	buf_grow(tar_entry(&tar, "manifest.json"), LIMIT_MANIFEST_BYTES);
	refused(ERR_TOO_LARGE, "manifest.json is larger");
	buf_grow(tar_entry(&tar, "network.bin"), LIMIT_NETWORK_BYTES);
	refused(ERR_TOO_LARGE, "network.bin is larger");
	buf_grow(tar_entry(&tar, "signature"), 2000);
	refused(ERR_TOO_LARGE, "signature is larger");
}

static void cut_off(void **state)
{
	(void)state;
	struct package package;
	size_t content = whole.size - 1024; /* a tar ends with two empty blocks */
	for (size_t size = 0; size < content; size += 64) {
		uint8_t *exact = malloc(size ? size : 1);
		memcpy(exact, whole.data, size);
		assert_false(package_open(exact, size, &mine.trusted, &package, &err));
		assert_true(err.detail[0]);
		free(exact);
	}
}

static void names(void **state)
{
	(void)state;
	must(package_check_name("daybreak", "2.0", &err));
	must(package_check_name("Lab_X.v", "1-2", &err));
	must_fail(package_check_name("", "1", &err), ERR_BAD_INPUT);
	must_fail(package_check_name("a", "", &err), ERR_BAD_INPUT);
	must_fail(package_check_name("../a", "1", &err), ERR_BAD_INPUT);
	must_fail(package_check_name(".a", "1", &err), ERR_BAD_INPUT);
	must_fail(package_check_name("a b", "1", &err), ERR_BAD_INPUT);
	must_fail(package_check_name("a", "1234567890123456789012345678901234567890", &err), ERR_BAD_INPUT);
	OWN(buf_done) struct buf made = BUF_INIT(1 << 20);
	must_fail(package_make("a/b", "1", "network", mine.private_pem, &made, &err), ERR_BAD_INPUT);
	must_fail(package_make("a", "1", "network", mine.public_pem[0], &made, &err), ERR_CRYPTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(there_and_back),
	    cmocka_unit_test(not_trusted),
	    cmocka_unit_test(altered),
	    cmocka_unit_test(not_signed),
	    cmocka_unit_test(another_format),
	    cmocka_unit_test(entries_that_do_not_belong),
	    cmocka_unit_test(cut_off),
	    cmocka_unit_test(names),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
