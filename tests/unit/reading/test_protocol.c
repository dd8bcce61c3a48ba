/* The batch protocol: what goes in comes out, known bytes stay known, and nothing malformed gets
 * through. */
#include "unit/unit.h"

#include "reading/answer.h"
#include "unit/reading/networks.h"

#include <string.h>

static struct err err;

static struct cut *cut_of(uint8_t planes, uint8_t grey)
{
	struct cut *cut = calloc(1, sizeof *cut);
	cut->planes = planes;
	cut->radius_permille = 321;
	for (int p = 0; p < planes; p++)
		memset(cut->pixels[p], grey + p, sizeof cut->pixels[p]);
	return cut;
}

static struct reading reading_of(enum stage stage)
{
	struct reading reading = {.occupied = 65000, .confidence = 900, .unfamiliar = 100, .sharpness = 7,
	    .area_permille = 300, .texture = 400, .cells = 4, .cells_confidence = 850,
	    .fragmentation_permille = 120, .fragmentation_confidence = 700, .uneven = READING_UNKNOWN,
	    .multinucleated = READING_UNKNOWN};
	reading.stage[stage] = PROBABILITY_ONE - 5;
	reading.stage[STAGE_EMPTY] = 5;
	for (int i = 0; i < OUTLINE_POINTS; i++)
		reading.outline[i] = (uint8_t)(80 + i);
	return reading;
}

static void a_known_message_has_known_bytes(void **state)
{
	(void)state;
	static const uint8_t expected[] = {
	    'D', 'B', 'R', 'P', 2, 0, 2, 0,         /* magic, version, CUT */
	    8, 7, 6, 5, 4, 3, 2, 1,                 /* batch */
	    24, 0, 0, 0,                            /* size */
	    1, 0,                                   /* one time point */
	    2,                                      /* of two planes */
	    0xF1, 0xFF, 0xFF, 0xFF, 3, 0, 0, 0, 'a', 'b', 'c', /* -15 um */
	    15, 0, 0, 0, 2, 0, 0, 0, 'd', 'e',      /* 15 um */
	};
	struct cut_plane planes[] = {{-15, (const uint8_t *)"abc", 3}, {15, (const uint8_t *)"de", 2}};
	struct reader_item item = {planes, 2};
	OWN(buf_done) struct buf message = BUF_INIT(1000);
	protocol_begin(&message, PROTOCOL_CUT, 0x0102030405060708);
	protocol_add_count(&message, 1);
	protocol_add_item(&message, &item);
	must(protocol_end(&message, &err));
	assert_int_equal(message.size, sizeof expected);
	assert_memory_equal(message.data, expected, sizeof expected);
}

