#include "evaluation/profile.h"

#include "model/time.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* No culture lasts 1000 h. A time beyond is no time, and nothing below can overflow. */
static const int64_t TIME_MOST_S = 3600000;

/* An unknown test leaves a row undecided unless another test has already ruled the row out. */
enum truth { FALSE_SURE, TRUE_SURE, NOT_KNOWN };

struct run {
	const struct profile *profile;
	const struct profile_input *input;
	struct profile_result *result;
	enum truth truth[PROFILE_TESTS_MAX];
	bool done[PROFILE_TESTS_MAX];
};

static bool terms_sum(const struct profile_terms *terms, const struct profile_input *input, int64_t *ret_sum)
{
	int64_t sum = 0;
	for (size_t i = 0; i < terms->count; i++) {
		int64_t time_s = input->time_s[terms->of[i].event];
		if (time_s < -TIME_MOST_S || time_s > TIME_MOST_S)
			return false;
		sum += terms->of[i].sign * time_s;
	}
	*ret_sum = sum;
	return true;
}

/* value / under compared with a bound: value against bound when under is 1. */
static int compare_bound(int64_t value, int64_t under, bool is_ratio, int64_t bound)
{
	int64_t left = is_ratio ? value * PROFILE_RATIO_ONE : value, right = bound * under;
	return (left > right) - (left < right);
}

static void fill_margin(const struct profile_test *test, int64_t value, int64_t under, bool is_ratio,
    struct profile_step *step)
{
	int64_t scaled = is_ratio ? value * PROFILE_RATIO_ONE / under : value;
	int64_t above_low = scaled - test->low, below_high = test->high - scaled;
	step->has_margin = true;
	step->margin = !test->has_low ? below_high
	    : !test->has_high         ? above_low
	    : above_low < below_high  ? above_low
				      : below_high;
}

static enum truth test_bounds(const struct run *run, const struct profile_test *test, struct profile_step *step)
{
	const struct profile_quantity *quantity = &run->profile->quantities[test->quantity];
	bool is_ratio = quantity->over.count > 0;
	int64_t value, under = 1;
	if (!terms_sum(&quantity->time, run->input, &value) ||
	    (is_ratio && !terms_sum(&quantity->over, run->input, &under)))
		return NOT_KNOWN;
	if (under <= 0)
		return NOT_KNOWN;
	fill_margin(test, value, under, is_ratio, step);
	if (test->has_low) {
		int side = compare_bound(value, under, is_ratio, test->low);
		if (side < 0 || (side == 0 && test->low_open))
			return FALSE_SURE;
	}
	if (test->has_high) {
		int side = compare_bound(value, under, is_ratio, test->high);
		if (side > 0 || (side == 0 && test->high_open))
			return FALSE_SURE;
	}
	return TRUE_SURE;
}

static void add_text(char *to, size_t size, const char *separator, const char *text)
{
	size_t length = strlen(to);
	snprintf(to + length, size - length, "%s%s", length ? separator : "", text);
}

static enum truth run_test(struct run *run, size_t index)
{
	const struct profile_test *test = &run->profile->tests[index];
	struct profile_result *result = run->result;
	if (run->done[index])
		return run->truth[index];
	struct profile_step *step = &result->steps[result->steps_count++];
	*step = (struct profile_step){.test = test};
	enum truth truth = NOT_KNOWN;
	if (test->kind == TEST_BOUNDS)
		truth = test_bounds(run, test, step);
	else if (test->kind == TEST_METHOD)
		truth = run->input->method == INSEMINATION_UNKNOWN ? NOT_KNOWN
		    : run->input->method == test->method           ? TRUE_SURE
								   : FALSE_SURE;
	else if (run->input->noted[test->noted] >= 0)
		truth = run->input->noted[test->noted] ? TRUE_SURE : FALSE_SURE;
	step->known = truth != NOT_KNOWN;
	step->fired = truth == TRUE_SURE;
	if (test->kind == TEST_NOTED && truth == NOT_KNOWN) {
		add_text(result->unchecked, sizeof result->unchecked, "; ", noted_meaning(test->noted));
		truth = FALSE_SURE;
	}
	run->truth[index] = truth;
	run->done[index] = true;
	return truth;
}

static enum truth run_rule(struct run *run, const struct profile_rule *rule)
{
	enum truth all = TRUE_SURE;
	for (size_t i = 0; i < rule->count; i++) {
		enum truth truth = run_test(run, rule->when[i].test);
		if (truth == NOT_KNOWN)
			all = NOT_KNOWN;
		else if ((truth == TRUE_SURE) == rule->when[i].negated)
			return FALSE_SURE;
	}
	return all;
}

static void note_terms(const struct profile_terms *terms, const struct profile_input *input, bool missing[STAGE_COUNT])
{
	for (size_t i = 0; i < terms->count; i++)
		missing[terms->of[i].event] |= input->time_s[terms->of[i].event] == TIME_UNKNOWN;
}

