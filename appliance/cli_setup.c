/* daybreak setup: from installed packages to a clinic's box; the work is in setup/. */
#include "cli.h"

#include "base/text.h"
#include "setup/ask.h"
#include "setup/setup.h"
#include "setup/tls.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char help[] =
    "usage: daybreak setup                     asks, on a terminal\n"
    "       daybreak setup --answers FILE      takes the answers of a file, name = value, and asks nothing\n"
    "       daybreak setup --clinic NAME ...   takes them from options and asks nothing\n"
    "       daybreak setup --certificate FILE [--key FILE]   installs what the hospital's authority issued\n"
    "\n"
    "answers, each also an option (--decision-hour); what is not given stays as it was, or is the default;\n"
    "files named in FILE are relative to its folder:\n"
    "  clinic             the clinic's name (Clinic)\n"
    "  site               the box's pseudonym in the cloud (made)\n"
    "  admin              name of the first administrator (admin)\n"
    "  password_file      file with their password; without it one is made and printed once\n"
    "  decision_hour      when the lab decides, in the clinic's time (07:30)\n"
    "  time_zone          Europe/Paris (the machine's)\n"
    "  regions            cloud regions that may be used, by comma; none: nothing leaves (none)\n"
    "  budget_day         US dollars a day for the cloud (0)\n"
    "  budget_month       US dollars a month (0)\n"
    "  authority_url      where the box's certificate towards the cloud comes from: https://host:port\n"
    "  authority_ca       file with the certificate of the authority that this server's is of\n"
    "  updates_url        where an appliance's updates come from; updates_ca as above\n"
    "  updates_ca\n"
    "  names              host names and addresses of the box, by comma (the machine's)\n"
    "  tls                self-made, or request: a request for the hospital's authority (self-made)\n"
    "  share              NAME local FOLDER | NAME nfs HOST:/PATH | NAME none |\n"
    "                     NAME smb //HOST/SHARE [credentials=FILE]; may stand several times\n"
    "  working_hours      when no update is installed (mon-sun 05:00-20:00)\n"
    "  automatic_updates  yes or no (yes)\n"
    "\n"
    "  --check            say what would be done, and do nothing\n"
    "  --no-start         write everything, start no service\n"
    "  --root DIR         work below DIR instead of /; no user, no service (for tests)\n"
    "  --first-boot       an appliance's, at each boot: set up what is not, by defaults or answers\n"
    "  --renew            make a self-made certificate anew if it ends within 30 days (by a timer)\n"
    "  --first-sign-in    print the first administrator's name and password while they still sign in\n"
    "\n"
    "It can be run again at any time: data, people, keys and the hospital's certificate stay.\n"
    "Exit status: 0 done, 1 failed, 2 wrong usage.\n";

struct request {
	struct box box;
	const char *answers_file, *certificate, *key;
	bool first_boot, first_sign_in, renew, no_start, asks_nothing;
	struct buf options; /* answers that were options, as lines */
};

enum {
	OPTION_ANSWER = 1,
	OPTION_FILE,
	OPTION_CHECK,
	OPTION_NO_START,
	OPTION_ROOT,
	OPTION_FIRST_BOOT,
	OPTION_FIRST_SIGN_IN,
	OPTION_RENEW,
	OPTION_CERTIFICATE,
	OPTION_KEY,
	OPTION_HELP,
	FIXED_COUNT = 11,
	NAMES_SIZE = 32
};

/* The fixed options, then one for each answer: its name with hyphens. */
struct known {
	struct option list[FIXED_COUNT + ANSWERS_COUNT];
	char names[ANSWERS_COUNT][NAMES_SIZE];
	struct conf_option answers[ANSWERS_COUNT];
};

static void make_known(struct answers *answers, struct known *known)
{
	const struct option fixed[] = {{"answers", required_argument, NULL, OPTION_FILE},
	    {"check", no_argument, NULL, OPTION_CHECK}, {"no-start", no_argument, NULL, OPTION_NO_START},
	    {"root", required_argument, NULL, OPTION_ROOT},
	    {"first-boot", no_argument, NULL, OPTION_FIRST_BOOT},
	    {"first-sign-in", no_argument, NULL, OPTION_FIRST_SIGN_IN},
	    {"renew", no_argument, NULL, OPTION_RENEW},
	    {"certificate", required_argument, NULL, OPTION_CERTIFICATE},
	    {"key", required_argument, NULL, OPTION_KEY}, {"help", no_argument, NULL, OPTION_HELP}};
	const size_t before = sizeof fixed / sizeof *fixed;
	_Static_assert(sizeof fixed / sizeof *fixed < FIXED_COUNT, "no room for the end of the list");
	memset(known, 0, sizeof *known);
	memcpy(known->list, fixed, sizeof fixed);
	size_t count = answers_options(answers, known->answers);
	for (size_t i = 0; i < count; i++) {
		text_copy(known->names[i], NAMES_SIZE, known->answers[i].name);
		for (char *at = known->names[i]; *at; at++)
			*at = *at == '_' ? '-' : *at;
		known->list[before + i] =
		    (struct option){known->names[i], required_argument, NULL, OPTION_ANSWER};
	}
}

