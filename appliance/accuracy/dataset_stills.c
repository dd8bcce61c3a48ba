/* Blastocyst stills with a Gardner grade in their names: <anything>_<focal um>_<grade>.jpg, where the
 * grade begins with the expansion, 1 to 6, and goes on with letters and signs ("2BB-", "4AA"). Pictures
 * that differ in the plane only are one time point. Without a plane's number each picture is one. */
#include "accuracy/datasets.h"
#include "accuracy/pictures.h"

#include "base/file.h"
#include "base/text.h"
#include "intake/filename.h"

#include <ctype.h>
#include <string.h>

enum { STILLS_MAX = 20000 };

/* Expansion as stages. 1: a cavity under half the volume; 2: over half; 3: full; 4: expanded; 5, 6:
 * hatching, hatched (Istanbul consensus 2025, table 9). */
static const char *const expansion_stages[] = {"tSB", "tSB|tB", "tB", "tEB", "tHB", "tHB"};

struct still {
	char name[LIMIT_NAME]; /* the embryo: without plane and grade */
	int focal_um;
	stage_set truth;
	char *path;
};

static bool parse_name(const char *file, struct still *still)
{
	char stem[LIMIT_NAME];
	int64_t focal;
	const char *dot = strrchr(file, '.');
	if (!filename_is_picture(file) || !dot || (size_t)(dot - file) >= sizeof stem)
		return false;
	memcpy(stem, file, (size_t)(dot - file));
	stem[dot - file] = 0;
	char *grade = strrchr(stem, '_');
	if (!grade || grade[1] < '1' || grade[1] > '6' || !isalpha((unsigned char)grade[2]) ||
	    strspn(grade + 2, "ABCD+-") != strlen(grade + 2))
		return false;
	*grade++ = 0;
	stage_set_parse(expansion_stages[grade[0] - '1'], &still->truth);
	char *plane = strrchr(stem, '_');
	still->focal_um = 0;
	if (plane && text_to_i64(plane + 1, &focal) && focal >= -200 && focal <= 200) {
		still->focal_um = (int)focal;
		*plane = 0;
	}
	text_copy(still->name, sizeof still->name, stem);
	return true;
}

struct search {
	struct still *stills;
	size_t count;
	bool others; /* pictures that carry no grade */
};

static bool look(const char *full, const char *relative, void *context, struct err *err)
{
	struct search *search = context;
	struct still still = {0};
	const char *file = path_name(relative);
	if (filename_is_noise(file) || !filename_is_picture(file))
		return true;
	if (!parse_name(file, &still)) {
		search->others = true;
		return search->stills != NULL; /* one is enough to know */
	}
	if (search->count == STILLS_MAX)
		return err_set(err, ERR_TOO_LARGE, "more than %d stills", STILLS_MAX);
	if (search->stills) {
		still.path = strdup(full);
		if (!still.path)
			return err_set(err, ERR_NO_MEMORY, "listing the stills");
		search->stills[search->count] = still;
	}
	search->count++;
	return true;
}

static bool stills_detect(const char *path)
{
	struct search search = {0};
	struct err ignored;
	folder_walk(path, LIMIT_FOLDER_DEPTH, look, &search, &ignored);
	return search.count > 0 && !search.others;
}

static int by_embryo(const void *a, const void *b)
{
	const struct still *x = a, *y = b;
	int order = strcmp(x->name, y->name);
	return order ? order : (x->focal_um > y->focal_um) - (x->focal_um < y->focal_um);
}

static bool take_still(
    const struct still *still, struct dataset *dataset, struct pictures *pictures, struct err *err)
{
	OWN(buf_done) struct buf picture = BUF_INIT(LIMIT_FRAME_BYTES);
	struct err why;
	struct sample *sample = dataset_sample(dataset, still->name, 1);
	if (!sample)
		return err_set(err, ERR_NO_MEMORY, "taking the stills");
	size_t at = (size_t)(sample - dataset->samples);
	if (sample->track.count == 0) {
		const struct track_point point = {.run = 1, .time_s = TIME_UNKNOWN};
		if (!sample_add(sample, &point, still->truth, err) || !pictures_point(pictures, at, 0, err))
			return false;
	}
	if (!file_read(still->path, &picture, &why))
		return true;
	return pictures_plane(pictures, still->focal_um, picture.data, picture.size, err);
}

static void search_done_owned(struct search *search)
{
	for (size_t i = 0; search->stills && i < search->count; i++)
		free(search->stills[i].path);
	free(search->stills);
}

static bool stills_load(const char *path, const struct datasets_options *options, struct reader *reader,
    struct dataset *dataset, struct err *err)
{
	(void)options;
	OWN(search_done) struct search search = {.stills = calloc(STILLS_MAX, sizeof(struct still))};
	OWN(pictures_free) struct pictures *pictures = NULL;
	if (!search.stills)
		return err_set(err, ERR_NO_MEMORY, "listing the stills");
	if (!folder_walk(path, LIMIT_FOLDER_DEPTH, look, &search, err) ||
	    !pictures_new(reader, dataset, &pictures, err))
		return false;
	qsort(search.stills, search.count, sizeof *search.stills, by_embryo);
	for (size_t i = 0; i < search.count; i++)
		if (!take_still(&search.stills[i], dataset, pictures, err))
			return false;
	text_copy(dataset->maker, sizeof dataset->maker, "stills with a grade");
	dataset_note(dataset, "stills: one time point an embryo, so the decoder and the clock have no part");
	return pictures_finish(pictures, err);
}

const struct layout layout_stills = {"stills", true, stills_detect, stills_load};
