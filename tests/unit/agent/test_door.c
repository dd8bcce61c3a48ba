#include "unit/unit.h"

#include "agent/door.h"
#include "base/clock.h"
#include "base/limits.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>

struct heard {
	struct caller *caller;
	int messages, gone;
	enum slot_kind kind;
	size_t body_size;
};

static void hear(void *context, struct caller *caller, struct slot_message *message)
{
	struct heard *heard = context;
	heard->caller = caller;
	heard->messages++;
	heard->kind = message->kind;
	heard->body_size = message->body.size;
}

static void forget(void *context, struct caller *caller)
{
	struct heard *heard = context;
	assert_ptr_equal(caller, heard->caller);
	heard->gone++;
}

static struct door *open_door(void **state, const char *name, struct heard *heard, char path[LIMIT_PATH])
{
	struct err err;
	struct door *door;
	const struct door_hooks hooks = {hear, forget, heard};
	path_join(path, LIMIT_PATH, *state, name);
	must(door_open(path, &hooks, &door, &err));
	return door;
}

/* Turns the door until nothing more comes for a moment. */
static void turn(struct door *door)
{
	struct pollfd waits[DOOR_CALLERS_MAX + 1];
	for (int quiet = 0; quiet < 2;) {
		size_t count = door_waits(door, waits);
		if (poll(waits, count, 20) > 0)
			door_serve(door, waits, count);
		else
			quiet++;
	}
}

static int connect_to(const char *path)
{
	struct err err;
	int fd;
	must(slot_connect(path, &fd, &err));
	return fd;
}

static void test_a_batch_goes_in_and_an_answer_out(void **state)
{
	struct err err;
	struct heard heard = {0};
	char path[LIMIT_PATH];
	OWN(door_close) struct door *door = open_door(state, "a.sock", &heard, path);
	OWN(fd_close) int fd = connect_to(path);
	OWN(json_decref) json_t *text = json_pack("{s:s}", "batch", "aa");
	OWN(buf_done) struct buf message = BUF_INIT(SLOT_MESSAGE_MAX), body = BUF_INIT(SLOT_BODY_MAX);
	buf_grow(&body, 100000);
	must(slot_write(&message, SLOT_SEND, text, body.data, body.size, &err));
	/* In three pieces, the first one shorter than a head. */
	assert_true(fd_write(fd, message.data, 7));
	turn(door);
	assert_true(fd_write(fd, message.data + 7, 30));
	turn(door);
	assert_int_equal(heard.messages, 0);
	assert_true(fd_write(fd, message.data + 37, message.size - 37));
	turn(door);
	assert_int_equal(heard.messages, 1);
	assert_int_equal(heard.kind, SLOT_SEND);
	assert_int_equal(heard.body_size, 100000);
	door_answer(heard.caller, SLOT_ANSWER, text, "sealed", 6);
	OWN(slot_message_done) struct slot_message answer = {0};
	must(slot_receive(fd, 1000, &answer, &err));
	assert_int_equal(answer.kind, SLOT_ANSWER);
	assert_memory_equal(answer.body.data, "sealed", 6);
	/* The connection is good for another one. */
	must(slot_send(fd, SLOT_ASK, text, NULL, 0, 1000, &err));
	turn(door);
	assert_int_equal(heard.messages, 2);
	assert_int_equal(heard.gone, 0);
}

