/* rooms: store */
/* Power cuts on a disk that keeps only what it was told to keep. The program stands between the store
 * (SQLite included) and the C library, and writes down every write, cut, deletion and flush in order. For a
 * moment picked at random it then builds the disk as a power cut might have left it:
 *
 *   - what was flushed before that moment is there;
 *   - of each later write to the same file a random part is there: all of it, its first half, or nothing;
 *   - a file whose folder was not flushed since it was made may be missing.
 *
 * The store must open there, hold every frame acknowledged before the moment, none twice, and be whole.
 *
 * crash_power [cuts [seed]] */
#include "base/file.h"
#include "base/limits.h"
#include "store/cycles.h"
#include "store/dishes.h"
#include "store/embryos.h"
#include "store/frames.h"
#include "store/inside.h"
#include "store/patients.h"
#include "store/readings.h"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { FILES_MAX = 16, EVENTS_MAX = 20000, PICTURE_SIZE = 3000, CALLS = 120 };

enum event_kind { EVENT_WRITE, EVENT_CUT, EVENT_FLUSH, EVENT_NAME, EVENT_ACKNOWLEDGED };

struct event {
	enum event_kind kind;
	int file; /* index in names */
	int64_t offset; /* EVENT_CUT: the new size; EVENT_ACKNOWLEDGED: how many calls have returned */
	size_t size;
	uint8_t *data;
};

static struct event events[EVENTS_MAX];
static int events_count;
static char names[FILES_MAX][64]; /* below the folder */
static int names_count;
static char folder[] = "/tmp/daybreak-power-XXXXXX";
static bool recording;
static struct err err;

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s: %s\n", what, err.detail);
	exit(2);
}

static void note(enum event_kind kind, int file, int64_t offset, const void *data, size_t size)
{
	must(events_count < EVENTS_MAX, "too many events");
	struct event *event = &events[events_count++];
	*event = (struct event){kind, file, offset, size, NULL};
	if (!size)
		return;
	event->data = malloc(size);
	must(event->data != NULL, "memory");
	memcpy(event->data, data, size);
}

