#include "unit/agent/ledgers.h"

#include "agent/link.h"
#include "base/certificate.h"
#include "base/clock.h"

#include <arpa/inet.h>
#include <sys/socket.h>

static void fill(struct link_response *response, int status, const char *body)
{
	*response =
	    (struct link_response){.status = status, .body = BUF_INIT(4096), .headers = BUF_INIT(4096)};
	buf_add(&response->body, body, strlen(body));
}

/* What a refusal is taken for. */
static void test_refusals_become_errors(void **state)
{
	(void)state;
	static const struct {
		int status;
		const char *body;
		enum err_code code;
		const char *sentence;
	} cases[] = {
	    {429, "{\"error\": {\"code\": \"too-many\", \"sentence\": \"all are busy\"}}", ERR_TOO_MANY,
	        "all are busy"},
	    {403, "{\"error\": {\"code\": \"forbidden\", \"sentence\": \"revoked\"}}", ERR_FORBIDDEN,
	        "revoked"},
	    {500, "{\"error\": {\"code\": \"no-memory\", \"sentence\": \"full\"}}", ERR_NO_MEMORY, "full"},
	    {422, "{\"error\": {\"code\": \"unheard-of\", \"sentence\": \"broken\"}}", ERR_DAMAGED, "broken"},
	    {502, "<html>Bad Gateway</html>", ERR_UNAVAILABLE, "it answered HTTP 502"},
	    {409, "", ERR_CONFLICT, "it answered HTTP 409"},
	    {401, "", ERR_UNAUTHENTICATED, "it answered HTTP 401"},
	    {302, "", ERR_BAD_INPUT, "it answered HTTP 302"},
	    {418, "{\"error\": \"teapot\"}", ERR_BAD_INPUT, "it answered HTTP 418"},
	    {403, "{\"error\": {\"sentence\": \"two\\nlines\"}}", ERR_FORBIDDEN, "it answered HTTP 403"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct err err;
		OWN(link_response_done) struct link_response response;
		fill(&response, cases[i].status, cases[i].body);
		must_fail(link_accepted(&response, &err), cases[i].code);
		assert_non_null(strstr(err.detail, cases[i].sentence));
	}
	struct err err;
	OWN(link_response_done) struct link_response good;
	fill(&good, 200, "");
	assert_true(link_accepted(&good, &err));
}

static struct link_request request_to(const char *url)
{
	return (struct link_request){.post = true,
	    .url = url,
	    .ca = "/nowhere/ca.pem",
	    .body = "content",
	    .body_size = 7,
	    .answer_max = 1000,
	    .quiet_ms = 1500,
	    .limit_ms = 5000,
	    .egress = {.class = LEDGER_SEALED_BATCH,
	        .endpoint = "frankfurt",
	        .region = "here",
	        .why = "test",
	        .batch = "aa"}};
}

static void test_speaks_https_alone(void **state)
{
	struct err err;
	OWN(ledger_close) struct ledger *ledger = new_ledger(state, "https.db");
	OWN(link_close) struct link *link = NULL;
	struct link_response response;
	must(link_open(ledger, &link, &err));
	static const char *const urls[] = {
	    "http://127.0.0.1/", "file:///etc/passwd", "127.0.0.1", "HTTPS+x://a", ""};
	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		struct link_request request = request_to(urls[i]);
		must_fail(link_call(link, &request, &response, &err), ERR_BAD_INPUT);
	}
	assert_int_equal(count_of(ledger, "SELECT count(*) FROM egress"), 0);
}

/* A port that listens, and one that does not. */
static int bind_somewhere(bool listens, char url[64])
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	if (listens)
		assert_int_equal(listen(fd, 1), 0);
	snprintf(url, 64, "https://127.0.0.1:%d/v1/read", ntohs(address.sin_port));
	return fd;
}

