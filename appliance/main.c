/* daybreakd: the daemon. It wires the rooms and does nothing itself:
 *
 *   watched folder ──┐
 *                    ├──▶ queue ──▶ importer (one thread) ──▶ store ──▶ work (lanes) ──▶ store
 *   uploads (serve) ─┘                                                   serve (HTTP) ◀──┘
 *
 * One import runs at a time: the disk is the limit, and two exports of one slide never race. The queue is in memory;
 * what a crash leaves in it is still in the watched folder, and an upload that was cut off says so in its row. */
#include "base/clock.h"
#include "base/conf.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/place.h"
#include "base/text.h"
#include "intake/import.h"
#include "intake/incoming.h"
#include "intake/upload.h"
#include "intake/watch.h"
#include "serve/serve.h"
#include "store/jobs.h"
#include "work/work.h"

#include <getopt.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
	QUEUE_MAX = 256,
	/* An import that takes longer to end is cut off; the store is safe and the row says so after the restart. */
	STOP_PATIENCE_S = 20,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
};

/* Configuration */

struct settings {
	char store[LIMIT_PATH], web[LIMIT_PATH], profiles[LIMIT_PATH], reader[LIMIT_PATH], watch[LIMIT_PATH];
	char cloud[LIMIT_PATH], sync_socket[LIMIT_PATH];
	char proxy_secret[LIMIT_NAME];
	int64_t listen_port, threads, lanes, settle_s;
};

/* What is not in the file: the usual place, or beside this program. */
static void set_defaults(struct settings *settings)
{
	*settings = (struct settings){
	    .store = "/var/lib/daybreak/store",
	    .sync_socket = "/run/daybreak/sync.sock",
	    .listen_port = 8480,
	    .threads = 32,
	    .settle_s = 30};
	struct err err;
	if (!place_share(settings->web, sizeof settings->web, "web", &err))
		settings->web[0] = 0;
	if (!place_share(settings->profiles, sizeof settings->profiles, "profiles", &err))
		settings->profiles[0] = 0;
	if (!place_program(settings->reader, sizeof settings->reader, "daybreak-reader", &err))
		settings->reader[0] = 0;
}

static bool load_settings(const char *path, struct settings *settings, struct err *err)
{
	set_defaults(settings);
	const struct conf_option options[] = {
	    {"store", CONF_TEXT, settings->store, sizeof settings->store, 0, 0},
	    {"listen_port", CONF_INT, &settings->listen_port, 0, 0, 65535},
	    {"proxy_secret", CONF_TEXT, settings->proxy_secret, sizeof settings->proxy_secret, 0, 0},
	    {"threads", CONF_INT, &settings->threads, 0, 4, 256},
	    {"web", CONF_TEXT, settings->web, sizeof settings->web, 0, 0},
	    {"profiles", CONF_TEXT, settings->profiles, sizeof settings->profiles, 0, 0},
	    {"reader", CONF_TEXT, settings->reader, sizeof settings->reader, 0, 0},
	    {"lanes", CONF_INT, &settings->lanes, 0, 0, WORK_LANES_MAX},
	    {"watch", CONF_TEXT, settings->watch, sizeof settings->watch, 0, 0},
	    {"cloud", CONF_TEXT, settings->cloud, sizeof settings->cloud, 0, 0},
	    {"sync_socket", CONF_TEXT, settings->sync_socket, sizeof settings->sync_socket, 0, 0},
	    {"settle_s", CONF_INT, &settings->settle_s, 0, 0, 3600},
	};
	if (!conf_load_layers(path, options, sizeof options / sizeof *options, err))
		return false;
	if (strlen(settings->proxy_secret) < 16)
		return err_set(err, ERR_BAD_INPUT, "%s: proxy_secret is needed, at least 16 characters", path);
	if (!settings->profiles[0] || !settings->reader[0])
		return err_set(err, ERR_BAD_INPUT, "%s: profiles and reader are needed", path);
	return true;
}

/* The importer */

struct item {
	struct item *next;
	int64_t import_id;      /* 0: the watched folder's */
	char path[LIMIT_PATH];
	char name[LIMIT_PATH];
};

