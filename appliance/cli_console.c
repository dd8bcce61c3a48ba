/* daybreak status | burst | ledger | costs | sites: what the administrator's console shows, for a terminal and for
 * scripts. The burst is read from the store, the rest is asked of the sync agent, whose words --json prints as is. */
#include "cli.h"

#include "base/limits.h"
#include "base/text.h"
#include "store/bursts.h"
#include "wire/slot.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { ASK_MS = 10000, LEDGER_PAGE = 1000, LEDGER_SHOWN = 50, BATCHES_SHOWN = 20 };

static const char help[] =
    "usage: daybreak status | sites | costs [--json] [--socket PATH]\n"
    "       daybreak ledger [--from TIME] [--to TIME] [--class NAME] [--endpoint NAME] [--all] [--json]\n"
    "       daybreak burst --store DIR [--json]\n"
    "\n"
    "  status   whether the agent answers, its certificate, its endpoints, the budget\n"
    "  burst    when the board is ready, the lanes, the slides, the latest batches that left\n"
    "  ledger   what left the house: the latest 50 rows, or --all of them, oldest first\n"
    "  costs    today, this month, by the forecast, and the sum worked out\n"
    "  sites    the certificate and every endpoint with what it last proved\n"
    "\n"
    "TIME is UTC, 2026-11-21T06:30:00Z. --socket: where daybreak-sync listens, default /run/daybreak/sync.sock.\n"
    "Exit status: 0 all is well, 1 failed, 2 wrong usage, 3 something needs a look (status, sites).\n";

struct request {
	const char *store, *socket;
	const char *from, *to, *class, *endpoint;
	bool all, json;
};

static int print_json(const json_t *value)
{
	json_dumpf(value, stdout, JSON_INDENT(1));
	printf("\n");
	return EXIT_OK;
}

static bool ask(const struct request *request, const char *what, json_t **ret_answer, struct err *err)
{
	OWN(json_decref) json_t *question = json_pack("{s:s}", "what", what);
	return slot_ask(request->socket, question, ASK_MS, ret_answer, err) || err_add(err, "asking the sync agent");
}

static double dollars(const json_t *object, const char *name)
{
	return (double)json_int(object, name, 0) / 1e9;
}

static double number(const json_t *object, const char *name)
{
	return json_number_value(json_object_get(object, name));
}

/* Status and sites */

static bool state_needs_a_look(const char *state)
{
	return strcmp(state, "valid") != 0 && strcmp(state, "ready") != 0;
}

/* A state with its reason, since when, and what to do; true when it needs a look. */
static bool print_state(const char *name, const json_t *object)
{
	const char *state = json_text(object, "state", "unknown"), *reason = json_text(object, "reason", "");
	const char *next = json_text(object, "next", "");
	printf("%-24.64s %-12s since %s\n", name, state, json_text(object, "since", "-"));
	if (*reason)
		printf("  %s\n", reason);
	if (*next)
		printf("  next: %s\n", next);
	return state_needs_a_look(state);
}

static void print_budget(const json_t *status)
{
	const json_t *budget = json_object_get(status, "budget");
	printf("%-24s $%.6f of $%.2f today, $%.6f of $%.2f this month\n", "budget",
	    dollars(budget, "spent_today_nano"), number(budget, "day"), dollars(budget, "spent_month_nano"),
	    number(budget, "month"));
}

static bool print_endpoints(const json_t *status, bool facts)
{
	bool look = false;
	size_t i;
	const json_t *endpoint;
	json_array_foreach(json_object_get(status, "endpoints"), i, endpoint) {
		const json_t *reader = json_object_get(endpoint, "reader");
		look |= print_state(json_text(endpoint, "name", ""), endpoint);
		printf("  region %s, %s; confirmed %s\n", json_text(endpoint, "region", ""),
		    json_bool(endpoint, "allowed", false) ? "allowed" : "not allowed", json_text(endpoint, "confirmed", "never"));
		if (!facts)
			continue;
		printf("  %s\n  reader %s %.12s; its certificate until %s\n", json_text(endpoint, "url", ""),
		    json_text(reader, "label", "-"), json_text(reader, "digest", ""),
		    json_text(endpoint, "server_not_after", "-"));
		printf("  %" PRId64 " of %" PRId64 " slots busy, %.0f cuts a minute, answers after %.0f ms\n",
		    json_int(endpoint, "in_flight", 0), json_int(endpoint, "slots", 0), number(endpoint, "rate_per_min"),
		    number(endpoint, "latency_ms"));
	}
	return look;
}

