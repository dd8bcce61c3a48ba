/* The report as text: one table of figures a data set, one of events. Made from the JSON, so that both
 * say the same. */
#include "accuracy/report.h"

#include <math.h>
#include <string.h>

static double real_of(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);
	return json_is_number(value) ? json_number_value(value) : NAN;
}

/* "72.0 % (68.1-76.0)", or a dash. */
static void write_figure(const json_t *figure, bool percent, char text[32])
{
	double scale = percent ? 100 : 1, value = real_of(figure, "value") * scale;
	double low = real_of(figure, "low") * scale, high = real_of(figure, "high") * scale;
	if (isnan(value))
		snprintf(text, 32, "-");
	else if (isnan(low))
		snprintf(text, 32, percent ? "%.1f %%" : "%.2f", value);
	else
		snprintf(text, 32, percent ? "%.1f %% (%.1f-%.1f)" : "%.2f (%.2f-%.2f)", value, low, high);
}

static const struct {
	enum metric metric;
	const char *title;
	bool percent;
} rows[] = {
    {METRIC_FRAME_ACCURACY, "stage right", true},
    {METRIC_WITHIN_ONE, "... or a neighbour", true},
    {METRIC_MACRO_F1, "macro-F1 of stages", false},
    {METRIC_CONSISTENT, "not against any label", true},
    {METRIC_GROUP_ACCURACY, "group right", true},
    {METRIC_OCCUPIED_ACCURACY, "occupied or empty right", true},
    {METRIC_EVENT_F1, "event F1, within 1 h", false},
    {METRIC_EVENT_F1_EXPERT, "event F1, as experts differ", false},
};

static void print_metrics(const json_t *dataset, FILE *to)
{
	if (json_int(json_object_get(dataset, metric_name(METRIC_CONSISTENT)), "frames", 0) == 0)
		return;
	fprintf(to, "  %-28s %7s %4s  %-20s %-20s %-20s %-20s\n", "", "n", "emb.", "reader", "picture alone",
	    "clock alone", "commonest stage");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const json_t *metric = json_object_get(dataset, metric_name(rows[i].metric));
		bool events = json_object_get(metric, "events") != NULL;
		json_int_t base = json_integer_value(json_object_get(metric, events ? "events" : "frames"));
		if (base == 0)
			continue;
		fprintf(to, "  %-28s %7lld %4lld ", rows[i].title, (long long)base,
		    (long long)json_int(metric, "embryos", 0));
		for (int m = 0; m < METHOD_COUNT; m++) {
			char text[32];
			write_figure(
			    json_object_get(metric, method_name((enum method)m)), rows[i].percent, text);
			fprintf(to, " %-20s", text);
		}
		fprintf(to, "\n");
	}
}

/* By how much the pictures help, whatever the two figures share. */
static void print_gain(const json_t *dataset, FILE *to)
{
	static const enum metric metrics[] = {METRIC_FRAME_ACCURACY, METRIC_EVENT_F1};
	static const char *const titles[] = {"stage right", "event F1 within 1 h"};
	for (int i = 0; i < 2; i++) {
		const json_t *gain = json_object_get(json_object_get(dataset, metric_name(metrics[i])), "gain");
		double value = 100 * real_of(gain, "value"), low = 100 * real_of(gain, "low");
		if (isnan(value))
			continue;
		fprintf(to, "  reader less clock alone, %s: %+.1f points", titles[i], value);
		if (!isnan(low))
			fprintf(to, " (%+.1f to %+.1f)", low, 100 * real_of(gain, "high"));
		fprintf(to, "\n");
	}
}

static void write_minutes(double minutes, double frames, char text[24])
{
	if (!isnan(minutes))
		snprintf(
		    text, 24, minutes < 120 ? "%.0f min" : "%.1f h", minutes < 120 ? minutes : minutes / 60);
	else if (!isnan(frames))
		snprintf(text, 24, "%.0f frames", frames);
	else
		snprintf(text, 24, "-");
}

static void write_share(double share, char text[16])
{
	if (isnan(share))
		snprintf(text, 16, "-");
	else
		snprintf(text, 16, "%.0f", 100 * share);
}

