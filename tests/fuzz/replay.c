/* Replays a corpus folder through a fuzz target where libFuzzer is not linked, so that every
 * input ever found runs in ctest with every compiler. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	if (!file)
		return 1;
	uint8_t *data = malloc(1 << 22);
	size_t size = data ? fread(data, 1, 1 << 22, file) : 0;
	fclose(file);
	/* An exact-size copy lets the sanitizer see a read one past the end. */
	uint8_t *exact = malloc(size ? size : 1);
	if (exact && data) {
		memcpy(exact, data, size);
		LLVMFuzzerTestOneInput(exact, size);
	}
	free(exact);
	free(data);
	return 0;
}

int main(int argc, char **argv)
{
	int count = 0;
	for (int i = 1; i < argc; i++) {
		if (argv[i][0] == '-')
			continue;
		DIR *folder = opendir(argv[i]);
		if (!folder) {
			fprintf(stderr, "no corpus at %s\n", argv[i]);
			return 1;
		}
		for (struct dirent *entry; (entry = readdir(folder));) {
			char path[4096];
			if (entry->d_name[0] == '.')
				continue;
			snprintf(path, sizeof path, "%s/%s", argv[i], entry->d_name);
			if (replay_file(path))
				return 1;
			count++;
		}
		closedir(folder);
	}
	printf("%d inputs replayed\n", count);
	return count ? 0 : 1;
}
