#include "evaluation/rank.h"

#include "base/limits.h"
#include "base/text.h"
#include "model/gardner.h"
#include "model/stage.h"
#include "model/time.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
	CANDIDATES_MAX = 4096,      /* far above a clinic's morning */
	COMPARABLE_S = 12 * 3600,   /* a record that ends so much before its siblings' is not compared */
	AT_END_S = 2 * 3600,        /* so near to its end a record shows its final stage */
	LATE_STEP_S = 3 * 3600,
	SURE_STEP = 100,
	SENTENCE_MAX = 240 + LIMIT_NAME,
	REASONS_MAX = 12,
};

/* The questions, in order; for every key more is better. */
enum key {
	KEY_GOOD,
	KEY_GOOD_GRADE,
	KEY_GROUP,
	KEY_NOT_POOR,
	KEY_POOR_GRADE,
	KEY_REGULAR,
	KEY_CLASS,
	KEY_TIMELY,
	KEY_SURE,
	KEY_COUNT
};

static const char *const key_sentences[KEY_COUNT] = {
    [KEY_GOOD] = "a person's grade makes it a good blastocyst",
    [KEY_GOOD_GRADE] = "a person graded it higher",
    [KEY_GROUP] = "it had come further",
    [KEY_NOT_POOR] = "a person graded the other as less than a good blastocyst",
    [KEY_POOR_GRADE] = "a person graded it higher",
    [KEY_REGULAR] = "its divisions look more regular",
    [KEY_CLASS] = "its class in the chosen profile is better",
    [KEY_TIMELY] = "its events are less late",
    [KEY_SURE] = "its reading is surer",
};

/* Events whose times are compared: those with a median in the Istanbul Consensus 2025. */
static const enum stage timely_events[] = {STAGE_PNF, STAGE_2, STAGE_4, STAGE_8, STAGE_M, STAGE_B, STAGE_EB};
enum { TIMELY_COUNT = sizeof timely_events / sizeof timely_events[0] };

struct candidate {
	const struct rank_entry *entry;
	bool ranked;
	int rank;
	int64_t key[KEY_COUNT];
	int64_t last_time_s;
	int64_t used_s[STAGE_COUNT], reference_s[STAGE_COUNT];
	bool graded;
	struct gardner grade;
	enum stage_group group; /* at the time of comparison */
	char class_text[48];
	size_t reasons_count;
	char reasons[REASONS_MAX][SENTENCE_MAX];
};

struct cohort {
	size_t count;
	struct candidate *of;
	const char *profile_id;
	bool profile_seen;
	int64_t compare_s; /* TIME_UNKNOWN: at the end of each record */
};

__attribute__((format(printf, 2, 3))) static void say(struct candidate *candidate, const char *format, ...)
{
	va_list list;
	if (candidate->reasons_count == REASONS_MAX)
		return;
	va_start(list, format);
	vsnprintf(candidate->reasons[candidate->reasons_count++], SENTENCE_MAX, format, list);
	va_end(list);
}

static enum stage_group group_from_name(const char *name)
{
	for (int i = 0; i < GROUP_COUNT; i++)
		if (strcmp(stage_group_name((enum stage_group)i), name) == 0)
			return (enum stage_group)i;
	return GROUP_EMPTY;
}

static void read_events(struct candidate *candidate, const json_t *evaluation)
{
	size_t i;
	const json_t *value;
	for (int j = 0; j < STAGE_COUNT; j++)
		candidate->used_s[j] = candidate->reference_s[j] = TIME_UNKNOWN;
	json_array_foreach(json_object_get(evaluation, "events"), i, value)
	{
		enum stage event;
		if (!stage_from_name(json_text(value, "event", ""), &event))
			continue;
		candidate->used_s[event] = json_int(json_object_get(value, "used"), "time_s", TIME_UNKNOWN);
		candidate->reference_s[event] = json_int(value, "reference_s", TIME_UNKNOWN);
	}
}

static void read_grade(struct candidate *candidate, const json_t *evaluation)
{
	const char *text = json_text(json_object_get(evaluation, "grade"), "gardner", NULL);
	candidate->key[KEY_NOT_POOR] = 1;
	if (!text || !gardner_parse(text, &candidate->grade, NULL))
		return;
	candidate->graded = true;
	text_copy(candidate->class_text, sizeof candidate->class_text, text);
	bool good = gardner_is_good(&candidate->grade);
	/* Without letters, or with a D, the expansion alone is left to compare. */
	int value = gardner_neqsi(&candidate->grade) * 10 + candidate->grade.expansion;
	candidate->key[KEY_GOOD] = good;
	candidate->key[good ? KEY_GOOD_GRADE : KEY_POOR_GRADE] = value;
	candidate->key[KEY_NOT_POOR] = good;
	say(candidate, "A person graded it %s%s.", text, good ? ", a good blastocyst" : "");
}

