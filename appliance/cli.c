/* daybreak: every job of the box from the command line. A table of subcommands; each is one function that takes the
 * options it was given and returns the exit status. */
#include "cli.h"
#include "cli_print.h"

#include "base/crypto.h"
#include "base/file.h"
#include "base/owner.h"
#include "base/place.h"
#include "base/text.h"
#include "intake/import.h"
#include "store/cycles.h"
#include "store/dishes.h"
#include "store/patients.h"
#include "store/users.h"
#include "work/work.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct options {
	const char *store;
	const char *user, *role;
	const char *port;
	const char *password_file;
	const char *patient, *identifier, *born, *cycle, *method;
	int64_t dish;
	bool json, csv, deep, no_score;
	char **arguments; /* what follows the options; ends with NULL */
	int arguments_count;
};

int fail(const struct err *err)
{
	fprintf(stderr, "daybreak: %s (%s)\n", err->detail, err_name(err->code));
	return EXIT_FAILED;
}

int refuse_usage(const char *sentence)
{
	fprintf(stderr, "daybreak: %s; see daybreak --help\n", sentence);
	return EXIT_USAGE;
}

/* That of a file, or a made one that is printed: nothing secret is given on a command line. */
static bool obtain_password(const struct options *options, char ret_password[USER_PASSWORD_MAX + 2], struct err *err)
{
	OWN(buf_done) struct buf given = BUF_INIT(USER_PASSWORD_MAX + 2);
	users_make_password(ret_password);
	if (!options->password_file)
		return true;
	bool ok = file_read(options->password_file, &given, err);
	if (ok)
		text_copy(ret_password, USER_PASSWORD_MAX + 2, buf_text(&given));
	crypto_wipe(given.data, given.size);
	return ok;
}

static bool add_user(struct store *store, const struct options *options, enum role role, struct err *err)
{
	char password[USER_PASSWORD_MAX + 2];
	int64_t id;
	bool ok = obtain_password(options, password, err) &&
	    users_add(store, 0, options->user, text_trim(password), role, &id, err);
	if (ok && !options->password_file)
		printf("%s\n", password);
	crypto_wipe(password, sizeof password);
	return ok;
}

static int run_init(const struct options *options)
{
	struct err err;
	OWN(store_close) struct store *store = NULL;
	if (!options->user)
		return refuse_usage("init needs --user NAME, the first administrator");
	return store_create(options->store, &err) && store_open(options->store, &store, &err) &&
	    add_user(store, options, ROLE_ADMIN, &err) ? EXIT_OK : fail(&err);
}

static int run_user(const struct options *options)
{
	struct err err;
	OWN(store_close) struct store *store = NULL;
	enum role role;
	if (!options->user || !options->role || !role_from_name(options->role, &role))
		return refuse_usage("user needs --user NAME and --role viewer, embryologist or admin");
	return store_open(options->store, &store, &err) && add_user(store, options, role, &err) ? EXIT_OK : fail(&err);
}

struct named {
	const char *name;
	int64_t id;
};

static bool find_user(const struct user *user, void *context)
{
	struct named *named = context;
	if (strcmp(user->name, named->name) == 0)
		named->id = user->id;
	return !named->id;
}

/* For who forgot theirs, where nobody else can sign in to help. */
static int run_password(const struct options *options)
{
	struct err err;
	OWN(store_close) struct store *store = NULL;
	char password[USER_PASSWORD_MAX + 2];
	struct named named = {.name = options->user};
	if (!options->user)
		return refuse_usage("password needs --user NAME");
	if (!store_open(options->store, &store, &err) || !users_each(store, find_user, &named, &err))
		return fail(&err);
	if (!named.id) {
		err_set(&err, ERR_NOT_FOUND, "there is no user %s", options->user);
		return fail(&err);
	}
	bool ok = obtain_password(options, password, &err) &&
	    users_set_password(store, 0, named.id, text_trim(password), &err);
	if (ok && !options->password_file)
		printf("%s\n", password);
	crypto_wipe(password, sizeof password);
	return ok ? EXIT_OK : fail(&err);
}

/* Progress goes to stderr, on one line where that is a screen. */
static void show_bar(const char *what, int64_t done, int64_t total)
{
	enum { WIDTH = 30 };
	char bar[WIDTH + 1] = {0};
	if (!isatty(STDERR_FILENO))
		return;
	for (int i = 0; i < WIDTH; i++)
		bar[i] = total && i * total < done * WIDTH ? '#' : '.';
	fprintf(stderr, "\r%-8s [%s] %" PRId64 " of %" PRId64 " ", what, bar, done, total);
	if (done >= total)
		fprintf(stderr, "\n");
}

