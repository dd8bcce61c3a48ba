#include "quality/agreement.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* Raters are places in the list of authors, in order of name once they are sorted; and these. */
enum { EVERYBODY = AGREEMENT_AUTHORS_MAX, MACHINE };
/* A topic is a scale, or an event behind the scales. */
enum { TOPIC_EVENT = SCALE_COUNT };

struct pair {
	int16_t topic, a, b;
	int64_t x, y; /* classes, or times in seconds */
};

struct agreement {
	char authors[AGREEMENT_AUTHORS_MAX][LIMIT_NAME];
	int authors_count;
	struct pair *pairs;
	size_t count, room;
};

static const struct {
	const char *name;
	int classes;
	bool ordered;
	int published_permille;
} scales[] = {
#define X(scale, name, classes, ordered, published) {name, classes, ordered, published},
    SCALE_TABLE(X)
#undef X
};

const char *scale_name(enum scale scale)
{
	return scales[scale].name;
}

int scale_published_permille(enum scale scale)
{
	return scales[scale].published_permille;
}

struct agreement *agreement_new(void)
{
	return calloc(1, sizeof(struct agreement));
}

void agreement_free(struct agreement *agreement)
{
	if (!agreement)
		return;
	free(agreement->pairs);
	free(agreement);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

static bool find_author(struct agreement *agreement, const char *name, int *ret_author, struct err *err)
{
	int i = 0;
	while (i < agreement->authors_count && strcmp(agreement->authors[i], name) != 0)
		i++;
	if (i == AGREEMENT_AUTHORS_MAX)
		return err_set(err, ERR_TOO_LARGE, "more than %d people have marked embryos in this time", AGREEMENT_AUTHORS_MAX);
	if (i == agreement->authors_count) {
		text_copy(agreement->authors[i], LIMIT_NAME, name);
		agreement->authors_count++;
	}
	*ret_author = i;
	return true;
}

static bool add_pair(struct agreement *agreement, const struct pair *pair, struct err *err)
{
	if (agreement->count == AGREEMENT_PAIRS_MAX)
		return err_set(err, ERR_TOO_LARGE, "there are too many pairs of words in this time; ask for fewer months");
	if (agreement->count == agreement->room) {
		size_t room = agreement->room ? 2 * agreement->room : 256;
		struct pair *pairs = realloc(agreement->pairs, room * sizeof *pairs);
		if (!pairs)
			return err_set(err, ERR_NO_MEMORY, "comparing words");
		agreement->pairs = pairs;
		agreement->room = room;
	}
	agreement->pairs[agreement->count++] = *pair;
	return true;
}

/* By name, so that a pair has one direction whoever spoke first. */
static bool add_people(struct agreement *agreement, int topic, const char *first, int64_t x, const char *second, int64_t y,
    struct err *err)
{
	int a, b;
	int order = strcmp(first, second);
	if (order == 0)
		return true;
	if (!find_author(agreement, first, &a, err) || !find_author(agreement, second, &b, err))
		return false;
	struct pair pair = {(int16_t)topic, (int16_t)a, (int16_t)b, x, y};
	if (order > 0)
		pair = (struct pair){(int16_t)topic, (int16_t)b, (int16_t)a, y, x};
	return add_pair(agreement, &pair, err);
}

static bool add_machine(struct agreement *agreement, int topic, const char *author, int64_t x, int64_t y, struct err *err)
{
	int a;
	if (!find_author(agreement, author, &a, err))
		return false;
	struct pair pair = {(int16_t)topic, (int16_t)a, MACHINE, x, y};
	struct pair of_all = {(int16_t)topic, EVERYBODY, MACHINE, x, y};
	return add_pair(agreement, &pair, err) && add_pair(agreement, &of_all, err);
}

static bool has_time(const struct annotation *annotation)
{
	return !annotation->absent && annotation->time_s != TIME_UNKNOWN;
}

static bool add_events(struct agreement *agreement, const struct words *words, struct err *err)
{
	for (size_t i = 0; i < words->annotations_count; i++) {
		const struct annotation *one = &words->annotations[i];
		int topic = TOPIC_EVENT + (int)one->event;
		if (!has_time(one))
			continue;
		for (size_t j = 0; j < i; j++) {
			const struct annotation *other = &words->annotations[j];
			if (other->event == one->event && has_time(other) &&
			    !add_people(agreement, topic, one->author, one->time_s, other->author, other->time_s, err))
				return false;
		}
		for (size_t j = 0; j < words->milestones_count; j++) {
			const struct milestone *milestone = &words->milestones[j];
			if (milestone->event == one->event && milestone->automatic_s != TIME_UNKNOWN &&
			    !add_machine(agreement, topic, one->author, one->time_s, milestone->automatic_s, err))
				return false;
		}
	}
	return true;
}

static bool add_grade_pair(struct agreement *agreement, const struct grade *one, const struct grade *other, struct err *err)
{
	const struct gardner *x = &one->gardner, *y = &other->gardner;
	if (one->stage != GRADE_BLASTOCYST)
		return add_people(agreement, one->stage == GRADE_CLEAVAGE ? SCALE_CLEAVAGE : SCALE_MORULA, one->author,
		    one->quality - GRADE_LOW, other->author, other->quality - GRADE_LOW, err);
	if (!add_people(agreement, SCALE_EXPANSION, one->author, x->expansion - 1, other->author, y->expansion - 1, err))
		return false;
	if (x->icm && y->icm && !add_people(agreement, SCALE_ICM, one->author, x->icm - 'A', other->author, y->icm - 'A', err))
		return false;
	return !x->te || !y->te || add_people(agreement, SCALE_TE, one->author, x->te - 'A', other->author, y->te - 'A', err);
}

static bool add_grades(struct agreement *agreement, const struct words *words, struct err *err)
{
	for (size_t i = 0; i < words->grades_count; i++)
		for (size_t j = 0; j < i; j++)
			if (words->grades[i].stage == words->grades[j].stage &&
			    !add_grade_pair(agreement, &words->grades[i], &words->grades[j], err))
				return false;
	return true;
}

/* SCALE_COUNT: not compared. */
static enum scale scale_of(enum observation_kind kind)
{
	static const enum scale of[OBSERVATION_COUNT] = {
	    [OBSERVATION_PRONUCLEI] = SCALE_PRONUCLEI, [OBSERVATION_EVENNESS_2] = SCALE_EVENNESS,
	    [OBSERVATION_EVENNESS_4] = SCALE_EVENNESS, [OBSERVATION_EVENNESS_8] = SCALE_EVENNESS,
	    [OBSERVATION_NUCLEI_2] = SCALE_NUCLEI, [OBSERVATION_NUCLEI_4] = SCALE_NUCLEI,
	    [OBSERVATION_FRAGMENTATION_2] = SCALE_FRAGMENTATION, [OBSERVATION_FRAGMENTATION_4] = SCALE_FRAGMENTATION,
	    [OBSERVATION_FRAGMENTATION_8] = SCALE_FRAGMENTATION, [OBSERVATION_COMPACTION] = SCALE_COMPACTION,
	    [OBSERVATION_VACUOLES] = SCALE_VACUOLES, [OBSERVATION_VIABILITY] = SCALE_VIABILITY};
	return observation_group(kind) == ASSESSMENT ? of[kind] : SCALE_COUNT;
}

/* Istanbul 2025, Table 4: below 10, to 25, above. */
static int fragmentation_class(int64_t permille)
{
	return permille < 100 ? 0 : permille <= 250 ? 1 : 2;
}

/* The place of the value among those of its kind; -1 if it is none of them. */
static int class_of(const struct observation *observation)
{
	const char *values = observation_values(observation->kind);
	size_t length = strlen(observation->value);
	int64_t percent;
	if (scale_of(observation->kind) == SCALE_FRAGMENTATION)
		return text_to_i64(observation->value, &percent) ? fragmentation_class(10 * percent) : -1;
	for (int place = 0; *values; place++) {
		size_t word = strcspn(values, " ");
		if (word == length && memcmp(values, observation->value, length) == 0)
			return place;
		values += word;
		values += strspn(values, " ");
	}
	return -1;
}

static bool add_observations(struct agreement *agreement, const struct words *words, struct err *err)
{
	for (size_t i = 0; i < words->observations_count; i++) {
		const struct observation *one = &words->observations[i];
		enum scale scale = scale_of(one->kind);
		int x = class_of(one);
		for (size_t j = 0; scale != SCALE_COUNT && x >= 0 && j < i; j++) {
			const struct observation *other = &words->observations[j];
			int y = class_of(other);
			if (other->kind == one->kind && y >= 0 &&
			    !add_people(agreement, scale, one->author, x, other->author, y, err))
				return false;
		}
	}
	return true;
}

bool agreement_add(struct agreement *agreement, const struct words *words, struct err *err)
{
	return add_events(agreement, words, err) && add_grades(agreement, words, err) && add_observations(agreement, words, err);
}

bool agreement_add_reading(struct agreement *agreement, const struct observation *observation, const struct reading *reading,
    struct err *err)
{
	enum scale scale = scale_of(observation->kind);
	int person = class_of(observation);
	uint16_t machine = READING_UNKNOWN;
	if (scale == SCALE_FRAGMENTATION)
		machine = reading->fragmentation_permille;
	else if (scale == SCALE_EVENNESS)
		machine = reading->uneven;
	else if (scale == SCALE_NUCLEI)
		machine = reading->multinucleated;
	if (machine == READING_UNKNOWN || person < 0)
		return true;
	if (scale == SCALE_FRAGMENTATION)
		return add_machine(agreement, scale, observation->author, person, fragmentation_class(machine), err);
	/* The reader tells one nucleus from several, not how many. */
	return add_machine(agreement, scale == SCALE_NUCLEI ? SCALE_MULTINUCLEATION : scale, observation->author, person > 0,
	    machine >= 500, err);
}

/* Gives the authors numbers in order of name, so that pairs can be put in order by number. */
static void sort_authors(struct agreement *agreement)
{
	int16_t place[MACHINE + 1];
	for (int i = 0; i <= MACHINE; i++)
		place[i] = (int16_t)i;
	for (int i = 0; i < agreement->authors_count; i++) {
		place[i] = 0;
		for (int j = 0; j < agreement->authors_count; j++)
			place[i] = (int16_t)(place[i] + (strcmp(agreement->authors[j], agreement->authors[i]) < 0));
	}
	for (size_t i = 0; i < agreement->count; i++) {
		agreement->pairs[i].a = place[agreement->pairs[i].a];
		agreement->pairs[i].b = place[agreement->pairs[i].b];
	}
	qsort(agreement->authors, (size_t)agreement->authors_count, LIMIT_NAME, by_name);
}

static int by_topic(const void *first, const void *second)
{
	const struct pair *p = first, *q = second;
	if (p->topic != q->topic)
		return p->topic < q->topic ? -1 : 1;
	if (p->a != q->a)
		return p->a < q->a ? -1 : 1;
	return (p->b > q->b) - (p->b < q->b);
}

static const char *rater_name(const struct agreement *agreement, int rater)
{
	return rater >= EVERYBODY ? NULL : agreement->authors[rater];
}

static void compare_classes(const struct pair *pairs, size_t count, struct agreement_row *row)
{
	struct kappa_table table = {.classes = scales[row->scale].classes, .ordered = scales[row->scale].ordered};
	for (size_t i = 0; i < count; i++)
		table.counts[pairs[i].x][pairs[i].y]++;
	kappa_of(&table, &row->kappa);
}

/* pairs: of one topic and one pair of raters. room: for as many numbers. */
static void compare(const struct pair *pairs, size_t count, int64_t *room, struct agreement_row *row)
{
	row->timed = pairs->topic >= TOPIC_EVENT;
	if (!row->timed) {
		row->scale = (enum scale)pairs->topic;
		compare_classes(pairs, count, row);
		return;
	}
	row->event = (enum stage)(pairs->topic - TOPIC_EVENT);
	for (size_t i = 0; i < count; i++)
		room[i] = pairs[i].x - pairs[i].y;
	differences_of(room, count, &row->differences);
}

bool agreement_each(struct agreement *agreement, bool (*each)(const struct agreement_row *row, void *context), void *context,
    struct err *err)
{
	const struct pair *pairs = agreement->pairs;
	if (!agreement->count)
		return true;
	OWN(free) int64_t *room = calloc(agreement->count, sizeof *room);
	if (!room)
		return err_set(err, ERR_NO_MEMORY, "comparing words");
	sort_authors(agreement);
	qsort(agreement->pairs, agreement->count, sizeof *agreement->pairs, by_topic);
	for (size_t i = 0, end; i < agreement->count; i = end) {
		struct agreement_row row = {.a = rater_name(agreement, pairs[i].a), .b = rater_name(agreement, pairs[i].b)};
		for (end = i + 1; end < agreement->count && by_topic(&pairs[i], &pairs[end]) == 0;)
			end++;
		compare(&pairs[i], end - i, room, &row);
		if (!each(&row, context))
			return true;
	}
	return true;
}