static void test_an_answer_larger_than_the_socket_takes(void **state)
{
	struct err err;
	struct heard heard = {0};
	char path[LIMIT_PATH];
	OWN(door_close) struct door *door = open_door(state, "large.sock", &heard, path);
	OWN(fd_close) int fd = connect_to(path);
	OWN(json_decref) json_t *text = json_pack("{s:s}", "batch", "aa");
	OWN(buf_done) struct buf body = BUF_INIT(SLOT_BODY_MAX);
	buf_grow(&body, SLOT_BODY_MAX);
	body.data[SLOT_BODY_MAX - 1] = 9;
	must(slot_send(fd, SLOT_ASK, text, NULL, 0, 1000, &err));
	turn(door);
	door_answer(heard.caller, SLOT_ANSWER, text, body.data, body.size);
	OWN(buf_done) struct buf got = BUF_INIT(SLOT_MESSAGE_MAX);
	struct pollfd waits[DOOR_CALLERS_MAX + 1];
	struct slot_head head = {0};
	for (int64_t until = clock_monotonic_us() + 10000000; clock_monotonic_us() < until;) {
		size_t count = door_waits(door, waits);
		poll(waits, count, 10);
		door_serve(door, waits, count);
		uint8_t *to = buf_grow(&got, 65536);
		ssize_t size = recv(fd, to, 65536, MSG_DONTWAIT);
		got.size -= 65536 - (size > 0 ? (size_t)size : 0);
		if (got.size >= SLOT_HEAD_SIZE) {
			must(slot_take_head(got.data, &head, &err));
			if (got.size == SLOT_HEAD_SIZE + head.text_size + head.body_size)
				break;
		}
	}
	assert_int_equal(got.size, SLOT_HEAD_SIZE + head.text_size + SLOT_BODY_MAX);
	assert_int_equal(got.data[got.size - 1], 9);
}

static void test_who_hangs_up_takes_the_batch_back(void **state)
{
	struct err err;
	struct heard heard = {0};
	char path[LIMIT_PATH];
	OWN(door_close) struct door *door = open_door(state, "gone.sock", &heard, path);
	OWN(json_decref) json_t *text = json_pack("{s:s}", "batch", "aa");
	int fd = connect_to(path);
	must(slot_send(fd, SLOT_SEND, text, "x", 1, 1000, &err));
	turn(door);
	close(fd);
	turn(door);
	assert_int_equal(heard.gone, 1);
	/* Who hangs up without a question is not missed. */
	close(connect_to(path));
	turn(door);
	assert_int_equal(heard.gone, 1);
	struct pollfd waits[DOOR_CALLERS_MAX + 1];
	assert_int_equal(door_waits(door, waits), 1);
}

static void test_nonsense_ends_the_connection(void **state)
{
	struct err err;
	struct heard heard = {0};
	char path[LIMIT_PATH];
	OWN(door_close) struct door *door = open_door(state, "nonsense.sock", &heard, path);
	OWN(fd_close) int fd = connect_to(path);
	assert_true(fd_write(fd, "GET / HTTP/1.1\r\n\r\n", 18));
	turn(door);
	char byte;
	assert_true(read(fd, &byte, 1) <= 0);
	assert_int_equal(heard.messages, 0);
	/* So does speaking out of turn. */
	OWN(json_decref) json_t *text = json_pack("{s:s}", "batch", "aa");
	OWN(fd_close) int hasty = connect_to(path);
	must(slot_send(hasty, SLOT_SEND, text, "x", 1, 1000, &err));
	turn(door);
	must(slot_send(hasty, SLOT_SEND, text, "x", 1, 1000, &err));
	turn(door);
	assert_int_equal(heard.messages, 1);
	assert_int_equal(heard.gone, 1);
}

static void test_one_agent_a_socket(void **state)
{
	struct err err;
	struct heard heard = {0};
	char path[LIMIT_PATH];
	struct door *other;
	const struct door_hooks hooks = {hear, forget, &heard};
	struct door *door = open_door(state, "one.sock", &heard, path);
	must_fail(door_open(path, &hooks, &other, &err), ERR_CONFLICT);
	door_close(door);
	assert_false(file_exists(path));
	/* What a killed agent left behind is replaced. */
	must(file_write(path, "", 0, 0600, &err));
	must(door_open(path, &hooks, &other, &err));
	door_close(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_batch_goes_in_and_an_answer_out),
	    cmocka_unit_test(test_an_answer_larger_than_the_socket_takes),
	    cmocka_unit_test(test_who_hangs_up_takes_the_batch_back),
	    cmocka_unit_test(test_nonsense_ends_the_connection),
	    cmocka_unit_test(test_one_agent_a_socket),
	};
	return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
