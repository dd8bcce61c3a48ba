/* rooms: base */
/* Certificates and requests come from anybody who reaches the authority, and from a hospital: any DER must become facts that are
 * plain and within their limits, or be refused with a sentence. */
#include "base/certificate.h"
#include "base/text.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void wrap(struct buf *pem, const char *what, const uint8_t *data, size_t size)
{
	OWN(buf_done) struct buf text = BUF_INIT(2 << 20);
	buf_clear(pem);
	if (!crypto_base64_write(&text, data, size, NULL))
		return;
	buf_print(pem, "-----BEGIN %s-----\n%s\n-----END %s-----\n", what, buf_text(&text), what);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	OWN(buf_done) struct buf pem = BUF_INIT(4 << 20);
	struct certificate_facts facts;
	struct certificate_asked asked;
	struct err err = {0};
	wrap(&pem, "CERTIFICATE", data, size);
	if (certificate_read(buf_text(&pem), &facts, &err)) {
		assert(facts.common_name[0] && text_is_plain(facts.common_name));
		assert(facts.serial[0] && strspn(facts.serial, "0123456789ABCDEF") == strlen(facts.serial));
		assert(strstr(facts.subject, facts.common_name) || strpbrk(facts.subject, "\\?"));
		certificate_signed_by(buf_text(&pem), buf_text(&pem), &err);
	} else {
		assert(err.detail[0]);
	}
	err.detail[0] = 0;
	struct certificate_server server;
	if (certificate_server_read(buf_text(&pem), NULL, &server, &err))
		assert(text_is_plain(server.names) && !certificate_server_covers(&server, "no.such.name.anywhere"));
	else
		assert(err.detail[0]);
	err.detail[0] = 0;
	wrap(&pem, "CERTIFICATE REQUEST", data, size);
	if (certificate_request_read(buf_text(&pem), &asked, &err))
		assert(asked.common_name[0] && text_is_plain(asked.common_name) &&
		    text_starts(asked.public_pem, "-----BEGIN"));
	else
		assert(err.detail[0]);
	return 0;
}
