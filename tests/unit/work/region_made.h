/* A cloud without a network, for tests: an agent on a Unix socket that answers batches itself, with the function's own
 * key and the real reader library, or misbehaves as it is told. */
#pragma once

#include "unit/unit.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "reading/answer.h"
#include "reading/read.h"
#include "unit/reading/networks.h"
#include "wire/cloud.h"
#include "wire/pack.h"
#include "wire/sealed.h"
#include "wire/slot.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

enum region_fate {
	REGION_ANSWERS,
	REGION_FLIPS_A_BIT,
	REGION_ANSWERS_ANOTHER_BATCH, /* the answer it gave before, if any */
	REGION_READS_WITH_ANOTHER_READER,
	REGION_REFUSES_SEALED,        /* the function's word, inside the seal */
	REGION_FAILS,                 /* the endpoint's fault */
	REGION_FAILS_ANYWHERE,        /* the batch's fault */
	REGION_HANGS_UP,
	REGION_KEEPS_SILENT,
	REGION_FATES
};

struct region {
	char folder[128], socket[160];
	char private_pem[CRYPTO_PEM_SIZE];
	struct network_ready network;
	uint8_t reader_digest[CRYPTO_DIGEST_SIZE];
	struct cloud *cloud;
	int listener;
	pthread_t thread;
	pthread_mutex_t lock; /* answers one at a time */
	enum region_fate fates[64];
	int fates_count; /* the last one holds for all that follow */
	atomic_int asked, connections, silent_open;
	struct buf before; /* the answer given before */
	char last_text[512];
	struct buf question; /* the last one, opened */
};

struct region_call {
	struct region *region;
	int fd;
};

static inline void region_reply(struct region_call *call, enum slot_kind kind, json_t *text, const struct buf *body)
{
	struct err err;
	slot_send(call->fd, kind, text, body ? body->data : NULL, body ? body->size : 0, 5000, &err);
	json_decref(text);
}

static inline void region_fail(struct region_call *call, const char *batch, const char *blame)
{
	region_reply(call, SLOT_FAILED, json_pack("{s:s, s:s, s:i, s:s, s:s, s:i, s:s}", "batch", batch, "endpoint", "near",
	    "attempts", 1, "code", "unavailable", "sentence", "made to fail", "retry_after_ms", 0, "blame", blame), NULL);
}

/* As the function does it. */
static inline void region_answer(struct region_call *call, const char *batch, const struct buf *body, enum region_fate fate)
{
	struct region *region = call->region;
	struct err err;
	uint8_t id[SEALED_BATCH_SIZE], key[CRYPTO_KEY_SIZE];
	OWN(buf_done) struct buf pack = BUF_INIT(PACK_SIZE_MAX), message = BUF_INIT(LIMIT_BATCH_BYTES);
	OWN(buf_done) struct buf sealed = BUF_INIT(LIMIT_BATCH_BYTES);
	struct protocol_head head;
	struct answer_reader reader = {.network = region->network.network, .scratch = region->network.scratch,
	    .label = "made-1", .place = ANSWER_IN_CLOUD};
	memcpy(reader.digest, region->reader_digest, sizeof reader.digest);
	reader.digest[0] ^= fate == REGION_READS_WITH_ANOTHER_READER;
	must(sealed_question_open(region->private_pem, body->data, body->size, id, &pack, key, &err));
	must(pack_read(pack.data, pack.size, &region->question, &err));
	must(protocol_take_head(region->question.data, &head, &err));
	uint8_t *question = region->question.data + PROTOCOL_HEAD_SIZE;
	if (fate == REGION_READS_WITH_ANOTHER_READER)
		memcpy(question, reader.digest, sizeof reader.digest);
	if (fate == REGION_REFUSES_SEALED)
		question[CRYPTO_DIGEST_SIZE + 2] ^= 1;
	must(answer(&reader, &head, question, &message, &err));
	must(sealed_answer(key, id, message.data, message.size, &sealed, &err));
	if (fate == REGION_FLIPS_A_BIT)
		sealed.data[sealed.size / 2] ^= 4;
	const struct buf *sent = fate == REGION_ANSWERS_ANOTHER_BATCH && region->before.size ? &region->before : &sealed;
	region_reply(call, SLOT_ANSWER, json_pack("{s:s, s:s, s:i, s:i, s:i, s:i, s:b, s:i, s:i}", "batch", batch, "endpoint",
	    "near", "attempts", 1, "duration_ms", 5, "read_ms", 3, "billed_ms", 4, "cold", 0, "cost_nano", 1000, "bytes_out",
	    (int)body->size), sent);
	buf_clear(&region->before);
	buf_add(&region->before, sealed.data, sealed.size);
}

/* All is well with the one endpoint. */
static inline void region_tell(struct region_call *call)
{
	region_reply(call, SLOT_TELL, json_pack("{s:[{s:s, s:s, s:s, s:s}], s:{s:i, s:i, s:i}}", "endpoints", "name", "near",
	    "state", "ready", "reason", "", "since", "2026-01-02T03:04:05Z", "budget", "spent_today_nano", 0,
	    "spent_month_nano", 0, "left_nano", 2000000000), NULL);
}

