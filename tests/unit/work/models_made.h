/* Signed models of made-up networks in a store's own folder, for tests. */
#pragma once

#include "unit/unit.h"

#include "base/json.h"
#include "models/models.h"
#include "models/package.h"
#include "unit/reading/networks.h"

/* Signs a small network of this seed as NAME-VERSION, installs it in the store and makes it current. */
static inline void model_made(const char *store_folder, const char *name, const char *version, uint32_t seed)
{
	struct err err;
	struct models_places places;
	char key[CRYPTO_PEM_SIZE], path[LIMIT_PATH], label[MODEL_LABEL_SIZE];
	OWN(buf_done) struct buf network = BUF_INIT(8 << 20);
	OWN(buf_done) struct buf package = BUF_INIT(8 << 20);
	OWN(json_decref) json_t *manifest = json_pack("{s:s, s:s, s:s, s:s, s:[{s:s, s:i, s:i, s:s}], s:{s:{}}}", "name",
	    name, "version", version, "made", "2026-01-01", "summary", "made up", "training", "set", "none", "pictures", 0,
	    "embryos", 0, "licence", "none", "outputs", "stage");
	network_write_made(seed, true, &network);
	must(models_places(store_folder, &places, &err));
	must(models_box_key(&places.folders, key, &err));
	must(package_write(manifest, NULL, &network, key, &package, &err));
	snprintf(path, sizeof path, "%s/made.model", store_folder);
	must(file_write(path, package.data, package.size, 0644, &err));
	must(models_install(&places.folders, path, label, &err));
	must(models_use(&places.folders, label, &err));
}
