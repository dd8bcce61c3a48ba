/* rooms: models wire
 * The box's side of one batch, for tests of what answers it:
 *
 *   sealed-batch make PUBLIC.pem FOLDER [--cuts N] [--seed N] [--planes N] [--reader HEX] [--spoil WHAT]
 *       a sealed question of made-up cuts in FOLDER/question; what opens its answer in FOLDER/state.json; prints
 *       {"batch", "digest", "bytes"}. WHAT: "pack" (no tar), "digest" (a cut is not the one it is named as), "kind" (not
 *       a READ)
 *   sealed-batch open FOLDER ANSWER
 *       opens the answer, reads the same cuts itself and prints {"batch", "cuts", "identical"} */
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "models/models.h"
#include "reading/network_map.h"
#include "reading/protocol.h"
#include "reading/read.h"
#include "wire/pack.h"
#include "wire/sealed.h"

#include <stdio.h>
#include <string.h>

enum { HEX_SIZE = 2 * CRYPTO_DIGEST_SIZE + 1, ANSWER_MAX = 1 << 20 };

struct options {
	int64_t cuts, seed, planes;
	const char *reader, *spoil;
};

struct reader_here {
	struct model_open model;
	struct network_map map;
	uint8_t digest[CRYPTO_DIGEST_SIZE];
};

static void die(const struct err *err)
{
	fprintf(stderr, "sealed-batch: %s (%s)\n", err->detail, err_name(err->code));
	exit(1);
}

#define must(call)                                                                                                    \
	do {                                                                                                          \
		if (!(call))                                                                                          \
			die(&err);                                                                                    \
	} while (0)

static void open_reader(struct reader_here *here)
{
	struct err err;
	struct models_places places;
	here->model = (struct model_open)MODEL_OPEN_INIT;
	must(models_places(NULL, &places, &err));
	must(models_open(&places.folders, NULL, &here->model, &err));
	must(network_map(here->model.fd, &here->map, &err));
	read_digest(here->map.digest, here->digest);
}

/* A disc with grain, a little different each. */
static void make_cut(uint32_t seed, int planes, struct cut *cut)
{
	memset(cut, 0, sizeof *cut);
	cut->planes = (uint8_t)planes;
	cut->radius_permille = (uint16_t)(200 + seed % 100);
	for (int plane = 0; plane < planes; plane++)
		for (int y = 0; y < CUT_SIDE; y++)
			for (int x = 0; x < CUT_SIDE; x++) {
				int dx = x - CUT_SIDE / 2, dy = y - CUT_SIDE / 2;
				int inside = dx * dx + dy * dy < (CUT_SIDE * CUT_SIDE) / 7;
				seed = seed * 1664525 + 1013904223;
				cut->pixels[plane][y * CUT_SIDE + x] =
				    (uint8_t)(inside ? 90 + (seed >> 24) % 60 : 120 + (seed >> 26) % 4);
			}
}

static void write_question(
    const struct options *options, const uint8_t reader[CRYPTO_DIGEST_SIZE], struct buf *question)
{
	struct err err;
	uint64_t number;
	OWN(free) struct cut *cut = malloc(sizeof *cut);
	bool other_kind = options->spoil && strcmp(options->spoil, "kind") == 0;
	crypto_random(&number, sizeof number);
	protocol_begin(question, other_kind ? PROTOCOL_CUT : PROTOCOL_READ, number);
	protocol_add_digest(question, reader);
	protocol_add_count(question, (size_t)options->cuts);
	for (int64_t i = 0; i < options->cuts; i++) {
		uint8_t digest[CRYPTO_DIGEST_SIZE];
		make_cut((uint32_t)(options->seed + i), (int)options->planes, cut);
		protocol_cut_digest(cut, digest);
		digest[0] ^= options->spoil && strcmp(options->spoil, "digest") == 0;
		protocol_add_digest(question, digest);
		protocol_add_cut(question, cut);
	}
	must(protocol_end(question, &err));
}

static void make(const char *public_path, const char *folder, const struct options *options)
{
	struct err err;
	struct reader_here here = {0};
	uint8_t batch[SEALED_BATCH_SIZE], key[CRYPTO_KEY_SIZE], digest[CRYPTO_DIGEST_SIZE];
	char path[LIMIT_PATH], batch_hex[2 * SEALED_BATCH_SIZE + 1], key_hex[HEX_SIZE], digest_hex[HEX_SIZE];
	OWN(buf_done) struct buf public_pem = BUF_INIT(CRYPTO_PEM_SIZE);
	OWN(buf_done) struct buf question = BUF_INIT(PACK_QUESTION_MAX);
	OWN(buf_done) struct buf pack = BUF_INIT(PACK_SIZE_MAX);
	OWN(buf_done) struct buf body = BUF_INIT(PACK_SIZE_MAX + SEALED_QUESTION_OVERHEAD);
	open_reader(&here);
	if (options->reader && !text_unhex(here.digest, sizeof here.digest, options->reader))
		exit(2);
	write_question(options, here.digest, &question);
	must(pack_write(question.data, question.size, &pack, &err));
	if (options->spoil && strcmp(options->spoil, "pack") == 0)
		memset(pack.data, 0, pack.size);
	crypto_random(batch, sizeof batch);
	must(file_read(public_path, &public_pem, &err));
	must(sealed_question(buf_text(&public_pem), batch, pack.data, pack.size, &body, key, &err));
	snprintf(path, sizeof path, "%s/question", folder);
	must(file_write(path, body.data, body.size, 0600, &err));
	text_hex(batch_hex, batch, sizeof batch);
	text_hex(key_hex, key, sizeof key);
	crypto_sha256(body.data, body.size, digest);
	text_hex(digest_hex, digest, sizeof digest);
	OWN(json_decref)
	json_t *state = json_pack("{s:s, s:s, s:I, s:I, s:I}", "batch", batch_hex, "key", key_hex, "cuts",
	    (json_int_t)options->cuts, "seed", (json_int_t)options->seed, "planes",
	    (json_int_t)options->planes);
	snprintf(path, sizeof path, "%s/state.json", folder);
	json_dump_file(state, path, 0);
	printf("{\"batch\":\"%s\",\"digest\":\"%s\",\"bytes\":%zu}\n", batch_hex, digest_hex, body.size);
	network_unmap(&here.map);
	model_open_done(&here.model);
}

