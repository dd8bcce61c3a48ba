/* Every maximum that shapes memory, disk or time, on one page, each with its reason. */
#pragma once

enum {
	/* 800x800 JPEG at quality 100 stays under 500 kB; 8 MiB admits any colour still. */
	LIMIT_FRAME_BYTES = 8 << 20,
	/* A frame is decoded whole: 16 Mpixel grey is 16 MiB. */
	LIMIT_FRAME_SIDE = 4096,
	/* An EmbryoScope stack has up to 11 planes. */
	LIMIT_PLANES = 16,
	/* Slides have 12 to 16 wells; 24 leaves room for other makers. */
	LIMIT_WELLS = 24,
	/* 7 days at a run every 5 minutes. */
	LIMIT_RUNS = 2048,
	/* Entries of one archive: 16 wells x 800 runs x 11 planes. */
	LIMIT_ARCHIVE_ENTRIES = 160000,
	/* An entry that unpacks to more than 200 times its packed size is a bomb, not a picture. */
	LIMIT_ARCHIVE_RATIO = 200,
	/* Folders inside an export: <export>/<embryo>/<plane>/<file>. */
	LIMIT_FOLDER_DEPTH = 6,
	/* JSON request bodies: an annotation is under 1 kB, a decision's reason 2; parsed, a body takes up to 40
	 * times its size. */
	LIMIT_REQUEST_BODY = 64 << 10,
	/* Frames acknowledged by one transaction of an import: one flush to disk each. */
	LIMIT_FRAMES_PER_COMMIT = 256,
	/* Readings stored by one transaction: more would keep other writers waiting. */
	LIMIT_READINGS_PER_COMMIT = 256,
	/* A batch to a reader lane (see reading/protocol.h): AWS Lambda takes 4.5 MB of binary. */
	LIMIT_BATCH_BYTES = 4 << 20,
	/* Time points or cuts in one batch: a crash costs at most this much work. 80 cuts fill LIMIT_BATCH_BYTES. */
	LIMIT_BATCH_ITEMS = 64,
	/* A batch of encoded time points, at home: 64 x 7 planes x 50 kB is 22 MiB. One time point of many huge
	 * planes that does not fit is refused by name. */
	LIMIT_CUT_BATCH_BYTES = 48 << 20,
	/* A network of the usual kind for such pictures has under 25 million weights, a byte each. */
	LIMIT_NETWORK_BYTES = 64 << 20,
	/* The same network as a vendor gives it: floats, and room for what is left out. */
	LIMIT_ONNX_BYTES = 256 << 20,
	/* A model card with the centroids of what the network knows: 40 kB for ours. */
	LIMIT_MANIFEST_BYTES = 1 << 20,
	/* Measured accuracy: a few figures and curves for each data set. */
	LIMIT_REPORT_BYTES = 4 << 20,
	/* Names, identifiers, comments. */
	LIMIT_NAME = 128,
	LIMIT_COMMENT = 2000,
	/* What a user likes, as JSON: some hundred keys of the keyboard at most. */
	LIMIT_PREFERENCES = 16 << 10,
	LIMIT_PATH = 4096,
};

/* Unpacked bytes of one archive: a full slide of 12 wells is about 3 GB. */
#define LIMIT_ARCHIVE_BYTES (16LL << 30)
/* One uploaded export. */
#define LIMIT_UPLOAD_BYTES (16LL << 30)
