/* daybreak health: whether this box can be relied upon now. A new version is confirmed by it, and the box's screen shows it:
 * each check is one line, and what is wrong says what to do next. It changes nothing. */
#include "cli.h"
#include "settings.h"

#include "base/json.h"
#include "base/loopback.h"
#include "base/owner.h"
#include "base/text.h"
#include "models/known.h"
#include "reading/protocol.h"
#include "store/copies.h"
#include "store/store.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

enum {
	ANSWER_MS = 10000,
	/* Below it an export cannot be taken in any more, and no copy of the database be made. */
	FREE_MIN_MB = 256,
	/* Below it the box still works, but it is time to do something. */
	FREE_LOW_PERCENT = 5,
	SENTENCE_MAX = ERR_DETAIL_MAX + 128,
};

static const char help[] =
    "usage: daybreak health [--config FILE] [--quick] [--only CHECK] [--json]\n"
    "\n"
    "Asks the daemon, verifies the store, reads a known batch to its known digest, looks at the disk.\n"
    "  --config FILE   of the daemon, default " SETTINGS_FILE "\n"
    "  --quick         leaves out what takes long: the store and the known batch\n"
    "  --only CHECK    daemon, store, reader or disk\n"
    "Exit status: 0 all is well, 1 something is not: the sentence is on stderr, 2 wrong usage.\n";

struct check {
	bool ok;
	char sentence[SENTENCE_MAX];
	const char *next; /* what to do when it is not ok */
	json_t *reading;  /* the reader's: "model", "digest" of the known batch, and "protocol", without which it stays */
};

