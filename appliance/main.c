/* daybreakd: the daemon. It wires the rooms and does nothing itself:
 *
 *   watched folder ──┐
 *                    ├──▶ queue ──▶ importer (one thread) ──▶ store ──▶ work (lanes) ──▶ store
 *   uploads (serve) ─┘                                                   serve (HTTP) ◀──┘
 *
 * One import runs at a time: the disk is the limit, and two exports of one slide never race. The queue is in memory;
 * what a crash leaves in it is still in the watched folder, and an upload that was cut off says so in its row. */
#include "settings.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/loopback.h"
#include "base/notify.h"
#include "base/text.h"
#include "intake/import.h"
#include "intake/incoming.h"
#include "intake/upload.h"
#include "intake/watch.h"
#include "serve/serve.h"
#include "store/jobs.h"
#include "wire/cloud.h"
#include "work/work.h"

#include <getopt.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	QUEUE_MAX = 256,
	/* What takes longer to end is cut off: whatever was acknowledged is on disk. */
	STOP_PATIENCE_S = 4,
	/* So often is looked whether cloud.json has changed. */
	TURN_S = 2,
	/* So often in the time that the watchdog gives is looked whether all is alive. */
	PULSES = 6,
	PULSE_WAIT_MS = 2000,
	/* All threads of serve may be taken by slow uploads for a while; that is no reason to be killed. */
	SERVE_PATIENCE_S = 300,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
};

/* The importer */

struct item {
	struct item *next;
	int64_t import_id;      /* 0: the watched folder's */
	char path[LIMIT_PATH];
	char name[LIMIT_PATH];
};

/* A watched folder, with a store of its own: a share that hangs holds nobody else up. */
struct watched {
	struct daemon *daemon;
	struct store *store;
	struct watch *watch;
};

struct daemon {
	const struct settings *settings;
	pthread_mutex_t work_lock;
	struct work *work;    /* under its lock: it is started anew when cloud.json has changed; NULL in between */
	int64_t cloud_stamp;  /* of the cloud.json that was looked at last */
	struct watched watched[SETTINGS_WATCH_MAX];
	int watched_count;
	pthread_mutex_t lock; /* over all below */
	pthread_cond_t news;
	struct item *first, *last;
	int queued;
	bool stopping;
	struct store *front;  /* for rows of imports that are announced; the importer has its own */
};

static bool enqueue(struct daemon *daemon, const char *path, const char *name, int64_t import_id, struct err *err)
{
	struct item *item = calloc(1, sizeof *item);
	if (!item)
		return err_set(err, ERR_NO_MEMORY, "queueing an import");
	text_copy(item->path, sizeof item->path, path);
	text_copy(item->name, sizeof item->name, name);
	item->import_id = import_id;
	pthread_mutex_lock(&daemon->lock);
	bool room = daemon->queued < QUEUE_MAX;
	if (room) {
		if (daemon->last)
			daemon->last->next = item;
		else
			daemon->first = item;
		daemon->last = item;
		daemon->queued++;
		pthread_cond_signal(&daemon->news);
	}
	pthread_mutex_unlock(&daemon->lock);
	if (!room) {
		free(item);
		return err_set(err, ERR_BUSY, "%d imports are waiting", QUEUE_MAX);
	}
	return true;
}

/* Waits; NULL when the daemon stops. */
static struct item *dequeue(struct daemon *daemon)
{
	pthread_mutex_lock(&daemon->lock);
	while (!daemon->first && !daemon->stopping)
		pthread_cond_wait(&daemon->news, &daemon->lock);
	struct item *item = daemon->stopping ? NULL : daemon->first;
	if (item) {
		daemon->first = item->next;
		if (!daemon->first)
			daemon->last = NULL;
		daemon->queued--;
	}
	pthread_mutex_unlock(&daemon->lock);
	return item;
}

static bool is_stopping(void *context)
{
	struct daemon *daemon = context;
	pthread_mutex_lock(&daemon->lock);
	bool stopping = daemon->stopping;
	pthread_mutex_unlock(&daemon->lock);
	return stopping;
}

