/* lab-year STORE: puts the year of unit/quality/year.h into the store of a lab whose people are there already. */
#include "unit/quality/year.h"

#include "base/clock.h"

struct people {
	int64_t anna, ben;
};

static bool keep_person(const struct user *user, void *context)
{
	struct people *people = context;
	if (strcmp(user->name, "anna") == 0)
		people->anna = user->id;
	if (strcmp(user->name, "ben") == 0)
		people->ben = user->id;
	return true;
}

int main(int argc, char **argv)
{
	struct err err = {0};
	struct people people = {0};
	OWN(store_close) struct store *store = NULL;
	if (argc != 2 || !store_open(argv[1], &store, &err) || !users_each(store, keep_person, &people, &err)) {
		fprintf(stderr, "lab-year: %s\n", argc == 2 ? err.detail : "needs the folder of a store");
		return 1;
	}
	struct year year = {.store = store, .anna = people.anna, .ben = people.ben, .now_us = clock_now_us(), .months = YEAR_MONTHS};
	if (!year_fill(&year, &err)) {
		fprintf(stderr, "lab-year: %s\n", err.detail);
		return 1;
	}
	return 0;
}
