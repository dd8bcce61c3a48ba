/* Training records: rendered embryos through the product's own cutting, so that the errors of the cutting
 * are in what a network learns from.
 *
 *   daybreak-cuts [--seed N] [--embryos N] [--per N] [--out FILE]
 *
 * Every embryo is another life with another fate in front of another instrument (simulator/wild.h); `per`
 * time points of it are written, chosen so that all stages get about as many records. The same options
 * give the same bytes; different seeds give different embryos, so several runs may be put together.
 *
 * A record is 32 bytes of header, then 3 x 128 x 128 grey bytes (planes sharpest first; missing planes and
 * cuts that were not made are zero). Little-endian:
 *
 *    0  u8   made              1: the cutting found an embryo, there are pixels
 *    1  u8   planes            in the cut, 0..3
 *    2  u8   stage             enum stage, 0 empty .. 16 hatching
 *    3  u8   cells             as drawn; 0 where they are not countable (empty, morula, blastocyst)
 *    4  u16  fragmentation     permille of the cytoplasm's volume
 *    6  u8   uneven            0 no, 1 yes, 255 not a question at this stage
 *    7  u8   multinucleated    0 no, 1 yes, 255 nuclei are not visible or not a question
 *    8  u16  hours             since insemination, tenths
 *   10  u32  embryo            number of the life: split training from testing by it
 *   14  u8   optics            0 relief from one side, 1 light from all sides
 *   15  u8   frame planes      drawn and given to the cutting
 *   16  u16  radius            permille of the shorter side, as the cutting measured it
 *   18  u16  side              pixels of the frame
 *   20  u16  off               permille of the true radius: how far the cutting's middle lies from the true one
 *   22  u16  size              permille: measured radius / true radius
 *   24  i8   focus             um the instrument's middle plane lies off the embryo's middle
 *   25  u8   cavity            percent of the embryo's volume
 *   26  u8   decay             0..255: arrested long ago
 *   27  zeros
 */
#include "base/text.h"
#include "reading/cut.h"
#include "simulator/film.h"
#include "simulator/wild.h"

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SIDE_MAX = 800, TILES = 8, HEADER_SIZE = 32, PER_MAX = 64 };

/* What all embryos share. */
struct room {
	float grain[TILES][LAYERS_NOISE * LAYERS_NOISE];
	float sensor[2][LAYERS_NOISE * LAYERS_NOISE];
	struct studio *studio;
	float *exposing;
	struct buf jpegs[FILM_PLANES_MAX];
	long written[STAGE_COUNT]; /* records of each stage so far */
	FILE *out;
};

/* One embryo in front of one instrument. */
struct sitting {
	uint32_t number;
	int side, planes;
	struct wild wild;
	struct film_plan plan;
	struct film *film;
	struct image *image;
};

static bool room_make(struct room *room, struct err *err)
{
	room->studio = studio_new(SIDE_MAX, room->grain[0]);
	room->exposing = malloc((3 * SIDE_MAX * SIDE_MAX + SIDE_MAX) * sizeof *room->exposing);
	for (int i = 0; i < FILM_PLANES_MAX; i++)
		room->jpegs[i] = (struct buf)BUF_INIT(4 << 20);
	bool made = room->studio && room->exposing && noise_make(room->sensor[0], 5, 0.45f) &&
	    noise_make(room->sensor[1], 6, 1.1f);
	for (int i = 0; i < TILES && made; i++)
		made = grain_make(room->grain[i], 40 + (unsigned long long)i, 0.45f + 0.16f * (float)i);
	return made || err_set(err, ERR_NO_MEMORY, "setting up");
}

static void room_done(struct room *room)
{
	studio_free(room->studio);
	free(room->exposing);
	for (int i = 0; i < FILM_PLANES_MAX; i++)
		buf_done(&room->jpegs[i]);
}

static enum stage rarest(const struct room *room)
{
	enum stage rare = STAGE_PB2;
	for (enum stage stage = STAGE_PB2; stage < STAGE_COUNT; stage++)
		if (room->written[stage] < room->written[rare])
			rare = stage;
	return rare;
}

/* Small frames mostly: the cut has 128 pixels anyway, and they are drawn faster. */
static int choose_side(struct random *random)
{
	double choice = random_unit(random);
	return choice < 0.7 ? random_int(random, 240, 380) : choice < 0.93 ? random_int(random, 380, 520) :
							   random_int(random, 520, SIDE_MAX);
}