static void test_every_try_has_its_row(void **state)
{
	struct err err;
	char url[64];
	OWN(ledger_close) struct ledger *ledger = new_ledger(state, "rows.db");
	OWN(link_close) struct link *link = NULL;
	int fd = bind_somewhere(false, url);
	struct link_request request = request_to(url);
	struct link_response response;
	must(link_open(ledger, &link, &err));
	must_fail(link_call(link, &request, &response, &err), ERR_UNAVAILABLE);
	assert_int_equal(count_of(ledger,
	                     "SELECT count(*) FROM egress WHERE outcome = 'unavailable' AND bytes = 7"
	                     " AND sent = 0 AND endpoint = 'frankfurt' AND class = 'sealed-batch'"),
	    1);
	assert_int_equal(link_active(link), 0);
	close(fd);
}

static void make_authority(void **state, char path[LIMIT_PATH])
{
	struct err err;
	char key[CRYPTO_PEM_SIZE], public[CRYPTO_PEM_SIZE], certificate[CERTIFICATE_PEM_SIZE];
	must(crypto_pair_make(key, public, &err));
	const struct certificate_signer signer = {NULL, key};
	const struct certificate_order order = {.use = CERTIFICATE_AUTHORITY,
	    .common_name = "Test",
	    .public_pem = public,
	    .not_before_us = clock_now_us(),
	    .not_after_us = clock_now_us() + INT64_C(3600000000)};
	must(certificate_issue(&signer, &order, certificate, &err));
	path_join(path, LIMIT_PATH, *state, "ca.pem");
	must(file_write(path, certificate, strlen(certificate), 0600, &err));
}

/* Somebody takes the connection and never says a word. */
static void test_silence_has_an_end(void **state)
{
	struct err err;
	char url[64], authority[LIMIT_PATH];
	OWN(ledger_close) struct ledger *ledger = new_ledger(state, "silence.db");
	OWN(link_close) struct link *link = NULL;
	int fd = bind_somewhere(true, url);
	struct link_request request = request_to(url);
	struct link_response response;
	must(link_open(ledger, &link, &err));
	make_authority(state, authority);
	request.ca = authority;
	must_fail(link_call(link, &request, &response, &err), ERR_UNAVAILABLE);
	assert_non_null(strstr(err.detail, "silent"));
	request.quiet_ms = 60000;
	request.limit_ms = 300;
	must_fail(link_call(link, &request, &response, &err), ERR_UNAVAILABLE);
	assert_non_null(strstr(err.detail, "0.3 s"));
	link_stop(link);
	request.limit_ms = 60000;
	must_fail(link_call(link, &request, &response, &err), ERR_UNAVAILABLE);
	assert_int_equal(count_of(ledger, "SELECT count(*) FROM egress WHERE outcome = 'cancelled'"), 1);
	close(fd);
}

/* A ledger that cannot be written to: nothing leaves. */
static void test_no_row_no_byte(void **state)
{
	struct err err;
	char url[64];
	OWN(ledger_close) struct ledger *ledger = new_ledger(state, "broken.db");
	OWN(link_close) struct link *link = NULL;
	OWN(fd_close) int fd = bind_somewhere(true, url);
	struct link_request request = request_to(url);
	struct link_response response;
	must(link_open(ledger, &link, &err));
	must(db_exec(ledger_db(ledger), "DROP TABLE invocations; DROP TABLE egress", &err));
	assert_false(link_call(link, &request, &response, &err));
	assert_non_null(strstr(err.detail, "egress ledger"));
	assert_int_equal(link_active(link), 0);
	struct pollfd knock = {fd, POLLIN, 0};
	assert_int_equal(poll(&knock, 1, 50), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_refusals_become_errors),
	    cmocka_unit_test(test_speaks_https_alone),
	    cmocka_unit_test(test_every_try_has_its_row),
	    cmocka_unit_test(test_silence_has_an_end),
	    cmocka_unit_test(test_no_row_no_byte),
	};
	return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
