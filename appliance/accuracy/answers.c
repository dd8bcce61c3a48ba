#include "accuracy/answers.h"

#include "evaluation/decode.h"

#include <string.h>

/* Fewer time points are no track that a decoder could follow. */
enum { TRACK_MIN = 3 };

const char *method_name(enum method method)
{
	static const char *const names[METHOD_COUNT] = {"reader", "frame_only", "time_only", "majority"};
	return names[method];
}

enum stage answers_majority(const struct dataset *dataset)
{
	size_t seen[STAGE_COUNT] = {0};
	int top = STAGE_EMPTY;
	for (size_t i = 0; i < dataset->count; i++) {
		const struct sample *sample = &dataset->samples[i];
		for (size_t k = 0; k < sample->track.count; k++)
			if (sample->track.points[k].read && stage_set_count(sample->truth[k]) == 1)
				seen[stage_set_first(sample->truth[k])]++;
	}
	for (int i = 0; i < STAGE_COUNT; i++)
		if (seen[i] > seen[top])
			top = i;
	return (enum stage)top;
}

static bool is_timed(const struct track *track)
{
	for (size_t i = 0; i < track->count; i++)
		if (track->points[i].time_s == TIME_UNKNOWN)
			return false;
	return track->count > 0;
}

/* The first frame of which a method says that stage. */
static void find_first(const struct track *track, const struct answers *answers, enum method method,
    struct answer_event events[STAGE_COUNT])
{
	for (size_t i = track->count; i-- > 0;)
		if (track->points[i].read)
			events[answers->stage[method][i]] = (struct answer_event){true, i};
}

static bool place_events(const struct track *track, const struct priors *priors,
    struct answer_event events[STAGE_COUNT], struct err *err)
{
	OWN(signals_done) struct signals signals = {0};
	struct decoded decoded;
	if (!signals_make(track, priors, &signals, err) || !decode(&signals, priors, &decoded, err))
		return false;
	for (int j = STAGE_PB2; j <= STAGE_HB; j++)
		events[j] =
		    (struct answer_event){decoded.events[j].place == PLACE_PLACED, decoded.events[j].point};
	return true;
}

static bool ask_reader(
    const struct sample *sample, const struct priors *priors, struct answers *answers, struct err *err)
{
	const struct track *track = &sample->track;
	bool follows = sample->film || (is_timed(track) && track->count >= TRACK_MIN);
	answers->has[METHOD_READER] = true;
	if (!follows) {
		memcpy(answers->stage[METHOD_READER], answers->stage[METHOD_FRAME_ONLY],
		    track->count * sizeof *answers->stage[0]);
		return true;
	}
	return decode_stages(track, WITNESS_ALL, priors, answers->stage[METHOD_READER], err) &&
	    (!sample->film || place_events(track, priors, answers->events[METHOD_READER], err));
}

static bool ask_clock(
    const struct sample *sample, const struct priors *priors, struct answers *answers, struct err *err)
{
	answers->has[METHOD_TIME_ONLY] = is_timed(&sample->track);
	return !answers->has[METHOD_TIME_ONLY] ||
	    decode_stages(&sample->track, WITNESS_CLOCK, priors, answers->stage[METHOD_TIME_ONLY], err);
}

bool answers_make(const struct sample *sample, const struct priors *priors, enum stage majority,
    struct answers *ret_answers, struct err *err)
{
	OWN(answers_done) struct answers answers = {0};
	const struct track *track = &sample->track;
	for (int m = 0; m < METHOD_COUNT; m++)
		if (!(answers.stage[m] = calloc(track->count + 1, sizeof *answers.stage[m])))
			return err_set(err, ERR_NO_MEMORY, "evaluating %s", sample->name);
	answers.has[METHOD_FRAME_ONLY] = answers.has[METHOD_MAJORITY] = true;
	for (size_t i = 0; i < track->count; i++) {
		answers.stage[METHOD_FRAME_ONLY][i] = reading_top_stage(&track->points[i].reading);
		answers.stage[METHOD_MAJORITY][i] = majority;
	}
	if (!ask_reader(sample, priors, &answers, err) || !ask_clock(sample, priors, &answers, err))
		return err_add(err, "evaluating %s", sample->name);
	if (sample->film) {
		find_first(track, &answers, METHOD_FRAME_ONLY, answers.events[METHOD_FRAME_ONLY]);
		if (answers.has[METHOD_TIME_ONLY])
			find_first(track, &answers, METHOD_TIME_ONLY, answers.events[METHOD_TIME_ONLY]);
	}
	*ret_answers = answers;
	answers = (struct answers){0};
	return true;
}

void answers_done(struct answers *answers)
{
	for (int m = 0; m < METHOD_COUNT; m++)
		free(answers->stage[m]);
	*answers = (struct answers){0};
}
