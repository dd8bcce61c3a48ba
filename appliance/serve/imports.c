/* Imports: what was taken in, and taking in an export that is uploaded. The body goes to disk piece by piece through
 * the hooks; it is never in memory. */
#include "serve/handlers.h"

#include "base/limits.h"
#include "base/text.h"
#include "serve/refusals.h"
#include "serve/shapes.h"
#include "store/audit.h"
#include "store/imports.h"

#include <string.h>

enum { IMPORTS_SHOWN = 100, PIECE_SIZE = 256 << 10 };

static json_t *shape_import(const struct import *import)
{
	json_t *notes = NULL;
	if (!json_parse(import->notes, strlen(import->notes), &notes, NULL))
		notes = json_array();
	json_t *counts = json_pack("{s:i, s:I, s:I, s:I, s:I, s:I}", "wells", import->wells, "frames_seen",
	    (json_int_t)import->frames_seen, "frames_added", (json_int_t)import->frames_added, "frames_known",
	    (json_int_t)import->frames_known, "frames_conflict", (json_int_t)import->frames_conflict,
	    "frames_damaged", (json_int_t)import->frames_damaged);
	return json_pack("{s:I, s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "import", (json_int_t)import->id, "name",
	    import->name, "state", import_state_name(import->state), "sentence", import->sentence, "notes", notes,
	    "counts", counts, "started", json_utc(import->started_us), "ended", json_utc(import->ended_us));
}

struct listing {
	json_t *list;
	enum language language;
};

static json_t *told(const struct listing *listing, const char *sentence)
{
	char text[REFUSAL_SIZE];
	refusals_tell(listing->language, ERR_NONE, sentence, text, sizeof text);
	return json_string(text);
}

static bool add_import(const struct import *import, void *context)
{
	const struct listing *listing = context;
	json_t *shape = shape_import(import), *notes = json_object_get(shape, "notes"), *note;
	size_t i;
	json_array_foreach(notes, i, note)
		json_array_set_new(notes, i, told(listing, json_string_value(note)));
	return json_object_set_new(shape, "sentence", told(listing, import->sentence)) == 0 &&
	    json_array_append_new(listing->list, shape) == 0;
}

bool get_imports(struct call *call, struct err *err)
{
	OWN(json_decref) json_t *list = json_array();
	struct listing listing = {list, request_language(call->request)};
	if (!imports_each(call->store, IMPORTS_SHOWN, add_import, &listing, err))
		return false;
	reply_json(call->request, 200, json_pack("{s:O}", "imports", list));
	return true;
}

/* From the socket to the disk. */
static bool copy_body(struct call *call, void *upload, struct err *err)
{
	const struct serve_hooks *hooks = &call->serve->options.hooks;
	uint8_t *piece = request_alloc(call->request, PIECE_SIZE);
	if (!piece)
		return err_set(err, ERR_NO_MEMORY, "receiving an export");
	int64_t length = request_length(call->request), total = 0, got;
	while ((got = request_read(call->request, piece, PIECE_SIZE)) > 0) {
		total += got;
		if (!hooks->upload_write(upload, piece, (size_t)got, err))
			return false;
	}
	if (got < 0 || (length >= 0 && total != length))
		return err_set(err, ERR_BAD_INPUT, "the upload ended early: nothing of it was kept");
	if (!total)
		return err_set(err, ERR_BAD_INPUT, "the file is empty");
	return true;
}

static bool take_in(struct call *call, const char *name, struct err *err)
{
	const struct serve_hooks *hooks = &call->serve->options.hooks;
	void *upload;
	int64_t id;
	if (!hooks->upload_begin(hooks->context, name, &upload, err))
		return false;
	if (!copy_body(call, upload, err)) {
		hooks->upload_abort(upload);
		return false;
	}
	if (!hooks->upload_finish(upload, &id, err) ||
	    !audit_add(call->store, call->user.id, "import.upload", id, "", err))
		return false;
	reply_json(call->request, 202, json_pack("{s:I}", "import", (json_int_t)id));
	return true;
}

bool post_import(struct call *call, struct err *err)
{
	const char *name = request_query(call->request, "name");
	if (!name || !*name || strlen(name) >= LIMIT_NAME || strchr(name, '/'))
		return err_set(err, ERR_BAD_INPUT, "say the file's name: ?name=..., plain and without slashes");
	if (request_length(call->request) > LIMIT_UPLOAD_BYTES)
		return err_set(err, ERR_TOO_LARGE, "an export has at most %lld GiB", LIMIT_UPLOAD_BYTES >> 30);
	struct serve *serve = call->serve;
	bool ok = false;
	if (atomic_fetch_add(&serve->uploads, 1) < CALL_UPLOADS_MAX)
		ok = take_in(call, name, err);
	else
		err_set(err, ERR_BUSY, "%d uploads are running: try again when one has ended", CALL_UPLOADS_MAX);
	atomic_fetch_sub(&serve->uploads, 1);
	return ok;
}