static int choose_planes(struct random *random)
{
	double choice = random_unit(random);
	return choice < 0.4 ? 1 : choice < 0.85 ? 3 : choice < 0.95 ? 5 : 7;
}

static bool sitting_start(struct sitting *sitting, struct room *room, uint64_t seed, struct err *err)
{
	struct random random;
	random_start(&random, seed, 4711);
	sitting->side = choose_side(&random) & ~1;
	sitting->planes = choose_planes(&random);
	struct wild *wild = &sitting->wild;
	wild_draw(wild, &random, sitting->side);
	double size = wild->lens.scale / 1.65;
	int tile = (int)((size * (0.7 + 0.7 * wild->grain) - 0.45) / 0.16 + 0.5);
	tile = tile < 0 ? 0 : tile >= TILES ? TILES - 1 : tile;
	bool coarse = random_chance(&random, 0.3), any = random_chance(&random, 0.35);
	bool empty = random_chance(&random, 0.04), trouble = random_chance(&random, 0.6);
	sitting->plan = (struct film_plan){.seed = seed, .lens = &wild->lens, .noise = room->grain[tile],
	    .sensor = room->sensor[coarse], .side = sitting->side, .planes = sitting->planes,
	    .method = INSEMINATION_ICSI, .reach = any ? STAGE_EMPTY : rarest(room), .empty = empty,
	    .gone_h = FATE_NEVER, .moved_h = FATE_NEVER, .dark_from_h = FATE_NEVER, .dark_to_h = FATE_NEVER,
	    .trouble = trouble, .style = wild->style, .off_x = wild->off_x, .off_y = wild->off_y,
	    .focus_um = wild->focus_um};
	studio_set_noise(room->studio, sitting->plan.noise);
	sitting->film = film_new(&sitting->plan);
	sitting->image = image_new(sitting->side, sitting->side);
	return (sitting->film && sitting->image) || err_set(err, ERR_NO_MEMORY, "an embryo");
}

static void sitting_done(struct sitting *sitting)
{
	film_free(sitting->film);
	image_free(sitting->image);
}

/* An hour at which this life shows a stage that is still rare in the whole set. */
static double choose_hour(const struct fate *fate, long planned[STAGE_COUNT], struct random *random)
{
	const double *t = fate->event_h;
	enum stage best = STAGE_PB2;
	double least = 1e18;
	for (enum stage stage = STAGE_PB2; stage < STAGE_COUNT; stage++) {
		double urge = ((double)planned[stage] + 3) * random_between(random, 0.85, 1.15);
		if (t[stage] != FATE_NEVER && urge < least) {
			least = urge;
			best = stage;
		}
	}
	planned[best]++;
	double from = t[best], to = fate->arrest_h == FATE_NEVER ? from + 14 : from + 45;
	for (enum stage next = STAGE_HB; next > best; next--)
		if (t[next] != FATE_NEVER)
			to = t[next];
	return random_between(random, from, to);
}

static int by_size(const void *a, const void *b)
{
	double one = *(const double *)a, two = *(const double *)b;
	return (one > two) - (one < two);
}

static uint16_t permille(double share)
{
	return (uint16_t)(share < 0 ? 0 : share > 60 ? 60000 : share * 1000 + 0.5);
}

static void put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)value;
	at[1] = (uint8_t)(value >> 8);
}

