/* daybreak update status | check | run | trial | confirm | approve | previous: the appliance's updates. The units of the
 * image call them as root; an administrator may, too. */
#include "cli.h"

#include "base/file.h"
#include "update/confirm.h"
#include "update/install.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "usage: daybreak update status [--json]   what runs, what waits and why\n"
    "       daybreak update check [--json]    look for updates anew; install nothing\n"
    "       daybreak update run               install what may be installed now, and start the machine again\n"
    "       daybreak update approve UPDATE    let one be installed: its digest, file name or version\n"
    "       daybreak update previous          start the version of the other slot instead\n"
    "       daybreak update trial | confirm   what the machine does itself after it has started\n"
    "\n"
    "All but status are for root. /etc/daybreak/update.conf says when the clinic works: nothing is installed then.\n"
    "--root DIR: everything lies below DIR. Where there is no appliance, the packages are updated by apt.\n"
    "Exit status: 0 done, or nothing is to be done; 1 failed (trial, confirm: the machine goes back); 2 wrong usage.\n";

struct request {
	const char *root;
	const char *argument; /* of approve */
	bool json;
};

/* Printing */

static void print_waiting(const json_t *list)
{
	size_t i;
	const json_t *one;
	json_array_foreach(list, i, one) {
		printf("waiting   %s: version %s, from the %s, %" PRId64 " MB, %s\n", json_text(one, "file", ""),
		    json_text(one, "version", "unknown"), json_text(one, "from", ""), json_int(one, "size", 0) >> 20,
		    json_text(one, "state", ""));
		if (*json_text(one, "why", ""))
			printf("          %s\n", json_text(one, "why", ""));
		printf("          %s\n", json_text(one, "digest", ""));
	}
}

static void print_last(const json_t *last)
{
	const char *why = json_text(last, "why", "");
	if (json_is_object(last))
		printf("last      %s from %s to %s: %s%s%s\n", json_text(last, "at", ""), json_text(last, "from", ""),
		    json_text(last, "to", ""), json_text(last, "result", ""), *why ? ": " : "", why);
}

static int print_status(const json_t *status, bool json)
{
	if (json) {
		json_dumpf(status, stdout, JSON_INDENT(1));
		printf("\n");
		return EXIT_OK;
	}
	const json_t *other = json_object_get(status, "other");
	printf("version   %s", json_text(status, "version", ""));
	if (json_bool(status, "appliance", false))
		printf(" in slot %s, %s; the other slot: %s, %s", json_text(status, "slot", ""),
		    json_bool(status, "confirmed", false) ? "confirmed" : "on trial", json_text(other, "version", "nothing"),
		    json_bool(other, "bootable", false) ? "can be started" : "cannot be started");
	printf("\n");
	print_waiting(json_object_get(status, "waiting"));
	if (*json_text(status, "why", ""))
		printf("now       %s\n", json_text(status, "why", ""));
	print_last(json_object_get(status, "last"));
	return EXIT_OK;
}

/* Commands */

static int run_check(struct updater *updater, const struct request *request)
{
	struct err err;
	OWN(json_decref) json_t *status = NULL;
	return install_check(updater, &status, &err) ? print_status(status, request->json) : fail(&err);
}

static int run_run(struct updater *updater, const struct request *request)
{
	struct err err;
	OWN(json_decref) json_t *status = NULL;
	bool ok = confirm_again(updater, &err) && install_run(updater, &status, &err);
	return ok ? print_status(status, request->json) : fail(&err);
}

static int run_approve(struct updater *updater, const struct request *request)
{
	struct err err;
	if (!request->argument)
		return refuse_usage("approve needs the digest, the file or the version of an update");
	return install_approve(updater, request->argument, &err) ? run_check(updater, request) : fail(&err);
}

static int run_previous(struct updater *updater, const struct request *request)
{
	struct err err;
	(void)request;
	if (!confirm_previous(updater, &err))
		return fail(&err);
	printf("the machine is starting the previous version\n");
	return EXIT_OK;
}

/* A machine that cannot go back is better up than dark: what is wrong with it, the status says. */
static int say_verdict(enum confirm_verdict verdict, const char *why)
{
	if (*why)
		fprintf(stderr, "daybreak: %s\n", why);
	return verdict == CONFIRM_BACK ? EXIT_FAILED : EXIT_OK;
}

static int run_trial(struct updater *updater, const struct request *request)
{
	char why[RECORD_WHY_SIZE];
	(void)request;
	enum confirm_verdict verdict = confirm_trial(updater, why);
	return say_verdict(verdict, why);
}

static int run_confirm(struct updater *updater, const struct request *request)
{
	struct err err;
	char why[RECORD_WHY_SIZE];
	OWN(json_decref) json_t *status = NULL;
	(void)request;
	enum confirm_verdict verdict = confirm_run(updater, why);
	/* What the screens show is renewed; that alone fails nothing. */
	if (verdict != CONFIRM_BACK && !install_check(updater, &status, &err))
		fprintf(stderr, "daybreak: %s\n", err.detail);
	return say_verdict(verdict, why);
}

/* Anybody may read what root found out last. */
static bool show_kept(const struct request *request, int *ret_status)
{
	char path[LIMIT_PATH];
	OWN(json_decref) json_t *status = NULL;
	snprintf(path, sizeof path, "%s/run/daybreak-update/status.json", request->root);
	if (!json_load(path, 1 << 20, &status, NULL))
		return false;
	*ret_status = print_status(status, request->json);
	return true;
}

static const struct {
	const char *name;
	int (*run)(struct updater *updater, const struct request *request);
} commands[] = {{"status", run_check}, {"check", run_check}, {"run", run_run}, {"trial", run_trial},
    {"confirm", run_confirm}, {"approve", run_approve}, {"previous", run_previous}};

static int run_command(const char *name, const struct request *request)
{
	struct err err;
	int status;
	OWN(updater_close) struct updater updater = {.lock = -1};
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		if (strcmp(commands[i].name, name) != 0)
			continue;
		if (!updater_appliance(request->root)) {
			OWN(json_decref) json_t *plain = install_no_appliance(request->root);
			return print_status(plain, request->json);
		}
		if (i == 0 && show_kept(request, &status))
			return status;
		if (geteuid() != 0)
			return refuse_usage("updates are for root");
		return updater_open(request->root, &updater, &err) ? commands[i].run(&updater, request) : fail(&err);
	}
	return refuse_usage("update needs status, check, run, trial, confirm, approve or previous");
}

int cli_update(int argc, char **argv)
{
	static const struct option known[] = {{"root", required_argument, NULL, 'r'}, {"json", no_argument, NULL, 'j'},
	    {"help", no_argument, NULL, 'h'}, {0}};
	struct request request = {.root = ""};
	for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
		switch (option) {
		case 'r': request.root = optarg; break;
		case 'j': request.json = true; break;
		case 'h': fputs(help, stdout); return EXIT_OK;
		default: return refuse_usage("an option of update is wrong");
		}
	}
	if (optind == argc)
		return refuse_usage("update needs a word; see daybreak update --help");
	request.argument = optind + 1 < argc ? argv[optind + 1] : NULL;
	if (optind + 2 < argc)
		return refuse_usage("update takes one word more at most");
	return run_command(argv[optind], &request);
}
