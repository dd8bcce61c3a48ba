/* rooms: evaluation
 * How long the decoder takes for one embryo: five days at a frame every 15 minutes, by a reader that counts cells. */
#include "base/clock.h"
#include "evaluation/decode.h"
#include "unit/evaluation/shipped.h"
#include "unit/evaluation/tracks.h"

#include <stdio.h>

enum { ROUNDS = 20 };

int main(void)
{
	struct err err = {0};
	struct track_plan plan = plan_textbook;
	plan.counts_cells = true;
	struct track track = track_make(&plan);
	const struct priors *priors = shipped_priors();
	int64_t start = clock_monotonic_us();
	for (int i = 0; i < ROUNDS; i++) {
		OWN(signals_done) struct signals signals = {0};
		struct decoded decoded;
		if (!signals_make(&track, priors, &signals, &err) || !decode(&signals, priors, &decoded, &err)) {
			fprintf(stderr, "bench_track: %s\n", err.detail);
			return 1;
		}
	}
	printf("%zu points decoded in %.1f ms\n", track.count, (double)(clock_monotonic_us() - start) / 1000 / ROUNDS);
	free(track.points);
	return 0;
}
