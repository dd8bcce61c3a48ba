#include "agent/enrol.h"

#include "agent/helper.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum {
	ANSWER_MAX = 16 << 10,
	PEM_MAX = 64 << 10,
	QUIET_MS = 15000,
	LIMIT_MS = 30000,
	/* While an administrator is likely to be at it, then seldom. */
	POLL_S = 5,
	POLL_SELDOM_S = 300,
	POLL_OFTEN_FOR_S = 600,
	RETRY_FIRST_S = 30,
	RETRY_MOST_S = 3600,
};

bool enrol_identity(struct link *link, const char *folder, const char *site, struct err *err)
{
	OWN(buf_done) struct buf certificate = BUF_INIT(PEM_MAX), key = BUF_INIT(CRYPTO_PEM_SIZE);
	bool ok = identity_load(folder, site, &certificate, &key, err) &&
	    link_identity(link, buf_text(&certificate), buf_text(&key), err);
	if (key.data)
		crypto_wipe(key.data, key.size);
	return ok;
}

static bool check_cloud(const struct cloud *cloud, struct err *err)
{
	return cloud->authority_url[0] ||
	    err_set(err, ERR_UNSUPPORTED,
	        "cloud.json names no authority: put key.pem and certificate.pem into the folder");
}

static bool call(struct link *link, const struct cloud *cloud, const char *path, const char *request,
    bool anonymous, struct link_response *ret_response, struct err *err)
{
	char url[LINK_URL_MAX];
	snprintf(url, sizeof url, "%s%s", cloud->authority_url, path);
	const struct link_request ask = {
	    .post = request != NULL,
	    .url = url,
	    .ca = cloud->authority_ca,
	    .anonymous = anonymous,
	    .headers = {request ? "Content-Type: application/x-pem-file" : NULL},
	    .body = request,
	    .body_size = request ? strlen(request) : 0,
	    .answer_max = ANSWER_MAX,
	    .quiet_ms = QUIET_MS,
	    .limit_ms = LIMIT_MS,
	    .egress = {.class = anonymous ? LEDGER_ENROLMENT : LEDGER_RENEWAL,
	        .endpoint = "authority",
	        .region = "",
	        .why = anonymous ? "enrol" : "rotate",
	        .batch = ""},
	};
	return link_call(link, &ask, ret_response, err) || err_add(err, "asking the authority");
}

/* The gateway's word for why it refuses a certificate; "" when it is not that. */
static void refusal_word(const struct link_response *response, char *to, size_t size)
{
	OWN(json_decref) json_t *text = NULL;
	*to = 0;
	if (json_parse((const char *)response->body.data, response->body.size, &text, NULL))
		text_copy(to, size, json_text(json_object_get(text, "error"), "reason", ""));
}

static void note(
    const char *folder, const char *state, const char *reason, const char *next, const char *fingerprint)
{
	struct identity_note written = {.since_us = clock_now_us()};
	struct err err;
	text_copy(written.state, sizeof written.state, state);
	text_copy(written.reason, sizeof written.reason, reason);
	text_copy(written.next, sizeof written.next, next);
	text_copy(written.fingerprint, sizeof written.fingerprint, fingerprint);
	if (!identity_note_write(folder, &written, &err))
		log_line(LOG_ERROR, "%s", err.detail);
}

/* {"certificate", "ca"} */
static bool install(
    const struct cloud *cloud, const char *folder, const struct link_response *response, struct err *err)
{
	OWN(json_decref) json_t *value = NULL;
	json_t *certificate, *authority;
	if (!json_parse((const char *)response->body.data, response->body.size, &value, err) ||
	    !json_member(value, "certificate", JSON_STRING, &certificate, err) ||
	    !json_member(value, "ca", JSON_STRING, &authority, err))
		return err_add(err, "the authority's answer");
	if (!identity_install(folder, cloud->site, json_string_value(certificate),
	        json_string_value(authority), clock_now_us(), err))
		return false;
	identity_note_clear(folder);
	return true;
}

/* Asking */

static bool make_request(const struct cloud *cloud, const char *folder,
    char ret_request[CERTIFICATE_PEM_SIZE], char ret_fingerprint[2 * CRYPTO_DIGEST_SIZE + 1], struct err *err)
{
	char key[CRYPTO_PEM_SIZE], public_pem[CRYPTO_PEM_SIZE];
	uint8_t digest[CRYPTO_DIGEST_SIZE];
	bool ok = identity_next_key(folder, key, err) && crypto_pair_public(key, public_pem, err) &&
	    crypto_public_digest(public_pem, digest, err) &&
	    certificate_request(key, cloud->site, ret_request, err);
	crypto_wipe(key, sizeof key);
	if (ok)
		text_hex(ret_fingerprint, digest, sizeof digest);
	return ok;
}

