/* Folders of incubators, as lines: NAME local|nfs|smb SOURCE [credentials=FILE]. A line of a name that was
 * there before takes its place, NAME none takes it away. Each is mounted read-only below SHARES_FOLDER by
 * units of systemd: on first use, so that an incubator that is switched off keeps nobody waiting. They are
 * not below the watched folder itself, where everything is one export. */
#pragma once

#include "base/buf.h"
#include "base/limits.h"

#define SHARES_FOLDER "/var/lib/daybreak/shares"

enum { SHARES_MAX = 16, SHARE_NAME_SIZE = 33, SHARE_UNIT_SIZE = 256 };

enum share_kind { SHARE_LOCAL, SHARE_NFS, SHARE_SMB };

struct share {
	char name[SHARE_NAME_SIZE];
	enum share_kind kind;
	char source[LIMIT_NAME * 4];
	char credentials[LIMIT_PATH]; /* file to take them from; "" */
};

struct shares {
	struct share list[SHARES_MAX];
	size_t count;
};

/* Untrusted text. ERR_BAD_INPUT says which line and what it should be. */
bool shares_parse(const char *lines, struct shares *ret_shares, struct err *err);
/* The same lines again, without credentials, which are kept apart. */
void shares_write(const struct shares *shares, const char *before, struct buf *to);
/* The units' names, as systemd derives them from the path: ".mount" or ".automount". */
void share_unit_name(const struct share *share, const char *ending, char ret_name[SHARE_UNIT_SIZE]);
/* credentials: path of the file for mount.cifs, or "" for a guest. */
void share_mount_unit(const struct share *share, const char *credentials, struct buf *to);
void share_automount_unit(const struct share *share, struct buf *to);
