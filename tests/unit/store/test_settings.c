/* What the clinic has chosen. */
#include "unit/store/fixture.h"

#include "store/settings.h"

static void the_score_stays_covered_unless_turned_off(void **state)
{
	struct fixture *f = *state;
	bool on;
	OK(settings_score_after_grade(f->store, &on, &f->err));
	assert_true(on);
	OK(settings_set_score_after_grade(f->store, 7, false, &f->err));
	reopen(f);
	OK(settings_score_after_grade(f->store, &on, &f->err));
	assert_false(on);
	OK(settings_set_score_after_grade(f->store, 7, true, &f->err));
	OK(settings_score_after_grade(f->store, &on, &f->err));
	assert_true(on);
	assert_int_equal(count_of(f, "SELECT count(*) FROM audit WHERE user_id = 7 AND action = 'settings.change'"
				     " AND detail = 'score-after-grade 0'"), 1);
	assert_int_equal(count_of(f, "SELECT count(*) FROM changes WHERE kind = 'settings' AND subject = 0"), 2);
}

static bool list(const char *format, int64_t nm, void *context)
{
	buf_print(context, "%s %lld;", format, (long long)nm);
	return true;
}

static void pixels_have_a_size_by_format(void **state)
{
	struct fixture *f = *state;
	int64_t nm, id;
	OWN(buf_done) struct buf text = BUF_INIT(1024);
	OK(dishes_obtain(f->store, "S1", "pdb", 0, &id, &f->err));
	OK(dishes_obtain(f->store, "S2", "pdb", 0, &id, &f->err));
	OK(dishes_obtain(f->store, "S3", "folder", 0, &id, &f->err));
	OK(settings_pixel_nm(f->store, "pdb", &nm, &f->err));
	assert_int_equal(nm, 0);
	OK(settings_set_pixel_nm(f->store, 7, "pdb", 367, &f->err));
	OK(settings_pixel_nm(f->store, "pdb", &nm, &f->err));
	assert_int_equal(nm, 367);
	OK(settings_each_format(f->store, list, &text, &f->err));
	assert_string_equal(buf_text(&text), "folder 0;pdb 367;");
	OK(settings_set_pixel_nm(f->store, 7, "pdb", 0, &f->err));
	OK(settings_pixel_nm(f->store, "pdb", &nm, &f->err));
	assert_int_equal(nm, 0);
	FAILS(ERR_BAD_INPUT, settings_set_pixel_nm(f->store, 7, "pdb", -1, &f->err));
	FAILS(ERR_BAD_INPUT, settings_set_pixel_nm(f->store, 7, "pdb", SETTING_PIXEL_NM_MAX + 1, &f->err));
	FAILS(ERR_BAD_INPUT, settings_set_pixel_nm(f->store, 7, "tiff", 300, &f->err));
}

static void an_update_is_approved_by_its_digest(void **state)
{
	struct fixture *f = *state;
	static const char digest[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
	char approved[SETTING_DIGEST_SIZE];
	OK(settings_update_approved(f->store, approved, &f->err));
	assert_string_equal(approved, "");
	OK(settings_set_update_approved(f->store, 7, digest, &f->err));
	reopen(f);
	OK(settings_update_approved(f->store, approved, &f->err));
	assert_string_equal(approved, digest);
	assert_int_equal(count_of(f, "SELECT count(*) FROM audit WHERE user_id = 7 AND action = 'settings.change'"
				     " AND detail LIKE 'update-approved 0011%eeff'"), 1);
	OK(settings_set_update_approved(f->store, 7, NULL, &f->err));
	OK(settings_update_approved(f->store, approved, &f->err));
	assert_string_equal(approved, "");
	static const char *const wrong[] = {"", "0011", "../../etc/passwd",
	    "00112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		FAILS(ERR_BAD_INPUT, settings_set_update_approved(f->store, 7, wrong[i], &f->err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_score_stays_covered_unless_turned_off),
	    TEST(pixels_have_a_size_by_format),
	    TEST(an_update_is_approved_by_its_digest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
