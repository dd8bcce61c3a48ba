/* Verifying: each kind of damage is one sentence, a whole store none. */
#include "unit/store/fixture.h"

#include "store/annotations.h"
#include "store/comments.h"
#include "store/cycles.h"
#include "store/grades.h"
#include "store/observations.h"
#include "store/readings.h"

static void say_words(struct fixture *f, int64_t embryo)
{
	const struct annotation t2 = {.event = STAGE_2, .run = 1, .time_s = TIME_UNKNOWN};
	const struct grade top = {.stage = GRADE_MORULA, .quality = GRADE_TOP};
	const struct observation two = {.kind = OBSERVATION_PRONUCLEI, .value = "2", .run = -1};
	int64_t eva = a_user(f, "eva"), id;
	OK(annotations_add(f->store, embryo, eva, &t2, &f->err));
	OK(grades_add(f->store, embryo, eva, &top, &f->err));
	OK(observations_add(f->store, embryo, eva, &two, &f->err));
	OK(comments_add(f->store, embryo, eva, "hm", -1, &id, &f->err));
}

/* A dish with two frames of one embryo, one of them read, and a word of each kind on it; another dish with one; a patient
 * with a cycle. */
static void fill(struct fixture *f)
{
	static struct cut cut = {.planes = 1};
	struct cycle cycle = {.label = "first"};
	int64_t id, dish = a_dish(f, "S1"), other = a_dish(f, "S2"), embryo = an_embryo(f, dish, 1);
	const struct reading_new new = {.row = {.run = 1, .planes = 1, .made = true}, .cut = &cut};
	add_plane(f, dish, embryo, 1, 0);
	add_plane(f, dish, embryo, 2, 0);
	add_plane(f, other, an_embryo(f, other, 1), 1, 0);
	OK(readings_store(f->store, embryo, "first-1", "abc", &new, 1, &f->err));
	cycle.patient_id = a_patient(f, "P-1");
	OK(cycles_add(f->store, 0, &cycle, &id, &f->err));
	OK(dishes_assign(f->store, dish, id, 0, &f->err));
	say_words(f, embryo);
}

static void a_whole_store_is_counted(void **state)
{
	struct fixture *f = *state;
	struct store_report report;
	fill(f);
	OK(store_verify(f->store, true, print_problem, NULL, &report, &f->err));
	assert_int_equal(report.problems, 0);
	assert_true(report.patients == 1 && report.dishes == 2 && report.embryos == 2 &&
	    report.frames == 3 && report.cuts == 1 && report.blobs == 4 && report.blobs_checked == 4 &&
	    report.audit_rows == 7); /* patient, cycle, assignment, words */
	assert_int_equal(report.bytes,
	    3 * (PICTURE_SIZE + CRYPTO_SEAL_OVERHEAD) + 3 + CUT_SIDE * CUT_SIDE + CRYPTO_SEAL_OVERHEAD);
	OK(store_verify(f->store, false, NULL, NULL, &report, &f->err));
	assert_int_equal(report.blobs_checked, 0);
}

static void keep_text(const char *text, void *context)
{
	buf_print(context, "%s\n", text);
}

