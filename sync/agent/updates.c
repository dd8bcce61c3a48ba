#include "agent/updates.h"

#include "agent/breaker.h"
#include "agent/enrol.h"
#include "agent/helper.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

enum {
	CHANNEL_BYTES_MAX = 16 << 10,
	/* A part is asked for at the rate that counts when it begins. */
	PART_BYTES = 32 << 20,
	QUIET_MS = 30000,
	LIMIT_MS = 30000,
	PART_LIMIT_MS = 6 * 3600 * 1000,
	/* All boxes ask at other times: at a random moment of the second half. */
	CHECK_EVERY_MS = 3600 * 1000,
	AGAIN_MS = 2000, /* after a failure, twice as long each time */
	UNCERTIFIED_MS = 5000,
	DIGEST_BYTES = 1 << 20,
};

/* What an update must leave free: a morning's exports and the database have to fit whatever happens. */
static const int64_t spare_bytes = INT64_C(1) << 30;

enum state { OFF, WAITING, CURRENT, FETCHING, FETCHED, FAILING };
static const char *const state_names[] = {"off", "waiting", "current", "fetching", "fetched", "failing"};

struct updates {
	const struct cloud *cloud;
	char folder[LIMIT_PATH], place[LIMIT_PATH];
	char running[VERSION_SIZE];
	struct helper helper;
	/* of the thread */
	int64_t due_us; /* monotonic */
	int failures;
	char told[2 * CRYPTO_DIGEST_SIZE + 1]; /* the offer that an event has told of */
	char fetched[2 * CRYPTO_DIGEST_SIZE + 1]; /* the digest of the whole file that is here */
	enum err_code told_code;
	const char *hint;                      /* what is to be done, where the error alone does not say */
	/* of all */
	pthread_mutex_t lock;
	enum state state;
	char reason[ERR_DETAIL_MAX], next[ERR_DETAIL_MAX];
	int64_t since_us, checked_us;
	bool offered;
	struct channel_offer offer;
	int64_t have;
};

static void enter(struct updates *updates, enum state state, const char *reason, const char *next)
{
	pthread_mutex_lock(&updates->lock);
	if (updates->state != state)
		updates->since_us = clock_now_us();
	updates->state = state;
	text_copy(updates->reason, sizeof updates->reason, reason);
	text_copy(updates->next, sizeof updates->next, next);
	pthread_mutex_unlock(&updates->lock);
}

static void note_have(struct updates *updates, int64_t have)
{
	pthread_mutex_lock(&updates->lock);
	updates->have = have;
	pthread_mutex_unlock(&updates->lock);
}

/* Asking */

static bool call(struct updates *updates, struct link_request *request, const char *file, const char *why,
    struct link_response *ret_response, struct err *err)
{
	char url[LINK_URL_MAX];
	snprintf(url, sizeof url, "%s/%s", updates->cloud->updates_url, file);
	request->url = url;
	request->ca = updates->cloud->updates_ca;
	request->quiet_ms = QUIET_MS;
	request->down_bytes_s = cloud_uplink(updates->cloud, clock_now_us());
	request->egress = (struct ledger_egress){
	    .class = LEDGER_UPDATE, .endpoint = "updates", .region = "", .why = why, .batch = ""};
	if (!link_call(updates->helper.link, request, ret_response, err)) {
		if (err->code == ERR_FORBIDDEN)
			updates->hint = "see that \"ca\" of \"updates\" in cloud.json is the update server's";
		return false;
	}
	if (link_accepted(ret_response, err))
		return true;
	if (err->code == ERR_FORBIDDEN)
		updates->hint = "look at this box's certificate: daybreak-sync status";
	return false;
}

static bool ask_channel(struct updates *updates, struct channel_offer *ret_offer, struct err *err)
{
	OWN(link_response_done) struct link_response response = {0};
	struct link_request request = {.answer_max = CHANNEL_BYTES_MAX, .limit_ms = LIMIT_MS};
	if (!call(updates, &request, "channel.json", "channel", &response, err) ||
	    !channel_parse((const char *)response.body.data, response.body.size, ret_offer, err))
		return err_add(err, "asking for updates");
	pthread_mutex_lock(&updates->lock);
	updates->checked_us = clock_now_us();
	updates->offered = true;
	if (memcmp(&updates->offer, ret_offer, sizeof *ret_offer) != 0)
		updates->have = 0;
	updates->offer = *ret_offer;
	pthread_mutex_unlock(&updates->lock);
	return true;
}

