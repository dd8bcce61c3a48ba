#include "setup/mounts.h"

#include "base/crypto.h"
#include "base/file.h"
#include "base/text.h"
#include "setup/shares.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

#define STABLE      "/etc/systemd/system"
#define THIS_BOOT   "/run/systemd/system"
#define CREDENTIALS BOX_LOCAL "/shares/%s.credentials"

enum { CREDENTIALS_BYTES_MAX = 4 << 10 };

/* What every unit of ours here begins with; see share_unit_name. */
static const char prefix[] = "var-lib-daybreak-shares-";

static const char *units_folder(const struct box *box)
{
	char full[LIMIT_PATH];
	bool writable = box_path(box, STABLE, full, NULL) && (access(full, W_OK) == 0 || errno == ENOENT);
	return writable ? STABLE : THIS_BOOT;
}

/* mount.cifs would take them for the last letter of a password. */
static bool drop_returns(struct buf *text)
{
	size_t kept = 0;
	for (size_t i = 0; i < text->size; i++)
		if (text->data[i] != '\r')
			text->data[kept++] = text->data[i];
	text->size = kept;
	return true;
}

/* Copied to a place of root's alone, since the file that was named may be somebody's who goes. A share that
 * was set up before has its own. */
static bool obtain_credentials(struct box *box, const struct answers *answers, const struct share *share,
    char ret_path[LIMIT_PATH], struct err *err)
{
	char given[LIMIT_PATH];
	OWN(buf_done) struct buf text = BUF_INIT(CREDENTIALS_BYTES_MAX);
	snprintf(ret_path, LIMIT_PATH, CREDENTIALS, share->name);
	if (!share->credentials[0]) {
		if (share->kind != SHARE_SMB || !box_has(box, ret_path))
			ret_path[0] = 0;
		return true;
	}
	bool ok = answers_path(answers, share->credentials, given, err) && file_read(given, &text, err) &&
	    drop_returns(&text) &&
	    (strstr(buf_text(&text), "username=") ||
	        err_set(err, ERR_BAD_INPUT,
	            "%s holds lines username=, password= and perhaps domain=", share->credentials)) &&
	    box_write(box, ret_path, buf_text(&text), NULL, 0600, err);
	crypto_wipe(text.data, text.size);
	return ok || err_add(err, "share %s", share->name);
}

static bool write_units(struct box *box, const struct answers *answers, const char *folder,
    const struct share *share, struct err *err)
{
	char name[SHARE_UNIT_SIZE], path[LIMIT_PATH], credentials[LIMIT_PATH];
	OWN(buf_done) struct buf mount = BUF_INIT(1 << 14);
	OWN(buf_done) struct buf automount = BUF_INIT(1 << 14);
	if (!obtain_credentials(box, answers, share, credentials, err))
		return false;
	share_mount_unit(share, credentials, &mount);
	share_automount_unit(share, &automount);
	share_unit_name(share, ".mount", name);
	snprintf(path, sizeof path, "%s/%s", folder, name);
	if (!buf_ok(&mount, err) || !buf_ok(&automount, err) ||
	    !box_write(box, path, buf_text(&mount), NULL, 0644, err))
		return false;
	share_unit_name(share, ".automount", name);
	snprintf(path, sizeof path, "%s/%s", folder, name);
	return box_write(box, path, buf_text(&automount), NULL, 0644, err);
}

/* A program that is not there is told of now, not at night by a mount that fails. */
static void miss_helper(const struct box *box, const struct share *share)
{
	static const struct {
		const char *program, *package;
	} helpers[] = {[SHARE_NFS] = {"/sbin/mount.nfs", "nfs-common"},
	    [SHARE_SMB] = {"/sbin/mount.cifs", "cifs-utils"}};
	if (share->kind != SHARE_LOCAL && !box_has(box, helpers[share->kind].program))
		fprintf(box->told, "note: share %s needs the package %s: apt install %s\n", share->name,
		    helpers[share->kind].package, helpers[share->kind].package);
}

static bool is_of(const struct shares *shares, const char *unit)
{
	char name[SHARE_UNIT_SIZE];
	for (size_t i = 0; i < shares->count; i++) {
		share_unit_name(&shares->list[i], ".mount", name);
		if (strcmp(name, unit) == 0)
			return true;
		share_unit_name(&shares->list[i], ".automount", name);
		if (strcmp(name, unit) == 0)
			return true;
	}
	return false;
}

static bool remove_others(struct box *box, const char *folder, const struct shares *shares, struct err *err)
{
	char full[LIMIT_PATH], path[LIMIT_PATH];
	DIR *listing = box_path(box, folder, full, NULL) ? opendir(full) : NULL;
	bool ok = true;
	if (!listing)
		return true;
	for (const struct dirent *item; ok && (item = readdir(listing));) {
		if (!text_starts(item->d_name, prefix) || is_of(shares, item->d_name))
			continue;
		const char *const stop[] = {"systemctl", "disable", "--now", item->d_name, NULL};
		box_run(box, stop, NULL, NULL);
		ok = path_join(path, sizeof path, folder, item->d_name) && box_remove(box, path, err);
	}
	closedir(listing);
	return ok;
}

/* Mounting is left to the first look into the folder: a server that is away must not keep setup waiting. A
 * container knows no automounts; there it is mounted now, and at each start. */
static bool start(struct box *box, const char *folder, const struct share *share, struct err *err)
{
	char mount[SHARE_UNIT_SIZE], automount[SHARE_UNIT_SIZE];
	struct err why;
	share_unit_name(share, ".mount", mount);
	share_unit_name(share, ".automount", automount);
	const char *const stop[] = {"systemctl", "stop", automount, mount, NULL};
	const char *const begin_on_use[] = {"systemctl", "start", automount, NULL};
	const char *const begin_now[] = {"systemctl", "start", mount, NULL};
	/* What was mounted by the units as they were before; none is fine. */
	box_run(box, stop, NULL, NULL);
	bool on_use = box_run(box, begin_on_use, NULL, &why);
	const char *const enable[] = {"systemctl", "enable", on_use ? automount : mount, NULL};
	if (strcmp(folder, STABLE) == 0 && !box_run(box, enable, NULL, err))
		return false;
	if (on_use || box_run(box, begin_now, NULL, &why))
		return true;
	fprintf(box->told, "note: share %s cannot be mounted now: %s\n", share->name, why.detail);
	return true;
}

bool mounts_make(struct box *box, const struct answers *answers, struct err *err)
{
	static const char *const reload[] = {"systemctl", "daemon-reload", NULL};
	struct shares shares;
	bool changed[SHARES_MAX];
	const char *folder = units_folder(box);
	int before = box->changes;
	if (!shares_parse(answers->shares, &shares, err))
		return false;
	for (size_t i = 0; i < shares.count; i++) {
		int known = box->changes;
		miss_helper(box, &shares.list[i]);
		if (!write_units(box, answers, folder, &shares.list[i], err))
			return false;
		changed[i] = box->changes > known;
	}
	if (!remove_others(box, folder, &shares, err))
		return false;
	bool runs = box->changes > before && box_has(box, THIS_BOOT);
	if (runs && !box_run(box, reload, NULL, err))
		return false;
	for (size_t i = 0; runs && i < shares.count; i++)
		if (changed[i] && !start(box, folder, &shares.list[i], err))
			return false;
	return true;
}
