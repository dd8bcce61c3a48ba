#include "work/plan_inside.h"

#include <math.h>
#include <string.h>

static bool earlier(const struct plan_dish *a, const struct plan_dish *b)
{
	if (a->deadline_us != b->deadline_us)
		return a->deadline_us < b->deadline_us;
	if (a->priority != b->priority)
		return a->priority > b->priority;
	return a->id < b->id;
}

/* Insertion: some thirty dishes, nearly in order. */
static void sort_dishes(const struct plan_dish *dishes, int *order, int count)
{
	for (int i = 1; i < count; i++) {
		int one = order[i], at = i;
		for (; at > 0 && earlier(&dishes[one], &dishes[order[at - 1]]); at--)
			order[at] = order[at - 1];
		order[at] = one;
	}
}

/* When everything up to here could be done, by home and cloud together. */
static double soonest(const struct plan_powers *p, double cut_us, double work_us, double cuts)
{
	double home = work_us / p->slots;
	if (p->rate <= 0)
		return home;
	double reads = fmin(cuts, (double)p->affordable);
	double both = (work_us + p->read * p->rate * p->latency) / (p->slots + p->read * p->rate);
	double sent = fmax(cut_us, work_us - reads * p->read) / p->slots;
	return fmin(home, fmax(both, sent));
}

/* All work up to a place in the order. */
struct load {
	double cut, work, cuts;
};

static void load_add(struct load *load, const struct plan_dish *dish, const struct plan_powers *p, int sign)
{
	load->cut += sign * dish->to_cut * p->cut;
	load->work += sign * plan_home_work(dish, p);
	load->cuts += sign * plan_spillable(dish);
}

static bool fits(
    const struct plan_input *input, const struct plan_powers *p, const struct load *load, int dish)
{
	return soonest(p, load->cut, load->work, load->cuts) <=
	       fmax(plan_time_left(input, &input->dishes[dish]), 0);
}

static int largest_of(
    const struct plan_input *input, const struct plan_powers *p, const int *order, int count)
{
	int largest = 0;
	for (int i = 1; i < count; i++)
		if (plan_home_work(&input->dishes[order[i]], p) >
		    plan_home_work(&input->dishes[order[largest]], p))
			largest = i;
	return largest;
}

/* Takes out of the order what cannot be in time whatever is done, so that it makes nothing else late: as
 * long as the dishes up to a deadline do not fit, the largest of them (J. M. Moore, Management Science 15,
 * 1968). One that is nearly done stays. Returns how many remain; the others are put behind them. */
static int take_late(const struct plan_input *input, const struct plan_powers *p, int *order)
{
	enum { NEARLY_US = 20 * 1000000 };
	int late[PLAN_DISHES_MAX], kept = 0, late_count = 0;
	struct load load = {0};
	for (int k = 0; k < input->dishes_count; k++) {
		int last = order[k];
		order[kept++] = last;
		load_add(&load, &input->dishes[last], p, 1);
		while (!fits(input, p, &load, last)) {
			int largest = largest_of(input, p, order, kept);
			const struct plan_dish *dish = &input->dishes[order[largest]];
			if (plan_home_work(dish, p) < NEARLY_US * p->slots)
				break;
			load_add(&load, dish, p, -1);
			late[late_count++] = order[largest];
			kept--;
			memmove(
			    &order[largest], &order[largest + 1], (size_t)(kept - largest) * sizeof *order);
		}
	}
	sort_dishes(input->dishes, late, late_count);
	memcpy(order + kept, late, (size_t)late_count * sizeof *order);
	return kept;
}

/* Late dishes go back into the order as early as they make no other one late. */
static void put_late(
    const struct plan_input *input, const struct plan_powers *p, int *order, int kept, bool *ret_late)
{
	for (int count = kept; count < input->dishes_count; count++) {
		int dish = order[count], place = 0;
		struct load load = {0};
		load_add(&load, &input->dishes[dish], p, 1);
		for (int k = 0; k < count; k++) {
			load_add(&load, &input->dishes[order[k]], p, 1);
			if (ret_late[order[k]] || !fits(input, p, &load, order[k]))
				place = k + 1;
		}
		memmove(&order[place + 1], &order[place], (size_t)(count - place) * sizeof *order);
		order[place] = dish;
		ret_late[dish] = true;
	}
}

void plan_order(const struct plan_input *input, const struct plan_powers *p, int *order, bool *ret_late)
{
	for (int i = 0; i < input->dishes_count; i++)
		order[i] = i;
	sort_dishes(input->dishes, order, input->dishes_count);
	put_late(input, p, order, take_late(input, p, order), ret_late);
}
