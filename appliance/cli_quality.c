/* daybreak quality: the indicators of the Vienna consensus, agreement and reference curves. */
#include "cli.h"

#include "base/clock.h"
#include "base/text.h"
#include "quality/quality.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

static const char help[] =
    "usage: daybreak quality --store DIR [--from 2026-01] [--to 2026-12] [--agreement | --reference ICSI|IVF] [--json]\n"
    "\n"
    "The Vienna consensus' indicators of the dishes taken in within these months (the last twelve, if none are given): value,\n"
    "numerator / denominator, who was left out, competence and benchmark. --agreement compares people with each other and\n"
    "with the box; --reference prints percentiles of the clinic's own blastocysts. Months are those of this machine's time zone.\n";

struct request {
	const char *store, *from, *to;
	bool agreement, json;
	enum insemination reference;
};

static void print_permille(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);
	if (json_is_integer(value))
		printf(" %5.1f %%", (double)json_integer_value(value) / 10);
	else
		printf(" %7s", "-");
}

static void print_indicator(const json_t *row)
{
	const char *unavailable = json_text(row, "unavailable", NULL);
	printf("%-30s", json_text(row, "name", ""));
	if (unavailable) {
		printf(" unavailable: %s\n", unavailable);
		return;
	}
	print_permille(row, "value_permille");
	printf(" %6" PRId64 " / %-6" PRId64, json_int(row, "numerator", 0), json_int(row, "denominator", 0));
	print_permille(row, "competence_permille");
	print_permille(row, "benchmark_permille");
	printf("%s%s\n", json_bool(row, "comparable", true) ? "" : "  not the consensus' denominator",
	    json_bool(row, "few", false) ? "  few" : "");
	size_t i;
	const json_t *why;
	json_array_foreach(json_object_get(row, "left_out_why"), i, why)
		printf("%30s   %" PRId64 " left out: %s\n", "", json_int(why, "embryos", 0), json_text(why, "sentence", ""));
}

static void print_quality(const json_t *quality)
{
	size_t i;
	const json_t *row;
	printf("%s to %s: %" PRId64 " embryos; %" PRId64 " of %" PRId64 " times in use are the box's own\n\n",
	    json_text(quality, "from", ""), json_text(quality, "to", ""), json_int(quality, "embryos", 0),
	    json_int(quality, "times_automatic", 0), json_int(quality, "times", 0));
	printf("%-30s %7s %15s %7s %8s\n", "", "value", "embryos", "competence", "benchmark");
	json_array_foreach(json_object_get(quality, "indicators"), i, row)
		print_indicator(row);
}

static void print_raters(const json_t *row, const char *what)
{
	printf("%-16s %-16s %-16s", json_text(row, what, ""), json_text(row, "a", "everybody"), json_text(row, "b", "the box"));
}

static void print_kappa(const json_t *row, const char *name)
{
	const json_t *value = json_object_get(row, name);
	if (json_is_integer(value))
		printf(" %6.2f", (double)json_integer_value(value) / 1000);
	else
		printf(" %6s", "-");
}

static void print_hours(const json_t *row, const char *name)
{
	const json_t *value = json_object_get(row, name);
	if (json_is_integer(value))
		printf(" %+6.2f", (double)json_integer_value(value) / 3600);
	else
		printf(" %6s", "-");
}

static void print_agreement(const json_t *agreement)
{
	size_t i;
	const json_t *row;
	printf("%-16s %-16s %-16s %6s %6s %6s %6s %6s\n", "scale", "", "", "n", "same", "kappa", "low", "high");
	json_array_foreach(json_object_get(agreement, "scales"), i, row) {
		print_raters(row, "scale");
		printf(" %6" PRId64 " %6" PRId64, json_int(row, "ratings", 0), json_int(row, "same", 0));
		print_kappa(row, "kappa_permille");
		print_kappa(row, "low_permille");
		print_kappa(row, "high_permille");
		printf("\n");
	}
	printf("\n%-16s %-16s %-16s %6s %6s %6s %6s %6s  (hours)\n", "event", "", "", "n", "median", "SD", "low", "high");
	json_array_foreach(json_object_get(agreement, "events"), i, row) {
		print_raters(row, "event");
		printf(" %6" PRId64, json_int(row, "embryos", 0));
		print_hours(row, "median_s");
		print_hours(row, "sd_s");
		print_hours(row, "low_s");
		print_hours(row, "high_s");
		printf("\n");
	}
}

static void print_reference(const json_t *reference)
{
	size_t i;
	const json_t *row;
	printf("%s: %" PRId64 " embryos became blastocysts; %" PRId64 " are needed\n", json_text(reference, "method", ""),
	    json_int(reference, "embryos", 0), json_int(reference, "needed", 0));
	if (json_array_size(json_object_get(reference, "events")))
		printf("\n%-8s %6s %9s %6s %6s %6s %6s %6s %8s  (hours)\n", "event", "n", "automatic", "p10", "p25", "p50", "p75", "p90", "Istanbul");
	json_array_foreach(json_object_get(reference, "events"), i, row) {
		printf("%-8s %6" PRId64 " %9" PRId64, json_text(row, "event", ""), json_int(row, "n", 0), json_int(row, "automatic", 0));
		print_hours(row, "p10_s");
		print_hours(row, "p25_s");
		print_hours(row, "p50_s");
		print_hours(row, "p75_s");
		print_hours(row, "p90_s");
		print_hours(row, "istanbul_s");
		printf("\n");
	}
}

static int answer(const struct request *request)
{
	struct err err;
	struct period period;
	OWN(store_close) struct store *store = NULL;
	OWN(json_decref) json_t *json = NULL;
	if (!period_parse(request->from, request->to, clock_now_us(), &period, &err) || !store_open(request->store, &store, &err))
		return fail(&err);
	bool good = request->reference ? quality_reference_json(store, request->reference, &json, &err)
	    : request->agreement       ? quality_agreement_json(store, &period, 0, &json, &err)
				       : quality_json(store, &period, 0, TONGUE_EN, &json, &err);
	if (!good)
		return fail(&err);
	if (request->json) {
		json_dumpf(json, stdout, JSON_INDENT(1));
		printf("\n");
	} else if (request->reference) {
		print_reference(json);
	} else if (request->agreement) {
		print_agreement(json);
	} else {
		print_quality(json);
	}
	return EXIT_OK;
}

int cli_quality(int argc, char **argv)
{
	static const struct option known[] = {{"store", required_argument, NULL, 's'}, {"from", required_argument, NULL, 'f'},
	    {"to", required_argument, NULL, 't'}, {"agreement", no_argument, NULL, 'a'},
	    {"reference", required_argument, NULL, 'r'}, {"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {0}};
	struct request request = {0};
	for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
		switch (option) {
		case 's':
			request.store = optarg;
			break;
		case 'f':
			request.from = optarg;
			break;
		case 't':
			request.to = optarg;
			break;
		case 'a':
			request.agreement = true;
			break;
		case 'j':
			request.json = true;
			break;
		case 'r':
			if (insemination_from_name(optarg, &request.reference) && request.reference != INSEMINATION_UNKNOWN)
				break;
			return refuse_usage("--reference is ICSI or IVF");
		case 'h':
			printf("%s", help);
			return EXIT_OK;
		default:
			return EXIT_USAGE;
		}
	}
	if (!request.store || optind != argc)
		return refuse_usage("quality needs --store DIR");
	return answer(&request);
}
