#include "reading/reader.h"

#include "base/clock.h"
#include "base/text.h"
#include "reading/ask.h"
#include "reading/network_map.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum {
	READER_FD = 3,
	NETWORK_FD = 4,
	START_LIMIT_MS = 5000,
	/* 64 time points of 7 planes take about a second; a damaged one may take the decoder longer. */
	MESSAGE_LIMIT_MS = 30000,
};

struct reader {
	char program[LIMIT_PATH], label[LIMIT_NAME];
	int network_fd; /* our own */
	pid_t process; /* 0: none */
	int fd;        /* -1: none */
	int limit_ms;
	uint64_t batch;
	uint8_t digest[CRYPTO_DIGEST_SIZE];
	struct buf out, in;
};

/* One deadline for a whole message, however many pieces it comes in. */
static bool wait_for(const struct reader *reader, short event, int64_t deadline_us, struct err *err)
{
	for (;;) {
		int64_t left_us = deadline_us - clock_monotonic_us();
		struct pollfd poll_fd = {reader->fd, event, 0};
		if (left_us <= 0)
			return err_set(err, ERR_UNAVAILABLE, "the reader does not answer in time");
		int ready = poll(&poll_fd, 1, (int)(left_us / 1000) + 1);
		if (ready > 0)
			return true;
		if (ready < 0 && errno != EINTR)
			return err_errno(err, "waiting for the reader");
	}
}

static bool send_message(struct reader *reader, int64_t deadline_us, struct err *err)
{
	for (size_t at = 0; at < reader->out.size;) {
		if (!wait_for(reader, POLLOUT, deadline_us, err))
			return false;
		ssize_t sent = send(reader->fd, reader->out.data + at, reader->out.size - at,
		    MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0 && errno != EINTR && errno != EAGAIN)
			return err_set(err, ERR_UNAVAILABLE, "the reader died while it was asked");
		if (sent > 0)
			at += (size_t)sent;
	}
	return true;
}

static bool receive(struct reader *reader, uint8_t *to, size_t size, int64_t deadline_us, struct err *err)
{
	while (size > 0) {
		if (!wait_for(reader, POLLIN, deadline_us, err))
			return false;
		ssize_t got = recv(reader->fd, to, size, MSG_DONTWAIT);
		if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN))
			return err_set(err, ERR_UNAVAILABLE, "the reader died before it answered");
		if (got > 0) {
			to += got;
			size -= (size_t)got;
		}
	}
	return true;
}

/* The body lies in reader->in afterwards. */
static bool receive_message(struct reader *reader, int64_t deadline_us, struct protocol_head *ret_head,
    struct err *err)
{
	uint8_t bytes[PROTOCOL_HEAD_SIZE];
	if (!receive(reader, bytes, sizeof bytes, deadline_us, err) ||
	    !protocol_take_head(bytes, ret_head, err))
		return false;
	buf_clear(&reader->in);
	uint8_t *body = buf_grow(&reader->in, ret_head->size);
	if (ret_head->size > 0 && !body)
		return err_set(err, ERR_NO_MEMORY, "an answer of %u bytes", (unsigned)ret_head->size);
	return receive(reader, body, ret_head->size, deadline_us, err);
}

/* In the child: only calls that are safe after a fork of a process with threads. Both descriptors first go
 * where they are in nobody's way; the copies to their places survive the exec, all else is closed by it. */
static void become_reader(const struct reader *reader, int fd)
{
	char *const arguments[] = {(char *)reader->program, (char *)reader->label, NULL};
	char *const environment[] = {NULL};
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	int socket = fcntl(fd, F_DUPFD_CLOEXEC, NETWORK_FD + 1);
	int network = fcntl(reader->network_fd, F_DUPFD_CLOEXEC, NETWORK_FD + 1);
	dup2(socket, READER_FD);
	dup2(network, NETWORK_FD);
	execve(reader->program, arguments, environment);
	_exit(127);
}

static bool spawn(struct reader *reader, struct err *err)
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return err_errno(err, "making a socket for the reader");
	pid_t process = fork();
	if (process == 0)
		become_reader(reader, pair[1]);
	int number = errno;
	close(pair[1]);
	if (process < 0) {
		close(pair[0]);
		return err_set(err, ERR_UNAVAILABLE, "starting the reader: %s", strerror(number));
	}
	reader->process = process;
	reader->fd = pair[0];
	return true;
}

/* Takes the process down and collects it, whatever state it is in. */
static void end_process(struct reader *reader, int *ret_status)
{
	int status = 0;
	if (reader->fd >= 0)
		close(reader->fd);
	reader->fd = -1;
	if (reader->process == 0)
		return;
	kill(reader->process, SIGKILL);
	while (waitpid(reader->process, &status, 0) < 0 && errno == EINTR)
		;
	reader->process = 0;
	if (ret_status)
		*ret_status = status;
}

