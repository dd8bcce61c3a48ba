/* rooms: reading
 * How fast the network runs by itself: cuts in, answers out, one network for all threads.
 *
 *   bench_engine NETWORK.bin [threads]     milliseconds a cut on every path, and the machine's int8 peak
 *   bench_engine --make NETWORK.bin        writes a network of our own shape with random weights
 *   bench_engine --answer NETWORK.bin      the logits of one known picture, for a peer to be held against
 *
 * engine.py runs it beside other engines. Figures are the best of many short rounds: what else the machine
 * does between them does not count. */
#include "../unit/reading/networks.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "reading/network_map.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>

enum { ROUNDS = 300, CUTS = 8, THREADS_MAX = 16, PEAK_STEPS = 400000, PEAK_SUMS = 12 };

static struct err err;

static void must(bool ok)
{
	if (ok)
		return;
	fprintf(stderr, "bench_engine: %s\n", err.detail);
	exit(2);
}

/* The same pictures as engine.py draws. */
static void draw(struct cut *cut)
{
	uint32_t seed = 1;
	cut->planes = CUT_PLANES_MAX;
	for (int p = 0; p < CUT_PLANES_MAX; p++)
		for (int i = 0; i < CUT_SIDE * CUT_SIDE; i++)
			cut->pixels[p][i] = (uint8_t)(network_random(&seed) % 256);
}

struct job {
	const struct network *network;
	const struct cut *cut;
	void *scratch;
	int rounds;
	double best_ms; /* a round of CUTS or PEAK_STEPS */
	pthread_barrier_t *start;
	void (*round)(struct job *job);
};

static void run_cuts(struct job *job)
{
	for (int i = 0; i < CUTS; i++)
		network_run(job->network, job->cut, job->scratch);
}

#if defined(__x86_64__)
#include <immintrin.h>

/* Nothing but multiplying in registers: 12 sums, each waiting for itself alone. */
__attribute__((target("avx512f,avx512vnni"))) static void run_peak(struct job *job)
{
	__m512i x = _mm512_set1_epi32(0x01020304), w = _mm512_set1_epi32(0x7F010203);
	__m512i a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
	(void)job;
	for (int step = 0; step < PEAK_STEPS; step++) {
#define MULTIPLY(sum) __asm__ volatile("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(x), "v"(w))
		MULTIPLY(a);
		MULTIPLY(b);
		MULTIPLY(c);
		MULTIPLY(d);
		MULTIPLY(e);
		MULTIPLY(f);
		MULTIPLY(g);
		MULTIPLY(h);
		MULTIPLY(i);
		MULTIPLY(j);
		MULTIPLY(k);
		MULTIPLY(l);
	}
}
#else
static void run_peak(struct job *job)
{
	(void)job;
}
#endif

/* All threads begin each round together. */
static void *run_rounds(void *context)
{
	struct job *job = context;
	job->best_ms = 1e9;
	for (int round = 0; round < job->rounds; round++) {
		pthread_barrier_wait(job->start);
		int64_t begin = clock_monotonic_us();
		job->round(job);
		double ms = (double)(clock_monotonic_us() - begin) / 1e3;
		job->best_ms = ms < job->best_ms ? ms : job->best_ms;
	}
	return NULL;
}

/* Milliseconds of a round, each thread at its best. */
static double measure(
    const struct network *network, const struct cut *cut, int threads, void (*round)(struct job *))
{
	/* Plain C takes a hundred times as long and is no news. */
	int rounds = network_path(network) == NETWORK_PLAIN ? ROUNDS / 100 : ROUNDS;
	struct job jobs[THREADS_MAX];
	pthread_t ids[THREADS_MAX];
	pthread_barrier_t start;
	double sum = 0;
	pthread_barrier_init(&start, NULL, (unsigned)threads);
	for (int i = 0; i < threads; i++) {
		jobs[i] = (struct job){network, cut, network_scratch(network), rounds, 0, &start, round};
		pthread_create(&ids[i], NULL, run_rounds, &jobs[i]);
	}
	for (int i = 0; i < threads; i++) {
		pthread_join(ids[i], NULL);
		free(jobs[i].scratch);
		sum += jobs[i].best_ms;
	}
	pthread_barrier_destroy(&start);
	return sum / threads;
}

static void bench(struct network *network, int threads)
{
	static struct cut cut;
	draw(&cut);
	double work = (double)network_work(network), rate = 0;
	for (int path = 0; path < NETWORK_PATHS; path++) {
		if (!network_path_runs((enum network_path)path))
			continue;
		network_force_path(network, (enum network_path)path);
		double ms = measure(network, &cut, threads, run_cuts) / CUTS / threads;
		rate = work / ms / 1e6;
		printf("%s, %d threads: %.4f ms a cut, %.1f GMAC/s\n",
		    network_path_name((enum network_path)path), threads, ms, rate);
	}
	if (!network_path_runs(NETWORK_VNNI))
		return;
	double peak =
	    (double)PEAK_SUMS * 64 * PEAK_STEPS * threads / measure(network, &cut, threads, run_peak) / 1e6;
	printf("int8 peak, %d threads: %.1f GMAC/s; the network reaches %.0f %% of it\n", threads, peak,
	    100 * rate / peak);
}

static void answer(struct network *network)
{
	static struct cut cut;
	size_t count;
	void *scratch = network_scratch(network);
	draw(&cut);
	network_run(network, &cut, scratch);
	const int32_t *logits = network_logits(network, scratch, NETWORK_STAGE, &count);
	for (size_t i = 0; i < count; i++)
		printf("%d\n", (int)logits[i]);
	free(scratch);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr,
		    "bench_engine NETWORK.bin [threads] | --make NETWORK.bin | --answer NETWORK.bin\n");
		return 1;
	}
	if (argc == 3 && strcmp(argv[1], "--make") == 0) {
		OWN(buf_done) struct buf bytes = BUF_INIT(1 << 20);
		network_write_made(1, false, &bytes);
		must(file_write(argv[2], bytes.data, bytes.size, 0644, &err));
		return 0;
	}
	bool answering = argc == 3 && strcmp(argv[1], "--answer") == 0;
	OWN(fd_close) int fd = open(argv[answering ? 2 : 1], O_RDONLY | O_CLOEXEC);
	OWN(network_unmap) struct network_map map = {0};
	int64_t threads = 1;
	must(fd >= 0 || err_errno(&err, "opening %s", argv[1]));
	must(network_map(fd, &map, &err));
	if (answering) {
		answer(map.network);
		return 0;
	}
	if (argc > 2 && (!text_to_i64(argv[2], &threads) || threads < 1 || threads > THREADS_MAX))
		threads = 1;
	bench(map.network, (int)threads);
	return 0;
}
