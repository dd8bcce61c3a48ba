#include "serve/routes.h"

#include "base/crypto.h"
#include "base/limits.h"
#include "base/text.h"
#include "serve/guards.h"
#include "serve/handlers.h"
#include "store/sessions.h"

#include <stdlib.h>
#include <string.h>

static const struct route routes[] = {
    {"GET", "/api/health", get_health, ACCESS_ANYONE, BODY_NONE},
    {"GET", "/api/openapi.yaml", get_openapi, ACCESS_VIEWER, BODY_NONE},
    {"GET", "/api/profiles", get_profiles, ACCESS_VIEWER, BODY_NONE},

    {"GET", "/api/session", get_session, ACCESS_VIEWER, BODY_NONE},
    {"POST", "/api/session", post_session, ACCESS_PROXY, BODY_JSON},
    {"DELETE", "/api/session", delete_session, ACCESS_VIEWER, BODY_NONE},
    {"PUT", "/api/session/password", put_own_password, ACCESS_VIEWER, BODY_JSON},
    {"GET", "/api/people", get_people, ACCESS_ADMIN, BODY_NONE},
    {"POST", "/api/people", post_person, ACCESS_ADMIN, BODY_JSON},
    {"PUT", "/api/people/{id}", put_person, ACCESS_ADMIN, BODY_JSON},
    {"POST", "/api/people/{id}/password", post_person_password, ACCESS_ADMIN, BODY_NONE},

    {"GET", "/api/board", get_board, ACCESS_VIEWER, BODY_NONE},
    {"GET", "/api/patients", get_patients, ACCESS_VIEWER, BODY_NONE},
    {"POST", "/api/patients", post_patient, ACCESS_EMBRYOLOGIST, BODY_JSON},
    {"PUT", "/api/patients/{id}", put_patient, ACCESS_EMBRYOLOGIST, BODY_JSON},
    {"POST", "/api/cycles", post_cycle, ACCESS_EMBRYOLOGIST, BODY_JSON},
    {"PUT", "/api/cycles/{id}", put_cycle, ACCESS_EMBRYOLOGIST, BODY_JSON},
    {"GET", "/api/cycles/{id}", get_cycle, ACCESS_VIEWER, BODY_NONE},
    {"GET", "/api/cycles/{id}/report.pdf", get_report, ACCESS_EMBRYOLOGIST, BODY_NONE},
    {"GET", "/api/cycles/{id}/report.json", get_report_json, ACCESS_EMBRYOLOGIST, BODY_NONE},
    {"GET", "/api/cycles/{id}/report.csv", get_report_csv, ACCESS_EMBRYOLOGIST, BODY_NONE},
    {"POST", "/api/dishes/{id}/assign", post_assign, ACCESS_EMBRYOLOGIST, BODY_JSON},
    {"DELETE", "/api/dishes/{id}/assign", delete_assign, ACCESS_EMBRYOLOGIST, BODY_NONE},
    {"PUT", "/api/dishes/{id}/insemination", put_insemination, ACCESS_EMBRYOLOGIST, BODY_JSON},

    {"GET", "/api/embryos/{id}", get_embryo, ACCESS_VIEWER, BODY_NONE},
    {"GET", "/api/embryos/{id}/frames/{run}/{focal}", get_frame, ACCESS_VIEWER, BODY_NONE},
    {"GET", "/api/embryos/{id}/readings/{run}", get_readings, ACCESS_VIEWER, BODY_NONE},
    {"GET", "/api/embryos/{id}/thumbnail", get_thumbnail, ACCESS_VIEWER, BODY_NONE},
    {"POST", "/api/embryos/{id}/annotations", post_annotation, ACCESS_EMBRYOLOGIST, BODY_JSON},
    {"POST", "/api/embryos/{id}/grade", post_grade, ACCESS_EMBRYOLOGIST, BODY_JSON},
    {"POST", "/api/embryos/{id}/observations", post_observation, ACCESS_EMBRYOLOGIST, BODY_JSON},
    {"POST", "/api/embryos/{id}/comments", post_comment, ACCESS_EMBRYOLOGIST, BODY_JSON},
    {"DELETE", "/api/embryos/{id}/comments/{comment}", delete_comment, ACCESS_EMBRYOLOGIST, BODY_NONE},
    {"POST", "/api/embryos/{id}/decisions", post_decision, ACCESS_EMBRYOLOGIST, BODY_JSON},
    {"DELETE", "/api/embryos/{id}/decisions/{decision}", delete_decision, ACCESS_EMBRYOLOGIST, BODY_NONE},
    {"POST", "/api/embryos/{id}/second-reading", post_second_reading, ACCESS_EMBRYOLOGIST, BODY_JSON},
    {"GET", "/api/embryos/{id}/history", get_history, ACCESS_VIEWER, BODY_NONE},
    {"POST", "/api/signatures", post_signatures, ACCESS_EMBRYOLOGIST, BODY_JSON},

    {"GET", "/api/settings", get_settings, ACCESS_VIEWER, BODY_NONE},
    {"PUT", "/api/settings", put_settings, ACCESS_ADMIN, BODY_JSON},
    {"GET", "/api/preferences", get_preferences, ACCESS_VIEWER, BODY_NONE},
    {"PUT", "/api/preferences", put_preferences, ACCESS_VIEWER, BODY_JSON},

    {"GET", "/api/imports", get_imports, ACCESS_VIEWER, BODY_NONE},
    {"POST", "/api/imports", post_import, ACCESS_EMBRYOLOGIST, BODY_STREAM},

    {"GET", "/api/models", get_models, ACCESS_VIEWER, BODY_NONE},
    {"GET", "/api/models/{label}", get_model, ACCESS_VIEWER, BODY_NONE},

    {"GET", "/api/quality", get_quality, ACCESS_VIEWER, BODY_NONE},
    {"GET", "/api/quality/{label}", get_quality_members, ACCESS_VIEWER, BODY_NONE},
    {"GET", "/api/agreement", get_agreement, ACCESS_EMBRYOLOGIST, BODY_NONE},
    {"GET", "/api/reference", get_reference, ACCESS_VIEWER, BODY_NONE},

    {"GET", "/api/console/burst", get_console_burst, ACCESS_ADMIN, BODY_NONE},
    {"GET", "/api/console/batches", get_console_batches, ACCESS_ADMIN, BODY_NONE},
    {"GET", "/api/console/status", get_console_status, ACCESS_ADMIN, BODY_NONE},
    {"GET", "/api/console/egress", get_console_egress, ACCESS_ADMIN, BODY_NONE},
    {"GET", "/api/console/egress.csv", get_console_egress_csv, ACCESS_ADMIN, BODY_NONE},
    {"GET", "/api/console/invocations", get_console_invocations, ACCESS_ADMIN, BODY_NONE},
    {"GET", "/api/console/costs", get_console_costs, ACCESS_ADMIN, BODY_NONE},
    {"GET", "/api/console/events", get_console_events, ACCESS_ADMIN, BODY_NONE},

    {"GET", "/api/updates", get_updates, ACCESS_ADMIN, BODY_NONE},
    {"POST", "/api/updates/{label}", post_update, ACCESS_ADMIN, BODY_JSON},

    {"GET", "/api/changes", get_changes, ACCESS_VIEWER, BODY_NONE},
    {"GET", "/api/stream", get_stream, ACCESS_VIEWER, BODY_NONE},
};

