#include "store/cuts.h"

#include "store/blobs.h"
#include "store/cuts_inside.h"
#include "store/inside.h"

#include <string.h>

#define CUT_COLUMNS \
	"SELECT run, planes, planes_damaged, damaged, width, height, focal_1, focal_2, focal_3," \
	" radius_permille, occupied, x, y, radius, well_x, well_y, well_radius, confidence, blob_id," \
	" waiting, motion FROM cuts "
static const char get_sql[] = CUT_COLUMNS "WHERE embryo_id = ?1 AND run = ?2";
static const char each_sql[] = CUT_COLUMNS "WHERE embryo_id = ?1 ORDER BY run";
static const char before_sql[] =
    "SELECT blob_id FROM cuts WHERE embryo_id = ?1 AND run < ?2 AND blob_id IS NOT NULL"
    " ORDER BY run DESC LIMIT 1";
static const char put_sql[] =
    "INSERT OR REPLACE INTO cuts (embryo_id, run, planes, planes_damaged, damaged, width,"
    " height, focal_1, focal_2, focal_3, radius_permille, occupied, x, y, radius, well_x,"
    " well_y, well_radius, confidence, blob_id, waiting, motion, since_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7,"
    " ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, CASE WHEN ?21 THEN"
    " ifnull((SELECT added_us FROM jobs WHERE kind = 'read' AND subject = ?1), ?23) END)";

_Static_assert(CUT_PLANES_MAX == 3, "the table cuts has a column for each plane");

/* A cut's content: planes (1 byte), radius_permille (2), then the pixels of each plane. */
enum {
	PLANE_SIZE = CUT_SIDE * CUT_SIDE,
	CUT_HEAD_SIZE = 3,
	CUT_CONTENT_MAX = CUT_HEAD_SIZE + CUT_PLANES_MAX * PLANE_SIZE
};

static void pack(const struct cut *cut, struct buf *to)
{
	buf_add_u8(to, cut->planes);
	buf_add_u16(to, cut->radius_permille);
	for (int i = 0; i < cut->planes; i++)
		buf_add(to, cut->pixels[i], PLANE_SIZE);
}

static bool unpack(const struct buf *from, struct cut *ret_cut, struct err *err)
{
	struct view view = VIEW(from->data, from->size);
	int planes = view_u8(&view);
	uint16_t radius_permille = view_u16(&view);
	if (view.failed || planes < 1 || planes > CUT_PLANES_MAX ||
	    view_left(&view) != (size_t)planes * PLANE_SIZE)
		return err_set(err, ERR_DAMAGED, "a cut of %zu bytes and %d planes", from->size, planes);
	memset(ret_cut, 0, sizeof *ret_cut);
	ret_cut->planes = (uint8_t)planes;
	ret_cut->radius_permille = radius_permille;
	for (int i = 0; i < planes; i++)
		memcpy(ret_cut->pixels[i], view_bytes(&view, PLANE_SIZE), PLANE_SIZE);
	return true;
}

static bool put_pixels(struct blob_writer *writer, const struct cut *cut, int64_t *ret_blob_id,
    struct err *err)
{
	uint8_t address[CRYPTO_DIGEST_SIZE];
	OWN(buf_done) struct buf content = BUF_INIT(CUT_CONTENT_MAX);
	if (cut->planes < 1 || cut->planes > CUT_PLANES_MAX)
		return err_set(err, ERR_BAD_INPUT, "a cut of %d planes", cut->planes);
	pack(cut, &content);
	if (!buf_ok(&content, err))
		return false;
	blobs_address(writer->store, content.data, content.size, address);
	return blobs_put(writer, address, content.data, content.size, ret_blob_id, err);
}

bool cuts_put(struct blob_writer *writer, int64_t embryo_id, const struct cut_row *row,
    const struct cut *cut, struct err *err)
{
	int64_t blob_id = 0;
	bool made = row->made && !row->damaged;
	if (made != (cut != NULL) || (row->waiting && !made))
		return err_set(err, ERR_BAD_INPUT, "a cut comes exactly where one was made");
	if (cut && !put_pixels(writer, cut, &blob_id, err))
		return false;
	const struct location *at = &row->location;
	struct db_statement *s = db_prepare(writer->store->db, put_sql);
	db_bind_int(s, 1, embryo_id);
	db_bind_int(s, 2, row->run);
	db_bind_int(s, 3, row->planes);
	db_bind_int(s, 4, row->planes_damaged);
	db_bind_int(s, 5, row->damaged);
	db_bind_int(s, 6, row->width);
	db_bind_int(s, 7, row->height);
	for (int i = 0; cut && i < cut->planes; i++)
		db_bind_int(s, 8 + i, row->focal_um[i]);
	db_bind_int(s, 11, cut ? cut->radius_permille : 0);
	db_bind_int(s, 12, at->occupied);
	const float places[] = {at->x, at->y, at->radius, at->well_x, at->well_y, at->well_radius};
	for (int i = 0; i < 6; i++)
		db_bind_double(s, 13 + i, (double)places[i]);
	db_bind_int(s, 19, at->confidence);
	bind_some(s, 20, blob_id);
	db_bind_int(s, 21, row->waiting);
	db_bind_int(s, 22, row->motion);
	db_bind_int(s, 23, clock_now_us());
	return db_run(s, err);
}

