#include "intake/archive.h"

#include "base/file.h"
#include "base/limits.h"
#include "base/own.h"
#include "base/text.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

const struct archive_limits archive_limits_usual = {
    .entries = LIMIT_ARCHIVE_ENTRIES, .bytes = LIMIT_ARCHIVE_BYTES, .ratio = LIMIT_ARCHIVE_RATIO};

enum {
	READ_BLOCK = 64 << 10,
	HEAD_SIZE = 262, /* up to tar's "ustar" */
	TAIL_SIZE = 22 + 65535, /* a zip's end record and its comment */
	RATIO_FREE = 1 << 20,
};

struct unpack {
	struct archive *archive;
	const char *name;
	const struct archive_limits *limits;
	struct archive_report report;
	int64_t packed_size;
	int folder_fd;
};

static void reader_free(struct archive *archive)
{
	archive_read_free(archive);
}
OWN_DEFINE(struct archive *, reader_free)

static ssize_t read_part(int fd, int64_t at, void *to, size_t size)
{
	size_t got = 0;
	while (got < size) {
		ssize_t more = pread(fd, (char *)to + got, size - got, at + (int64_t)got);
		if (more < 0 && errno == EINTR)
			continue;
		if (more <= 0)
			return more < 0 ? -1 : (ssize_t)got;
		got += (size_t)more;
	}
	return (ssize_t)got;
}

enum kind { KIND_NONE, KIND_ZIP, KIND_TAR, KIND_PACKED_TAR };

static enum kind kind_of(int fd)
{
	uint8_t head[HEAD_SIZE] = {0};
	if (read_part(fd, 0, head, sizeof head) < 4)
		return KIND_NONE;
	if (memcmp(head, "PK\3\4", 4) == 0 || memcmp(head, "PK\5\6", 4) == 0)
		return KIND_ZIP;
	if (memcmp(head + 257, "ustar", 5) == 0)
		return KIND_TAR;
	bool packed = memcmp(head, "\x1F\x8B", 2) == 0 || memcmp(head, "\xFD" "7zXZ", 5) == 0 ||
	    memcmp(head, "\x28\xB5\x2F\xFD", 4) == 0;
	return packed ? KIND_PACKED_TAR : KIND_NONE;
}

