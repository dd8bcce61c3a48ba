#include "accuracy/datasets.h"

#include "base/file.h"
#include "base/text.h"
#include "intake/mark.h"
#include "intake/notes.h"

#include <string.h>

/* In order of detection. */
static const struct layout *const layouts[] = {
    &layout_predictions, &layout_marks, &layout_stills, &layout_film};

static const struct layout *find_layout(const char *path)
{
	for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++)
		if (layouts[i]->detect(path))
			return layouts[i];
	return NULL;
}

bool datasets_need_reader(const char *path)
{
	const struct layout *layout = find_layout(path);
	return layout && layout->pictures;
}

/* The last part of the path, without what the layout of files says anyway. */
static void name_dataset(struct dataset *dataset, const char *path)
{
	char name[LIMIT_PATH];
	mark_name(name, sizeof name, path, NULL);
	char *dot = strrchr(name, '.');
	if (dot && (strcmp(dot, ".csv") == 0 || strcmp(dot, ".pdb") == 0))
		*dot = 0;
	notes_plain(dataset->name, sizeof dataset->name, name);
}

/* Neighbours of a film belong together, whatever their order in the files; the events follow from the
 * truth. */
static void finish(struct dataset *dataset)
{
	for (size_t i = 0; i < dataset->count; i++)
		if (dataset->samples[i].film)
			sample_find_events(&dataset->samples[i]);
}

bool datasets_open(const char *path, const struct datasets_options *options, struct reader *reader,
    struct dataset *ret_dataset, struct err *err)
{
	OWN(dataset_done) struct dataset dataset = {0};
	const struct layout *layout = find_layout(path);
	if (!file_exists(path))
		return err_set(err, ERR_NOT_FOUND, "there is no %s", path);
	if (!layout)
		return err_set(err, ERR_UNSUPPORTED, "%s is no data set of a known layout", path);
	if (layout->pictures && !reader)
		return err_set(
		    err, ERR_NOT_FOUND, "%s holds pictures, but there is no model to read them", path);
	if (!dataset_init(&dataset, err))
		return false;
	name_dataset(&dataset, path);
	if (!layout->load(path, options, reader, &dataset, err))
		return err_add(err, "opening %s", path);
	if (dataset.count == 0)
		return err_set(err, ERR_BAD_INPUT, "%s holds no embryo", path);
	finish(&dataset);
	*ret_dataset = dataset;
	dataset = (struct dataset){0};
	return true;
}
