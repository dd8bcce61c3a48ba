#include "reading/protocol.h"

#include <math.h>
#include <string.h>

static const uint8_t magic[4] = {'D', 'B', 'R', 'P'};

enum { SIZE_AT = 16 };

/* kind -> its largest body */
static const size_t body_max[PROTOCOL_KINDS] = {
    [PROTOCOL_HELLO] = 2 + PROTOCOL_TEXT_MAX + CRYPTO_DIGEST_SIZE,
    [PROTOCOL_CUT] = LIMIT_CUT_BATCH_BYTES,
    /* Located, with cut and reading, under 50 kB each. */
    [PROTOCOL_CUT_ANSWER] = LIMIT_BATCH_ITEMS * (PROTOCOL_CUT_SIZE_MAX + 512),
    [PROTOCOL_READ] = LIMIT_BATCH_BYTES,
    [PROTOCOL_READ_ANSWER] = CRYPTO_DIGEST_SIZE + 2 +
                             LIMIT_BATCH_ITEMS * (CRYPTO_DIGEST_SIZE + PROTOCOL_READING_SIZE),
    [PROTOCOL_REFUSED] = 4 + PROTOCOL_TEXT_MAX,
    [PROTOCOL_CROP] = LIMIT_CUT_BATCH_BYTES,
    [PROTOCOL_CROP_ANSWER] = LIMIT_BATCH_ITEMS * (PROTOCOL_CUT_SIZE_MAX + 512),
};

size_t protocol_body_max(enum protocol_kind kind)
{
	return kind > 0 && kind < PROTOCOL_KINDS ? body_max[kind] : 0;
}

/* Writing */

static void add_text(struct buf *to, const char *text)
{
	size_t size = strnlen(text, PROTOCOL_TEXT_MAX - 1);
	buf_add_u16(to, (uint16_t)size);
	buf_add(to, text, size);
}

static void add_float(struct buf *to, float value)
{
	uint32_t bits;
	memcpy(&bits, &value, sizeof bits);
	buf_add_u32(to, bits);
}

void protocol_begin(struct buf *to, enum protocol_kind kind, uint64_t batch)
{
	buf_clear(to);
	buf_add(to, magic, sizeof magic);
	buf_add_u16(to, PROTOCOL_VERSION);
	buf_add_u16(to, (uint16_t)kind);
	buf_add_u64(to, batch);
	buf_add_u32(to, 0);
}

bool protocol_end(struct buf *to, struct err *err)
{
	if (!buf_ok(to, err))
		return err_add(err, "writing a message");
	size_t size = to->size - PROTOCOL_HEAD_SIZE;
	size_t most = protocol_body_max((enum protocol_kind)to->data[6]);
	if (size > most)
		return err_set(err, ERR_TOO_LARGE, "a message of %zu bytes; at most %zu", size, most);
	for (int i = 0; i < 4; i++)
		to->data[SIZE_AT + i] = (uint8_t)(size >> (8 * i));
	return true;
}

void protocol_add_hello(struct buf *to, const struct protocol_hello *hello)
{
	add_text(to, hello->version);
	protocol_add_digest(to, hello->digest);
}

void protocol_add_count(struct buf *to, size_t count)
{
	buf_add_u16(to, (uint16_t)count);
}

void protocol_add_digest(struct buf *to, const uint8_t digest[CRYPTO_DIGEST_SIZE])
{
	buf_add(to, digest, CRYPTO_DIGEST_SIZE);
}

void protocol_add_item(struct buf *to, const struct reader_item *item)
{
	buf_add_u8(to, (uint8_t)item->planes_count);
	for (size_t i = 0; i < item->planes_count; i++) {
		buf_add_u32(to, (uint32_t)item->planes[i].focal_um);
		buf_add_u32(to, (uint32_t)item->planes[i].size);
		buf_add(to, item->planes[i].data, item->planes[i].size);
	}
}

void protocol_add_cut(struct buf *to, const struct cut *cut)
{
	buf_add_u8(to, cut->planes);
	buf_add_u16(to, cut->radius_permille);
	buf_add(to, cut->pixels, (size_t)cut->planes * sizeof cut->pixels[0]);
}

