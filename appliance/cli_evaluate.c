/* daybreak evaluate: how right a model is on data sets whose stages are known, beside what could be said
 * without it. */
#include "cli.h"

#include "accuracy/datasets.h"
#include "accuracy/report.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/place.h"
#include "base/text.h"
#include "models/models.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "usage: daybreak evaluate DATASET... [options]\n"
    "\n"
    "A DATASET is one of\n"
    "  a film with its truth: an EmbryoScope .pdb or a folder of frames, <code>_phases.csv and\n"
    "    <code>_timeElapsed.csv beside it, or a rendered export with <name>.truth.json\n"
    "  a folder with labels.csv and frames/: single frames at an expert's marks\n"
    "  a folder of blastocyst stills with Gardner grades in their names\n"
    "  a .csv of predictions: file,embryo,hours,truth,empty,tPB2,...,tHB\n"
    "    or filename,class,predicted_class,confidence\n"
    "Each is reported by itself: real and rendered embryos, or two makers, never share a figure.\n"
    "\n"
    "  --model X             another model than the current one: NAME-VERSION, or a file.model\n"
    "  --store DIR           the clinic's models and priors\n"
    "  --json FILE           the report as JSON, fit for a model package (- for standard output)\n"
    "  --name TEXT           after a DATASET: what the report calls it\n"
    "\n"
    "What is known of films; after a DATASET for that one, before the first for all:\n"
    "  --events FILE         experts' event times (a line an embryo, columns t2_h ...) of timed films\n"
    "  --known RUNS=STAGES   what else is known of every film: --known 476-9999=empty\n"
    "  --interval MIN        films without times: minutes between runs\n"
    "  --start HOURS         ... and hours from insemination to the first run (0)\n"
    "  --clock A,B           films whose annotations count otherwise: RUN = A x index + B;\n"
    "                        without it they are not scored\n"
    "\n"
    "Exit status: 0 done, 1 failed, 2 wrong usage.\n";

enum { DATASETS_MAX = 64 };

struct request {
	const char *model, *store, *json;
	struct datasets_options all; /* what stood before the first data set */
	size_t count;
	struct {
		const char *path, *name; /* name NULL: of the path */
		struct datasets_options options;
	} sets[DATASETS_MAX];
};

/* "476-9999=empty" */
static bool take_known(const char *text, struct datasets_options *options)
{
	char runs[32];
	const char *equals = strchr(text, '=');
	struct known_runs *known = &options->known[options->known_count];
	if (!equals || (size_t)(equals - text) >= sizeof runs || options->known_count == DATASETS_KNOWN_MAX)
		return false;
	memcpy(runs, text, (size_t)(equals - text));
	runs[equals - text] = 0;
	char *dash = strchr(runs, '-');
	int64_t first, last;
	if (!dash)
		return false;
	*dash = 0;
	if (!text_to_i64(runs, &first) || !text_to_i64(dash + 1, &last) || first < 0 || last < first ||
	    last > INT32_MAX || !stage_set_parse(equals + 1, &known->stages))
		return false;
	known->first = (int)first;
	known->last = (int)last;
	options->known_count++;
	return true;
}

/* "0.8,-4" */
static bool take_clock(const char *text, struct datasets_options *options)
{
	char first[32];
	const char *comma = strchr(text, ',');
	if (!comma || (size_t)(comma - text) >= sizeof first)
		return false;
	memcpy(first, text, (size_t)(comma - text));
	first[comma - text] = 0;
	options->has_clock = text_to_f64(first, &options->clock_a) &&
	    text_to_f64(comma + 1, &options->clock_b) && options->clock_a > 0;
	return options->has_clock;
}

static bool take_dataset(const char *path, struct request *request)
{
	if (request->count == DATASETS_MAX)
		return false;
	request->sets[request->count].path = path;
	request->sets[request->count++].options = request->all;
	return true;
}

/* False: wrong; *ret_help: help was asked for. */
static bool parse(int argc, char **argv, struct request *request, bool *ret_help)
{
	static const struct option known[] = {{"model", 1, 0, 'm'}, {"store", 1, 0, 's'}, {"json", 1, 0, 'j'},
	    {"known", 1, 0, 'k'}, {"events", 1, 0, 'e'}, {"interval", 1, 0, 'i'}, {"start", 1, 0, 'a'},
	    {"clock", 1, 0, 'c'}, {"name", 1, 0, 'n'}, {"help", 0, 0, 'h'}, {0}};
	struct datasets_options *films = &request->all;
	bool ok = true;
	*ret_help = false;
	for (int option; ok && (option = getopt_long(argc, argv, "-h", known, NULL)) != -1;) {
		switch (option) {
		case 1:
			ok = take_dataset(optarg, request);
			films = ok ? &request->sets[request->count - 1].options : films;
			break;
		case 'n':
			ok = request->count > 0;
			request->sets[ok ? request->count - 1 : 0].name = optarg;
			break;
		case 'm': request->model = optarg; break;
		case 's': request->store = optarg; break;
		case 'j': request->json = optarg; break;
		case 'k': ok = take_known(optarg, films); break;
		case 'e': films->events = optarg; break;
		case 'i':
			ok = text_to_f64(optarg, &films->interval_min) && films->interval_min > 0;
			break;
		case 'a': ok = text_to_f64(optarg, &films->start_h); break;
		case 'c': ok = take_clock(optarg, films); break;
		case 'h': *ret_help = true; return true;
		default: ok = false;
		}
	}
	return ok && optind == argc;
}

