#include "unit/unit.h"

#include "setup/shares.h"

#include <string.h>

static struct err err;
static struct shares shares;

static void lines_become_shares(void **state)
{
	(void)state;
	must(shares_parse("one local /srv/one\n\n two  smb   //nas/Embryo Data  credentials=/root/two\nthree "
	                  "nfs nas:/export\n"
	                  "one nfs nas:/one\nthree none\n",
	    &shares, &err));
	assert_int_equal(shares.count, 2);
	assert_string_equal(shares.list[0].name, "one");
	assert_int_equal(shares.list[0].kind, SHARE_NFS);
	assert_string_equal(shares.list[1].name, "two");
	assert_string_equal(shares.list[1].source, "//nas/Embryo Data");
	assert_string_equal(shares.list[1].credentials, "/root/two");
}

static void wrong_lines_are_named(void **state)
{
	static const char *const cases[] = {"Two local /srv", "../x local /srv", "-x local /srv", "x",
	    "x cifs //a/b", "x local srv", "x local /", "x local //a/b", "x nfs /export", "x nfs host",
	    "x smb \\\\nas\\data", "x smb //nas", "x smb ///nas",
	    "x smb //nas/a credentials=", "x local /srv credentials=/root/x", "x local /srv/\x01",
	    "abcdefghijklmnopqrstuvwxyz0123456 local /srv"};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		must_fail(shares_parse(cases[i], &shares, &err), ERR_BAD_INPUT);
		assert_non_null(strstr(err.detail, "share "));
	}
}

static void there_is_an_end(void **state)
{
	(void)state;
	OWN(buf_done) struct buf many = BUF_INIT(1 << 14);
	for (int i = 0; i <= SHARES_MAX; i++)
		buf_print(&many, "s%d local /srv/%d\n", i, i);
	must_fail(shares_parse(buf_text(&many), &shares, &err), ERR_TOO_LARGE);
}

static void units_are_as_systemd_wants_them(void **state)
{
	(void)state;
	char name[SHARE_UNIT_SIZE];
	OWN(buf_done) struct buf unit = BUF_INIT(1 << 14);
	must(shares_parse("a-b smb //nas/100 % data", &shares, &err));
	share_unit_name(&shares.list[0], ".mount", name);
	assert_string_equal(name, "var-lib-daybreak-shares-a\\x2db.mount");
	share_mount_unit(&shares.list[0], "/etc/x", &unit);
	assert_non_null(strstr(buf_text(&unit), "\nWhat=//nas/100 %% data\n"));
	assert_non_null(strstr(buf_text(&unit), "\nWhere=/var/lib/daybreak/shares/a-b\n"));
	assert_non_null(strstr(buf_text(&unit), "\nOptions=ro,nosuid,nodev,noexec,"));
	assert_non_null(strstr(buf_text(&unit), ",credentials=/etc/x\n"));
	buf_clear(&unit);
	share_mount_unit(&shares.list[0], "", &unit);
	assert_non_null(strstr(buf_text(&unit), ",guest\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lines_become_shares),
	    cmocka_unit_test(wrong_lines_are_named),
	    cmocka_unit_test(there_is_an_end),
	    cmocka_unit_test(units_are_as_systemd_wants_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
