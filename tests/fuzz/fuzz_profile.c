/* rooms: evaluation */
/* A rule profile is a file that a clinic edits: any bytes must parse or be refused, and what parses must run on any
 * times. */
#include "evaluation/profile.h"

#include "model/time.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWN(profile_free) struct profile *profile = NULL;
	struct err err;
	if (!profile_parse((const char *)data, size, &profile, &err))
		return 0;
	for (int round = 0; round < 4; round++) {
		struct profile_input input = {.method = (enum insemination)(round % INSEMINATION_COUNT)};
		struct profile_result result;
		memset(input.noted, round - 1, sizeof input.noted);
		for (int j = 0; j < STAGE_COUNT; j++)
			input.time_s[j] = round == 0 ? TIME_UNKNOWN : round == 3 ? INT64_MAX - j : j * 25000 * round;
		profile_run(profile, &input, &result);
		json_decref(profile_result_json(profile, &result));
	}
	return 0;
}