static void show_import(const struct import_report *report, void *context)
{
	(void)context;
	show_bar("taking", report->frames_seen, report->frames_total);
}

static void show_reading(int64_t done, int64_t total, void *context)
{
	int64_t *shown = context;
	if (done == *shown)
		return;
	*shown = done;
	show_bar("reading", done, total);
}

static void print_report(const char *path, const struct import_report *report, bool json)
{
	if (json)
		return;
	fprintf(stderr, "%s: %s\n", path_name(path), report->sentence);
	size_t i;
	const json_t *note;
	json_array_foreach(report->notes, i, note)
		fprintf(stderr, "  note: %s\n", json_string_value(note));
}

static int take_exports(struct store *store, const struct options *options)
{
	int status = EXIT_OK;
	for (char **path = options->arguments; *path; path++) {
		struct err err;
		OWN(import_report_done) struct import_report report = {0};
		const struct import_request request = {.path = *path, .progress = show_import};
		if (!import_run(store, &request, &report, &err)) {
			err_add(&err, "taking in %s", *path);
			return fail(&err);
		}
		print_report(*path, &report, options->json);
		if (report.quarantined)
			status = EXIT_REFUSED;
	}
	return status;
}

struct work_place {
	char reader[LIMIT_PATH], profiles[LIMIT_PATH];
	struct work_options options;
};

static bool find_work(const char *store_folder, struct work_place *place, struct err *err)
{
	place->options = (struct work_options){.store_folder = store_folder, .reader_program = place->reader,
	    .profiles_folder = place->profiles};
	return place_program(place->reader, sizeof place->reader, "daybreak-reader", err) &&
	    place_share(place->profiles, sizeof place->profiles, "profiles", err);
}

static bool score_pending(const char *store_folder, struct err *err)
{
	struct work_place place;
	int64_t shown = -1;
	return find_work(store_folder, &place, err) && work_run_all(&place.options, show_reading, &shown, err);
}

static int run_reread(const struct options *options)
{
	struct err err;
	struct work_place place;
	int64_t embryos;
	if (!find_work(options->store, &place, &err) || !work_reread(&place.options, &embryos, &err))
		return fail(&err);
	fprintf(stderr, "embryos that wait to be read again: %" PRId64 "\n", embryos);
	return options->no_score || score_pending(options->store, &err) ? EXIT_OK : fail(&err);
}

static int run_import(const struct options *options)
{
	struct err err;
	OWN(store_close) struct store *store = NULL;
	if (options->arguments_count == 0)
		return refuse_usage("import needs at least one EXPORT");
	if (!store_open(options->store, &store, &err))
		return fail(&err);
	int status = take_exports(store, options);
	if (status != EXIT_FAILED && !options->no_score && !score_pending(options->store, &err))
		return fail(&err);
	return status;
}

struct shown {
	struct store *store;
	const struct options *options;
	bool events;
	json_t *dishes; /* collects for --json */
	struct err err;
	bool failed;
};

static bool show_dish(const struct dish *dish, void *context)
{
	struct shown *shown = context;
	OWN(json_decref) json_t *json = NULL;
	if (shown->options->dish && shown->options->dish != dish->id)
		return true;
	shown->failed = !dish_json(shown->store, dish, &json, &shown->err);
	if (shown->failed)
		return false;
	if (shown->options->json)
		json_array_append(shown->dishes, json);
	else if (shown->options->csv)
		shown->failed = !dish_print_csv(json, &shown->err);
	else
		dish_print(json, shown->events);
	return !shown->failed;
}

static int show_store(const struct options *options, bool events)
{
	struct err err;
	OWN(store_close) struct store *store = NULL;
	OWN(json_decref) json_t *dishes = json_array();
	if (!store_open(options->store, &store, &err))
		return fail(&err);
	struct shown shown = {.store = store, .options = options, .events = events, .dishes = dishes};
	if (options->csv)
		dish_print_csv_head();
	if (!dishes_each(store, DISHES_ALL, show_dish, &shown, &shown.err) || shown.failed)
		return fail(&shown.err);
	if (options->json) {
		json_dumpf(dishes, stdout, JSON_INDENT(1));
		printf("\n");
	}
	return EXIT_OK;
}

static int run_rank(const struct options *options)
{
	return show_store(options, false);
}

static int run_export(const struct options *options)
{
	struct options copy = *options;
	copy.json = !options->csv;
	return show_store(&copy, false);
}