static bool greet(struct reader *reader, struct err *err)
{
	struct protocol_head head;
	struct protocol_hello hello;
	if (!receive_message(reader, clock_monotonic_us() + START_LIMIT_MS * 1000LL, &head, err))
		return err_add(err, "starting %s", reader->program);
	struct view body = VIEW(reader->in.data, head.size);
	if (head.kind != PROTOCOL_HELLO || !protocol_take_hello(&body, &hello, err) ||
	    !protocol_done(&body, err))
		return err_set(
		    err, ERR_UNAVAILABLE, "%s does not introduce itself as a reader", reader->program);
	if (memcmp(hello.digest, reader->digest, sizeof hello.digest) != 0)
		return err_set(err, ERR_CONFLICT,
		    "%s reads %s otherwise than this program would: it is of another version",
		    reader->program, hello.version);
	return true;
}

static bool ensure_running(struct reader *reader, struct err *err)
{
	int status = 0;
	if (reader->process)
		return true;
	if (spawn(reader, err) && greet(reader, err))
		return true;
	end_process(reader, &status);
	if (WIFEXITED(status) && WEXITSTATUS(status) == READER_NO_NETWORK)
		err_set(err, ERR_UNAVAILABLE, "%s can not read with model %s: its network does not open",
		    reader->program, reader->label);
	return false;
}

bool reader_wake(struct reader *reader, struct err *err)
{
	return ensure_running(reader, err);
}

static bool take_model(struct reader *reader, const struct reader_model *model, struct err *err)
{
	uint8_t network[CRYPTO_DIGEST_SIZE];
	if (!text_copy(reader->label, sizeof reader->label, model->label))
		return err_set(err, ERR_BAD_INPUT, "the name of the model is too long");
	if (!network_map_digest(model->fd, network, err))
		return err_add(err, "model %s", model->label);
	read_digest(network, reader->digest);
	reader->network_fd = fcntl(model->fd, F_DUPFD_CLOEXEC, 0);
	return reader->network_fd >= 0 || err_errno(err, "keeping model %s", model->label);
}

bool reader_start(const char *program, const struct reader_model *model, struct reader **ret_reader,
    struct err *err)
{
	OWN(reader_stop) struct reader *reader = calloc(1, sizeof *reader);
	if (!reader)
		return err_set(err, ERR_NO_MEMORY, "starting a reader");
	reader->fd = reader->network_fd = -1;
	reader->limit_ms = MESSAGE_LIMIT_MS;
	reader->out.max = reader->in.max = LIMIT_CUT_BATCH_BYTES + PROTOCOL_HEAD_SIZE;
	if (!text_copy(reader->program, sizeof reader->program, program))
		return err_set(err, ERR_BAD_INPUT, "the path of the reader program is too long");
	if (!take_model(reader, model, err) || !ensure_running(reader, err))
		return false;
	*ret_reader = TAKE(reader);
	return true;
}

void reader_stop(struct reader *reader)
{
	if (!reader)
		return;
	end_process(reader, NULL);
	fd_close_owned(&reader->network_fd);
	buf_done(&reader->out);
	buf_done(&reader->in);
	free(reader);
}

const uint8_t *reader_digest(const struct reader *reader)
{
	return reader->digest;
}

const char *reader_label(const struct reader *reader)
{
	return reader->label;
}

void reader_limit_time(struct reader *reader, int milliseconds)
{
	reader->limit_ms = milliseconds;
}

pid_t reader_process(const struct reader *reader)
{
	return reader->process;
}

/* Sends reader->out and brings the answer's body; a refusal comes back as its own error. */
static bool exchange(struct reader *reader, enum protocol_kind expected, struct view *ret_body,
    struct err *err)
{
	int64_t deadline_us = clock_monotonic_us() + reader->limit_ms * 1000LL;
	struct protocol_head head;
	if (!protocol_end(&reader->out, err) || !ensure_running(reader, err) ||
	    !send_message(reader, deadline_us, err) || !receive_message(reader, deadline_us, &head, err))
		return false;
	*ret_body = (struct view)VIEW(reader->in.data, head.size);
	if (head.batch != reader->batch)
		return err_set(err, ERR_UNAVAILABLE, "the reader answered another batch");
	if (head.kind == PROTOCOL_REFUSED)
		return protocol_take_refusal(ret_body, err);
	if (head.kind != expected)
		return err_set(err, ERR_UNAVAILABLE, "the reader answered something else");
	return true;
}

/* After any failure the stream can not be trusted: the process goes, the next batch starts another. */
static bool give_up(struct reader *reader, struct err *err)
{
	end_process(reader, NULL);
	if (err && err->code != ERR_UNAVAILABLE && err->code != ERR_CONFLICT)
		err->code = ERR_UNAVAILABLE;
	return false;
}