static void each_damage_is_told(void **state)
{
	static const struct {
		const char *sql, *word;
	} cases[] = {
	    {"UPDATE frames SET blob_id = (SELECT blob_id FROM frames WHERE embryo_id = 2) WHERE id = 1",
		"picture of another dish"},
	    {"UPDATE cuts SET blob_id = 1", "pixels of another dish"},
	    {"UPDATE runs SET planes = 2 WHERE embryo_id = 1 AND run = 1", "count the planes"},
	    {"DELETE FROM frames WHERE id = 2", "no frames of run 2"},
	    {"DELETE FROM readings", "no reading"},
	    {"UPDATE embryos SET runs_read = 2 WHERE id = 1", "miscounts"},
	    {"UPDATE dishes SET cycle_id = NULL WHERE id = 1", "whose dish it is not"},
	    {"DELETE FROM keys WHERE subject = 'dish' AND id = 2", "there is no dish 2"},
	    {"UPDATE blobs SET offset = offset - 10 WHERE id = 2", "overlaps"},
	    {"UPDATE blobs SET address = zeroblob(32) WHERE id = 1", "does not open"},
	    {"UPDATE cycles SET label = zeroblob(40)", "cycles.label"},
	    {"UPDATE comments SET text = zeroblob(40)", "comments.text"},
	    {"INSERT INTO events (embryo_id, event, absent, user_id, author, made_us)"
	     " SELECT embryo_id, event, 1, user_id, author, made_us FROM events",
		"current words of one person"},
	    {"INSERT INTO grades (embryo_id, stage, expansion, icm, te, quality, user_id, made_us)"
	     " SELECT embryo_id, stage, expansion, icm, te, quality, user_id, made_us FROM grades",
		"current grades of one person"},
	    {"INSERT INTO observations (embryo_id, kind, value, user_id, made_us)"
	     " SELECT embryo_id, kind, value, user_id, made_us FROM observations",
		"current observations of one person"},
	    {"PRAGMA foreign_keys = OFF; DELETE FROM readers", "refers to a row"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		void *own = NULL;
		OWN(buf_done) struct buf text = BUF_INIT(8192);
		struct store_report report;
		assert_int_equal(fixture_setup(&own), 0);
		struct fixture *f = own;
		fill(f);
		OK(db_exec(f->store->db, cases[i].sql, &f->err));
		OK(store_verify(f->store, true, keep_text, &text, &report, &f->err));
		if (report.problems < 1 || !strstr(buf_text(&text), cases[i].word))
			fail_msg("%s: %lld problems: %s", cases[i].sql, (long long)report.problems,
			    buf_text(&text));
		assert_int_equal(fixture_teardown(&own), 0);
	}
	(void)state;
}

static void a_stray_file_is_told(void **state)
{
	struct fixture *f = *state;
	char path[LIMIT_PATH];
	fill(f);
	/* A crash before the first commit of a dish leaves one with the next number. */
	path_in(f, "blobs/99.frames", path);
	OK(file_write(path, "x", 1, 0600, &f->err));
	assert_int_equal(problems(f), 0);
	OK(db_exec(f->store->db, "UPDATE sqlite_sequence SET seq = 99 WHERE name = 'dishes'", &f->err));
	assert_int_equal(problems(f), 1);
	/* One that is noted for deletion goes when the store is opened. */
	OK(db_exec(f->store->db, "INSERT INTO leftovers VALUES ('99.frames')", &f->err));
	assert_int_equal(problems(f), 0);
	reopen(f);
	assert_false(file_exists(path));
	assert_int_equal(count_of(f, "SELECT count(*) FROM leftovers"), 0);
}

static void a_damaged_page_is_told(void **state)
{
	struct fixture *f = *state;
	char path[LIMIT_PATH], garbage[4096];
	struct store_report report;
	fill(f);
	OK(db_exec(f->store->db, "PRAGMA wal_checkpoint(TRUNCATE)", &f->err));
	int64_t page = count_of(f, "SELECT rootpage FROM sqlite_schema WHERE name = 'readings'");
	store_close(TAKE(f->store));
	path_in(f, "daybreak.db", path);
	memset(garbage, 'x', sizeof garbage);
	FILE *file = fopen(path, "r+b");
	fseek(file, (page - 1) * 4096, SEEK_SET);
	assert_int_equal(fwrite(garbage, 1, sizeof garbage, file), sizeof garbage);
	fclose(file);
	OK(store_open(f->folder, &f->store, &f->err));
	/* Either the check finds it, or it cannot be made at all: never silence. */
	bool checked = store_verify(f->store, true, NULL, NULL, &report, &f->err);
	assert_true(checked ? report.problems > 0 : f->err.code == ERR_DAMAGED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_whole_store_is_counted),
	    cmocka_unit_test(each_damage_is_told),
	    TEST(a_stray_file_is_told),
	    TEST(a_damaged_page_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