size_t routes_count(void)
{
	return sizeof routes / sizeof *routes;
}

const struct route *routes_at(size_t index)
{
	return &routes[index];
}

const char *access_name(enum access access)
{
	static const char *const names[] = {"anyone", "proxy", "viewer", "embryologist", "admin"};
	return names[access];
}

const char *body_name(enum body body)
{
	static const char *const names[] = {"none", "json", "stream"};
	return names[body];
}

/* One way to write a number: no plus sign, no leading zeros. */
static bool read_number(const char *text, size_t length, int64_t *ret_number)
{
	char digits[20];
	size_t sign = text[0] == '-';
	if (length <= sign || length >= sizeof digits || (text[sign] == '0' && length > 1) ||
	    strspn(text + sign, "0123456789") != length - sign)
		return false;
	memcpy(digits, text, length);
	digits[length] = 0;
	return text_to_i64(digits, ret_number);
}

/* The handler finds it at the end of the path. */
static bool is_label(const char *text, size_t length)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	return length > 0 && length < LIMIT_NAME && text[0] != '.' && strspn(text, letters) == length;
}

static bool matches(const char *pattern, const char *path, int64_t ret_numbers[CALL_NUMBERS_MAX])
{
	int found = 0;
	while (*pattern) {
		if (*pattern != '{') {
			if (*pattern++ != *path++)
				return false;
			continue;
		}
		size_t length = strcspn(path, "/");
		bool fits = text_starts(pattern, "{label}")
		    ? is_label(path, length)
		    : found < CALL_NUMBERS_MAX && read_number(path, length, &ret_numbers[found++]);
		if (!fits)
			return false;
		pattern += strcspn(pattern, "}") + 1;
		path += length;
	}
	return *path == 0;
}

