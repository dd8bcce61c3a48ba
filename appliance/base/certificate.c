#include "base/certificate.h"

#include "base/clock.h"
#include "base/crypto_inside.h"
#include "base/own.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <mbedtls/asn1write.h>
#include <mbedtls/oid.h>
#include <mbedtls/pem.h>
#include <mbedtls/sha1.h>
#include <mbedtls/x509_crt.h>
#include <mbedtls/x509_csr.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
	DER_MAX = 1536, /* one certificate or request */
	KEY_ID_SIZE = 20,
	SERIAL_BYTES = 16,
};

static const char *const organisations[] = {
    [CERTIFICATE_AUTHORITY] = "Daybreak authority",
    [CERTIFICATE_GATEWAY] = "Daybreak gateway",
    [CERTIFICATE_SITE] = "Daybreak site",
    [CERTIFICATE_BOX] = "Daybreak box",
};

static void crt_free(mbedtls_x509_crt *crt)
{
	mbedtls_x509_crt_free(crt);
}
static void csr_free(mbedtls_x509_csr *csr)
{
	mbedtls_x509_csr_free(csr);
}
#define LOCAL(type, free_function) __attribute__((cleanup(free_function))) type

static bool key_digest(const mbedtls_pk_context *pk, uint8_t ret_digest[CRYPTO_DIGEST_SIZE])
{
	uint8_t der[256];
	/* mbedTLS takes the key as not const, and writes to the end of the room. */
	int size = mbedtls_pk_write_pubkey_der((mbedtls_pk_context *)pk, der, sizeof der);
	if (size > 0)
		crypto_sha256(der + sizeof der - (size_t)size, (size_t)size, ret_digest);
	return size > 0;
}

/* Reading */

static bool take_certificate(mbedtls_x509_crt *crt, const char *pem, struct err *err)
{
	mbedtls_x509_crt_init(crt);
	/* A positive result counts further certificates of the text that did not parse. */
	return mbedtls_x509_crt_parse(crt, (const uint8_t *)pem, strlen(pem) + 1) >= 0 ||
	    err_set(err, ERR_DAMAGED, "this is not a certificate in PEM");
}

static bool is_common_name(const char *name)
{
	return name[0] && strlen(name) < CERTIFICATE_NAME_SIZE && text_is_plain(name);
}

/* The one common name of a subject; an end in the middle of it would make it look like another. */
static bool take_common_name(
    const mbedtls_x509_name *subject, char ret_name[CERTIFICATE_NAME_SIZE], struct err *err)
{
	const mbedtls_x509_name *found = NULL;
	int count = 0;
	for (const mbedtls_x509_name *at = subject; at; at = at->next)
		if (MBEDTLS_OID_CMP(MBEDTLS_OID_AT_CN, &at->oid) == 0) {
			found = at;
			count++;
		}
	char name[CERTIFICATE_NAME_SIZE] = "";
	if (count == 1 && found->val.len < sizeof name)
		memcpy(name, found->val.p, found->val.len);
	if (count != 1 || strlen(name) != found->val.len || !is_common_name(name))
		return err_set(err, ERR_UNSUPPORTED, "its subject has not one plain common name");
	memcpy(ret_name, name, sizeof name);
	return true;
}

/* mbedTLS prints in the order of the DER; RFC 2253 turns it round. */
static bool print_subject(const mbedtls_x509_name *subject, char to[CERTIFICATE_SUBJECT_SIZE])
{
	char forward[CERTIFICATE_SUBJECT_SIZE];
	size_t used = 0;
	if (mbedtls_x509_dn_gets(forward, sizeof forward, subject) < 0)
		return false;
	to[0] = 0;
	for (char *end = forward + strlen(forward);;) {
		char *at = end;
		while (at > forward && !(at[-1] == ' ' && at - 1 > forward && at[-2] == ','))
			at--;
		int wrote = snprintf(to + used, CERTIFICATE_SUBJECT_SIZE - used, "%s%.*s", used ? "," : "",
		    (int)(end - at), at);
		if (wrote < 0 || used + (size_t)wrote >= CERTIFICATE_SUBJECT_SIZE)
			return false;
		used += (size_t)wrote;
		if (at == forward)
			return true;
		end = at - 2;
	}
}