static void print_certificate(const json_t *certificate)
{
	static const char *const facts[] = {"subject", "serial", "not_before", "not_after", "fingerprint"};
	for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
		printf("  %-12s %s\n", facts[i], json_text(certificate, facts[i], "-"));
}

static int show_status(const struct request *request, bool facts)
{
	struct err err;
	OWN(json_decref) json_t *status = NULL;
	if (!ask(request, "status", &status, &err))
		return fail(&err);
	if (request->json)
		return print_json(status);
	const json_t *certificate = json_object_get(status, "certificate");
	printf("%-24s answers      since %s\n", "sync agent", json_text(status, "since", "-"));
	printf("  site %s, version %s\n", json_text(status, "site", ""), json_text(status, "version", ""));
	bool look = print_state("certificate", certificate);
	if (facts)
		print_certificate(certificate);
	look |= print_endpoints(status, facts);
	if (!facts)
		print_budget(status);
	return look ? EXIT_REFUSED : EXIT_OK;
}

static int run_status(const struct request *request)
{
	return show_status(request, false);
}

static int run_sites(const struct request *request)
{
	return show_status(request, true);
}

/* Costs */

static void print_sum(const json_t *endpoint)
{
	int64_t requests = json_int(endpoint, "charged", json_int(endpoint, "invocations", 0));
	double seconds = (double)json_int(endpoint, "billed_ms", 0) / 1000;
	double memory = number(endpoint, "memory_mb") / 1024;
	double time_cost = seconds * memory * number(endpoint, "price_gb_s");
	double request_cost = (double)requests * number(endpoint, "price_request");
	printf("%s\n", json_text(endpoint, "name", ""));
	printf("  %.3f s x %.4f GB x $%.10f = $%.9f\n", seconds, memory, number(endpoint, "price_gb_s"), time_cost);
	printf("  %" PRId64 " requests x $%.7f = $%.9f\n", requests, number(endpoint, "price_request"), request_cost);
	printf("  together $%.9f; by the ledger $%.9f\n", time_cost + request_cost, dollars(endpoint, "month_nano"));
}

static int run_costs(const struct request *request)
{
	struct err err;
	OWN(json_decref) json_t *costs = NULL;
	size_t i;
	const json_t *endpoint;
	if (!ask(request, "costs", &costs, &err))
		return fail(&err);
	if (request->json)
		return print_json(costs);
	const json_t *budget = json_object_get(costs, "budget");
	double month = dollars(costs, "month_nano"), forecast = dollars(costs, "forecast_nano");
	double most = forecast > month ? forecast : month, always = number(costs, "always_on_month");
	printf("today       $%.6f of $%.2f\n", dollars(costs, "today_nano"), number(budget, "day"));
	printf("this month  $%.6f of $%.2f, %" PRId64 " invocations\n", month, number(budget, "month"),
	    json_int(costs, "invocations_month", 0));
	printf("forecast    $%.6f\n", forecast);
	printf("always on   $%.2f a month", always);
	if (most > 0)
		printf(", %.0f times as much", always / most);
	printf("\n");
	printf("\n%s\n", json_text(costs, "formula", ""));
	json_array_foreach(json_object_get(costs, "endpoints"), i, endpoint) print_sum(endpoint);
	return EXIT_OK;
}

/* The ledger */

