/* rooms: store */
/* How fast frames are acknowledged and read back: 20 kB each, by the size of a call.
 *
 * bench_frames [folder to make the store in] */
#include "base/clock.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/limits.h"
#include "store/dishes.h"
#include "store/embryos.h"
#include "store/frames.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PICTURE_SIZE = 20000, FRAMES = 4096 };

static struct err err;
static uint8_t pictures[LIMIT_FRAMES_PER_COMMIT][PICTURE_SIZE];

static void must(bool ok)
{
	if (ok)
		return;
	fprintf(stderr, "%s\n", err.detail);
	exit(2);
}

static double seconds_since(int64_t start_us)
{
	return (double)(clock_monotonic_us() - start_us) / 1e6;
}

static void add(struct store *store, int64_t dish, int64_t embryo, int first_run, int count)
{
	struct frame_new frames[LIMIT_FRAMES_PER_COMMIT];
	enum frame_outcome outcomes[LIMIT_FRAMES_PER_COMMIT];
	for (int i = 0; i < count; i++) {
		snprintf((char *)pictures[i], 32, "%lld %d", (long long)embryo, first_run + i);
		frames[i] = (struct frame_new){
		    embryo, first_run + i, 0, 0, 500, 500, pictures[i], PICTURE_SIZE};
	}
	must(frames_add(store, dish, frames, (size_t)count, outcomes, &err));
}

static void measure(struct store *store, int64_t dish, int well, int count)
{
	OWN(buf_done) struct buf got = BUF_INIT(LIMIT_FRAME_BYTES);
	int64_t embryo;
	int frames = count < 16 ? FRAMES / 16 : FRAMES;
	must(embryos_obtain(store, dish, well, &embryo, &err));
	int64_t start_us = clock_monotonic_us();
	for (int run = 0; run < frames; run += count)
		add(store, dish, embryo, run, count);
	double added = seconds_since(start_us);
	start_us = clock_monotonic_us();
	for (int run = 0; run < frames; run++) {
		buf_clear(&got);
		must(frames_read(store, embryo, run, 0, &got, NULL, &err));
	}
	printf("%4d a call: %7.0f frames/s added, %7.1f ms a call; %7.0f frames/s read\n", count,
	    frames / added, 1e3 * added * count / frames, frames / seconds_since(start_us));
}

int main(int argc, char **argv)
{
	static const int counts[] = {1, 7, 64, LIMIT_FRAMES_PER_COMMIT};
	char folder[LIMIT_PATH];
	struct store *store = NULL;
	int64_t dish;
	snprintf(folder, sizeof folder, "%s/daybreak-bench-XXXXXX", argc > 1 ? argv[1] : "/tmp");
	must(mkdtemp(folder) != NULL && store_create(folder, &err) && store_open(folder, &store, &err));
	must(dishes_obtain(store, "S1", "bench", 0, &dish, &err));
	crypto_random(pictures, sizeof pictures);
	for (int i = 0; i < 4; i++)
		measure(store, dish, i + 1, counts[i]);
	store_close(store);
	must(folder_remove(folder, &err));
	return 0;
}