static bool print_serial(const mbedtls_x509_buf *serial, char to[CERTIFICATE_SERIAL_SIZE])
{
	const uint8_t *bytes = serial->p;
	size_t size = serial->len;
	for (; size > 1 && !bytes[0]; size--)
		bytes++;
	if (!size || 2 * size >= CERTIFICATE_SERIAL_SIZE)
		return false;
	text_hex(to, bytes, size);
	for (char *at = to; *at; at++)
		*at = (char)toupper((unsigned char)*at);
	return true;
}

static bool take_time(const mbedtls_x509_time *time, int64_t *ret_us)
{
	char text[CLOCK_TEXT_SIZE + 32];
	snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02dZ", time->year, time->mon, time->day,
	    time->hour, time->min, time->sec);
	return clock_parse(text, ret_us);
}

static bool may(const mbedtls_x509_crt *crt, const char *use, size_t size)
{
	return (crt->ext_types & MBEDTLS_X509_EXT_EXTENDED_KEY_USAGE) != 0 &&
	    mbedtls_x509_crt_check_extended_key_usage(crt, use, size) == 0;
}

bool certificate_read(const char *pem, struct certificate_facts *ret_facts, struct err *err)
{
	LOCAL(mbedtls_x509_crt, crt_free) crt;
	struct certificate_facts facts = {.use = CERTIFICATE_GATEWAY};
	if (!take_certificate(&crt, pem, err) || !take_common_name(&crt.subject, facts.common_name, err))
		return false;
	if (!crypto_is_p256(&crt.pk) || !key_digest(&crt.pk, facts.key_digest))
		return err_set(err, ERR_UNSUPPORTED, "the certificate's key is not one of P-256");
	if (!print_subject(&crt.subject, facts.subject) || !print_serial(&crt.serial, facts.serial))
		return err_set(
		    err, ERR_UNSUPPORTED, "the certificate's subject or serial number is too long");
	if (!take_time(&crt.valid_from, &facts.not_before_us) ||
	    !take_time(&crt.valid_to, &facts.not_after_us))
		return err_set(err, ERR_DAMAGED, "the certificate's dates are none");
	crypto_sha256(crt.raw.p, crt.raw.len, facts.fingerprint);
	if (crt.ca_istrue)
		facts.use = CERTIFICATE_AUTHORITY;
	else if (may(&crt, MBEDTLS_OID_CLIENT_AUTH, MBEDTLS_OID_SIZE(MBEDTLS_OID_CLIENT_AUTH)))
		facts.use = CERTIFICATE_SITE;
	*ret_facts = facts;
	return true;
}

bool certificate_signed_by(const char *pem, const char *authority_pem, struct err *err)
{
	LOCAL(mbedtls_x509_crt, crt_free) crt;
	LOCAL(mbedtls_x509_crt, crt_free) authority;
	uint32_t flags = 0;
	mbedtls_x509_crt_init(&authority);
	if (!take_certificate(&crt, pem, err) || !take_certificate(&authority, authority_pem, err))
		return false;
	if (mbedtls_x509_crt_verify(&crt, &authority, NULL, NULL, &flags, NULL, NULL) == 0)
		return true;
	flags &= ~(uint32_t)(MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE);
	return !flags || err_set(err, ERR_FORBIDDEN, "the certificate was not issued by this authority");
}

/* Servers that browsers see */

static bool take_key(mbedtls_pk_context *pk, const char *pem, struct err *err)
{
	mbedtls_pk_init(pk);
	int code = mbedtls_pk_parse_key(pk, (const uint8_t *)pem, strlen(pem) + 1, NULL, 0);
	if (code == MBEDTLS_ERR_PK_PASSWORD_REQUIRED)
		return err_set(err, ERR_CRYPTO, "the key is locked by a password, which nobody could type at each start: "
		    "unlock it with openssl pkey -in KEY -out UNLOCKED");
	return !code || err_set(err, ERR_CRYPTO, "this is not a private key in PEM");
}

static void add_name(char *names, const char *name)
{
	size_t used = strlen(names);
	if (used + strlen(name) + 2 <= CERTIFICATE_NAMES_SIZE)
		snprintf(names + used, CERTIFICATE_NAMES_SIZE - used, "%s%s", used ? "," : "", name);
}

