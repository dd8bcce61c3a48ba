#include "quality/quality.h"

#include "evaluation/priors.h"
#include "quality/chart.h"
#include "quality/gather.h"
#include "quality/reference.h"

#include <string.h>

/* One indicator being counted. */
struct count {
	struct chart_point months[PERIOD_MONTHS_MAX];
	int64_t left_out[LEFT_OUT_COUNT];
};

struct counts {
	const struct period *period;
	int64_t embryos, times, automatic; /* times in use, and those no person has set */
	struct count of[INDICATORS_COUNT];
};

static bool count_subject(const struct gathered *gathered, void *context)
{
	struct counts *counts = context;
	const struct subject *subject = &gathered->subject;
	int month = subject->month - counts->period->from;
	counts->embryos += subject->seen;
	for (int j = STAGE_PB2; j <= STAGE_HB; j++) {
		counts->times += subject->events[j].used_s != TIME_UNKNOWN;
		counts->automatic += subject->events[j].source == MILESTONE_AUTOMATIC && subject->events[j].used_s != TIME_UNKNOWN;
	}
	for (int i = 0; i < INDICATORS_COUNT; i++) {
		enum left_out why;
		enum verdict verdict = indicator_judge(indicators_at(i), subject, &why);
		counts->of[i].months[month].numerator += verdict == VERDICT_COUNTED;
		counts->of[i].months[month].denominator += verdict == VERDICT_COUNTED || verdict == VERDICT_NOT_COUNTED;
		if (verdict == VERDICT_LEFT_OUT)
			counts->of[i].left_out[why]++;
	}
	return true;
}

static json_t *permille_json(int permille)
{
	return permille < 0 ? json_null() : json_integer(permille);
}

static json_t *months_json(const struct count *count, const struct period *period)
{
	json_t *list = json_array();
	for (int month = period->from; month <= period->to; month++) {
		const struct chart_point *point = &count->months[month - period->from];
		char text[PERIOD_TEXT_SIZE];
		period_format(text, month);
		json_array_append_new(list,
		    json_pack("{s:s, s:I, s:I, s:o, s:o, s:o, s:b, s:b}", "month", text, "numerator", (json_int_t)point->numerator,
			"denominator", (json_int_t)point->denominator, "value_permille",
			permille_json(chart_permille(point->numerator, point->denominator)), "low_permille",
			permille_json(point->denominator ? point->low_permille : -1), "high_permille",
			permille_json(point->denominator ? point->high_permille : -1), "out", point->out, "few",
			point->denominator < CHART_FEW));
	}
	return list;
}

static json_t *left_out_json(const struct count *count, enum tongue tongue, int64_t *ret_total)
{
	json_t *list = json_array();
	*ret_total = 0;
	for (int why = 0; why < LEFT_OUT_COUNT; why++) {
		*ret_total += count->left_out[why];
		if (count->left_out[why])
			json_array_append_new(list,
			    json_pack("{s:s, s:I, s:s}", "why", left_out_name((enum left_out)why), "embryos",
				(json_int_t)count->left_out[why], "sentence", left_out_sentence((enum left_out)why, tongue)));
	}
	return list;
}

static json_t *indicator_json(const struct indicator *indicator, struct count *count, const struct period *period,
    enum tongue tongue)
{
	static const char *const kinds[] = {"KPI", "PI", "RI"};
	int middle;
	int64_t left_out, numerator = 0, denominator = 0;
	int months = period->to - period->from + 1;
	chart_limits(count->months, months, &middle);
	for (int i = 0; i < months; i++) {
		numerator += count->months[i].numerator;
		denominator += count->months[i].denominator;
	}
	json_t *why = left_out_json(count, tongue, &left_out);
	return json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:s, s:b, s:b, s:s?, s:o}", "id", indicator->id,
	    "name", indicator->name[tongue], "what", indicator->what[tongue], "kind", kinds[indicator->kind], "numerator", (json_int_t)numerator,
	    "denominator", (json_int_t)denominator, "left_out", (json_int_t)left_out, "left_out_why", why, "value_permille",
	    permille_json(middle), "competence_permille", permille_json(indicator->competence_permille), "benchmark_permille",
	    permille_json(indicator->benchmark_permille), "better", indicator->lower ? "lower" : "higher", "comparable",
	    indicator->comparable, "few", denominator < CHART_FEW, "unavailable", indicator->unavailable[tongue], "months",
	    indicator->unavailable[tongue] ? json_array() : months_json(count, period));
}

