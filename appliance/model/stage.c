#include "model/stage.h"

#include <string.h>

static const struct {
	const char *name;
	int cells;
	const char *meaning;
} table[STAGE_COUNT] = {
#define X(stage, name, cells, meaning) [stage] = {name, cells, meaning},
    STAGE_TABLE(X)
#undef X
};

const char *stage_name(enum stage stage)
{
	return stage < STAGE_COUNT ? table[stage].name : "unknown";
}

const char *stage_meaning(enum stage stage)
{
	return stage < STAGE_COUNT ? table[stage].meaning : "unknown";
}

int stage_cells(enum stage stage)
{
	return stage < STAGE_COUNT ? table[stage].cells : 0;
}

bool stage_from_name(const char *name, enum stage *ret_stage)
{
	bool prefixed = name[0] == 't' || name[0] == 'p';
	for (int i = 0; i < STAGE_COUNT; i++) {
		bool same = strcmp(table[i].name, name) == 0 ||
		    (i != STAGE_EMPTY && prefixed && strcmp(table[i].name + 1, name + 1) == 0);
		if (!same)
			continue;
		*ret_stage = (enum stage)i;
		return true;
	}
	if (prefixed && strcmp(name + 1, "9+") == 0) {
		*ret_stage = STAGE_9;
		return true;
	}
	return false;
}

enum stage_group stage_group(enum stage stage)
{
	if (stage == STAGE_EMPTY)
		return GROUP_EMPTY;
	if (stage <= STAGE_PNF)
		return GROUP_ZYGOTE;
	if (stage <= STAGE_9)
		return GROUP_CLEAVAGE;
	return stage == STAGE_M ? GROUP_MORULA : GROUP_BLASTOCYST;
}

const char *stage_group_name(enum stage_group group)
{
	static const char *const names[GROUP_COUNT] = {"empty", "zygote", "cleavage", "morula", "blastocyst"};
	return group < GROUP_COUNT ? names[group] : "unknown";
}