/* One part */

struct part {
	struct updates *updates;
	int fd;
	int64_t have, size; /* of the whole file */
	bool begun;
};

/* The bytes that follow what we have, of a file as large as was promised. */
static bool check_part(const struct part *part, struct link_response *response, struct err *err)
{
	struct channel_part range;
	if (response->status != 206 || !channel_part_parse(link_header(response, "Content-Range"), &range))
		return err_set(err, ERR_UNSUPPORTED, "the update server does not give parts of files");
	if (range.size != part->size || range.from != part->have)
		return err_set(err, ERR_DAMAGED, "the file there is not the one that channel.json names");
	return true;
}

static bool take_part(
    void *context, struct link_response *response, const void *data, size_t size, struct err *err)
{
	struct part *part = context;
	if (!part->begun && !check_part(part, response, err))
		return false;
	part->begun = true;
	if (!fd_write(part->fd, data, size))
		return err_errno(err, "writing the update");
	part->have += (int64_t)size;
	note_have(part->updates, part->have);
	return true;
}

/* Appends what comes; part->have tells how far it got, also on failure. */
static bool fetch_part(struct updates *updates, struct part *part, const char *file, struct err *err)
{
	OWN(link_response_done) struct link_response response = {0};
	char range[80];
	int64_t before = part->have, left = part->size - part->have;
	snprintf(range, sizeof range, "Range: bytes=%lld-%lld", (long long)before,
	    (long long)(before + (left < PART_BYTES ? left : PART_BYTES) - 1));
	struct link_request request = {.headers = {range},
	    .answer_max = PART_BYTES,
	    .take = take_part,
	    .take_context = part,
	    .limit_ms = PART_LIMIT_MS};
	part->begun = false;
	bool ok = call(updates, &request, file, "fetch", &response, err);
	if (part->have > before)
		updates->failures = 0;
	if (ok && part->have == before)
		return err_set(err, ERR_DAMAGED, "the update server sent nothing of the file");
	return ok;
}

/* The whole */

static bool check_room(struct updates *updates, int64_t bytes, struct err *err)
{
	struct statvfs disk;
	if (statvfs(updates->place, &disk) != 0)
		return err_errno(err, "looking for room in %s", updates->place);
	int64_t free_bytes = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
	if (free_bytes >= bytes + spare_bytes)
		return true;
	updates->hint = "make room on the disk of the data; the update is fetched by itself then";
	return err_set(err, ERR_TOO_LARGE,
	    "the update needs %lld MB of the disk and 1 GB is to stay free; %lld MB are free",
	    (long long)(bytes / 1000000 + 1), (long long)(free_bytes / 1000000));
}

