/* rooms: base
 * The peer: libjpeg-turbo merely decoding every frame of a .pdb to grey, on one core. */
#include "base/clock.h"
#include "base/db.h"
#include "base/image.h"

#include <stdio.h>

int main(int argc, char **argv)
{
	struct err err = {0};
	OWN(db_close) struct db *db = NULL;
	int64_t frames = 0, decoding_us = 0;
	if (argc != 2 || !db_open_foreign(argv[1], &db, &err)) {
		fprintf(stderr, "bench_decode SLIDE.pdb: %s\n", err.detail);
		return 1;
	}
	struct db_statement *s = db_prepare(db, "SELECT Image FROM IMAGES");
	while (db_step(s)) {
		size_t size;
		const void *data = db_column_blob(s, 0, &size);
		struct image *image = NULL;
		int64_t start = clock_monotonic_us();
		if (!image_decode(data, size, &image, &err))
			break;
		decoding_us += clock_monotonic_us() - start;
		image_free(image);
		frames++;
	}
	if (!db_finish(s, &err) || err.code) {
		fprintf(stderr, "bench_decode: %s\n", err.detail);
		return 1;
	}
	printf("%lld frames decoded in %.2f s\n", (long long)frames, (double)decoding_us / 1e6);
	return 0;
}
