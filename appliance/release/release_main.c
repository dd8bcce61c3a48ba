/* daybreak-release: signs a release and checks one. For those who make releases; it is in no package. */
#include "base/crypto.h"
#include "base/file.h"
#include "release/sums.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum { EXIT_OK, EXIT_FAILED, EXIT_USAGE };

static const char usage[] =
    "usage: daybreak-release sign FOLDER --key PRIVATE.pem     list every file of it, and sign the list\n"
    "       daybreak-release verify FOLDER --key PUBLIC.pem    hold every file against the signed list\n"
    "\n"
    "`daybreak model key --out FILE.pem` makes a pair. Exit status: 0 done, 1 refused, 2 wrong usage.\n";

static bool run(const char *what, const char *folder, const char *pem, struct err *err)
{
	size_t files;
	if (strcmp(what, "sign") == 0) {
		if (!sums_sign(folder, pem, err))
			return false;
		printf("%s is signed\n", folder);
		return true;
	}
	if (!sums_verify(folder, pem, &files, err))
		return false;
	printf("%s: all %zu files are those that were signed\n", folder, files);
	return true;
}

int main(int argc, char **argv)
{
	static const struct option known[] = {
	    {"key", required_argument, NULL, 'k'}, {"help", no_argument, NULL, 'h'}, {0}};
	const char *key_path = NULL;
	for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
		if (option == 'h') {
			printf("%s", usage);
			return EXIT_OK;
		}
		if (option == 'k')
			key_path = optarg;
	}
	const char *what = argc - optind == 2 ? argv[optind] : "";
	if (!key_path || (strcmp(what, "sign") != 0 && strcmp(what, "verify") != 0)) {
		fprintf(stderr, "%s", usage);
		return EXIT_USAGE;
	}
	struct err err;
	OWN(buf_done) struct buf key = BUF_INIT(CRYPTO_PEM_SIZE);
	bool ok = file_read(key_path, &key, &err) && run(what, argv[optind + 1], buf_text(&key), &err);
	if (key.data)
		crypto_wipe(key.data, key.size);
	if (!ok)
		fprintf(stderr, "daybreak-release: %s\n", err.detail);
	return ok ? EXIT_OK : EXIT_FAILED;
}
