#include "work/lane.h"

#include "base/clock.h"
#include "store/waiting.h"

/* A few cuts of a flight, as many as a step reads. */
struct handful {
	size_t count;
	struct waiting_answer answers[BURST_STEP];
	struct cut cuts[BURST_STEP];
};

/* The cuts from `from` on that still wait. */
static bool open_cuts(
    struct lane *lane, const struct flight *flight, size_t from, struct handful *handful, struct err *err)
{
	handful->count = 0;
	for (size_t i = from; i < flight->count && i < from + BURST_STEP; i++) {
		bool found;
		if (!burst_open(lane->store, flight, i, &handful->cuts[handful->count], &found, err))
			return false;
		if (found)
			handful->answers[handful->count++] = (struct waiting_answer){.waiting = flight->cuts[i]};
	}
	return true;
}

/* All in one batch; when that kills the reader, one at a time: the one that kills it again is set aside. False: no reader
 * can be started, which is no cut's fault. */
static bool read_handful(struct lane *lane, struct handful *handful, struct err *err)
{
	struct reading readings[BURST_STEP];
	struct err lost;
	int64_t began_us = clock_monotonic_us();
	if (reader_read(lane->reader, handful->cuts, handful->count, readings, &lost)) {
		for (size_t i = 0; i < handful->count; i++)
			handful->answers[i].reading = readings[i];
		burst_measure_home(
		    lane->work->burst, 0, clock_monotonic_us() - began_us, 0, (int)handful->count);
		return true;
	}
	for (size_t i = 0; i < handful->count; i++) {
		struct waiting_answer *answer = &handful->answers[i];
		if (!reader_wake(lane->reader, err))
			return false;
		answer->damaged = !reader_read(lane->reader, &handful->cuts[i], 1, &answer->reading, &lost);
	}
	return true;
}

bool step_waiting(struct lane *lane, const struct flight *flight, struct err *err)
{
	OWN(free) struct handful *handful = malloc(sizeof *handful);
	if (!handful)
		return err_set(err, ERR_NO_MEMORY, "reading cuts");
	struct burst *burst = lane->work->burst;
	for (size_t from = 0; from < flight->count && !burst_is_settled(burst, flight); from += BURST_STEP) {
		size_t stored = 0;
		if (!open_cuts(lane, flight, from, handful, err))
			return false;
		if (handful->count == 0)
			continue;
		if (!read_handful(lane, handful, err) ||
		    !waiting_answer(
			lane->store, lane->version, lane->digest, handful->answers, handful->count, &stored, err))
			return false;
		lane->runs_done += (int64_t)stored;
	}
	return true;
}
