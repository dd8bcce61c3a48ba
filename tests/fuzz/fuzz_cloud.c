/* rooms: wire */
/* Any text as the clinic's cloud.json: what is taken lies within its limits, what is not is told. */
#include "base/file.h"
#include "wire/cloud.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char public_pem[] = "-----BEGIN PUBLIC KEY-----\n"
				 "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEKzDgpjxFXPvaTEgqHzcGuoUnvrKa\n"
				 "jMOj5uQq7zyvKG1CIyrE9nAEQpR+a7TtdCDVGDlEfMCB3EnGLThxI16NIw==\n"
				 "-----END PUBLIC KEY-----\n";

/* Holds function.pem, which the texts of the corpus name. */
static char folder[] = "/tmp/daybreak-fuzz-XXXXXX";

static void remove_folder(void)
{
	folder_remove(folder, NULL);
}

static void make_folder(void)
{
	static bool made;
	char path[128];
	if (made)
		return;
	made = mkdtemp(folder) != NULL;
	atexit(remove_folder);
	snprintf(path, sizeof path, "%s/function.pem", folder);
	made = made && file_write(path, public_pem, strlen(public_pem), 0600, NULL);
	assert(made);
}

static void check(const struct cloud *cloud)
{
	const int64_t now_us = 1795000000000000;
	assert(cloud->regions_count >= 1 && cloud->regions_count <= CLOUD_REGIONS_MAX);
	assert(cloud->endpoints_count >= 1 && cloud->endpoints_count <= CLOUD_ENDPOINTS_MAX);
	assert(cloud->site[0] && cloud->budget_day >= 0 && cloud->budget_month >= 0);
	assert(cloud_decision_us(cloud, now_us) > now_us);
	assert(cloud_uplink(cloud, now_us) >= 0);
	for (int i = 0; i < cloud->endpoints_count; i++) {
		const struct cloud_endpoint *endpoint = &cloud->endpoints[i];
		assert(endpoint->slots >= 1 && endpoint->slots <= CLOUD_SLOTS_MAX);
		assert(strncmp(endpoint->url, "https://", 8) == 0 && endpoint->ca[0] && endpoint->key[0]);
		assert(cloud_cost_nano(endpoint, 1000) >= 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWN(cloud_free) struct cloud *cloud = NULL;
	struct err err = {0};
	make_folder();
	if (cloud_parse((const char *)data, size, folder, &cloud, &err))
		check(cloud);
	else
		assert(err.code == ERR_BAD_INPUT && err.detail[0]);
	return 0;
}