static void print_event(const json_t *event, FILE *to)
{
	const json_t *reader = json_object_get(event, "reader"), *clock = json_object_get(event, "time_only");
	char ours[24], theirs[24], within[3][16];
	static const char *const names[] = {"within_30", "within_60", "within_120"};
	write_minutes(
	    real_of(reader, "median_abs_error_min"), real_of(reader, "median_abs_error_frames"), ours);
	write_minutes(real_of(clock, "median_abs_error_min"), NAN, theirs);
	for (int k = 0; k < 3; k++)
		write_share(real_of(reader, names[k]), within[k]);
	fprintf(to, "  %-6s %4lld  %-10s %5s %5s %5s %8lld %6lld   %-10s\n", json_text(event, "event", ""),
	    (long long)json_int(event, "n", 0), ours, within[0], within[1], within[2],
	    (long long)json_int(reader, "missing", 0), (long long)json_int(reader, "false", 0), theirs);
}

static void print_events(const json_t *dataset, FILE *to)
{
	const json_t *events = json_object_get(dataset, "events"), *event;
	size_t i;
	if (json_array_size(events) == 0)
		return;
	fprintf(to, "\n  %-6s %4s  %-10s %5s %5s %5s %8s %6s   %-10s\n", "event", "n", "error", "30min", "1h",
	    "2h", "missing", "false", "clock's");
	/* Where the truth saw none, only an event that was said nevertheless is worth a line. */
	json_array_foreach(events, i, event)
		if (json_int(event, "n", 0) > 0 || json_int(json_object_get(event, "reader"), "false", 0) > 0)
			print_event(event, to);
	fprintf(to,
	    "  error: median of the found ones; 30min 1h 2h: %% of the n that lie within; clock's: the clock "
	    "alone\n");
}

static void print_calibration(const json_t *dataset, FILE *to)
{
	const json_t *calibration = json_object_get(dataset, "calibration"), *bin;
	size_t i;
	if (json_int(calibration, "frames", 0) == 0)
		return;
	fprintf(to, "\n  confidence of the picture's stage: off by %.3f in the mean (%lld frames)",
	    real_of(calibration, "ece"), (long long)json_int(calibration, "frames", 0));
	if (!isnan(real_of(calibration, "low")))
		fprintf(to, ", 95 %% %.3f-%.3f", real_of(calibration, "low"), real_of(calibration, "high"));
	fprintf(to, "\n  said > right (n):");
	json_array_foreach(json_object_get(calibration, "bins"), i, bin)
		fprintf(to, "  %.0f>%.0f (%lld)", 100 * real_of(bin, "said"), 100 * real_of(bin, "right"),
		    (long long)json_int(bin, "n", 0));
	fprintf(to, "\n");
}

static void print_dataset(const json_t *dataset, FILE *to)
{
	size_t i;
	const json_t *note;
	fprintf(to, "\n%s: %s, %s; %lld embryos, %lld frames", json_text(dataset, "name", ""),
	    strcmp(json_text(dataset, "kind", ""), "rendered") == 0 ? "RENDERED" : "real embryos",
	    json_text(dataset, "maker", ""), (long long)json_int(dataset, "embryos", 0),
	    (long long)json_int(dataset, "frames", 0));
	long long unread = json_int(dataset, "frames", 0) - json_int(dataset, "frames_read", 0);
	if (unread)
		fprintf(to, ", %lld of them unreadable", unread);
	fprintf(to, "\n");
	json_array_foreach(json_object_get(dataset, "notes"), i, note)
		fprintf(to, "  ! %s\n", json_string_value(note));
	print_metrics(dataset, to);
	print_gain(dataset, to);
	print_events(dataset, to);
	print_calibration(dataset, to);
}

void report_print(const json_t *report, FILE *to)
{
	size_t i;
	const json_t *dataset, *model = json_object_get(report, "model");
	const json_t *bootstrap = json_object_get(report, "bootstrap");
	if (json_text(model, "name", "")[0])
		fprintf(to, "model %s-%s, network %.16s\n", json_text(model, "name", ""),
		    json_text(model, "version", ""), json_text(model, "digest", ""));
	else
		fprintf(to, "no model: readings from tables\n");
	fprintf(to,
	    "95 %% intervals by drawing embryos, %lld draws, seed %lld; data sets are never added up\n",
	    (long long)json_int(bootstrap, "resamples", 0), (long long)json_int(bootstrap, "seed", 0));
	json_array_foreach(json_object_get(report, "datasets"), i, dataset)
		print_dataset(dataset, to);
}