static void import_item(struct daemon *daemon, struct store *store, const struct item *item)
{
	struct err err;
	OWN(import_report_done) struct import_report report = {0};
	const struct import_request request = {.path = item->path,
	    .name = item->name,
	    .import_id = item->import_id,
	    .stop = is_stopping,
	    .context = daemon};
	bool done = import_run(store, &request, &report, &err);
	if (!done && is_stopping(daemon))
		log_line(LOG_NOTICE, "an import is cut off; what it acknowledged is kept");
	else if (!done)
		log_line(LOG_ERROR, "import failed: %s (%s)", err_sentence(err.code), err_name(err.code));
	else
		log_line(LOG_NOTICE, "import %lld: %s, %lld frames added", (long long)report.import_id,
		    report.quarantined ? "quarantined" : "done", (long long)report.frames_added);
	if (item->import_id && !upload_remove(item->path, &err))
		log_line(LOG_ERROR, "import %lld: %s", (long long)item->import_id, err.detail);
}

static void *importer_run(void *context)
{
	struct daemon *daemon = context;
	struct err err;
	OWN(store_close) struct store *store = NULL;
	if (!store_open(daemon->settings->store, &store, &err)) {
		log_line(LOG_ALARM, "no import can run: %s", err.detail);
		return NULL;
	}
	for (struct item *item; (item = dequeue(daemon)) != NULL; free(item))
		import_item(daemon, store, item);
	return NULL;
}

/* Watched folders */

static bool watch_known(const char *path, const char *name, void *context)
{
	struct watched *watched = context;
	struct err err;
	bool known = false;
	/* When it cannot be told, it is taken again: what is there already is not added twice. */
	import_known(watched->store, path, name, &known, &err);
	return known;
}

static void watch_ready(const char *path, const char *name, void *context)
{
	struct watched *watched = context;
	struct err err;
	if (!enqueue(watched->daemon, path, name, 0, &err))
		log_line(LOG_ERROR, "watched folder: %s; it is looked at again after a restart", err.detail);
}

/* Uploads */

struct receiving {
	struct daemon *daemon;
	struct upload *upload;
	char name[LIMIT_NAME];
};

static bool receive_begin(void *context, const char *name, void **ret_upload, struct err *err)
{
	struct daemon *daemon = context;
	OWN(free) struct receiving *receiving = calloc(1, sizeof *receiving);
	if (!receiving)
		return err_set(err, ERR_NO_MEMORY, "receiving an export");
	receiving->daemon = daemon;
	text_copy(receiving->name, sizeof receiving->name, name);
	if (!upload_open(daemon->settings->store, name, &receiving->upload, err))
		return false;
	*ret_upload = TAKE(receiving);
	return true;
}

static bool receive_write(void *upload, const void *data, size_t size, struct err *err)
{
	struct receiving *receiving = upload;
	return upload_write(receiving->upload, data, size, err);
}

static bool receive_finish(void *upload, int64_t *ret_import_id, struct err *err)
{
	OWN(free) struct receiving *receiving = upload;
	OWN(free) char *path = calloc(1, LIMIT_PATH);
	struct daemon *daemon = receiving->daemon;
	if (!path) {
		upload_abort(receiving->upload);
		return err_set(err, ERR_NO_MEMORY, "receiving an export");
	}
	if (!upload_finish(receiving->upload, path, err))
		return false;
	int64_t id = 0;
	pthread_mutex_lock(&daemon->lock);
	bool begun = imports_begin(daemon->front, receiving->name, &id, err);
	pthread_mutex_unlock(&daemon->lock);
	if (!begun || !enqueue(daemon, path, receiving->name, id, err)) {
		upload_remove(path, NULL);
		return false;
	}
	*ret_import_id = id;
	return true;
}

static void receive_abort(void *upload)
{
	struct receiving *receiving = upload;
	upload_abort(receiving->upload);
	free(receiving);
}

