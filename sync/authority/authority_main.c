/* daybreak-authority: who may send batches to a region's gateway. A table of subcommands; see authority.h. */
#include "authority/authority.h"
#include "authority/door.h"
#include "authority/http.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/text.h"

#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { EXIT_FAILED = 1, EXIT_USAGE = 2, LOOK_S = 1, SECRET_MIN = 16 };

struct options {
	const char *folder, *site, *serial, *out, *gateway_pid;
	const char *names[CERTIFICATE_NAMES_MAX];
	int names_count;
	int64_t valid_s; /* 0: the usual */
	bool json;
	char **arguments;
	int arguments_count;
};

static int fail(const struct err *err)
{
	fprintf(stderr, "daybreak-authority: %s (%s)\n", err->detail, err_name(err->code));
	return EXIT_FAILED;
}

static int refuse_usage(const char *sentence)
{
	fprintf(stderr, "daybreak-authority: %s; see daybreak-authority --help\n", sentence);
	return EXIT_USAGE;
}

static int64_t valid_for(const struct options *options, int days)
{
	return options->valid_s ? options->valid_s : days * INT64_C(86400);
}

/* The commands */

static int command_init(const struct options *options)
{
	struct err err;
	if (options->names_count != 1)
		return refuse_usage("init needs --name, the authority's");
	if (!authority_init(options->folder, options->names[0], valid_for(options, AUTHORITY_OWN_DAYS),
	        clock_now_us(), &err))
		return fail(&err);
	printf("%s/ca.pem and %s/crl.pem are for the gateway, %s/authority.key for nobody\n", options->folder,
	    options->folder, options->folder);
	return 0;
}

static int command_gateway(const struct options *options)
{
	OWN(authority_close) struct authority *authority = NULL;
	struct err err;
	if (!options->names_count || !options->out)
		return refuse_usage("gateway needs --name, as often as there are names, and --out");
	if (!authority_open(options->folder, &authority, &err) ||
	    !authority_gateway(authority, options->names, valid_for(options, AUTHORITY_GATEWAY_DAYS),
	        options->out, clock_now_us(), &err))
		return fail(&err);
	printf("%s/certificate.pem and %s/key.pem are the gateway's\n", options->out, options->out);
	return 0;
}

static void print_rows(const json_t *rows, const char *const columns[], size_t count)
{
	size_t index;
	json_t *row;
	json_array_foreach(rows, index, row) {
		for (size_t i = 0; i < count; i++)
			printf(
			    "%s%-*s", i ? "  " : "", i + 1 < count ? 8 : 0, json_text(row, columns[i], "-"));
		printf("\n");
	}
}

static int command_list(const struct options *options)
{
	OWN(authority_close) struct authority *authority = NULL;
	OWN(json_decref) json_t *shown = NULL;
	struct err err;
	if (!authority_open(options->folder, &authority, &err) ||
	    !registry_show(authority_registry(authority), clock_now_us(), &shown, &err))
		return fail(&err);
	if (options->json) {
		json_dumpf(shown, stdout, JSON_INDENT(1));
		printf("\n");
		return 0;
	}
	static const char *const of_request[] = {"state", "site", "asked", "fingerprint"};
	static const char *const of_certificate[] = {"state", "use", "site", "not_after", "serial"};
	printf("Requests: state, site, asked, fingerprint\n");
	print_rows(json_object_get(shown, "requests"), of_request, sizeof of_request / sizeof *of_request);
	printf("\nCertificates: state, use, site, valid until, serial\n");
	print_rows(json_object_get(shown, "certificates"), of_certificate,
	    sizeof of_certificate / sizeof *of_certificate);
	return 0;
}

static int command_approve(const struct options *options)
{
	OWN(authority_close) struct authority *authority = NULL;
	struct err err;
	if (options->arguments_count != 1 || !options->site)
		return refuse_usage("approve needs the fingerprint that the box shows, and --site");
	if (!authority_open(options->folder, &authority, &err) ||
	    !authority_approve(authority, options->arguments[0], options->site,
	        valid_for(options, AUTHORITY_SITE_DAYS), clock_now_us(), &err))
		return fail(&err);
	printf("%s is approved: the box fetches its certificate by itself\n", options->site);
	return 0;
}

static int command_deny(const struct options *options)
{
	OWN(authority_close) struct authority *authority = NULL;
	struct err err;
	if (options->arguments_count != 1)
		return refuse_usage("deny needs a fingerprint");
	if (!authority_open(options->folder, &authority, &err) ||
	    !authority_deny(authority, options->arguments[0], clock_now_us(), &err))
		return fail(&err);
	printf("denied\n");
	return 0;
}