/* Every name of the certificate that a browser looks at; a common name is none of them any more. */
static void take_names(const mbedtls_x509_crt *crt, char *names)
{
	enum { DNS = 2, ADDRESS = 7 };
	char name[CERTIFICATE_SUBJECT_SIZE];
	names[0] = 0;
	if (!(crt->ext_types & MBEDTLS_X509_EXT_SUBJECT_ALT_NAME))
		return;
	for (const mbedtls_x509_sequence *at = &crt->subject_alt_names; at; at = at->next) {
		const mbedtls_x509_buf *found = &at->buf;
		int kind = found->tag & MBEDTLS_ASN1_TAG_VALUE_MASK;
		if (kind == DNS && found->len < sizeof name) {
			memcpy(name, found->p, found->len);
			name[found->len] = 0;
			if (strlen(name) == found->len && text_is_plain(name) && !strchr(name, ','))
				add_name(names, name);
		} else if (kind == ADDRESS && (found->len == 4 || found->len == 16)) {
			inet_ntop(found->len == 4 ? AF_INET : AF_INET6, found->p, name, sizeof name);
			add_name(names, name);
		}
	}
}

static bool is_issued_by(const mbedtls_x509_crt *crt, const mbedtls_x509_crt *issuer)
{
	return crt->issuer_raw.len == issuer->subject_raw.len &&
	    memcmp(crt->issuer_raw.p, issuer->subject_raw.p, issuer->subject_raw.len) == 0;
}

bool certificate_server_read(
    const char *pem, const char *private_pem, struct certificate_server *ret_server, struct err *err)
{
	LOCAL(mbedtls_x509_crt, crt_free) crt;
	CRYPTO_PK pk;
	struct certificate_server server = {0};
	mbedtls_pk_init(&pk);
	if (!take_certificate(&crt, pem, err) || (private_pem && !take_key(&pk, private_pem, err)))
		return false;
	if (private_pem && mbedtls_pk_check_pair(&crt.pk, &pk) != 0)
		return err_set(err, ERR_CRYPTO, "the certificate is for another key: its first certificate must be the "
		    "server's own, and the key the one that was asked with");
	for (const mbedtls_x509_crt *at = &crt; at->next; at = at->next)
		if (!is_issued_by(at, at->next))
			return err_set(err, ERR_BAD_INPUT,
			    "the certificates of the file are out of order: the server's first, then the one that issued it, "
			    "and so on");
	if (!take_time(&crt.valid_from, &server.not_before_us) || !take_time(&crt.valid_to, &server.not_after_us))
		return err_set(err, ERR_DAMAGED, "the certificate's dates are none");
	if (!print_subject(&crt.issuer, server.issuer))
		text_copy(server.issuer, sizeof server.issuer, "somebody with a long name");
	take_names(&crt, server.names);
	crypto_sha256(crt.raw.p, crt.raw.len, server.fingerprint);
	server.self_made = is_issued_by(&crt, &crt);
	*ret_server = server;
	return true;
}

/* Addresses have several spellings; names come in either case. */
static bool is_same_name(const char *found, const char *name)
{
	uint8_t a[16] = {0}, b[16] = {0};
	if (inet_pton(AF_INET6, found, a) == 1 && inet_pton(AF_INET6, name, b) == 1)
		return memcmp(a, b, sizeof a) == 0;
	const char *dot = strchr(name, '.');
	return strcasecmp(found, name) == 0 || (text_starts(found, "*.") && dot && strcasecmp(found + 1, dot) == 0);
}

bool certificate_server_covers(const struct certificate_server *server, const char *name)
{
	char copy[CERTIFICATE_NAMES_SIZE];
	text_copy(copy, sizeof copy, server->names);
	for (char *at = copy, *next; at && *at; at = next) {
		next = strchr(at, ',');
		if (next)
			*next++ = 0;
		if (is_same_name(at, name))
			return true;
	}
	return false;
}