void protocol_add_reading(struct buf *to, const struct reading *reading)
{
	buf_add_u16(to, reading->occupied);
	for (int i = 0; i < STAGE_COUNT; i++)
		buf_add_u16(to, reading->stage[i]);
	buf_add_u16(to, reading->confidence);
	buf_add_u16(to, reading->cells);
	buf_add_u16(to, reading->cells_confidence);
	buf_add_u16(to, reading->fragmentation_permille);
	buf_add_u16(to, reading->fragmentation_confidence);
	buf_add_u16(to, reading->uneven);
	buf_add_u16(to, reading->multinucleated);
	buf_add_u16(to, reading->unfamiliar);
	buf_add_u16(to, reading->sharpness);
	buf_add_u16(to, reading->area_permille);
	buf_add_u16(to, reading->texture);
	buf_add(to, reading->outline, sizeof reading->outline);
}

void protocol_add_refusal(struct buf *to, const struct err *why)
{
	buf_add_u16(to, (uint16_t)why->code);
	add_text(to, why->detail);
}

static void add_located(struct buf *to, const struct cut_result *cut)
{
	const struct location *location = &cut->location;
	buf_add_u16(to, (uint16_t)cut->width);
	buf_add_u16(to, (uint16_t)cut->height);
	buf_add_u8(to, (uint8_t)cut->planes_damaged);
	buf_add_u8(to, location->occupied);
	buf_add_u16(to, location->confidence);
	add_float(to, location->x);
	add_float(to, location->y);
	add_float(to, location->radius);
	add_float(to, location->well_x);
	add_float(to, location->well_y);
	add_float(to, location->well_radius);
	buf_add_u8(to, cut->made);
	if (!cut->made)
		return;
	protocol_add_cut(to, &cut->cut);
	for (int i = 0; i < cut->cut.planes; i++)
		buf_add_u32(to, (uint32_t)cut->focal_um[i]);
}

void protocol_add_crop(struct buf *to, const struct reader_answer *answer)
{
	buf_add_u8(to, answer->ok);
	if (answer->ok)
		add_located(to, &answer->cut);
	else
		protocol_add_refusal(to, &answer->err);
}

void protocol_add_answer(struct buf *to, const struct reader_answer *answer)
{
	protocol_add_crop(to, answer);
	if (answer->ok)
		protocol_add_reading(to, &answer->reading);
}

/* Reading. Everything here may be hostile: the cursor is sticky, so each function checks once at
 * its end, and every value is held against its range before it is believed. */

static bool damaged(struct err *err, const char *what)
{
	return err_set(err, ERR_DAMAGED, "a message of the batch protocol: %s", what);
}

static bool take_flag(struct view *body, bool *ret_flag)
{
	uint8_t value = view_u8(body);
	*ret_flag = value == 1;
	return value <= 1;
}

/* A length in pixels: finite and within the largest frame. */
static bool take_pixels(struct view *body, float *ret_value)
{
	uint32_t bits = view_u32(body);
	memcpy(ret_value, &bits, sizeof bits);
	return isfinite(*ret_value) && fabsf(*ret_value) <= 2 * LIMIT_FRAME_SIDE;
}

static bool take_text(struct view *body, char text[PROTOCOL_TEXT_MAX])
{
	size_t size = view_u16(body);
	const uint8_t *bytes = size < PROTOCOL_TEXT_MAX ? view_bytes(body, size) : NULL;
	if (!bytes)
		return false;
	memcpy(text, bytes, size);
	text[size] = 0;
	return true;
}

bool protocol_take_head(const uint8_t bytes[PROTOCOL_HEAD_SIZE], struct protocol_head *ret_head,
    struct err *err)
{
	struct view view = VIEW(bytes, PROTOCOL_HEAD_SIZE);
	if (memcmp(view_bytes(&view, sizeof magic), magic, sizeof magic) != 0)
		return damaged(err, "it does not begin as one");
	unsigned version = view_u16(&view);
	if (version != PROTOCOL_VERSION)
		return err_set(err, ERR_CONFLICT, "batch protocol version %u; this side speaks %d", version,
		    PROTOCOL_VERSION);
	unsigned kind = view_u16(&view);
	struct protocol_head head = {(enum protocol_kind)kind, view_u64(&view), view_u32(&view)};
	if (kind == 0 || kind >= PROTOCOL_KINDS)
		return damaged(err, "an unknown kind");
	if (head.size > body_max[kind])
		return err_set(err, ERR_TOO_LARGE, "a message of %u bytes; at most %zu",
		    (unsigned)head.size, body_max[kind]);
	*ret_head = head;
	return true;
}