static int command_revoke(const struct options *options)
{
	OWN(authority_close) struct authority *authority = NULL;
	struct err err;
	int count;
	if (!options->site == !options->serial)
		return refuse_usage("revoke needs --site or --serial");
	if (!authority_open(options->folder, &authority, &err) ||
	    !authority_revoke(authority, options->site, options->serial, clock_now_us(), &count, &err))
		return fail(&err);
	printf("%d certificate%s taken back; %s/crl.pem is new\n", count, count == 1 ? "" : "s",
	    options->folder);
	return 0;
}

static int command_crl(const struct options *options)
{
	OWN(authority_close) struct authority *authority = NULL;
	struct err err;
	if (!authority_open(options->folder, &authority, &err) ||
	    !authority_list(authority, clock_now_us(), &err))
		return fail(&err);
	printf("%s/crl.pem is new\n", options->folder);
	return 0;
}

/* What the server does besides answering: it makes the list anew each day, and has the gateway take up a new
 * one, whoever made it. */
struct keeper {
	struct authority *authority;
	const char *gateway_pid; /* path of nginx's process id; NULL: somebody else reloads it */
	int64_t number;          /* of the list that the gateway has */
	char told[ERR_DETAIL_MAX];
};

/* A process id may have been given to somebody else since nginx died. */
static bool is_nginx(int64_t process)
{
	char path[64];
	OWN(buf_done) struct buf name = BUF_INIT(64);
	snprintf(path, sizeof path, "/proc/%" PRId64 "/comm", process);
	return file_read(path, &name, NULL) && strcmp(buf_text(&name), "nginx\n") == 0;
}

static bool reload_gateway(const char *path, struct err *err)
{
	OWN(buf_done) struct buf text = BUF_INIT(32);
	int64_t process;
	/* Without the file there is no gateway, and one that starts takes the list that lies there. */
	if (!file_exists(path))
		return true;
	if (!file_read(path, &text, err))
		return false;
	if (!text_to_i64(buf_text(&text), &process) || process <= 1 || !is_nginx(process))
		return err_set(err, ERR_NOT_FOUND, "%s does not name a running nginx", path);
	return kill((pid_t)process, SIGHUP) == 0 ||
	    err_errno(err, "reloading the gateway, process %" PRId64, process);
}

static void keep(struct keeper *keeper)
{
	struct err err;
	int64_t number, made_us;
	if (!authority_list_fresh(keeper->authority, clock_now_us(), &err) ||
	    !registry_list(authority_registry(keeper->authority), &number, &made_us, &err)) {
		if (strcmp(keeper->told, err.detail) != 0)
			log_line(
			    LOG_ALARM, "the list of revoked certificates could not be made: %s", err.detail);
		text_copy(keeper->told, sizeof keeper->told, err.detail);
		return;
	}
	keeper->told[0] = 0;
	if (!keeper->gateway_pid || number == keeper->number)
		return;
	keeper->number = number;
	if (reload_gateway(keeper->gateway_pid, &err))
		log_line(LOG_NOTICE, "the gateway takes up list %" PRId64 " of revoked certificates", number);
	else
		log_line(
		    LOG_ALARM, "%s: reload it by hand, or revoked certificates go on counting", err.detail);
}

