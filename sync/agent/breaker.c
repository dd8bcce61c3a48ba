#include "agent/breaker.h"

#include <math.h>

int64_t backoff_ms(int tries, int base_ms, int cap_ms, double chance)
{
	/* ldexp does not overflow into anything worse than infinity. */
	double whole = fmin(ldexp(base_ms, tries > 0 ? tries : 0), cap_ms);
	return (int64_t)(whole * (0.5 + chance / 2));
}

static void open_breaker(struct breaker *breaker, int64_t now_us, double chance)
{
	breaker->state = BREAKER_OPEN;
	breaker->until_us =
	    now_us + 1000 * backoff_ms(breaker->openings, BREAKER_BASE_MS, BREAKER_CAP_MS, chance);
	breaker->openings++;
}

enum breaker_state breaker_look(struct breaker *breaker, int64_t now_us)
{
	if (breaker->state == BREAKER_OPEN && now_us >= breaker->until_us)
		breaker->state = BREAKER_HALF_OPEN;
	return breaker->state;
}

void breaker_failed(struct breaker *breaker, int64_t started_us, int64_t now_us, double chance)
{
	if (breaker->in_row > 0 && started_us < breaker->counted_us)
		return;
	breaker->in_row++;
	breaker->counted_us = now_us;
	if (breaker->state == BREAKER_HALF_OPEN ||
	    (breaker->state == BREAKER_CLOSED && breaker->in_row >= BREAKER_FAILURES))
		open_breaker(breaker, now_us, chance);
}

void breaker_trip(struct breaker *breaker, int64_t now_us, double chance)
{
	breaker->in_row++;
	breaker->counted_us = now_us;
	if (breaker->state != BREAKER_OPEN)
		open_breaker(breaker, now_us, chance);
}

void breaker_passed(struct breaker *breaker)
{
	*breaker = (struct breaker){0};
}

void breaker_probed(struct breaker *breaker)
{
	if (breaker->state == BREAKER_CLOSED) {
		breaker->in_row = 0;
		return;
	}
	breaker->state = BREAKER_CLOSED;
	breaker->in_row = BREAKER_FAILURES - 1;
}

void window_open(struct window *window, int slots)
{
	*window = (struct window){.size = slots, .slots = slots};
}

int window_size(const struct window *window)
{
	return (int)window->size;
}

void window_throttled(struct window *window, int64_t started_us, int64_t now_us)
{
	if (window->cut_us && started_us < window->cut_us)
		return;
	window->size = fmax(window->size / 2, 1);
	window->cut_us = now_us;
}

void window_passed(struct window *window)
{
	window->size = fmin(window->size + 1 / window->size, window->slots);
}
