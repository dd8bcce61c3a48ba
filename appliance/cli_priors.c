/* daybreak priors: fits what the decoder expects of time to annotated embryos. */
#include "cli.h"

#include "accuracy/datasets.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/place.h"
#include "base/text.h"
#include "evaluation/fit.h"
#include "evaluation/priors.h"
#include "intake/timelines.h"
#include "store/annotations.h"
#include "store/dishes.h"
#include "store/embryos.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum { SOURCES_MAX = 32, SOURCE_BYTES_MAX = 16 << 20, PRIORS_BYTES_MAX = 64 << 10 };

static const char help[] =
    "usage: daybreak priors fit FILE... --out FILE [options]\n"
    "       daybreak priors fit --store DIR --out DIR/priors.json\n"
    "\n"
    "How long each stage lasts, how often no frame shows it and when it begins, fitted to annotated embryos.\n"
    "The box takes the table of its data folder, priors.json, where there is one, else the shipped one.\n"
    "\n"
    "A FILE is a table of event times (name,...,t2_h,t3_h,...) or of labels (machine,slide,well,labeler,class,\n"
    "first_min,last_min,n_images).\n"
    "\n"
    "options:\n"
    "  --store DIR      what the clinic's people have marked, too\n"
    "  --read FILE      a reader's answers on pictures kept out of its training (file,embryo,hours,truth,empty,\n"
    "                   tPB2,...,tHB): what it takes for what\n"
    "  --without FILE   leave out the wells that are named in this file, to be measured on\n"
    "  --from FILE      where too few embryos tell, numbers stay as they are here (the shipped table)\n"
    "  --out FILE       where the new table goes\n";

struct request {
	const char *store, *without, *read, *from, *out;
};

struct fitting {
	struct timelines timelines;
	struct fit_source sources[SOURCES_MAX];
	size_t sources_count;
	struct fit_words words;
	struct store *store;
	struct timeline *open; /* being filled from the store */
	bool failed;
	struct err *err;
};

static bool add_source(struct fitting *fitting, const char *path, size_t embryos, struct err *err)
{
	OWN(buf_done) struct buf text = BUF_INIT(SOURCE_BYTES_MAX);
	uint8_t digest[CRYPTO_DIGEST_SIZE];
	if (fitting->sources_count == SOURCES_MAX)
		return err_set(err, ERR_TOO_LARGE, "more than %d tables", SOURCES_MAX);
	if (!file_read(path, &text, err))
		return false;
	struct fit_source *source = &fitting->sources[fitting->sources_count++];
	source->name = path_name(path);
	crypto_sha256(text.data, text.size, digest);
	text_hex(source->digest, digest, sizeof digest);
	source->embryos = embryos;
	return true;
}

static bool add_table(struct fitting *fitting, const char *path, const char *without, struct err *err)
{
	size_t before = fitting->timelines.count;
	return timelines_read(path, without, &fitting->timelines, err) &&
	    add_source(fitting, path, fitting->timelines.count - before, err);
}

/* Only frames of one known stage: where the truth leaves several open, the reader would vouch for itself. */
static bool add_words(struct fitting *fitting, const char *path, struct err *err)
{
	OWN(dataset_done) struct dataset dataset = {0};
	struct datasets_options options = {0};
	if (!datasets_open(path, &options, NULL, &dataset, err))
		return false;
	for (size_t i = 0; i < dataset.count; i++) {
		const struct sample *sample = &dataset.samples[i];
		for (size_t k = 0; k < sample->track.count; k++)
			if (stage_set_count(sample->truth[k]) == 1 && stage_set_first(sample->truth[k]) != STAGE_EMPTY)
				fit_words_add(&fitting->words, stage_set_first(sample->truth[k]),
				    &sample->track.points[k].reading);
	}
	return add_source(fitting, path, dataset.count, err);
}

static bool visit_mark(const struct annotation *mark, void *context)
{
	struct fitting *fitting = context;
	if (mark->absent)
		fitting->open->skipped[mark->event] = true;
	else if (mark->time_s != TIME_UNKNOWN && mark->time_s >= 0)
		fitting->open->begins_min[mark->event] = (int)(mark->time_s / 60);
	return true;
}

/* People mark what they need, so a stage's end is known only where the very next stage is marked, or those between are
 * marked as absent; and only such absences are skipped stages. */
static void complete_marks(struct timeline *timeline)
{
	int before = STAGE_EMPTY;
	for (int k = STAGE_PB2; k <= STAGE_HB; k++) {
		bool absent = timeline->skipped[k];
		timeline->skipped[k] = false;
		if (absent)
			continue;
		bool begins = timeline->begins_min[k] != MINUTES_UNKNOWN;
		if (begins && before != STAGE_EMPTY && timeline->begins_min[k] >= timeline->begins_min[before]) {
			timeline->lasts_min[before] = timeline->begins_min[k] - timeline->begins_min[before];
			for (int skipped = before + 1; skipped < k; skipped++)
				timeline->skipped[skipped] = true;
		}
		before = begins ? k : STAGE_EMPTY;
	}
}

static bool visit_embryo(const struct embryo *embryo, void *context)
{
	struct fitting *fitting = context;
	char name[32];
	snprintf(name, sizeof name, "%lld", (long long)embryo->id);
	fitting->failed = !timelines_add(&fitting->timelines, name, &fitting->open, fitting->err) ||
	    !annotations_each(fitting->store, embryo->id, visit_mark, fitting, fitting->err);
	if (!fitting->failed)
		complete_marks(fitting->open);
	return !fitting->failed;
}