bool certificate_request_read(const char *pem, struct certificate_asked *ret_asked, struct err *err)
{
	LOCAL(mbedtls_x509_csr, csr_free) csr;
	struct certificate_asked asked = {0};
	uint8_t digest[CRYPTO_DIGEST_SIZE];
	mbedtls_x509_csr_init(&csr);
	if (mbedtls_x509_csr_parse(&csr, (const uint8_t *)pem, strlen(pem) + 1) != 0)
		return err_set(err, ERR_DAMAGED, "this is not a certificate request in PEM");
	if (!crypto_is_p256(&csr.pk) || csr.sig_md != MBEDTLS_MD_SHA256 ||
	    !key_digest(&csr.pk, asked.key_digest) ||
	    mbedtls_pk_write_pubkey_pem(&csr.pk, (uint8_t *)asked.public_pem, sizeof asked.public_pem) != 0)
		return err_set(err, ERR_UNSUPPORTED, "the request is not one of P-256 with SHA-256");
	if (!take_common_name(&csr.subject, asked.common_name, err))
		return false;
	crypto_sha256(csr.cri.p, csr.cri.len, digest);
	if (mbedtls_pk_verify(&csr.pk, csr.sig_md, digest, sizeof digest, csr.sig.p, csr.sig.len) != 0)
		return err_set(err, ERR_CRYPTO, "the request is not signed with the key it is for");
	*ret_asked = asked;
	return true;
}

/* Writing. DER is written from its end to its front, since a length stands before what it counts. Sticky. */

struct der {
	uint8_t *start, *at, *end;
	bool failed;
};

static void der_begin(struct der *der, uint8_t *room, size_t size)
{
	*der = (struct der){.start = room, .at = room + size, .end = room + size};
}

static size_t der_size(const struct der *der)
{
	return (size_t)(der->end - der->at);
}

static void der_wrote(struct der *der, int result)
{
	der->failed |= result < 0;
}

static void der_raw(struct der *der, const void *data, size_t size)
{
	der_wrote(der, mbedtls_asn1_write_raw_buffer(&der->at, der->start, data, size));
}

/* What was written since `end` becomes the content of one element. */
static void der_wrap(struct der *der, const uint8_t *end, uint8_t tag)
{
	der_wrote(der, mbedtls_asn1_write_len(&der->at, der->start, (size_t)(end - der->at)));
	der_wrote(der, mbedtls_asn1_write_tag(&der->at, der->start, tag));
}

static void der_element(struct der *der, uint8_t tag, const void *data, size_t size)
{
	const uint8_t *end = der->at;
	der_raw(der, data, size);
	der_wrap(der, end, tag);
}

enum {
	SEQUENCE = MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE,
	SET = MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SET
};
#define TAGGED(number) (MBEDTLS_ASN1_CONTEXT_SPECIFIC | (number))
#define der_oid(der, oid) der_element(der, MBEDTLS_ASN1_OID, oid, MBEDTLS_OID_SIZE(oid))

static void der_algorithm(struct der *der)
{
	const uint8_t *end = der->at;
	der_oid(der, MBEDTLS_OID_ECDSA_SHA256);
	der_wrap(der, end, SEQUENCE);
}

/* One attribute of a name; the macro knows its size. */
static void der_attribute(struct der *der, const char *oid, size_t oid_size, const char *text)
{
	const uint8_t *end = der->at;
	der_element(der, MBEDTLS_ASN1_UTF8_STRING, text, strlen(text));
	der_element(der, MBEDTLS_ASN1_OID, oid, oid_size);
	der_wrap(der, end, SEQUENCE);
	der_wrap(der, end, SET);
}

static void der_name(struct der *der, const char *organisation, const char *common_name)
{
	const uint8_t *end = der->at;
	der_attribute(der, MBEDTLS_OID_AT_CN, MBEDTLS_OID_SIZE(MBEDTLS_OID_AT_CN), common_name);
	der_attribute(
	    der, MBEDTLS_OID_AT_ORGANIZATION, MBEDTLS_OID_SIZE(MBEDTLS_OID_AT_ORGANIZATION), organisation);
	der_wrap(der, end, SEQUENCE);
}

/* Two digits of the year until 2049, four from then on (RFC 5280, 4.1.2.5). */
static void der_time(struct der *der, int64_t utc_us)
{
	char text[CLOCK_TEXT_SIZE], digits[CLOCK_TEXT_SIZE];
	size_t count = 0;
	clock_format(text, utc_us);
	for (const char *at = text; *at; at++)
		if (isdigit((unsigned char)*at))
			digits[count++] = *at;
	digits[count++] = 'Z';
	bool is_short = memcmp(digits, "2050", 4) < 0;
	if (is_short)
		der_element(der, MBEDTLS_ASN1_UTC_TIME, digits + 2, count - 2);
	else
		der_element(der, MBEDTLS_ASN1_GENERALIZED_TIME, digits, count);
}

