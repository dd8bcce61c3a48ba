/* An export that arrives through the API: streamed to `<store>/incoming/<id>`, never into memory.
 *
 *   upload_open -> upload_write ... -> upload_finish -> import_run(store, path, name, ...) -> upload_remove(path)
 *
 * A file in incoming/ is held by a lock while it grows; what a crash leaves behind has none and incoming_clean()
 * (incoming.h) removes it at the next start.
 */
#pragma once

#include "base/err.h"
#include "base/limits.h"
#include "base/own.h"

#include <stddef.h>

struct upload;

/* name: as the client gave it; kept to name the export, never used as a path. ERR_BAD_INPUT when it is not fit. */
bool upload_open(const char *store_folder, const char *name, struct upload **ret_upload, struct err *err);
/* ERR_TOO_LARGE past LIMIT_UPLOAD_BYTES. */
bool upload_write(struct upload *upload, const void *data, size_t size, struct err *err);
/* Flushes to disk, gives the file's path and ends the upload: *upload is freed in every case, and the file removed
 * when false. */
bool upload_finish(struct upload *upload, char ret_path[LIMIT_PATH], struct err *err);
/* Ends the upload and removes the file. NULL is fine. */
void upload_abort(struct upload *upload);
OWN_DEFINE(struct upload *, upload_abort)
/* After the import. */
bool upload_remove(const char *path, struct err *err);