static json_t *period_json(const struct period *period)
{
	char from[PERIOD_TEXT_SIZE], to[PERIOD_TEXT_SIZE];
	period_format(from, period->from);
	period_format(to, period->to);
	return json_pack("{s:s, s:s}", "from", from, "to", to);
}

bool quality_json(struct store *store, const struct period *period, int64_t asker_id, enum tongue tongue,
    json_t **ret_quality, struct err *err)
{
	OWN(free) struct counts *counts = calloc(1, sizeof *counts);
	if (!counts)
		return err_set(err, ERR_NO_MEMORY, "counting embryos");
	counts->period = period;
	if (!gather_each(store, period, asker_id, count_subject, counts, err))
		return false;
	json_t *list = json_array(), *quality = period_json(period);
	for (int i = 0; i < INDICATORS_COUNT; i++)
		json_array_append_new(list, indicator_json(indicators_at(i), &counts->of[i], period, tongue));
	json_object_set_new(quality, "embryos", json_integer(counts->embryos));
	json_object_set_new(quality, "times", json_integer(counts->times));
	json_object_set_new(quality, "times_automatic", json_integer(counts->automatic));
	json_object_set_new(quality, "indicators", list);
	*ret_quality = quality;
	return quality || err_set(err, ERR_NO_MEMORY, "counting embryos");
}

struct listing {
	const struct indicator *indicator;
	bool (*each)(const struct subject *subject, enum verdict verdict, enum left_out why, void *context);
	void *context;
};

static bool list_subject(const struct gathered *gathered, void *context)
{
	const struct listing *listing = context;
	enum left_out why = LEFT_OUT_COUNT;
	enum verdict verdict = indicator_judge(listing->indicator, &gathered->subject, &why);
	return verdict == VERDICT_OUTSIDE || listing->each(&gathered->subject, verdict, why, listing->context);
}

bool quality_each(struct store *store, const struct indicator *indicator, const struct period *period, int64_t asker_id,
    bool (*each)(const struct subject *subject, enum verdict verdict, enum left_out why, void *context), void *context,
    struct err *err)
{
	struct listing listing = {indicator, each, context};
	return gather_each(store, period, asker_id, list_subject, &listing, err);
}

struct agreeing {
	struct store *store;
	struct agreement *agreement;
	struct err *err;
	bool failed;
};

static bool agree_on(const struct gathered *gathered, void *context)
{
	struct agreeing *agreeing = context;
	agreeing->failed = !gather_agreement(agreeing->store, gathered, agreeing->agreement, agreeing->err);
	return !agreeing->failed;
}

static json_t *kappa_permille(const struct kappa *kappa, double value)
{
	return kappa->computable ? json_integer((json_int_t)(1000 * value + (value < 0 ? -0.5 : 0.5))) : json_null();
}

static json_t *seconds_json(bool there, int64_t seconds)
{
	return there ? json_integer(seconds) : json_null();
}

struct tables {
	json_t *scales, *events;
};

static bool add_row(const struct agreement_row *row, void *context)
{
	struct tables *tables = context;
	const struct kappa *kappa = &row->kappa;
	const struct differences *differences = &row->differences;
	if (row->timed)
		return json_array_append_new(tables->events,
			   json_pack("{s:s, s:s?, s:s?, s:I, s:I, s:I, s:o, s:o, s:o}", "event", stage_name(row->event), "a", row->a,
			       "b", row->b, "embryos", (json_int_t)differences->count, "median_s",
			       (json_int_t)differences->median_s, "mean_s", (json_int_t)differences->mean_s, "sd_s",
			       seconds_json(differences->spread, differences->sd_s), "low_s",
			       seconds_json(differences->spread, differences->low_s), "high_s",
			       seconds_json(differences->spread, differences->high_s))) == 0;
	return json_array_append_new(tables->scales,
		   json_pack("{s:s, s:s?, s:s?, s:i, s:i, s:o, s:o, s:o, s:o, s:o}", "scale", scale_name(row->scale), "a", row->a,
		       "b", row->b, "ratings", kappa->ratings, "same", kappa->same, "kappa_permille",
		       kappa_permille(kappa, kappa->value), "error_permille", kappa_permille(kappa, kappa->error), "low_permille",
		       kappa_permille(kappa, kappa->low), "high_permille", kappa_permille(kappa, kappa->high),
		       "published_permille", permille_json(scale_published_permille(row->scale)))) == 0;
}