static void der_key(struct der *der, mbedtls_pk_context *pk)
{
	uint8_t room[256];
	int size = mbedtls_pk_write_pubkey_der(pk, room, sizeof room);
	der_wrote(der, size);
	if (size > 0)
		der_raw(der, room + sizeof room - (size_t)size, (size_t)size);
}

/* A name for a key (RFC 5280, 4.2.1.2, method 1); nothing rests on SHA-1 being strong here. */
static void key_id(struct der *der, mbedtls_pk_context *pk, uint8_t ret_id[KEY_ID_SIZE])
{
	uint8_t room[128], *at = room + sizeof room;
	int size = mbedtls_pk_write_pubkey(&at, room, pk);
	der_wrote(der, size);
	if (size > 0)
		der_wrote(der, mbedtls_sha1_ret(at, (size_t)size, ret_id));
}

/* What was written since `end` becomes an extension. */
static void der_extension(
    struct der *der, const uint8_t *end, const char *oid, size_t oid_size, bool critical)
{
	der_wrap(der, end, MBEDTLS_ASN1_OCTET_STRING);
	if (critical)
		der_wrote(der, mbedtls_asn1_write_bool(&der->at, der->start, 1));
	der_element(der, MBEDTLS_ASN1_OID, oid, oid_size);
	der_wrap(der, end, SEQUENCE);
}
#define der_extension_is(der, end, oid, critical)                                                            \
	der_extension(der, end, oid, MBEDTLS_OID_SIZE(oid), critical)

static void der_key_ids(struct der *der, mbedtls_pk_context *issuer, mbedtls_pk_context *subject)
{
	uint8_t id[KEY_ID_SIZE] = {0};
	const uint8_t *end = der->at;
	key_id(der, issuer, id);
	der_element(der, TAGGED(0), id, sizeof id);
	der_wrap(der, end, SEQUENCE);
	der_extension_is(der, end, MBEDTLS_OID_AUTHORITY_KEY_IDENTIFIER, false);
	if (!subject)
		return;
	end = der->at;
	key_id(der, subject, id);
	der_element(der, MBEDTLS_ASN1_OCTET_STRING, id, sizeof id);
	der_extension_is(der, end, MBEDTLS_OID_SUBJECT_KEY_IDENTIFIER, false);
}

/* Signs what was written, and makes it the first of the three parts of a signed document. */
static void der_sign(struct der *der, mbedtls_pk_context *pk)
{
	uint8_t digest[CRYPTO_DIGEST_SIZE], signature[MBEDTLS_PK_SIGNATURE_MAX_SIZE];
	size_t size = 0, content = der_size(der);
	if (der->failed)
		return;
	crypto_sha256(der->at, content, digest);
	der_wrote(der,
	    mbedtls_pk_sign(pk, MBEDTLS_MD_SHA256, digest, sizeof digest, signature, &size,
	        crypto_random_for_mbedtls, NULL));
	OWN(free) uint8_t *copy = malloc(content);
	if (der->failed || !copy) {
		der->failed = true;
		return;
	}
	memcpy(copy, der->at, content);
	der->at = der->end;
	der_wrote(der, mbedtls_asn1_write_bitstring(&der->at, der->start, signature, 8 * size));
	der_algorithm(der);
	der_raw(der, copy, content);
	der_wrap(der, der->end, SEQUENCE);
}

static bool write_pem(const struct der *der, const char *what, char *to, size_t to_size, struct err *err)
{
	char head[64], foot[64];
	size_t size;
	snprintf(head, sizeof head, "-----BEGIN %s-----\n", what);
	snprintf(foot, sizeof foot, "-----END %s-----\n", what);
	return (!der->failed &&
	           mbedtls_pem_write_buffer(
	               head, foot, der->at, der_size(der), (uint8_t *)to, to_size, &size) == 0) ||
	    err_set(err, ERR_CRYPTO, "writing a %s failed", what);
}

