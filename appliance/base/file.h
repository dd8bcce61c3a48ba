/* Files and folders. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"

#include <stddef.h>
#include <stdint.h>

/* Appends the whole file; fails with ERR_TOO_LARGE beyond the buffer's maximum. */
bool file_read(const char *path, struct buf *to, struct err *err);
/* Writes beside, flushes to disk and renames: readers see the old content or the new one, whole. */
bool file_write(const char *path, const void *data, size_t size, int mode, struct err *err);
/* The whole of it, interrupted or not; errno says why not. */
bool fd_write(int fd, const void *data, size_t size);
bool file_exists(const char *path);
/* Another number whenever another file lies there, or other content in it; 0: there is none. */
int64_t file_stamp(const char *path);
/* There is a folder of that name, or a link to one. */
bool folder_is(const char *path);
/* Makes the folder and its parents, mode 0700; an existing folder is fine. */
bool folder_make(const char *path, struct err *err);
/* Flushes a folder's entries (new names) to disk. */
bool folder_flush(const char *path, struct err *err);
/* Deletes a folder and all in it; never follows a link. */
bool folder_remove(const char *path, struct err *err);
/* A file of a folder by its name. ERR_BAD_INPUT when the path does not fit. */
bool folder_path(const char *folder, const char *name, char ret_path[LIMIT_PATH], struct err *err);
/* A text, keys too: nothing of it stays behind in freed memory. ERR_TOO_LARGE beyond size - 1 bytes. */
bool folder_read_text(const char *folder, const char *name, char *to, size_t size, struct err *err);
bool folder_write_text(const char *folder, const char *name, const char *text, int mode, struct err *err);
/* "a/b"; false when it does not fit. */
bool path_join(char *to, size_t size, const char *folder, const char *name);
/* The part after the last slash. */
const char *path_name(const char *path);

/* Calls visit for each regular file below path (links are not followed, names sorted bytewise), until it returns
 * false. relative is the path below the root. */
bool folder_walk(const char *path, int depth_max,
    bool (*visit)(const char *full, const char *relative, void *context, struct err *err),
    void *context, struct err *err);
