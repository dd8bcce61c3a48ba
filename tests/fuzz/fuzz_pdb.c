/* rooms: intake */
/* A slide's database from any bytes: opened, indexed and read to its end. */
#include "base/crypto.h"
#include "intake/format.h"

#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const struct source *source, struct notes *notes)
{
	void *reader;
	int64_t total, seen = 0;
	struct err err;
	if (!format_pdb.open(source, notes, &reader, &total, &err))
		return;
	for (;;) {
		struct format_frame frame;
		bool end;
		if (!format_pdb.next(reader, &frame, &end, &err) || end)
			break;
		seen++;
		/* Either a picture or a reason; every byte can be read. */
		if (!frame.data == !frame.damage || !format_place_check(frame.well, frame.run, frame.focal_um, NULL))
			__builtin_trap();
		uint8_t digest[CRYPTO_DIGEST_SIZE];
		if (frame.data)
			crypto_sha256(frame.data, frame.size, digest);
	}
	if (seen != total)
		__builtin_trap();
	format_pdb.close(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* SQLite resolves links, so a file without a name is out of its reach. */
	char path[] = "/tmp/daybreak-fuzz-XXXXXX";
	int fd = mkstemp(path);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	const struct source source = {.path = path, .name = "D2026.01.31_S00123_I0045_D.pdb"};
	struct notes notes;
	if (notes_init(&notes) && format_pdb.detect(&source))
		read_all(&source, &notes);
	notes_done(&notes);
	unlink(path);
	close(fd);
	return 0;
}