static size_t names_count(const char *const *names)
{
	size_t count = 0;
	while (count < CERTIFICATE_NAMES_MAX && names[count])
		count++;
	return count;
}

static bool is_host(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:-";
	const char *first = name + (text_starts(name, "*.") ? 2 : 0);
	return is_common_name(name) && *first && strspn(first, letters) == strlen(first);
}

static bool check_names(const char *const *names, struct err *err)
{
	for (size_t i = 0; i < names_count(names); i++)
		if (!is_host(names[i]))
			return err_set(
			    err, ERR_BAD_INPUT, "a host name is letters, digits, dots and hyphens");
	return true;
}

static void der_names(struct der *der, const char *const *names)
{
	const uint8_t *end = der->at;
	uint8_t address[16];
	for (size_t count = names_count(names); count--;) {
		const char *name = names[count];
		if (inet_pton(AF_INET, name, address) == 1)
			der_element(der, TAGGED(7), address, 4);
		else if (inet_pton(AF_INET6, name, address) == 1)
			der_element(der, TAGGED(7), address, 16);
		else
			der_element(der, TAGGED(2), name, strlen(name));
	}
	der_wrap(der, end, SEQUENCE);
	der_extension_is(der, end, MBEDTLS_OID_SUBJECT_ALT_NAME, false);
}

/* What a server asks to be named, as an attribute of the request (RFC 2986, RFC 2985 5.4.2). */
static void der_request_names(struct der *der, const char *const *names)
{
	const uint8_t *end = der->at;
	der_names(der, names);
	der_wrap(der, end, SEQUENCE);
	der_wrap(der, end, SET);
	der_oid(der, MBEDTLS_OID_PKCS9_CSR_EXT_REQ);
	der_wrap(der, end, SEQUENCE);
}

/* names NULL: a site's. */
static bool request(const char *private_pem, const char *common_name, const char *const *names,
    char ret_pem[CERTIFICATE_PEM_SIZE], struct err *err)
{
	CRYPTO_PK pk;
	uint8_t room[DER_MAX];
	struct der der;
	if (!crypto_take_private(&pk, private_pem, err))
		return false;
	if (!is_common_name(common_name))
		return err_set(err, ERR_BAD_INPUT, "a common name is 1 to 64 plain characters");
	if (names && !check_names(names, err))
		return false;
	der_begin(&der, room, sizeof room);
	if (names)
		der_request_names(&der, names);
	der_wrap(&der, der.end, MBEDTLS_ASN1_CONSTRUCTED | TAGGED(0)); /* attributes */
	der_key(&der, &pk);
	der_name(&der, organisations[names ? CERTIFICATE_BOX : CERTIFICATE_SITE], common_name);
	der_wrote(&der, mbedtls_asn1_write_int(&der.at, der.start, 0)); /* version 1 */
	der_wrap(&der, der.end, SEQUENCE);
	der_sign(&der, &pk);
	return write_pem(&der, "CERTIFICATE REQUEST", ret_pem, CERTIFICATE_PEM_SIZE, err);
}

bool certificate_request(
    const char *private_pem, const char *common_name, char ret_pem[CERTIFICATE_PEM_SIZE], struct err *err)
{
	return request(private_pem, common_name, NULL, ret_pem, err);
}

bool certificate_server_request(const char *private_pem, const char *const names[CERTIFICATE_NAMES_MAX],
    char ret_pem[CERTIFICATE_PEM_SIZE], struct err *err)
{
	return (names[0] || err_set(err, ERR_BAD_INPUT, "a server has a host name")) &&
	    request(private_pem, names[0], names, ret_pem, err);
}

/* Whose key signs, and under which name. */
struct signer {
	mbedtls_pk_context pk;
	mbedtls_x509_crt crt;
};

static void signer_free(struct signer *signer)
{
	mbedtls_pk_free(&signer->pk);
	mbedtls_x509_crt_free(&signer->crt);
}

static bool take_signer(struct signer *signer, const struct certificate_signer *given, struct err *err)
{
	mbedtls_x509_crt_init(&signer->crt);
	if (!crypto_take_private(&signer->pk, given->private_pem, err))
		return false;
	if (!given->certificate_pem)
		return true;
	if (!take_certificate(&signer->crt, given->certificate_pem, err))
		return false;
	return (crypto_is_p256(&signer->crt.pk) &&
	           mbedtls_pk_check_pair(&signer->crt.pk, &signer->pk) == 0) ||
	    err_set(err, ERR_CRYPTO, "the authority's certificate and key do not belong together");
}

