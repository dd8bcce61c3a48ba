#include "unit/unit.h"

#include "base/clock.h"
#include "wire/slot.h"

#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static struct err err;

enum { LONG_MS = 20000, SHORT_MS = 60, BIG = SLOT_BODY_MAX };

static json_t *object(const char *text)
{
	json_t *value = NULL;
	must(json_parse(text, strlen(text), &value, &err));
	return value;
}

/* The bytes of a message */

static void take(const struct buf *bytes, struct slot_message *message)
{
	struct slot_head head;
	must(slot_take_head(bytes->data, &head, &err));
	assert_int_equal(SLOT_HEAD_SIZE + head.text_size + head.body_size, bytes->size);
	must(slot_take_rest(&head, bytes->data + SLOT_HEAD_SIZE, message, &err));
}

static void a_message_comes_back(void **state)
{
	(void)state;
	OWN(buf_done) struct buf bytes = BUF_INIT(SLOT_MESSAGE_MAX);
	OWN(slot_message_done) struct slot_message message = {0};
	OWN(json_decref) json_t *text = object("{\"batch\": \"00ff\", \"cuts\": 3}");
	must(slot_write(&bytes, SLOT_SEND, text, "sealed", 6, &err));
	take(&bytes, &message);
	assert_int_equal(message.kind, SLOT_SEND);
	assert_true(json_equal(message.text, text));
	assert_int_equal(message.body.size, 6);
	assert_memory_equal(message.body.data, "sealed", 6);
	/* The same message object takes the next one. */
	must(slot_write(&bytes, SLOT_ASK, text, NULL, 0, &err));
	take(&bytes, &message);
	assert_int_equal(message.kind, SLOT_ASK);
	assert_int_equal(message.body.size, 0);
}

/* Both programs may come from different packages of one release: the bytes are held. */
static void the_bytes_are_these(void **state)
{
	(void)state;
	static const uint8_t expected[] = {'D', 'B', 'S', 'Y', 1, 0, 2, 0, 7, 0, 0, 0, 2, 0, 0, 0, '{', '"', 'a', '"',
	    ':', '1', '}', 'x', 'y'};
	OWN(buf_done) struct buf bytes = BUF_INIT(SLOT_MESSAGE_MAX);
	OWN(json_decref) json_t *text = object("{\"a\": 1}");
	must(slot_write(&bytes, SLOT_ANSWER, text, "xy", 2, &err));
	assert_int_equal(bytes.size, sizeof expected);
	assert_memory_equal(bytes.data, expected, sizeof expected);
}

static void what_may_not_be_written(void **state)
{
	(void)state;
	OWN(buf_done) struct buf bytes = BUF_INIT(SLOT_MESSAGE_MAX), small = BUF_INIT(20);
	OWN(json_decref) json_t *text = object("{\"a\": 1}"), *list = object("[1]"), *large = json_object();
	OWN(free) char *word = malloc(70000);
	OWN(free) uint8_t *body = calloc(1, BIG + 1);
	memset(word, 'w', 69999);
	word[69999] = 0;
	json_object_set_new(large, "word", json_string(word));
	must_fail(slot_write(&bytes, SLOT_SEND, list, NULL, 0, &err), ERR_INTERNAL);
	must_fail(slot_write(&bytes, SLOT_SEND, NULL, NULL, 0, &err), ERR_INTERNAL);
	must_fail(slot_write(&bytes, SLOT_SEND, large, NULL, 0, &err), ERR_TOO_LARGE);
	must_fail(slot_write(&bytes, SLOT_SEND, text, body, BIG + 1, &err), ERR_TOO_LARGE);
	must_fail(slot_write(&bytes, SLOT_ASK, text, body, 1, &err), ERR_TOO_LARGE);
	must_fail(slot_write(&small, SLOT_SEND, text, NULL, 0, &err), ERR_TOO_LARGE);
	must(slot_write(&bytes, SLOT_SEND, text, body, BIG, &err));
	must(slot_write(&bytes, SLOT_TELL, large, NULL, 0, &err));
}