/* "needs t5, t8": every event the profile uses that is not there, and the method if a test asks for it. */
static void explain_missing(const struct run *run, struct profile_result *result)
{
	const struct profile *profile = run->profile;
	bool missing[STAGE_COUNT] = {false}, any = false;
	for (size_t i = 0; i < profile->quantities_count; i++) {
		note_terms(&profile->quantities[i].time, run->input, missing);
		note_terms(&profile->quantities[i].over, run->input, missing);
	}
	result->state = PROFILE_NOT_COMPUTABLE;
	snprintf(result->reason, sizeof result->reason, "needs ");
	for (int i = 0; i < STAGE_COUNT; i++) {
		if (!missing[i])
			continue;
		size_t length = strlen(result->reason);
		snprintf(result->reason + length, sizeof result->reason - length, "%s%s", any ? ", " : "",
		    stage_name((enum stage)i));
		any = true;
	}
	for (size_t i = 0; i < profile->tests_count; i++) {
		if (profile->tests[i].kind != TEST_METHOD || run->input->method != INSEMINATION_UNKNOWN)
			continue;
		add_text(result->reason, sizeof result->reason, any ? ", " : "", "the insemination method");
		any = true;
		break;
	}
	if (!any)
		snprintf(result->reason, sizeof result->reason, "needs events in rising order: a divisor is not positive");
}

/* A number: hours with two decimals, or a ratio with four, rounded half away from zero, in integers. */
static void run_value(struct run *run, struct profile_result *result)
{
	const struct profile_quantity *quantity = &run->profile->quantities[run->profile->value];
	int64_t value, under = 3600, scale = 100;
	bool is_ratio = quantity->over.count > 0;
	if (!terms_sum(&quantity->time, run->input, &value) ||
	    (is_ratio && !terms_sum(&quantity->over, run->input, &under)) || under <= 0) {
		explain_missing(run, result);
		return;
	}
	if (is_ratio)
		scale = PROFILE_RATIO_ONE;
	int64_t size = llabs(value) * scale, rounded = (2 * size + under) / (2 * under);
	snprintf(result->value, sizeof result->value, "%s%" PRId64 ".%0*" PRId64 "%s",
	    value < 0 && rounded ? "-" : "", rounded / scale, is_ratio ? 4 : 2, rounded % scale, is_ratio ? "" : " h");
}

void profile_run(const struct profile *profile, const struct profile_input *input, struct profile_result *ret_result)
{
	struct profile_result *result = ret_result;
	*result = (struct profile_result){.state = PROFILE_VALUE, .class_index = -1};
	struct run run = {.profile = profile, .input = input, .result = result};
	for (size_t i = 0; i < profile->rules_count; i++) {
		const struct profile_rule *rule = &profile->rules[i];
		enum truth truth = run_rule(&run, rule);
		if (truth == FALSE_SURE)
			continue;
		if (truth == NOT_KNOWN) {
			explain_missing(&run, result);
		} else if (rule->class_index < 0) {
			result->state = PROFILE_EXCLUDED;
			snprintf(result->reason, sizeof result->reason, "%s", rule->reason);
		} else {
			result->class_index = rule->class_index;
			snprintf(result->value, sizeof result->value, "%s", profile->classes[rule->class_index]);
		}
		return;
	}
	run_value(&run, result);
}

static json_t *step_json(const struct profile *profile, const struct profile_step *step)
{
	json_t *json = json_pack("{s:s, s:b, s:b}", "text", step->test->text, "known", step->known, "fired", step->fired);
	bool is_ratio = step->test->kind == TEST_BOUNDS && profile->quantities[step->test->quantity].over.count > 0;
	json_object_set_new(json, "margin_s",
	    step->has_margin && !is_ratio ? json_integer(step->margin) : json_null());
	if (step->has_margin && is_ratio)
		json_object_set_new(json, "margin_per_10000", json_integer(step->margin));
	return json;
}

json_t *profile_result_json(const struct profile *profile, const struct profile_result *result)
{
	static const char *const states[] = {"value", "not computable", "excluded"};
	char caution[2 * PROFILE_TEXT_MAX + 64];
	snprintf(caution, sizeof caution, "%s", profile->caution);
	if (result->unchecked[0]) {
		add_text(caution, sizeof caution, " ", "Not checked, because nobody noted it: ");
		add_text(caution, sizeof caution, "", result->unchecked);
		add_text(caution, sizeof caution, "", ".");
	}
	OWN(json_decref) json_t *steps = json_array();
	for (size_t i = 0; i < result->steps_count; i++)
		json_array_append_new(steps, step_json(profile, &result->steps[i]));
	bool has_value = result->state == PROFILE_VALUE;
	json_t *json = json_pack("{s:s, s:s, s:s, s:b, s:s, s:s, s:s}", "id", profile->id, "title", profile->title,
	    "citation", profile->citation, "verified", profile->verified, "version", profile->version, "digest",
	    profile->digest, "state", states[result->state]);
	json_object_set_new(json, "value", has_value ? json_string(result->value) : json_null());
	json_object_set_new(json, "reason", result->reason[0] ? json_string(result->reason) : json_null());
	json_object_set_new(json, "class_index", has_value && result->class_index >= 0
	    ? json_integer(result->class_index) : json_null());
	json_object_set_new(json, "class_count", json_integer((json_int_t)profile->classes_count));
	json_object_set(json, "steps", steps);
	json_object_set_new(json, "caution", json_string(caution));
	return json;
}
