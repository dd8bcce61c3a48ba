#include "models/models.h"

#include "base/place.h"

#include <stdio.h>
#include <string.h>

bool models_places(const char *store_folder, struct models_places *ret_places, struct err *err)
{
	if (!place_share(ret_places->shipped, sizeof ret_places->shipped, "models", err))
		return false;
	if (store_folder &&
	    snprintf(ret_places->clinic, sizeof ret_places->clinic, "%s/models", store_folder) >= (int)sizeof ret_places->clinic)
		return err_set(err, ERR_BAD_INPUT, "path too long: %s", store_folder);
	ret_places->folders = (struct models_folders){ret_places->shipped, store_folder ? ret_places->clinic : NULL};
	return true;
}

void model_open_done(struct model_open *model)
{
	if (model->fd >= 0)
		close(model->fd);
	json_decref(model->manifest);
	json_decref(model->report);
	*model = (struct model_open)MODEL_OPEN_INIT;
}

bool models_open(const struct models_folders *folders, const char *wanted, struct model_open *ret_model, struct err *err)
{
	(void)folders;
	(void)ret_model;
	return err_set(err, ERR_NOT_FOUND, "there is no model %s", wanted ? wanted : "");
}

bool models_open_file(const struct models_folders *folders, const char *path, struct model_open *ret_model,
    struct err *err)
{
	(void)folders;
	(void)ret_model;
	return err_set(err, ERR_NOT_FOUND, "there is no model %s", path);
}

bool models_each(const struct models_folders *folders, models_visit *visit, void *context, struct err *err)
{
	(void)folders;
	(void)visit;
	(void)context;
	(void)err;
	return true;
}

bool models_current(const struct models_folders *folders, char ret_label[MODEL_LABEL_SIZE], struct err *err)
{
	(void)folders;
	(void)ret_label;
	return err_set(err, ERR_NOT_FOUND, "there is no model");
}

bool models_use(const struct models_folders *folders, const char *label, struct err *err)
{
	(void)folders;
	return err_set(err, ERR_NOT_FOUND, "there is no model %s", label);
}

bool models_install(const struct models_folders *folders, const char *path, char ret_label[MODEL_LABEL_SIZE],
    struct err *err)
{
	(void)folders;
	(void)ret_label;
	return err_set(err, ERR_NOT_FOUND, "there is no model %s", path);
}