static void foreign_heads(void **state)
{
	(void)state;
	static const struct {
		size_t at;
		uint8_t byte;
		enum err_code code;
	} cases[] = {
	    {0, 'X', ERR_DAMAGED},     /* magic */
	    {4, 2, ERR_DAMAGED},       /* version */
	    {6, 0, ERR_DAMAGED},       /* kind */
	    {6, SLOT_KINDS, ERR_DAMAGED},
	    {7, 1, ERR_DAMAGED},
	    {10, 2, ERR_TOO_LARGE},    /* text */
	    {11, 0x80, ERR_TOO_LARGE},
	    {14, 0x47, ERR_TOO_LARGE}, /* body */
	    {15, 0x80, ERR_TOO_LARGE},
	};
	OWN(buf_done) struct buf bytes = BUF_INIT(SLOT_MESSAGE_MAX);
	OWN(json_decref) json_t *text = object("{\"a\": 1}");
	struct slot_head head;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		must(slot_write(&bytes, SLOT_SEND, text, "b", 1, &err));
		bytes.data[cases[i].at] = cases[i].byte;
		must_fail(slot_take_head(bytes.data, &head, &err), cases[i].code);
	}
	/* A question about the books has no body. */
	must(slot_write(&bytes, SLOT_ASK, text, NULL, 0, &err));
	bytes.data[12] = 1;
	must_fail(slot_take_head(bytes.data, &head, &err), ERR_TOO_LARGE);
}

static void foreign_texts(void **state)
{
	(void)state;
	static const char *const texts[] = {"", "{", "[]", "1", "{\"a\":1,\"a\":2}", "{\"a\":\"\xFF\"}", "{} {}"};
	OWN(slot_message_done) struct slot_message message = {0};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		const struct slot_head head = {SLOT_SEND, strlen(texts[i]), 0};
		must_fail(slot_take_rest(&head, (const uint8_t *)texts[i], &message, &err), ERR_DAMAGED);
		assert_null(message.text);
	}
}

/* A little agent: one connection after another, each told what to do by the test. */

enum deed { ECHO, TELL, TELL_ERROR, TELL_WRONG_KIND, TELL_SLOWLY, HANG_UP, KEEP_SILENT, TELL_NONSENSE };

struct agent {
	char path[128];
	int fd;
	enum deed deed;
	pthread_t thread;
};

static void answer(int fd, enum deed deed, const struct slot_message *asked)
{
	OWN(buf_done) struct buf bytes = BUF_INIT(SLOT_MESSAGE_MAX);
	OWN(json_decref) json_t *text = object(deed == TELL_ERROR
	        ? "{\"error\": {\"code\": \"not-found\", \"sentence\": \"there are no books\"}}"
	        : "{\"version\": \"1\"}");
	enum slot_kind kind = deed == ECHO || deed == TELL_WRONG_KIND ? SLOT_ANSWER : SLOT_TELL;
	const struct buf *body = deed == ECHO ? &asked->body : &bytes;
	if (deed == HANG_UP || deed == KEEP_SILENT)
		return;
	must(slot_write(&bytes, kind, deed == ECHO ? asked->text : text, body->data, deed == ECHO ? body->size : 0, &err));
	if (deed == TELL_NONSENSE)
		memset(bytes.data, 'n', SLOT_HEAD_SIZE);
	size_t step = deed == TELL_SLOWLY ? 1 : bytes.size;
	for (size_t at = 0; at < bytes.size; at += step) {
		send(fd, bytes.data + at, step, MSG_NOSIGNAL);
		clock_sleep_ms(deed == TELL_SLOWLY ? 2 : 0);
	}
}

static void *serve_one(void *context)
{
	struct agent *agent = context;
	OWN(fd_close) int fd = accept(agent->fd, NULL, NULL);
	OWN(slot_message_done) struct slot_message asked = {0};
	struct err why;
	uint8_t byte;
	if (fd < 0 || !slot_receive(fd, LONG_MS, &asked, &why))
		return NULL;
	answer(fd, agent->deed, &asked);
	if (agent->deed == KEEP_SILENT)
		(void)!read(fd, &byte, 1); /* until the other side gives up */
	return NULL;
}

static void agent_start(struct agent *agent, const char *folder, enum deed deed)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(agent->path, sizeof agent->path, "%.90s/agent.sock", folder);
	unlink(agent->path);
	snprintf(address.sun_path, sizeof address.sun_path, "%.100s", agent->path);
	agent->deed = deed;
	agent->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(agent->fd, (const struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(agent->fd, 4), 0);
	assert_int_equal(pthread_create(&agent->thread, NULL, serve_one, agent), 0);
}

