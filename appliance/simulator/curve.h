/* Curves made of plain IEEE arithmetic, so that every build draws the same bytes: the C library's sine
 * differs between versions. */
#pragma once

/* Error below 1e-6 for |x| < 1000. */
double curve_sin(double x);
double curve_cos(double x);
/* 0 up to low, 1 from high, a smooth step between; low may be above high. */
double curve_step(double low, double high, double x);
double curve_mix(double from, double to, double share);
double curve_clamp(double x, double low, double high);
/* x^(1/3) for x >= 0 */
double curve_cube_root(double x);