static json_t *ledger_question(const struct request *request)
{
	const struct {
		const char *name, *value;
	} filters[] = {
	    {"from", request->from}, {"to", request->to}, {"class", request->class}, {"endpoint", request->endpoint}};
	json_t *question = json_pack("{s:s, s:b, s:i}", "what", "egress", "newest", !request->all, "limit",
	    request->all ? LEDGER_PAGE : LEDGER_SHOWN);
	for (size_t i = 0; i < sizeof filters / sizeof *filters; i++)
		if (filters[i].value)
			json_object_set_new(question, filters[i].name, json_string(filters[i].value));
	return question;
}

static void print_row(const json_t *row)
{
	printf("%7" PRId64 "  %s  %-16s %-14s %-13s %-8s %9" PRId64 " %9" PRId64 "  %.16s  %s\n", json_int(row, "seq", 0),
	    json_text(row, "time", ""), json_text(row, "endpoint", ""), json_text(row, "region", ""),
	    json_text(row, "class", ""), json_text(row, "why", ""), json_int(row, "bytes", 0), json_int(row, "sent", 0),
	    json_text(row, "digest", ""), json_text(row, "outcome", ""));
}

/* Pages are followed with --all; without it one page, the newest. */
static bool collect_rows(const struct request *request, json_t *rows, json_t **ret_total, struct err *err)
{
	OWN(json_decref) json_t *question = ledger_question(request);
	for (bool more = true; more;) {
		OWN(json_decref) json_t *answer = NULL;
		if (!slot_ask(request->socket, question, ASK_MS, &answer, err))
			return err_add(err, "asking the sync agent");
		json_array_extend(rows, json_object_get(answer, "rows"));
		json_t *next = json_object_get(answer, "next");
		more = request->all && json_is_integer(next);
		if (more)
			json_object_set(question, "after", next);
		json_decref(*ret_total);
		*ret_total = json_incref(json_object_get(answer, "total"));
	}
	return true;
}

static int run_ledger(const struct request *request)
{
	struct err err;
	OWN(json_decref) json_t *rows = json_array();
	OWN(json_decref) json_t *total = NULL;
	size_t i;
	const json_t *row;
	if (!collect_rows(request, rows, &total, &err))
		return fail(&err);
	if (request->json) {
		OWN(json_decref) json_t *answer = json_pack("{s:O, s:O}", "rows", rows, "total", total);
		return print_json(answer);
	}
	json_array_foreach(rows, i, row) print_row(row);
	printf("%zu of %" PRId64 " rows; %" PRId64 " bytes of content, %" PRId64 " bytes on the line\n", json_array_size(rows),
	    json_int(total, "rows", 0), json_int(total, "bytes", 0), json_int(total, "sent", 0));
	return EXIT_OK;
}

/* The burst */

static bool add_batch(const struct burst_batch *batch, void *context)
{
	json_array_append_new(context, burst_batch_json(batch));
	return true;
}

static bool load_burst(const char *folder, json_t **ret_plan, json_t *batches, struct err *err)
{
	OWN(store_close) struct store *store = NULL;
	OWN(buf_done) struct buf text = BUF_INIT(BURST_PLAN_MAX);
	bool found;
	return store_open(folder, &store, err) && bursts_plan_get(store, &text, &found, err) &&
	    (!found || json_parse((const char *)text.data, text.size, ret_plan, err)) &&
	    bursts_batches_each(store, BATCHES_SHOWN, add_batch, batches, err);
}

static void print_lanes(const json_t *plan)
{
	size_t i;
	const json_t *lane;
	json_array_foreach(json_object_get(plan, "lanes"), i, lane) {
		const char *reason = json_text(lane, "reason", ""), *next = json_text(lane, "next", "");
		printf("lane %-20s %-6s %-8s %" PRId64 " of %" PRId64 " slots busy, %.0f cuts a minute\n", json_text(lane, "name", ""),
		    json_text(lane, "kind", ""), json_bool(lane, "healthy", false) ? "ready" : "not used",
		    json_int(lane, "busy", 0), json_int(lane, "slots", 0), number(lane, "rate_per_min"));
		if (*reason)
			printf("  %s\n", reason);
		if (*next)
			printf("  next: %s\n", next);
	}
}

