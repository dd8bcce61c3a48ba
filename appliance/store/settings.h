/* What the clinic has chosen. A change writes an audit row and tells the feed. */
#pragma once

#include "store/store.h"

enum {
	SETTING_PIXEL_NM_MAX = 100000,
	SETTING_DIGEST_SIZE = 65, /* SHA-256 in hex, with its end */
};

/* Whether an embryo's score stays covered until one has graded it oneself; on unless turned off. */
bool settings_score_after_grade(struct store *store, bool *ret_on, struct err *err);
bool settings_set_score_after_grade(struct store *store, int64_t user_id, bool on, struct err *err);

/* Width of a pixel of frames of an intake format, nanometres in the embryo; 0: not known. */
bool settings_pixel_nm(struct store *store, const char *format, int64_t *ret_nm, struct err *err);
/* nm 0 forgets it. ERR_BAD_INPUT: not in 0..SETTING_PIXEL_NM_MAX, or no format the box has. */
bool settings_set_pixel_nm(struct store *store, int64_t user_id, const char *format, int64_t nm, struct err *err);
/* Every format that the box has dishes of, by name, with its nanometres or 0. */
bool settings_each_format(struct store *store, bool (*each)(const char *format, int64_t nm, void *context),
    void *context, struct err *err);

/* Which update an administrator lets the appliance install: the digest of its bundle's file; "": none. */
bool settings_update_approved(struct store *store, char ret_digest[SETTING_DIGEST_SIZE], struct err *err);
/* digest NULL takes it back. ERR_BAD_INPUT: not 64 lower-case hexadecimal digits. */
bool settings_set_update_approved(struct store *store, int64_t user_id, const char *digest, struct err *err);