static void der_extensions(struct der *der, const struct certificate_order *order, mbedtls_pk_context *issuer,
    mbedtls_pk_context *subject)
{
	bool is_authority = order->use == CERTIFICATE_AUTHORITY;
	const uint8_t *all = der->at, *end = der->at;
	if (names_count(order->names))
		der_names(der, order->names);
	if (!is_authority) {
		end = der->at;
		if (order->use == CERTIFICATE_SITE)
			der_oid(der, MBEDTLS_OID_CLIENT_AUTH);
		else
			der_oid(der, MBEDTLS_OID_SERVER_AUTH);
		der_wrap(der, end, SEQUENCE);
		der_extension_is(der, end, MBEDTLS_OID_EXTENDED_KEY_USAGE, false);
	}
	der_key_ids(der, issuer, subject);
	end = der->at;
	uint8_t usage = is_authority ? MBEDTLS_X509_KU_KEY_CERT_SIGN | MBEDTLS_X509_KU_CRL_SIGN
	                             : MBEDTLS_X509_KU_DIGITAL_SIGNATURE;
	der_wrote(der, mbedtls_asn1_write_named_bitstring(&der->at, der->start, &usage, 8));
	der_extension_is(der, end, MBEDTLS_OID_KEY_USAGE, true);
	end = der->at;
	if (is_authority) {
		/* None below it but leaves. */
		der_wrote(der, mbedtls_asn1_write_int(&der->at, der->start, 0));
		der_wrote(der, mbedtls_asn1_write_bool(&der->at, der->start, 1));
	}
	der_wrap(der, end, SEQUENCE);
	der_extension_is(der, end, MBEDTLS_OID_BASIC_CONSTRAINTS, true);
	der_wrap(der, all, SEQUENCE);
	der_wrap(der, all, MBEDTLS_ASN1_CONSTRUCTED | TAGGED(3));
}

/* Positive and never with a leading zero byte, so that everybody prints it alike. */
static void der_serial(struct der *der)
{
	uint8_t serial[SERIAL_BYTES];
	crypto_random(serial, sizeof serial);
	serial[0] = (serial[0] & 0x3f) | 0x40;
	der_element(der, MBEDTLS_ASN1_INTEGER, serial, sizeof serial);
}

static bool check_order(const struct certificate_order *order, struct err *err)
{
	if (!is_common_name(order->common_name))
		return err_set(err, ERR_BAD_INPUT, "a common name is 1 to 64 plain characters");
	if (order->not_after_us <= order->not_before_us)
		return err_set(err, ERR_BAD_INPUT, "a certificate ends after it begins");
	bool is_server = order->use == CERTIFICATE_GATEWAY || order->use == CERTIFICATE_BOX;
	if (is_server != (names_count(order->names) > 0))
		return err_set(err, ERR_BAD_INPUT, "a server, and nothing else, has host names");
	return check_names(order->names, err);
}

bool certificate_issue(const struct certificate_signer *given, const struct certificate_order *order,
    char ret_pem[CERTIFICATE_PEM_SIZE], struct err *err)
{
	LOCAL(struct signer, signer_free) signer;
	CRYPTO_PK subject;
	uint8_t room[DER_MAX];
	struct der der;
	mbedtls_pk_init(&subject);
	if (!take_signer(&signer, given, err) || !check_order(order, err))
		return false;
	if (mbedtls_pk_parse_public_key(
	        &subject, (const uint8_t *)order->public_pem, strlen(order->public_pem) + 1) != 0 ||
	    !crypto_is_p256(&subject))
		return err_set(err, ERR_CRYPTO, "this is not a public key of P-256 in PEM");
	der_begin(&der, room, sizeof room);
	der_extensions(&der, order, &signer.pk, &subject);
	der_key(&der, &subject);
	der_name(&der, organisations[order->use], order->common_name);
	const uint8_t *dates = der.at;
	der_time(&der, order->not_after_us);
	der_time(&der, order->not_before_us);
	der_wrap(&der, dates, SEQUENCE);
	if (given->certificate_pem)
		der_raw(&der, signer.crt.subject_raw.p, signer.crt.subject_raw.len);
	else
		der_name(&der, organisations[order->use], order->common_name);
	der_algorithm(&der);
	der_serial(&der);
	const uint8_t *version = der.at;
	der_wrote(&der, mbedtls_asn1_write_int(&der.at, der.start, 2)); /* version 3 */
	der_wrap(&der, version, MBEDTLS_ASN1_CONSTRUCTED | TAGGED(0));
	der_wrap(&der, der.end, SEQUENCE);
	der_sign(&der, &signer.pk);
	return write_pem(&der, "CERTIFICATE", ret_pem, CERTIFICATE_PEM_SIZE, err);
}