const struct route *routes_find(const char *method, const char *path, int64_t ret_numbers[CALL_NUMBERS_MAX],
    struct err *err)
{
	bool known = false;
	for (size_t i = 0; i < routes_count(); i++) {
		if (!matches(routes[i].path, path, ret_numbers))
			continue;
		if (strcmp(routes[i].method, method) == 0)
			return &routes[i];
		known = true;
	}
	if (known)
		err_set(err, ERR_WRONG_METHOD, "this path does not take %.16s", method);
	else
		err_set(err, ERR_NOT_FOUND, "there is nothing at this path");
	return NULL;
}

/* RFC 9110 asks for the methods a path does take. */
static void name_methods(struct request *request)
{
	int64_t numbers[CALL_NUMBERS_MAX];
	OWN(buf_done) struct buf list = BUF_INIT(256);
	for (size_t i = 0; i < routes_count(); i++)
		if (matches(routes[i].path, request_path(request), numbers))
			buf_print(&list, "%s%s", list.size ? ", " : "", routes[i].method);
	reply_header(request, "Allow", buf_text(&list));
}

static bool came_through_proxy(const struct serve *serve, const struct request *request)
{
	const char *secret = request_header(request, "X-Daybreak-Proxy");
	size_t length = strlen(serve->options.proxy_secret);
	return secret && strlen(secret) == length && crypto_equal(secret, serve->options.proxy_secret, length);
}

static bool check_session(struct call *call, enum access access, struct err *err)
{
	call->token = request_cookie(call->request, "daybreak_session");
	if (!call->token)
		return err_set(err, ERR_UNAUTHENTICATED, "sign in first");
	if (!sessions_find(call->store, call->token, &call->user, err))
		return false;
	if ((int)call->user.role + ACCESS_VIEWER < (int)access)
		return err_set(err, ERR_FORBIDDEN, "this needs the role %s", access_name(access));
	return true;
}

static bool check_guard(const struct request *request, struct err *err)
{
	const char *guard = request_header(request, "X-Daybreak");
	if (strcmp(request_method(request), "GET") == 0 || (guard && strcmp(guard, "1") == 0))
		return true;
	return err_set(err, ERR_FORBIDDEN, "a request that changes something needs the header X-Daybreak: 1");
}

static bool check_believed_user(const struct call *call, struct err *err)
{
	return !call->user.id || strcmp(request_method(call->request), "GET") == 0 || guards_user(call, err);
}

static bool answer_route(struct call *call, const struct route *route, struct err *err)
{
	OWN(json_decref) json_t *body = NULL;
	if (route->access >= ACCESS_VIEWER && !check_session(call, route->access, err))
		return false;
	if (!check_guard(call->request, err) || !check_believed_user(call, err))
		return false;
	if (route->body == BODY_JSON && !request_json(call->request, &body, err))
		return false;
	call->body = body;
	return route->handler(call, err);
}

static bool answer(struct call *call, struct err *err)
{
	const char *path = request_path(call->request);
	const struct route *route = routes_find(request_method(call->request), path, call->numbers, err);
	bool anyone = route && route->access == ACCESS_ANYONE;
	if (!anyone && !came_through_proxy(call->serve, call->request))
		return err_set(err, ERR_FORBIDDEN, "ask the box at its HTTPS address, not here");
	if (!route && err->code == ERR_NOT_FOUND && !text_starts(path, "/api/"))
		return pages_answer(call->serve->pages, call->request, err);
	if (!route && err->code == ERR_WRONG_METHOD)
		name_methods(call->request);
	if (!route)
		return false;
	if (!anyone && !stores_take(call->serve->stores, &call->store, err))
		return false;
	return answer_route(call, route, err);
}

void routes_answer(struct serve *serve, struct request *request)
{
	struct call call = {.request = request, .serve = serve};
	struct err err = {0};
	if (!answer(&call, &err) && !reply_status(request))
		reply_error(request, &err);
	stores_give(serve->stores, call.store);
}
