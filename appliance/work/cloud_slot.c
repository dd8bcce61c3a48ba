#include "work/cloud_slot.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "reading/ask.h"
#include "reading/network_map.h"
#include "reading/read.h"
#include "store/bursts.h"
#include "wire/pack.h"
#include "wire/sealed.h"
#include "wire/slot.h"
#include "work/lane.h"

#include <string.h>
#include <sys/socket.h>

enum {
	/* How long a slot waits for something to carry before it looks whether the model is another. */
	WAIT_MS = 2000,
	/* The agent answers within this, whatever happens behind it. */
	ANSWER_LIMIT_MS = 120000,
	AGENT_GRACE_MS = 5000,
	SEND_LIMIT_MS = 30000,
	/* Room for a batch's pixels on the heap; the stack of a slot holds little. */
	STACK_BYTES = 512 << 10,
};

struct cloud_slot {
	struct work *work;
	int lane; /* the endpoint's number */
	const struct cloud_endpoint *endpoint;
	pthread_t thread;
	struct store *store;
	int model_serial; /* of the model that `reader` belongs to; 0: none yet */
	char version[MODEL_LABEL_SIZE];
	uint8_t reader[CRYPTO_DIGEST_SIZE];
	pthread_mutex_t lock; /* over fd, which whoever stops may shut down */
	int fd;
};

struct cloud_slots {
	int count;
	struct cloud_slot list[CLOUD_ENDPOINTS_MAX * CLOUD_SLOTS_MAX];
};

/* One batch on its way. */
struct batch {
	struct flight *flight;
	bool hedge;
	size_t count; /* of the flight's cuts, those that still wait */
	struct waiting cuts[LIMIT_BATCH_ITEMS];
	uint8_t digests[LIMIT_BATCH_ITEMS][CRYPTO_DIGEST_SIZE];
	uint8_t id[SEALED_BATCH_SIZE], answer_key[CRYPTO_KEY_SIZE];
	char id_text[2 * SEALED_BATCH_SIZE + 1];
	uint64_t number; /* inside the seal */
	struct buf question, pack, sealed;
	int64_t sent_us, answered_us;
	struct reading readings[LIMIT_BATCH_ITEMS];
};

static void batch_free(struct batch *batch)
{
	crypto_wipe(batch->answer_key, sizeof batch->answer_key);
	buf_done(&batch->question);
	buf_done(&batch->pack);
	buf_done(&batch->sealed);
	free(batch);
}
OWN_DEFINE(struct batch *, batch_free)

static struct batch *batch_new(struct flight *flight, bool hedge, struct err *err)
{
	struct batch *batch = calloc(1, sizeof *batch);
	if (!batch) {
		err_set(err, ERR_NO_MEMORY, "a batch for the cloud");
		return NULL;
	}
	batch->flight = flight;
	batch->hedge = hedge;
	batch->question.max = PACK_QUESTION_MAX;
	batch->pack.max = PACK_SIZE_MAX;
	batch->sealed.max = PACK_SIZE_MAX + SEALED_QUESTION_OVERHEAD;
	crypto_random(batch->id, sizeof batch->id);
	crypto_random(&batch->number, sizeof batch->number);
	text_hex(batch->id_text, batch->id, sizeof batch->id);
	return batch;
}

/* Making the question */

/* The cuts that still wait. */
static bool open_cuts(struct cloud_slot *slot, struct batch *batch, struct cut *cuts, struct err *err)
{
	const struct flight *flight = batch->flight;
	for (size_t i = 0; i < flight->count; i++) {
		bool found;
		if (!burst_open(slot->store, flight, i, &cuts[batch->count], &found, err))
			return false;
		if (found)
			batch->cuts[batch->count++] = flight->cuts[i];
	}
	return true;
}

static bool write_question(const struct cloud_slot *slot, struct batch *batch, const struct cut *cuts, struct err *err)
{
	ask_begin(&batch->question, batch->number, slot->reader, batch->count);
	for (size_t i = 0; i < batch->count; i++)
		ask_add_cut(&batch->question, &cuts[i], batch->digests[i]);
	return protocol_end(&batch->question, err) &&
	    pack_write(batch->question.data, batch->question.size, &batch->pack, err) &&
	    sealed_question(slot->endpoint->key, batch->id, batch->pack.data, batch->pack.size, &batch->sealed,
		batch->answer_key, err);
}

