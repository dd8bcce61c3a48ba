#include "intake/format.h"

#include <stddef.h>

/* In order of detection. */
static const struct format *const formats[] = {
	&format_pdb,
	&format_folder,
};

const struct format *format_find(const struct source *source)
{
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
		if (formats[i]->detect(source))
			return formats[i];
	return NULL;
}

bool format_place_check(int well, int run, int focal_um, struct err *err)
{
	enum { FOCAL_MAX_UM = 1000 };
	if (well < 1 || well > LIMIT_WELLS)
		return err_set(err, ERR_BAD_INPUT, "well %d: slides have 1 to %d", well, LIMIT_WELLS);
	if (run < 0 || run > LIMIT_RUNS)
		return err_set(err, ERR_BAD_INPUT, "run %d: 0 to %d is what a week of culture gives", run, LIMIT_RUNS);
	if (focal_um < -FOCAL_MAX_UM || focal_um > FOCAL_MAX_UM)
		return err_set(err, ERR_BAD_INPUT, "focal plane %d um: no stack is that deep", focal_um);
	return true;
}
