/* daybreak plan: the plan of the last second, as the daemon wrote it down; --explain adds why each choice was made. */
#include "cli.h"

#include "base/json.h"
#include "store/bursts.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "usage: daybreak plan --store DIR [--explain] [--json]\n"
    "\n"
    "When the board will be ready, and where what is left is read. --explain adds what the forecast rests on, each lane\n"
    "and each dish with the reason of its choice; --json prints the plan as the daemon keeps it. Times are UTC.\n";

struct request {
	const char *store;
	bool explain, json;
};

static const char *when(const json_t *object, const char *name)
{
	return json_text(object, name, "-");
}

static void print_summary(const json_t *plan)
{
	printf("%-10s since %s: %s\n", json_text(plan, "state", "unknown"), when(plan, "since"),
	    json_text(plan, "reason", ""));
	printf("%-10s %s; at home alone %s; decision %s\n", "ready", when(plan, "board_ready"),
	    when(plan, "board_ready_local_only"), when(plan, "deadline"));
	printf("%-10s $%.6f for what is to go to the cloud; the plan is of %s\n", "money",
	    (double)json_int(plan, "money_forecast_nano", 0) / 1e9, when(plan, "made"));
}

static void print_basis(const json_t *plan)
{
	const json_t *pace = json_object_get(plan, "pace"), *budget = json_object_get(plan, "budget");
	printf("\n%-10s a time point takes %.1f ms to cut and %.1f ms to read, in one of %" PRId64 " slots\n", "home",
	    json_number_value(json_object_get(pace, "cut_ms")), json_number_value(json_object_get(pace, "read_ms")),
	    json_int(pace, "slots", 0));
	if (json_is_object(budget))
		printf("%-10s $%.6f left of $%.2f a day and $%.2f a month\n", "budget",
		    (double)json_int(budget, "left_nano", 0) / 1e9, json_number_value(json_object_get(budget, "day")),
		    json_number_value(json_object_get(budget, "month")));
}

static void print_lane(const json_t *lane)
{
	bool cloud = strcmp(json_text(lane, "kind", ""), "cloud") == 0, healthy = json_bool(lane, "healthy", false);
	if (!cloud)
		return;
	printf("%-10.64s %" PRId64 " of %" PRId64 " slots busy, %.0f cuts a minute, %.0f ms there and back, $%.6f for 1,000 cuts%s\n",
	    json_text(lane, "name", ""), json_int(lane, "busy", 0), json_int(lane, "slots", 0),
	    json_number_value(json_object_get(lane, "rate_per_min")), json_number_value(json_object_get(lane, "latency_ms")),
	    (double)json_int(lane, "price_per_1000_nano", 0) / 1e9, healthy ? "" : "; not used");
	if (!healthy)
		printf("%-10s   %s; since %s. %s\n", "", json_text(lane, "reason", ""), when(lane, "since"),
		    json_text(lane, "next", ""));
}

static void print_dish(const json_t *dish)
{
	printf("\ndish %-5" PRId64 " ready %s, at home alone %s, decision %s%s\n", json_int(dish, "dish", 0), when(dish, "ready"),
	    when(dish, "ready_local_only"), when(dish, "deadline"), json_bool(dish, "late", false) ? ": late" : "");
	printf("%-10s %" PRId64 " to cut, %" PRId64 " cut and waiting, %" PRId64 " in flight; %" PRId64 " go to the cloud\n", "",
	    json_int(dish, "to_cut", 0), json_int(dish, "to_read", 0), json_int(dish, "in_flight", 0),
	    json_int(dish, "spill", 0));
	printf("%-10s %s\n", "", json_text(dish, "why", ""));
}

static void explain(const json_t *plan)
{
	size_t i;
	const json_t *row;
	print_basis(plan);
	json_array_foreach(json_object_get(plan, "lanes"), i, row)
		print_lane(row);
	json_array_foreach(json_object_get(plan, "dishes"), i, row)
		print_dish(row);
}

static int show_plan(const struct request *request)
{
	struct err err;
	bool found;
	OWN(store_close) struct store *store = NULL;
	OWN(buf_done) struct buf text = BUF_INIT(BURST_PLAN_MAX + 1);
	OWN(json_decref) json_t *plan = NULL;
	if (!store_open(request->store, &store, &err) || !bursts_plan_get(store, &text, &found, &err))
		return fail(&err);
	if (!found) {
		err_set(&err, ERR_NOT_FOUND, "there is no plan: no daemon has run on this store yet");
		return fail(&err);
	}
	if (!json_parse((const char *)text.data, text.size, &plan, &err))
		return fail(&err);
	if (request->json) {
		json_dumpf(plan, stdout, JSON_INDENT(1));
		printf("\n");
		return EXIT_OK;
	}
	print_summary(plan);
	if (request->explain)
		explain(plan);
	return EXIT_OK;
}

int cli_plan(int argc, char **argv)
{
	static const struct option known[] = {{"store", required_argument, NULL, 's'}, {"explain", no_argument, NULL, 'e'},
	    {"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {0}};
	struct request request = {0};
	for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
		switch (option) {
		case 's': request.store = optarg; break;
		case 'e': request.explain = true; break;
		case 'j': request.json = true; break;
		case 'h': printf("%s", help); return EXIT_OK;
		default: return EXIT_USAGE;
		}
	}
	if (!request.store || optind != argc)
		return refuse_usage("plan needs --store DIR and nothing else");
	return show_plan(&request);
}
