/* The pages of the UI: the files of one folder, read once at start into a table. A request can only name what is in
 * the table, so there is no path to climb out of and no file to race with. A new build of the pages is served after
 * a restart. */
#pragma once

#include "serve/http.h"

struct pages; /* read-only once loaded: any thread */

enum { PAGES_MAX = 1000, PAGES_BYTES_MAX = 64 << 20 };

/* A folder that is "" or not there gives no pages, which is fine: *ret_count is 0. */
bool pages_load(const char *folder, struct pages **ret_pages, size_t *ret_count, struct err *err);
void pages_free(struct pages *pages);
OWN_DEFINE(struct pages *, pages_free)
/* Answers GET and HEAD of "/" (index.html), "/console" (console.html) and of the files. */
bool pages_answer(const struct pages *pages, struct request *request, struct err *err);
/* By the ending; "application/octet-stream" for what is not known. */
const char *pages_type(const char *path);
