/* A clinic's year without pictures: 12 months of 4 dishes (three of ICSI, one of IVF) of 10 wells, put into the store by its
 * own functions, the same each time, so that every number can be counted by hand.
 *
 *   wells 1-5  two pronuclei, on time: t2 26 h, t4 38, t5 49, t8 57, t9 70, tSB 98, tB 107 (and up to 40 minutes later);
 *              1-3 graded good, 4 graded 3BC, 5 not graded; 1 transferred, 2 frozen
 *   well 6     slow: t4 45.5 h, t8 75, tSB 118, tB 126; its t2 is marked by two people
 *   well 7     stops at four cells; discarded
 *   well 8     t5 has no time; tSB 110, tB 118
 *   well 9     one pronucleus
 *   well 10    pronuclei never counted; else as 1-5
 *
 * In the eighth month t8 of wells 1-5 comes at 72 h. Sacs after the transfers: yes, yes, no, not recorded; by dish. */
#pragma once

#include "unit/unit.h"

#include "base/db.h"
#include "base/text.h"
#include "quality/period.h"
#include "store/annotations.h"
#include "store/cycles.h"
#include "store/decisions.h"
#include "store/dishes.h"
#include "store/embryos.h"
#include "store/evaluations.h"
#include "store/grades.h"
#include "store/inside.h"
#include "store/milestones.h"
#include "store/observations.h"
#include "store/patients.h"
#include "store/users.h"

#include <string.h>
#include <time.h>

enum { YEAR_MONTHS = 12, YEAR_DISHES = 4, YEAR_WELLS = 10, YEAR_BAD_MONTH = 7 };

struct year {
	struct store *store;
	int64_t anna, ben;
	int64_t now_us; /* the last month is that of it */
	int months;
};

struct year_event {
	enum stage stage;
	int minutes; /* since insemination */
};

static inline bool year_milestones(const struct year *year, int64_t embryo, const struct year_event *events, size_t count, int delay_min,
    bool marked, struct err *err)
{
	struct milestone list[STAGE_COUNT];
	char json[160];
	for (size_t i = 0; i < count; i++) {
		int64_t time_s = 60 * (int64_t)(events[i].minutes + delay_min);
		bool human = marked && events[i].stage == STAGE_2;
		list[i] = (struct milestone){events[i].stage, time_s, human ? MILESTONE_HUMAN : MILESTONE_AUTOMATIC, time_s, 900};
	}
	snprintf(json, sizeof json, "{\"stage\":\"t4\",\"stage_group\":\"cleavage\",\"last_time_s\":%d,\"events\":[],\"flags\":[],\"anomalies\":[]}",
	    130 * 3600);
	return milestones_put(year->store, embryo, list, count, err) && evaluations_put(year->store, embryo, json, err);
}

static inline bool year_note(const struct year *year, int64_t embryo, int64_t user, enum observation_kind kind, const char *value, struct err *err)
{
	struct observation observation = {.kind = kind, .run = -1};
	text_copy(observation.value, sizeof observation.value, value);
	return observations_add(year->store, embryo, user, &observation, err);
}

static inline bool year_mark(const struct year *year, int64_t embryo, int64_t user, int64_t time_s, struct err *err)
{
	struct annotation annotation = {.event = STAGE_2, .run = -1, .time_s = time_s};
	return annotations_add(year->store, embryo, user, &annotation, err);
}

static inline bool year_grade(const struct year *year, int64_t embryo, int64_t user, int expansion, char icm, char te, struct err *err)
{
	struct grade grade = {.stage = GRADE_BLASTOCYST, .gardner = {expansion, icm, te}};
	return grades_add(year->store, embryo, user, &grade, err);
}