static void agent_end(struct agent *agent)
{
	pthread_join(agent->thread, NULL);
	close(agent->fd);
}

static void a_batch_goes_and_comes(void **state)
{
	struct agent agent;
	OWN(fd_close) int fd = -1;
	OWN(json_decref) json_t *text = object("{\"batch\": \"00ff\"}");
	OWN(slot_message_done) struct slot_message message = {0};
	OWN(free) uint8_t *body = malloc(BIG);
	for (size_t i = 0; i < BIG; i++)
		body[i] = (uint8_t)(i * 7 + i / 251);
	agent_start(&agent, *state, ECHO);
	must(slot_connect(agent.path, &fd, &err));
	must(slot_send(fd, SLOT_SEND, text, body, BIG, LONG_MS, &err));
	must(slot_receive(fd, LONG_MS, &message, &err));
	assert_int_equal(message.kind, SLOT_ANSWER);
	assert_true(json_equal(message.text, text));
	assert_int_equal(message.body.size, BIG);
	assert_memory_equal(message.body.data, body, BIG);
	/* Afterwards the agent has gone. */
	agent_end(&agent);
	must_fail(slot_receive(fd, LONG_MS, &message, &err), ERR_UNAVAILABLE);
	must_fail(slot_send(fd, SLOT_SEND, text, body, BIG, LONG_MS, &err), ERR_UNAVAILABLE);
}

static bool asks(const char *folder, enum deed deed, int limit_ms, json_t **ret_reply)
{
	struct agent agent;
	OWN(json_decref) json_t *question = object("{\"what\": \"status\"}");
	agent_start(&agent, folder, deed);
	bool ok = slot_ask(agent.path, question, limit_ms, ret_reply, &err);
	agent_end(&agent);
	return ok;
}

static void questions(void **state)
{
	OWN(json_decref) json_t *reply = NULL, *slow = NULL, *none = NULL;
	must(asks(*state, TELL, LONG_MS, &reply));
	assert_string_equal(json_text(reply, "version", ""), "1");
	must(asks(*state, TELL_SLOWLY, LONG_MS, &slow));
	assert_true(json_equal(reply, slow));
	must_fail(asks(*state, TELL_ERROR, LONG_MS, &none), ERR_NOT_FOUND);
	assert_string_equal(err.detail, "there are no books");
	must_fail(asks(*state, TELL_WRONG_KIND, LONG_MS, &none), ERR_DAMAGED);
	must_fail(asks(*state, TELL_NONSENSE, LONG_MS, &none), ERR_DAMAGED);
	must_fail(asks(*state, HANG_UP, LONG_MS, &none), ERR_UNAVAILABLE);
	int64_t start_us = clock_monotonic_us();
	must_fail(asks(*state, KEEP_SILENT, SHORT_MS, &none), ERR_UNAVAILABLE);
	assert_true(clock_monotonic_us() - start_us >= SHORT_MS * 1000);
	/* The limit holds for the whole message, not for each byte of it. */
	must_fail(asks(*state, TELL_SLOWLY, SHORT_MS / 2, &none), ERR_UNAVAILABLE);
	assert_null(none);
}

static void no_agent(void **state)
{
	char path[256], longest[300];
	int fd = -1;
	OWN(json_decref) json_t *question = object("{\"what\": \"status\"}"), *reply = NULL;
	snprintf(path, sizeof path, "%s/nobody.sock", (const char *)*state);
	memset(longest, 'l', sizeof longest - 1);
	longest[sizeof longest - 1] = 0;
	must_fail(slot_connect(path, &fd, &err), ERR_UNAVAILABLE);
	must_fail(slot_connect(longest, &fd, &err), ERR_BAD_INPUT);
	must_fail(slot_ask(path, question, SHORT_MS, &reply, &err), ERR_UNAVAILABLE);
	assert_int_equal(fd, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_message_comes_back),
	    cmocka_unit_test(the_bytes_are_these),
	    cmocka_unit_test(what_may_not_be_written),
	    cmocka_unit_test(foreign_heads),
	    cmocka_unit_test(foreign_texts),
	    cmocka_unit_test(a_batch_goes_and_comes),
	    cmocka_unit_test(questions),
	    cmocka_unit_test(no_agent),
	};
	return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
