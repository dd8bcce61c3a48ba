/* Linked around the real reader (ld --wrap): reading a cut takes TIMES_SLOWER times as long, as on a box that is too small
 * for its morning, or WAIT_MS longer. What is added is waiting, not computing, so that the clouds on the same test machine keep
 * their processor; and it is counted from the processor time that reading took, so that a busy machine does not add up tenfold. */
#include "reading/read.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

void __real_read_cut(
    const struct network *network, void *scratch, const struct cut *cut, struct reading *ret_reading);
void __wrap_read_cut(
    const struct network *network, void *scratch, const struct cut *cut, struct reading *ret_reading);

static int64_t processor_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* The reader's walls allow no nanosleep; nobody wakes this word. */
static void wait_ns(int64_t ns)
{
	static const uint32_t never;
	const struct timespec limit = {ns / 1000000000, ns % 1000000000};
	syscall(SYS_futex, &never, FUTEX_WAIT_PRIVATE, 0, &limit, NULL, 0);
}

void __wrap_read_cut(
    const struct network *network, void *scratch, const struct cut *cut, struct reading *ret_reading)
{
	int64_t before = processor_ns();
	__real_read_cut(network, scratch, cut, ret_reading);
	wait_ns((TIMES_SLOWER - 1) * (processor_ns() - before) + WAIT_MS * 1000000LL);
}