static const struct year_event year_good[] = {{STAGE_PNA, 8 * 60}, {STAGE_PNF, 23 * 60}, {STAGE_2, 26 * 60}, {STAGE_3, 36 * 60},
    {STAGE_4, 38 * 60}, {STAGE_5, 49 * 60}, {STAGE_6, 51 * 60}, {STAGE_7, 53 * 60}, {STAGE_8, 57 * 60}, {STAGE_9, 70 * 60},
    {STAGE_M, 89 * 60}, {STAGE_SB, 98 * 60}, {STAGE_B, 107 * 60}, {STAGE_EB, 113 * 60}};
static const struct year_event year_late[] = {{STAGE_PNF, 23 * 60}, {STAGE_2, 26 * 60}, {STAGE_3, 36 * 60}, {STAGE_4, 38 * 60},
    {STAGE_5, 49 * 60}, {STAGE_6, 51 * 60}, {STAGE_7, 53 * 60}, {STAGE_8, 72 * 60}, {STAGE_9, 80 * 60}, {STAGE_M, 92 * 60},
    {STAGE_SB, 100 * 60}, {STAGE_B, 108 * 60}};
static const struct year_event year_slow[] = {{STAGE_PNF, 24 * 60}, {STAGE_2, 28 * 60}, {STAGE_3, 40 * 60}, {STAGE_4, 45 * 60 + 30},
    {STAGE_5, 58 * 60}, {STAGE_6, 60 * 60}, {STAGE_7, 62 * 60}, {STAGE_8, 75 * 60}, {STAGE_M, 100 * 60}, {STAGE_SB, 118 * 60}, {STAGE_B, 126 * 60}};
static const struct year_event year_stopped[] = {{STAGE_PNF, 23 * 60}, {STAGE_2, 27 * 60}, {STAGE_3, 37 * 60}, {STAGE_4, 39 * 60}};
static const struct year_event year_gap[] = {{STAGE_PNF, 23 * 60}, {STAGE_2, 26 * 60}, {STAGE_3, 38 * 60}, {STAGE_4, 40 * 60},
    {STAGE_6, 47 * 60}, {STAGE_7, 52 * 60}, {STAGE_8, 60 * 60}, {STAGE_9, 72 * 60}, {STAGE_M, 94 * 60}, {STAGE_SB, 110 * 60}, {STAGE_B, 118 * 60}};

#define YEAR_EVENTS(list) (list), sizeof(list) / sizeof *(list)

static inline bool year_good_well(const struct year *year, int64_t embryo, int well, bool bad, int dish, struct err *err)
{
	static const char *const sacs[YEAR_DISHES] = {"yes", "yes", "no", NULL};
	int delay = 10 * (well % 5);
	int64_t id;
	if (!year_note(year, embryo, year->anna, OBSERVATION_PRONUCLEI, "2", err) ||
	    !year_note(year, embryo, year->ben, OBSERVATION_PRONUCLEI, "2", err))
		return false;
	if (well <= 3 && (!year_grade(year, embryo, year->anna, 4, 'A', well == 2 ? 'B' : 'A', err) ||
	                     !year_grade(year, embryo, year->ben, well == 3 ? 5 : 4, 'A', 'A', err)))
		return false;
	if (well == 4 && (!year_grade(year, embryo, year->anna, 3, 'B', 'C', err) || !year_grade(year, embryo, year->ben, 3, 'B', 'C', err)))
		return false;
	if (well == 1 && (!decisions_add(year->store, embryo, year->anna, DECISION_TRANSFER, "", &id, err) ||
	                     (sacs[dish] && !year_note(year, embryo, year->anna, OBSERVATION_SAC, sacs[dish], err))))
		return false;
	if (well == 2 && !decisions_add(year->store, embryo, year->anna, DECISION_FREEZE, "", &id, err))
		return false;
	return bad ? year_milestones(year, embryo, YEAR_EVENTS(year_late), delay, false, err)
		   : year_milestones(year, embryo, YEAR_EVENTS(year_good), delay, false, err);
}