static void ask_work(struct daemon *daemon, struct work_status *ret_status)
{
	*ret_status = (struct work_status){0};
	pthread_mutex_lock(&daemon->work_lock);
	if (daemon->work)
		work_status(daemon->work, ret_status);
	pthread_mutex_unlock(&daemon->work_lock);
}

static double reading_rate(void *context)
{
	struct work_status status;
	ask_work(context, &status);
	return status.runs_per_minute;
}

static void reading_problem(void *context, char *sentence, size_t size)
{
	struct work_status status;
	ask_work(context, &status);
	text_copy(sentence, size, status.problem);
}

/* Start and stop */

static bool start_serve(struct daemon *daemon, struct serve **ret_serve, struct err *err)
{
	const struct settings *settings = daemon->settings;
	const struct serve_options options = {
	    .store_folder = settings->store,
	    .web_folder = settings->web,
	    .profiles_folder = settings->profiles,
	    .proxy_secret = settings->proxy_secret,
	    .sync_socket = settings->cloud[0] ? settings->sync_socket : "",
	    .update_status = settings->update_status,
	    .port = (int)settings->listen_port,
	    .threads = (int)settings->threads,
	    .hooks = {.context = daemon,
	        .upload_begin = receive_begin,
	        .upload_write = receive_write,
	        .upload_finish = receive_finish,
	        .upload_abort = receive_abort,
	        .reading_rate = reading_rate,
	        .reading_problem = reading_problem},
	};
	return serve_start(&options, ret_serve, err);
}

static bool start_watch(struct daemon *daemon, const char *folder, struct err *err)
{
	const struct settings *settings = daemon->settings;
	if (daemon->watched_count == SETTINGS_WATCH_MAX)
		return err_set(err, ERR_TOO_LARGE, "at most %d folders can be watched", SETTINGS_WATCH_MAX);
	struct watched *watched = &daemon->watched[daemon->watched_count++];
	watched->daemon = daemon;
	const struct watch_options options = {.folder = folder,
	    .settle_ms = (int)settings->settle_s * 1000,
	    .known = watch_known,
	    .ready = watch_ready,
	    .context = watched};
	if (!store_open(settings->store, &watched->store, err) || !watch_start(&options, &watched->watch, err))
		return false;
	if (watch_problem(watched->watch)[0])
		log_line(LOG_ERROR, "watched folder %d is not there: it is looked for every minute", daemon->watched_count);
	return true;
}

static bool start_watches(struct daemon *daemon, struct err *err)
{
	char folder[LIMIT_PATH];
	for (const char *at = daemon->settings->watch; *at; at += strcspn(at, "\n") + 1) {
		snprintf(folder, sizeof folder, "%.*s", (int)strcspn(at, "\n"), at);
		if (folder[0] && !start_watch(daemon, folder, err))
			return false;
	}
	return true;
}

static void stop_watches(struct daemon *daemon)
{
	for (int i = 0; i < daemon->watched_count; i++) {
		watch_stop(daemon->watched[i].watch);
		store_close(daemon->watched[i].store);
	}
}

static bool start_work(struct daemon *daemon, struct err *err)
{
	const struct settings *settings = daemon->settings;
	const struct work_options options = {.store_folder = settings->store,
	    .reader_program = settings->reader,
	    .profiles_folder = settings->profiles,
	    .lanes = (int)settings->lanes,
	    .daemon = true,
	    .cloud = settings->cloud,
	    .sync_socket = settings->sync_socket};
	struct work *work;
	daemon->cloud_stamp = file_stamp(settings->cloud);
	if (!work_start(&options, &work, err))
		return false;
	pthread_mutex_lock(&daemon->work_lock);
	daemon->work = work;
	pthread_mutex_unlock(&daemon->work_lock);
	return true;
}

static void stop_work(struct daemon *daemon)
{
	pthread_mutex_lock(&daemon->work_lock);
	struct work *work = daemon->work;
	daemon->work = NULL;
	pthread_mutex_unlock(&daemon->work_lock);
	work_stop(work);
}