static void fill(struct check *check, bool ok, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void fill(struct check *check, bool ok, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(check->sentence, sizeof check->sentence, format, arguments);
	va_end(arguments);
	check->ok = ok;
}

static void check_daemon(const struct settings *settings, struct check *check)
{
	struct err err;
	OWN(buf_done) struct buf body = BUF_INIT(1 << 16);
	OWN(json_decref) json_t *answer = NULL;
	int status;
	check->next = "systemctl status daybreakd, then journalctl -u daybreakd";
	if (!loopback_get((int)settings->listen_port, "/api/health", settings->proxy_secret, ANSWER_MS, &body, &status, &err)) {
		fill(check, false, "the daemon does not answer: %s", err.detail);
		return;
	}
	if (status != 200 || !json_parse((const char *)body.data, body.size, &answer, &err) ||
	    strcmp(json_text(answer, "state", ""), "ok") != 0) {
		fill(check, false, "the daemon answers, but not that it is well (HTTP status %d)", status);
		return;
	}
	const char *version = json_text(answer, "version", "unknown");
	if (strcmp(version, DAYBREAK_VERSION) == 0) {
		fill(check, true, "daybreakd %s answers at 127.0.0.1:%" PRId64, version, settings->listen_port);
		return;
	}
	check->next = "systemctl restart daybreakd";
	fill(check, false, "the daemon that answers is of version %.40s, installed is " DAYBREAK_VERSION, version);
}

static void keep_first(const char *text, void *context)
{
	char *first = context;
	if (!*first)
		text_copy(first, SENTENCE_MAX, text);
}

/* Opening a store migrates it: that is the daemon's to do, not of somebody who asks how it is. */
static bool open_store(const struct settings *settings, struct store **ret_store, struct err *err)
{
	int schema;
	if (!copies_schema(settings->store, &schema, err))
		return false;
	if (schema < copies_schema_known())
		return err_set(err, ERR_CONFLICT, "its database waits to be migrated by the daemon");
	return store_open(settings->store, ret_store, err);
}

static void check_store(const struct settings *settings, struct check *check)
{
	struct err err;
	struct store_report report;
	OWN(store_close) struct store *store = NULL;
	char first[SENTENCE_MAX] = "";
	check->next = "daybreak verify --store DIR says more; keep a copy of the folder before anything else";
	if (!open_store(settings, &store, &err) || !store_verify(store, false, keep_first, first, &report, &err))
		fill(check, false, "the store cannot be verified: %s", err.detail);
	else if (report.problems)
		fill(check, false, "the store has %" PRId64 " problems, the first: %.300s", report.problems, first);
	else
		fill(check, true, "verified: %" PRId64 " dishes, %" PRId64 " embryos, %" PRId64 " frames", report.dishes,
		    report.embryos, report.frames);
}

static void check_reader(const struct settings *settings, struct check *check)
{
	struct err err;
	struct models_places places;
	struct known_result known;
	check->next = "daybreak model list; then install the package daybreak again, or choose another model";
	if (!models_places(settings->store, &places, &err) ||
	    !known_read(&places.folders, settings->reader, &known, &err)) {
		fill(check, false, "nothing can be read: %s", err.detail);
		return;
	}
	check->reading = json_pack("{s:s, s:s, s:i}", "model", known.label, "digest", known.answer, "protocol",
	    PROTOCOL_VERSION);
	if (strcmp(known.answer, known.expected) == 0)
		fill(check, true, "%s reads the known batch to its known digest %.12s, in %.1f ms", known.label,
		    known.answer, (double)known.took_us / 1000);
	else
		fill(check, false, "%s reads the known batch to the digest %.12s; the known one is %.12s", known.label,
		    known.answer, known.expected);
}

static void check_disk(const struct settings *settings, struct check *check)
{
	struct statvfs status;
	check->next = "make room on the disk of the store, or move it to a larger one";
	if (statvfs(settings->store, &status) != 0) {
		fill(check, false, "the disk of %s cannot be asked", settings->store);
		return;
	}
	uint64_t free_mb = (uint64_t)status.f_bavail * status.f_frsize >> 20;
	uint64_t total_mb = (uint64_t)status.f_blocks * status.f_frsize >> 20;
	bool low = free_mb * 100 < total_mb * FREE_LOW_PERCENT;
	fill(check, free_mb >= FREE_MIN_MB, "%" PRIu64 " MB of %" PRIu64 " MB are free%s", free_mb, total_mb,
	    low ? ": that is little" : "");
}

static const struct {
	const char *name;
	void (*look)(const struct settings *settings, struct check *check);
	bool slow;
} looks[] = {{"daemon", check_daemon, false}, {"store", check_store, true}, {"reader", check_reader, true},
    {"disk", check_disk, false}};

static bool is_look(const char *name)
{
	for (size_t i = 0; i < sizeof looks / sizeof *looks; i++)
		if (strcmp(looks[i].name, name) == 0)
			return true;
	return false;
}

static void print_check(const char *name, const struct check *check)
{
	printf("%-8s %-6s %s\n", name, check->ok ? "well" : "WRONG", check->sentence);
	if (!check->ok)
		printf("         next: %s\n", check->next);
	fflush(stdout);
}

static bool is_asked(size_t i, bool quick, const char *only)
{
	return only ? strcmp(looks[i].name, only) == 0 : !quick || !looks[i].slow;
}

/* only: one check by its name; NULL: all. */
static int run(const struct settings *settings, bool quick, const char *only, bool json)
{
	OWN(json_decref) json_t *checks = json_array();
	bool healthy = true;
	for (size_t i = 0; i < sizeof looks / sizeof *looks; i++) {
		struct check check = {0};
		if (!is_asked(i, quick, only))
			continue;
		looks[i].look(settings, &check);
		json_array_append_new(checks, json_pack("{s:s, s:b, s:s, s:s?, s:o*}", "name", looks[i].name, "ok", check.ok,
						  "sentence", check.sentence, "next", check.ok ? NULL : check.next, "reading",
						  check.reading));
		if (!json)
			print_check(looks[i].name, &check);
		if (!check.ok && healthy)
			fprintf(stderr, "daybreak: %s\n", check.sentence);
		healthy = healthy && check.ok;
	}
	if (json) {
		OWN(json_decref) json_t *answer =
		    json_pack("{s:b, s:s, s:O}", "healthy", healthy, "version", DAYBREAK_VERSION, "checks", checks);
		json_dumpf(answer, stdout, JSON_INDENT(1));
		printf("\n");
	}
	return healthy ? EXIT_OK : EXIT_FAILED;
}

int cli_health(int argc, char **argv)
{
	static const struct option known[] = {{"config", required_argument, NULL, 'c'}, {"quick", no_argument, NULL, 'q'},
	    {"only", required_argument, NULL, 'o'},
	    {"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {0}};
	static struct settings settings;
	const char *config = SETTINGS_FILE, *only = NULL;
	bool quick = false, json = false;
	struct err err;
	for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
		switch (option) {
		case 'c': config = optarg; break;
		case 'q': quick = true; break;
		case 'o': only = optarg; break;
		case 'j': json = true; break;
		case 'h': fputs(help, stdout); return EXIT_OK;
		default: return refuse_usage("an option is wrong");
		}
	}
	if (optind != argc)
		return refuse_usage("this command takes options only");
	if (only && !is_look(only))
		return refuse_usage("--only takes daemon, store, reader or disk");
	if (!settings_load(config, &settings, &err) || !owner_become(settings.store, &err))
		return fail(&err);
	return run(&settings, quick, only, json);
}
