/* daybreak-simulate: writes rendered incubator exports. */
#include "base/file.h"
#include "base/text.h"
#include "simulator/simulate.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Exit codes: 0 done, 1 it could not be written, 2 the command line is wrong. */
enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

static const char help[] =
    "Draws human-embryo time-lapse and writes it as an incubator would, the truth beside it.\n"
    "\n"
    "usage:\n"
    "  daybreak-simulate --out slide.pdb [options]             one slide (EmbryoScope .pdb)\n"
    "  daybreak-simulate --out folder --layout folder [...]    one slide (folders of JPEGs)\n"
    "  daybreak-simulate --morning FOLDER --patients N [...]   one .pdb a patient, days 3 to 5\n"
    "  daybreak-simulate --still STAGE --out x.png [...]       one picture\n"
    "\n"
    "options:\n"
    "  --seed N            same seed, same bytes (1)\n"
    "  --wells N           1 to 24 (12)\n"
    "  --runs N            1 to 2048 (450)\n"
    "  --planes N          focal planes, odd, 1 to 11 (7)\n"
    "  --side N            pixels, 128 to 1200 (500)\n"
    "  --interval N        seconds between runs (960)\n"
    "  --start N           seconds from insemination to run 1 (5400)\n"
    "  --empty N           so many wells at the end hold nothing (0)\n"
    "  --gone WELL         this well is emptied at three quarters of the runs\n"
    "  --dark              the lamp fails for some hours in well 1\n"
    "  --overlay           burn in the well number and the hour\n"
    "  --ivf               IVF instead of ICSI\n"
    "  --optics NAME       hoffman or brightfield (hoffman)\n"
    "  --quality N         of the JPEGs (85)\n"
    "  --threads N         1 to 16 (as many as cores)\n"
    "  --slide NAME        slide code (D2026.11.16_S00001_I0001_D)\n"
    "  --share X           with --still: 0 to 1, from the stage's first moment to its last (0.5)\n"
    "  --focal N           with --still: micrometres, steps of 15 (0)\n"
    "  --quiet             no progress line\n"
    "\n"
    "stages: empty tPB2 tPNa tPNf t2 .. t9 tM tSB tB tEB tHB\n"
    "exit code: 0 done, 1 it could not be written, 2 the command line is wrong\n";

struct request {
	struct simulate_options options;
	const char *out, *morning, *still;
	int patients;
	bool folder, quiet;
	double share;
	int focal_um;
};

static bool wrong(const char *text, const char *value)
{
	fprintf(stderr, "daybreak-simulate: %s: %s\n", text, value);
	return false;
}

static bool to_int(const char *value, int *ret_number)
{
	int64_t number;
	if (!text_to_i64(value, &number) || number < INT32_MIN || number > INT32_MAX)
		return wrong("not a whole number", value);
	*ret_number = (int)number;
	return true;
}

static bool to_seed(const char *value, uint64_t *ret_seed)
{
	int64_t number;
	if (!text_to_i64(value, &number) || number < 0)
		return wrong("not a seed", value);
	*ret_seed = (uint64_t)number;
	return true;
}

static bool to_share(const char *value, double *ret_share)
{
	return (text_to_f64(value, ret_share) && *ret_share >= 0 && *ret_share <= 1) ||
	    wrong("not a share of 0 to 1", value);
}

static bool to_lens(const char *value, enum lens_kind *ret_kind)
{
	*ret_kind = strcmp(value, "brightfield") == 0 ? LENS_BRIGHTFIELD : LENS_HOFFMAN;
	return *ret_kind == LENS_BRIGHTFIELD || strcmp(value, "hoffman") == 0 || wrong("no such optics", value);
}

static bool to_layout(const char *value, bool *ret_folder)
{
	*ret_folder = strcmp(value, "folder") == 0;
	return *ret_folder || strcmp(value, "pdb") == 0 || wrong("no such layout", value);
}

/* Options with a value. */
static bool take_value(struct request *request, int option, const char *value)
{
	struct simulate_options *options = &request->options;
	switch (option) {
	case 'o': request->out = value; return true;
	case 'M': request->morning = value; return true;
	case 'L': request->still = value; return true;
	case 'N': return to_int(value, &request->patients);
	case 'f': return to_layout(value, &request->folder);
	case 's': return to_seed(value, &options->seed);
	case 'w': return to_int(value, &options->wells);
	case 'r': return to_int(value, &options->runs);
	case 'p': return to_int(value, &options->planes);
	case 'z': return to_int(value, &options->side);
	case 'i': return to_int(value, &options->interval_s);
	case 'S': return to_int(value, &options->start_s);
	case 'e': return to_int(value, &options->empty_wells);
	case 'g': return to_int(value, &options->gone_well);
	case 'O': return to_lens(value, &options->lens);
	case 'q': return to_int(value, &options->quality);
	case 't': return to_int(value, &options->threads);
	case 'n': return text_copy(options->slide, sizeof options->slide, value) || wrong("too long", value);
	case 'x': return to_share(value, &request->share);
	case 'F': return to_int(value, &request->focal_um);
	default: return false;
	}
}

