#include "evaluation/checks.h"

#include <stddef.h>

enum { HOUR_S = 3600 };

/* Hours; by insemination method, of which "unknown" is Figure 1's. None overlap within a method. */
static const struct {
	const char *name;
	struct {
		int16_t from_h, to_h;
	} of[INSEMINATION_COUNT];
} windows[] = {
    {"PN", {{16, 17}, {16, 17}, {16, 17}}},
    {"syngamy", {{24, 27}, {24, 26}, {25, 27}}},
    {"2-cell", {{30, 33}, {30, 32}, {31, 33}}},
    {"4-cell", {{42, 46}, {42, 44}, {44, 46}}},
    {"8-cell", {{62, 66}, {62, 64}, {64, 66}}},
    {"morula", {{92, 96}, {92, 94}, {94, 96}}},
    {"full blastocyst", {{107, 109}, {107, 109}, {107, 109}}},
    {"expanded blastocyst", {{110, 113}, {110, 112}, {111, 113}}},
};

bool checks_due(enum insemination method, int64_t now_s, struct check *ret_check)
{
	if (now_s == TIME_UNKNOWN)
		return false;
	for (size_t i = 0; i < sizeof windows / sizeof windows[0]; i++) {
		int64_t from_s = (int64_t)windows[i].of[method].from_h * HOUR_S;
		int64_t to_s = (int64_t)windows[i].of[method].to_h * HOUR_S;
		if (now_s > to_s)
			continue;
		if (from_s - now_s > CHECK_SOON_S)
			return false;
		*ret_check = (struct check){windows[i].name, from_s, to_s};
		return true;
	}
	return false;
}
