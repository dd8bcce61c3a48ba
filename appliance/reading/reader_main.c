/* daybreak-reader LABEL: answers the batch protocol on descriptor 3 with the network on descriptor 4, inside
 * its walls, until the other end closes. It opens no files, keeps no state between batches and says nothing
 * anywhere else. The label is what it calls itself. */
#include "reading/answer.h"
#include "reading/network_map.h"
#include "reading/read.h"
#include "reading/reader.h"
#include "reading/sandbox.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SOCKET = 3, NETWORK = 4 };

/* Exit codes beside READER_NO_NETWORK; a violation of the walls ends with SIGSYS instead. */
enum { EXIT_NO_WALLS = 1, EXIT_BROKEN_STREAM = 2 };

static bool receive(uint8_t *to, size_t size)
{
	while (size > 0) {
		ssize_t got = recv(SOCKET, to, size, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		to += got;
		size -= (size_t)got;
	}
	return true;
}

static bool deliver(const struct buf *message)
{
	for (size_t at = 0; at < message->size;) {
		ssize_t sent = send(SOCKET, message->data + at, message->size - at, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return false;
		at += (size_t)sent;
	}
	return true;
}

/* False at the end of the stream or when it can no longer be trusted. */
static bool serve_one(const struct answer_reader *reader, struct buf *question, struct buf *to)
{
	uint8_t bytes[PROTOCOL_HEAD_SIZE];
	struct protocol_head head;
	struct err err;
	if (!receive(bytes, sizeof bytes) || !protocol_take_head(bytes, &head, &err))
		return false;
	buf_clear(question);
	uint8_t *body = buf_grow(question, head.size);
	if (head.size > 0 && (!body || !receive(body, head.size)))
		return false;
	return answer(reader, &head, body, to, &err) && deliver(to);
}

/* Everything that needs the outside: afterwards descriptor 4 is no longer needed. */
static bool open_network(const char *label, struct network_map *map, struct answer_reader *ret_reader)
{
	struct err err;
	if (!network_map(NETWORK, map, &err))
		return false;
	*ret_reader = (struct answer_reader){.network = map->network,
	    .scratch = network_scratch(map->network),
	    .label = label,
	    .place = ANSWER_AT_HOME};
	read_digest(map->digest, ret_reader->digest);
	return ret_reader->scratch != NULL;
}

int main(int argc, char **argv)
{
	struct buf question = BUF_INIT(LIMIT_CUT_BATCH_BYTES);
	struct buf to = BUF_INIT(LIMIT_CUT_BATCH_BYTES);
	struct network_map map;
	struct answer_reader reader;
	struct err err;
	/* Memory given back to the kernel is memory that it clears again for the next frame. */
	mallopt(M_MMAP_THRESHOLD, 64 << 20);
	mallopt(M_TRIM_THRESHOLD, 64 << 20);
	if (!open_network(argc > 1 ? argv[1] : "", &map, &reader))
		_exit(READER_NO_NETWORK);
	if (!sandbox_enter(SOCKET, &err))
		_exit(EXIT_NO_WALLS);
	if (!answer_hello(&reader, &to, &err) || !deliver(&to))
		_exit(EXIT_BROKEN_STREAM);
	while (serve_one(&reader, &question, &to))
		;
	/* The kernel takes the memory back; run time hooks would only run into the walls. */
	_exit(0);
}