static size_t item_size(const struct reader_item *item)
{
	size_t size = 1;
	for (size_t i = 0; i < item->planes_count; i++)
		size += 8 + item->planes[i].size;
	return size;
}

/* What the protocol has no words for is answered here, before it is sent. */
static bool check_item(const struct reader_item *item, struct err *err)
{
	if (item->planes_count == 0 || item->planes_count > LIMIT_PLANES)
		return err_set(err, ERR_BAD_INPUT, "%zu focal planes; 1 to %d", item->planes_count,
		    LIMIT_PLANES);
	for (size_t i = 0; i < item->planes_count; i++)
		if (item->planes[i].size == 0 || item->planes[i].size > LIMIT_FRAME_BYTES)
			return err_set(err, ERR_DAMAGED, "a focal plane of %zu bytes",
			    item->planes[i].size);
	if (item_size(item) + 2 > LIMIT_CUT_BATCH_BYTES)
		return err_set(err, ERR_TOO_LARGE, "focal planes of %zu bytes together", item_size(item));
	return true;
}

/* How many of the items, from the first, go in one message. */
static size_t items_that_fit(const struct reader_item *items, size_t count)
{
	size_t size = 2, fitting = 0;
	while (fitting < count && fitting < LIMIT_BATCH_ITEMS && check_item(&items[fitting], NULL)) {
		size += item_size(&items[fitting]);
		if (size > LIMIT_CUT_BATCH_BYTES)
			break;
		fitting++;
	}
	return fitting;
}

/* read false: a CROP. */
static bool cut_batch(struct reader *reader, bool read, const struct reader_item *items, size_t count,
    struct reader_answer *answers, struct err *err)
{
	struct view body;
	size_t answered;
	protocol_begin(&reader->out, read ? PROTOCOL_CUT : PROTOCOL_CROP, ++reader->batch);
	protocol_add_count(&reader->out, count);
	for (size_t i = 0; i < count; i++)
		protocol_add_item(&reader->out, &items[i]);
	if (!exchange(reader, read ? PROTOCOL_CUT_ANSWER : PROTOCOL_CROP_ANSWER, &body, err) ||
	    !protocol_take_count(&body, &answered, err))
		return give_up(reader, err);
	if (answered != count) {
		err_set(err, ERR_UNAVAILABLE, "%zu answers to %zu time points", answered, count);
		return give_up(reader, err);
	}
	for (size_t i = 0; i < count; i++)
		if (!(read ? protocol_take_answer : protocol_take_crop)(&body, &answers[i], err))
			return give_up(reader, err);
	return protocol_done(&body, err) || give_up(reader, err);
}

static bool cut_all(struct reader *reader, bool read, const struct reader_item *items, size_t count,
    struct reader_answer *answers, struct err *err)
{
	for (size_t done = 0; done < count;) {
		size_t batch = items_that_fit(items + done, count - done);
		if (batch == 0) {
			memset(&answers[done], 0, sizeof answers[done]);
			check_item(&items[done], &answers[done].err);
			done++;
			continue;
		}
		if (!cut_batch(reader, read, items + done, batch, answers + done, err))
			return false;
		done += batch;
	}
	return true;
}

bool reader_cut(struct reader *reader, const struct reader_item *items, size_t count,
    struct reader_answer *answers, struct err *err)
{
	return cut_all(reader, true, items, count, answers, err);
}

bool reader_crop(struct reader *reader, const struct reader_item *items, size_t count,
    struct reader_answer *answers, struct err *err)
{
	return cut_all(reader, false, items, count, answers, err);
}

static bool read_batch(struct reader *reader, const struct cut *cuts, size_t count,
    struct reading *ret_readings, struct err *err)
{
	uint8_t digests[LIMIT_BATCH_ITEMS][CRYPTO_DIGEST_SIZE];
	struct view body;
	ask_begin(&reader->out, ++reader->batch, reader->digest, count);
	for (size_t i = 0; i < count; i++)
		ask_add_cut(&reader->out, &cuts[i], digests[i]);
	if (!exchange(reader, PROTOCOL_READ_ANSWER, &body, err) ||
	    !ask_take_readings(&body, reader->digest, digests, count, ret_readings, err))
		return give_up(reader, err);
	return true;
}

bool reader_read(struct reader *reader, const struct cut *cuts, size_t count, struct reading *ret_readings,
    struct err *err)
{
	for (size_t done = 0; done < count;) {
		size_t batch = count - done < LIMIT_BATCH_ITEMS ? count - done : LIMIT_BATCH_ITEMS;
		if (!read_batch(reader, cuts + done, batch, ret_readings + done, err))
			return false;
		done += batch;
	}
	return true;
}
