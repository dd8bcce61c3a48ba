#include "wire/slot.h"

#include "base/clock.h"
#include "base/text.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

static const uint8_t magic[4] = {'D', 'B', 'S', 'Y'};

enum { TEXT_SHORT_MAX = 64 << 10, CONNECT_LIMIT_S = 5 };

/* kind -> its largest text and body: only the books are long, only sealed bytes are bodies. */
static const struct {
	size_t text_max, body_max;
} kinds[SLOT_KINDS] = {
    [SLOT_SEND] = {TEXT_SHORT_MAX, SLOT_BODY_MAX},
    [SLOT_ANSWER] = {TEXT_SHORT_MAX, SLOT_BODY_MAX},
    [SLOT_FAILED] = {TEXT_SHORT_MAX, 0},
    [SLOT_ASK] = {TEXT_SHORT_MAX, 0},
    [SLOT_TELL] = {SLOT_TEXT_MAX, 0},
};

void slot_message_done(struct slot_message *message)
{
	json_decref(message->text);
	message->text = NULL;
	buf_done(&message->body);
}

static bool check_sizes(const struct slot_head *head, struct err *err)
{
	if (head->text_size > kinds[head->kind].text_max)
		return err_set(err, ERR_TOO_LARGE, "a message's text of %zu bytes; at most %zu", head->text_size,
		    kinds[head->kind].text_max);
	return head->body_size <= kinds[head->kind].body_max ||
	    err_set(err, ERR_TOO_LARGE, "a message's body of %zu bytes; at most %zu", head->body_size,
	        kinds[head->kind].body_max);
}

bool slot_write(struct buf *to, enum slot_kind kind, const json_t *text, const void *body, size_t body_size,
    struct err *err)
{
	OWN(free) char *written = json_is_object(text) ? json_dumps(text, JSON_COMPACT) : NULL;
	if (!written)
		return err_set(err, ERR_INTERNAL, "a message's text is not an object that can be written");
	const struct slot_head head = {kind, strlen(written), body_size};
	if (!check_sizes(&head, err))
		return false;
	buf_clear(to);
	buf_add(to, magic, sizeof magic);
	buf_add_u16(to, SLOT_VERSION);
	buf_add_u16(to, (uint16_t)kind);
	buf_add_u32(to, (uint32_t)head.text_size);
	buf_add_u32(to, (uint32_t)head.body_size);
	buf_add(to, written, head.text_size);
	buf_add(to, body, body_size);
	return buf_ok(to, err);
}

bool slot_take_head(const uint8_t bytes[SLOT_HEAD_SIZE], struct slot_head *ret_head, struct err *err)
{
	struct view view = VIEW(bytes, SLOT_HEAD_SIZE);
	if (memcmp(view_bytes(&view, sizeof magic), magic, sizeof magic) != 0)
		return err_set(err, ERR_DAMAGED, "a message between box and agent does not begin as one");
	unsigned version = view_u16(&view), kind = view_u16(&view);
	if (version != SLOT_VERSION)
		return err_set(err, ERR_DAMAGED, "a message of version %u; this side speaks %d: update both programs",
		    version, SLOT_VERSION);
	if (kind == 0 || kind >= SLOT_KINDS)
		return err_set(err, ERR_DAMAGED, "a message of the unknown kind %u", kind);
	const struct slot_head head = {(enum slot_kind)kind, view_u32(&view), view_u32(&view)};
	if (!check_sizes(&head, err))
		return false;
	*ret_head = head;
	return true;
}

bool slot_take_rest(const struct slot_head *head, const uint8_t *rest, struct slot_message *ret_message, struct err *err)
{
	OWN(json_decref) json_t *text = NULL;
	OWN(buf_done) struct buf body = BUF_INIT(SLOT_BODY_MAX);
	struct err why;
	if (!json_parse((const char *)rest, head->text_size, &text, &why))
		return err_set(err, ERR_DAMAGED, "a message's text: %s", why.detail);
	if (!json_is_object(text))
		return err_set(err, ERR_DAMAGED, "a message's text is not an object");
	buf_add(&body, rest + head->text_size, head->body_size);
	if (!buf_ok(&body, err))
		return false;
	slot_message_done(ret_message);
	*ret_message = (struct slot_message){head->kind, TAKE(text), body};
	body = (struct buf){0};
	return true;
}

/* The client */

