#include "store/tracks.h"

#include "store/embryos.h"
#include "store/inside.h"
#include "store/readings_inside.h"

#include <stdlib.h>

#define POINT_COLUMNS \
	"SELECT r.run, r.clock_s, d.insemination_clock_s, c.radius_permille, " READING_COLUMNS
enum { RUN, CLOCK, INSEMINATION, RADIUS, READING };

static const char load_sql[] = POINT_COLUMNS
    " FROM runs r JOIN embryos e ON e.id = r.embryo_id JOIN dishes d ON d.id = e.dish_id"
    " LEFT JOIN cuts c ON c.embryo_id = r.embryo_id AND c.run = r.run"
    " LEFT JOIN readings g ON g.embryo_id = r.embryo_id AND g.run = r.run"
    " WHERE r.embryo_id = ?1 ORDER BY r.run";
/* CROSS JOIN keeps this order: the last reading is found first, by its key. */
static const char latest_sql[] = POINT_COLUMNS
    " FROM readings g CROSS JOIN runs r ON r.embryo_id = g.embryo_id AND r.run = g.run"
    " JOIN embryos e ON e.id = r.embryo_id JOIN dishes d ON d.id = e.dish_id"
    " LEFT JOIN cuts c ON c.embryo_id = r.embryo_id AND c.run = r.run"
    " WHERE g.embryo_id = ?1 ORDER BY g.run DESC LIMIT 1";
static const char count_sql[] = "SELECT count(*) FROM runs WHERE embryo_id = ?1";

static bool point_of(struct db_statement *s, struct track_point *ret_point)
{
	*ret_point = (struct track_point){
	    .run = (int)db_column_int(s, RUN),
	    .time_s = time_since_insemination(column_clock(s, CLOCK), column_clock(s, INSEMINATION)),
	};
	if (db_column_is_null(s, READING))
		return true;
	ret_point->read = true;
	ret_point->radius_permille = (uint16_t)db_column_int(s, RADIUS);
	return reading_of_row(s, READING, &ret_point->reading, &ret_point->motion);
}

static bool load(struct store *store, int64_t embryo_id, struct track *ret_track, struct err *err)
{
	struct db_statement *s = db_prepare(store->db, count_sql);
	db_bind_int(s, 1, embryo_id);
	size_t capacity = db_step(s) ? (size_t)db_column_int(s, 0) : 0;
	if (!db_finish(s, err))
		return false;
	OWN(track_done)
	struct track track = {.points = calloc(capacity ? capacity : 1, sizeof *track.points)};
	if (!track.points)
		return err_set(err, ERR_NO_MEMORY, "a track of %zu runs", capacity);
	bool fits = true;
	s = db_prepare(store->db, load_sql);
	db_bind_int(s, 1, embryo_id);
	/* A run may have come between the two statements: it waits for the next load. */
	while (fits && track.count < capacity && db_step(s))
		fits = point_of(s, &track.points[track.count++]);
	if (!db_finish(s, err))
		return false;
	if (!fits)
		return err_set(err, ERR_DAMAGED, "a reading of embryo %" PRId64 " has the wrong size",
		    embryo_id);
	*ret_track = track;
	track.points = NULL;
	return true;
}

bool tracks_load(struct store *store, int64_t embryo_id, struct track *ret_track, struct err *err)
{
	struct embryo embryo;
	return embryos_get(store, embryo_id, &embryo, err) && load(store, embryo_id, ret_track, err);
}

bool tracks_latest(struct store *store, int64_t embryo_id, struct track_point *ret_point, bool *ret_found,
    struct err *err)
{
	struct track_point point;
	struct db_statement *s = db_prepare(store->db, latest_sql);
	db_bind_int(s, 1, embryo_id);
	bool found = db_step(s);
	bool fits = !found || point_of(s, &point);
	if (!db_finish(s, err))
		return false;
	if (!fits)
		return err_set(err, ERR_DAMAGED, "a reading of embryo %" PRId64 " has the wrong size",
		    embryo_id);
	if (found)
		*ret_point = point;
	*ret_found = found;
	return true;
}

void track_done(struct track *track)
{
	free(track->points);
	*track = (struct track){0};
}
