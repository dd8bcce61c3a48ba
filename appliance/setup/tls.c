#include "setup/tls.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"

#include <string.h>

#define TLS         BOX_LOCAL "/tls"
#define KEY         TLS "/key.pem"
#define CERTIFICATE TLS "/certificate.pem"

enum {
	PEM_BYTES_MAX = 64 << 10,
	/* Apple's systems refuse certificates that are valid longer than 825 days, whoever issued them. */
	VALID_DAYS = 820,
};

static const int64_t day_us = INT64_C(86400) * 1000000;

struct names {
	const char *list[CERTIFICATE_NAMES_MAX + 1];
	char room[CERTIFICATE_NAMES_MAX][CERTIFICATE_NAME_SIZE];
	size_t count;
};

static bool add_name(const char *item, void *context, struct err *err)
{
	struct names *names = context;
	if (names->count == CERTIFICATE_NAMES_MAX ||
	    !text_copy(names->room[names->count], CERTIFICATE_NAME_SIZE, item))
		return err_set(err, ERR_BAD_INPUT, "%s does not fit into a certificate", item);
	names->list[names->count] = names->room[names->count];
	names->count++;
	return true;
}

static bool take_names(const struct answers *answers, struct names *names, struct err *err)
{
	*names = (struct names){0};
	return answers_each(answers->names, add_name, names, err) &&
	    (names->count || err_set(err, ERR_BAD_INPUT, "the certificate needs a name: give names"));
}

bool tls_read(const struct box *box, struct certificate_server *ret_server, struct err *err)
{
	OWN(buf_done) struct buf pem = BUF_INIT(PEM_BYTES_MAX);
	return box_read(box, CERTIFICATE, &pem, err) &&
	    certificate_server_read(buf_text(&pem), NULL, ret_server, err);
}

void tls_fingerprint(const struct certificate_server *server, char ret_text[TLS_FINGERPRINT_SIZE])
{
	for (size_t i = 0; i < CRYPTO_DIGEST_SIZE; i++)
		snprintf(ret_text + 3 * i, 4, "%02X%s", server->fingerprint[i],
		    i + 1 < CRYPTO_DIGEST_SIZE ? ":" : "");
}

/* The key that is there, or a new one. */
static bool obtain_key(
    struct box *box, char ret_private[CRYPTO_PEM_SIZE], char ret_public[CRYPTO_PEM_SIZE], struct err *err)
{
	OWN(buf_done) struct buf pem = BUF_INIT(PEM_BYTES_MAX);
	if (!box_has(box, KEY))
		return crypto_pair_make(ret_private, ret_public, err) &&
		    box_write(box, KEY, ret_private, "www-data", 0640, err);
	bool ok = box_read(box, KEY, &pem, err) && text_copy(ret_private, CRYPTO_PEM_SIZE, buf_text(&pem)) &&
	    crypto_pair_public(ret_private, ret_public, err);
	crypto_wipe(pem.data, pem.size);
	return ok ||
	    err_set(err, ERR_CRYPTO,
	        "%s is not a key of P-256: a request can only be made for one of those; move it away "
	        "for a new one",
	        KEY);
}

static bool make_certificate(struct box *box, const struct names *names, const char *private_pem,
    const char *public_pem, struct err *err)
{
	char pem[CERTIFICATE_PEM_SIZE];
	int64_t now_us = clock_now_us();
	const struct certificate_signer itself = {NULL, private_pem};
	struct certificate_order order = {.use = CERTIFICATE_BOX,
	    .common_name = names->list[0],
	    .public_pem = public_pem,
	    /* A browser whose clock is a little behind takes it, too. */
	    .not_before_us = now_us - day_us,
	    .not_after_us = now_us + VALID_DAYS * day_us};
	memcpy(order.names, names->list, sizeof order.names);
	return certificate_issue(&itself, &order, pem, err) &&
	    box_write(box, CERTIFICATE, pem, NULL, 0644, err);
}

static bool make_request(struct box *box, const struct names *names, const char *private_pem, struct err *err)
{
	char pem[CERTIFICATE_PEM_SIZE];
	if (!certificate_server_request(private_pem, names->list, pem, err) ||
	    !box_write(box, TLS "/request.pem", pem, NULL, 0644, err))
		return false;
	struct certificate_server server;
	if (!tls_read(box, &server, NULL) || server.self_made)
		fprintf(box->told,
		    "note: have the hospital's authority sign " TLS "/request.pem, then run\n"
		    "  daybreak setup --certificate FILE\n");
	return true;
}

static bool ends_soon(const struct certificate_server *server)
{
	return server->not_after_us < clock_now_us() + TLS_RENEW_DAYS * day_us;
}

/* Whether the certificate that is there will do. One of the hospital's always does: only a person replaces
 * it. */
