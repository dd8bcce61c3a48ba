#include "setup/shares.h"

#include "base/text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char credentials_word[] = " credentials=";
/* Nothing on a share is trusted: no program of it is run, nothing on it is written. */
#define SAFE "ro,nosuid,nodev,noexec"

static const struct kind {
	const char *name, *type, *options, *form;
} kinds[] = {
    [SHARE_LOCAL] = {"local", "none", "bind," SAFE, "a folder of this machine, as /srv/incubator"},
    /* An answer that does not come is an error in the end, not a daemon that hangs. */
    [SHARE_NFS] = {"nfs", "nfs", SAFE ",soft,timeo=100,retrans=3", "host:/path"},
    [SHARE_SMB] = {"smb", "cifs",
        SAFE ",soft,uid=daybreak,gid=daybreak,file_mode=0440,dir_mode=0550,iocharset=utf8", "//host/share"},
};

enum { KINDS_COUNT = sizeof kinds / sizeof *kinds };

static bool is_source(const struct share *share)
{
	const char *source = share->source;
	if (!text_is_plain(source) || strchr(source, '\\'))
		return false;
	switch (share->kind) {
	case SHARE_LOCAL: return source[0] == '/' && source[1] && source[1] != '/';
	case SHARE_NFS: return source[0] != '/' && source[0] != ':' && strstr(source, ":/");
	case SHARE_SMB: return text_starts(source, "//") && source[2] != '/' && strchr(source + 2, '/');
	}
	return false;
}

static bool is_name(const char *name)
{
	size_t length = strlen(name);
	return length > 0 && length < SHARE_NAME_SIZE && name[0] != '-' &&
	    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

/* The next word of a line, which is cut off it. */
static char *next_word(char **line)
{
	char *word = text_trim(*line), *end = word + strcspn(word, " \t");
	*line = *end ? end + 1 : end;
	*end = 0;
	return word;
}

static size_t find(const struct shares *shares, const char *name)
{
	size_t i = 0;
	while (i < shares->count && strcmp(shares->list[i].name, name) != 0)
		i++;
	return i;
}

static void drop(struct shares *shares, size_t at)
{
	if (at == shares->count)
		return;
	shares->count--;
	memmove(&shares->list[at], &shares->list[at + 1], (shares->count - at) * sizeof shares->list[0]);
}

static bool take_rest(struct share *share, char *rest, struct err *err)
{
	char *credentials = strstr(rest, credentials_word);
	if (credentials) {
		*credentials = 0;
		credentials = text_trim(credentials + strlen(credentials_word));
		if (share->kind != SHARE_SMB || !*credentials ||
		    !text_copy(share->credentials, sizeof share->credentials, credentials))
			return err_set(err, ERR_BAD_INPUT,
			    "share %s: credentials are the path of a file, and of smb alone", share->name);
	}
	if (!text_copy(share->source, sizeof share->source, text_trim(rest)) || !is_source(share))
		return err_set(err, ERR_BAD_INPUT, "share %s: what %s takes is %s, with slashes as here",
		    share->name, kinds[share->kind].name, kinds[share->kind].form);
	return true;
}

static bool take_line(char *line, struct shares *shares, struct err *err)
{
	struct share share = {0};
	const char *name = next_word(&line);
	if (!is_name(name))
		return err_set(err, ERR_BAD_INPUT,
		    "share \"%.60s\": the name has 1 to %d lower-case letters, digits and '-'", name,
		    SHARE_NAME_SIZE - 1);
	const char *kind = next_word(&line);
	size_t at = find(shares, name), i = 0;
	text_copy(share.name, sizeof share.name, name);
	if (strcmp(kind, "none") == 0) {
		drop(shares, at);
		return true;
	}
	while (i < KINDS_COUNT && strcmp(kinds[i].name, kind) != 0)
		i++;
	if (i == KINDS_COUNT)
		return err_set(err, ERR_BAD_INPUT, "share %s: it is local, nfs, smb or none", name);
	share.kind = (enum share_kind)i;
	if (!take_rest(&share, line, err))
		return false;
	if (at == SHARES_MAX)
		return err_set(err, ERR_TOO_LARGE, "at most %d shares", SHARES_MAX);
	shares->list[at] = share;
	shares->count += at == shares->count;
	return true;
}

bool shares_parse(const char *lines, struct shares *ret_shares, struct err *err)
{
	OWN(free) char *copy = strdup(lines);
	OWN(free) struct shares *shares = calloc(1, sizeof *shares);
	if (!copy || !shares)
		return err_set(err, ERR_NO_MEMORY, "reading the shares");
	for (char *at = copy, *next; at && *at; at = next) {
		next = strchr(at, '\n');
		if (next)
			*next++ = 0;
		if (*text_trim(at) && !take_line(at, shares, err))
			return false;
	}
	*ret_shares = *shares;
	return true;
}

void shares_write(const struct shares *shares, const char *before, struct buf *to)
{
	for (size_t i = 0; i < shares->count; i++) {
		const struct share *share = &shares->list[i];
		buf_print(to, "%s%s %s %s\n", before, share->name, kinds[share->kind].name, share->source);
	}
}

/* As systemd-escape --path does: slashes become hyphens, so hyphens become something else. */
void share_unit_name(const struct share *share, const char *ending, char ret_name[SHARE_UNIT_SIZE])
{
	char path[SHARE_UNIT_SIZE / 4];
	size_t used = 0;
	snprintf(path, sizeof path, SHARES_FOLDER "/%s", share->name);
	for (const char *at = path + 1; *at; at++) {
		if (*at == '/')
			ret_name[used++] = '-';
		else if (isalnum((unsigned char)*at))
			ret_name[used++] = *at;
		else
			used += (size_t)snprintf(
			    ret_name + used, SHARE_UNIT_SIZE - used, "\\x%02x", (unsigned)*at);
	}
	text_copy(ret_name + used, SHARE_UNIT_SIZE - used, ending);
}

/* A percent sign begins a specifier of systemd. */
static void print_plain(struct buf *to, const char *text)
{
	for (; *text; text++) {
		buf_add_u8(to, (uint8_t)*text);
		if (*text == '%')
			buf_add_u8(to, '%');
	}
}

void share_mount_unit(const struct share *share, const char *credentials, struct buf *to)
{
	const struct kind *kind = &kinds[share->kind];
	buf_print(to,
	    "# Written by daybreak setup; its next run writes it anew.\n"
	    "[Unit]\nDescription=Incubator share %s, read only\n\n[Mount]\nWhat=",
	    share->name);
	print_plain(to, share->source);
	buf_print(
	    to, "\nWhere=" SHARES_FOLDER "/%s\nType=%s\nOptions=%s", share->name, kind->type, kind->options);
	if (share->kind == SHARE_SMB && *credentials)
		buf_print(to, ",credentials=%s", credentials);
	else if (share->kind == SHARE_SMB)
		buf_print(to, ",guest");
	buf_print(to, "\nTimeoutSec=30\n\n[Install]\nWantedBy=multi-user.target\n");
}

void share_automount_unit(const struct share *share, struct buf *to)
{
	buf_print(to,
	    "# Written by daybreak setup; its next run writes it anew.\n"
	    "[Unit]\nDescription=Incubator share %s, mounted on first use\nBefore=daybreakd.service\n\n"
	    "[Automount]\nWhere=" SHARES_FOLDER "/%s\n\n[Install]\nWantedBy=multi-user.target\n",
	    share->name, share->name);
}