static void row_of(struct db_statement *s, struct cut_row *ret_row)
{
	*ret_row = (struct cut_row){
	    .run = (int)db_column_int(s, 0),
	    .planes = (int)db_column_int(s, 1),
	    .planes_damaged = (int)db_column_int(s, 2),
	    .damaged = db_column_int(s, 3),
	    .width = (int)db_column_int(s, 4),
	    .height = (int)db_column_int(s, 5),
	    .focal_um = {(int)db_column_int(s, 6), (int)db_column_int(s, 7), (int)db_column_int(s, 8)},
	    .radius_permille = (uint16_t)db_column_int(s, 9),
	    .location = {.occupied = db_column_int(s, 10),
		.x = (float)db_column_double(s, 11),
		.y = (float)db_column_double(s, 12),
		.radius = (float)db_column_double(s, 13),
		.well_x = (float)db_column_double(s, 14),
		.well_y = (float)db_column_double(s, 15),
		.well_radius = (float)db_column_double(s, 16),
		.confidence = (uint16_t)db_column_int(s, 17)},
	    .made = !db_column_is_null(s, 18),
	    .waiting = db_column_int(s, 19),
	    .motion = (uint16_t)db_column_int(s, 20),
	};
}

bool cuts_get(struct store *store, int64_t embryo_id, int run, struct cut_row *ret_row, bool *ret_found,
    struct err *err)
{
	struct cut_row row = {0};
	struct db_statement *s = db_prepare(store->db, get_sql);
	db_bind_int(s, 1, embryo_id);
	db_bind_int(s, 2, run);
	bool found = db_step(s);
	if (found)
		row_of(s, &row);
	if (!db_finish(s, err))
		return false;
	*ret_row = row;
	*ret_found = found;
	return true;
}

bool cuts_each(struct store *store, int64_t embryo_id,
    bool (*each)(const struct cut_row *row, void *context), void *context, struct err *err)
{
	bool more = true;
	struct db_statement *s = db_prepare(store->db, each_sql);
	db_bind_int(s, 1, embryo_id);
	while (more && db_step(s)) {
		struct cut_row row;
		row_of(s, &row);
		more = each(&row, context);
	}
	return db_finish(s, err);
}

/* The last cut before a run, with its pixels. */
bool cuts_before(struct store *store, int64_t embryo_id, int run, struct cut *ret_cut, bool *ret_found,
    struct err *err)
{
	OWN(buf_done) struct buf content = BUF_INIT(CUT_CONTENT_MAX);
	struct db_statement *s = db_prepare(store->db, before_sql);
	db_bind_int(s, 1, embryo_id);
	db_bind_int(s, 2, run);
	int64_t blob_id = db_step(s) ? db_column_int(s, 0) : 0;
	if (!db_finish(s, err))
		return false;
	if (blob_id && (!blobs_read(store, blob_id, &content, err) || !unpack(&content, ret_cut, err)))
		return false;
	*ret_found = blob_id != 0;
	return true;
}

bool cuts_read(struct store *store, int64_t embryo_id, int run, struct cut *ret_cut, struct err *err)
{
	OWN(buf_done) struct buf content = BUF_INIT(CUT_CONTENT_MAX);
	struct db_statement *s = db_prepare(store->db, get_sql);
	db_bind_int(s, 1, embryo_id);
	db_bind_int(s, 2, run);
	int64_t blob_id = db_step(s) ? db_column_int(s, 18) : 0;
	if (!db_finish(s, err))
		return false;
	if (!blob_id)
		return err_set(err, ERR_NOT_FOUND, "embryo %" PRId64 " has no cut of run %d", embryo_id,
		    run);
	return blobs_read(store, blob_id, &content, err) && unpack(&content, ret_cut, err);
}