static bool serve(const struct options *options, int port, const char *secret, struct err *err)
{
	/* A registry belongs to one thread: one is the keeper's, the other the server's. */
	OWN(authority_close) struct authority *keepers = NULL;
	OWN(authority_close) struct authority *authority = NULL;
	OWN(http_stop) struct http *http = NULL;
	const struct timespec look = {.tv_sec = LOOK_S};
	char list[LIMIT_PATH];
	sigset_t stop;
	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	pthread_sigmask(SIG_BLOCK, &stop, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (!authority_open(options->folder, &keepers, err) ||
	    !authority_open(options->folder, &authority, err))
		return false;
	if (!path_join(list, sizeof list, options->folder, "crl.pem"))
		return err_set(err, ERR_BAD_INPUT, "path too long: %s", options->folder);
	struct door door = {.authority = authority, .secret = secret, .list = list};
	const struct http_options http_options = {.port = port, .answer = door_answer, .context = &door};
	if (!http_start(&http_options, &http, err))
		return false;
	printf("daybreak-authority %s is ready at http://127.0.0.1:%d\n", DAYBREAK_VERSION, http_port(http));
	fflush(stdout);
	struct keeper keeper = {.authority = keepers, .gateway_pid = options->gateway_pid};
	do
		keep(&keeper);
	while (sigtimedwait(&stop, NULL, &look) < 0);
	log_line(LOG_NOTICE, "stopping");
	return true;
}

static int command_serve(const struct options *options)
{
	const char *secret = getenv("DAYBREAK_GATEWAY_SECRET"), *port_text = getenv("PORT");
	int64_t port = 8481;
	struct err err;
	if (!secret || strlen(secret) < SECRET_MIN)
		return refuse_usage("serve needs DAYBREAK_GATEWAY_SECRET, at least 16 characters");
	if (port_text && (!text_to_i64(port_text, &port) || port < 0 || port > 65535))
		return refuse_usage("PORT is not a port");
	return serve(options, (int)port, secret, &err) ? 0 : fail(&err);
}

static const struct {
	const char *name;
	int (*run)(const struct options *options);
	const char *help;
} commands[] = {
    {"init", command_init, "--name NAME [--valid 3652d]    make an authority in the folder"},
    {"gateway", command_gateway,
        "--name HOST [--name HOST|ADDRESS ...] --out FOLDER [--valid 397d]\n"
        "                                        key and certificate of a gateway"},
    {"serve", command_serve,
        "[--gateway-pid FILE]    answer the gateway at $PORT (8481) on 127.0.0.1;\n"
        "                                        $DAYBREAK_GATEWAY_SECRET is the gateway's. A new\n"
        "                                        list is taken up by the nginx of that process id"},
    {"list", command_list, "[--json]    requests and certificates"},
    {"approve", command_approve, "FINGERPRINT --site SITE [--valid 90d]"},
    {"deny", command_deny, "FINGERPRINT"},
    {"revoke", command_revoke, "--site SITE | --serial SERIAL"},
    {"crl", command_crl, "make the list of revoked certificates anew"},
};

static int print_help(void)
{
	printf("daybreak-authority %s: who may send batches to a region's gateway\n\n", DAYBREAK_VERSION);
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		printf("  daybreak-authority %-8s --folder FOLDER  %s\n", commands[i].name, commands[i].help);
	printf("\nA time is a number with d, h, m or s after it: 90d.\n");
	return 0;
}

/* "90d" */
static bool parse_valid(const char *text, int64_t *ret_s)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = {{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};
	char number[16];
	int64_t count;
	size_t size = strlen(text);
	if (size < 2 || size > sizeof number)
		return false;
	memcpy(number, text, size - 1);
	number[size - 1] = 0;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (text[size - 1] == units[i].unit && text_to_i64(number, &count) && count > 0 &&
		    count <= 36525) {
			*ret_s = count * units[i].seconds;
			return true;
		}
	return false;
}

static bool take_options(int argc, char **argv, struct options *options)
{
	static const struct option known[] = {{"folder", required_argument, NULL, 'f'},
	    {"name", required_argument, NULL, 'n'}, {"out", required_argument, NULL, 'o'},
	    {"site", required_argument, NULL, 's'}, {"serial", required_argument, NULL, 'r'},
	    {"valid", required_argument, NULL, 'v'}, {"gateway-pid", required_argument, NULL, 'p'},
	    {"json", no_argument, NULL, 'j'}, {0}};
	for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
		switch (option) {
		case 'f': options->folder = optarg; break;
		case 'n':
			if (options->names_count == CERTIFICATE_NAMES_MAX)
				return false;
			options->names[options->names_count++] = optarg;
			break;
		case 'o': options->out = optarg; break;
		case 's': options->site = optarg; break;
		case 'r': options->serial = optarg; break;
		case 'p': options->gateway_pid = optarg; break;
		case 'v':
			if (!parse_valid(optarg, &options->valid_s))
				return false;
			break;
		case 'j': options->json = true; break;
		default: return false;
		}
	}
	options->arguments = argv + optind;
	options->arguments_count = argc - optind;
	return true;
}

int main(int argc, char **argv)
{
	struct options options = {0};
	if (argc > 1 && strcmp(argv[1], "--help") == 0)
		return print_help();
	if (argc < 2)
		return refuse_usage("which command?");
	if (!take_options(argc - 1, argv + 1, &options))
		return refuse_usage("an option is not right");
	if (!options.folder)
		return refuse_usage("--folder is needed");
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		if (strcmp(commands[i].name, argv[1]) == 0)
			return commands[i].run(&options);
	return refuse_usage("there is no such command");
}