/* Whether each reading of the answer is the one that this process makes of the same cut, bit for bit. */
static bool compare(const struct reader_here *here, struct view *body, const json_t *state)
{
	struct err err;
	uint8_t digest[CRYPTO_DIGEST_SIZE], wanted[CRYPTO_DIGEST_SIZE];
	OWN(free) struct cut *cut = malloc(sizeof *cut);
	OWN(free) void *scratch = network_scratch(here->map.network);
	size_t count;
	bool same = true;
	must(protocol_take_digest(body, digest, &err));
	same = memcmp(digest, here->digest, sizeof digest) == 0;
	must(protocol_take_count(body, &count, &err));
	same = same && (int64_t)count == json_int(state, "cuts", 0);
	for (size_t i = 0; i < count; i++) {
		struct reading theirs, ours;
		OWN(buf_done) struct buf a = BUF_INIT(4096);
		OWN(buf_done) struct buf b = BUF_INIT(4096);
		must(protocol_take_digest(body, digest, &err));
		must(protocol_take_reading(body, &theirs, &err));
		make_cut((uint32_t)((size_t)json_int(state, "seed", 0) + i),
		    (int)json_int(state, "planes", 0), cut);
		protocol_cut_digest(cut, wanted);
		read_cut(here->map.network, scratch, cut, &ours);
		protocol_add_reading(&a, &theirs);
		protocol_add_reading(&b, &ours);
		same = same && memcmp(digest, wanted, sizeof digest) == 0 && a.size == b.size &&
		    memcmp(a.data, b.data, a.size) == 0;
	}
	must(protocol_done(body, &err));
	return same;
}

static void open_answer(const char *folder, const char *answer_path)
{
	struct err err;
	struct reader_here here = {0};
	struct protocol_head head;
	uint8_t batch[SEALED_BATCH_SIZE], key[CRYPTO_KEY_SIZE];
	char path[LIMIT_PATH];
	OWN(json_decref) json_t *state = NULL;
	OWN(buf_done) struct buf answer = BUF_INIT(ANSWER_MAX);
	OWN(buf_done) struct buf message = BUF_INIT(ANSWER_MAX);
	snprintf(path, sizeof path, "%s/state.json", folder);
	must(json_load(path, 4096, &state, &err));
	if (!text_unhex(batch, sizeof batch, json_text(state, "batch", "")) ||
	    !text_unhex(key, sizeof key, json_text(state, "key", "")))
		exit(2);
	must(file_read(answer_path, &answer, &err));
	must(sealed_answer_open(key, batch, answer.data, answer.size, &message, &err));
	must(message.size >= PROTOCOL_HEAD_SIZE && protocol_take_head(message.data, &head, &err));
	open_reader(&here);
	struct view body = VIEW(message.data + PROTOCOL_HEAD_SIZE, head.size);
	bool same = head.kind == PROTOCOL_READ_ANSWER && compare(&here, &body, state);
	printf("{\"batch\":\"%s\",\"cuts\":%d,\"identical\":%s}\n", json_text(state, "batch", ""),
	    (int)json_int(state, "cuts", 0), same ? "true" : "false");
	network_unmap(&here.map);
	model_open_done(&here.model);
}

int main(int argc, char **argv)
{
	struct options options = {.cuts = 16, .seed = 1, .planes = 2};
	if (argc == 4 && strcmp(argv[1], "open") == 0) {
		open_answer(argv[2], argv[3]);
		return 0;
	}
	if (argc < 4 || argc % 2 || strcmp(argv[1], "make") != 0) {
		fprintf(stderr, "usage: sealed-batch make PUBLIC.pem FOLDER [--cuts N] ... | open FOLDER ANSWER\n");
		return 2;
	}
	for (int i = 4; i < argc; i += 2) {
		if (strcmp(argv[i], "--cuts") == 0)
			text_to_i64(argv[i + 1], &options.cuts);
		else if (strcmp(argv[i], "--seed") == 0)
			text_to_i64(argv[i + 1], &options.seed);
		else if (strcmp(argv[i], "--planes") == 0)
			text_to_i64(argv[i + 1], &options.planes);
		else if (strcmp(argv[i], "--reader") == 0)
			options.reader = argv[i + 1];
		else if (strcmp(argv[i], "--spoil") == 0)
			options.spoil = argv[i + 1];
		else
			return 2;
	}
	make(argv[2], argv[3], &options);
	return 0;
}