bool protocol_take_hello(struct view *body, struct protocol_hello *ret_hello, struct err *err)
{
	struct protocol_hello hello;
	if (!take_text(body, hello.version))
		return damaged(err, "the reader's version");
	if (!protocol_take_digest(body, hello.digest, err))
		return false;
	*ret_hello = hello;
	return true;
}

bool protocol_take_count(struct view *body, size_t *ret_count, struct err *err)
{
	size_t count = view_u16(body);
	if (body->failed || count == 0 || count > LIMIT_BATCH_ITEMS)
		return damaged(err, "the count of a batch");
	*ret_count = count;
	return true;
}

bool protocol_take_digest(struct view *body, uint8_t ret_digest[CRYPTO_DIGEST_SIZE], struct err *err)
{
	const uint8_t *bytes = view_bytes(body, CRYPTO_DIGEST_SIZE);
	if (!bytes)
		return damaged(err, "a digest");
	memcpy(ret_digest, bytes, CRYPTO_DIGEST_SIZE);
	return true;
}

bool protocol_take_item(struct view *body, struct cut_plane ret_planes[LIMIT_PLANES], size_t *ret_count,
    struct err *err)
{
	size_t count = view_u8(body);
	if (body->failed || count == 0 || count > LIMIT_PLANES)
		return damaged(err, "the count of focal planes");
	for (size_t i = 0; i < count; i++) {
		int focal_um = (int32_t)view_u32(body);
		size_t size = view_u32(body);
		if (size == 0 || size > LIMIT_FRAME_BYTES)
			return damaged(err, "the size of a focal plane");
		const uint8_t *data = view_bytes(body, size);
		if (!data)
			return damaged(err, "a focal plane is cut short");
		ret_planes[i] = (struct cut_plane){focal_um, data, size};
	}
	*ret_count = count;
	return true;
}

bool protocol_take_cut(struct view *body, struct cut *ret_cut, struct err *err)
{
	uint8_t planes = view_u8(body);
	uint16_t radius_permille = view_u16(body);
	if (body->failed || planes == 0 || planes > CUT_PLANES_MAX)
		return damaged(err, "the count of a cut's planes");
	size_t size = (size_t)planes * sizeof ret_cut->pixels[0];
	const uint8_t *pixels = view_bytes(body, size);
	if (!pixels)
		return damaged(err, "a cut's pixels are cut short");
	memset(ret_cut, 0, sizeof *ret_cut);
	ret_cut->planes = planes;
	ret_cut->radius_permille = radius_permille;
	memcpy(ret_cut->pixels, pixels, size);
	return true;
}

static bool is_share(uint16_t permille)
{
	return permille <= 1000;
}

static bool is_share_or_unknown(uint16_t permille)
{
	return is_share(permille) || permille == READING_UNKNOWN;
}

static bool check_reading(const struct reading *reading, struct err *err)
{
	uint32_t sum = 0;
	for (int i = 0; i < STAGE_COUNT; i++)
		sum += reading->stage[i];
	if (sum != PROBABILITY_ONE)
		return damaged(err, "stage probabilities that do not sum to one");
	if (reading->cells > CELLS_MAX)
		return damaged(err, "a count of cells");
	if (!is_share(reading->confidence) || !is_share(reading->cells_confidence) ||
	    !is_share(reading->unfamiliar) || !is_share(reading->area_permille) ||
	    !is_share_or_unknown(reading->fragmentation_permille) ||
	    !is_share_or_unknown(reading->fragmentation_confidence) ||
	    !is_share_or_unknown(reading->uneven) || !is_share_or_unknown(reading->multinucleated))
		return damaged(err, "a share of more than the whole");
	return true;
}