static enum enrol_result refused(const char *folder, const char *fingerprint, const struct err *err)
{
	identity_drop_next_key(folder);
	note(folder, "refused", err->detail,
	    "ask the authority's administrator, then run daybreak-sync enrol", fingerprint);
	return ENROL_REFUSED;
}

static enum enrol_result ask_locked(struct link *link, const struct cloud *cloud, const char *folder,
    char fingerprint[2 * CRYPTO_DIGEST_SIZE + 1], struct err *err)
{
	OWN(link_response_done) struct link_response response = {0};
	struct identity_note before;
	char request[CERTIFICATE_PEM_SIZE], path[128];
	if (!identity_settle(folder, err) || !make_request(cloud, folder, request, fingerprint, err) ||
	    !identity_note_read(folder, &before, err))
		return ENROL_FAILED;
	/* Who waits asks how it stands; who is not known there (any more) asks anew. */
	bool waits = strcmp(before.state, "waiting") == 0 && strcmp(before.fingerprint, fingerprint) == 0;
	snprintf(path, sizeof path, "/v1/enrol/%s", fingerprint);
	if (waits && !call(link, cloud, path, NULL, true, &response, err))
		return ENROL_FAILED;
	if (!waits || response.status == 404) {
		link_response_done(&response);
		response = (struct link_response){0};
		if (!call(link, cloud, "/v1/enrol", request, true, &response, err))
			return ENROL_FAILED;
	}
	if (!link_accepted(&response, err))
		return response.status == 403 || response.status == 400 ? refused(folder, fingerprint, err)
		                                                        : ENROL_FAILED;
	if (response.status == 200) {
		if (install(cloud, folder, &response, err))
			return ENROL_DONE;
		/* A full disk or a wrong clock is mended, and the key is still the approved one. */
		return err->code == ERR_FORBIDDEN ? refused(folder, fingerprint, err) : ENROL_FAILED;
	}
	note(folder, "waiting", "the authority's administrator has not decided yet",
	    "compare the fingerprint there: daybreak-authority list, then approve", fingerprint);
	return ENROL_WAITING;
}

enum enrol_result enrol_ask(struct link *link, const struct cloud *cloud, const char *folder, bool again,
    char ret_fingerprint[2 * CRYPTO_DIGEST_SIZE + 1], struct err *err)
{
	OWN(fd_close) int lock = -1;
	struct certificate_facts facts;
	if (!check_cloud(cloud, err) || !identity_lock(folder, &lock, err))
		return ENROL_FAILED;
	if (!again && identity_facts(folder, &facts, NULL) && facts.not_after_us > clock_now_us()) {
		text_hex(ret_fingerprint, facts.key_digest, sizeof facts.key_digest);
		return ENROL_DONE;
	}
	return ask_locked(link, cloud, folder, ret_fingerprint, err);
}

/* Renewing */

static enum enrol_result renewal_failed(
    const char *folder, const struct link_response *response, const struct err *err)
{
	char word[32];
	refusal_word(response, word, sizeof word);
	bool revoked = strcmp(word, "revoked") == 0;
	note(folder, revoked ? "revoked" : "late", err->detail,
	    revoked ? "ask the authority's administrator, then run daybreak-sync enrol --again"
	            : "it is tried again by itself; see that the authority can be reached",
	    "");
	return response->status == 403 ? ENROL_REFUSED : ENROL_FAILED;
}

enum enrol_result enrol_renew(
    struct link *link, const struct cloud *cloud, const char *folder, struct err *err)
{
	OWN(link_response_done) struct link_response response = {0};
	OWN(fd_close) int lock = -1;
	char request[CERTIFICATE_PEM_SIZE], fingerprint[2 * CRYPTO_DIGEST_SIZE + 1];
	if (!check_cloud(cloud, err) || !identity_lock(folder, &lock, err))
		return ENROL_FAILED;
	bool asked = identity_settle(folder, err) && enrol_identity(link, folder, cloud->site, err) &&
	    make_request(cloud, folder, request, fingerprint, err) &&
	    call(link, cloud, "/v1/renew", request, false, &response, err) && link_accepted(&response, err);
	if (!asked || !install(cloud, folder, &response, err))
		return renewal_failed(folder, &response, err);
	return ENROL_DONE;
}

/* The thread */

struct enrol {
	const struct cloud *cloud;
	char folder[LIMIT_PATH];
	struct helper helper;
	int64_t due_us; /* monotonic: when something is tried next */
	int retry_s;
	char told[ERR_DETAIL_MAX]; /* the failure that an event has told of */
};

