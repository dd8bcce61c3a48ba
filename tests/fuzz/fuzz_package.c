/* rooms: models */
/* A package is carried by hand and by wire: any bytes must be a package signed by the one trusted key, or be refused
 * with a sentence. The key is the test's own, so the corpus holds a package that opens. */
#include "models/package.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char trusted[1][CRYPTO_PEM_SIZE] = {"-----BEGIN PUBLIC KEY-----\n"
					   "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEKzDgpjxFXPvaTEgqHzcGuoUnvrKa\n"
					   "jMOj5uQq7zyvKG1CIyrE9nAEQpR+a7TtdCDVGDlEfMCB3EnGLThxI16NIw==\n"
					   "-----END PUBLIC KEY-----\n"};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct package_keys keys = {trusted, 1};
	OWN(package_done) struct package package = {0};
	struct err err = {0};
	if (package_open(data, size, &keys, &package, &err))
		assert(json_is_object(package.manifest) && package.name[0] && package.version[0]);
	else
		assert(err.detail[0]);
	return 0;
}
