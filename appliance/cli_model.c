/* daybreak model: the learned readers of a box: import, list, choose, check. */
#include "cli.h"

#include "base/file.h"
#include "base/text.h"
#include "models/convert.h"
#include "models/models.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "usage: daybreak model COMMAND [options]\n"
    "\n"
    "  import FILE.onnx --manifest FILE.json (--key FILE.pem --out FILE.model | --store DIR)\n"
    "          [--cuts FILE] [--report FILE.json]\n"
    "                       turn a network into a signed package; with --store it is signed by this box and installed\n"
    "  import FILE.model --store DIR   install a package whose signer the box trusts\n"
    "  list [--store DIR] [--json]     the models that are there; * marks the current one\n"
    "  show [NAME-VERSION] [--store DIR]   the model's card and report as JSON\n"
    "  use NAME-VERSION --store DIR    make it the current model\n"
    "  verify FILE.model [--store DIR] check a package against the trusted keys\n"
    "  key --out FILE.pem              make a key to sign with; its public half goes to FILE.public.pem\n"
    "\n"
    "--cuts: cuts of planes x 128 x 128 bytes to set the ranges of activations by; without it cuts are rendered.\n"
    "Trusted are the public keys (*.pem) in share/daybreak/models and in DIR/models.\n"
    "Exit status: 0 done, 1 failed, 2 wrong usage.\n";

struct request {
	const char *store, *manifest, *cuts, *report, *key, *out;
	bool json;
	const char *argument; /* what follows the options; NULL */
	struct models_places places;
};

/* Importing */

static void print_errors(const struct quantise_report *report)
{
	printf("int8 beside float on %zu cuts (logits in nats):\n", report->cuts);
	printf("  %-15s %9s %9s %9s  %s\n", "output", "mean off", "most off", "spread", "same answer");
	for (int i = 0; i < report->errors_count; i++) {
		const struct quantise_error *error = &report->errors[i];
		printf("  %-15s %9.4f %9.4f %9.4f  ", manifest_head_name(error->kind), error->mean, error->most,
		    error->spread);
		if (error->kind == NETWORK_EMBEDDING)
			printf("-\n");
		else
			printf("%.1f %%\n", 100 * error->same);
	}
	printf(
	    "%zu bytes, %.1f million multiplications for a cut\n", report->bytes, (double)report->work / 1e6);
}

static bool load_key(const struct request *request, char ret_pem[CRYPTO_PEM_SIZE], struct err *err)
{
	OWN(buf_done) struct buf pem = BUF_INIT(CRYPTO_PEM_SIZE - 1);
	if (!request->key)
		return models_box_key(&request->places.folders, ret_pem, err);
	if (!file_read(request->key, &pem, err))
		return false;
	text_copy(ret_pem, CRYPTO_PEM_SIZE, buf_text(&pem));
	crypto_wipe(pem.data, pem.size);
	return true;
}

/* Installed through a file of its own beside the models, so that it is verified like any other. */
static bool install(const struct request *request, const struct buf *package, struct err *err)
{
	char path[LIMIT_PATH], label[MODEL_LABEL_SIZE];
	if (!path_join(path, sizeof path, request->places.clinic, ".import"))
		return err_set(err, ERR_BAD_INPUT, "path too long: %s", request->store);
	bool ok = folder_make(request->places.clinic, err) &&
	    file_write(path, package->data, package->size, 0600, err) &&
	    models_install(&request->places.folders, path, label, err);
	unlink(path);
	if (ok)
		printf("%s is installed; daybreak model use %s --store %s makes it the current one\n", label,
		    label, request->store);
	return ok;
}

static bool import_onnx(const struct request *request, struct err *err)
{
	char pem[CRYPTO_PEM_SIZE];
	OWN(buf_done) struct buf package = BUF_INIT(MODEL_PACKAGE_BYTES);
	struct quantise_report report;
	if (!load_key(request, pem, err))
		return false;
	const struct convert_request convert = {.onnx = request->argument,
	    .manifest = request->manifest,
	    .cuts = request->cuts,
	    .report = request->report,
	    .private_pem = pem};
	bool ok = convert_onnx(&convert, &package, &report, err);
	crypto_wipe(pem, sizeof pem);
	if (!ok)
		return false;
	print_errors(&report);
	return request->out ? file_write(request->out, package.data, package.size, 0644, err)
			    : install(request, &package, err);
}

static int run_import(struct request *request)
{
	struct err err;
	char label[MODEL_LABEL_SIZE];
	if (!request->argument)
		return refuse_usage("model import needs a FILE");
	if (text_ends(request->argument, ".model")) {
		if (!request->store)
			return refuse_usage("a package is installed with --store DIR");
		if (!models_install(&request->places.folders, request->argument, label, &err))
			return fail(&err);
		printf("%s is installed; daybreak model use %s --store %s makes it the current one\n", label,
		    label, request->store);
		return EXIT_OK;
	}
	if (!request->manifest)
		return refuse_usage("a network is imported with --manifest FILE.json");
	if (request->out ? !request->key : !request->store)
		return refuse_usage("model import needs --key FILE.pem and --out FILE.model, or --store DIR");
	return import_onnx(request, &err) ? EXIT_OK : fail(&err);
}

/* Looking */