/* Scores exports in a store of their own that is deleted afterwards. */
static int score_apart(const struct options *options)
{
	struct err err;
	const char *temporary = getenv("TMPDIR");
	char folder[LIMIT_PATH], store_folder[LIMIT_PATH];
	if (!path_join(folder, sizeof folder, temporary ? temporary : "/tmp", "daybreak-score-XXXXXX") || !mkdtemp(folder) ||
	    !path_join(store_folder, sizeof store_folder, folder, "store")) {
		err_errno(&err, "making a temporary folder");
		return fail(&err);
	}
	struct options apart = *options;
	apart.store = store_folder;
	int status = store_create(store_folder, &err) ? run_import(&apart) : fail(&err);
	if (status != EXIT_FAILED) {
		int shown = show_store(&apart, true);
		status = shown != EXIT_OK ? shown : status;
	}
	if (!folder_remove(folder, &err))
		return fail(&err);
	return status;
}

static int run_score(const struct options *options)
{
	struct err err;
	if (!options->store && options->arguments_count == 0)
		return refuse_usage("score needs an EXPORT, or --store DIR to finish what is pending there");
	if (options->store && options->arguments_count)
		return refuse_usage("score takes exports or --store; use import to take exports into a store");
	if (!options->store)
		return score_apart(options);
	return score_pending(options->store, &err) ? show_store(options, true) : fail(&err);
}

/* The patient of this identifier, added when there is none. A known identifier with another name is refused: that is
 * how patients get mixed up. */
static bool obtain_patient(struct store *store, const struct options *options, int64_t *ret_id, struct err *err)
{
	struct patient patient = {0}, known;
	bool found;
	if (!text_copy(patient.name, sizeof patient.name, options->patient) ||
	    !text_copy(patient.identifier, sizeof patient.identifier, options->identifier) ||
	    !text_copy(patient.born, sizeof patient.born, options->born ? options->born : ""))
		return err_set(err, ERR_BAD_INPUT, "name, identifier or date of birth is too long");
	if (!patients_find(store, patient.identifier, &known, &found, err))
		return false;
	if (!found)
		return patients_add(store, 0, &patient, ret_id, err);
	if (strcmp(known.name, patient.name) != 0)
		return err_set(err, ERR_CONFLICT, "another patient has the identifier %s", patient.identifier);
	*ret_id = known.id;
	return true;
}

/* The patient's cycle of this label, added when there is none: one treatment may have several dishes. */
static bool obtain_cycle(struct store *store, const struct cycle *cycle, int64_t *ret_id, struct err *err)
{
	struct cycle known;
	bool found;
	if (!cycles_find(store, cycle->patient_id, cycle->label, &known, &found, err))
		return false;
	if (!found)
		return cycles_add(store, 0, cycle, ret_id, err);
	if (known.method != cycle->method)
		return err_set(err, ERR_CONFLICT, "the patient's cycle of this label is of another method: %s",
		    insemination_name(known.method));
	*ret_id = known.id;
	return true;
}

static bool assign(struct store *store, const struct options *options, struct err *err)
{
	struct cycle cycle = {0};
	if (!insemination_from_name(options->method, &cycle.method))
		return err_set(err, ERR_BAD_INPUT, "the method is ICSI, IVF or unknown");
	if (!text_copy(cycle.label, sizeof cycle.label, options->cycle))
		return err_set(err, ERR_BAD_INPUT, "the cycle's label is too long");
	return obtain_patient(store, options, &cycle.patient_id, err) && obtain_cycle(store, &cycle, &cycle.id, err) &&
	    dishes_assign(store, options->dish, cycle.id, 0, err);
}

static int run_assign(const struct options *options)
{
	struct err err;
	OWN(store_close) struct store *store = NULL;
	if (!options->dish || !options->patient || !options->identifier || !options->cycle || !options->method)
		return refuse_usage("assign needs --dish, --patient, --identifier, --cycle and --method");
	if (!store_open(options->store, &store, &err) || !store_begin(store, &err))
		return fail(&err);
	if (!assign(store, options, &err)) {
		store_rollback(store);
		return fail(&err);
	}
	return store_commit(store, &err) && score_pending(options->store, &err) ? EXIT_OK : fail(&err);
}

static void print_problem(const char *text, void *context)
{
	(void)context;
	printf("problem: %s\n", text);
}