static bool prepare(struct cloud_slot *slot, struct batch *batch, struct err *err)
{
	OWN(free) struct cut *cuts = calloc(batch->flight->count, sizeof *cuts);
	if (!cuts)
		return err_set(err, ERR_NO_MEMORY, "a batch for the cloud");
	return open_cuts(slot, batch, cuts, err) && (batch->count == 0 || write_question(slot, batch, cuts, err));
}

static const char *why_of(const struct batch *batch)
{
	if (batch->hedge)
		return "hedge";
	for (size_t i = 0; i < batch->flight->count; i++)
		if (batch->flight->tries[i] > 0)
			return "again";
	return "spill";
}

static int embryos_of(const struct batch *batch)
{
	int embryos = 0;
	for (size_t i = 0; i < batch->count; i++) {
		bool first = true;
		for (size_t k = 0; first && k < i; k++)
			first = batch->cuts[k].embryo_id != batch->cuts[i].embryo_id;
		embryos += first;
	}
	return embryos;
}

static bool note_sent(struct cloud_slot *slot, const struct batch *batch, struct err *err)
{
	struct burst_batch row = {.cuts = (int)batch->count,
	    .embryos = embryos_of(batch),
	    .made_us = clock_now_us(),
	    .hedge = batch->hedge};
	text_copy(row.id, sizeof row.id, batch->id_text);
	text_copy(row.lane, sizeof row.lane, slot->endpoint->name);
	text_copy(row.why, sizeof row.why, why_of(batch));
	return bursts_batch_add(slot->store, &row, err);
}

/* There and back */

static void hang_up(struct cloud_slot *slot)
{
	pthread_mutex_lock(&slot->lock);
	fd_close_owned(&slot->fd);
	slot->fd = -1;
	pthread_mutex_unlock(&slot->lock);
}

static bool call(struct cloud_slot *slot, struct err *err)
{
	int fd;
	if (slot->fd >= 0)
		return true;
	if (!slot_connect(slot->work->options.sync_socket, &fd, err))
		return false;
	pthread_mutex_lock(&slot->lock);
	slot->fd = fd;
	pthread_mutex_unlock(&slot->lock);
	/* Whoever stops has shut down what was connected before. */
	return !work_stopping(slot->work) || err_set(err, ERR_UNAVAILABLE, "the box stops");
}

/* False: the agent is not there or does not keep to what was agreed. */
static bool exchange(struct cloud_slot *slot, struct batch *batch, struct slot_message *ret_message, struct err *err)
{
	OWN(json_decref) json_t *text = json_pack("{s:s, s:s, s:i, s:s, s:i}", "batch", batch->id_text, "endpoint",
	    slot->endpoint->name, "cuts", (int)batch->count, "why", why_of(batch), "limit_ms", ANSWER_LIMIT_MS);
	if (!text)
		return err_set(err, ERR_NO_MEMORY, "a batch for the cloud");
	batch->sent_us = clock_monotonic_us();
	if (!call(slot, err) ||
	    !slot_send(slot->fd, SLOT_SEND, text, batch->sealed.data, batch->sealed.size, SEND_LIMIT_MS, err) ||
	    !slot_receive(slot->fd, ANSWER_LIMIT_MS + AGENT_GRACE_MS, ret_message, err))
		return false;
	batch->answered_us = clock_monotonic_us();
	bool expected = ret_message->kind == SLOT_ANSWER || ret_message->kind == SLOT_FAILED;
	if (!expected || strcmp(json_text(ret_message->text, "batch", ""), batch->id_text) != 0)
		return err_set(err, ERR_UNAVAILABLE, "the agent answers something else than it was asked");
	return true;
}

/* Believing an answer */