/* What reads, and what it calls itself. */
struct eye {
	struct reader *reader;
	char name[LIMIT_NAME], version[LIMIT_NAME], digest[MODEL_DIGEST_SIZE];
	json_t *manifest;
};

static void eye_done_owned(struct eye *eye)
{
	if (eye->reader)
		reader_stop(eye->reader);
	json_decref(eye->manifest);
}

/* A package file by its ending, else a label among the installed ones, or the current model. */
static bool find_model(const struct request *request, struct model_open *model, struct err *err)
{
	struct models_places places;
	if (!models_places(request->store, &places, err))
		return false;
	return request->model && text_ends(request->model, ".model")
	    ? models_open_file(&places.folders, request->model, model, err)
	    : models_open(&places.folders, request->model, model, err);
}

static bool eye_open(const struct request *request, struct eye *eye, struct err *err)
{
	char program[LIMIT_PATH];
	OWN(model_open_done) struct model_open model = MODEL_OPEN_INIT;
	if (!find_model(request, &model, err))
		return false;
	eye->manifest = json_incref(model.manifest);
	text_copy(eye->name, sizeof eye->name, json_text(model.manifest, "name", ""));
	text_copy(eye->version, sizeof eye->version, json_text(model.manifest, "version", ""));
	text_copy(eye->digest, sizeof eye->digest, model.digest);
	const struct reader_model given = {model.fd, model.label};
	return place_program(program, sizeof program, "daybreak-reader", err) &&
	    reader_start(program, &given, &eye->reader, err);
}

/* The model's card names the data set among its teachers. */
static bool has_taught(const json_t *manifest, const char *set)
{
	size_t i;
	const json_t *teacher;
	json_array_foreach(json_object_get(manifest, "training"), i, teacher)
		if (strcmp(json_text(teacher, "set", ""), set) == 0)
			return true;
	return false;
}

static bool write_json(const char *path, const json_t *report, struct err *err)
{
	OWN(free) char *text = json_dumps(report, JSON_INDENT(1) | JSON_REAL_PRECISION(6));
	if (!text)
		return err_set(err, ERR_NO_MEMORY, "writing the report");
	if (strcmp(path, "-") != 0)
		return file_write(path, text, strlen(text), 0644, err);
	printf("%s\n", text);
	return true;
}

static bool evaluate_all(const struct request *request, struct err *err)
{
	OWN(eye_done) struct eye eye = {0};
	OWN(priors_free) struct priors *priors = NULL;
	bool look = false;
	for (size_t i = 0; i < request->count; i++)
		look = look || datasets_need_reader(request->sets[i].path);
	if ((look && !eye_open(request, &eye, err)) || !priors_open(request->store, &priors, err))
		return false;
	const struct report_head head = {eye.name, eye.version, eye.digest, clock_now_us()};
	OWN(json_decref) json_t *report = report_new(&head);
	if (!report)
		return err_set(err, ERR_NO_MEMORY, "beginning a report");
	for (size_t i = 0; i < request->count; i++) {
		const char *path = request->sets[i].path;
		OWN(dataset_done) struct dataset dataset = {0};
		json_t *json;
		if (!datasets_open(path, &request->sets[i].options, eye.reader, &dataset, err))
			return false;
		dataset.trained_on = datasets_need_reader(path) && has_taught(eye.manifest, dataset.name);
		if (request->sets[i].name)
			text_copy(dataset.name, sizeof dataset.name, request->sets[i].name);
		if (!report_dataset(&dataset, priors, &json, err))
			return false;
		json_array_append_new(json_object_get(report, "datasets"), json);
	}
	bool to_stdout = request->json && strcmp(request->json, "-") == 0;
	if (!to_stdout)
		report_print(report, stdout);
	return !request->json || write_json(request->json, report, err);
}

int cli_evaluate(int argc, char **argv)
{
	struct request request = {0};
	struct err err;
	bool wants_help;
	if (!parse(argc, argv, &request, &wants_help))
		return refuse_usage("an option of evaluate is wrong");
	if (wants_help) {
		fputs(help, stdout);
		return EXIT_OK;
	}
	if (request.count == 0)
		return refuse_usage("evaluate needs at least one DATASET");
	return evaluate_all(&request, &err) ? EXIT_OK : fail(&err);
}