static int run_verify(const struct options *options)
{
	struct err err;
	struct store_report report;
	OWN(store_close) struct store *store = NULL;
	if (!store_open(options->store, &store, &err) ||
	    !store_verify(store, options->deep, print_problem, NULL, &report, &err))
		return fail(&err);
	printf("%" PRId64 " dishes, %" PRId64 " embryos, %" PRId64 " frames, %" PRId64 " cuts, %" PRId64
	       " sealed bytes; %" PRId64 " seals opened; %" PRId64 " problems\n",
	    report.dishes, report.embryos, report.frames, report.cuts, report.bytes, report.blobs_checked, report.problems);
	return report.problems ? EXIT_REFUSED : EXIT_OK;
}

/* Replaces this process by another program of ours. */
static int become(const char *program, char *const *arguments)
{
	struct err err;
	execv(program, arguments);
	err_errno(&err, "starting %s", program);
	return fail(&err);
}

static int run_serve(const struct options *options)
{
	struct err err;
	char script[LIMIT_PATH];
	if (!place_share(script, sizeof script, "serve", &err))
		return fail(&err);
	char *arguments[] = {script, (char *)(uintptr_t)options->store,
	    (char *)(uintptr_t)(options->port ? options->port : "8443"), NULL};
	return become(script, arguments);
}

static const struct command {
	const char *name;
	const char *usage;
	const char *purpose;
	bool needs_store;
	int (*run)(const struct options *options);
	int (*run_own)(int argc, char **argv); /* takes its own options, argv[0] is the command; cli.h */
} commands[] = {
    {"setup", "[--answers FILE]", "make this machine a clinic's box; see daybreak setup --help", false, NULL, cli_setup},
    {"init", "--store DIR --user NAME", "make a store and its first administrator (2)", true, run_init, NULL},
    {"user", "--store DIR --user NAME --role ROLE", "add a person: viewer, embryologist or admin (2)", true, run_user, NULL},
    {"password", "--store DIR --user NAME", "give a person another password (2)", true, run_password, NULL},
    {"import", "--store DIR [--no-score] EXPORT...", "take exports in and score them", true, run_import, NULL},
    {"score", "EXPORT... | --store DIR", "events, flags, grade and rank, without a server", false, run_score, NULL},
    {"reread", "--store DIR [--no-score]", "read again what another model than the current one read", true, run_reread, NULL},
    {"assign", "--store DIR --dish N --patient NAME ...", "give an inbox dish to a patient (1)", true, run_assign, NULL},
    {"rank", "--store DIR [--dish N] [--json]", "each patient's ranked embryos", true, run_rank, NULL},
    {"export", "--store DIR [--dish N] [--csv]", "all results as JSON, or the events as CSV", true, run_export, NULL},
    {"report", "--store DIR --cycle N --out FILE", "a cycle as PDF, JSON or CSV; see daybreak report --help", false, NULL, cli_report},
    {"quality", "--store DIR [--from M] [--to M] [--json]", "indicators of the laboratory; see daybreak quality --help", false, NULL, cli_quality},
    {"verify", "--store DIR [--deep]", "look for damage; --deep opens every seal", true, run_verify, NULL},
    {"serve", "--store DIR [--port 8443]", "the lab screen on https://localhost", true, run_serve, NULL},
    {"plan", "--store DIR [--explain] [--json]", "when the board is ready, what is read where, and why", false, NULL, cli_plan},
    {"status", "[--json]", "the sync agent, its certificate, its endpoints; see daybreak status --help", false, NULL, cli_console},
    {"burst", "--store DIR [--json]", "lanes, plan and the latest batches that left", false, NULL, cli_console},
    {"ledger", "[--from T] [--to T] [--all] [--json]", "every byte that left the house", false, NULL, cli_console},
    {"costs", "[--json]", "what the cloud cost, worked out", false, NULL, cli_console},
    {"sites", "[--json]", "the certificate and every endpoint", false, NULL, cli_console},
    {"evaluate", "DATASET... [--model X] [--json FILE]", "how right a model is; see daybreak evaluate --help", false, NULL, cli_evaluate},
    {"model", "import | list | show | use | verify | key", "the learned readers; see daybreak model --help", false, NULL, cli_model},
    {"priors", "fit FILE... [--store DIR] --out FILE", "fit the times of stages; see daybreak priors --help", false, NULL, cli_priors},
    {"health", "[--quick] [--json]", "whether this box can be relied upon; see daybreak health --help", false, NULL, cli_health},
    {"update", "status | check | run | approve | previous", "updates of the appliance; see daybreak update --help", false, NULL, cli_update},
    {"simulate", "...", "render exports; see daybreak simulate --help", false, NULL, NULL},
};