struct daemon {
	const struct settings *settings;
	struct work *work;
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

static void import_item(struct store *store, const struct item *item)
{
	struct err err;
	OWN(import_report_done) struct import_report report = {0};
	const struct import_request request = {
	    .path = item->path, .name = item->name, .import_id = item->import_id};
	if (!import_run(store, &request, &report, &err))
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
		import_item(store, item);
	return NULL;
}

/* The watched folder */

static bool watch_known(const char *path, const char *name, void *context)
{
	struct daemon *daemon = context;
	struct err err;
	bool known = false;
	pthread_mutex_lock(&daemon->lock);
	/* When it cannot be told, it is taken again: what is there already is not added twice. */
	import_known(daemon->front, path, name, &known, &err);
	pthread_mutex_unlock(&daemon->lock);
	return known;
}

static void watch_ready(const char *path, const char *name, void *context)
{
	struct err err;
	if (!enqueue(context, path, name, 0, &err))
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

static double reading_rate(void *context)
{
	struct daemon *daemon = context;
	struct work_status status;
	work_status(daemon->work, &status);
	return status.runs_per_minute;
}

static void reading_problem(void *context, char *sentence, size_t size)
{
	struct daemon *daemon = context;
	struct work_status status;
	work_status(daemon->work, &status);
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

static bool start_watch(struct daemon *daemon, struct watch **ret_watch, struct err *err)
{
	const struct settings *settings = daemon->settings;
	const struct watch_options options = {.folder = settings->watch,
	    .settle_ms = (int)settings->settle_s * 1000,
	    .known = watch_known,
	    .ready = watch_ready,
	    .context = daemon};
	return !settings->watch[0] || watch_start(&options, ret_watch, err);
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
	return work_start(&options, &daemon->work, err);
}

static void wait_for_signal(void)
{
	sigset_t set;
	int number;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigwait(&set, &number);
	log_line(LOG_NOTICE, "stopping: %s", number == SIGINT ? "interrupted" : "asked to");
}

static void stop_importer(struct daemon *daemon, pthread_t importer)
{
	pthread_mutex_lock(&daemon->lock);
	daemon->stopping = true;
	pthread_cond_broadcast(&daemon->news);
	pthread_mutex_unlock(&daemon->lock);
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += STOP_PATIENCE_S;
	if (pthread_timedjoin_np(importer, NULL, &until) == 0)
		return;
	log_line(LOG_NOTICE, "an import is cut off; what it acknowledged is kept");
	_exit(0);
}

/* Everything that must be right before the first thread starts. */
static bool prepare(struct daemon *daemon, struct err *err)
{
	const char *folder = daemon->settings->store;
	if (!store_open(folder, &daemon->front, err))
		return false;
	return imports_recover(daemon->front, err) && jobs_recover(daemon->front, err) && incoming_clean(folder, err);
}

static bool run_rooms(struct daemon *daemon, struct err *err)
{
	OWN(watch_stop) struct watch *watch = NULL;
	OWN(serve_stop) struct serve *serve = NULL;
	if (!start_work(daemon, err) || !start_serve(daemon, &serve, err) || !start_watch(daemon, &watch, err))
		return false;
	printf("daybreakd %s is ready at http://127.0.0.1:%d\n", DAYBREAK_VERSION, serve_port(serve));
	fflush(stdout);
	wait_for_signal();
	return true;
}

static bool run_daemon(const struct settings *settings, struct err *err)
{
	struct daemon daemon = {
	    .settings = settings, .lock = PTHREAD_MUTEX_INITIALIZER, .news = PTHREAD_COND_INITIALIZER};
	OWN(store_close) struct store *front = NULL;
	pthread_t importer;
	if (!prepare(&daemon, err)) {
		store_close(daemon.front);
		return false;
	}
	front = daemon.front;
	if (pthread_create(&importer, NULL, importer_run, &daemon) != 0)
		return err_set(err, ERR_UNAVAILABLE, "cannot start a thread");
	bool ok = run_rooms(&daemon, err);
	work_stop(daemon.work);
	stop_importer(&daemon, importer);
	while (daemon.first) {
		struct item *next = daemon.first->next;
		free(daemon.first);
		daemon.first = next;
	}
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
	       "  --config FILE    default /etc/daybreak/daybreakd.conf\n"
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
	if (!load_settings(path, &settings, &err))
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
	const char *path = "/etc/daybreak/daybreakd.conf";
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