static bool digest_of(const char *path, uint8_t ret_digest[CRYPTO_DIGEST_SIZE], struct err *err)
{
	OWN(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
	OWN(free) uint8_t *bytes = malloc(DIGEST_BYTES);
	ssize_t count;
	if (fd < 0)
		return err_errno(err, "opening %s", path);
	struct crypto_hash *hash = bytes ? crypto_hash_new() : NULL;
	if (!hash)
		return err_set(err, ERR_NO_MEMORY, "checking the update");
	while ((count = read(fd, bytes, DIGEST_BYTES)) > 0)
		crypto_hash_add(hash, bytes, (size_t)count);
	crypto_hash_end(hash, ret_digest);
	return count == 0 || err_errno(err, "reading %s", path);
}

/* -1: there is none. */
static int64_t size_of(const char *path)
{
	struct stat status;
	return lstat(path, &status) == 0 && S_ISREG(status.st_mode) ? (int64_t)status.st_size : -1;
}

static bool is_whole(const char *path, const struct channel_offer *offer)
{
	uint8_t digest[CRYPTO_DIGEST_SIZE];
	return size_of(path) == offer->size && digest_of(path, digest, NULL) &&
	    crypto_equal(digest, offer->digest, sizeof digest);
}

static bool fetch_rest(
    struct updates *updates, const struct channel_offer *offer, const char *path, struct err *err)
{
	int64_t have = size_of(path);
	if (have > offer->size) {
		unlink(path);
		have = 0;
	}
	struct part part = {.updates = updates, .have = have > 0 ? have : 0, .size = offer->size};
	note_have(updates, part.have);
	if (!check_room(updates, part.size - part.have, err)) {
		unlink(path);
		note_have(updates, 0);
		return false;
	}
	OWN(fd_close) int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	part.fd = fd;
	if (fd < 0)
		return err_errno(err, "making %s", path);
	while (part.have < part.size)
		if (!fetch_part(updates, &part, offer->file, err))
			return false;
	return fsync(fd) == 0 || err_errno(err, "writing %s", path);
}

/* What was fetched before goes when another one is here, or none is offered any more: what was withdrawn must not be
 * installed. Returns how many bundles it was. */
static int remove_others(const struct updates *updates, const char *file)
{
	int count = 0;
	DIR *folder = opendir(updates->place);
	if (!folder)
		return 0;
	for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
		bool bundle = text_ends(entry->d_name, ".raucb");
		if ((!bundle && !text_ends(entry->d_name, ".part")) || strcmp(entry->d_name, file) == 0)
			continue;
		count += unlinkat(dirfd(folder), entry->d_name, 0) == 0 && bundle;
	}
	closedir(folder);
	return count;
}

static bool fetch(
    struct updates *updates, const struct channel_offer *offer, const char *digest, struct err *err)
{
	char path[LIMIT_PATH], whole[LIMIT_PATH], name[2 * CRYPTO_DIGEST_SIZE + 8], text[256];
	snprintf(name, sizeof name, "%s.part", digest);
	if (!folder_make(updates->place, err) || !folder_path(updates->place, name, path, err) ||
	    !folder_path(updates->place, offer->file, whole, err))
		return false;
	bool known = strcmp(updates->fetched, digest) == 0 && size_of(whole) == offer->size;
	if (!known && !is_whole(whole, offer)) {
		enter(updates, FETCHING, "", "");
		if (!fetch_rest(updates, offer, path, err))
			return err_add(err, "fetching %s", offer->version);
		if (!is_whole(path, offer)) {
			unlink(path);
			note_have(updates, 0);
			return err_set(err, ERR_DAMAGED,
			    "what came for %s is not what channel.json promises: it was thrown away", offer->version);
		}
		if (rename(path, whole) != 0 || !folder_flush(updates->place, err))
			return err_errno(err, "keeping the update");
		snprintf(text, sizeof text, "the update to %s was fetched", offer->version);
		helper_tell(&updates->helper, "sync.update-fetched", "info", text, "");
	}
	text_copy(updates->fetched, sizeof updates->fetched, digest);
	remove_others(updates, offer->file);
	note_have(updates, offer->size);
	enter(updates, FETCHED, "", "nothing: the box installs it by itself");
	return true;
}

/* The thread */

static bool follow(struct updates *updates, struct err *err)
{
	struct channel_offer offer;
	char digest[2 * CRYPTO_DIGEST_SIZE + 1], text[256];
	if (!ask_channel(updates, &offer, err))
		return false;
	if (version_compare(offer.version, updates->running) <= 0) {
		snprintf(text, sizeof text, "%s runs and %s is offered: what was fetched before was removed",
		    updates->running, offer.version);
		if (remove_others(updates, "") > 0)
			helper_tell(&updates->helper, "sync.update-removed", "info", text, "");
		updates->fetched[0] = 0;
		enter(updates, CURRENT, "", "");
		return true;
	}
	text_hex(digest, offer.digest, sizeof offer.digest);
	if (strcmp(updates->told, digest) != 0) {
		snprintf(text, sizeof text, "version %s is offered; %s runs", offer.version, updates->running);
		helper_tell(&updates->helper, "sync.update-offered", "info", text, "");
		text_copy(updates->told, sizeof updates->told, digest);
	}
	return fetch(updates, &offer, digest, err);
}