static inline bool year_well(const struct year *year, int64_t dish_id, int well, bool bad, int dish, struct err *err)
{
	int64_t embryo, id;
	if (!embryos_obtain(year->store, dish_id, well, &embryo, err))
		return false;
	if (well <= 5)
		return year_good_well(year, embryo, well, bad, dish, err);
	if (well < 10 && !year_note(year, embryo, year->anna, OBSERVATION_PRONUCLEI, well == 9 ? "1" : "2", err))
		return false;
	switch (well) {
	case 6: /* ben and anna mark t2 10 and 5 minutes around what the box says, a little more by dish */
		return year_mark(year, embryo, year->ben, 28 * 3600 - 300, err) &&
		    year_mark(year, embryo, year->anna, 28 * 3600 + 600 + 60 * dish, err) &&
		    year_milestones(year, embryo, YEAR_EVENTS(year_slow), 0, true, err);
	case 7:
		return decisions_add(year->store, embryo, year->anna, DECISION_DISCARD, "stopped", &id, err) &&
		    year_milestones(year, embryo, YEAR_EVENTS(year_stopped), 0, false, err);
	case 8:
		return year_milestones(year, embryo, YEAR_EVENTS(year_gap), 0, false, err);
	case 9:
		return year_milestones(year, embryo, year_stopped, 2, 0, false, err);
	default:
		return year_milestones(year, embryo, YEAR_EVENTS(year_good), 0, false, err);
	}
}

/* The first of the month, a little after midnight in the clinic. */
static inline int64_t year_day(int month)
{
	struct tm tm = {.tm_year = month / 12 - 1900, .tm_mon = month % 12, .tm_mday = 1, .tm_min = 30, .tm_isdst = -1};
	return (int64_t)mktime(&tm) * 1000000;
}

static inline bool year_dish(const struct year *year, int back, int dish, struct err *err)
{
	char slide[LIMIT_NAME];
	int64_t id, last = period_month(year->now_us);
	struct patient patient = {.born = "1990-02-03"};
	struct cycle cycle = {.label = "quality", .method = dish < 3 ? INSEMINATION_ICSI : INSEMINATION_IVF};
	snprintf(patient.name, sizeof patient.name, "Year %d-%d", back, dish);
	snprintf(patient.identifier, sizeof patient.identifier, "Y-%d-%d", back, dish);
	snprintf(slide, sizeof slide, "YEAR-%02d-%d", back, dish);
	if (!patients_add(year->store, 0, &patient, &cycle.patient_id, err) || !cycles_add(year->store, 0, &cycle, &cycle.id, err) ||
	    !dishes_obtain(year->store, slide, "year", 1000, &id, err) || !dishes_assign(year->store, id, cycle.id, 0, err))
		return false;
	for (int well = 1; well <= YEAR_WELLS; well++)
		if (!year_well(year, id, well, back == YEAR_MONTHS - 1 - YEAR_BAD_MONTH, dish, err))
			return false;
	struct db_statement *s = db_prepare(year->store->db, "UPDATE dishes SET imported_us = ?2, latest_us = ?2 WHERE id = ?1");
	db_bind_int(s, 1, id);
	db_bind_int(s, 2, year_day((int)last - back));
	return db_run(s, err);
}

/* In one transaction that leaves no job behind: nobody may evaluate these embryos, which have no pictures. */
static inline bool year_fill(const struct year *year, struct err *err)
{
	bool good = store_begin(year->store, err);
	for (int back = year->months - 1; good && back >= 0; back--)
		for (int dish = 0; good && dish < YEAR_DISHES; dish++)
			good = year_dish(year, back, dish, err);
	good = good && db_exec(year->store->db,
			   "DELETE FROM jobs WHERE kind <> 'rank' AND subject IN (SELECT e.id FROM embryos e "
			   "JOIN dishes d ON d.id = e.dish_id WHERE d.format = 'year');"
			   "DELETE FROM jobs WHERE kind = 'rank' AND subject IN (SELECT id FROM dishes WHERE format = 'year')",
			   err);
	if (!good) {
		store_rollback(year->store);
		return false;
	}
	return store_commit(year->store, err);
}
