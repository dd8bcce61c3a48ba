/* Changes as they happen, as server-sent events. Each stream holds one worker for as long as a page is open, so their
 * number is capped; who comes too late polls. The loop looks at the feed twice a second: that is one small query of a
 * table's last row. A client that went away is noticed by the heartbeat. */
#include "base/clock.h"
#include "base/text.h"
#include "serve/handlers.h"
#include "store/changes.h"
#include "store/dishes.h"
#include "store/embryos.h"
#include "store/sessions.h"

enum {
	LOOK_MS = 500,
	HEARTBEAT_US = 5 * 1000000,
	/* Progress of a dish is told at most this often. */
	PROGRESS_US = 1000000,
	/* Signing out and closing an account end a stream within this time. */
	SESSION_US = 30 * 1000000,
	/* Events of one look; what is left comes with the next. */
	BATCH_MAX = 500,
	DISHES_MAX = 64,
	EVENT_TEXT_MAX = 256 << 10,
};

struct stream {
	struct call *call;
	int64_t seq;
	int in_batch;
	struct buf text;
	int64_t dirty[DISHES_MAX]; /* dishes whose progress is to be told */
	size_t dirty_count;
	int64_t heartbeat_us, progress_us, session_us; /* last done */
};

static void note_dish(struct stream *stream, int64_t dish_id)
{
	for (size_t i = 0; i < stream->dirty_count; i++)
		if (stream->dirty[i] == dish_id)
			return;
	if (stream->dirty_count < DISHES_MAX)
		stream->dirty[stream->dirty_count++] = dish_id;
}

static bool add_change(const struct change *change, void *context)
{
	struct stream *stream = context;
	stream->seq = change->seq;
	buf_print(&stream->text, "id: %lld\nevent: change\ndata: {\"seq\":%lld,\"kind\":\"%s\",\"subject\":%lld}\n\n",
	    (long long)change->seq, (long long)change->seq, change_kind_name(change->kind),
	    (long long)change->subject);
	struct embryo embryo;
	if (change->kind == CHANGE_DISH)
		note_dish(stream, change->subject);
	else if ((change->kind == CHANGE_READING || change->kind == CHANGE_EMBRYO) &&
	         embryos_get(stream->call->store, change->subject, &embryo, NULL))
		note_dish(stream, embryo.dish_id);
	return ++stream->in_batch < BATCH_MAX;
}

static void add_progress(struct stream *stream)
{
	struct dish_progress progress;
	for (size_t i = 0; i < stream->dirty_count; i++)
		if (dishes_progress(stream->call->store, stream->dirty[i], &progress, NULL))
			buf_print(&stream->text,
			    "event: progress\ndata: {\"dish\":%lld,\"runs_read\":%d,\"runs_total\":%d}\n\n",
			    (long long)stream->dirty[i], progress.runs_read, progress.runs_total);
	stream->dirty_count = 0;
}

static bool is_due(int64_t *last_us, int64_t now_us, int64_t every_us)
{
	if (now_us - *last_us < every_us)
		return false;
	*last_us = now_us;
	return true;
}

/* Writes what is new into stream->text. False when the user signed out or the store does not answer. */
static bool collect(struct stream *stream, int64_t now_us)
{
	struct call *call = stream->call;
	struct user user;
	stream->in_batch = 0;
	if (is_due(&stream->session_us, now_us, SESSION_US) && !sessions_find(call->store, call->token, &user, NULL))
		return false;
	if (!changes_each(call->store, stream->seq, add_change, stream, NULL))
		return false;
	if (stream->dirty_count && is_due(&stream->progress_us, now_us, PROGRESS_US))
		add_progress(stream);
	return true;
}

/* The store is lent for each look only: an open page costs the box next to nothing. False when the stream is to end. */
static bool look(struct stream *stream)
{
	struct call *call = stream->call;
	int64_t now_us = clock_monotonic_us();
	buf_clear(&stream->text);
	if (!stores_take(call->serve->stores, &call->store, NULL))
		return false;
	bool ok = collect(stream, now_us);
	stores_give(call->serve->stores, TAKE(call->store));
	if (is_due(&stream->heartbeat_us, now_us, HEARTBEAT_US))
		buf_print(&stream->text, ": still here\n\n");
	return ok && buf_ok(&stream->text, NULL) &&
	    (!stream->text.size || reply_write(call->request, stream->text.data, stream->text.size));
}

/* Where to begin: after the last event the browser saw, after ?since, or from now on. */
static bool find_start(struct call *call, int64_t *ret_seq, struct err *err)
{
	const char *text = request_header(call->request, "Last-Event-ID");
	if (!text)
		text = request_query(call->request, "since");
	if (!text)
		return changes_last(call->store, ret_seq, err);
	if (!text_to_i64(text, ret_seq) || *ret_seq < 0)
		return err_set(err, ERR_BAD_INPUT, "the stream begins after a change number");
	return true;
}

static bool run(struct call *call, struct err *err)
{
	struct stream *stream = request_alloc(call->request, sizeof *stream);
	if (!stream)
		return err_set(err, ERR_NO_MEMORY, "opening a stream");
	int64_t now_us = clock_monotonic_us();
	*stream = (struct stream){.call = call,
	    .text = BUF_INIT(EVENT_TEXT_MAX),
	    .heartbeat_us = now_us,
	    .session_us = now_us};
	if (!find_start(call, &stream->seq, err))
		return false;
	stores_give(call->serve->stores, TAKE(call->store));
	reply_header(call->request, "Cache-Control", "no-store");
	reply_header(call->request, "X-Accel-Buffering", "no");
	/* The first line makes a page's EventSource say "open" at once, and how soon to come back after an end. */
	static const char hello[] = "retry: 3000\n: welcome\n\n";
	if (reply_begin(call->request, "text/event-stream") && reply_write(call->request, hello, sizeof hello - 1))
		while (!request_is_stopping(call->request) && look(stream))
			clock_sleep_ms(LOOK_MS);
	buf_done(&stream->text);
	return true;
}

bool get_stream(struct call *call, struct err *err)
{
	struct serve *serve = call->serve;
	bool ok = false;
	if (atomic_fetch_add(&serve->streams, 1) < serve->options.threads / 2)
		ok = run(call, err);
	else
		err_set(err, ERR_BUSY, "too many event streams are open: poll /api/changes instead");
	atomic_fetch_sub(&serve->streams, 1);
	return ok;
}
