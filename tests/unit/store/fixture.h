/* A new store in a folder of its own for each test, and short words for filling it. */
#pragma once

#include "unit/unit.h"

#include "base/text.h"
#include "model/time.h"
#include "store/dishes.h"
#include "store/embryos.h"
#include "store/frames.h"
#include "store/inside.h"
#include "store/patients.h"
#include "store/store.h"
#include "store/users.h"

#include <string.h>
#include <unistd.h>

struct fixture {
	char folder[256];
	struct store *store;
	struct err err;
};

/* The call, whose last argument is &f->err, succeeds; or fails with this code. */
#define OK(call) \
	do { \
		if (!(call)) \
			fail_msg("%s: %s", err_name(f->err.code), f->err.detail); \
	} while (0)
#define FAILS(expected, call) \
	do { \
		if (call) \
			fail_msg("%s was expected", err_name(expected)); \
		if (f->err.code != (expected)) \
			fail_msg("%s was expected, not %s: %s", err_name(expected), err_name(f->err.code), \
			    f->err.detail); \
	} while (0)

static inline int fixture_setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	const char *temp = getenv("TMPDIR");
	snprintf(f->folder, sizeof f->folder, "%s/daybreak-store-XXXXXX", temp ? temp : "/tmp");
	if (!mkdtemp(f->folder) || !store_create(f->folder, &f->err) ||
	    !store_open(f->folder, &f->store, &f->err)) {
		fprintf(stderr, "%s\n", f->err.detail);
		return -1;
	}
	*state = f;
	return 0;
}

static inline int fixture_teardown(void **state)
{
	struct fixture *f = *state;
	store_close(f->store);
	bool ok = folder_remove(f->folder, &f->err);
	free(f);
	return ok ? 0 : -1;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

static inline void reopen(struct fixture *f)
{
	store_close(f->store);
	f->store = NULL;
	OK(store_open(f->folder, &f->store, &f->err));
}

static inline void path_in(const struct fixture *f, const char *name, char path[LIMIT_PATH])
{
	assert_true(path_join(path, LIMIT_PATH, f->folder, name));
}

static inline int64_t count_of(struct fixture *f, const char *sql)
{
	struct db_statement *s = db_prepare(f->store->db, sql);
	int64_t count = db_step(s) ? db_column_int(s, 0) : -1;
	OK(db_finish(s, &f->err));
	return count;
}

static inline int64_t a_dish(struct fixture *f, const char *slide)
{
	int64_t id;
	OK(dishes_obtain(f->store, slide, "test", 1000, &id, &f->err));
	return id;
}

static inline int64_t an_embryo(struct fixture *f, int64_t dish_id, int well)
{
	int64_t id;
	OK(embryos_obtain(f->store, dish_id, well, &id, &f->err));
	return id;
}

static inline int64_t a_patient(struct fixture *f, const char *identifier)
{
	struct patient patient = {.name = "Ada Test", .born = "1990-02-03"};
	int64_t id;
	text_copy(patient.identifier, sizeof patient.identifier, identifier);
	OK(patients_add(f->store, 0, &patient, &id, &f->err));
	return id;
}

/* People without a password: hashing one takes its time, and nobody signs in here. */
static inline int64_t a_person(struct fixture *f, const char *name, enum role role)
{
	struct db_statement *s =
	    db_prepare(f->store->db, "INSERT INTO users (name, role, password) VALUES (?1, ?2, '')");
	db_bind_text(s, 1, name);
	db_bind_text(s, 2, role_name(role));
	OK(db_run(s, &f->err));
	return db_last_id(f->store->db);
}

static inline int64_t a_user(struct fixture *f, const char *name)
{
	return a_person(f, name, ROLE_EMBRYOLOGIST);
}

/* What 0004_lab.sql added, taken away again: the database as the program before it left it. */
static const char take_back_lab_sql[] =
    "DROP TABLE shown; DROP TABLE signatures; DROP TABLE comments; DROP TABLE observations; DROP TABLE second_readings;"
    "DROP TABLE settings; DROP TABLE preferences; DROP TABLE acts; DROP TABLE milestones; DROP TABLE grades;"
    "CREATE TABLE grades (id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " embryo_id INTEGER NOT NULL REFERENCES embryos (id) ON DELETE CASCADE,"
    " expansion INTEGER NOT NULL CHECK (expansion BETWEEN 1 AND 6), icm TEXT NOT NULL, te TEXT NOT NULL,"
    " user_id INTEGER NOT NULL REFERENCES users (id), made_us INTEGER NOT NULL) STRICT;"
    "CREATE INDEX grades_by_embryo ON grades (embryo_id);"
    "ALTER TABLE decisions DROP COLUMN withdrawn_us; ALTER TABLE dishes DROP COLUMN latest_us;"
    "DELETE FROM migrations WHERE number > 3;";

/* A picture of its own for each place: 1 kB of a pattern. */
enum { PICTURE_SIZE = 1024 };
static inline void picture_of(uint8_t picture[PICTURE_SIZE], int64_t embryo_id, int run, int focal_um)
{
	for (int i = 0; i < PICTURE_SIZE; i++)
		picture[i] = (uint8_t)(i * 7 + run);
	snprintf((char *)picture, 64, "embryo %lld run %d focal %d", (long long)embryo_id, run, focal_um);
}

/* One plane of one run, at clock 1000 + 600 * run. */
static inline enum frame_outcome add_plane(struct fixture *f, int64_t dish_id, int64_t embryo_id, int run,
    int focal_um)
{
	uint8_t picture[PICTURE_SIZE];
	enum frame_outcome outcome;
	picture_of(picture, embryo_id, run, focal_um);
	struct frame_new frame = {
	    embryo_id, run, focal_um, 1000 + 600 * run, 500, 500, picture, sizeof picture};
	OK(frames_add(f->store, dish_id, &frame, 1, &outcome, &f->err));
	return outcome;
}

static inline void print_problem(const char *text, void *context)
{
	(void)context;
	print_message("problem: %s\n", text);
}

/* Verifies deeply and gives the number of findings. */
static inline int64_t problems(struct fixture *f)
{
	struct store_report report;
	OK(store_verify(f->store, true, print_problem, NULL, &report, &f->err));
	return report.problems;
}
