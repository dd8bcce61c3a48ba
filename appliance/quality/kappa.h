/* Cohen's kappa: how far two raters agree beyond what chance alone would give.
 *
 * Cohen 1960 (Educ Psychol Meas 20:37) for scales without an order. On an ordered scale a near miss counts for more than
 * a far one: weighted kappa (Cohen 1968, Psychol Bull 70:213) with linear weights 1 - |i - j| / (classes - 1)
 * (Cicchetti and Allison 1971). The standard error is the large-sample one of Fleiss, Cohen and Everitt 1969 (Psychol
 * Bull 72:323), the interval value +- 1.96 errors. Below some 30 ratings both are rough. */
#pragma once

#include <stdbool.h>

enum { KAPPA_CLASSES_MAX = 8 };

struct kappa_table {
	int classes; /* 2 .. KAPPA_CLASSES_MAX */
	bool ordered;
	int counts[KAPPA_CLASSES_MAX][KAPPA_CLASSES_MAX]; /* by the class of the first rater, then of the second */
};

struct kappa {
	int ratings, same;
	bool computable; /* false without ratings, and where both raters used one and the same class only */
	double value, error, low, high; /* -1 .. 1; void unless computable */
};

void kappa_of(const struct kappa_table *table, struct kappa *ret_kappa);