bool quality_agreement_json(struct store *store, const struct period *period, int64_t asker_id, json_t **ret_agreement,
    struct err *err)
{
	OWN(agreement_free) struct agreement *agreement = agreement_new();
	OWN(json_decref) json_t *scales = json_array(), *events = json_array();
	if (!agreement || !scales || !events)
		return err_set(err, ERR_NO_MEMORY, "comparing words");
	struct agreeing agreeing = {store, agreement, err, false};
	struct tables tables = {scales, events};
	if (!gather_each(store, period, asker_id, agree_on, &agreeing, err) || agreeing.failed ||
	    !agreement_each(agreement, add_row, &tables, err))
		return false;
	json_t *result = period_json(period);
	json_object_set(result, "scales", scales);
	json_object_set(result, "events", events);
	*ret_agreement = result;
	return result || err_set(err, ERR_NO_MEMORY, "comparing words");
}

/* Times of one event as they come. */
struct times {
	int64_t *list;
	size_t count, room, automatic;
};

struct referring {
	enum insemination method;
	size_t embryos;
	bool failed;
	struct times of[STAGE_COUNT];
};

static bool add_time(struct times *times, int64_t time_s, bool automatic)
{
	if (times->count == times->room) {
		size_t room = times->room ? 2 * times->room : 256;
		int64_t *list = realloc(times->list, room * sizeof *list);
		if (!list)
			return false;
		times->list = list;
		times->room = room;
	}
	times->list[times->count++] = time_s;
	times->automatic += automatic;
	return true;
}

static bool refer_to(const struct gathered *gathered, void *context)
{
	struct referring *referring = context;
	const struct subject *subject = &gathered->subject;
	if (subject->method != referring->method || !reference_takes(subject))
		return true;
	referring->embryos++;
	for (int j = STAGE_PB2; j <= STAGE_HB && !referring->failed; j++)
		if (subject->events[j].used_s != TIME_UNKNOWN)
			referring->failed = !add_time(&referring->of[j], subject->events[j].used_s,
			    subject->events[j].source == MILESTONE_AUTOMATIC);
	return !referring->failed;
}

static json_t *reference_json(enum stage event, struct times *times, enum insemination method)
{
	struct reference reference;
	int64_t istanbul_s = prior_median_s(event, method);
	reference_of(times->list, times->count, times->automatic, &reference);
	if (!reference.enough)
		return NULL;
	return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "event", stage_name(event), "n",
	    (json_int_t)reference.embryos, "automatic", (json_int_t)reference.automatic, "p10_s", (json_int_t)reference.p10_s,
	    "p25_s", (json_int_t)reference.p25_s, "p50_s", (json_int_t)reference.p50_s, "p75_s", (json_int_t)reference.p75_s,
	    "p90_s", (json_int_t)reference.p90_s, "istanbul_s", seconds_json(istanbul_s != TIME_UNKNOWN, istanbul_s));
}

bool quality_reference_json(struct store *store, enum insemination method, json_t **ret_reference, struct err *err)
{
	struct referring referring = {.method = method};
	json_t *events = json_array();
	bool good = gather_each(store, NULL, 0, refer_to, &referring, err);
	if (good && referring.failed)
		good = err_set(err, ERR_NO_MEMORY, "making reference curves");
	for (int j = STAGE_PB2; j <= STAGE_HB; j++) {
		json_t *event = good ? reference_json((enum stage)j, &referring.of[j], method) : NULL;
		if (event)
			json_array_append_new(events, event);
		free(referring.of[j].list);
	}
	json_t *result = json_pack("{s:s, s:I, s:i, s:b, s:o}", "method", insemination_name(method), "embryos",
	    (json_int_t)referring.embryos, "needed", REFERENCE_EMBRYOS_MIN, "enough", referring.embryos >= REFERENCE_EMBRYOS_MIN,
	    "events", events);
	if (!good) {
		json_decref(result);
		return false;
	}
	*ret_reference = result;
	return result || err_set(err, ERR_NO_MEMORY, "making reference curves");
}