static bool visit_dish(const struct dish *dish, void *context)
{
	struct fitting *fitting = context;
	if (!embryos_each(fitting->store, dish->id, visit_embryo, fitting, fitting->err))
		fitting->failed = true;
	return !fitting->failed;
}

static bool add_store(struct fitting *fitting, const char *folder, struct err *err)
{
	OWN(store_close) struct store *store = NULL;
	size_t before = fitting->timelines.count;
	if (!store_open(folder, &store, err))
		return false;
	fitting->store = store;
	fitting->err = err;
	if (!dishes_each(store, DISHES_ALL, visit_dish, fitting, err) || fitting->failed)
		return false;
	fitting->sources[fitting->sources_count++] = (struct fit_source){.name = "marks of this clinic",
	    .embryos = fitting->timelines.count - before};
	return true;
}

static void print_table(const json_t *priors)
{
	size_t i;
	const json_t *stage;
	printf("%-5s %26s  %34s  %14s\n", "", "begins (h, half 16-84 %)", "lasts (h, factor of 16-84 %)", "shown skipped");
	json_array_foreach(json_object_get(priors, "stages"), i, stage)
	{
		const json_t *begins = json_object_get(stage, "begins"), *lasts = json_object_get(stage, "lasts");
		printf("%-5s %4d embryos %6.1f +- %4.1f  %4d embryos %6.1f, spread %5.2f  %6d %6d\n",
		    json_text(stage, "stage", ""), (int)json_int(begins, "embryos", 0),
		    (double)json_int(begins, "median_min", 0) / 60, (double)json_int(begins, "spread_min", 0) / 60,
		    (int)json_int(lasts, "embryos", 0), (double)json_int(lasts, "median_min", 0) / 60,
		    (double)json_int(lasts, "spread_permille", 0) / 1000, (int)json_int(stage, "shown", 0),
		    (int)json_int(stage, "skipped", 0));
	}
}

/* A line for each source and stage, so that a change can be read in a diff. */
static void write_list(struct buf *text, const json_t *priors, const char *name, const char *end)
{
	size_t i;
	const json_t *item;
	const json_t *list = json_object_get(priors, name);
	buf_print(text, "\"%s\": [", name);
	json_array_foreach(list, i, item)
	{
		OWN(free) char *line = json_dumps(item, 0);
		buf_print(text, "%s\n  %s", i ? "," : "", line ? line : "");
	}
	buf_print(text, "\n ]%s\n", end);
}

/* The file is read back as the box will read it before it is called done. */
static bool write_table(const json_t *priors, const char *path, struct err *err)
{
	OWN(priors_free) struct priors *check = NULL;
	OWN(buf_done) struct buf text = BUF_INIT(PRIORS_BYTES_MAX);
	buf_print(&text, "{");
	write_list(&text, priors, "sources", ",");
	buf_print(&text, " ");
	write_list(&text, priors, "stages", "}");
	return buf_ok(&text, err) && file_write(path, text.data, text.size, 0644, err) && priors_load(path, &check, err);
}

static bool fit(const struct request *request, char **files, struct fitting *fitting, struct err *err)
{
	OWN(buf_done) struct buf without = BUF_INIT(SOURCE_BYTES_MAX);
	OWN(json_decref) json_t *before = NULL;
	OWN(json_decref) json_t *priors = NULL;
	char from[LIMIT_PATH];
	if (request->without && !file_read(request->without, &without, err))
		return false;
	if (request->from)
		text_copy(from, sizeof from, request->from);
	else if (!place_share(from, sizeof from, "priors.json", err))
		return false;
	for (; *files; files++)
		if (!add_table(fitting, *files, request->without ? buf_text(&without) : NULL, err))
			return false;
	if ((request->store && !add_store(fitting, request->store, err)) ||
	    (request->read && !add_words(fitting, request->read, err)) ||
	    !json_load(from, PRIORS_BYTES_MAX, &before, err))
		return false;
	struct fit_input input = {.timelines = fitting->timelines.of, .timelines_count = fitting->timelines.count,
	    .words = request->read ? &fitting->words : NULL, .sources = fitting->sources,
	    .sources_count = fitting->sources_count, .before = before};
	if (!fit_priors(&input, &priors, err) || !write_table(priors, request->out, err))
		return false;
	print_table(priors);
	return true;
}

int cli_priors(int argc, char **argv)
{
	static const struct option known[] = {{"store", required_argument, NULL, 's'},
	    {"without", required_argument, NULL, 'w'}, {"read", required_argument, NULL, 'r'},
	    {"from", required_argument, NULL, 'f'},
	    {"out", required_argument, NULL, 'o'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
	struct request request = {0};
	struct fitting fitting = {0};
	struct err err;
	int option;
	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (option) {
		case 's': request.store = optarg; break;
		case 'w': request.without = optarg; break;
		case 'r': request.read = optarg; break;
		case 'f': request.from = optarg; break;
		case 'o': request.out = optarg; break;
		case 'h': fputs(help, stdout); return EXIT_OK;
		default: return refuse_usage("priors takes no such option");
		}
	}
	if (optind >= argc || strcmp(argv[optind], "fit") != 0 || !request.out ||
	    (optind + 1 == argc && !request.store))
		return refuse_usage("priors fit needs a FILE or --store DIR, and --out FILE");
	bool done = fit(&request, argv + optind + 1, &fitting, &err);
	timelines_done(&fitting.timelines);
	return done ? EXIT_OK : fail(&err);
}
