#include "model/reading.h"

enum stage reading_top_stage(const struct reading *reading)
{
	int top = 0;
	for (int i = 1; i < STAGE_COUNT; i++)
		if (reading->stage[i] > reading->stage[top])
			top = i;
	return (enum stage)top;
}

uint32_t reading_group_probability(const struct reading *reading, enum stage_group group)
{
	uint32_t sum = 0;
	for (int i = 0; i < STAGE_COUNT; i++)
		if (stage_group((enum stage)i) == group)
			sum += reading->stage[i];
	return sum;
}

enum stage_group reading_top_group(const struct reading *reading)
{
	enum stage_group top = GROUP_EMPTY;
	for (int i = 1; i < GROUP_COUNT; i++)
		if (reading_group_probability(reading, (enum stage_group)i) > reading_group_probability(reading, top))
			top = (enum stage_group)i;
	return top;
}
