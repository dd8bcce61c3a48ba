#include "unit/unit.h"

#include "function/event.h"

#include <string.h>

#define BATCH "00112233445566778899aabbccddeeff"
#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static bool take(const char *text, struct event *event, struct err *err)
{
	return event_take(text, strlen(text), event, err);
}

static void body_is(struct event *event, const char *expected)
{
	struct err err;
	OWN(buf_done) struct buf body = BUF_INIT(CALL_BODY_MAX);
	must(event->call.body(event->call.context, &body, &err));
	assert_string_equal(buf_text(&body), expected);
}

static json_t *answer_of(const struct event *event, int status, const char *type, const char *body)
{
	struct err err;
	json_t *json;
	OWN(reply_done) struct reply reply = REPLY_INIT;
	OWN(buf_done) struct buf text = BUF_INIT(10000);
	reply.status = status;
	reply.type = type;
	buf_add(&reply.body, body, strlen(body));
	reply_header(&reply, "X-Daybreak-Cold", "%d", 1);
	must(event_answer(event, &reply, &text, &err));
	must(json_parse((char *)text.data, text.size, &json, &err));
	return json;
}

static void test_gateway(void **state)
{
	(void)state;
	struct err err;
	OWN(event_done) struct event event;
	must(take(
	    "{\"version\":\"2.0\",\"rawPath\":\"/prod/v1/read\",\"headers\":{\"idempotency-key\":\"k\",\"x-other\":\"y\","
	    "\"x-client-verify\":\"SUCCESS\"},\"requestContext\":{\"http\":{\"method\":\"POST\"},\"stage\":\"prod\","
	    "\"authentication\":{\"clientCert\":{\"subjectDN\":\"CN=a\",\"serialNumber\":\"01\"}}},"
	    "\"body\":\"Zm9v\",\"isBase64Encoded\":true}",
	    &event, &err));
	assert_int_equal(event.kind, EVENT_GATEWAY);
	assert_int_equal(event.call.door, CALL_BY_CLOUD);
	assert_string_equal(event.call.path, "/v1/read");
	assert_string_equal(event.call.method, "POST");
	assert_string_equal(event.call.subject, "CN=a");
	assert_string_equal(event.call.serial, "01");
	assert_string_equal(event.call.headers[CALL_BATCH], "k");
	body_is(&event, "foo");
	OWN(json_decref) json_t *answer = answer_of(&event, 200, "application/octet-stream", "foo");
	assert_int_equal(json_int(answer, "statusCode", 0), 200);
	assert_string_equal(json_text(answer, "body", ""), "Zm9v");
	assert_true(json_bool(answer, "isBase64Encoded", false));
	assert_string_equal(json_text(json_object_get(answer, "headers"), "X-Daybreak-Cold", ""), "1");
}

static void test_balancer(void **state)
{
	(void)state;
	struct err err;
	OWN(event_done) struct event event;
	must(take(
	    "{\"httpMethod\":\"GET\",\"path\":\"/v1/version\",\"requestContext\":{\"elb\":{}},\"body\":\"plain\","
	    "\"isBase64Encoded\":false,\"multiValueHeaders\":{\"x-amzn-mtls-clientcert-subject\":[\"CN=b\"],"
	    "\"x-amzn-mtls-clientcert-serial-number\":[\"02\"],\"accept\":[\"a\",\"b\"]}}",
	    &event, &err));
	assert_int_equal(event.kind, EVENT_BALANCER);
	assert_string_equal(event.call.subject, "CN=b");
	assert_string_equal(event.call.serial, "02");
	body_is(&event, "plain");
	OWN(json_decref) json_t *answer = answer_of(&event, 200, "application/json", "{}");
	assert_string_equal(json_text(answer, "statusDescription", ""), "200 OK");
	assert_string_equal(json_text(answer, "body", ""), "{}");
	assert_int_equal(
	    json_array_size(json_object_get(json_object_get(answer, "multiValueHeaders"), "Content-Type")),
	    1);
	/* Two values of a header that counts. */
	struct event other;
	must_fail(
	    take(
	        "{\"requestContext\":{\"elb\":{}},\"multiValueHeaders\":{\"Idempotency-Key\":[\"a\",\"b\"]}}",
	        &other, &err),
	    ERR_BAD_INPUT);
	must_fail(
	    take(
	        "{\"requestContext\":{\"elb\":{}},\"headers\":{\"Idempotency-Key\":\"a\",\"idempotency-key\":\"b\"}}",
	        &other, &err),
	    ERR_BAD_INPUT);
}