bool protocol_take_reading(struct view *body, struct reading *ret_reading, struct err *err)
{
	struct reading reading = {.occupied = view_u16(body)};
	for (int i = 0; i < STAGE_COUNT; i++)
		reading.stage[i] = view_u16(body);
	reading.confidence = view_u16(body);
	reading.cells = view_u16(body);
	reading.cells_confidence = view_u16(body);
	reading.fragmentation_permille = view_u16(body);
	reading.fragmentation_confidence = view_u16(body);
	reading.uneven = view_u16(body);
	reading.multinucleated = view_u16(body);
	reading.unfamiliar = view_u16(body);
	reading.sharpness = view_u16(body);
	reading.area_permille = view_u16(body);
	reading.texture = view_u16(body);
	const uint8_t *outline = view_bytes(body, sizeof reading.outline);
	if (!outline)
		return damaged(err, "a reading is cut short");
	memcpy(reading.outline, outline, sizeof reading.outline);
	if (!check_reading(&reading, err))
		return false;
	*ret_reading = reading;
	return true;
}

static bool take_why(struct view *body, struct err *ret_why)
{
	unsigned code = view_u16(body);
	ret_why->code = (enum err_code)code;
	return take_text(body, ret_why->detail) && code != ERR_NONE && code < ERR_COUNT;
}

bool protocol_take_refusal(struct view *body, struct err *err)
{
	struct err why;
	if (!take_why(body, &why))
		return damaged(err, "a refusal");
	if (err)
		*err = why;
	return false;
}

static bool take_located(struct view *body, struct cut_result *cut, struct err *err)
{
	struct location *location = &cut->location;
	cut->width = view_u16(body);
	cut->height = view_u16(body);
	cut->planes_damaged = view_u8(body);
	bool fits = take_flag(body, &location->occupied);
	location->confidence = view_u16(body);
	float *const lengths[] = {&location->x, &location->y, &location->radius, &location->well_x,
	    &location->well_y, &location->well_radius};
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
		fits = take_pixels(body, lengths[i]) && fits;
	fits = take_flag(body, &cut->made) && fits;
	if (body->failed || !fits || location->confidence > 1000)
		return damaged(err, "where the embryo lies");
	if (cut->width > LIMIT_FRAME_SIDE || cut->height > LIMIT_FRAME_SIDE ||
	    cut->planes_damaged > LIMIT_PLANES)
		return damaged(err, "the size of the frame");
	if (!cut->made)
		return true;
	if (!protocol_take_cut(body, &cut->cut, err))
		return false;
	for (int i = 0; i < cut->cut.planes; i++)
		cut->focal_um[i] = (int32_t)view_u32(body);
	return !body->failed || damaged(err, "a focal height");
}

bool protocol_take_crop(struct view *body, struct reader_answer *ret_answer, struct err *err)
{
	memset(ret_answer, 0, sizeof *ret_answer);
	if (!take_flag(body, &ret_answer->ok) || body->failed)
		return damaged(err, "an answer");
	if (ret_answer->ok)
		return take_located(body, &ret_answer->cut, err);
	return take_why(body, &ret_answer->err) || damaged(err, "a refusal inside an answer");
}

bool protocol_take_answer(struct view *body, struct reader_answer *ret_answer, struct err *err)
{
	return protocol_take_crop(body, ret_answer, err) &&
	       (!ret_answer->ok || protocol_take_reading(body, &ret_answer->reading, err));
}

bool protocol_done(const struct view *body, struct err *err)
{
	if (!body->failed && body->at == body->size)
		return true;
	return damaged(err, "bytes after its end");
}

void protocol_cut_digest(const struct cut *cut, uint8_t ret_digest[CRYPTO_DIGEST_SIZE])
{
	uint8_t bytes[PROTOCOL_CUT_SIZE_MAX] = {cut->planes, (uint8_t)cut->radius_permille,
	    (uint8_t)(cut->radius_permille >> 8)};
	size_t size = (size_t)cut->planes * sizeof cut->pixels[0];
	memcpy(bytes + 3, cut->pixels, size);
	crypto_sha256(bytes, 3 + size, ret_digest);
}
