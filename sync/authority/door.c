#include "authority/door.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"

#include <string.h>

#define ENROL "/v1/enrol"

static bool reply_enrolment(
    const struct door *door, const struct authority_answer *answer, struct http_reply *reply, struct err *err)
{
	reply->status = answer->approved ? 200 : 202;
	reply->value = json_pack("{s:s, s:s}", "state", answer->approved ? "approved" : "waiting",
	    "fingerprint", answer->fingerprint);
	if (answer->approved) {
		json_object_set_new(reply->value, "certificate", json_string(answer->certificate));
		json_object_set_new(reply->value, "ca", json_string(authority_certificate(door->authority)));
	}
	return reply->value || err_set(err, ERR_NO_MEMORY, "writing an answer");
}

static bool answer_ask(
    const struct door *door, const struct http_request *request, struct http_reply *reply, struct err *err)
{
	struct authority_answer answer;
	if (!authority_ask(door->authority, request->body, clock_now_us(), &answer, err))
		return false;
	if (answer.is_new)
		log_line(LOG_NOTICE, "%s asks for a certificate: key %s waits for an administrator",
		    answer.site, answer.fingerprint);
	return reply_enrolment(door, &answer, reply, err);
}

static bool answer_look(
    const struct door *door, const struct http_request *request, struct http_reply *reply, struct err *err)
{
	struct authority_answer answer;
	const char *fingerprint = request->path + strlen(ENROL "/");
	return authority_look(door->authority, fingerprint, clock_now_us(), &answer, err) &&
	    reply_enrolment(door, &answer, reply, err);
}

static bool answer_renew(
    const struct door *door, const struct http_request *request, struct http_reply *reply, struct err *err)
{
	char pem[CERTIFICATE_PEM_SIZE];
	if (strcmp(request->verify, "SUCCESS") != 0)
		return err_set(err, ERR_FORBIDDEN, "renewing needs the certificate before");
	if (!authority_renew(door->authority, request->serial, request->subject, request->body,
	        clock_now_us(), pem, err)) {
		log_line(LOG_ERROR, "certificate %s was not renewed: %s", request->serial, err->detail);
		return false;
	}
	log_line(LOG_NOTICE, "certificate %s was renewed", request->serial);
	reply->value =
	    json_pack("{s:s, s:s}", "certificate", pem, "ca", authority_certificate(door->authority));
	return reply->value || err_set(err, ERR_NO_MEMORY, "writing an answer");
}

static bool answer_list(
    const struct door *door, const struct http_request *request, struct http_reply *reply, struct err *err)
{
	(void)request;
	reply->type = "application/x-pem-file";
	return file_read(door->list, &reply->text, err);
}

static const struct {
	const char *method, *path;
	bool is_prefix;
	bool (*answer)(const struct door *door, const struct http_request *request, struct http_reply *reply,
	    struct err *err);
} routes[] = {
    {"POST", ENROL, false, answer_ask},
    {"GET", ENROL "/", true, answer_look},
    {"POST", "/v1/renew", false, answer_renew},
    {"GET", "/v1/crl", false, answer_list},
};

bool door_answer(const struct http_request *request, struct http_reply *reply, void *context, struct err *err)
{
	const struct door *door = context;
	bool known_path = false;
	size_t size = strlen(door->secret);
	if (strlen(request->secret) != size || !crypto_equal(request->secret, door->secret, size))
		return err_set(err, ERR_FORBIDDEN, "only the gateway is answered here");
	for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
		bool is_path = routes[i].is_prefix ? text_starts(request->path, routes[i].path)
		                                   : strcmp(request->path, routes[i].path) == 0;
		known_path |= is_path;
		if (is_path && strcmp(request->method, routes[i].method) == 0)
			return routes[i].answer(door, request, reply, err);
	}
	return known_path ? err_set(err, ERR_WRONG_METHOD, "this path does not take %s", request->method)
	                  : err_set(err, ERR_NOT_FOUND, "there is no such path");
}
