#include "accuracy/dataset.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

static stage_set group_stages(enum stage_group group)
{
	stage_set stages = 0;
	for (int i = 0; i < STAGE_COUNT; i++)
		if (stage_group((enum stage)i) == group)
			stages |= 1u << i;
	return stages;
}

static bool word_stages(const char *word, stage_set *ret_stages)
{
	enum stage stage;
	if (stage_from_name(word, &stage)) {
		*ret_stages = 1u << stage;
		return true;
	}
	if (strcmp(word, "occupied") == 0) {
		*ret_stages = STAGE_SET_ALL & ~(1u << STAGE_EMPTY);
		return true;
	}
	for (int i = GROUP_ZYGOTE; i < GROUP_COUNT; i++) {
		if (strcmp(word, stage_group_name((enum stage_group)i)) != 0)
			continue;
		*ret_stages = group_stages((enum stage_group)i);
		return true;
	}
	return false;
}

bool stage_set_parse(const char *text, stage_set *ret_stages)
{
	stage_set all = 0;
	for (const char *at = text;; at++) {
		const char *end = strchr(at, '|');
		size_t length = end ? (size_t)(end - at) : strlen(at);
		char word[16];
		stage_set stages;
		if (length >= sizeof word)
			return false;
		memcpy(word, at, length);
		word[length] = 0;
		if (!word_stages(word, &stages))
			return false;
		all |= stages;
		if (!end)
			break;
		at = end;
	}
	*ret_stages = all;
	return true;
}

int stage_set_count(stage_set stages)
{
	return __builtin_popcount(stages);
}

enum stage stage_set_first(stage_set stages)
{
	return (enum stage)__builtin_ctz(stages);
}

enum stage stage_set_last(stage_set stages)
{
	return (enum stage)(31 - __builtin_clz(stages));
}

bool dataset_init(struct dataset *dataset, struct err *err)
{
	*dataset = (struct dataset){.calibrated = true, .notes = json_array()};
	return dataset->notes || err_set(err, ERR_NO_MEMORY, "opening a data set");
}

void dataset_done(struct dataset *dataset)
{
	for (size_t i = 0; i < dataset->count; i++) {
		free(dataset->samples[i].track.points);
		free(dataset->samples[i].truth);
	}
	free(dataset->samples);
	json_decref(dataset->notes);
	*dataset = (struct dataset){0};
}

void dataset_note(struct dataset *dataset, const char *format, ...)
{
	char text[400];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	json_array_append_new(dataset->notes, json_string(text));
}

static struct sample *add_sample(struct dataset *dataset)
{
	if (dataset->count == dataset->capacity) {
		size_t capacity = dataset->capacity ? dataset->capacity * 2 : 16;
		struct sample *samples = realloc(dataset->samples, capacity * sizeof *samples);
		if (!samples)
			return NULL;
		dataset->samples = samples;
		dataset->capacity = capacity;
	}
	struct sample *sample = &dataset->samples[dataset->count++];
	*sample = (struct sample){0};
	return sample;
}

struct sample *dataset_sample(struct dataset *dataset, const char *name, int well)
{
	/* Files come sorted, so the one wanted is nearly always the last. */
	for (size_t i = dataset->count; i-- > 0;)
		if (dataset->samples[i].well == well && strcmp(dataset->samples[i].name, name) == 0)
			return &dataset->samples[i];
	struct sample *sample = add_sample(dataset);
	if (!sample)
		return NULL;
	text_copy(sample->name, sizeof sample->name, name);
	sample->well = well;
	return sample;
}

bool sample_add(struct sample *sample, const struct track_point *point, stage_set truth, struct err *err)
{
	struct track *track = &sample->track;
	if (track->count == LIMIT_RUNS)
		return err_set(err, ERR_TOO_LARGE, "%s has more than %d frames", sample->name, LIMIT_RUNS);
	if (track->count == sample->capacity) {
		size_t capacity = sample->capacity ? sample->capacity * 2 : 64;
		struct track_point *points = realloc(track->points, capacity * sizeof *points);
		if (points)
			track->points = points;
		stage_set *truths = points ? realloc(sample->truth, capacity * sizeof *truths) : NULL;
		if (!truths)
			return err_set(err, ERR_NO_MEMORY, "taking the frames of %s", sample->name);
		sample->truth = truths;
		sample->capacity = capacity;
	}
	track->points[track->count] = *point;
	sample->truth[track->count++] = truth;
	return true;
}

static struct event_truth find_event(const struct sample *sample, enum stage event)
{
	static const struct event_truth unknown = {.known = EVENT_UNKNOWN}, absent = {.known = EVENT_ABSENT};
	/* The labelled point before, with no gap, leaves only earlier stages open. Nothing comes before
	 * the polar body, so frames without a label before it say that it is not there yet. */
	bool before = false;
	for (size_t i = 0; i < sample->track.count; i++) {
		stage_set truth = sample->truth[i];
		if (truth == 0 || truth == 1u << STAGE_EMPTY) {
			before = truth ? before : event == STAGE_PB2;
			continue;
		}
		if (stage_set_last(truth) < event) {
			before = true;
			continue;
		}
		if (!before)
			return unknown;
		if (truth == 1u << event)
			return (struct event_truth){EVENT_SEEN, i};
		return stage_set_first(truth) > event ? absent : unknown;
	}
	return before ? absent : unknown;
}

void sample_find_events(struct sample *sample)
{
	for (int j = STAGE_PB2; j <= STAGE_HB; j++)
		sample->events[j] = find_event(sample, (enum stage)j);
}

size_t sample_labelled(const struct sample *sample)
{
	size_t labelled = 0;
	for (size_t i = 0; i < sample->track.count; i++)
		labelled += sample->track.points[i].read && sample->truth[i] != 0;
	return labelled;
}
