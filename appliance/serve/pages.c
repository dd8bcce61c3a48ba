#include "serve/pages.h"

#include "base/crypto.h"
#include "base/file.h"
#include "base/text.h"
#include "serve/fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ETAG_DIGEST_BYTES = 16 };

struct page {
	char *path; /* "/assets/index-3f9a.js" */
	struct buf content;
	char etag[2 * ETAG_DIGEST_BYTES + 3];
};

struct pages {
	struct page *list;
	size_t count;
	size_t bytes;
};

const char *pages_type(const char *path)
{
	static const struct {
		const char *ending, *type;
	} table[] = {
	    {".html", "text/html; charset=utf-8"},
	    {".js", "text/javascript; charset=utf-8"},
	    {".css", "text/css; charset=utf-8"},
	    {".svg", "image/svg+xml"},
	    {".png", "image/png"},
	    {".jpg", "image/jpeg"},
	    {".ico", "image/x-icon"},
	    {".woff2", "font/woff2"},
	    {".json", "application/json"},
	    {".webmanifest", "application/manifest+json"},
	    {".txt", "text/plain; charset=utf-8"},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (text_ends(path, table[i].ending))
			return table[i].type;
	return "application/octet-stream";
}

static bool add_page(const char *full, const char *relative, void *context, struct err *err)
{
	struct pages *pages = context;
	if (pages->count == PAGES_MAX || pages->bytes > PAGES_BYTES_MAX)
		return err_set(err, ERR_TOO_LARGE, "more than %d files or %d bytes", PAGES_MAX, PAGES_BYTES_MAX);
	struct page *list = realloc(pages->list, (pages->count + 1) * sizeof *list);
	if (!list)
		return err_set(err, ERR_NO_MEMORY, "loading the pages");
	pages->list = list;
	struct page *page = &list[pages->count];
	*page = (struct page){.content = BUF_INIT(PAGES_BYTES_MAX)};
	if (asprintf(&page->path, "/%s", relative) < 0)
		return err_set(err, ERR_NO_MEMORY, "loading the pages");
	pages->count++;
	if (!file_read(full, &page->content, err))
		return false;
	pages->bytes += page->content.size;
	uint8_t digest[CRYPTO_DIGEST_SIZE];
	crypto_sha256(page->content.data, page->content.size, digest);
	page->etag[0] = '"';
	text_hex(page->etag + 1, digest, ETAG_DIGEST_BYTES);
	page->etag[2 * ETAG_DIGEST_BYTES + 1] = '"';
	return true;
}

bool pages_load(const char *folder, struct pages **ret_pages, size_t *ret_count, struct err *err)
{
	OWN(pages_free) struct pages *pages = calloc(1, sizeof *pages);
	if (!pages)
		return err_set(err, ERR_NO_MEMORY, "loading the pages");
	if (*folder && file_exists(folder) && !folder_walk(folder, 4, add_page, pages, err))
		return err_add(err, "loading the pages from %s", folder);
	*ret_count = pages->count;
	*ret_pages = TAKE(pages);
	return true;
}

void pages_free(struct pages *pages)
{
	if (!pages)
		return;
	for (size_t i = 0; i < pages->count; i++) {
		free(pages->list[i].path);
		buf_done(&pages->list[i].content);
	}
	free(pages->list);
	free(pages);
}

static const struct page *find(const struct pages *pages, const char *path)
{
	if (strcmp(path, "/") == 0)
		path = "/index.html";
	else if (strcmp(path, "/console") == 0)
		path = "/console.html";
	for (size_t i = 0; i < pages->count; i++)
		if (strcmp(pages->list[i].path, path) == 0)
			return &pages->list[i];
	return NULL;
}

/* The build lays a packed copy beside what is worth packing. */
static const struct page *find_packed(const struct pages *pages, const struct page *page, const struct request *request)
{
	const char *accepted = request_header(request, "Accept-Encoding");
	size_t length = strlen(page->path);
	if (!accepted || !strstr(accepted, "gzip") || strstr(accepted, "gzip;q=0"))
		return NULL;
	for (size_t i = 0; i < pages->count; i++)
		if (strncmp(pages->list[i].path, page->path, length) == 0 &&
		    strcmp(pages->list[i].path + length, ".gz") == 0)
			return &pages->list[i];
	return NULL;
}

bool pages_answer(const struct pages *pages, struct request *request, struct err *err)
{
	const struct page *page = find(pages, request_path(request));
	if (!page)
		return err_set(err, ERR_NOT_FOUND, "there is no such page");
	const char *method = request_method(request);
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
		reply_header(request, "Allow", "GET, HEAD");
		return err_set(err, ERR_WRONG_METHOD, "a page is only read");
	}
	/* The build puts a digest into the names below assets/: such a file never changes. */
	bool hashed = text_starts(page->path, "/assets/");
	const struct page *packed = find_packed(pages, page, request);
	const struct page *sent = packed ? packed : page;
	reply_header(request, "Cache-Control", hashed ? "public, max-age=31536000, immutable" : "no-cache");
	reply_header(request, "Vary", "Accept-Encoding");
	reply_header(request, "ETag", sent->etag);
	if (packed)
		reply_header(request, "Content-Encoding", "gzip");
	const char *known = request_header(request, "If-None-Match");
	if (known && fields_etag_matches(known, sent->etag))
		reply_nothing(request, 304);
	else
		reply_bytes(request, 200, pages_type(page->path), sent->content.data, sent->content.size);
	return true;
}
