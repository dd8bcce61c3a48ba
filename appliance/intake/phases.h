/* `<code>_phases.csv`: headerless `phase,first_frame,last_frame`, what a person saw in each run. The index is the RUN
 * number of the pictures, unless it is not: in one export of twenty the annotations were made on another count of
 * frames. phases_check notices that; such annotations are never taken. */
#pragma once

#include "base/err.h"
#include "model/stage.h"

#include <stddef.h>

enum { PHASES_MAX = 64 };

struct phase {
	enum stage stage;
	int first, last; /* index, inclusive */
};

struct phases {
	struct phase list[PHASES_MAX];
	size_t count;
	int rows_bad; /* rows that are no phase */
	int last;     /* highest index */
};

/* ERR_BAD_INPUT: no usable row, or phases that are not in order of index. */
bool phases_parse(const char *text, size_t size, struct phases *ret_phases, struct err *err);
/* Whether the annotations can be on the clock of the pictures: the last index may exceed the last run by
 * PHASES_SLACK at most. An index that ends early is normal: nobody has to annotate to the end. */
enum { PHASES_SLACK = 2 };
bool phases_check(const struct phases *phases, int last_run);