static bool print_entry(const struct model_entry *entry, void *context)
{
	json_t *list = context;
	if (list) {
		json_array_append_new(list,
		    json_pack("{s:s, s:b, s:b, s:s?, s:s, s:s, s:O?}", "label", entry->label, "shipped",
		        entry->shipped, "current", entry->current, "problem", entry->problem, "digest",
		        entry->digest, "signer", entry->signer, "manifest", entry->manifest));
		return true;
	}
	printf("%c %-24s %-8s ", entry->current ? '*' : ' ', entry->label, entry->shipped ? "shipped" : "own");
	if (entry->problem)
		printf("cannot be used: %s\n", entry->problem);
	else
		printf("%.12s  %s\n", entry->digest, json_text(entry->manifest, "summary", ""));
	return true;
}

static int run_list(struct request *request)
{
	struct err err;
	OWN(json_decref) json_t *list = request->json ? json_array() : NULL;
	if (!models_each(&request->places.folders, print_entry, list, &err))
		return fail(&err);
	if (list) {
		json_dumpf(list, stdout, JSON_INDENT(1));
		printf("\n");
	}
	return EXIT_OK;
}

static int run_show(struct request *request)
{
	struct err err;
	OWN(model_open_done) struct model_open model = MODEL_OPEN_INIT;
	if (!models_open(&request->places.folders, request->argument, &model, &err))
		return fail(&err);
	OWN(json_decref) json_t *shown = json_pack("{s:s, s:s, s:O, s:O?}", "label", model.label, "digest", model.digest,
	    "manifest", model.manifest, "report", model.report);
	json_dumpf(shown, stdout, JSON_INDENT(1));
	printf("\n");
	return EXIT_OK;
}

static int run_use(struct request *request)
{
	struct err err;
	if (!request->argument || !request->store)
		return refuse_usage("model use needs NAME-VERSION and --store DIR");
	if (!models_use(&request->places.folders, request->argument, &err))
		return fail(&err);
	printf(
	    "%s reads new pictures from now on; daybreak reread --store %s has it read those that are there\n",
	    request->argument, request->store);
	return EXIT_OK;
}

static int run_verify(struct request *request)
{
	struct err err;
	OWN(model_open_done) struct model_open model = MODEL_OPEN_INIT;
	if (!request->argument)
		return refuse_usage("model verify needs a FILE.model");
	if (!models_open_file(&request->places.folders, request->argument, &model, &err))
		return fail(&err);
	printf("%s: signed by %s, which is trusted; network %s, %zu bytes\n", model.label, model.signer,
	    model.digest, model.size);
	return EXIT_OK;
}

static int run_key(struct request *request)
{
	struct err err;
	char private_pem[CRYPTO_PEM_SIZE], public_pem[CRYPTO_PEM_SIZE], path[LIMIT_PATH];
	if (!request->out || !text_ends(request->out, ".pem"))
		return refuse_usage("model key needs --out FILE.pem");
	int stem = (int)(strlen(request->out) - strlen(".pem"));
	if (snprintf(path, sizeof path, "%.*s.public.pem", stem, request->out) >= (int)sizeof path)
		return refuse_usage("the path is too long");
	if (file_exists(request->out))
		return refuse_usage("the file is there already; a key is never overwritten");
	bool ok = crypto_pair_make(private_pem, public_pem, &err) &&
	    file_write(request->out, private_pem, strlen(private_pem), 0600, &err) &&
	    file_write(path, public_pem, strlen(public_pem), 0644, &err);
	crypto_wipe(private_pem, sizeof private_pem);
	if (!ok)
		return fail(&err);
	printf("%s signs; keep it where nobody else reads it. %s goes to those who should trust it.\n",
	    request->out, path);
	return EXIT_OK;
}

static const struct {
	const char *name;
	int (*run)(struct request *request);
} commands[] = {
    {"import", run_import},
    {"key", run_key},
    {"list", run_list},
    {"show", run_show},
    {"use", run_use},
    {"verify", run_verify},
};

static bool parse(int argc, char **argv, struct request *request)
{
	static const struct option known[] = {{"store", required_argument, NULL, 's'},
	    {"manifest", required_argument, NULL, 'm'}, {"cuts", required_argument, NULL, 'c'},
	    {"report", required_argument, NULL, 'r'}, {"key", required_argument, NULL, 'k'},
	    {"out", required_argument, NULL, 'o'}, {"json", no_argument, NULL, 'j'}, {0}};
	for (int option; (option = getopt_long(argc, argv, "", known, NULL)) != -1;) {
		switch (option) {
		case 's': request->store = optarg; break;
		case 'm': request->manifest = optarg; break;
		case 'c': request->cuts = optarg; break;
		case 'r': request->report = optarg; break;
		case 'k': request->key = optarg; break;
		case 'o': request->out = optarg; break;
		case 'j': request->json = true; break;
		default: return false;
		}
	}
	request->argument = argv[optind];
	return argc - optind <= 1;
}

int cli_model(int argc, char **argv)
{
	struct request request = {0};
	struct err err;
	if (argc < 2 || strcmp(argv[1], "--help") == 0) {
		fputs(help, stdout);
		return argc < 2 ? EXIT_USAGE : EXIT_OK;
	}
	if (!parse(argc - 1, argv + 1, &request))
		return refuse_usage("an option of model is wrong");
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		if (strcmp(commands[i].name, argv[1]) != 0)
			continue;
		return models_places(request.store, &request.places, &err) ? commands[i].run(&request)
		                                                           : fail(&err);
	}
	return refuse_usage("there is no such command of model");
}