static void write_record(struct room *room, const struct sitting *sitting, double hour,
    const struct film_truth *truth, const struct cut_result *result)
{
	uint8_t head[HEADER_SIZE] = {0};
	head[0] = result->made;
	head[1] = result->made ? result->cut.planes : 0;
	head[2] = (uint8_t)truth->stage;
	head[3] = (uint8_t)(truth->cells > 255 ? 255 : truth->cells);
	put16(head + 4, permille(truth->fragmentation));
	head[6] = (uint8_t)truth->uneven;
	head[7] = (uint8_t)truth->multinucleated;
	put16(head + 8, (unsigned)(hour * 10 + 0.5));
	put16(head + 10, sitting->number & 0xFFFF);
	put16(head + 12, sitting->number >> 16);
	head[14] = sitting->wild.lens.kind == LENS_BRIGHTFIELD;
	head[15] = (uint8_t)sitting->planes;
	put16(head + 16, result->made ? result->cut.radius_permille : 0);
	put16(head + 18, (unsigned)sitting->side);
	if (result->made && truth->radius > 0) {
		double x = result->location.x - truth->x, y = result->location.y - truth->y;
		put16(head + 20, permille(sqrt(x * x + y * y) / truth->radius));
		put16(head + 22, permille(result->location.radius / truth->radius));
	}
	head[24] = (uint8_t)(int8_t)sitting->wild.focus_um;
	head[25] = (uint8_t)(truth->cavity * 100);
	head[26] = (uint8_t)(truth->decay * 255);
	fwrite(head, sizeof head, 1, room->out);
	fwrite(result->cut.pixels, sizeof result->cut.pixels, 1, room->out);
	room->written[truth->stage]++;
}

static bool take_picture(struct room *room, struct sitting *sitting, int run, double hour, struct err *err)
{
	static struct cut_result result;
	struct cut_plane planes[FILM_PLANES_MAX];
	struct film_truth truth;
	film_go(sitting->film, room->studio, run, hour, &truth);
	for (int i = 0; i < sitting->planes; i++) {
		film_shoot(sitting->film, room->studio, i, sitting->image);
		wild_expose(&sitting->wild, sitting->image, room->exposing);
		buf_clear(&room->jpegs[i]);
		if (!image_encode_jpeg(sitting->image, sitting->wild.quality, &room->jpegs[i], err))
			return false;
		planes[i] = (struct cut_plane){film_focal_um(sitting->film, i), room->jpegs[i].data,
		    room->jpegs[i].size};
	}
	memset(&result, 0, sizeof result);
	if (!cut_make(planes, (size_t)sitting->planes, &result, err))
		return false;
	write_record(room, sitting, hour, &truth, &result);
	return true;
}

static bool render_embryo(struct room *room, uint64_t seed, uint32_t number, int per, struct err *err)
{
	struct sitting sitting = {.number = number};
	long planned[STAGE_COUNT];
	double hours[PER_MAX];
	struct random random;
	random_start(&random, seed, 4712);
	bool done = sitting_start(&sitting, room, seed, err);
	memcpy(planned, room->written, sizeof planned);
	for (int i = 0; i < per && done; i++)
		hours[i] = choose_hour(film_fate(sitting.film), planned, &random);
	if (done)
		qsort(hours, (size_t)per, sizeof hours[0], by_size);
	for (int i = 0; i < per && done; i++)
		done = take_picture(room, &sitting, i + 1, hours[i], err);
	sitting_done(&sitting);
	return done;
}

int main(int argc, char **argv)
{
	static const struct option names[] = {{"seed", 1, 0, 's'}, {"embryos", 1, 0, 'n'}, {"per", 1, 0, 'p'},
	    {"out", 1, 0, 'o'}, {0}};
	static struct room room;
	int64_t seed = 1, embryos = 100, per = 12;
	room.out = stdout;
	for (int option; (option = getopt_long(argc, argv, "", names, NULL)) != -1;) {
		int64_t *number = option == 's' ? &seed : option == 'n' ? &embryos : &per;
		if (option == 'o' ? !(room.out = fopen(optarg, "wb")) : option == '?' || !text_to_i64(optarg, number))
			return fprintf(stderr, "daybreak-cuts: what is %s\n", optarg ? optarg : "this"), 2;
	}
	struct err err;
	bool done = per >= 1 && per <= PER_MAX ? room_make(&room, &err) :
						 err_set(&err, ERR_BAD_INPUT, "--per is 1 to %d", PER_MAX);
	for (int64_t i = 0; i < embryos && done; i++)
		done = render_embryo(&room, (uint64_t)seed * 1000003 + (uint64_t)i, (uint32_t)(seed * 100000 + i),
		    (int)per, &err);
	for (enum stage stage = STAGE_EMPTY; stage < STAGE_COUNT && done; stage++)
		fprintf(stderr, "%s %ld\n", stage_name(stage), room.written[stage]);
	room_done(&room);
	if (done && fclose(room.out) == 0)
		return 0;
	fprintf(stderr, "daybreak-cuts: %s\n", done ? "cannot write" : err.detail);
	return 1;
}