/* The readings, if this is the answer of this reader to these cuts, opened by the key that only this question gave. */
static bool take_answer(const struct cloud_slot *slot, struct batch *batch, const struct buf *body, struct err *err)
{
	OWN(buf_done) struct buf message = BUF_INIT(LIMIT_BATCH_BYTES);
	struct protocol_head head;
	if (!sealed_answer_open(batch->answer_key, batch->id, body->data, body->size, &message, err))
		return false;
	if (message.size < PROTOCOL_HEAD_SIZE)
		return err_set(err, ERR_DAMAGED, "the answer is cut short");
	if (!protocol_take_head(message.data, &head, err))
		return false;
	if (head.batch != batch->number || head.size != message.size - PROTOCOL_HEAD_SIZE)
		return err_set(err, ERR_DAMAGED, "the answer is to another batch");
	struct view view = VIEW(message.data + PROTOCOL_HEAD_SIZE, head.size);
	if (head.kind == PROTOCOL_REFUSED)
		return protocol_take_refusal(&view, err);
	if (head.kind != PROTOCOL_READ_ANSWER)
		return err_set(err, ERR_DAMAGED, "the answer is something else than readings");
	return ask_take_readings(&view, slot->reader, batch->digests, batch->count, batch->readings, err);
}

/* With the batch's own row: a transaction is a wait for the disk. */
static bool store_answer(struct cloud_slot *slot, const struct batch *batch, struct err *err)
{
	char digest[2 * CRYPTO_DIGEST_SIZE + 1];
	struct waiting_answer answers[LIMIT_BATCH_ITEMS];
	size_t stored;
	text_hex(digest, slot->reader, sizeof slot->reader);
	for (size_t i = 0; i < batch->count; i++)
		answers[i] = (struct waiting_answer){.waiting = batch->cuts[i], .reading = batch->readings[i]};
	if (!store_begin(slot->store, err))
		return false;
	if (!waiting_answer(slot->store, slot->version, digest, answers, batch->count, &stored, err) ||
	    !bursts_batch_end(slot->store, batch->id_text, BATCH_ANSWERED, "", err)) {
		store_rollback(slot->store);
		return false;
	}
	if (!store_commit(slot->store, err))
		return false;
	work_count_runs(slot->work, (int64_t)stored);
	return true;
}

static void measure(struct cloud_slot *slot, const struct batch *batch, const json_t *text)
{
	const struct burst_measured measured = {.cuts = (int)batch->count,
	    .wall_us = batch->answered_us - batch->sent_us,
	    .read_us = 1000 * json_int(text, "read_ms", 0),
	    .cost_nano = json_int(text, "cost_nano", 0),
	    .bytes = json_int(text, "bytes_out", (int64_t)batch->sealed.size)};
	burst_measure_cloud(slot->work->burst, slot->lane, &measured);
}

/* How a batch ended */

static void end_unread(struct cloud_slot *slot, struct batch *batch, enum batch_state state, const char *sentence)
{
	struct err err;
	if (!bursts_batch_end(slot->store, batch->id_text, state, sentence, &err))
		log_line(LOG_ERROR, "batch %s: %s", batch->id_text, err.detail);
	log_line(LOG_NOTICE, "batch %s to %s %s: %s", batch->id_text, slot->endpoint->name,
	    state == BATCH_HOME ? "is read at home" : "failed", sentence);
	burst_give_back(slot->work->burst, batch->flight, slot->lane, state == BATCH_HOME);
}

static void end_failed(struct cloud_slot *slot, struct batch *batch, const json_t *text)
{
	const char *sentence = json_text(text, "sentence", "the agent gives no reason");
	bool anywhere = strcmp(json_text(text, "blame", "endpoint"), "batch") == 0;
	int64_t retry_ms = json_int(text, "retry_after_ms", 0);
	if (!anywhere)
		burst_lane_failed(slot->work->burst, slot->lane, retry_ms, sentence);
	end_unread(slot, batch, anywhere ? BATCH_HOME : BATCH_FAILED, sentence);
}

static void end_answered(struct cloud_slot *slot, struct batch *batch, const struct slot_message *message)
{
	struct err err;
	if (!take_answer(slot, batch, &message->body, &err)) {
		err_add(&err, "the answer is not believed");
		burst_lane_failed(slot->work->burst, slot->lane, 0, err.detail);
		end_unread(slot, batch, BATCH_FAILED, err.detail);
	} else if (!store_answer(slot, batch, &err)) {
		end_unread(slot, batch, BATCH_FAILED, err.detail);
	} else {
		measure(slot, batch, message->text);
		burst_settle(slot->work->burst, batch->flight, slot->lane);
	}
}