static void print_plan(const json_t *plan)
{
	size_t i;
	const json_t *dish;
	printf("%s since %s: %s\n", json_text(plan, "state", "unknown"), json_text(plan, "since", "-"),
	    json_text(plan, "reason", ""));
	printf("board ready %s; at home alone %s; decision %s\n", json_text(plan, "board_ready", "now"),
	    json_text(plan, "board_ready_local_only", "-"), json_text(plan, "deadline", "-"));
	print_lanes(plan);
	json_array_foreach(json_object_get(plan, "dishes"), i, dish)
		printf("slide %-6" PRId64 " %-7s %6" PRId64 " to cut %6" PRId64 " to read %6" PRId64 " away  ready %s  %s\n",
		    json_int(dish, "dish", 0), json_bool(dish, "late", false) ? "LATE" : "in time", json_int(dish, "to_cut", 0),
		    json_int(dish, "to_read", 0), json_int(dish, "in_flight", 0), json_text(dish, "ready", "-"),
		    json_text(dish, "why", ""));
}

static int run_burst(const struct request *request)
{
	struct err err;
	OWN(json_decref) json_t *plan = NULL;
	OWN(json_decref) json_t *batches = json_array();
	size_t i;
	const json_t *batch;
	if (!request->store)
		return refuse_usage("burst needs --store DIR");
	if (!load_burst(request->store, &plan, batches, &err))
		return fail(&err);
	if (request->json) {
		OWN(json_decref) json_t *answer = json_pack("{s:O?, s:O}", "plan", plan, "batches", batches);
		return print_json(answer);
	}
	if (plan)
		print_plan(plan);
	else
		printf("nothing was planned yet\n");
	json_array_foreach(batches, i, batch)
		printf("batch %.8s  %s  %-16s %-6s %3" PRId64 " cuts of %2" PRId64 " embryos  %-8s %s\n",
		    json_text(batch, "batch", ""), json_text(batch, "made", ""), json_text(batch, "lane", ""),
		    json_text(batch, "why", ""), json_int(batch, "cuts", 0), json_int(batch, "embryos", 0),
		    json_text(batch, "state", ""), json_text(batch, "sentence", ""));
	return EXIT_OK;
}

static const struct {
	const char *name;
	int (*run)(const struct request *request);
} commands[] = {{"status", run_status}, {"burst", run_burst}, {"ledger", run_ledger}, {"costs", run_costs},
    {"sites", run_sites}};

int cli_console(int argc, char **argv)
{
	static const struct option known[] = {{"store", required_argument, NULL, 's'}, {"socket", required_argument, NULL, 'S'},
	    {"from", required_argument, NULL, 'f'}, {"to", required_argument, NULL, 't'}, {"class", required_argument, NULL, 'c'},
	    {"endpoint", required_argument, NULL, 'e'}, {"all", no_argument, NULL, 'a'}, {"json", no_argument, NULL, 'j'},
	    {"help", no_argument, NULL, 'h'}, {0}};
	struct request request = {.socket = "/run/daybreak/sync.sock"};
	for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
		switch (option) {
		case 's': request.store = optarg; break;
		case 'S': request.socket = optarg; break;
		case 'f': request.from = optarg; break;
		case 't': request.to = optarg; break;
		case 'c': request.class = optarg; break;
		case 'e': request.endpoint = optarg; break;
		case 'a': request.all = true; break;
		case 'j': request.json = true; break;
		case 'h': fputs(help, stdout); return EXIT_OK;
		default: return refuse_usage("an option is wrong");
		}
	}
	if (optind != argc)
		return refuse_usage("this command takes options only");
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		if (strcmp(commands[i].name, argv[0]) == 0)
			return commands[i].run(&request);
	return refuse_usage("there is no such command");
}