static bool read_request(int argc, char **argv, struct request *request)
{
	static const struct option names[] = {
	    {"out", 1, 0, 'o'}, {"morning", 1, 0, 'M'}, {"still", 1, 0, 'L'}, {"patients", 1, 0, 'N'},
	    {"layout", 1, 0, 'f'}, {"seed", 1, 0, 's'}, {"wells", 1, 0, 'w'}, {"runs", 1, 0, 'r'},
	    {"planes", 1, 0, 'p'}, {"side", 1, 0, 'z'}, {"interval", 1, 0, 'i'}, {"start", 1, 0, 'S'},
	    {"empty", 1, 0, 'e'}, {"gone", 1, 0, 'g'}, {"optics", 1, 0, 'O'}, {"quality", 1, 0, 'q'},
	    {"threads", 1, 0, 't'}, {"slide", 1, 0, 'n'}, {"share", 1, 0, 'x'}, {"focal", 1, 0, 'F'},
	    {"dark", 0, 0, 'D'}, {"overlay", 0, 0, 'v'}, {"ivf", 0, 0, 'I'}, {"quiet", 0, 0, 'Q'},
	    {"help", 0, 0, 'h'}, {0}};
	for (int option; (option = getopt_long(argc, argv, "h", names, NULL)) != -1;) {
		if (option == 'h') {
			fputs(help, stdout);
			exit(0);
		}
		if (option == 'D')
			request->options.dark = true;
		else if (option == 'v')
			request->options.overlay = true;
		else if (option == 'I')
			request->options.method = INSEMINATION_IVF;
		else if (option == 'Q')
			request->quiet = true;
		else if (!take_value(request, option, optarg))
			return false;
	}
	return optind == argc || wrong("what is this", argv[optind]);
}

static void show_progress(int64_t done, int64_t total, void *context)
{
	(void)context;
	fprintf(stderr, "\r%3d %%%s", (int)(100 * done / total), done == total ? "\n" : "");
}

static const char *answer(int told)
{
	return told == FILM_NOT_ASKED ? "null" : told ? "true" : "false";
}

static bool write_still(const struct request *request, struct err *err)
{
	struct simulate_scene scene = {.seed = request->options.seed, .share = request->share,
	    .focal_um = request->focal_um, .side = request->options.side, .lens = request->options.lens};
	if (!stage_from_name(request->still, &scene.stage))
		return err_set(err, ERR_BAD_INPUT, "no such stage: %s", request->still);
	OWN(image_free) struct image *image = NULL;
	struct film_truth truth;
	OWN(buf_done) struct buf png = BUF_INIT(32 << 20);
	if (!simulate_frame(&scene, &image, &truth, err) || !image_encode_png(image, &png, err) ||
	    !file_write(request->out, png.data, png.size, 0644, err))
		return false;
	printf("{\"stage\":\"%s\",\"cells\":%d,\"x\":%.2f,\"y\":%.2f,\"radius\":%.2f,\"cavity\":%.3f,"
	       "\"fragmentation\":%.3f,\"uneven\":%s,\"multinucleated\":%s}\n", stage_name(truth.stage), truth.cells, truth.x, truth.y, truth.radius,
	    truth.cavity, truth.fragmentation, answer(truth.uneven), answer(truth.multinucleated));
	return true;
}

static bool run(const struct request *request, struct err *err)
{
	simulate_progress *progress = request->quiet ? NULL : show_progress;
	if (request->morning)
		return simulate_morning(request->morning, request->patients, &request->options, progress, NULL, err);
	if (request->still)
		return write_still(request, err);
	if (request->folder)
		return simulate_folder(request->out, &request->options, progress, NULL, err);
	return simulate_pdb(request->out, &request->options, progress, NULL, err);
}

int main(int argc, char **argv)
{
	struct request request = {.options = simulate_defaults(), .patients = 4, .share = 0.5};
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	request.options.threads = cores < 1 ? 1 : cores > 16 ? 16 : (int)cores;
	if (!read_request(argc, argv, &request))
		return EXIT_USAGE;
	if (!request.out == !request.morning) {
		wrong("give --out or --morning", "see --help");
		return EXIT_USAGE;
	}
	struct err err;
	if (run(&request, &err))
		return 0;
	fprintf(stderr, "daybreak-simulate: %s (%s)\n", err.detail, err_name(err.code));
	return err.code == ERR_BAD_INPUT ? EXIT_USAGE : EXIT_FAILED;
}
