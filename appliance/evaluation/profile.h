/* A rule profile: one published algorithm as a JSON data file that a clinic can read, edit and add to.
 *
 * The language is a table. Nothing in it is code: quantities are sums of event times, tests compare them with
 * constants, rules are rows of tests that lead to a class. profiles/README.md explains it with examples; in short
 *
 *   "quantities": {"cc2": {"time": ["t3", "-t2"]},
 *                  "ratio": {"time": ["t5", "-t3"], "over": ["t5", "-t2"]}}
 *   "tests":      {"cc2-short": {"of": "cc2", "to": "11.9 h", "text": "t3 - t2 at most 11.9 h"},
 *                  "pn-odd":    {"noted": "pn-not-2", "text": "..."},
 *                  "icsi":      {"method": "ICSI", "text": "..."}}
 *   "exclusions": [{"when": ["pn-odd"], "reason": "..."}]
 *   "rules":      [{"class": "A+", "when": ["cc2-short", "not slow"]}, ..., {"class": "D-", "when": []}]
 *   "classes":    ["A+", ... , "D-"]                       best to worst
 *
 * or, for a profile that gives a number instead of a class, "value": "ratio".
 *
 * Bounds: "from" (>=), "to" (<=), "above" (>), "below" (<). Times are decimal hours that are whole seconds
 * ("0.76 h"), ratios are decimals of at most four places ("0.5781"); both become integers on loading, and
 * ratios are compared by cross multiplication, so that a value on a boundary falls on the printed side of it.
 *
 * The first row that holds decides. A row that lacks an event and is not already false stops the walk: the answer
 * is then "not computable", never the next row's class. An observation that nobody noted counts as not seen, and
 * the result says that it was not checked. */
#pragma once

#include "base/json.h"
#include "model/clinic.h"
#include "model/stage.h"

#include <stdint.h>

enum {
	PROFILE_BYTES_MAX = 64 << 10, /* the longest shipped file is under 5 kB */
	PROFILE_NAME_MAX = 48,
	PROFILE_TEXT_MAX = 600,
	PROFILE_TERMS_MAX = 6,
	PROFILE_QUANTITIES_MAX = 16,
	PROFILE_TESTS_MAX = 32,
	PROFILE_RULES_MAX = 48,
	PROFILE_CLASSES_MAX = 16,
	PROFILE_RATIO_ONE = 10000,
};

/* What a person may have noted besides event times. */
#define NOTED_TABLE(X)                                                                             \
	X(NOTED_NOT_VIABLE, "not-viable", "arrested, degenerate or not viable")                    \
	X(NOTED_PN_NOT_2, "pn-not-2", "a number of pronuclei other than two")                      \
	X(NOTED_UNEVEN_2, "uneven-2-cell", "uneven cells at the 2-cell stage")                     \
	X(NOTED_MULTINUCLEATED_4, "multinucleated-4-cell", "multinucleation at the 4-cell stage")

enum noted {
#define X(noted, name, meaning) noted,
	NOTED_TABLE(X)
#undef X
	NOTED_COUNT
};

struct profile_terms {
	size_t count;
	struct {
		enum stage event;
		int sign;
	} of[PROFILE_TERMS_MAX];
};

struct profile_quantity {
	char name[PROFILE_NAME_MAX];
	struct profile_terms time, over; /* over.count 0: seconds; else a ratio in 1/10000 */
};

enum profile_test_kind { TEST_BOUNDS, TEST_NOTED, TEST_METHOD };

struct profile_test {
	char name[PROFILE_NAME_MAX];
	char text[PROFILE_TEXT_MAX];
	enum profile_test_kind kind;
	size_t quantity;
	bool has_low, low_open, has_high, high_open;
	int64_t low, high; /* seconds or 1/10000 */
	enum noted noted;
	enum insemination method;
};

struct profile_rule {
	int class_index; /* -1: an exclusion */
	char reason[PROFILE_TEXT_MAX];
	size_t count;
	struct {
		size_t test;
		bool negated;
	} when[PROFILE_TESTS_MAX];
};

struct profile {
	char id[PROFILE_NAME_MAX], title[PROFILE_TEXT_MAX], citation[PROFILE_TEXT_MAX], doi[PROFILE_TEXT_MAX];
	char version[PROFILE_NAME_MAX], caution[PROFILE_TEXT_MAX], digest[65];
	bool verified;
	int value; /* index of the quantity that is the result; -1: a class is */
	size_t quantities_count, tests_count, rules_count, classes_count;
	struct profile_quantity quantities[PROFILE_QUANTITIES_MAX];
	struct profile_test tests[PROFILE_TESTS_MAX];
	struct profile_rule rules[PROFILE_RULES_MAX]; /* exclusions first */
	char classes[PROFILE_CLASSES_MAX][PROFILE_NAME_MAX];
};

/* ERR_BAD_INPUT with a sentence that names the member. The caller frees. */
bool profile_parse(const char *text, size_t size, struct profile **ret_profile, struct err *err);
void profile_free(struct profile *profile);
OWN_DEFINE(struct profile *, profile_free)

const char *noted_meaning(enum noted noted);

struct profile_input {
	int64_t time_s[STAGE_COUNT]; /* TIME_UNKNOWN where missing */
	int8_t noted[NOTED_COUNT]; /* 1 seen, 0 looked for and not seen, -1 nobody noted it */
	enum insemination method;
};

enum profile_state { PROFILE_VALUE, PROFILE_NOT_COMPUTABLE, PROFILE_EXCLUDED };

struct profile_step {
	const struct profile_test *test;
	bool known, fired;
	bool has_margin;
	int64_t margin; /* inside the bounds by so much; negative: outside. Seconds or 1/10000 */
};

struct profile_result {
	enum profile_state state;
	int class_index; /* -1: none */
	char value[PROFILE_NAME_MAX];
	char reason[PROFILE_TEXT_MAX];
	char unchecked[PROFILE_TEXT_MAX]; /* what nobody noted, "" if nothing matters */
	size_t steps_count;
	struct profile_step steps[PROFILE_TESTS_MAX];
};

/* Pure; profile_run.c. */
void profile_run(const struct profile *profile, const struct profile_input *input,
    struct profile_result *ret_result);
/* As the contract of evaluation_json has it; a new reference, NULL without memory. */
json_t *profile_result_json(const struct profile *profile, const struct profile_result *result);