/* False: hang up. */
static inline bool region_serve(struct region_call *call, const struct slot_message *message)
{
	struct region *region = call->region;
	const char *batch = json_text(message->text, "batch", "");
	pthread_mutex_lock(&region->lock);
	int turn = atomic_fetch_add(&region->asked, 1);
	enum region_fate fate = region->fates[turn < region->fates_count ? turn : region->fates_count - 1];
	char *text = json_dumps(message->text, JSON_COMPACT);
	text_copy(region->last_text, sizeof region->last_text, text);
	free(text);
	bool more = fate != REGION_HANGS_UP;
	if (fate == REGION_FAILS)
		region_fail(call, batch, "endpoint");
	else if (fate == REGION_FAILS_ANYWHERE)
		region_fail(call, batch, "batch");
	else if (fate != REGION_HANGS_UP && fate != REGION_KEEPS_SILENT)
		region_answer(call, batch, &message->body, fate);
	pthread_mutex_unlock(&region->lock);
	/* A caller that goes away ends the silence. */
	char byte;
	if (fate == REGION_KEEPS_SILENT) {
		atomic_fetch_add(&region->silent_open, 1);
		more = recv(call->fd, &byte, 1, 0) > 0;
		atomic_fetch_sub(&region->silent_open, 1);
	}
	return more;
}

static inline void *region_connection(void *context)
{
	struct region_call *call = context;
	struct err err;
	for (bool more = true; more;) {
		struct slot_message message = {0};
		more = slot_receive(call->fd, 60000, &message, &err);
		if (more && message.kind == SLOT_ASK)
			region_tell(call);
		else if (more)
			more = region_serve(call, &message);
		slot_message_done(&message);
	}
	close(call->fd);
	atomic_fetch_sub(&call->region->connections, 1);
	free(call);
	return NULL;
}

static inline void *region_run(void *context)
{
	struct region *region = context;
	for (int fd; (fd = accept(region->listener, NULL, NULL)) >= 0;) {
		pthread_t thread;
		struct region_call *call = malloc(sizeof *call);
		*call = (struct region_call){region, fd};
		atomic_fetch_add(&region->connections, 1);
		pthread_create(&thread, NULL, region_connection, call);
		pthread_detach(thread);
	}
	return NULL;
}

static inline void region_listen(struct region *region)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	assert_true(text_copy(address.sun_path, sizeof address.sun_path, region->socket));
	unlink(region->socket);
	region->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(region->listener, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(region->listener, 64), 0);
	assert_int_equal(pthread_create(&region->thread, NULL, region_run, region), 0);
}

/* With a small network of this seed, as model_made() installs it. */
static inline struct region *region_start(const char *folder, uint32_t seed, int slots)
{
	struct err err;
	struct region *region = calloc(1, sizeof *region);
	char public_pem[CRYPTO_PEM_SIZE], path[160], text[1024];
	uint8_t digest[CRYPTO_DIGEST_SIZE];
	OWN(buf_done) struct buf network = BUF_INIT(8 << 20);
	text_copy(region->folder, sizeof region->folder, folder);
	snprintf(region->socket, sizeof region->socket, "%s/sync.sock", folder);
	must(crypto_pair_make(region->private_pem, public_pem, &err));
	snprintf(path, sizeof path, "%s/function.pem", folder);
	must(file_write(path, public_pem, strlen(public_pem), 0600, &err));
	snprintf(text, sizeof text,
	    "{\"site\":\"clinic-7f3a\",\"regions\":[\"eu-central-1\"],\"budget\":{\"day\":2.0,\"month\":20.0},"
	    "\"endpoints\":[{\"name\":\"near\",\"url\":\"https://near.example\",\"region\":\"eu-central-1\",\"ca\":\"ca.pem\","
	    "\"key\":\"function.pem\",\"slots\":%d,\"memory_mb\":1769,\"price_gb_s\":0.0000166667,\"price_request\":0.0000002}]}",
	    slots);
	must(cloud_parse(text, strlen(text), folder, &region->cloud, &err));
	snprintf(path, sizeof path, "%s/cloud.json", folder);
	must(file_write(path, text, strlen(text), 0600, &err));
	network_make(seed, true, &region->network);
	network_write_made(seed, true, &network);
	crypto_sha256(network.data, network.size, digest);
	read_digest(digest, region->reader_digest);
	region->fates_count = 1;
	region->before.max = region->question.max = LIMIT_BATCH_BYTES + PROTOCOL_HEAD_SIZE;
	pthread_mutex_init(&region->lock, NULL);
	region_listen(region);
	return region;
}

static inline void region_stop(struct region *region)
{
	shutdown(region->listener, SHUT_RDWR);
	pthread_join(region->thread, NULL);
	close(region->listener);
	for (int i = 0; i < 500 && region->connections > 0; i++)
		clock_sleep_ms(10);
	assert_int_equal(region->connections, 0);
	cloud_free(region->cloud);
	network_ready_done_owned(&region->network);
	buf_done(&region->before);
	buf_done(&region->question);
	pthread_mutex_destroy(&region->lock);
	free(region);
}