static void take_answer(struct request *request, const char *name, const char *value)
{
	for (; *name; name++)
		buf_add_u8(&request->options, (uint8_t)(*name == '-' ? '_' : *name));
	buf_print(&request->options, " = %.*s\n", (int)strcspn(value, "\n"), value);
	request->asks_nothing = true;
}

static bool end(int *ret_status, int status)
{
	*ret_status = status;
	return false;
}

/* False: it ends here, with this exit status. */
static bool parse(int argc, char **argv, struct request *request, int *ret_status)
{
	OWN(free) struct answers *answers = calloc(1, sizeof *answers);
	OWN(free) struct known *known = calloc(1, sizeof *known);
	if (!answers || !known)
		return end(ret_status, EXIT_FAILED);
	make_known(answers, known);
	for (int option, index; (option = getopt_long(argc, argv, "", known->list, &index)) != -1;) {
		switch (option) {
		case OPTION_ANSWER: take_answer(request, known->list[index].name, optarg); break;
		case OPTION_FILE: request->answers_file = optarg; break;
		case OPTION_CHECK: request->box.dry = true; break;
		case OPTION_NO_START: request->no_start = true; break;
		case OPTION_ROOT: request->box.root = optarg; break;
		case OPTION_FIRST_BOOT: request->first_boot = true; break;
		case OPTION_FIRST_SIGN_IN: request->first_sign_in = true; break;
		case OPTION_RENEW: request->renew = true; break;
		case OPTION_CERTIFICATE: request->certificate = optarg; break;
		case OPTION_KEY: request->key = optarg; break;
		case OPTION_HELP: fputs(help, stdout); return end(ret_status, EXIT_OK);
		default: return end(ret_status, refuse_usage("setup: an option is wrong"));
		}
	}
	if (optind != argc)
		return end(ret_status, refuse_usage("setup takes options alone"));
	if (request->key && !request->certificate)
		return end(ret_status, refuse_usage("--key goes with --certificate"));
	request->asks_nothing |= request->answers_file || request->certificate || request->first_boot ||
	    request->renew || request->box.dry;
	return true;
}

static bool collect(struct request *request, struct answers *answers, struct err *err)
{
	if (!setup_answers(&request->box, answers, err))
		return false;
	if (request->answers_file && !answers_load(answers, request->answers_file, err))
		return false;
	if (!buf_ok(&request->options, err) ||
	    (request->options.size && !answers_take(answers, buf_text(&request->options), err)))
		return false;
	return request->asks_nothing || ask_all(answers, stdin, stdout, err);
}

static bool show_first_sign_in(struct box *box, struct err *err)
{
	OWN(buf_done) struct buf text = BUF_INIT(1 << 10);
	/* A screen shows what is printed. */
	box->told = stderr;
	if (!setup_first_sign_in(box, &text, err))
		return false;
	fputs(text.size ? buf_text(&text) : "", stdout);
	return true;
}

static bool work(struct request *request, struct answers *answers, struct err *err)
{
	struct box *box = &request->box;
	if (request->first_sign_in)
		return show_first_sign_in(box, err);
	if (!collect(request, answers, err))
		return false;
	/* Who brings a key needs no request from ours. */
	if (request->key)
		text_copy(answers->tls, sizeof answers->tls, "self-made");
	if (request->renew)
		return setup_renew(box, answers, err);
	if (request->first_boot)
		return setup_first_boot(box, answers, request->answers_file || request->options.size, err);
	if ((request->certificate && !tls_install(box, answers, request->certificate, request->key, err)) ||
	    !setup_apply(box, answers, false, err))
		return false;
	if (box->dry) {
		printf(box->changes ? "nothing was changed\n" : "there is nothing to do\n");
		return true;
	}
	return (request->no_start || *box->root || setup_start(box, err)) && setup_show(box, answers, err);
}

int cli_setup(int argc, char **argv)
{
	struct err err;
	int status;
	OWN(free) struct answers *answers = calloc(1, sizeof *answers);
	struct request request = {.box = {.root = "", .told = stdout}, .options = BUF_INIT(1 << 16)};
	/* Modes are given to every file; those of the folders above them are for all to look into. */
	umask(022);
	if (!answers)
		return EXIT_FAILED;
	if (!parse(argc, argv, &request, &status)) {
		buf_done(&request.options);
		return status;
	}
	bool ok = *request.box.root || geteuid() == 0 ||
	    err_set(&err, ERR_FORBIDDEN, "setup changes the system, so it is root's: sudo daybreak setup");
	if (ok && !request.asks_nothing && !request.first_sign_in && !isatty(STDIN_FILENO))
		ok = err_set(&err, ERR_BAD_INPUT,
		    "there is no terminal to ask on: give --answers FILE, or answers as options");
	ok = ok && work(&request, answers, &err);
	buf_done(&request.options);
	return ok ? EXIT_OK : fail(&err);
}
