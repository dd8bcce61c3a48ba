#include "unit/unit.h"

#include "base/buf.h"
#include "base/file.h"
#include "unit/evaluation/shipped.h"

#include <string.h>

static struct err err;

/* The shipped file with one piece of its text replaced. */
static bool load_with(const char *from, const char *to, struct priors **ret_priors)
{
	char path[] = "/tmp/priors-XXXXXX";
	OWN(fd_close) int fd = mkstemp(path);
	OWN(buf_done) struct buf text = BUF_INIT(1 << 20);
	OWN(buf_done) struct buf changed = BUF_INIT(1 << 20);
	must(file_read(DAYBREAK_SOURCE_DIR "/appliance/evaluation/priors.json", &text, &err));
	const char *whole = buf_text(&text), *at = strstr(whole, from);
	assert_non_null(at);
	buf_add(&changed, whole, (size_t)(at - whole));
	buf_print(&changed, "%s%s", to, at + strlen(from));
	must(fd_write(fd, changed.data, changed.size));
	bool loaded = priors_load(path, ret_priors, &err);
	unlink(path);
	return loaded;
}

static void the_shipped_table(void **state)
{
	(void)state;
	const struct priors *priors = shipped_priors();
	int before = 0;
	for (int k = STAGE_PB2; k <= STAGE_HB; k++) {
		const struct timing *timing = priors_timing(priors, (enum stage)k);
		assert_true(timing->begins_min > before); /* events follow each other */
		assert_true(timing->lasts_min > 0 && timing->lasts_spread > 0);
		before = timing->begins_min;
		double sum = 0;
		for (int j = STAGE_PB2; j <= STAGE_HB; j++)
			sum += priors_said(priors, (enum stage)k, (enum stage)j);
		assert_float_equal(sum, 1, 1e-9);
	}
	assert_in_range(priors_timing(priors, STAGE_2)->begins_min, 24 * 60, 30 * 60);
	assert_true(priors_timing(priors, STAGE_3)->skipped > priors_timing(priors, STAGE_2)->skipped);
	assert_int_equal(strlen(priors_digest(priors)), 16);
	/* One cell without pronuclei looks alike before and after them. */
	assert_true(priors_said(priors, STAGE_PNF, STAGE_PB2) > priors_said(priors, STAGE_PNF, STAGE_4));
}

static void what_is_refused(void **state)
{
	(void)state;
	struct priors *priors = NULL;
	must_fail(load_with("\"tPNa\"", "\"tPN9\"", &priors), ERR_BAD_INPUT);
	must_fail(load_with("\"tPNa\"", "\"tPB2\"", &priors), ERR_BAD_INPUT); /* twice one, none of the other */
	must_fail(load_with("\"median_min\": ", "\"median_min\": -", &priors), ERR_BAD_INPUT);
	must_fail(load_with("\"median_min\"", "\"median\"", &priors), ERR_BAD_INPUT);
	must_fail(load_with("\"begins\"", "\"begin\"", &priors), ERR_BAD_INPUT);
	must_fail(load_with("\"shown\"", "\"read\": {\"frames\": 3, \"as\": [1, 2]}, \"shown\"", &priors), ERR_BAD_INPUT);
	must_fail(load_with("\"shown\"", "\"read\": {\"frames\": 3}, \"shown\"", &priors), ERR_BAD_INPUT);
	must_fail(load_with("\"stages\"", "\"stage\"", &priors), ERR_BAD_INPUT);
	must_fail(load_with("{", "", &priors), ERR_BAD_INPUT);
	must_fail(priors_load("/nowhere/priors.json", &priors, &err), ERR_IO);
	assert_null(priors);
}

static void a_confusion_table(void **state)
{
	(void)state;
	OWN(priors_free) struct priors *priors = NULL;
	/* The first stage of the file is tPB2; a hundred frames of it were taken for two cells. */
	must(load_with("\"shown\"", "\"read\": {\"frames\": 100, \"as\": [0,0,0,1000,0,0,0,0,0,0,0,0,0,0,0,0]}, \"shown\"",
	    &priors));
	assert_true(priors_said(priors, STAGE_PB2, STAGE_2) > 0.8);
	assert_true(priors_said(priors, STAGE_PB2, STAGE_PB2) > 0.02); /* and yet */
	assert_string_not_equal(priors_digest(priors), priors_digest(shipped_priors()));
}

static void a_clinics_own_table(void **state)
{
	(void)state;
	char folder[] = "/tmp/priors-folder-XXXXXX", path[64];
	OWN(priors_free) struct priors *own = NULL;
	OWN(priors_free) struct priors *broken = NULL;
	OWN(buf_done) struct buf text = BUF_INIT(1 << 20);
	assert_non_null(mkdtemp(folder));
	must(path_join(path, sizeof path, folder, "priors.json"));
	must(file_read(DAYBREAK_SOURCE_DIR "/appliance/evaluation/priors.json", &text, &err));
	buf_print(&text, "\n");
	must(file_write(path, text.data, text.size, 0600, &err));
	must(priors_open(folder, &own, &err));
	assert_string_not_equal(priors_digest(own), priors_digest(shipped_priors()));
	/* A broken one is said, not passed over. */
	must(file_write(path, "{", 1, 0600, &err));
	must_fail(priors_open(folder, &broken, &err), ERR_BAD_INPUT);
	must(folder_remove(folder, &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_shipped_table),
	    cmocka_unit_test(what_is_refused),
	    cmocka_unit_test(a_confusion_table),
	    cmocka_unit_test(a_clinics_own_table),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
