/* The words every room uses keep their promises: sticky, capped, whole or not at all. */
#include "unit/unit.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/conf.h"
#include "base/crypto.h"
#include "base/db.h"
#include "base/image.h"
#include "base/json.h"
#include "base/text.h"

#include <string.h>
#include <sys/stat.h>

static struct err err;

static void err_adds_context_in_front(void **state)
{
	(void)state;
	assert_false(err_set(&err, ERR_NOT_FOUND, "no %s", "patient 7"));
	assert_false(err_add(&err, "opening the board"));
	assert_string_equal(err.detail, "opening the board: no patient 7");
	assert_int_equal(err_http_status(err.code), 404);
	assert_false(err_retry(err.code));
	assert_true(err_retry(ERR_BUSY));
}

static void buf_stops_at_its_maximum(void **state)
{
	(void)state;
	OWN(buf_done) struct buf buf = BUF_INIT(8);
	buf_add(&buf, "12345678", 8);
	assert_true(buf_ok(&buf, &err));
	buf_add_u8(&buf, 9);
	must_fail(buf_ok(&buf, &err), ERR_TOO_LARGE);
	assert_int_equal(buf.size, 8);
}

static void view_reads_zero_past_the_end(void **state)
{
	(void)state;
	const uint8_t bytes[] = {1, 2, 3};
	struct view view = VIEW(bytes, sizeof bytes);
	assert_int_equal(view_u16(&view), 0x0201);
	assert_int_equal(view_u32(&view), 0);
	assert_true(view.failed);
	assert_int_equal(view_u8(&view), 0);
}

static void text_knows_numbers_and_names(void **state)
{
	(void)state;
	int64_t whole;
	double real;
	assert_true(text_to_i64(" 42 ", &whole) && whole == 42);
	assert_false(text_to_i64("42x", &whole) || text_to_i64("", &whole));
	assert_true(text_to_f64("0.25", &real) && real == 0.25);
	assert_false(text_to_f64("nan", &real) || text_to_f64("1e999", &real));
	assert_true(text_is_plain("Zoë Ångström"));
	assert_false(text_is_plain("a\nb") || text_is_plain("\xC3(") || text_is_plain("\xC0\xAF"));
	uint8_t bytes[2];
	char hex[5];
	assert_true(text_unhex(bytes, 2, "0aFF"));
	text_hex(hex, bytes, 2);
	assert_string_equal(hex, "0aff");
	assert_false(text_unhex(bytes, 2, "0aFg"));
}

static void clock_reads_what_it_writes(void **state)
{
	(void)state;
	char text[CLOCK_TEXT_SIZE];
	int64_t time_us;
	clock_format(text, 1795156200000000);
	assert_true(clock_parse(text, &time_us));
	assert_true(time_us == 1795156200000000);
	assert_false(clock_parse("2026-11-21 06:30", &time_us));
}

static void conf_names_the_line_of_a_mistake(void **state)
{
	(void)state;
	char folder[16] = "x";
	int64_t port = 1;
	const struct conf_option options[] = {
	    {"folder", CONF_TEXT, folder, sizeof folder, 0, 0},
	    {"port", CONF_INT, &port, 0, 1, 65535},
	};
	must(conf_parse("# comment\nfolder = /srv\n\nport=8080\n", options, 2, &err));
	must(conf_parse("\xEF\xBB\xBF" "folder = /srv\r\nport = 8080\r\n", options, 2, &err));
	assert_string_equal(folder, "/srv");
	assert_int_equal(port, 8080);
	must_fail(conf_parse("\nport = 70000", options, 2, &err), ERR_BAD_INPUT);
	assert_non_null(strstr(err.detail, "line 2"));
	must_fail(conf_parse("colour = red", options, 2, &err), ERR_BAD_INPUT);
	must_fail(conf_parse("folder", options, 2, &err), ERR_BAD_INPUT);
	must_fail(conf_parse("folder = 0123456789abcdef", options, 2, &err), ERR_BAD_INPUT);
	char list[16] = "";
	const struct conf_option many = {"watch", CONF_LIST, list, sizeof list, 0, 0};
	must(conf_parse("watch = /a\nwatch = /b", &many, 1, &err));
	assert_string_equal(list, "/a\n/b\n");
	must_fail(conf_parse("watch = 012345678", &many, 1, &err), ERR_BAD_INPUT);
	assert_string_equal(list, "/a\n/b\n");
}

