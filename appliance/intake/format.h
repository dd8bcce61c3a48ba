/* Formats: one file per maker, one table. A format looks at a source, indexes all of it when it is opened (so that
 * what cannot be taken is refused before its first picture), then gives its pictures one at a time in order of slide,
 * well, run, focal plane. It knows nothing of the store. */
#pragma once

#include "base/err.h"
#include "intake/filename.h"
#include "intake/notes.h"
#include "model/track.h"

#include <stdint.h>

/* One file or one folder of images. */
struct source {
	const char *path;
	const char *name; /* what it is called; the slide code may come from it */
	bool is_folder;
};

/* One place for a picture and what is in it. Pointers live until the next call of the reader. */
struct format_frame {
	const char *slide;
	bool slide_named; /* by the maker; false: by the folder's name only */
	const char *code; /* what tables beside the pictures are called after; NULL: they have no name of their own */
	int well, run, focal_um;
	int64_t clock_s;              /* on the export's clock; TIME_UNKNOWN */
	int64_t insemination_clock_s; /* of the slide, on the same clock; TIME_UNKNOWN */
	const uint8_t *data;          /* NULL: damage says why there is no picture */
	size_t size;
	const char *damage;           /* completes "the picture ..." */
};

/* An annotation that came with the export. */
struct format_annotation {
	const char *slide;
	int well;
	struct annotation annotation;
};

struct format {
	const char *name; /* kept with the dish */
	bool (*detect)(const struct source *source);
	/* Findings about the whole source go to notes. ret_total: places for a picture. An error of the code's
	 * kinds below ERR_NO_MEMORY refuses the source; its detail is a sentence for a person. */
	bool (*open)(const struct source *source, struct notes *notes, void **ret_reader, int64_t *ret_total,
	    struct err *err);
	/* *ret_end at the end. False only for failures of the box. */
	bool (*next)(void *reader, struct format_frame *ret_frame, bool *ret_end, struct err *err);
	/* The annotations whose clock agrees with the pictures'. NULL: the format has none. */
	bool (*annotations)(void *reader, bool (*each)(const struct format_annotation *, void *context, struct err *),
	    void *context, struct err *err);
	void (*close)(void *reader);
};

/* The first one that detects the source, NULL if none does. */
const struct format *format_find(const struct source *source);

extern const struct format format_pdb;
extern const struct format format_folder;

/* Slide, well, run and plane that the box can keep; why is a short sentence when false. */
bool format_place_check(int well, int run, int focal_um, struct err *err);
