/* daybreak report: one cycle as a PDF, for the lab or for the patient, and as JSON or CSV for other programs. */
#include "cli.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "report/report.h"

#include <getopt.h>
#include <stdio.h>

static const char help[] =
    "usage: daybreak report --store DIR --cycle N [--format pdf|json|csv] [--patient-facing]\n"
    "                       [--language en|fr] --out FILE\n"
    "\n"
    "Pictures, events, flags, rule profiles with their sources, grades, notes, decisions and their signatures of\n"
    "every embryo of a cycle. JSON and CSV (a line for each embryo) hold the same for other programs.\n"
    "--patient-facing leaves out scores, flags, grades and ranks; it is a PDF. Times are those of this machine's\n"
    "time zone, in JSON and CSV UTC.\n";

struct request {
	const char *store, *out;
	struct report_request report;
};

static int write_report(const struct request *request)
{
	struct err err;
	OWN(store_close) struct store *store = NULL;
	OWN(buf_done) struct buf file = BUF_INIT(REPORT_MAX);
	if (!store_open(request->store, &store, &err) || !report_make(store, &request->report, &file, &err) ||
	    !file_write(request->out, file.data, file.size, 0600, &err))
		return fail(&err);
	return EXIT_OK;
}

int cli_report(int argc, char **argv)
{
	static const struct option known[] = {{"store", required_argument, NULL, 's'},
	    {"cycle", required_argument, NULL, 'c'}, {"format", required_argument, NULL, 'f'},
	    {"patient-facing", no_argument, NULL, 'p'},
	    {"language", required_argument, NULL, 'l'}, {"out", required_argument, NULL, 'o'},
	    {"help", no_argument, NULL, 'h'}, {0}};
	struct request request = {.report = {.made_us = clock_now_us()}};
	for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
		switch (option) {
		case 's':
			request.store = optarg;
			break;
		case 'o':
			request.out = optarg;
			break;
		case 'p':
			request.report.variant = VARIANT_PATIENT;
			break;
		case 'c':
			if (text_to_i64(optarg, &request.report.cycle_id) && request.report.cycle_id > 0)
				break;
			return refuse_usage("--cycle takes the number of a cycle");
		case 'f':
			if (report_format_from_name(optarg, &request.report.format))
				break;
			return refuse_usage("--format is pdf, json or csv");
		case 'l':
			if (language_from_name(optarg, &request.report.language))
				break;
			return refuse_usage("--language is en or fr");
		case 'h':
			printf("%s", help);
			return EXIT_OK;
		default:
			return EXIT_USAGE;
		}
	}
	if (!request.store || !request.out || !request.report.cycle_id || optind != argc)
		return refuse_usage("report needs --store DIR, --cycle N and --out FILE");
	return write_report(&request);
}