static void failed(struct updates *updates, const struct err *err)
{
	bool theirs = err->code == ERR_BAD_INPUT || err->code == ERR_DAMAGED || err->code == ERR_UNSUPPORTED ||
	    err->code == ERR_NOT_FOUND || err->code == ERR_TOO_LARGE;
	const char *next = updates->hint ? updates->hint
	    : theirs                     ? "ask who runs the update server; it is tried again by itself"
	                                 : "nothing: it goes on by itself";
	enter(updates, FAILING, err->detail, next);
	if (err->code != updates->told_code)
		helper_tell(&updates->helper, "sync.update-failed", "warning", err->detail, next);
	updates->told_code = err->code;
}

static void look(void *context)
{
	struct updates *updates = context;
	struct err err;
	int64_t wait_ms;
	if (clock_monotonic_us() < updates->due_us)
		return;
	uint32_t number;
	crypto_random(&number, sizeof number);
	double chance = number / 4294967296.0;
	updates->hint = NULL;
	if (!enrol_identity(updates->helper.link, updates->folder, updates->cloud->site, &err)) {
		enter(updates, WAITING, err.detail, "daybreak-sync enrol");
		wait_ms = UNCERTIFIED_MS;
	} else if (follow(updates, &err)) {
		updates->failures = 0;
		updates->told_code = ERR_NONE;
		wait_ms = backoff_ms(0, CHECK_EVERY_MS, CHECK_EVERY_MS, chance);
	} else {
		if (updates->helper.stopping)
			return;
		failed(updates, &err);
		wait_ms = backoff_ms(updates->failures++, AGAIN_MS, CHECK_EVERY_MS, chance);
	}
	updates->due_us = clock_monotonic_us() + wait_ms * 1000;
}

bool updates_start(
    const struct cloud *cloud, const char *folder, struct updates **ret_updates, struct err *err)
{
	OWN(updates_stop) struct updates *updates = calloc(1, sizeof *updates);
	if (!updates)
		return err_set(err, ERR_NO_MEMORY, "looking for updates");
	pthread_mutex_init(&updates->lock, NULL);
	updates->cloud = cloud;
	updates->since_us = clock_now_us();
	text_copy(updates->folder, sizeof updates->folder, folder);
	version_running(NULL, updates->running);
	bool on = cloud->updates_url[0] != 0;
	updates->state = on ? WAITING : OFF;
	text_copy(updates->reason, sizeof updates->reason,
	    on ? "it has not been asked yet" : "cloud.json names no update server");
	if (on && (!folder_path(folder, "updates", updates->place, err) ||
	              !helper_open(&updates->helper, folder, err) ||
	              !helper_run(&updates->helper, look, updates, err)))
		return false;
	*ret_updates = TAKE(updates);
	return true;
}

void updates_stop(struct updates *updates)
{
	if (!updates)
		return;
	helper_stop(&updates->helper);
	pthread_mutex_destroy(&updates->lock);
	free(updates);
}

static json_t *show_offer(const struct updates *updates)
{
	char digest[2 * CRYPTO_DIGEST_SIZE + 1];
	const struct channel_offer *offer = &updates->offer;
	if (!updates->offered)
		return json_null();
	text_hex(digest, offer->digest, sizeof offer->digest);
	return json_pack("{s:s, s:s, s:I, s:s, s:I}", "version", offer->version, "file", offer->file, "size",
	    (json_int_t)offer->size, "sha256", digest, "have", (json_int_t)updates->have);
}

json_t *updates_show(struct updates *updates)
{
	pthread_mutex_lock(&updates->lock);
	json_t *shown = json_pack("{s:s, s:s, s:o, s:s, s:o, s:s, s:o}", "state", state_names[updates->state],
	    "reason", updates->reason, "since", json_utc(updates->since_us), "next", updates->next, "checked",
	    json_utc(updates->checked_us), "running", updates->running, "offer", show_offer(updates));
	pthread_mutex_unlock(&updates->lock);
	return shown;
}