static bool is_fit(const struct box *box, const struct names *names)
{
	struct certificate_server server;
	if (!tls_read(box, &server, NULL))
		return box_has(box, CERTIFICATE);
	if (!server.self_made)
		return true;
	for (size_t i = 0; i < names->count; i++)
		if (!certificate_server_covers(&server, names->list[i]))
			return false;
	return !ends_soon(&server);
}

bool tls_make(struct box *box, const struct answers *answers, struct err *err)
{
	struct names names;
	char private_pem[CRYPTO_PEM_SIZE], public_pem[CRYPTO_PEM_SIZE];
	bool wants_request = strcmp(answers->tls, "request") == 0;
	if (!take_names(answers, &names, err))
		return false;
	if (is_fit(box, &names) && !wants_request)
		return true;
	bool ok = obtain_key(box, private_pem, public_pem, err) &&
	    (is_fit(box, &names) || make_certificate(box, &names, private_pem, public_pem, err)) &&
	    (!wants_request || make_request(box, &names, private_pem, err));
	crypto_wipe(private_pem, sizeof private_pem);
	return ok;
}

bool tls_renew(struct box *box, const struct answers *answers, struct err *err)
{
	struct certificate_server server;
	if (!tls_read(box, &server, err))
		return false;
	if (!ends_soon(&server))
		return true;
	if (server.self_made)
		return tls_make(box, answers, err);
	fprintf(box->told,
	    "note: the certificate of %s ends soon; daybreak setup --tls request asks for a new one\n",
	    server.issuer);
	return true;
}

/* What the hospital issued */

static bool read_pem(const char *path, struct buf *to, struct err *err)
{
	if (!file_read(path, to, err))
		return false;
	return strstr(buf_text(to), "-----BEGIN ") ||
	    err_set(err, ERR_UNSUPPORTED,
	        "%s is not PEM text: turn it into that with openssl x509 -inform DER, or openssl pkcs12 "
	        "-nodes for a .pfx file",
	        path);
}

static bool check_dates(const struct certificate_server *server, struct err *err)
{
	char date[CLOCK_TEXT_SIZE];
	int64_t now_us = clock_now_us();
	bool future = server->not_before_us > now_us;
	clock_format(date, future ? server->not_before_us : server->not_after_us);
	if (future)
		return err_set(err, ERR_BAD_INPUT,
		    "the certificate is valid from %s on; is this machine's clock right?", date);
	return server->not_after_us > now_us ||
	    err_set(err, ERR_BAD_INPUT, "the certificate ended at %s", date);
}

/* One of the box's names is enough: the others are told of. */
static bool check_names(
    struct box *box, const struct answers *answers, const struct certificate_server *server, struct err *err)
{
	struct names names;
	size_t covered = 0;
	if (!take_names(answers, &names, err))
		return false;
	for (size_t i = 0; i < names.count; i++)
		covered += certificate_server_covers(server, names.list[i]);
	if (!covered)
		return err_set(err, ERR_BAD_INPUT,
		    "the certificate is for %.100s, the box is called %.100s: give --names with the name "
		    "that browsers will use",
		    server->names[0] ? server->names : "no name at all", answers->names);
	for (size_t i = 0; i < names.count; i++)
		if (!certificate_server_covers(server, names.list[i]))
			fprintf(box->told,
			    "note: the certificate is not for %s; browsers that come by this name will "
			    "warn\n",
			    names.list[i]);
	return true;
}

static bool place(struct box *box, const char *certificate_pem, const char *private_pem, struct err *err)
{
	OWN(buf_done) struct buf present = BUF_INIT(PEM_BYTES_MAX);
	if (box_read(box, CERTIFICATE, &present, NULL) && strcmp(buf_text(&present), certificate_pem) == 0)
		return true;
	if (private_pem &&
	    (!box_keep(box, KEY, TLS "/key.before.pem", err) ||
	        !box_write(box, KEY, private_pem, "www-data", 0640, err)))
		return false;
	return box_keep(box, CERTIFICATE, TLS "/certificate.before.pem", err) &&
	    box_write(box, CERTIFICATE, certificate_pem, NULL, 0644, err);
}

bool tls_install(struct box *box, const struct answers *answers, const char *certificate_path,
    const char *key_path, struct err *err)
{
	OWN(buf_done) struct buf certificate = BUF_INIT(PEM_BYTES_MAX);
	OWN(buf_done) struct buf key = BUF_INIT(PEM_BYTES_MAX);
	struct certificate_server server;
	if (!read_pem(certificate_path, &certificate, err) ||
	    !(key_path ? read_pem(key_path, &key, err) : box_read(box, KEY, &key, err)))
		return false;
	bool ok = certificate_server_read(buf_text(&certificate), buf_text(&key), &server, err) &&
	    check_dates(&server, err) && check_names(box, answers, &server, err) &&
	    place(box, buf_text(&certificate), key_path ? buf_text(&key) : NULL, err);
	crypto_wipe(key.data, key.size);
	return ok;
}