enum { COMMANDS_COUNT = sizeof commands / sizeof *commands };

static void print_help(void)
{
	printf("daybreak %s: embryo evaluation in the clinic's own house\n\n", DAYBREAK_VERSION);
	for (size_t i = 0; i < COMMANDS_COUNT; i++)
		printf("  daybreak %-8s %-48s %s\n", commands[i].name, commands[i].usage, commands[i].purpose);
	printf("\n(1) --identifier ID --cycle LABEL --method ICSI|IVF|unknown [--born yyyy-mm-dd]\n"
	       "(2) prints a made password, or takes that of --password-file FILE\n"
	       "An EXPORT is an EmbryoScope .pdb, an image folder, or a zip or tar of either. --json prints JSON.\n"
	       "Exit status: 0 done, 1 failed, 2 wrong usage, 3 an export was quarantined or the store is damaged.\n");
}

static bool parse_options(int argc, char **argv, struct options *ret_options)
{
	static const struct option known[] = {{"store", required_argument, NULL, 's'}, {"user", required_argument, NULL, 'u'},
	    {"role", required_argument, NULL, 'r'}, {"port", required_argument, NULL, 'p'}, {"password-file", required_argument, NULL, 'w'},
	    {"patient", required_argument, NULL, 'P'}, {"identifier", required_argument, NULL, 'I'},
	    {"born", required_argument, NULL, 'B'}, {"cycle", required_argument, NULL, 'C'},
	    {"method", required_argument, NULL, 'M'}, {"dish", required_argument, NULL, 'd'}, {"json", no_argument, NULL, 'j'}, {"csv", no_argument, NULL, 'c'},
	    {"deep", no_argument, NULL, 'D'}, {"no-score", no_argument, NULL, 'n'}, {0}};
	struct options options = {0};
	for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
		switch (option) {
		case 's': options.store = optarg; break;
		case 'u': options.user = optarg; break;
		case 'r': options.role = optarg; break;
		case 'p': options.port = optarg; break;
		case 'w': options.password_file = optarg; break;
		case 'P': options.patient = optarg; break;
		case 'I': options.identifier = optarg; break;
		case 'B': options.born = optarg; break;
		case 'C': options.cycle = optarg; break;
		case 'M': options.method = optarg; break;
		case 'j': options.json = true; break;
		case 'c': options.csv = true; break;
		case 'D': options.deep = true; break;
		case 'n': options.no_score = true; break;
		case 'd':
			if (text_to_i64(optarg, &options.dish) && options.dish > 0)
				break;
			return false;
		default: return false;
		}
	}
	options.arguments = argv + optind;
	options.arguments_count = argc - optind;
	*ret_options = options;
	return true;
}

static int run_command(const struct command *command, int argc, char **argv)
{
	struct options options;
	struct err err;
	if (command->run_own)
		return command->run_own(argc, argv);
	if (!command->run) {
		char program[LIMIT_PATH];
		return place_program(program, sizeof program, "daybreak-simulate", &err) ? become(program, argv) : fail(&err);
	}
	if (!parse_options(argc, argv, &options))
		return refuse_usage("an option is wrong");
	if (command->needs_store && !options.store)
		return refuse_usage("--store DIR is needed");
	return command->run(&options);
}

/* What root did in a store would leave files that the daemon cannot open, so its owner does it. Setup and update change
 * more than the store, and become its owner where they need to. */
static bool become_owner(int argc, char **argv, struct err *err)
{
	static const char option[] = "--store";
	for (int i = 2; i < argc; i++) {
		const char *value = NULL;
		if (strcmp(argv[i], option) == 0 && i + 1 < argc)
			value = argv[i + 1];
		else if (text_starts(argv[i], option) && argv[i][strlen(option)] == '=')
			value = argv[i] + strlen(option) + 1;
		if (value && !owner_become(value, err))
			return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "--help";
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
		print_help();
		return argc > 1 ? EXIT_OK : EXIT_USAGE;
	}
	if (strcmp(name, "--version") == 0) {
		printf("daybreak %s\n", DAYBREAK_VERSION);
		return EXIT_OK;
	}
	struct err err;
	if (strcmp(name, "setup") != 0 && strcmp(name, "update") != 0 && !become_owner(argc, argv, &err))
		return fail(&err);
	for (size_t i = 0; i < COMMANDS_COUNT; i++)
		if (strcmp(commands[i].name, name) == 0)
			return run_command(&commands[i], argc - 1, argv + 1);
	return refuse_usage("there is no such command");
}