/* Another cloud.json: all lanes begin anew with it, as after a start. One that is broken changes nothing. */
static bool follow_cloud(struct daemon *daemon, struct err *err)
{
	struct err broken;
	const char *path = daemon->settings->cloud;
	enum cloud_news news = path[0] ? cloud_look(path, &daemon->cloud_stamp, &broken) : CLOUD_SAME;
	if (news == CLOUD_BROKEN)
		log_line(LOG_ALARM, "what the cloud may do has changed, but cannot be read; what was right stays: %s",
		    broken.detail);
	if (news != CLOUD_OTHER)
		return true;
	log_line(LOG_NOTICE, "%s has changed and is read again", path);
	stop_work(daemon);
	return start_work(daemon, err);
}

/* The database answers a read, and HTTP has answered lately; that the main loop turns is that this is asked. */
static bool is_alive(struct daemon *daemon, int port, int64_t *served_us)
{
	struct err err;
	OWN(buf_done) struct buf body = BUF_INIT(LIMIT_PATH);
	int status;
	int64_t now_us = clock_monotonic_us();
	pthread_mutex_lock(&daemon->lock);
	bool alive = store_answers(daemon->front, &err);
	pthread_mutex_unlock(&daemon->lock);
	if (!alive) {
		log_line(LOG_ALARM, "the database does not answer: %s", err.detail);
		return false;
	}
	if (loopback_get(port, "/api/health", daemon->settings->proxy_secret, PULSE_WAIT_MS, &body, &status, &err))
		*served_us = now_us;
	else
		log_line(LOG_ERROR, "the daemon does not answer itself: %s", err.detail);
	return now_us - *served_us < SERVE_PATIENCE_S * INT64_C(1000000);
}

static void tell_status(struct daemon *daemon)
{
	char line[ERR_DETAIL_MAX + 64];
	struct work_status status;
	ask_work(daemon, &status);
	pthread_mutex_lock(&daemon->lock);
	int queued = daemon->queued;
	pthread_mutex_unlock(&daemon->lock);
	if (status.problem[0])
		snprintf(line, sizeof line, "STATUS=nothing can be read: %s", status.problem);
	else
		snprintf(line, sizeof line, "STATUS=%d exports wait, %.0f time points read a minute", queued,
		    status.runs_per_minute);
	notify_say(line);
}

/* The main loop. False: the work cannot go on. */
static bool wait_for_signal(struct daemon *daemon, int port, struct err *err)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	int64_t watchdog_ms = notify_watchdog_ms(), served_us = clock_monotonic_us(), pulse_us = served_us;
	const struct timespec turn = {.tv_sec = TURN_S};
	int number;
	while ((number = sigtimedwait(&set, NULL, &turn)) < 0) {
		if (!follow_cloud(daemon, err))
			return false;
		if (!watchdog_ms || clock_monotonic_us() - pulse_us < watchdog_ms * 1000 / PULSES)
			continue;
		pulse_us = clock_monotonic_us();
		if (is_alive(daemon, port, &served_us))
			notify_say("WATCHDOG=1");
		tell_status(daemon);
	}
	log_line(LOG_NOTICE, "stopping: %s", number == SIGINT ? "interrupted" : "asked to");
	return true;
}

static void cut_off(int number)
{
	static const char text[] = "daybreakd: what had not ended was cut off; what was acknowledged is kept\n";
	(void)number;
	ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);
	(void)ignored;
	_exit(0);
}

/* From here on the process ends in STOP_PATIENCE_S, one way or the other. */
static void limit_stop(void)
{
	notify_say("STOPPING=1");
	signal(SIGALRM, cut_off);
	alarm(STOP_PATIENCE_S);
}

static void stop_imports(struct daemon *daemon)
{
	pthread_mutex_lock(&daemon->lock);
	daemon->stopping = true;
	pthread_cond_broadcast(&daemon->news);
	pthread_mutex_unlock(&daemon->lock);
}

