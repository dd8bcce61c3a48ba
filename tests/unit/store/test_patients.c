/* Patients: sealed, found by a blind index, erased for good. */
#include "unit/store/fixture.h"

#include "store/changes.h"
#include "store/comments.h"
#include "store/cycles.h"
#include "store/decisions.h"
#include "store/grades.h"
#include "store/milestones.h"
#include "store/observations.h"
#include "store/second_readings.h"
#include "store/signatures.h"
#include "store/jobs.h"

static void they_come_back(void **state)
{
	struct fixture *f = *state;
	const struct patient grete = {.name = "Grete Übel", .identifier = "A 12-b", .born = ""};
	struct patient got;
	int64_t id;
	OK(patients_add(f->store, 0, &grete, &id, &f->err));
	assert_int_equal(count_of(f, "SELECT count(*) FROM audit WHERE action = 'patient.add'"), 1);
	reopen(f);
	OK(patients_get(f->store, id, &got, &f->err));
	assert_int_equal(got.id, id);
	assert_string_equal(got.name, grete.name);
	assert_string_equal(got.identifier, grete.identifier);
	assert_string_equal(got.born, "");
	FAILS(ERR_NOT_FOUND, patients_get(f->store, id + 1, &got, &f->err));
}

static void an_identifier_is_found_in_any_spelling_and_taken_once(void **state)
{
	struct fixture *f = *state;
	const struct patient again = {.name = "Someone Else", .identifier = "ab-12"};
	struct patient got;
	bool found;
	int64_t id = a_patient(f, "AB-12"), other;
	OK(patients_find(f->store, " a b-12 ", &got, &found, &f->err));
	assert_true(found);
	assert_int_equal(got.id, id);
	OK(patients_find(f->store, "AB-13", &got, &found, &f->err));
	assert_false(found);
	FAILS(ERR_CONFLICT, patients_add(f->store, 0, &again, &other, &f->err));
	FAILS(ERR_BAD_INPUT, patients_add(f->store, 0, &(struct patient){.name = "x"}, &other, &f->err));
	assert_int_equal(count_of(f, "SELECT count(*) FROM keys"), 1);
}

/* The whole folder is searched for each word. */
static bool holds_no_word(const char *full, const char *relative, void *context, struct err *err)
{
	static const char *const words[] = {"Ada", "Secret", "1990-02-03", "BERLIN-7"};
	OWN(buf_done) struct buf file = BUF_INIT(1 << 26);
	(void)relative;
	(void)context;
	assert_true(file_read(full, &file, err));
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (memmem(file.data, file.size, words[i], strlen(words[i])))
			return err_set(err, ERR_INTERNAL, "%s holds %s", full, words[i]);
	return true;
}

static void the_disk_does_not_show_them(void **state)
{
	struct fixture *f = *state;
	struct cycle cycle = {.label = "Secret label"};
	int64_t id;
	cycle.patient_id = a_patient(f, "BERLIN-7");
	OK(cycles_add(f->store, 0, &cycle, &id, &f->err));
	OK(folder_walk(f->folder, 3, holds_no_word, NULL, &f->err));
}

static void one_can_be_corrected(void **state)
{
	struct fixture *f = *state;
	int64_t id = a_patient(f, "P-1"), other = a_patient(f, "P-2");
	struct patient patient = {.id = id, .name = "Ada Right", .identifier = "p 3", .born = "1990-02-03"}, got;
	bool found;
	OK(patients_update(f->store, 7, &patient, &f->err));
	OK(patients_get(f->store, id, &got, &f->err));
	assert_string_equal(got.name, "Ada Right");
	OK(patients_find(f->store, "P3", &got, &found, &f->err));
	assert_true(found && got.id == id);
	OK(patients_find(f->store, "P-1", &got, &found, &f->err));
	assert_false(found);
	assert_int_equal(count_of(f, "SELECT count(*) FROM audit WHERE action = 'patient.update' AND user_id = 7"
				     " AND subject = 1 AND detail = 'name identifier'"), 1);
	/* Nobody becomes another patient. */
	text_copy(patient.identifier, sizeof patient.identifier, "P-2");
	FAILS(ERR_CONFLICT, patients_update(f->store, 7, &patient, &f->err));
	patient.identifier[0] = 0;
	FAILS(ERR_BAD_INPUT, patients_update(f->store, 7, &patient, &f->err));
	patient = (struct patient){.id = other + 1, .name = "x", .identifier = "y"};
	FAILS(ERR_NOT_FOUND, patients_update(f->store, 7, &patient, &f->err));
	OK(patients_get(f->store, id, &got, &f->err));
	assert_string_equal(got.identifier, "p 3");
	assert_int_equal(problems(f), 0);
}

