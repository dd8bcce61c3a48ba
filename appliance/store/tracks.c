#include "store/tracks.h"

#include "store/embryos.h"
#include "store/inside.h"

#include <stdlib.h>
#include <string.h>

#define POINT_COLUMNS \
	"SELECT r.run, r.clock_s, d.insemination_clock_s, r.state, c.radius_permille, g.motion, g.occupied," \
	" g.stage, g.confidence, g.unfamiliar, g.sharpness, g.area_permille, g.texture," \
	" g.fragmentation_permille, g.outline"

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

/* False when a blob has not the size that this program writes. */
static bool reading_of(struct db_statement *s, struct reading *ret_reading)
{
	size_t stage_size, outline_size;
	const uint8_t *stage = db_column_blob(s, 7, &stage_size);
	const uint8_t *outline = db_column_blob(s, 14, &outline_size);
	if (stage_size != 2 * STAGE_COUNT || outline_size != OUTLINE_POINTS)
		return false;
	for (int i = 0; i < STAGE_COUNT; i++)
		ret_reading->stage[i] = (uint16_t)(stage[2 * i] | stage[2 * i + 1] << 8);
	memcpy(ret_reading->outline, outline, OUTLINE_POINTS);
	ret_reading->occupied = (uint16_t)db_column_int(s, 6);
	ret_reading->confidence = (uint16_t)db_column_int(s, 8);
	ret_reading->unfamiliar = (uint16_t)db_column_int(s, 9);
	ret_reading->sharpness = (uint16_t)db_column_int(s, 10);
	ret_reading->area_permille = (uint16_t)db_column_int(s, 11);
	ret_reading->texture = (uint16_t)db_column_int(s, 12);
	ret_reading->fragmentation_permille = (uint16_t)db_column_int(s, 13);
	return true;
}

static bool point_of(struct db_statement *s, struct track_point *ret_point)
{
	*ret_point = (struct track_point){
	    .run = (int)db_column_int(s, 0),
	    .time_s = time_since_insemination(column_clock(s, 1), column_clock(s, 2)),
	};
	if (db_column_is_null(s, 6))
		return true;
	ret_point->read = true;
	ret_point->radius_permille = (uint16_t)db_column_int(s, 4);
	ret_point->motion = (uint16_t)db_column_int(s, 5);
	return reading_of(s, &ret_point->reading);
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