/* Everything that must be right before the first thread starts. */
static bool prepare(struct daemon *daemon, struct err *err)
{
	const char *folder = daemon->settings->store;
	return store_open(folder, &daemon->front, err) && imports_recover(daemon->front, err) &&
	    jobs_recover(daemon->front, err) && incoming_clean(folder, err);
}

static bool run_rooms(struct daemon *daemon, struct err *err)
{
	OWN(serve_stop) struct serve *serve = NULL;
	if (!start_work(daemon, err) || !start_serve(daemon, &serve, err) || !start_watches(daemon, err))
		return false;
	printf("daybreakd %s is ready at http://127.0.0.1:%d\n", DAYBREAK_VERSION, serve_port(serve));
	fflush(stdout);
	notify_say("READY=1\nSTATUS=answers");
	bool ok = wait_for_signal(daemon, serve_port(serve), err);
	limit_stop();
	stop_imports(daemon);
	return ok;
}

static bool run_daemon(const struct settings *settings, struct err *err)
{
	struct daemon daemon = {.settings = settings,
	    .work_lock = PTHREAD_MUTEX_INITIALIZER,
	    .lock = PTHREAD_MUTEX_INITIALIZER,
	    .news = PTHREAD_COND_INITIALIZER};
	pthread_t importer;
	bool ok = prepare(&daemon, err);
	if (ok && pthread_create(&importer, NULL, importer_run, &daemon) != 0)
		ok = err_set(err, ERR_UNAVAILABLE, "cannot start a thread");
	if (ok) {
		ok = run_rooms(&daemon, err);
		stop_watches(&daemon);
		stop_work(&daemon);
		stop_imports(&daemon);
		pthread_join(importer, NULL);
	}
	while (daemon.first) {
		struct item *next = daemon.first->next;
		free(daemon.first);
		daemon.first = next;
	}
	store_close(daemon.front);
	return ok;
}

/* Threads inherit it: only wait_for_signal takes these. */
static void hold_signals(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static int print_help(void)
{
	printf("daybreakd %s: the daemon behind the lab screen\n\n"
	       "  --config FILE    default " SETTINGS_FILE "\n"
	       "  --check-config   say whether the file is right, and end\n"
	       "  --routes         list what the API answers to\n"
	       "  --version, --help\n\n"
	       "Listens on 127.0.0.1 only, for the nginx of packaging/nginx. Make a store with daybreak init.\n",
	    DAYBREAK_VERSION);
	return 0;
}

static int fail(const struct err *err)
{
	fprintf(stderr, "daybreakd: %s\n", err->detail);
	return EXIT_FAILED;
}

static int start(const char *path, bool check_only)
{
	static struct settings settings;
	struct err err;
	if (!settings_load(path, &settings, &err))
		return fail(&err);
	if (check_only) {
		printf("%s is right\n", path);
		return 0;
	}
	/* A heap for each of many threads that mostly wait would be memory for nothing. */
	mallopt(M_ARENA_MAX, 2);
	hold_signals();
	return run_daemon(&settings, &err) ? 0 : fail(&err);
}

int main(int argc, char **argv)
{
	static const struct option known[] = {{"config", required_argument, NULL, 'c'},
	    {"check-config", no_argument, NULL, 'k'}, {"routes", no_argument, NULL, 'r'},
	    {"version", no_argument, NULL, 'v'}, {"help", no_argument, NULL, 'h'}, {0}};
	const char *path = SETTINGS_FILE;
	bool check_only = false;
	for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
		switch (option) {
		case 'c': path = optarg; break;
		case 'k': check_only = true; break;
		case 'r': serve_print_routes(); return 0;
		case 'v': printf("daybreakd %s\n", DAYBREAK_VERSION); return 0;
		case 'h': return print_help();
		default: return EXIT_USAGE;
		}
	}
	if (optind != argc) {
		fprintf(stderr, "daybreakd: takes no arguments; see daybreakd --help\n");
		return EXIT_USAGE;
	}
	return start(path, check_only);
}