static void carry(struct cloud_slot *slot, struct flight *flight, bool hedge)
{
	struct err err;
	struct burst *burst = slot->work->burst;
	__attribute__((cleanup(slot_message_done_owned))) struct slot_message message = {0};
	OWN(batch_free) struct batch *batch = batch_new(flight, hedge, &err);
	if (!batch || !prepare(slot, batch, &err) || (batch->count > 0 && !note_sent(slot, batch, &err))) {
		log_line(LOG_ERROR, "preparing a batch: %s", err.detail);
		burst_give_back(burst, flight, slot->lane, true);
		return;
	}
	if (batch->count == 0) {
		burst_settle(burst, flight, slot->lane);
	} else if (!exchange(slot, batch, &message, &err)) {
		hang_up(slot);
		burst_tell_agent(burst, false, err.detail);
		end_unread(slot, batch, BATCH_FAILED, err.detail);
	} else if (message.kind == SLOT_FAILED) {
		end_failed(slot, batch, message.text);
	} else {
		end_answered(slot, batch, &message);
	}
}

/* The thread */

/* The reader that answers are asked of: the box's own. False: there is none to read with now. */
static bool follow_model(struct cloud_slot *slot)
{
	struct current *current = slot->work->current;
	struct err err;
	uint8_t network[CRYPTO_DIGEST_SIZE];
	if (slot->model_serial && current_serial(current) == slot->model_serial)
		return true;
	OWN(fd_close) int fd = -1;
	slot->model_serial = 0;
	int serial;
	if (!current_take(current, &fd, slot->version, &serial, &err) || !network_map_digest(fd, network, &err))
		return false;
	read_digest(network, slot->reader);
	slot->model_serial = serial;
	return true;
}

static void *run_slot(void *context)
{
	struct cloud_slot *slot = context;
	while (!work_stopping(slot->work)) {
		struct flight *flight;
		bool hedge;
		if (!follow_model(slot))
			clock_sleep_ms(WAIT_MS / 10);
		else if (burst_next_cloud(slot->work->burst, slot->lane, WAIT_MS, &flight, &hedge))
			carry(slot, flight, hedge);
	}
	return NULL;
}

static bool start_slot(struct work *work, int lane, struct cloud_slot *slot, struct err *err)
{
	pthread_attr_t attributes;
	*slot = (struct cloud_slot){
	    .work = work, .lane = lane, .endpoint = &work->cloud->endpoints[lane], .fd = -1};
	if (!store_open(work->options.store_folder, &slot->store, err))
		return false;
	pthread_mutex_init(&slot->lock, NULL);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	bool ok = pthread_create(&slot->thread, &attributes, run_slot, slot) == 0;
	pthread_attr_destroy(&attributes);
	if (ok)
		return true;
	pthread_mutex_destroy(&slot->lock);
	store_close(slot->store);
	return err_set(err, ERR_NO_MEMORY, "starting a cloud slot");
}

bool cloud_slots_start(struct work *work, struct cloud_slots **ret_slots, struct err *err)
{
	struct cloud_slots *slots = calloc(1, sizeof *slots);
	if (!slots)
		return err_set(err, ERR_NO_MEMORY, "starting cloud slots");
	*ret_slots = slots;
	for (int lane = 0; lane < work->cloud->endpoints_count; lane++) {
		const struct cloud_endpoint *endpoint = &work->cloud->endpoints[lane];
		for (int i = 0; endpoint->allowed && i < endpoint->slots; i++, slots->count++)
			if (!start_slot(work, lane, &slots->list[slots->count], err))
				return false;
	}
	return true;
}

void cloud_slots_stop(struct cloud_slots *slots)
{
	if (!slots)
		return;
	for (int i = 0; i < slots->count; i++) {
		struct cloud_slot *slot = &slots->list[i];
		pthread_mutex_lock(&slot->lock);
		if (slot->fd >= 0)
			shutdown(slot->fd, SHUT_RDWR);
		pthread_mutex_unlock(&slot->lock);
	}
	for (int i = 0; i < slots->count; i++) {
		struct cloud_slot *slot = &slots->list[i];
		pthread_join(slot->thread, NULL);
		fd_close_owned(&slot->fd);
		store_close(slot->store);
		pthread_mutex_destroy(&slot->lock);
	}
	free(slots);
}
