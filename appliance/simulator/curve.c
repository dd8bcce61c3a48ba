#include "simulator/curve.h"

#include <math.h>

static const double pi = 3.14159265358979323846;

double curve_sin(double x)
{
	double turns = floor(x / (2 * pi) + 0.5);
	double a = x - turns * 2 * pi;
	/* The sine mirrors at a quarter turn; the series is good to there. */
	if (a > pi / 2)
		a = pi - a;
	else if (a < -pi / 2)
		a = -pi - a;
	double s = a * a;
	return a * (1 + s * (-1.0 / 6 + s * (1.0 / 120 + s * (-1.0 / 5040 + s * (1.0 / 362880 - s / 39916800)))));
}

double curve_cos(double x)
{
	return curve_sin(x + pi / 2);
}

double curve_clamp(double x, double low, double high)
{
	return x < low ? low : x > high ? high : x;
}

double curve_step(double low, double high, double x)
{
	if (low == high)
		return x >= high ? 1 : 0;
	double t = curve_clamp((x - low) / (high - low), 0, 1);
	return t * t * (3 - 2 * t);
}

double curve_mix(double from, double to, double share)
{
	return from + (to - from) * share;
}

double curve_cube_root(double x)
{
	if (x <= 0)
		return 0;
	double y = x > 1 ? x : 1;
	/* Newton from above converges for every positive x. */
	for (int i = 0; i < 60; i++) {
		double next = (2 * y + x / (y * y)) / 3;
		if (next >= y)
			break;
		y = next;
	}
	return y;
}
