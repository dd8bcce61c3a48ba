/* The batch protocol: how a lane is asked and how it answers. One stream, one question at a time: the
 * lane says HELLO once, then each question gets exactly one answer. Three questions exist:
 *
 *   CUT   time points with their encoded planes -> where the embryo lies, the cut, its reading. At
 *         home only: it needs the original frame.
 *   CROP  the same without the reading, which somebody else makes later. At home only, too.
 *   READ  cuts -> readings. What a cloud lane speaks too. The question names the reader it expects by
 *         digest and each cut by digest; the answer repeats both, so that no answer can be taken for
 *         another's.
 *
 * All numbers are little endian. A message:
 *
 *   0         4         6      8          16     20
 *   | D B R P | version | kind | batch id | size | body ... size bytes
 *
 * Bodies (u8 u16 u32: unsigned; i32: two's complement; f32: IEEE bits; text: u16 size, then UTF-8):
 *
 *   HELLO        text version | 32 digest of the reader
 *   CUT          u16 count | count x { u8 planes | planes x { i32 focal um | u32 size | bytes } }
 *   CUT_ANSWER   u16 count | count x { u8 ok | ok 0: refusal | ok 1: located | reading }
 *   CROP         as CUT
 *   CROP_ANSWER  u16 count | count x { u8 ok | ok 0: refusal | ok 1: located }
 *   READ         32 digest of the reader | u16 count | count x { 32 digest of the cut | cut }
 *   READ_ANSWER  32 digest of the reader | u16 count | count x { 32 digest of the cut | reading }
 *   REFUSED      refusal
 *
 *   refusal      u16 error code | text
 *   located      u16 width | u16 height | u8 damaged planes | u8 occupied | u16 confidence
 *                | 3 f32 embryo x y radius | 3 f32 well x y radius
 *                | u8 made | made 1: cut, planes x i32 focal um
 *   cut          u8 planes | u16 radius permille
 *                | planes x 128 x 128 bytes, rows from the top, sharpest plane first
 *   reading      u16 occupied | 17 u16 stage | u16 confidence | u16 cells | u16 cells confidence
 *                | u16 fragmentation permille | u16 fragmentation confidence | u16 uneven
 *                | u16 multinucleated | u16 unfamiliar | u16 sharpness | u16 area permille
 *                | u16 texture | 32 u8 outline
 *
 * PROTOCOL_VERSION goes up by one with every change to these bytes, to the order of STAGE_TABLE or
 * ERR_TABLE, to what a field means, or to the bits that a model gives for a cut (an update that gives others under the
 * same number goes back); not with a new kind, which takes nothing from the others. The golden test
 * holds the bytes. A lane of another version is
 * not spoken to: there is no negotiation, because both ends are updated together and a batch can
 * always be read at home.
 *
 * Errors of every take function: ERR_DAMAGED with the field that is wrong. */
#pragma once

#include "base/buf.h"
#include "base/crypto.h"
#include "base/limits.h"
#include "reading/cut.h"

enum {
	PROTOCOL_VERSION = 2,
	PROTOCOL_HEAD_SIZE = 20,
	PROTOCOL_READING_SIZE = 2 * (12 + STAGE_COUNT) + OUTLINE_POINTS,
	/* The most one cut takes in a READ: digest, head, planes. */
	PROTOCOL_CUT_SIZE_MAX = CRYPTO_DIGEST_SIZE + 3 + CUT_PLANES_MAX * CUT_SIDE * CUT_SIDE,
	/* Texts are names of readers and sentences of errors. */
	PROTOCOL_TEXT_MAX = ERR_DETAIL_MAX,
};

enum protocol_kind {
	PROTOCOL_HELLO = 1,
	PROTOCOL_CUT,
	PROTOCOL_CUT_ANSWER,
	PROTOCOL_READ,
	PROTOCOL_READ_ANSWER,
	PROTOCOL_REFUSED,
	PROTOCOL_CROP,
	PROTOCOL_CROP_ANSWER,
	PROTOCOL_KINDS
};

struct protocol_head {
	enum protocol_kind kind;
	uint64_t batch; /* chosen by the asker, repeated by the answer */
	uint32_t size;  /* of the body */
};

struct protocol_hello {
	char version[PROTOCOL_TEXT_MAX];
	uint8_t digest[CRYPTO_DIGEST_SIZE];
};

/* A time point: its focal planes, still encoded. */
struct reader_item {
	const struct cut_plane *planes;
	size_t planes_count; /* 1..LIMIT_PLANES */
};

/* What a reader makes of a time point. ok false: err says why, the rest is void. */
struct reader_answer {
	bool ok;
	struct err err;
	struct cut_result cut;
	struct reading reading;
};

/* The largest body a kind may have. */
size_t protocol_body_max(enum protocol_kind kind);

/* A message is written by begin, one or more adds, end; the buffer holds nothing else. */
void protocol_begin(struct buf *to, enum protocol_kind kind, uint64_t batch);
/* Fills in the size. ERR_TOO_LARGE beyond the kind's maximum. */
bool protocol_end(struct buf *to, struct err *err);
void protocol_add_hello(struct buf *to, const struct protocol_hello *hello);
void protocol_add_count(struct buf *to, size_t count);
void protocol_add_digest(struct buf *to, const uint8_t digest[CRYPTO_DIGEST_SIZE]);
void protocol_add_item(struct buf *to, const struct reader_item *item);
void protocol_add_answer(struct buf *to, const struct reader_answer *answer);
void protocol_add_crop(struct buf *to, const struct reader_answer *answer);
void protocol_add_cut(struct buf *to, const struct cut *cut);
void protocol_add_reading(struct buf *to, const struct reading *reading);
void protocol_add_refusal(struct buf *to, const struct err *why);

bool protocol_take_head(const uint8_t bytes[PROTOCOL_HEAD_SIZE], struct protocol_head *ret_head,
    struct err *err);
bool protocol_take_hello(struct view *body, struct protocol_hello *ret_hello, struct err *err);
/* 1..LIMIT_BATCH_ITEMS. */
bool protocol_take_count(struct view *body, size_t *ret_count, struct err *err);
bool protocol_take_digest(struct view *body, uint8_t ret_digest[CRYPTO_DIGEST_SIZE], struct err *err);
/* The planes point into the body. */
bool protocol_take_item(struct view *body, struct cut_plane ret_planes[LIMIT_PLANES], size_t *ret_count,
    struct err *err);
bool protocol_take_answer(struct view *body, struct reader_answer *ret_answer, struct err *err);
/* The reading is void. */
bool protocol_take_crop(struct view *body, struct reader_answer *ret_answer, struct err *err);
bool protocol_take_cut(struct view *body, struct cut *ret_cut, struct err *err);
bool protocol_take_reading(struct view *body, struct reading *ret_reading, struct err *err);
/* Returns false always, with the other side's error in err; ERR_DAMAGED when even that does not
 * parse. */
bool protocol_take_refusal(struct view *body, struct err *err);
/* Nothing may follow. */
bool protocol_done(const struct view *body, struct err *err);

/* Names a cut: SHA-256 of its bytes as they are in a message. */
void protocol_cut_digest(const struct cut *cut, uint8_t ret_digest[CRYPTO_DIGEST_SIZE]);
