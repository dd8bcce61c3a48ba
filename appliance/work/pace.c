#include "work/pace.h"

/* Of the newest step: a dozen steps tell how it is lately, a hundred how it is usually. */
static const double lately = 0.15, usually = 0.03;

void pace_start(struct pace *pace, double cut_us, double read_us)
{
	*pace = (struct pace){cut_us, read_us, 1};
}

static void follow(double *average, double value, double weight)
{
	if (value > 0)
		*average += (value - *average) * weight;
}

void pace_step(struct pace *pace, int cut, double cut_us, int read, double read_us)
{
	double expected = cut * pace->cut_us + read * pace->read_us, took = cut_us + read_us;
	if (expected <= 0 || took <= 0)
		return;
	follow(&pace->slow, took / expected, lately);
	if (cut > 0)
		follow(&pace->cut_us, cut_us / cut, usually);
	if (read > 0)
		follow(&pace->read_us, read_us / read, usually);
}
