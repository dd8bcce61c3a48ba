#include "agent/door.h"

#include "base/text.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

enum { BACKLOG = 64, PIECE = 64 << 10 };

struct caller {
	struct door *door;
	struct caller *next;
	int fd;
	struct slot_head head;
	struct buf in, out;
	size_t out_at;
	bool headed;  /* head is known, `in` collects the rest */
	bool waiting; /* for the answer */
	bool ended;
};

struct door {
	struct door_hooks hooks;
	int fd;
	int count;
	struct caller *first;
	char path[sizeof ((struct sockaddr_un *)0)->sun_path];
};

static bool address_of(const char *path, struct sockaddr_un *ret_address, struct err *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (!text_copy(address.sun_path, sizeof address.sun_path, path))
		return err_set(err, ERR_BAD_INPUT, "path of the socket is too long: %s", path);
	*ret_address = address;
	return true;
}

static bool listen_at(struct door *door, const char *path, struct err *err)
{
	struct sockaddr_un address;
	if (!address_of(path, &address, err))
		return false;
	OWN(fd_close) int probe = -1;
	if (slot_connect(path, &probe, NULL))
		return err_set(err, ERR_CONFLICT, "another agent answers at %s", path);
	unlink(path);
	door->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (door->fd < 0 || bind(door->fd, (struct sockaddr *)&address, sizeof address) != 0)
		return err_errno(err, "opening the socket %s", path);
	text_copy(door->path, sizeof door->path, path);
	/* Its group is the daemon's: the folder's owner says so. */
	if (chmod(path, 0660) != 0 || listen(door->fd, BACKLOG) != 0)
		return err_errno(err, "opening the socket %s", path);
	return true;
}

bool door_open(const char *path, const struct door_hooks *hooks, struct door **ret_door, struct err *err)
{
	OWN(door_close) struct door *door = calloc(1, sizeof *door);
	if (!door)
		return err_set(err, ERR_NO_MEMORY, "opening the socket");
	door->hooks = *hooks;
	door->fd = -1;
	if (!listen_at(door, path, err))
		return false;
	*ret_door = TAKE(door);
	return true;
}

static void free_caller(struct caller *caller)
{
	close(caller->fd);
	buf_done(&caller->in);
	buf_done(&caller->out);
	free(caller);
}

void door_close(struct door *door)
{
	while (door->first) {
		struct caller *caller = door->first;
		door->first = caller->next;
		free_caller(caller);
	}
	if (door->fd >= 0)
		close(door->fd);
	if (door->path[0])
		unlink(door->path);
	free(door);
}

static void take_callers(struct door *door)
{
	while (door->count < DOOR_CALLERS_MAX) {
		int fd = accept4(door->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			return;
		struct caller *caller = calloc(1, sizeof *caller);
		if (!caller) {
			close(fd);
			return;
		}
		caller->door = door;
		caller->fd = fd;
		caller->in.max = SLOT_MESSAGE_MAX;
		caller->next = door->first;
		door->first = caller;
		door->count++;
	}
}

static void end(struct caller *caller)
{
	if (caller->ended)
		return;
	caller->ended = true;
	if (caller->waiting)
		caller->door->hooks.gone(caller->door->hooks.context, caller);
	caller->waiting = false;
}

/* True when `in` holds what is needed next: a head, or all that the head said. */
static bool fill(struct caller *caller)
{
	size_t need = caller->headed ? caller->head.text_size + caller->head.body_size : SLOT_HEAD_SIZE;
	while (caller->in.size < need) {
		size_t before = caller->in.size;
		size_t piece = need - before < PIECE ? need - before : PIECE;
		uint8_t *to = buf_grow(&caller->in, piece);
		if (!to) {
			end(caller);
			return false;
		}
		ssize_t got = read(caller->fd, to, piece);
		caller->in.size = before + (got > 0 ? (size_t)got : 0);
		if (got > 0)
			continue;
		if (got == 0 || (errno != EAGAIN && errno != EINTR))
			end(caller);
		return false;
	}
	return true;
}

static void take_message(struct caller *caller)
{
	OWN(slot_message_done) struct slot_message message = {0};
	struct err err;
	bool taken = slot_take_rest(&caller->head, caller->in.data, &message, &err);
	buf_done(&caller->in);
	caller->headed = false;
	if (!taken) {
		end(caller);
		return;
	}
	caller->waiting = true;
	caller->door->hooks.message(caller->door->hooks.context, caller, &message);
}

static void hear(struct caller *caller)
{
	struct err err;
	if (caller->waiting) {
		/* Nothing may come now but the end. */
		char byte;
		ssize_t got = read(caller->fd, &byte, 1);
		if (got >= 0 || (errno != EAGAIN && errno != EINTR))
			end(caller);
		return;
	}
	if (!caller->headed) {
		if (!fill(caller))
			return;
		if (!slot_take_head(caller->in.data, &caller->head, &err)) {
			end(caller);
			return;
		}
		buf_clear(&caller->in);
		caller->headed = true;
	}
	if (fill(caller))
		take_message(caller);
}

static void speak(struct caller *caller)
{
	while (caller->out_at < caller->out.size) {
		ssize_t put = send(caller->fd, caller->out.data + caller->out_at,
		    caller->out.size - caller->out_at, MSG_NOSIGNAL);
		if (put < 0) {
			if (errno != EAGAIN && errno != EINTR)
				end(caller);
			return;
		}
		caller->out_at += (size_t)put;
	}
	buf_done(&caller->out);
	caller->out_at = 0;
}

static void bury(struct door *door)
{
	for (struct caller **at = &door->first; *at;) {
		struct caller *caller = *at;
		if (!caller->ended) {
			at = &caller->next;
			continue;
		}
		*at = caller->next;
		door->count--;
		free_caller(caller);
	}
}

size_t door_waits(const struct door *door, struct pollfd *to)
{
	size_t count = 0;
	to[count++] = (struct pollfd){.fd = door->fd, .events = door->count < DOOR_CALLERS_MAX ? POLLIN : 0};
	for (const struct caller *caller = door->first; caller; caller = caller->next)
		to[count++] = (struct pollfd){
		    .fd = caller->fd, .events = caller->out.size > 0 ? POLLIN | POLLOUT : POLLIN};
	return count;
}

/* The callers stand as they stood when the waits were made: new ones come, ended ones go, only here at the
 * end. */
void door_serve(struct door *door, const struct pollfd *waits, size_t count)
{
	size_t at = 1;
	for (struct caller *caller = door->first; caller && at < count; caller = caller->next, at++) {
		if (!caller->ended && (waits[at].revents & POLLOUT))
			speak(caller);
		if (!caller->ended && (waits[at].revents & POLLIN))
			hear(caller);
	}
	bury(door);
	if (count > 0 && (waits[0].revents & POLLIN))
		take_callers(door);
}

void door_answer(
    struct caller *caller, enum slot_kind kind, const json_t *text, const void *body, size_t body_size)
{
	struct err err;
	if (caller->ended)
		return;
	caller->waiting = false;
	caller->out.max = SLOT_MESSAGE_MAX;
	if (!slot_write(&caller->out, kind, text, body, body_size, &err)) {
		end(caller);
		return;
	}
	caller->out_at = 0;
	speak(caller);
}
