#include "quality/kappa.h"

#include <math.h>

static double weight(const struct kappa_table *table, int i, int j)
{
	if (!table->ordered)
		return i == j;
	return 1 - fabs((double)(i - j)) / (table->classes - 1);
}

struct shares {
	double cells[KAPPA_CLASSES_MAX][KAPPA_CLASSES_MAX];
	double rows[KAPPA_CLASSES_MAX], columns[KAPPA_CLASSES_MAX];
	double seen, chance; /* weighted agreement */
};

static void take_shares(const struct kappa_table *table, int ratings, struct shares *shares)
{
	for (int i = 0; i < table->classes; i++) {
		for (int j = 0; j < table->classes; j++) {
			double share = (double)table->counts[i][j] / ratings;
			shares->cells[i][j] = share;
			shares->rows[i] += share;
			shares->columns[j] += share;
			shares->seen += weight(table, i, j) * share;
		}
	}
	for (int i = 0; i < table->classes; i++)
		for (int j = 0; j < table->classes; j++)
			shares->chance += weight(table, i, j) * shares->rows[i] * shares->columns[j];
}

/* Fleiss, Cohen and Everitt 1969, for weights of any kind. */
static double standard_error(const struct kappa_table *table, int ratings, const struct shares *shares)
{
	double row_weight[KAPPA_CLASSES_MAX] = {0}, column_weight[KAPPA_CLASSES_MAX] = {0}, sum = 0;
	double seen = shares->seen, chance = shares->chance;
	for (int i = 0; i < table->classes; i++) {
		for (int j = 0; j < table->classes; j++) {
			row_weight[i] += weight(table, i, j) * shares->columns[j];
			column_weight[j] += weight(table, i, j) * shares->rows[i];
		}
	}
	for (int i = 0; i < table->classes; i++) {
		for (int j = 0; j < table->classes; j++) {
			double part = weight(table, i, j) * (1 - chance) - (row_weight[i] + column_weight[j]) * (1 - seen);
			sum += shares->cells[i][j] * part * part;
		}
	}
	double centre = seen * chance - 2 * chance + seen;
	double variance = (sum - centre * centre) / (ratings * pow(1 - chance, 4));
	return variance > 0 ? sqrt(variance) : 0;
}

void kappa_of(const struct kappa_table *table, struct kappa *ret_kappa)
{
	struct kappa kappa = {0};
	struct shares shares = {0};
	for (int i = 0; i < table->classes; i++) {
		kappa.same += table->counts[i][i];
		for (int j = 0; j < table->classes; j++)
			kappa.ratings += table->counts[i][j];
	}
	if (kappa.ratings)
		take_shares(table, kappa.ratings, &shares);
	kappa.computable = kappa.ratings && shares.chance < 1 - 1e-12;
	if (kappa.computable) {
		kappa.value = (shares.seen - shares.chance) / (1 - shares.chance);
		kappa.error = standard_error(table, kappa.ratings, &shares);
		kappa.low = fmax(-1, kappa.value - 1.96 * kappa.error);
		kappa.high = fmin(1, kappa.value + 1.96 * kappa.error);
	}
	*ret_kappa = kappa;
}
