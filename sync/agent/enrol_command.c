/* daybreak-sync enrol and rotate: the two jobs that an administrator starts by hand. */
#include "agent/enrol.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum { EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_WAITING = 3, ASK_EVERY_MS = 2000 };

struct options {
	const char *config;
	int64_t wait_s;
	bool again;
};

static int fail(const struct err *err)
{
	fprintf(stderr, "daybreak-sync: %s (%s)\n", err->detail, err_name(err->code));
	return EXIT_FAILED;
}

static bool take_options(int argc, char **argv, struct options *options)
{
	static const struct option known[] = {{"config", required_argument, NULL, 'c'},
	    {"wait", required_argument, NULL, 'w'}, {"again", no_argument, NULL, 'a'}, {0}};
	*options = (struct options){.config = "/etc/daybreak/daybreak-sync.conf"};
	optind = 0;
	for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
		if (option == 'c')
			options->config = optarg;
		else if (option == 'a')
			options->again = true;
		else if (option != 'w' || !text_to_i64(optarg, &options->wait_s) || options->wait_s < 0)
			return false;
	}
	return optind == argc;
}

/* What both commands work with. */
struct tools {
	struct settings settings;
	struct cloud *cloud;
	struct ledger *ledger;
	struct link *link;
};

static void tools_close(struct tools *tools)
{
	link_close(tools->link);
	ledger_close(tools->ledger);
	cloud_free(tools->cloud);
}
static inline void tools_close_owned(struct tools *tools)
{
	tools_close(tools);
}

static bool tools_open(const char *config, struct tools *tools, struct err *err)
{
	char path[LIMIT_PATH];
	if (!settings_load(config, &tools->settings, err) ||
	    !cloud_load(tools->settings.cloud, &tools->cloud, err) ||
	    !folder_make(tools->settings.folder, err))
		return false;
	if (!path_join(path, sizeof path, tools->settings.folder, "ledger.db"))
		return err_set(err, ERR_BAD_INPUT, "path too long: %s", tools->settings.folder);
	return ledger_open(path, &tools->ledger, err) && link_open(tools->ledger, &tools->link, err);
}

static void print_certificate(const struct tools *tools)
{
	struct certificate_facts facts;
	char until[CLOCK_TEXT_SIZE];
	if (!identity_facts(tools->settings.folder, &facts, NULL))
		return;
	clock_format(until, facts.not_after_us);
	printf("%s has a certificate until %s, serial %s\n", facts.common_name, until, facts.serial);
}

int enrol_command(int argc, char **argv)
{
	OWN(tools_close) struct tools tools = {0};
	struct options options;
	struct err err;
	char fingerprint[2 * CRYPTO_DIGEST_SIZE + 1];
	bool shown = false;
	if (!take_options(argc, argv, &options)) {
		fprintf(stderr, "usage: daybreak-sync enrol [--config FILE] [--again] [--wait SECONDS]\n");
		return EXIT_USAGE;
	}
	if (!tools_open(options.config, &tools, &err))
		return fail(&err);
	int64_t until_us = clock_monotonic_us() + options.wait_s * 1000000;
	for (;;) {
		enum enrol_result result = enrol_ask(
		    tools.link, tools.cloud, tools.settings.folder, options.again, fingerprint, &err);
		if (result == ENROL_DONE) {
			print_certificate(&tools);
			return 0;
		}
		if (result != ENROL_WAITING)
			return fail(&err);
		if (!shown)
			printf("%s asks for a certificate with the key\n  %s\n"
			       "At the authority, compare it and approve:\n"
			       "  daybreak-authority approve --folder FOLDER %s --site %s\n",
			    tools.cloud->site, fingerprint, fingerprint, tools.cloud->site);
		fflush(stdout);
		shown = true;
		if (clock_monotonic_us() >= until_us)
			break;
		clock_sleep_ms(ASK_EVERY_MS);
	}
	printf("Not approved yet. daybreak-sync run goes on asking; so does this command, given again.\n");
	return EXIT_WAITING;
}

int enrol_rotate_command(int argc, char **argv)
{
	OWN(tools_close) struct tools tools = {0};
	struct options options;
	struct err err;
	if (!take_options(argc, argv, &options) || options.again || options.wait_s) {
		fprintf(stderr, "usage: daybreak-sync rotate [--config FILE]\n");
		return EXIT_USAGE;
	}
	if (!tools_open(options.config, &tools, &err) ||
	    enrol_renew(tools.link, tools.cloud, tools.settings.folder, &err) != ENROL_DONE)
		return fail(&err);
	print_certificate(&tools);
	return 0;
}