static void read_flags(struct candidate *candidate, const json_t *evaluation)
{
	size_t i;
	const json_t *value;
	json_array_foreach(json_object_get(evaluation, "flags"), i, value)
	{
		const char *state = json_text(value, "state", "");
		bool yes = strcmp(state, "yes") == 0, suspected = strcmp(state, "suspected") == 0;
		candidate->key[KEY_REGULAR] -= 2 * yes + suspected;
		if (yes || suspected)
			say(candidate, "%s %s: %s.", json_text(value, "flag", ""), yes ? "found" : "suspected",
			    json_text(value, "reason", ""));
	}
}

static void read_class(struct candidate *candidate, const json_t *evaluation, struct cohort *cohort)
{
	size_t i;
	const json_t *value;
	json_array_foreach(json_object_get(evaluation, "profiles"), i, value)
	{
		if (!cohort->profile_id || strcmp(json_text(value, "id", ""), cohort->profile_id) != 0)
			continue;
		cohort->profile_seen = true;
		const char *state = json_text(value, "state", "");
		const char *title = json_text(value, "title", "");
		bool has_value = strcmp(state, "value") == 0;
		const char *class = json_text(value, "value", state);
		text_copy(candidate->class_text, sizeof candidate->class_text, class);
		int64_t index = json_int(value, "class_index", -1), count = json_int(value, "class_count", 0);
		/* What cannot be computed stands between the better and the worse half: missing is not bad. */
		candidate->key[KEY_CLASS] = index >= 0 ? 2 * (count - index) : count;
		if (has_value)
			say(candidate, "%s: %s.", title, class);
		else
			say(candidate, "%s: %s, %s.", title, state, json_text(value, "reason", ""));
	}
}

/* Fills what stands in one evaluation; false: it cannot be ranked at all, and says why. */
static bool read_candidate(struct candidate *candidate, struct cohort *cohort)
{
	const json_t *evaluation = candidate->entry->evaluation;
	candidate->group = group_from_name(json_text(evaluation, "stage_group", ""));
	candidate->last_time_s = json_int(evaluation, "last_time_s", TIME_UNKNOWN);
	text_copy(candidate->class_text, sizeof candidate->class_text, stage_group_name(candidate->group));
	read_events(candidate, evaluation);
	read_grade(candidate, evaluation);
	candidate->key[KEY_SURE] = json_int(evaluation, "group_confidence", 0) / SURE_STEP;
	if (candidate->group == GROUP_EMPTY && !candidate->graded) {
		int64_t read = json_int(evaluation, "read", 0);
		say(candidate, read ? "Not ranked: the well is empty." : "Not ranked: no frame has been read.");
		return false;
	}
	read_class(candidate, evaluation, cohort);
	read_flags(candidate, evaluation);
	return true;
}

/* Records are compared at the earliest end among those that end together; one that ends long before is left out,
 * unless a person has graded it. */
static void settle_time(struct cohort *cohort)
{
	int64_t latest = TIME_UNKNOWN;
	cohort->compare_s = TIME_UNKNOWN;
	for (size_t i = 0; i < cohort->count; i++)
		if (cohort->of[i].ranked && cohort->of[i].last_time_s > latest)
			latest = cohort->of[i].last_time_s;
	for (size_t i = 0; i < cohort->count; i++) {
		struct candidate *candidate = &cohort->of[i];
		int64_t last = candidate->last_time_s;
		if (!candidate->ranked || last == TIME_UNKNOWN)
			continue;
		if (latest - last <= COMPARABLE_S) {
			if (cohort->compare_s == TIME_UNKNOWN || last < cohort->compare_s)
				cohort->compare_s = last;
		} else if (!candidate->graded) {
			char end[16], before[16];
			time_format(end, last);
			time_format(before, latest - last);
			candidate->ranked = false;
			say(candidate, "Not ranked: its frames end at %s, %s before its siblings'.", end, before);
		}
	}
}

