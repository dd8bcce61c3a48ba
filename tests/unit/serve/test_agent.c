#include "unit/unit.h"

#include "serve/agent.h"
#include "wire/slot.h"

#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* An agent that answers one connection with what it was given. */
struct played {
	int fd;
	const char *answer; /* JSON */
	pthread_t thread;
};

static void *play(void *context)
{
	struct played *played = context;
	struct err err;
	OWN(slot_message_done) struct slot_message message = {0};
	OWN(json_decref) json_t *answer = json_loads(played->answer, 0, NULL);
	int fd = accept(played->fd, NULL, NULL);
	if (fd >= 0 && slot_receive(fd, 5000, &message, &err))
		slot_send(fd, SLOT_TELL, answer, NULL, 0, 5000, &err);
	close(fd);
	return NULL;
}

static void play_begin(struct played *played, const char *path, const char *answer)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	snprintf(address.sun_path, sizeof address.sun_path, "%.100s", path);
	unlink(path);
	played->answer = answer;
	played->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(played->fd, (const struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(played->fd, 1), 0);
	assert_int_equal(pthread_create(&played->thread, NULL, play, played), 0);
}

static void play_end(struct played *played)
{
	pthread_join(played->thread, NULL);
	close(played->fd);
}

/* Asks, and gives the state that follows. */
static const char *state_after(struct agent *agent, json_t **ret_answer)
{
	static char name[16];
	struct err err;
	OWN(json_decref) json_t *question = json_pack("{s:s}", "what", "status");
	must(agent_ask(agent, question, ret_answer, &err));
	OWN(json_decref) json_t *shape = agent_shape(agent);
	snprintf(name, sizeof name, "%s", json_text(shape, "state", ""));
	bool well = strcmp(name, "answers") == 0;
	assert_true(well || (json_text(shape, "reason", "")[0] && json_text(shape, "next", "")[0]));
	assert_true(json_text(shape, "since", NULL) != NULL);
	return name;
}

static void test_no_socket_is_a_state(void **state)
{
	(void)state;
	json_t *answer;
	OWN(agent_free) struct agent *agent = agent_new("");
	assert_true(agent_is_off(agent));
	assert_string_equal(state_after(agent, &answer), "off");
	assert_null(answer);
	OWN(agent_free) struct agent *none = agent_new(NULL);
	assert_true(agent_is_off(none));
}

static void test_down_answers_and_fails(void **state)
{
	char path[128];
	json_t *answer = NULL;
	struct played played;
	snprintf(path, sizeof path, "%s/sync.sock", (char *)*state);
	OWN(agent_free) struct agent *agent = agent_new(path);
	assert_false(agent_is_off(agent));
	assert_string_equal(state_after(agent, &answer), "down");
	assert_null(answer);

	play_begin(&played, path, "{\"site\": \"clinic\"}");
	assert_string_equal(state_after(agent, &answer), "answers");
	assert_string_equal(json_text(answer, "site", ""), "clinic");
	json_decref(answer);
	play_end(&played);

	play_begin(&played, path, "{\"error\": {\"code\": \"database\", \"sentence\": \"the disk is full\"}}");
	assert_string_equal(state_after(agent, &answer), "failing");
	assert_null(answer);
	play_end(&played);
}

static void test_a_wrong_question_is_an_error(void **state)
{
	char path[128];
	json_t *answer;
	struct played played;
	struct err err;
	snprintf(path, sizeof path, "%s/sync.sock", (char *)*state);
	OWN(agent_free) struct agent *agent = agent_new(path);
	OWN(json_decref) json_t *question = json_pack("{s:s}", "what", "weather");
	play_begin(&played, path, "{\"error\": {\"code\": \"bad-input\", \"sentence\": \"nobody knows\"}}");
	must_fail(agent_ask(agent, question, &answer, &err), ERR_BAD_INPUT);
	assert_string_equal(err.detail, "nobody knows");
	play_end(&played);
	OWN(json_decref) json_t *shape = agent_shape(agent);
	assert_string_equal(json_text(shape, "state", ""), "answers");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_no_socket_is_a_state),
	    cmocka_unit_test(test_down_answers_and_fails),
	    cmocka_unit_test(test_a_wrong_question_is_an_error),
	};
	return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