bool slot_connect(const char *socket_path, int *ret_fd, struct err *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (!text_copy(address.sun_path, sizeof address.sun_path, socket_path))
		return err_set(err, ERR_BAD_INPUT, "the path of the agent's socket is too long: %s", socket_path);
	OWN(fd_close) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_errno(err, "making a socket");
	/* Holds for the connection only: an agent that hangs would keep its callers once its queue is full. */
	const struct timeval limit = {CONNECT_LIMIT_S, 0};
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) != 0 ||
	    connect(fd, (const struct sockaddr *)&address, sizeof address) != 0)
		return err_set(err, ERR_UNAVAILABLE, "the sync agent does not answer at %s: %s", socket_path,
		    strerror(errno));
	*ret_fd = fd;
	fd = -1;
	return true;
}

/* Waits until the socket can be written or read. */
static bool wait_for(int fd, short events, int64_t until_us, struct err *err)
{
	for (;;) {
		int64_t left_us = until_us - clock_monotonic_us();
		if (left_us <= 0)
			return err_set(err, ERR_UNAVAILABLE, "the sync agent did not answer in time");
		struct pollfd poll_fd = {fd, events, 0};
		int ready = poll(&poll_fd, 1, (int)((left_us + 999) / 1000));
		if (ready > 0)
			return true;
		if (ready < 0 && errno != EINTR)
			return err_errno(err, "waiting for the sync agent");
	}
}

static bool is_passing(int number)
{
	return number == EAGAIN || number == EINTR;
}

static bool receive_bytes(int fd, uint8_t *to, size_t size, int64_t until_us, struct err *err)
{
	while (size) {
		if (!wait_for(fd, POLLIN, until_us, err))
			return false;
		ssize_t got = recv(fd, to, size, MSG_DONTWAIT);
		if (got < 0 && is_passing(errno))
			continue;
		if (got <= 0)
			return err_set(err, ERR_UNAVAILABLE, "the sync agent hung up%s%s", got ? ": " : "",
			    got ? strerror(errno) : "");
		to += got;
		size -= (size_t)got;
	}
	return true;
}

static int64_t limit_to_us(int limit_ms)
{
	return clock_monotonic_us() + limit_ms * (int64_t)1000;
}

bool slot_send(int fd, enum slot_kind kind, const json_t *text, const void *body, size_t body_size, int limit_ms,
    struct err *err)
{
	OWN(buf_done) struct buf message = BUF_INIT(SLOT_MESSAGE_MAX);
	int64_t until_us = limit_to_us(limit_ms);
	if (!slot_write(&message, kind, text, body, body_size, err))
		return false;
	for (size_t at = 0; at < message.size;) {
		if (!wait_for(fd, POLLOUT, until_us, err))
			return false;
		ssize_t put = send(fd, message.data + at, message.size - at, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (put < 0 && !is_passing(errno))
			return err_set(err, ERR_UNAVAILABLE, "the sync agent hung up: %s", strerror(errno));
		at += put > 0 ? (size_t)put : 0;
	}
	return true;
}

bool slot_receive(int fd, int limit_ms, struct slot_message *ret_message, struct err *err)
{
	OWN(buf_done) struct buf rest = BUF_INIT(SLOT_MESSAGE_MAX);
	int64_t until_us = limit_to_us(limit_ms);
	uint8_t bytes[SLOT_HEAD_SIZE];
	struct slot_head head;
	if (!receive_bytes(fd, bytes, sizeof bytes, until_us, err) || !slot_take_head(bytes, &head, err))
		return false;
	size_t size = head.text_size + head.body_size;
	buf_grow(&rest, size);
	return buf_ok(&rest, err) && receive_bytes(fd, rest.data, size, until_us, err) &&
	    slot_take_rest(&head, rest.data, ret_message, err);
}

/* The agent's own error, as it told it. */
static bool take_error(const json_t *error, struct err *err)
{
	enum err_code code = err_named(json_text(error, "code", ""));
	return err_set(err, code == ERR_NONE ? ERR_UNAVAILABLE : code, "%s",
	    json_text(error, "sentence", "the sync agent refuses without a reason"));
}

bool slot_ask(const char *socket_path, const json_t *question, int limit_ms, json_t **ret_reply, struct err *err)
{
	OWN(fd_close) int fd = -1;
	OWN(slot_message_done) struct slot_message message = {0};
	int64_t until_us = limit_to_us(limit_ms);
	if (!slot_connect(socket_path, &fd, err) ||
	    !slot_send(fd, SLOT_ASK, question, NULL, 0, limit_ms, err))
		return false;
	int64_t left_us = until_us - clock_monotonic_us();
	if (!slot_receive(fd, left_us > 0 ? (int)((left_us + 999) / 1000) : 0, &message, err))
		return false;
	if (message.kind != SLOT_TELL)
		return err_set(err, ERR_DAMAGED, "the sync agent answers a question with another kind of message");
	const json_t *error = json_object_get(message.text, "error");
	if (error)
		return take_error(error, err);
	*ret_reply = TAKE(message.text);
	return true;
}