static bool der_revoked(struct der *der, const struct certificate_revoked *revoked, struct err *err)
{
	uint8_t serial[CERTIFICATE_SERIAL_SIZE / 2 + 1] = {0};
	size_t size = strlen(revoked->serial) / 2;
	const uint8_t *end = der->at;
	if (!size || size >= sizeof serial || !text_unhex(serial + 1, size, revoked->serial))
		return err_set(err, ERR_BAD_INPUT, "\"%s\" is not a serial number", revoked->serial);
	der_time(der, revoked->when_us);
	/* A number with its top bit set would be negative without a zero before it. */
	bool zero = (serial[1] & 0x80) != 0;
	der_element(der, MBEDTLS_ASN1_INTEGER, serial + !zero, size + zero);
	der_wrap(der, end, SEQUENCE);
	return true;
}

static void der_list_extensions(struct der *der, mbedtls_pk_context *issuer, int64_t number)
{
	static const char crl_number[] = "\x55\x1d\x14"; /* 2.5.29.20 */
	const uint8_t *all = der->at;
	uint8_t bytes[9] = {0};
	size_t first = 0;
	for (int i = 0; i < 8; i++)
		bytes[1 + i] = (uint8_t)(number >> (56 - 8 * i));
	while (first < 8 && !bytes[first] && !(bytes[first + 1] & 0x80))
		first++;
	der_element(der, MBEDTLS_ASN1_INTEGER, bytes + first, sizeof bytes - first);
	der_extension(der, all, crl_number, sizeof crl_number - 1, false);
	der_key_ids(der, issuer, NULL);
	der_wrap(der, all, SEQUENCE);
	der_wrap(der, all, MBEDTLS_ASN1_CONSTRUCTED | TAGGED(0));
}

bool certificate_list(const struct certificate_signer *given, const struct certificate_revoked *revoked,
    size_t count, int64_t number, int64_t made_us, int64_t next_us, struct buf *to, struct err *err)
{
	LOCAL(struct signer, signer_free) signer;
	struct der der;
	if (!take_signer(&signer, given, err))
		return false;
	if (count > CERTIFICATE_REVOKED_MAX)
		return err_set(
		    err, ERR_TOO_LARGE, "a list has at most %d certificates", CERTIFICATE_REVOKED_MAX);
	size_t size = DER_MAX + count * 64;
	OWN(free) uint8_t *room = malloc(size);
	OWN(free) char *pem = malloc(2 * size);
	if (!room || !pem)
		return err_set(err, ERR_NO_MEMORY, "writing a list of certificates");
	der_begin(&der, room, size);
	der_list_extensions(&der, &signer.pk, number);
	const uint8_t *end = der.at;
	for (size_t i = count; i-- > 0;)
		if (!der_revoked(&der, &revoked[i], err))
			return false;
	/* An empty list is left out. */
	if (count)
		der_wrap(&der, end, SEQUENCE);
	der_time(&der, next_us);
	der_time(&der, made_us);
	der_raw(&der, signer.crt.subject_raw.p, signer.crt.subject_raw.len);
	der_algorithm(&der);
	der_wrote(&der, mbedtls_asn1_write_int(&der.at, der.start, 1)); /* version 2 */
	der_wrap(&der, der.end, SEQUENCE);
	der_sign(&der, &signer.pk);
	if (!write_pem(&der, "X509 CRL", pem, 2 * size, err))
		return false;
	buf_clear(to);
	buf_add(to, pem, strlen(pem));
	return buf_ok(to, err);
}
