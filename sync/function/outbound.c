#include "function/outbound.h"

#include "base/limits.h"
#include "base/place.h"
#include "base/text.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

struct outbound {
	CURL *curl;
	char authorities[LIMIT_PATH]; /* "": the system's */
};

static void list_free_owned(struct curl_slist **list)
{
	curl_slist_free_all(*list);
}

bool outbound_open(struct outbound **ret_outbound, struct err *err)
{
	OWN(outbound_close) struct outbound *outbound = calloc(1, sizeof *outbound);
	struct err ignored;
	if (!outbound || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_set(err, ERR_NO_MEMORY, "starting the HTTP client");
	outbound->curl = curl_easy_init();
	if (!outbound->curl)
		return err_set(err, ERR_NO_MEMORY, "starting the HTTP client");
	/* A package brings its own where the image has none or has them elsewhere. */
	if (!place_share(
	        outbound->authorities, sizeof outbound->authorities, "ca-certificates.crt", &ignored))
		outbound->authorities[0] = 0;
	*ret_outbound = TAKE(outbound);
	return true;
}

void outbound_close(struct outbound *outbound)
{
	if (!outbound)
		return;
	curl_easy_cleanup(outbound->curl);
	curl_global_cleanup();
	free(outbound);
}

static size_t take_answer(char *data, size_t size, size_t count, void *context)
{
	struct buf *to = context;
	buf_add(to, data, size * count);
	return buf_ok(to, NULL) ? size * count : 0;
}

static int ask_stop(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	(void)a, (void)b, (void)c, (void)d;
	bool (*stop)(void) = ((const struct outbound_request *)context)->stop;
	return stop && stop();
}

static bool add_line(struct curl_slist **list, const char *line)
{
	struct curl_slist *longer = curl_slist_append(*list, line);
	if (longer)
		*list = longer;
	return longer;
}

/* S3 wants the digest of the body and the session's token among the signed headers. */
static bool add_signature(CURL *curl, const struct outbound_request *request, struct curl_slist **list)
{
	const struct outbound_signature *signature = request->signature;
	uint8_t digest[CRYPTO_DIGEST_SIZE];
	char hex[2 * CRYPTO_DIGEST_SIZE + 1], line[4096], provider[128];
	crypto_sha256(request->body, request->body_size, digest);
	text_hex(hex, digest, sizeof digest);
	snprintf(line, sizeof line, "x-amz-content-sha256: %s", hex);
	bool ok = add_line(list, line);
	if (signature->token) {
		int length = snprintf(line, sizeof line, "x-amz-security-token: %s", signature->token);
		ok = ok && length < (int)sizeof line && add_line(list, line);
	}
	snprintf(provider, sizeof provider, "aws:amz:%s:%s", signature->region, signature->service);
	curl_easy_setopt(curl, CURLOPT_AWS_SIGV4, provider);
	curl_easy_setopt(curl, CURLOPT_USERNAME, signature->key);
	curl_easy_setopt(curl, CURLOPT_PASSWORD, signature->secret);
	return ok;
}

static bool add_headers(CURL *curl, const struct outbound_request *request, struct curl_slist **list)
{
	bool ok = true;
	for (size_t i = 0; i < OUTBOUND_HEADERS_MAX && request->headers[i]; i++)
		ok = ok && add_line(list, request->headers[i]);
	if (request->signature)
		ok = ok && add_signature(curl, request, list);
	return ok;
}

bool outbound_call(struct outbound *outbound, const struct outbound_request *request, int *ret_status,
    struct buf *ret_answer, struct err *err)
{
	OWN(list_free) struct curl_slist *list = NULL;
	CURL *curl = outbound->curl;
	char problem[CURL_ERROR_SIZE] = "";
	long status = 0;
	curl_easy_reset(curl); /* keeps the connection */
	curl_easy_setopt(curl, CURLOPT_URL, request->url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, problem);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)request->limit_ms);
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (outbound->authorities[0])
		curl_easy_setopt(curl, CURLOPT_CAINFO, outbound->authorities);
	if (request->body) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_size);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body);
	}
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_answer);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, ret_answer);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, ask_stop);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, request);
	if (!add_headers(curl, request, &list))
		return err_set(err, ERR_NO_MEMORY, "calling %s", request->url);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
	buf_clear(ret_answer);
	CURLcode code = curl_easy_perform(curl);
	if (code == CURLE_WRITE_ERROR && !buf_ok(ret_answer, err))
		return err_add(err, "the answer of %s", request->url);
	if (code != CURLE_OK)
		return err_set(err, ERR_UNAVAILABLE, "%s does not answer: %s", request->url,
		    problem[0] ? problem : curl_easy_strerror(code));
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	*ret_status = (int)status;
	return true;
}

const char *outbound_header(struct outbound *outbound, const char *name)
{
	struct curl_header *header;
	return curl_easy_header(outbound->curl, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK
	    ? header->value
	    : NULL;
}