static int name_index(const char *name)
{
	for (int i = 0; i < names_count; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	must(names_count < FILES_MAX, "too many files");
	snprintf(names[names_count], sizeof names[0], "%.63s", name);
	return names_count++;
}

/* The path of fd below the folder; false when it is none of the store's. */
static bool name_of(int fd, char name[LIMIT_PATH])
{
	char link[64], path[LIMIT_PATH];
	size_t root = strlen(folder);
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t length = recording ? readlink(link, path, sizeof path - 1) : -1;
	if (length < 0)
		return false;
	path[length] = 0;
	/* Shared memory is made anew after a crash. */
	if (strncmp(path, folder, root) != 0 || strstr(path, "-shm"))
		return false;
	snprintf(name, LIMIT_PATH, "%s", path + root + (path[root] == '/'));
	return true;
}

static bool is_folder(int fd)
{
	struct stat status;
	return fstat(fd, &status) == 0 && S_ISDIR(status.st_mode);
}

/* The next definition of a function after ours. */
#define REAL(name) ((__typeof__(&name))(uintptr_t)dlsym(RTLD_NEXT, #name))

static ssize_t noted_write(int fd, const void *data, ssize_t put, off_t offset)
{
	char name[LIMIT_PATH];
	if (put > 0 && name_of(fd, name))
		note(EVENT_WRITE, name_index(name), offset, data, (size_t)put);
	return put;
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t offset)
{
	return noted_write(fd, data, REAL(pwrite)(fd, data, size, offset), offset);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset)
{
	return noted_write(fd, data, REAL(pwrite64)(fd, data, size, offset), offset);
}

ssize_t write(int fd, const void *data, size_t size)
{
	off_t offset = lseek(fd, 0, SEEK_CUR);
	return noted_write(fd, data, REAL(write)(fd, data, size), offset);
}

static int noted_cut(int fd, off_t size, int result)
{
	char name[LIMIT_PATH];
	if (result == 0 && name_of(fd, name))
		note(EVENT_CUT, name_index(name), size, NULL, 0);
	return result;
}

int ftruncate(int fd, off_t size)
{
	return noted_cut(fd, size, REAL(ftruncate)(fd, size));
}

int ftruncate64(int fd, off64_t size)
{
	return noted_cut(fd, size, REAL(ftruncate64)(fd, size));
}

/* Flushing a folder keeps the names in it. */
static void note_names(const char *name)
{
	char path[LIMIT_PATH];
	path_join(path, sizeof path, folder, name);
	DIR *listing = opendir(path);
	must(listing != NULL, "listing");
	for (struct dirent *entry; (entry = readdir(listing));) {
		char below[2 * LIMIT_PATH];
		snprintf(below, sizeof below, "%s%s%s", name, *name ? "/" : "", entry->d_name);
		if (entry->d_type == DT_REG && !strstr(below, "-shm"))
			note(EVENT_NAME, name_index(below), 0, NULL, 0);
	}
	closedir(listing);
}

static int noted_flush(int fd, int result)
{
	char name[LIMIT_PATH];
	if (result != 0 || !name_of(fd, name))
		return result;
	if (is_folder(fd))
		note_names(name);
	else
		note(EVENT_FLUSH, name_index(name), 0, NULL, 0);
	return result;
}

int fsync(int fd)
{
	return noted_flush(fd, REAL(fsync)(fd));
}

int fdatasync(int fd)
{
	return noted_flush(fd, REAL(fdatasync)(fd));
}

/* What the writer does: calls of two runs each to three dishes, the first of them read; the second dish is
 * assigned while it fills. */
static int64_t dish_of(int call)
{
	return 1 + call / (CALLS / 3);
}

static void picture_of(uint8_t picture[PICTURE_SIZE], int call, int run)
{
	memset(picture, call, PICTURE_SIZE);
	snprintf((char *)picture, 32, "call %d run %d", call, run);
}

static void read_run(struct store *store, int64_t embryo, int run)
{
	static struct cut cut = {.planes = 1};
	const struct reading_new new = {.row = {.run = run, .planes = 1, .made = true}, .cut = &cut};
	memcpy(cut.pixels, &run, sizeof run);
	must(readings_store(store, embryo, "test", "", &new, 1, &err), "storing a reading");
}

static void add_call(struct store *store, int call)
{
	static uint8_t pictures[2][PICTURE_SIZE];
	char slide[16];
	int64_t dish, embryo;
	enum frame_outcome outcomes[2];
	struct frame_new frames[2];
	snprintf(slide, sizeof slide, "S%d", (int)dish_of(call));
	must(dishes_obtain(store, slide, "test", 0, &dish, &err) && dish == dish_of(call), "a dish");
	must(embryos_obtain(store, dish, 1, &embryo, &err) && embryo == dish, "an embryo");
	for (int i = 0; i < 2; i++) {
		picture_of(pictures[i], call, i);
		frames[i] = (struct frame_new){
		    embryo, 2 * call + i, 0, 0, 500, 500, pictures[i], PICTURE_SIZE};
	}
	must(frames_add(store, dish, frames, 2, outcomes, &err), "adding frames");
	read_run(store, embryo, 2 * call);
}

static void assign(struct store *store)
{
	const struct patient patient = {.name = "Ada Test", .identifier = "P-1"};
	struct cycle cycle = {.label = "first", .method = INSEMINATION_ICSI};
	int64_t id;
	must(patients_add(store, 0, &patient, &cycle.patient_id, &err) &&
		cycles_add(store, 0, &cycle, &id, &err) && dishes_assign(store, 2, id, 0, &err),
	    "assigning");
}

static void work(struct store *store)
{
	/* Checkpoints come early, so that many cuts fall into one. */
	must(db_exec(store->db, "PRAGMA wal_autocheckpoint = 60", &err), "setting");
	for (int call = 0; call < CALLS; call++) {
		add_call(store, call);
		note(EVENT_ACKNOWLEDGED, 0, call + 1, NULL, 0);
		if (call == CALLS / 2)
			assign(store);
	}
}

/* Is what event `at` did flushed before the cut? */
static bool is_flushed(int at, int cut)
{
	for (int i = at + 1; i < cut; i++)
		if (events[i].kind == EVENT_FLUSH && events[i].file == events[at].file)
			return true;
	return false;
}

/* A file that was made before the cut is surely there once its folder was flushed, before that perhaps. */
static bool is_there(int file, int cut)
{
	bool made = false;
	for (int i = 0; i < cut; i++) {
		if (events[i].kind == EVENT_NAME && events[i].file == file)
			return true;
		made = made || (events[i].kind != EVENT_ACKNOWLEDGED && events[i].file == file);
	}
	return made && rand() % 2;
}

/* What is left of one file. base: as it was before the work, or missing. */
static void build_file(const char *base, const char *image, int file, int cut)
{
	char from[LIMIT_PATH], to[LIMIT_PATH];
	OWN(buf_done) struct buf content = BUF_INIT(1 << 26);
	snprintf(from, sizeof from, "%s/%s", base, names[file]);
	snprintf(to, sizeof to, "%s/%s", image, names[file]);
	if (file_exists(from))
		must(file_read(from, &content, &err), "reading the base");
	else if (!is_there(file, cut))
		return;
	int fd = open(to, O_RDWR | O_CREAT | O_TRUNC, 0600);
	must(fd >= 0 && REAL(pwrite)(fd, content.data, content.size, 0) == (ssize_t)content.size,
	    "building");
	for (int i = 0; i < cut; i++) {
		const struct event *event = &events[i];
		if (event->file != file || (event->kind != EVENT_WRITE && event->kind != EVENT_CUT))
			continue;
		int part = is_flushed(i, cut) ? 2 : rand() % 3;
		if (event->kind == EVENT_WRITE && part)
			must(REAL(pwrite)(fd, event->data, part == 2 ? event->size : event->size / 2,
				 event->offset) > 0,
			    "building");
		if (event->kind == EVENT_CUT && part == 2)
			must(REAL(ftruncate)(fd, event->offset) == 0, "building");
	}
	close(fd);
}

static void print_problem(const char *text, void *context)
{
	(void)context;
	fprintf(stderr, "problem: %s\n", text);
}

static void check_image(const char *image, int acknowledged)
{
	struct store *store = NULL;
	struct store_report report;
	uint8_t picture[PICTURE_SIZE];
	OWN(buf_done) struct buf got = BUF_INIT(PICTURE_SIZE);
	must(store_open(image, &store, &err), "opening after the cut");
	must(store_verify(store, true, print_problem, NULL, &report, &err), "verifying");
	must(report.problems == 0 && report.frames >= 2 * acknowledged &&
		report.frames <= 2 * acknowledged + 2,
	    "the store is not whole");
	for (int i = 0; i < 2 * acknowledged; i++) {
		int call = i / 2;
		buf_clear(&got);
		must(frames_read(store, dish_of(call), i, 0, &got, NULL, &err), "an acknowledged frame");
		picture_of(picture, call, i % 2);
		must(got.size == PICTURE_SIZE && memcmp(got.data, picture, PICTURE_SIZE) == 0,
		    "its content");
	}
	if (acknowledged < CALLS)
		add_call(store, acknowledged);
	store_close(store);
}

static void one_cut(const char *base, int cut)
{
	char image[] = "/tmp/daybreak-image-XXXXXX", path[LIMIT_PATH];
	int acknowledged = 0;
	must(mkdtemp(image) != NULL && path_join(path, sizeof path, image, "blobs") &&
		folder_make(path, &err),
	    "image");
	for (int file = 0; file < names_count; file++)
		build_file(base, image, file, cut);
	for (int i = 0; i < cut; i++)
		if (events[i].kind == EVENT_ACKNOWLEDGED)
			acknowledged = (int)events[i].offset;
	check_image(image, acknowledged);
	must(folder_remove(image, &err), "cleaning up");
}

/* The state before the work: files that exist are durable, and known by name. */
static void keep_base(const char *base)
{
	static const char *const kept[] = {"box.key", "daybreak.db"};
	for (int i = 0; i < 2; i++) {
		char from[LIMIT_PATH], to[LIMIT_PATH];
		OWN(buf_done) struct buf content = BUF_INIT(1 << 24);
		must(path_join(from, sizeof from, folder, kept[i]) &&
			path_join(to, sizeof to, base, kept[i]),
		    "paths");
		must(file_read(from, &content, &err) &&
			file_write(to, content.data, content.size, 0600, &err),
		    "base");
		name_index(kept[i]);
	}
}

int main(int argc, char **argv)
{
	int cuts = argc > 1 ? atoi(argv[1]) : 150;
	unsigned seed = argc > 2 ? (unsigned)atoi(argv[2]) : (unsigned)time(NULL);
	char base[] = "/tmp/daybreak-base-XXXXXX";
	struct store *store = NULL;
	srand(seed);
	must(mkdtemp(folder) != NULL && mkdtemp(base) != NULL && store_create(folder, &err), "creating");
	keep_base(base);
	recording = true;
	must(store_open(folder, &store, &err), "opening");
	work(store);
	recording = false;
	store_close(store);
	printf("%d events in %d files, %d cuts, seed %u\n", events_count, names_count, cuts, seed);
	for (int i = 0; i < cuts; i++)
		one_cut(base, rand() % (events_count + 1));
	must(folder_remove(folder, &err) && folder_remove(base, &err), "cleaning up");
	for (int i = 0; i < events_count; i++)
		free(events[i].data);
	return 0;
}
