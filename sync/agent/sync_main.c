/* daybreak-sync: the agent and its subcommands. */
#include "agent/agent.h"
#include "agent/enrol.h"
#include "base/json.h"
#include "wire/cloud.h"
#include "wire/slot.h"

#include <getopt.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>

enum { EXIT_FAILED = 1, EXIT_USAGE = 2, ASK_MS = 10000 };

static int fail(const struct err *err)
{
	fprintf(stderr, "daybreak-sync: %s\n", err->detail);
	return EXIT_FAILED;
}

/* --config FILE and, where it is known, --json. */
static bool read_options(int argc, char **argv, struct settings *settings, bool *ret_json, int *ret_exit)
{
	static const struct option known[] = {
	    {"config", required_argument, NULL, 'c'}, {"json", no_argument, NULL, 'j'}, {0}};
	const char *path = "/etc/daybreak/daybreak-sync.conf";
	struct err err;
	bool json = false;
	for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
		if (option == 'c')
			path = optarg;
		else if (option == 'j' && ret_json)
			json = true;
		else
			optind = argc + 1;
	}
	if (optind != argc) {
		fprintf(stderr, "daybreak-sync: see daybreak-sync help\n");
		*ret_exit = EXIT_USAGE;
		return false;
	}
	if (!settings_load(path, settings, &err)) {
		*ret_exit = fail(&err);
		return false;
	}
	if (ret_json)
		*ret_json = json;
	return true;
}

static int run_command(int argc, char **argv)
{
	static struct settings settings;
	struct err err;
	int code;
	if (!read_options(argc, argv, &settings, NULL, &code))
		return code;
	sigset_t until;
	sigemptyset(&until);
	sigaddset(&until, SIGTERM);
	sigaddset(&until, SIGINT);
	/* Threads inherit it: only the loop takes these. */
	sigprocmask(SIG_BLOCK, &until, NULL);
	signal(SIGPIPE, SIG_IGN);
	mallopt(M_ARENA_MAX, 2);
	for (bool again = true; again;) {
		OWN(agent_close) struct agent *agent = NULL;
		if (!agent_open(&settings, &agent, &err))
			return fail(&err);
		printf("daybreak-sync %s is ready at %s\n", DAYBREAK_VERSION, settings.socket);
		fflush(stdout);
		if (!agent_run(agent, &until, &again, &err))
			return fail(&err);
	}
	return 0;
}

static void print_state(const char *name, const json_t *state)
{
	const char *reason = json_text(state, "reason", ""), *next = json_text(state, "next", "");
	printf("%-24s %-12s since %s", name, json_text(state, "state", "?"), json_text(state, "since", "-"));
	printf("%s%s\n", *reason ? "  " : "", reason);
	if (*next)
		printf("%-24s next: %s\n", "", next);
}

static void print_status(const json_t *status)
{
	size_t at;
	const json_t *endpoint, *budget = json_object_get(status, "budget");
	printf(
	    "site %s, daybreak-sync %s\n", json_text(status, "site", ""), json_text(status, "version", ""));
	print_state("certificate", json_object_get(status, "certificate"));
	json_array_foreach(json_object_get(status, "endpoints"), at, endpoint) {
		char name[80];
		snprintf(name, sizeof name, "endpoint %.64s", json_text(endpoint, "name", ""));
		print_state(name, endpoint);
	}
	printf("spent today $%.6f of $%.2f, this month $%.6f of $%.2f\n",
	    (double)json_int(budget, "spent_today_nano", 0) / 1e9,
	    json_number_value(json_object_get(budget, "day")),
	    (double)json_int(budget, "spent_month_nano", 0) / 1e9,
	    json_number_value(json_object_get(budget, "month")));
}

/* Where cloud.json names a server of updates. */
static void print_updates(const json_t *updates)
{
	const json_t *offer = json_object_get(updates, "offer");
	if (strcmp(json_text(updates, "state", "off"), "off") == 0)
		return;
	print_state("updates", updates);
	if (json_is_object(offer))
		printf("%-24s version %s is offered, %lld of %lld bytes are here\n", "", json_text(offer, "version", ""),
		    (long long)json_int(offer, "have", 0), (long long)json_int(offer, "size", 0));
}

static int status_command(int argc, char **argv)
{
	static struct settings settings;
	OWN(json_decref) json_t *question = json_pack("{s:s}", "what", "status");
	OWN(json_decref) json_t *about_updates = json_pack("{s:s}", "what", "updates");
	OWN(json_decref) json_t *status = NULL, *updates = NULL;
	struct err err;
	bool json;
	int code;
	if (!read_options(argc, argv, &settings, &json, &code))
		return code;
	if (!slot_ask(settings.socket, question, ASK_MS, &status, &err) ||
	    !slot_ask(settings.socket, about_updates, ASK_MS, &updates, &err))
		return fail(&err);
	if (!json) {
		print_status(status);
		print_updates(updates);
		return 0;
	}
	json_object_set(status, "updates", updates);
	json_dumpf(status, stdout, JSON_INDENT(2));
	putchar('\n');
	return 0;
}

/* What would be so if the agent were started now. */
static int check_command(int argc, char **argv)
{
	static struct settings settings;
	OWN(cloud_free) struct cloud *cloud = NULL;
	struct err err;
	int code = 0;
	if (!read_options(argc, argv, &settings, NULL, &code))
		return code;
	if (!cloud_load(settings.cloud, &cloud, &err))
		return fail(&err);
	printf("%s is right: site %s, $%.2f a day, $%.2f a month\n", settings.cloud, cloud->site,
	    cloud->budget_day, cloud->budget_month);
	if (cloud->updates_url[0])
		printf("updates from %s\n", cloud->updates_url);
	for (int i = 0; i < cloud->endpoints_count; i++) {
		const struct cloud_endpoint *endpoint = &cloud->endpoints[i];
		printf("endpoint %s, %d slots at %s in %s%s\n", endpoint->name, endpoint->slots, endpoint->url,
		    endpoint->region, endpoint->allowed ? "" : ": refused, not one of the regions");
		if (!endpoint->allowed)
			code = EXIT_FAILED;
	}
	return code;
}

static int version_command(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	printf("daybreak-sync %s\n", DAYBREAK_VERSION);
	return 0;
}

static int help_command(int argc, char **argv);

static const struct command {
	const char *name, *arguments, *does;
	int (*run)(int argc, char **argv);
} commands[] = {
    {"run", "[--config FILE]", "be the agent, until SIGTERM", run_command},
    {"status", "[--config FILE] [--json]", "say what the running agent thinks of its endpoints",
        status_command},
    {"check", "[--config FILE]", "say whether the configuration and cloud.json are right", check_command},
    {"enrol", "[--config FILE] [--wait S]", "ask the authority for a certificate, and how asking stands",
        enrol_command},
    {"rotate", "[--config FILE]", "renew the certificate now", enrol_rotate_command},
    {"version", "", "", version_command},
    {"help", "", "", help_command},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static int help_command(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	printf("daybreak-sync %s: carries sealed batches to the cloud functions that the clinic allows\n\n",
	    DAYBREAK_VERSION);
	for (int i = 0; i < COMMANDS; i++)
		printf("  %-8s %-28s %s\n", commands[i].name, commands[i].arguments, commands[i].does);
	printf("\nThe file names folder, socket and cloud; default /etc/daybreak/daybreak-sync.conf.\n");
	return 0;
}

int main(int argc, char **argv)
{
	for (int i = 0; argc > 1 && i < COMMANDS; i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	help_command(argc, argv);
	return EXIT_USAGE;
}