static void settle_group(struct candidate *candidate, int64_t compare_s)
{
	char at[16];
	bool earlier = compare_s != TIME_UNKNOWN && candidate->last_time_s != TIME_UNKNOWN &&
	    candidate->last_time_s - compare_s > AT_END_S;
	/* Only where the start of a stage is known can the record be looked at before its end. */
	for (int j = STAGE_HB; j > STAGE_PNF && earlier; j--) {
		if (stage_group((enum stage)j) != candidate->group || candidate->used_s[j] == TIME_UNKNOWN)
			continue;
		if (candidate->used_s[j] > compare_s)
			candidate->group = stage_group((enum stage)(j - 1));
	}
	candidate->key[KEY_GROUP] = candidate->group;
	time_format(at, earlier ? compare_s : candidate->last_time_s);
	if (candidate->last_time_s == TIME_UNKNOWN)
		say(candidate, "At the end of its frames it had reached the %s stage.", stage_group_name(candidate->group));
	else
		say(candidate, "At %s it had reached the %s stage.", at, stage_group_name(candidate->group));
}

static int compare_i64(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

/* The middle time of an event among siblings; TIME_UNKNOWN with fewer than three. */
static int64_t sibling_median(const struct cohort *cohort, enum stage event, int64_t *scratch)
{
	size_t count = 0;
	for (size_t i = 0; i < cohort->count; i++)
		if (cohort->of[i].ranked && cohort->of[i].used_s[event] != TIME_UNKNOWN)
			scratch[count++] = cohort->of[i].used_s[event];
	qsort(scratch, count, sizeof *scratch, compare_i64);
	return count < 3 ? TIME_UNKNOWN : scratch[count / 2];
}

static void say_timely(struct candidate *candidate, int count, int64_t late_s, const char *of)
{
	enum { SAME_S = 360 }; /* shown in tenths of an hour, it would be 0.0 */
	char hours[16];
	time_format(hours, late_s < 0 ? -late_s : late_s);
	const char *events = count == 1 ? "The one event that can be compared is" : "Its compared events are on average";
	if (late_s > -SAME_S / 2 && late_s < SAME_S / 2)
		say(candidate, "%s at the time of %s.", events, of);
	else
		say(candidate, "%s %s %s than %s.", events, hours, late_s > 0 ? "later" : "earlier", of);
}

/* Mean lateness against the reference medians of its own method, or else against its siblings. */
static void settle_timely(struct candidate *candidate, const int64_t siblings_s[STAGE_COUNT])
{
	int64_t late = 0;
	int count = 0;
	bool by_reference = false;
	for (int i = 0; i < TIMELY_COUNT; i++)
		by_reference |= candidate->reference_s[timely_events[i]] != TIME_UNKNOWN;
	for (int i = 0; i < TIMELY_COUNT; i++) {
		enum stage event = timely_events[i];
		int64_t against = by_reference ? candidate->reference_s[event] : siblings_s[event];
		if (candidate->used_s[event] == TIME_UNKNOWN || against == TIME_UNKNOWN)
			continue;
		late += candidate->used_s[event] - against;
		count++;
	}
	if (!count)
		return;
	late /= count;
	candidate->key[KEY_TIMELY] = late > 0 ? -((late + LATE_STEP_S / 2) / LATE_STEP_S) : 0;
	say_timely(candidate, count, late, by_reference ? "the medians of its insemination method" : "its siblings");
}

/* The first question that tells two apart, KEY_COUNT if none does. */
static enum key deciding_key(const struct candidate *a, const struct candidate *b)
{
	int key = 0;
	while (key < KEY_COUNT && a->key[key] == b->key[key])
		key++;
	return (enum key)key;
}

static int compare_candidates(const void *first, const void *second)
{
	const struct candidate *a = first, *b = second;
	if (a->ranked != b->ranked)
		return b->ranked - a->ranked;
	enum key key = a->ranked ? deciding_key(a, b) : KEY_COUNT;
	if (key < KEY_COUNT)
		return a->key[key] > b->key[key] ? -1 : 1;
	if (a->entry->well != b->entry->well)
		return a->entry->well - b->entry->well;
	return (a->entry->embryo_id > b->entry->embryo_id) - (a->entry->embryo_id < b->entry->embryo_id);
}

/* "well 3", and of which slide where that is another one than its neighbour's. */
static void name_well(const struct rank_entry *entry, const struct rank_entry *beside, char *to, size_t size)
{
	if (entry->slide && beside->slide && strcmp(entry->slide, beside->slide) != 0)
		snprintf(to, size, "well %d of slide %s", entry->well, entry->slide);
	else
		snprintf(to, size, "well %d", entry->well);
}

static void settle_ranks(struct cohort *cohort)
{
	qsort(cohort->of, cohort->count, sizeof *cohort->of, compare_candidates);
	for (size_t i = 0; i < cohort->count && cohort->of[i].ranked; i++) {
		struct candidate *here = &cohort->of[i];
		bool tied = i > 0 && deciding_key(&here[-1], here) == KEY_COUNT;
		here->rank = tied ? here[-1].rank : (int)i + 1;
		if (i + 1 == cohort->count || !here[1].ranked)
			continue;
		char next[LIMIT_NAME + 32];
		enum key key = deciding_key(here, &here[1]);
		name_well(here[1].entry, here->entry, next, sizeof next);
		if (key == KEY_COUNT)
			say(here, "Equal to %s in every question asked; a person decides.", next);
		else
			say(here, "Before %s: %s.", next, key_sentences[key]);
	}
}

static bool cohort_make(struct cohort *cohort, const struct rank_entry *entries, struct err *err)
{
	OWN(free) int64_t *scratch = calloc(cohort->count + 1, sizeof *scratch);
	cohort->of = calloc(cohort->count + 1, sizeof *cohort->of);
	if (!scratch || !cohort->of)
		return err_set(err, ERR_NO_MEMORY, "ranking %zu embryos", cohort->count);
	for (size_t i = 0; i < cohort->count; i++) {
		cohort->of[i].entry = &entries[i];
		cohort->of[i].ranked = read_candidate(&cohort->of[i], cohort);
	}
	settle_time(cohort);
	int64_t siblings_s[STAGE_COUNT];
	for (int j = 0; j < STAGE_COUNT; j++)
		siblings_s[j] = sibling_median(cohort, (enum stage)j, scratch);
	for (size_t i = 0; i < cohort->count; i++) {
		if (!cohort->of[i].ranked)
			continue;
		settle_group(&cohort->of[i], cohort->compare_s);
		settle_timely(&cohort->of[i], siblings_s);
	}
	settle_ranks(cohort);
	return true;
}

static json_t *candidate_json(const struct candidate *candidate)
{
	json_t *reasons = json_array();
	for (size_t i = 0; i < candidate->reasons_count; i++)
		json_array_append_new(reasons, json_string(candidate->reasons[i]));
	return json_pack("{s:I, s:i, s:o, s:s, s:o}", "embryo", (json_int_t)candidate->entry->embryo_id, "well",
	    candidate->entry->well, "rank", candidate->ranked ? json_integer(candidate->rank) : json_null(), "class",
	    candidate->class_text, "reasons", reasons);
}

bool rank_embryos(const struct rank_entry *entries, size_t count, const char *profile_id,
    json_t **ret_ranking, struct err *err)
{
	if (count > CANDIDATES_MAX)
		return err_set(err, ERR_TOO_LARGE, "at most %d embryos are ranked together", CANDIDATES_MAX);
	struct cohort cohort = {.count = count, .profile_id = profile_id};
	bool made = cohort_make(&cohort, entries, err);
	OWN(free) struct candidate *candidates = cohort.of;
	if (!made)
		return false;
	if (profile_id && count && !cohort.profile_seen)
		return err_set(err, ERR_NOT_FOUND, "no embryo carries a result of profile \"%.60s\"", profile_id);
	OWN(json_decref) json_t *ranking = json_array();
	for (size_t i = 0; i < count; i++)
		json_array_append_new(ranking, candidate_json(&candidates[i]));
	if (json_array_size(ranking) != count)
		return err_set(err, ERR_NO_MEMORY, "ranking %zu embryos", count);
	*ret_ranking = TAKE(ranking);
	return true;
}

bool rank_siblings(const json_t *siblings, const char *profile_id, json_t **ret_ranking, struct err *err)
{
	size_t count = json_array_size(siblings), i;
	OWN(free) struct rank_entry *entries = calloc(count + 1, sizeof *entries);
	const json_t *sibling;
	if (!entries)
		return err_set(err, ERR_NO_MEMORY, "ranking %zu embryos", count);
	json_array_foreach(siblings, i, sibling)
		entries[i] = (struct rank_entry){json_int(sibling, "embryo", 0), (int)json_int(sibling, "well", 0),
		    json_text(sibling, "slide", ""), json_object_get(sibling, "evaluation")};
	return rank_embryos(entries, count, profile_id, ret_ranking, err);
}