static int open_file(const char *path, int64_t *ret_size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat status;
	if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) {
		*ret_size = status.st_size;
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

bool archive_detect(const char *path)
{
	int64_t size;
	OWN(fd_close) int fd = open_file(path, &size);
	return fd >= 0 && kind_of(fd) != KIND_NONE;
}

static const char *const endings[] = {".tar.gz", ".tar.xz", ".tar.zst", ".tgz", ".txz", ".tzst", ".zip", ".tar", ".gz",
    ".xz", ".zst", ".7z", ".rar", NULL};

static size_t ending_length(const char *name)
{
	for (const char *const *ending = endings; *ending; ending++)
		if (text_ends_nocase(name, *ending) && strlen(name) > strlen(*ending))
			return strlen(*ending);
	return 0;
}

void archive_stem(char *to, size_t size, const char *name)
{
	if (text_copy(to, size, name))
		to[strlen(to) - ending_length(to)] = 0;
}

/* A zip ends with its directory, a tar with empty blocks: without them it was cut off, even where every entry up to
 * there looks whole. Compressed streams carry an end of their own, which libarchive checks. */
static bool check_end(int fd, enum kind kind, int64_t size, const char *name, struct err *err)
{
	static const uint8_t zeros[512];
	bool whole = true;
	if (kind == KIND_TAR) {
		uint8_t last[512];
		whole = size >= 1024 && size % 512 == 0 && read_part(fd, size - 512, last, 512) == 512 &&
		    memcmp(last, zeros, 512) == 0;
	} else if (kind == KIND_ZIP) {
		size_t length = size < TAIL_SIZE ? (size_t)size : (size_t)TAIL_SIZE;
		OWN(free) uint8_t *tail = malloc(length);
		if (!tail)
			return err_set(err, ERR_NO_MEMORY, "opening an archive");
		whole = read_part(fd, size - (int64_t)length, tail, length) == (ssize_t)length &&
		    memmem(tail, length, "PK\5\6", 4);
	}
	return whole || err_set(err, ERR_DAMAGED, "%s is cut off: its end is missing; copy it again.", name);
}

static bool damaged(struct unpack *unpack, struct err *err)
{
	if (archive_errno(unpack->archive) == ENOMEM)
		return err_set(err, ERR_NO_MEMORY, "unpacking");
	const char *why = archive_error_string(unpack->archive);
	char plain[120];
	snprintf(plain, sizeof plain, "%s", why ? why : "unreadable");
	return err_set(err, ERR_DAMAGED, "%s is damaged or cut off: %s.", unpack->name, plain);
}

static bool refuse(struct unpack *unpack, const char *entry, const char *why, struct err *err)
{
	return err_set(err, ERR_BAD_INPUT, "%s was refused: its entry %.100s %s.", unpack->name, entry, why);
}

/* A path of plain names below the folder; '\\' of old Windows programs becomes '/'. */
static bool check_path(struct unpack *unpack, const char *entry, char path[LIMIT_PATH], struct err *err)
{
	if (!text_copy(path, LIMIT_PATH, entry))
		return refuse(unpack, entry, "has too long a path", err);
	for (char *at = path; *at; at++)
		if (*at == '\\')
			*at = '/';
	if (path[0] == '/' || (path[0] && path[1] == ':'))
		return refuse(unpack, entry, "has an absolute path", err);
	int depth = 0;
	for (const char *at = path; *at; depth++) {
		size_t length = strcspn(at, "/");
		if (length == 2 && memcmp(at, "..", 2) == 0)
			return refuse(unpack, entry, "points outside of the archive (..)", err);
		if (length > 255)
			return refuse(unpack, entry, "has too long a name", err);
		at += length;
		at += strspn(at, "/");
	}
	if (depth > LIMIT_FOLDER_DEPTH + 1)
		return refuse(unpack, entry, "lies too deep in folders", err);
	return true;
}

/* Opens the folder of path below the root, making it where needed and never following a link; *ret_name is the last
 * part, "" for a folder's own entry. */
static bool open_parent(struct unpack *unpack, char *path, int *ret_fd, const char **ret_name, struct err *err)
{
	OWN(fd_close) int fd = fcntl(unpack->folder_fd, F_DUPFD_CLOEXEC, 0);
	char *at = path;
	for (char *slash; fd >= 0 && (slash = strchr(at, '/')); at = slash + 1) {
		*slash = 0;
		if (*at == 0 || strcmp(at, ".") == 0)
			continue;
		if (mkdirat(fd, at, 0700) != 0 && errno != EEXIST)
			return err_errno(err, "unpacking %s", unpack->name);
		int below = openat(fd, at, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (below < 0 && (errno == ENOTDIR || errno == ELOOP))
			return refuse(unpack, at, "is a file and a folder", err);
		close(fd);
		fd = below;
	}
	if (fd < 0)
		return err_errno(err, "unpacking %s", unpack->name);
	*ret_name = at;
	*ret_fd = fd;
	fd = -1;
	return true;
}

static bool check_growth(struct unpack *unpack, int64_t more, struct err *err)
{
	const struct archive_limits *limits = unpack->limits;
	int64_t total = unpack->report.bytes + more;
	int64_t used = archive_filter_bytes(unpack->archive, -1);
	int64_t packed = used > 0 && used < unpack->packed_size ? used : unpack->packed_size;
	if (more < 0 || total > limits->bytes)
		return err_set(err, ERR_TOO_LARGE, "%s was refused: it unpacks to more than %" PRId64 " MiB.",
		    unpack->name, limits->bytes >> 20);
	if ((total - RATIO_FREE) / limits->ratio > packed)
		return err_set(err, ERR_TOO_LARGE,
		    "%s was refused: it unpacks to more than %" PRId64 " times its size, which pictures never do.",
		    unpack->name, limits->ratio);
	return true;
}

static bool write_content(struct unpack *unpack, const char *entry, int fd, struct err *err)
{
	int64_t written = 0;
	for (;;) {
		const void *data;
		size_t size;
		la_int64_t offset;
		int code = archive_read_data_block(unpack->archive, &data, &size, &offset);
		if (code == ARCHIVE_EOF)
			return true;
		if (code != ARCHIVE_OK)
			return damaged(unpack, err);
		if (offset != written)
			return refuse(unpack, entry, "is a sparse file", err);
		if (!check_growth(unpack, (int64_t)size, err))
			return false;
		if (!fd_write(fd, data, size))
			return err_errno(err, "unpacking %s", unpack->name);
		written += (int64_t)size;
		unpack->report.bytes += (int64_t)size;
	}
}

static bool write_file(struct unpack *unpack, const char *entry, char *path, struct err *err)
{
	OWN(fd_close) int folder = -1;
	const char *name;
	if (!open_parent(unpack, path, &folder, &name, err))
		return false;
	if (*name == 0 || strcmp(name, ".") == 0)
		return refuse(unpack, entry, "has no name", err);
	OWN(fd_close) int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 && errno == EEXIST)
		return refuse(unpack, entry, "comes twice", err);
	if (fd < 0)
		return err_errno(err, "unpacking %s", unpack->name);
	unpack->report.files++;
	unpack->report.nested += ending_length(name) != 0;
	return write_content(unpack, entry, fd, err);
}

static bool make_folder(struct unpack *unpack, char *path, struct err *err)
{
	char whole[LIMIT_PATH + 1];
	snprintf(whole, sizeof whole, "%s/", path);
	OWN(fd_close) int folder = -1;
	const char *name;
	return open_parent(unpack, whole, &folder, &name, err);
}

static bool unpack_entry(struct unpack *unpack, struct archive_entry *entry, struct err *err)
{
	const char *name = archive_entry_pathname_utf8(entry);
	char path[LIMIT_PATH], shown[LIMIT_NAME];
	if (!name)
		name = archive_entry_pathname(entry);
	if (!name || !*name)
		return refuse(unpack, "without a name", "cannot be placed", err);
	text_copy(shown, sizeof shown, name);
	if (archive_entry_hardlink(entry) || archive_entry_symlink(entry))
		return refuse(unpack, shown, "is a link", err);
	unsigned type = archive_entry_filetype(entry);
	if (type != AE_IFREG && type != AE_IFDIR)
		return refuse(unpack, shown, "is neither a file nor a folder", err);
	if (archive_entry_is_encrypted(entry))
		return refuse(unpack, shown, "has a password", err);
	if (archive_entry_sparse_count(entry) > 0)
		return refuse(unpack, shown, "is a sparse file", err);
	if (archive_entry_size_is_set(entry) && archive_entry_size(entry) > unpack->limits->bytes - unpack->report.bytes)
		return err_set(err, ERR_TOO_LARGE, "%s was refused: it unpacks to more than %" PRId64 " MiB.",
		    unpack->name, unpack->limits->bytes >> 20);
	if (!check_path(unpack, name, path, err))
		return false;
	return type == AE_IFDIR ? make_folder(unpack, path, err) : write_file(unpack, shown, path, err);
}

static bool unpack_all(struct unpack *unpack, struct err *err)
{
	for (int64_t entries = 0;; entries++) {
		struct archive_entry *entry;
		int code = archive_read_next_header(unpack->archive, &entry);
		if (code == ARCHIVE_EOF)
			return true;
		if (code != ARCHIVE_OK && code != ARCHIVE_WARN)
			return damaged(unpack, err);
		if (entries == unpack->limits->entries)
			return err_set(err, ERR_TOO_LARGE, "%s was refused: it has more than %" PRId64 " entries.",
			    unpack->name, unpack->limits->entries);
		if (!unpack_entry(unpack, entry, err))
			return false;
	}
}

/* Only the kinds that exports come in: every other reader of libarchive is code that nobody needs to trust. */
static struct archive *reader_new(enum kind kind)
{
	struct archive *archive = archive_read_new();
	if (!archive)
		return NULL;
	if (kind == KIND_ZIP) {
		archive_read_support_format_zip(archive);
	} else {
		archive_read_support_format_tar(archive);
		archive_read_support_filter_gzip(archive);
		archive_read_support_filter_xz(archive);
		archive_read_support_filter_zstd(archive);
	}
	return archive;
}

bool archive_unpack(const char *path, const char *name, const char *to_folder, const struct archive_limits *limits,
    struct archive_report *ret_report, struct err *err)
{
	struct unpack unpack = {.name = name, .limits = limits};
	OWN(fd_close) int fd = open_file(path, &unpack.packed_size);
	if (fd < 0)
		return err_errno(err, "opening %s", name);
	OWN(fd_close) int folder = open(to_folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder < 0)
		return err_errno(err, "opening the folder for %s", name);
	unpack.folder_fd = folder;
	enum kind kind = kind_of(fd);
	if (kind == KIND_NONE)
		return err_set(err, ERR_UNSUPPORTED, "%s is neither a zip nor a tar.", name);
	if (!check_end(fd, kind, unpack.packed_size, name, err))
		return false;
	OWN(reader_free) struct archive *archive = reader_new(kind);
	unpack.archive = archive;
	if (!archive)
		return err_set(err, ERR_NO_MEMORY, "unpacking");
	if (archive_read_open_fd(archive, fd, READ_BLOCK) != ARCHIVE_OK)
		return damaged(&unpack, err);
	if (!unpack_all(&unpack, err))
		return false;
	*ret_report = unpack.report;
	return true;
}