/* Once for each reason. */
static void tell_failure(
    struct enrol *enrol, const char *id, const char *severity, const char *text, const char *next)
{
	if (strcmp(enrol->told, text) == 0)
		return;
	text_copy(enrol->told, sizeof enrol->told, text);
	helper_tell(&enrol->helper, id, severity, text, next);
}

/* Twice as long each time, and not at the same time as every other box. */
static int64_t retry_us(struct enrol *enrol)
{
	uint32_t chance;
	crypto_random(&chance, sizeof chance);
	enrol->retry_s = enrol->retry_s ? 2 * enrol->retry_s : RETRY_FIRST_S;
	if (enrol->retry_s > RETRY_MOST_S)
		enrol->retry_s = RETRY_MOST_S;
	return (int64_t)(enrol->retry_s * (500000 + chance % 500001));
}

static void poll_request(struct enrol *enrol, const struct identity_note *waiting)
{
	char fingerprint[2 * CRYPTO_DIGEST_SIZE + 1];
	struct err err;
	bool often = clock_now_us() - waiting->since_us < POLL_OFTEN_FOR_S * INT64_C(1000000);
	switch (enrol_ask(enrol->helper.link, enrol->cloud, enrol->folder, true, fingerprint, &err)) {
	case ENROL_DONE:
		helper_tell(&enrol->helper, "sync.enrolled", "info", "the authority approved this box", "");
		enrol->told[0] = 0;
		return;
	case ENROL_REFUSED:
		tell_failure(enrol, "sync.enrolment-refused", "alarm", err.detail,
		    "ask the authority's administrator, then run daybreak-sync enrol");
		break;
	case ENROL_FAILED:
		tell_failure(
		    enrol, "sync.enrolment-failed", "warning", err.detail, "it is tried again by itself");
		break;
	case ENROL_WAITING:
		break;
	}
	enrol->due_us = clock_monotonic_us() + (often ? POLL_S : POLL_SELDOM_S) * INT64_C(1000000);
}

static void renew(struct enrol *enrol, const struct certificate_facts *facts, int64_t now_us)
{
	struct err err;
	enum enrol_result result = enrol_renew(enrol->helper.link, enrol->cloud, enrol->folder, &err);
	if (result == ENROL_DONE) {
		helper_tell(&enrol->helper, "sync.certificate-renewed", "info", "this box's certificate was renewed", "");
		enrol->told[0] = 0;
		enrol->retry_s = 0;
		return;
	}
	tell_failure(enrol, "sync.renewal-failed", result == ENROL_REFUSED ? "alarm" : "warning", err.detail,
	    "see that the authority can be reached; it is tried again by itself");
	/* Several times before the end, however near it is. */
	int64_t wait_us = retry_us(enrol), eighth_us = (facts->not_after_us - now_us) / 8;
	if (wait_us > eighth_us)
		wait_us = eighth_us > 1000000 ? eighth_us : 1000000;
	enrol->due_us = clock_monotonic_us() + wait_us;
}

static void look(void *context)
{
	struct enrol *enrol = context;
	struct identity_note waiting;
	struct certificate_facts facts;
	int64_t now_us = clock_now_us();
	if (clock_monotonic_us() < enrol->due_us)
		return;
	bool counts = identity_facts(enrol->folder, &facts, NULL) && now_us < facts.not_after_us;
	if (identity_note_read(enrol->folder, &waiting, NULL) && strcmp(waiting.state, "waiting") == 0)
		poll_request(enrol, &waiting);
	else if (counts && now_us >= identity_renewal_us(&facts))
		renew(enrol, &facts, now_us);
}

void enrol_stop(struct enrol *enrol)
{
	if (!enrol)
		return;
	helper_stop(&enrol->helper);
	free(enrol);
}

bool enrol_start(const struct cloud *cloud, const char *folder, struct enrol **ret_enrol, struct err *err)
{
	OWN(enrol_stop) struct enrol *enrol = calloc(1, sizeof *enrol);
	OWN(fd_close) int lock = -1;
	if (!enrol)
		return err_set(err, ERR_NO_MEMORY, "starting enrolment");
	enrol->cloud = cloud;
	text_copy(enrol->folder, sizeof enrol->folder, folder);
	if (!helper_open(&enrol->helper, folder, err) || !identity_lock(folder, &lock, err) ||
	    !identity_settle(folder, err) || !helper_run(&enrol->helper, look, enrol, err))
		return false;
	*ret_enrol = TAKE(enrol);
	return true;
}

json_t *enrol_certificate(const char *folder, const char *site, int64_t now_us)
{
	return identity_show(folder, site, now_us);
}