/* A sealed value opens nowhere but in its own row and column. */
static void values_cannot_be_moved(void **state)
{
	struct fixture *f = *state;
	struct patient got;
	int64_t a = a_patient(f, "P-1"), b = a_patient(f, "P-2");
	OK(db_exec(f->store->db, "UPDATE patients SET name = identifier WHERE id = 1", &f->err));
	FAILS(ERR_CRYPTO, patients_get(f->store, a, &got, &f->err));
	OK(db_exec(f->store->db,
	    "UPDATE patients SET name = (SELECT name FROM patients WHERE id = 1) WHERE id = 2", &f->err));
	FAILS(ERR_CRYPTO, patients_get(f->store, b, &got, &f->err));
	assert_int_equal(problems(f), 2);
	OK(db_exec(f->store->db,
	    "UPDATE keys SET sealed = (SELECT sealed FROM keys WHERE id = 2) WHERE id = 1", &f->err));
	FAILS(ERR_CRYPTO, patients_get(f->store, a, &got, &f->err));
	assert_non_null(strstr(f->err.detail, "key of patient 1"));
}

static bool count(const struct patient *patient, void *context)
{
	int *counted = context;
	assert_string_equal(patient->name, "Ada Test");
	return ++*counted < 2;
}

static void a_listing_stops_when_told(void **state)
{
	struct fixture *f = *state;
	int counted = 0;
	for (int i = 0; i < 3; i++)
		a_patient(f, (const char[]){'P', (char)('1' + i), 0});
	OK(patients_each(f->store, count, &counted, &f->err));
	assert_int_equal(counted, 2);
}

/* Of each kind one, some replaced by a second. */
static void say_words(struct fixture *f, int64_t embryo, int64_t user)
{
	struct grade grade = {.stage = GRADE_MORULA, .quality = GRADE_TOP};
	struct observation two = {.kind = OBSERVATION_PRONUCLEI, .value = "2", .run = -1};
	const struct milestone t2 = {STAGE_2, 97200, MILESTONE_AUTOMATIC, 97200, 910};
	int64_t id;
	OK(second_readings_begin(f->store, embryo, user, &f->err));
	OK(grades_add(f->store, embryo, user, &grade, &f->err));
	grade.quality = GRADE_LOW;
	OK(grades_add(f->store, embryo, user, &grade, &f->err));
	OK(observations_add(f->store, embryo, user, &two, &f->err));
	two.value[0] = '3';
	OK(observations_add(f->store, embryo, user, &two, &f->err));
	OK(comments_add(f->store, embryo, user, "hm", -1, &id, &f->err));
	OK(decisions_add(f->store, embryo, user, DECISION_FREEZE, "why", &id, &f->err));
	OK(signatures_add(f->store, id, SIGNATURE_AUTHOR, user, &f->err));
	OK(milestones_put(f->store, embryo, &t2, 1, &f->err));
}

static void erasing_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct cycle cycle = {.label = "first"};
	struct patient got;
	char path[LIMIT_PATH];
	int64_t cycle_id, kept, user = a_user(f, "eva");
	cycle.patient_id = a_patient(f, "P-1");
	kept = a_patient(f, "P-2");
	OK(cycles_add(f->store, 0, &cycle, &cycle_id, &f->err));
	int64_t dish = a_dish(f, "S1"), other = a_dish(f, "S2");
	add_plane(f, dish, an_embryo(f, dish, 1), 1, 0);
	add_plane(f, other, an_embryo(f, other, 1), 1, 0);
	OK(dishes_assign(f->store, dish, cycle_id, user, &f->err));
	say_words(f, 1, user);
	path_in(f, "copies", path);
	OK(folder_make(path, &f->err));
	OK(store_begin(f->store, &f->err));
	FAILS(ERR_INTERNAL, patients_erase(f->store, cycle.patient_id, user, &f->err));
	store_rollback(f->store);
	OK(patients_erase(f->store, cycle.patient_id, user, &f->err));
	FAILS(ERR_NOT_FOUND, patients_get(f->store, cycle.patient_id, &got, &f->err));
	FAILS(ERR_NOT_FOUND, patients_erase(f->store, cycle.patient_id, user, &f->err));
	OK(patients_get(f->store, kept, &got, &f->err));
	assert_false(file_exists(path));
	path_in(f, "blobs/1.frames", path);
	assert_false(file_exists(path));
	path_in(f, "blobs/2.frames", path);
	assert_true(file_exists(path));
	assert_int_equal(count_of(f, "SELECT count(*) FROM frames"), 1);
	assert_int_equal(count_of(f, "SELECT count(*) FROM keys"), 2);
	assert_int_equal(count_of(f, "SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM grades)"
				     " + (SELECT count(*) FROM observations) + (SELECT count(*) FROM comments)"
				     " + (SELECT count(*) FROM decisions) + (SELECT count(*) FROM signatures)"
				     " + (SELECT count(*) FROM second_readings) + (SELECT count(*) FROM milestones)"), 0);
	assert_int_equal(count_of(f, "SELECT count(*) FROM jobs WHERE subject = 1"), 0);
	assert_int_equal(count_of(f, "SELECT count(*) FROM audit WHERE action = 'patient.erase'"), 1);
	assert_int_equal(problems(f), 0);
	/* An erased id never comes back. */
	assert_true(a_dish(f, "S3") > other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(they_come_back),
	    TEST(an_identifier_is_found_in_any_spelling_and_taken_once),
	    TEST(the_disk_does_not_show_them),
	    TEST(one_can_be_corrected),
	    TEST(values_cannot_be_moved),
	    TEST(a_listing_stops_when_told),
	    TEST(erasing_leaves_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
