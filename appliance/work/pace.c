#include "work/pace.h"

/* How far back it looks, in slot time: long enough for the noise of single steps to vanish. */
static const double lately_us = 60e6, usually_us = 900e6;

void pace_start(struct pace *pace, int slots, double cut_us, double read_us)
{
	*pace = (struct pace){cut_us, read_us, 1, slots > 0 ? slots : 1};
}

static void follow(double *average, double value, double weight)
{
	if (value > 0)
		*average += (value - *average) * weight;
}

static double weight(double took, double back)
{
	return took < back ? took / back : 1;
}

void pace_step(struct pace *pace, int cut, double cut_us, int read, double read_us)
{
	double expected = cut * pace->cut_us + read * pace->read_us, took = cut_us + read_us;
	if (expected <= 0 || took <= 0)
		return;
	follow(&pace->slow, took / expected, weight(took, pace->slots * lately_us));
	double usual = weight(took, pace->slots * usually_us);
	if (cut > 0)
		follow(&pace->cut_us, cut_us / cut, usual);
	if (read > 0)
		follow(&pace->read_us, read_us / read, usual);
}