static void conf_lets_the_later_layer_win(void **state)
{
	const char *folder = *state;
	char path[LIMIT_PATH], local[LIMIT_PATH], name[16] = "default";
	int64_t port = 1, threads = 2;
	const struct conf_option options[] = {{"name", CONF_TEXT, name, sizeof name, 0, 0},
	    {"port", CONF_INT, &port, 0, 1, 65535}, {"threads", CONF_INT, &threads, 0, 1, 9}};
	must(path_join(path, sizeof path, folder, "box.conf") && path_join(local, sizeof local, folder, "local"));
	must(folder_write_text(folder, "box.conf", "name = admin\nport = 10\n", 0600, &err));
	must(conf_load_layers(path, options, 3, &err));
	assert_string_equal(name, "admin");
	must(folder_make(local, &err) && folder_write_text(local, "box.conf", "port = 20\n", 0600, &err));
	must(conf_load_layers(path, options, 3, &err));
	assert_string_equal(name, "admin");
	assert_int_equal(port, 20);
	assert_int_equal(threads, 2);
	must(folder_write_text(local, "box.conf", "colour = red\n", 0600, &err));
	must_fail(conf_load_layers(path, options, 3, &err), ERR_BAD_INPUT);
	assert_non_null(strstr(err.detail, "/local/box.conf"));
	assert_false(conf_load_layers("/nowhere/box.conf", options, 3, &err));
}

static void json_refuses_more_than_one_value(void **state)
{
	(void)state;
	json_t *value = NULL;
	must_fail(json_parse("{} {}", 5, &value, &err), ERR_BAD_INPUT);
	must_fail(json_parse("{\"a\":1,\"a\":2}", 13, &value, &err), ERR_BAD_INPUT);
	must_fail(json_parse("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", 67, &value, &err), ERR_BAD_INPUT);
	static const char brackets[] = "[\"\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\", [], [], {}]";
	must(json_parse(brackets, sizeof brackets - 1, &value, &err));
	json_decref(value);
	must(json_parse("{\"a\":1}", 7, &value, &err));
	json_t *member;
	must_fail(json_member(value, "b", JSON_INTEGER, &member, &err), ERR_BAD_INPUT);
	must_fail(json_member(value, "a", JSON_STRING, &member, &err), ERR_BAD_INPUT);
	assert_int_equal(json_int(value, "a", 7), 1);
	json_decref(value);
}

static void file_is_replaced_whole(void **state)
{
	char path[128];
	path_join(path, sizeof path, *state, "file");
	must(file_write(path, "old", 3, 0600, &err));
	must(file_write(path, "newer", 5, 0600, &err));
	OWN(buf_done) struct buf text = BUF_INIT(100);
	must(file_read(path, &text, &err));
	assert_string_equal(buf_text(&text), "newer");
	OWN(buf_done) struct buf small = BUF_INIT(2);
	must_fail(file_read(path, &small, &err), ERR_TOO_LARGE);
	must_fail(file_read("/nowhere/at/all", &small, &err), ERR_IO);
}

static void folder_texts_are_whole_or_refused(void **state)
{
	const char *folder = *state;
	char text[16], path[LIMIT_PATH], far[LIMIT_PATH];
	must(folder_write_text(folder, "key.pem", "fifteen letters", 0600, &err));
	must(folder_read_text(folder, "key.pem", text, sizeof text, &err));
	assert_string_equal(text, "fifteen letters");
	must_fail(folder_read_text(folder, "key.pem", text, sizeof text - 1, &err), ERR_TOO_LARGE);
	must_fail(folder_read_text(folder, "none.pem", text, sizeof text, &err), ERR_IO);
	memset(far, 'a', sizeof far - 1);
	far[sizeof far - 1] = 0;
	must_fail(folder_path(far, "key.pem", path, &err), ERR_BAD_INPUT);
}

static void db_keeps_the_first_failure(void **state)
{
	char path[128];
	path_join(path, sizeof path, *state, "db");
	OWN(db_close) struct db *db = NULL;
	must(db_open(path, &db, &err));
	must(db_exec(db, "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT NOT NULL) STRICT", &err));
	struct db_statement *s = db_prepare(db, "INSERT INTO t VALUES(?1, ?2)");
	db_bind_int(s, 1, 1);
	must_fail(db_run(s, &err), ERR_CONFLICT);
	s = db_prepare(db, "SELECT nothing FROM nowhere");
	db_bind_int(s, 1, 1);
	assert_false(db_step(s));
	must_fail(db_finish(s, &err), ERR_DATABASE);
}

static void db_rollback_inside_spoils_the_outer_commit(void **state)
{
	char path[128];
	path_join(path, sizeof path, *state, "nested");
	OWN(db_close) struct db *db = NULL;
	must(db_open(path, &db, &err));
	must(db_exec(db, "CREATE TABLE t(a)", &err));
	must(db_begin(db, &err));
	must(db_begin(db, &err));
	must(db_exec(db, "INSERT INTO t VALUES(1)", &err));
	db_rollback(db);
	must_fail(db_commit(db, &err), ERR_INTERNAL);
	must(db_begin(db, &err));
	must(db_exec(db, "INSERT INTO t VALUES(2)", &err));
	must(db_commit(db, &err));
	struct db_statement *s = db_prepare(db, "SELECT count(*) FROM t");
	assert_true(db_step(s));
	assert_int_equal(db_column_int(s, 0), 1);
	must(db_finish(s, &err));
}

