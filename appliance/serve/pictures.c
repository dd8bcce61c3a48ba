/* Pictures by embryo, run and focal plane, as they came from the incubator. A frame never changes, so a browser that
 * has it never asks again; the thumbnail is the newest frame and is asked for with its tag. */
#include "serve/fields.h"
#include "serve/handlers.h"
#include "store/frames.h"

#include <limits.h>
#include <string.h>

static const char *picture_type(const struct buf *picture)
{
	static const uint8_t jpeg[] = {0xFF, 0xD8, 0xFF}, png[] = {0x89, 'P', 'N', 'G'};
	if (picture->size > sizeof jpeg && memcmp(picture->data, jpeg, sizeof jpeg) == 0)
		return "image/jpeg";
	if (picture->size > sizeof png && memcmp(picture->data, png, sizeof png) == 0)
		return "image/png";
	return "application/octet-stream";
}

static void tag(struct call *call, const struct frame_found *found, const char *caching)
{
	reply_header(call->request, "ETag", found->etag);
	reply_header(call->request, "Cache-Control", caching);
}

static bool answer(struct call *call, const struct frame_found *found, const char *caching, struct err *err)
{
	if (!found->found)
		return err_set(err, ERR_NOT_FOUND, "there is no such picture");
	const char *known = request_header(call->request, "If-None-Match");
	if (known && fields_etag_matches(known, found->etag)) {
		tag(call, found, caching);
		reply_nothing(call->request, 304);
		return true;
	}
	const struct frame *frame = &found->frame;
	OWN(buf_done) struct buf picture = BUF_INIT(LIMIT_FRAME_BYTES);
	if (!frames_read(call->store, frame->embryo_id, frame->run, frame->focal_um, &picture, NULL, err))
		return false;
	tag(call, found, caching);
	reply_bytes(call->request, 200, picture_type(&picture), picture.data, picture.size);
	return true;
}

bool get_frame(struct call *call, struct err *err)
{
	int64_t run = call->numbers[1], focal = call->numbers[2];
	struct frame_found found;
	if (run < 0 || run > INT_MAX || focal < INT_MIN || focal > INT_MAX)
		return err_set(err, ERR_NOT_FOUND, "there is no such picture");
	return frames_find(call->store, call->numbers[0], (int)run, (int)focal, &found, err) &&
	    answer(call, &found, "private, max-age=31536000, immutable", err);
}

bool get_thumbnail(struct call *call, struct err *err)
{
	struct frame_found found;
	return frames_latest(call->store, call->numbers[0], &found, err) &&
	    answer(call, &found, "private, no-cache", err);
}