static void test_direct(void **state)
{
	(void)state;
	struct err err;
	OWN(event_done) struct event event;
	must(
	    take("{\"daybreak\":\"read\",\"batch\":\"b\",\"digest\":\"d\",\"body\":\"Zm9v\"}", &event, &err));
	assert_int_equal(event.call.door, CALL_BY_ACCOUNT);
	assert_string_equal(event.call.path, "/v1/read");
	assert_string_equal(event.call.headers[CALL_DIGEST], "d");
	body_is(&event, "foo");
	OWN(json_decref) json_t *good = answer_of(&event, 200, "application/octet-stream", "foo");
	assert_string_equal(json_text(good, "body", ""), "Zm9v");
	OWN(json_decref)
	json_t *bad = answer_of(&event, 422, "application/json", "{\"error\":{\"code\":\"damaged\"}}");
	assert_int_equal(json_int(bad, "status", 0), 422);
	assert_string_equal(json_text(json_object_get(bad, "error"), "code", ""), "damaged");
}

static bool take_key(const char *bucket, const char *key, struct event_object *object, struct err *ret_err)
{
	struct err err;
	OWN(event_done) struct event event;
	char text[1000];
	snprintf(text, sizeof text,
	    "{\"Records\":[{\"eventSource\":\"aws:s3\",\"eventName\":\"ObjectCreated:Put\",\"awsRegion\":\"eu-central-1\","
	    "\"s3\":{\"bucket\":{\"name\":\"%s\"},\"object\":{\"key\":\"%s\",\"size\":7}}}]}",
	    bucket, key);
	must(take(text, &event, &err));
	assert_int_equal(event_objects(&event), 1);
	bool ok = event_object(&event, 0, object, ret_err);
	if (ok)
		assert_string_equal(object->region, "eu-central-1");
	return ok;
}

static void test_objects(void **state)
{
	(void)state;
	struct err err;
	struct event_object object;
	must(take_key("b-1.x", "questions/" BATCH "." DIGEST ".sealed", &object, &err));
	assert_string_equal(object.batch, BATCH);
	assert_string_equal(object.digest, DIGEST);
	assert_int_equal(object.size, 7);
	static const char *const keys[] = {"", "answers/" BATCH ".sealed", "questions/" BATCH ".sealed",
	    "questions/" BATCH, "questions/" BATCH "." DIGEST ".sealed.x",
	    "questions/../" BATCH "." DIGEST ".sealed", "questions/0" BATCH "." DIGEST ".sealed"};
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		must_fail(take_key("b", keys[i], &object, &err), ERR_BAD_INPUT);
	must_fail(
	    take_key("evil.example/", "questions/" BATCH "." DIGEST ".sealed", &object, &err), ERR_BAD_INPUT);
	must_fail(take_key("", "questions/" BATCH "." DIGEST ".sealed", &object, &err), ERR_BAD_INPUT);
}

static void test_other_events_are_refused(void **state)
{
	(void)state;
	static const char *const texts[] = {"", "null", "7", "[]", "{}", "{\"daybreak\":7}",
	    "{\"requestContext\":{}}", "{\"Records\":{}}", "{\"Records\":[]}", "{\"Records\":[7]}",
	    "{\"Records\":[{\"eventSource\":\"aws:sns\"}]}",
	    "{\"Records\":[{\"eventSource\":\"aws:s3\",\"eventName\":\"ObjectRemoved:Delete\"}]}"};
	struct err err;
	struct event event;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		must_fail(take(texts[i], &event, &err), ERR_BAD_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_gateway),
	    cmocka_unit_test(test_balancer),
	    cmocka_unit_test(test_direct),
	    cmocka_unit_test(test_objects),
	    cmocka_unit_test(test_other_events_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