static void db_foreign_file_is_only_read(void **state)
{
	char path[128];
	path_join(path, sizeof path, *state, "odd #1?.pdb");
	must(file_write(path, "not a database, but long enough to look at", 42, 0600, &err));
	struct db *db = NULL;
	bool opened = db_open_foreign(path, &db, &err);
	if (opened) {
		must_fail(db_exec(db, "SELECT * FROM sqlite_master", &err), ERR_DAMAGED);
		db_close(db);
	}
}

/* RFC 4231 case 2 adapted to a 32-byte key is not published; RFC 6234's SHA-256 of "abc" is. */
static void crypto_matches_published_digest(void **state)
{
	(void)state;
	uint8_t digest[CRYPTO_DIGEST_SIZE];
	char hex[65];
	crypto_sha256("abc", 3, digest);
	text_hex(hex, digest, sizeof digest);
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	struct crypto_hash *hash = crypto_hash_new();
	uint8_t again[CRYPTO_DIGEST_SIZE];
	crypto_hash_add(hash, "a", 1);
	crypto_hash_add(hash, "bc", 2);
	crypto_hash_end(hash, again);
	assert_memory_equal(digest, again, sizeof digest);
}

static void crypto_seal_opens_only_in_its_place(void **state)
{
	(void)state;
	uint8_t key[CRYPTO_KEY_SIZE], sealed[5 + CRYPTO_SEAL_OVERHEAD], plain[5];
	crypto_random(key, sizeof key);
	must(crypto_seal(key, "row 1", 5, "hello", 5, sealed, &err));
	must(crypto_open(key, "row 1", 5, sealed, sizeof sealed, plain, &err));
	assert_memory_equal(plain, "hello", 5);
	must_fail(crypto_open(key, "row 2", 5, sealed, sizeof sealed, plain, &err), ERR_CRYPTO);
	sealed[14] ^= 1;
	must_fail(crypto_open(key, "row 1", 5, sealed, sizeof sealed, plain, &err), ERR_CRYPTO);
	must_fail(crypto_open(key, "row 1", 5, sealed, 20, plain, &err), ERR_CRYPTO);
}

static struct image *gradient(void)
{
	struct image *image = image_new(64, 48);
	for (int i = 0; i < 64 * 48; i++)
		image->pixels[i] = (uint8_t)(i % 64 * 3);
	return image;
}

static void image_survives_a_round_trip(void **state)
{
	(void)state;
	OWN(image_free) struct image *image = gradient();
	OWN(buf_done) struct buf png = BUF_INIT(1 << 20);
	must(image_encode_png(image, &png, &err));
	OWN(image_free) struct image *back = NULL;
	must(image_decode(png.data, png.size, &back, &err));
	assert_memory_equal(image->pixels, back->pixels, 64 * 48);
	int width, height;
	OWN(buf_done) struct buf jpeg = BUF_INIT(1 << 20);
	must(image_encode_jpeg(image, 90, &jpeg, &err));
	must(image_size(jpeg.data, jpeg.size, &width, &height, &err));
	assert_int_equal(width, 64);
	assert_int_equal(height, 48);
}

static void image_refuses_half_a_frame(void **state)
{
	(void)state;
	OWN(image_free) struct image *image = gradient();
	OWN(buf_done) struct buf jpeg = BUF_INIT(1 << 20), png = BUF_INIT(1 << 20);
	struct image *back = NULL;
	must(image_encode_jpeg(image, 90, &jpeg, &err));
	must_fail(image_decode(jpeg.data, jpeg.size * 2 / 3, &back, &err), ERR_DAMAGED);
	must(image_encode_png(image, &png, &err));
	must_fail(image_decode(png.data, png.size / 2, &back, &err), ERR_DAMAGED);
	must_fail(image_decode((const uint8_t *)"GIF89a..", 8, &back, &err), ERR_UNSUPPORTED);
	assert_null(back);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(err_adds_context_in_front),
	    cmocka_unit_test(buf_stops_at_its_maximum),
	    cmocka_unit_test(view_reads_zero_past_the_end),
	    cmocka_unit_test(text_knows_numbers_and_names),
	    cmocka_unit_test(clock_reads_what_it_writes),
	    cmocka_unit_test(conf_names_the_line_of_a_mistake),
	    cmocka_unit_test_setup_teardown(conf_lets_the_later_layer_win, folder_setup, folder_teardown),
	    cmocka_unit_test(json_refuses_more_than_one_value),
	    cmocka_unit_test_setup_teardown(file_is_replaced_whole, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(folder_texts_are_whole_or_refused, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(db_keeps_the_first_failure, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(db_rollback_inside_spoils_the_outer_commit, folder_setup, folder_teardown),
	    cmocka_unit_test_setup_teardown(db_foreign_file_is_only_read, folder_setup, folder_teardown),
	    cmocka_unit_test(crypto_matches_published_digest),
	    cmocka_unit_test(crypto_seal_opens_only_in_its_place),
	    cmocka_unit_test(image_survives_a_round_trip),
	    cmocka_unit_test(image_refuses_half_a_frame),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