static void a_reading_has_known_bytes(void **state)
{
	(void)state;
	struct reading reading = reading_of(STAGE_PNA);
	OWN(buf_done) struct buf bytes = BUF_INIT(1000);
	uint8_t digest[CRYPTO_DIGEST_SIZE];
	char hex[2 * CRYPTO_DIGEST_SIZE + 1];
	protocol_add_reading(&bytes, &reading);
	assert_int_equal(bytes.size, PROTOCOL_READING_SIZE);
	crypto_sha256(bytes.data, bytes.size, digest);
	for (int i = 0; i < CRYPTO_DIGEST_SIZE; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	assert_string_equal(hex, "036cdd94a3546e0a37266d35f01b30e4b80b69085fa16573aff8814d73fd9edb");
}

static void an_item_comes_back_as_it_went(void **state)
{
	(void)state;
	struct cut_plane planes[] = {{-45, (const uint8_t *)"abc", 3}, {0, (const uint8_t *)"de", 2}};
	struct cut_plane back[LIMIT_PLANES];
	struct reader_item item = {planes, 2};
	size_t count;
	OWN(buf_done) struct buf bytes = BUF_INIT(1000);
	protocol_add_item(&bytes, &item);
	struct view view = VIEW(bytes.data, bytes.size);
	must(protocol_take_item(&view, back, &count, &err));
	must(protocol_done(&view, &err));
	assert_int_equal(count, 2);
	assert_int_equal(back[0].focal_um, -45);
	assert_int_equal(back[1].size, 2);
	assert_memory_equal(back[0].data, "abc", 3);
}

static void an_answer_comes_back_as_it_went(void **state)
{
	(void)state;
	OWN(free) struct cut *cut = cut_of(2, 50);
	OWN(free) struct reader_answer *answer = calloc(1, sizeof *answer), *back = calloc(1, sizeof *back);
	answer->ok = true;
	answer->cut = (struct cut_result){.made = true, .cut = *cut, .focal_um = {-15, 30},
	    .planes_damaged = 1, .width = 500, .height = 400,
	    .location = {true, 1.5F, 2.25F, 100, 250, 251, 230, 987}};
	answer->reading = reading_of(STAGE_4);
	OWN(buf_done) struct buf bytes = BUF_INIT(100000);
	protocol_add_answer(&bytes, answer);
	struct view view = VIEW(bytes.data, bytes.size);
	must(protocol_take_answer(&view, back, &err));
	must(protocol_done(&view, &err));
	assert_true(back->ok && back->cut.made && back->cut.location.occupied);
	assert_memory_equal(&back->cut.cut, cut, sizeof *cut);
	assert_memory_equal(&back->reading, &answer->reading, sizeof back->reading);
	assert_true(back->cut.location.y == 2.25F && back->cut.location.well_radius == 230);
	assert_int_equal(back->cut.location.confidence, 987);
	assert_int_equal(back->cut.focal_um[0], -15);
	assert_int_equal(back->cut.height, 400);
	/* Cut short anywhere it is refused, never believed. */
	for (size_t size = 0; size < bytes.size; size += 97) {
		struct view part = VIEW(bytes.data, size);
		must_fail(protocol_take_answer(&part, back, &err), ERR_DAMAGED);
	}
}

static void a_failed_answer_keeps_its_error(void **state)
{
	(void)state;
	OWN(free) struct reader_answer *answer = calloc(1, sizeof *answer), *back = calloc(1, sizeof *back);
	err_set(&answer->err, ERR_DAMAGED, "no plane decodes");
	OWN(buf_done) struct buf bytes = BUF_INIT(1000);
	protocol_add_answer(&bytes, answer);
	struct view view = VIEW(bytes.data, bytes.size);
	must(protocol_take_answer(&view, back, &err));
	assert_false(back->ok);
	assert_int_equal(back->err.code, ERR_DAMAGED);
	assert_string_equal(back->err.detail, "no plane decodes");
}

static void write_head(uint8_t bytes[PROTOCOL_HEAD_SIZE])
{
	OWN(buf_done) struct buf message = BUF_INIT(100);
	protocol_begin(&message, PROTOCOL_READ, 9);
	memcpy(bytes, message.data, PROTOCOL_HEAD_SIZE);
}

static void a_head_must_be_ours(void **state)
{
	(void)state;
	uint8_t bytes[PROTOCOL_HEAD_SIZE];
	struct protocol_head head;
	write_head(bytes);
	must(protocol_take_head(bytes, &head, &err));
	assert_int_equal(head.kind, PROTOCOL_READ);
	assert_int_equal(head.batch, 9);
	bytes[0] = 'X';
	must_fail(protocol_take_head(bytes, &head, &err), ERR_DAMAGED);
	write_head(bytes);
	bytes[4] = PROTOCOL_VERSION + 1;
	must_fail(protocol_take_head(bytes, &head, &err), ERR_CONFLICT);
	write_head(bytes);
	bytes[6] = PROTOCOL_KINDS;
	must_fail(protocol_take_head(bytes, &head, &err), ERR_DAMAGED);
	write_head(bytes);
	bytes[19] = 0x7F;
	must_fail(protocol_take_head(bytes, &head, &err), ERR_TOO_LARGE);
}

static void counts_have_a_maximum(void **state)
{
	(void)state;
	static const uint16_t bad[] = {0, LIMIT_BATCH_ITEMS + 1, 65535};
	for (size_t i = 0; i < 3; i++) {
		uint8_t bytes[2] = {(uint8_t)bad[i], (uint8_t)(bad[i] >> 8)};
		struct view view = VIEW(bytes, 2);
		size_t count;
		must_fail(protocol_take_count(&view, &count, &err), ERR_DAMAGED);
	}
	uint8_t planes[] = {LIMIT_PLANES + 1};
	struct view view = VIEW(planes, 1);
	struct cut_plane back[LIMIT_PLANES];
	size_t count;
	must_fail(protocol_take_item(&view, back, &count, &err), ERR_DAMAGED);
}

static void a_reading_must_make_sense(void **state)
{
	(void)state;
	struct reading wrong[5], back;
	for (size_t i = 0; i < 5; i++)
		wrong[i] = reading_of(STAGE_2);
	wrong[0].stage[STAGE_3] = 1;
	wrong[1].confidence = 1001;
	wrong[2].fragmentation_permille = 2000;
	wrong[3].cells = CELLS_MAX + 1;
	wrong[4].uneven = 1001;
	for (size_t i = 0; i < 5; i++) {
		OWN(buf_done) struct buf bytes = BUF_INIT(1000);
		protocol_add_reading(&bytes, &wrong[i]);
		struct view view = VIEW(bytes.data, bytes.size);
		must_fail(protocol_take_reading(&view, &back, &err), ERR_DAMAGED);
	}
}

static void write_question(struct buf *to, const uint8_t reader[32], const uint8_t named[32],
    const struct cut *cut)
{
	protocol_begin(to, PROTOCOL_READ, 77);
	protocol_add_digest(to, reader);
	protocol_add_count(to, 1);
	protocol_add_digest(to, named);
	protocol_add_cut(to, cut);
	must(protocol_end(to, &err));
}

static const uint8_t reader_name[CRYPTO_DIGEST_SIZE] = "a reader of thirty-two bytes or";

static enum protocol_kind ask(const struct buf *question, enum answer_place place, struct buf *to)
{
	OWN(network_ready_done) struct network_ready ready;
	network_make(1, true, &ready);
	struct answer_reader reader = {.network = ready.network, .scratch = ready.scratch, .label = "made-1",
	    .place = place};
	memcpy(reader.digest, reader_name, sizeof reader.digest);
	struct protocol_head head, answered;
	must(protocol_take_head(question->data, &head, &err));
	must(answer(&reader, &head, question->data + PROTOCOL_HEAD_SIZE, to, &err));
	must(protocol_take_head(to->data, &answered, &err));
	assert_int_equal(answered.batch, head.batch);
	assert_int_equal(answered.size + PROTOCOL_HEAD_SIZE, to->size);
	return answered.kind;
}

static void an_answer_is_bound_to_its_cut_and_reader(void **state)
{
	(void)state;
	OWN(free) struct cut *cut = cut_of(1, 90);
	OWN(buf_done) struct buf question = BUF_INIT(LIMIT_BATCH_BYTES), to = BUF_INIT(LIMIT_BATCH_BYTES);
	uint8_t named[CRYPTO_DIGEST_SIZE], wrong[CRYPTO_DIGEST_SIZE] = {1};
	protocol_cut_digest(cut, named);
	write_question(&question, reader_name, named, cut);
	assert_int_equal(ask(&question, ANSWER_IN_CLOUD, &to), PROTOCOL_READ_ANSWER);
	assert_memory_equal(to.data + PROTOCOL_HEAD_SIZE, reader_name, sizeof reader_name);
	assert_memory_equal(to.data + PROTOCOL_HEAD_SIZE + 34, named, sizeof named);
	write_question(&question, reader_name, wrong, cut);
	assert_int_equal(ask(&question, ANSWER_IN_CLOUD, &to), PROTOCOL_REFUSED);
	write_question(&question, wrong, named, cut);
	assert_int_equal(ask(&question, ANSWER_IN_CLOUD, &to), PROTOCOL_REFUSED);
}

static void frames_are_never_cut_in_the_cloud(void **state)
{
	(void)state;
	struct cut_plane plane = {0, (const uint8_t *)"no picture", 10};
	struct reader_item item = {&plane, 1};
	OWN(buf_done) struct buf question = BUF_INIT(1000), to = BUF_INIT(1000);
	const enum protocol_kind kinds[][2] = {
	    {PROTOCOL_CUT, PROTOCOL_CUT_ANSWER}, {PROTOCOL_CROP, PROTOCOL_CROP_ANSWER}};
	for (int i = 0; i < 2; i++) {
		protocol_begin(&question, kinds[i][0], 1);
		protocol_add_count(&question, 1);
		protocol_add_item(&question, &item);
		must(protocol_end(&question, &err));
		assert_int_equal(ask(&question, ANSWER_IN_CLOUD, &to), PROTOCOL_REFUSED);
		/* At home a frame that does not decode costs itself, not the batch. */
		assert_int_equal(ask(&question, ANSWER_AT_HOME, &to), kinds[i][1]);
		assert_int_equal(to.data[PROTOCOL_HEAD_SIZE + 2], 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_known_message_has_known_bytes),
	    cmocka_unit_test(a_reading_has_known_bytes),
	    cmocka_unit_test(an_item_comes_back_as_it_went),
	    cmocka_unit_test(an_answer_comes_back_as_it_went),
	    cmocka_unit_test(a_failed_answer_keeps_its_error),
	    cmocka_unit_test(a_head_must_be_ours),
	    cmocka_unit_test(counts_have_a_maximum),
	    cmocka_unit_test(a_reading_must_make_sense),
	    cmocka_unit_test(an_answer_is_bound_to_its_cut_and_reader),
	    cmocka_unit_test(frames_are_never_cut_in_the_cloud),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
