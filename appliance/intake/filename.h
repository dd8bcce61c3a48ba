/* What makers write into file and folder names.
 *
 *   D2014.04.24_S01082_I0132_D.pdb                        slide
 *   D2014.04.24_S1082_I132_WELL7_RUN527.jpeg              slide, well, run (numbers are not zero-padded)
 *   D2023.12.14_S00168_I4927_P_WELL05_RUN573.JPG          the same of an EmbryoScope+
 *   RI382-2_0000.png                                      a run only
 *   F-45, embryo_dataset_F15                              a focal plane's folder, in um
 */
#pragma once

#include "base/limits.h"

#include <stdbool.h>

/* Both spellings of one slide (S1082, S01082) give one code: "D2014.04.24_S01082_I0132". */
enum { SLIDE_CODE_SIZE = 64 };

struct frame_name {
	bool complete;               /* the maker's form: slide and well are known from it */
	char slide[SLIDE_CODE_SIZE]; /* "" unless complete */
	int well;                    /* as written, not checked; 1 unless complete */
	int run;
	int prefix_length;           /* unless complete: of what stands before the number */
};

/* The name begins with a slide code. */
bool filename_slide(const char *name, char ret_slide[SLIDE_CODE_SIZE]);
/* False: no picture's name, or no run number in it. */
bool filename_frame(const char *name, struct frame_name *ret_frame);
/* The name of a picture by its ending. */
bool filename_is_picture(const char *name);
bool filename_plane(const char *folder, int *ret_focal_um);
/* Hidden files, and the ones that systems leave behind everywhere. */
bool filename_is_noise(const char *name);
