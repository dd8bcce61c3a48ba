#include "authority/authority.h"

#include "base/file.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

#define SECOND_US INT64_C(1000000)
#define DAY_US (86400 * SECOND_US)

/* Clocks differ: a certificate counts from a little before it was made. */
static const int64_t before_us = 300 * SECOND_US;

struct authority {
	char folder[LIMIT_PATH];
	char certificate[CERTIFICATE_PEM_SIZE], key[CRYPTO_PEM_SIZE];
	struct registry *registry;
};

static void print_fingerprint(const uint8_t digest[CRYPTO_DIGEST_SIZE], char to[REGISTRY_FINGERPRINT_SIZE])
{
	text_hex(to, digest, CRYPTO_DIGEST_SIZE);
}

/* The folder */

static bool make_own(const char *name, int64_t valid_s, int64_t now_us, char ret_key[CRYPTO_PEM_SIZE],
    char ret_pem[CERTIFICATE_PEM_SIZE], struct err *err)
{
	char public_pem[CRYPTO_PEM_SIZE];
	if (!crypto_pair_make(ret_key, public_pem, err))
		return false;
	const struct certificate_signer self = {.private_pem = ret_key};
	const struct certificate_order order = {.use = CERTIFICATE_AUTHORITY,
	    .common_name = name,
	    .public_pem = public_pem,
	    .not_before_us = now_us - before_us,
	    .not_after_us = now_us + valid_s * SECOND_US};
	return certificate_issue(&self, &order, ret_pem, err);
}

bool authority_init(const char *folder, const char *name, int64_t valid_s, int64_t now_us, struct err *err)
{
	OWN(authority_close) struct authority *authority = NULL;
	char key[CRYPTO_PEM_SIZE], pem[CERTIFICATE_PEM_SIZE], path[LIMIT_PATH];
	if (!folder_make(folder, err) || !folder_path(folder, "authority.key", path, err))
		return false;
	if (file_exists(path))
		return err_set(err, ERR_CONFLICT, "there is an authority in %s already", folder);
	bool ok = make_own(name, valid_s, now_us, key, pem, err) &&
	    folder_write_text(folder, "ca.pem", pem, 0644, err) && folder_write_text(folder, "authority.key", key, 0600, err);
	crypto_wipe(key, sizeof key);
	return ok && authority_open(folder, &authority, err) && authority_list(authority, now_us, err);
}

bool authority_open(const char *folder, struct authority **ret_authority, struct err *err)
{
	OWN(authority_close) struct authority *authority = calloc(1, sizeof *authority);
	char path[LIMIT_PATH];
	if (!authority)
		return err_set(err, ERR_NO_MEMORY, "opening %s", folder);
	if (!text_copy(authority->folder, sizeof authority->folder, folder) ||
	    !folder_path(folder, "authority.db", path, err))
		return err_set(err, ERR_BAD_INPUT, "path too long: %s", folder);
	if (!folder_read_text(folder, "ca.pem", authority->certificate, sizeof authority->certificate, err) ||
	    !folder_read_text(folder, "authority.key", authority->key, sizeof authority->key, err) ||
	    !registry_open(path, &authority->registry, err))
		return err_add(err, "opening the authority of %s", folder);
	*ret_authority = TAKE(authority);
	return true;
}

void authority_close(struct authority *authority)
{
	if (!authority)
		return;
	registry_close(authority->registry);
	crypto_wipe(authority->key, sizeof authority->key);
	free(authority);
}

struct registry *authority_registry(struct authority *authority)
{
	return authority->registry;
}

const char *authority_certificate(const struct authority *authority)
{
	return authority->certificate;
}

/* Issuing */

static struct certificate_signer signer_of(const struct authority *authority)
{
	return (struct certificate_signer){authority->certificate, authority->key};
}

/* Issues and writes the row. */
static bool issue(struct authority *authority, const struct certificate_order *order, int64_t now_us,
    struct registry_certificate *ret_certificate, struct err *err)
{
	const struct certificate_signer signer = signer_of(authority);
	struct registry_certificate made = {.use = order->use};
	struct certificate_facts own, facts;
	if (!certificate_read(authority->certificate, &own, err))
		return false;
	if (order->not_after_us > own.not_after_us)
		return err_set(err, ERR_BAD_INPUT,
		    "the certificate would outlive the authority's own: make a new authority");
	if (!certificate_issue(&signer, order, made.pem, err) || !certificate_read(made.pem, &facts, err))
		return false;
	text_copy(made.serial, sizeof made.serial, facts.serial);
	text_copy(made.site, sizeof made.site, facts.common_name);
	print_fingerprint(facts.key_digest, made.fingerprint);
	made.not_before_us = facts.not_before_us;
	made.not_after_us = facts.not_after_us;
	if (!registry_add(authority->registry, &made, now_us, err))
		return false;
	*ret_certificate = made;
	return true;
}

/* One that is valid for very short counts back no further than it counts on. */
static struct certificate_order site_order(
    const struct certificate_asked *asked, int64_t valid_us, int64_t now_us)
{
	return (struct certificate_order){.use = CERTIFICATE_SITE,
	    .common_name = asked->common_name,
	    .public_pem = asked->public_pem,
	    .not_after_us = now_us + valid_us,
	    .not_before_us = now_us - (valid_us < before_us ? valid_us : before_us)};
}

/* A name that looks the same in a log, a shell and a configuration. */
static bool is_site(const char *site)
{
	return site[0] && strlen(site) < CERTIFICATE_NAME_SIZE &&
	    strspn(site, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == strlen(site);
}

/* Asking */

bool authority_look(struct authority *authority, const char *fingerprint, int64_t now_us,
    struct authority_answer *ret_answer, struct err *err)
{
	struct registry_request request;
	struct registry_certificate certificate;
	struct authority_answer answer = {0};
	if (!registry_request(authority->registry, fingerprint, &request, err))
		return false;
	if (request.state == REGISTRY_DENIED)
		return err_set(err, ERR_FORBIDDEN, "the administrator of the authority denied this request");
	text_copy(answer.fingerprint, sizeof answer.fingerprint, request.fingerprint);
	text_copy(answer.site, sizeof answer.site, request.common_name);
	if (request.state == REGISTRY_APPROVED) {
		if (!registry_certificate(authority->registry, request.serial, &certificate, err))
			return false;
		if (certificate.revoked_us)
			return err_set(err, ERR_FORBIDDEN,
			    "the certificate of this key was revoked: ask with a new key");
		if (certificate.not_after_us <= now_us)
			return err_set(err, ERR_FORBIDDEN,
			    "the certificate of this key has expired: ask with a new key");
		answer.approved = true;
		text_copy(answer.certificate, sizeof answer.certificate, certificate.pem);
	}
	*ret_answer = answer;
	return true;
}

static bool ask_within(struct authority *authority, const struct registry_request *request, int64_t now_us,
    struct authority_answer *ret_answer, struct err *err)
{
	struct err none;
	bool is_new = false;
	if (!authority_look(authority, request->fingerprint, now_us, ret_answer, &none)) {
		if (none.code != ERR_NOT_FOUND) {
			*err = none;
			return false;
		}
		is_new = true;
		if (!registry_ask(authority->registry, request, now_us, err) ||
		    !authority_look(authority, request->fingerprint, now_us, ret_answer, err))
			return false;
	}
	ret_answer->is_new = is_new;
	return true;
}

bool authority_ask(struct authority *authority, const char *request_pem, int64_t now_us,
    struct authority_answer *ret_answer, struct err *err)
{
	struct certificate_asked asked;
	struct registry_request request = {.state = REGISTRY_WAITING};
	if (!certificate_request_read(request_pem, &asked, err))
		return false;
	if (!is_site(asked.common_name))
		return err_set(
		    err, ERR_BAD_INPUT, "a site's name is 1 to 64 letters, digits, '.', '_' or '-'");
	print_fingerprint(asked.key_digest, request.fingerprint);
	text_copy(request.common_name, sizeof request.common_name, asked.common_name);
	if (!text_copy(request.request, sizeof request.request, request_pem))
		return err_set(
		    err, ERR_TOO_LARGE, "a request has at most %d bytes", CERTIFICATE_PEM_SIZE - 1);
	if (!registry_begin(authority->registry, err))
		return false;
	if (!ask_within(authority, &request, now_us, ret_answer, err)) {
		registry_rollback(authority->registry);
		return false;
	}
	return registry_commit(authority->registry, err);
}

/* Deciding */

static bool approve_within(struct authority *authority, const char *fingerprint, const char *site,
    int64_t valid_s, int64_t now_us, struct err *err)
{
	struct registry_request request;
	struct registry_certificate made;
	struct certificate_asked asked;
	if (!registry_request(authority->registry, fingerprint, &request, err))
		return false;
	if (request.state != REGISTRY_WAITING)
		return err_set(err, ERR_CONFLICT, "that request was %s before",
		    request.state == REGISTRY_APPROVED ? "approved" : "denied");
	if (strcmp(request.common_name, site) != 0)
		return err_set(
		    err, ERR_BAD_INPUT, "the request is for %s, not for %s", request.common_name, site);
	if (!certificate_request_read(request.request, &asked, err))
		return false;
	const struct certificate_order order = site_order(&asked, valid_s * SECOND_US, now_us);
	return issue(authority, &order, now_us, &made, err) &&
	    registry_decide(authority->registry, fingerprint, REGISTRY_APPROVED, made.serial, now_us, err);
}

bool authority_approve(struct authority *authority, const char *fingerprint, const char *site,
    int64_t valid_s, int64_t now_us, struct err *err)
{
	if (!registry_begin(authority->registry, err))
		return false;
	if (!approve_within(authority, fingerprint, site, valid_s, now_us, err)) {
		registry_rollback(authority->registry);
		return false;
	}
	return registry_commit(authority->registry, err);
}

bool authority_deny(struct authority *authority, const char *fingerprint, int64_t now_us, struct err *err)
{
	struct registry_request request;
	if (!registry_request(authority->registry, fingerprint, &request, err))
		return false;
	if (request.state == REGISTRY_APPROVED)
		return err_set(
		    err, ERR_CONFLICT, "that request was approved before: revoke its certificate instead");
	return registry_decide(authority->registry, fingerprint, REGISTRY_DENIED, NULL, now_us, err);
}

bool authority_revoke(struct authority *authority, const char *site, const char *serial, int64_t now_us,
    int *ret_count, struct err *err)
{
	if (!registry_revoke(authority->registry, site, serial, now_us, ret_count, err))
		return false;
	if (!*ret_count)
		return err_set(err, ERR_NOT_FOUND, "there is no certificate of %s left to take back",
		    site ? site : serial);
	return authority_list(authority, now_us, err);
}

/* Renewing */

static bool renew_within(struct authority *authority, const struct registry_certificate *before,
    const struct certificate_asked *asked, int64_t now_us, struct registry_certificate *ret_made,
    struct err *err)
{
	char fingerprint[REGISTRY_FINGERPRINT_SIZE];
	struct err none;
	int count;
	/* Asked again for the same key: the answer was lost, not the certificate. */
	print_fingerprint(asked->key_digest, fingerprint);
	if (registry_following(authority->registry, before, fingerprint, ret_made, &none))
		return true;
	if (none.code != ERR_NOT_FOUND) {
		*err = none;
		return false;
	}
	if (!registry_count(authority->registry, before->site, now_us, &count, err))
		return false;
	if (count >= AUTHORITY_CERTIFICATES_MAX)
		return err_set(err, ERR_TOO_MANY,
		    "%s has %d certificates that count: wait until one has ended", before->site, count);
	int64_t valid_us = before->not_after_us - before->not_before_us;
	/* The part before its making was given on top. */
	valid_us = valid_us > 2 * before_us ? valid_us - before_us : valid_us / 2;
	const struct certificate_order order = site_order(asked, valid_us, now_us);
	return issue(authority, &order, now_us, ret_made, err);
}

bool authority_renew(struct authority *authority, const char *serial, const char *subject,
    const char *request_pem, int64_t now_us, char ret_pem[CERTIFICATE_PEM_SIZE], struct err *err)
{
	struct registry_certificate before, made;
	struct certificate_asked asked;
	struct certificate_facts facts;
	if (!registry_certificate(authority->registry, serial, &before, err) ||
	    !certificate_read(before.pem, &facts, err))
		return false;
	if (before.use != CERTIFICATE_SITE || strcmp(facts.subject, subject) != 0)
		return err_set(err, ERR_FORBIDDEN, "the certificate shown is not one of a box");
	if (before.revoked_us)
		return err_set(err, ERR_FORBIDDEN, "the certificate was revoked: it is not renewed");
	if (before.not_after_us <= now_us)
		return err_set(err, ERR_FORBIDDEN, "the certificate has expired: enrol again");
	if (!certificate_request_read(request_pem, &asked, err))
		return false;
	if (strcmp(asked.common_name, before.site) != 0)
		return err_set(err, ERR_FORBIDDEN, "the request is for %s under the certificate of %s",
		    asked.common_name, before.site);
	if (!registry_begin(authority->registry, err))
		return false;
	if (!renew_within(authority, &before, &asked, now_us, &made, err)) {
		registry_rollback(authority->registry);
		return false;
	}
	if (!registry_commit(authority->registry, err))
		return false;
	memcpy(ret_pem, made.pem, sizeof made.pem);
	return true;
}

/* Gateways */

bool authority_gateway(struct authority *authority, const char *const names[CERTIFICATE_NAMES_MAX],
    int64_t valid_s, const char *folder, int64_t now_us, struct err *err)
{
	char key[CRYPTO_PEM_SIZE], public_pem[CRYPTO_PEM_SIZE];
	struct registry_certificate made;
	if (!names[0])
		return err_set(err, ERR_BAD_INPUT, "a gateway needs a name");
	struct certificate_order order = {.use = CERTIFICATE_GATEWAY,
	    .common_name = names[0],
	    .public_pem = public_pem,
	    .not_before_us = now_us - before_us,
	    .not_after_us = now_us + valid_s * SECOND_US};
	for (int i = 0; i < CERTIFICATE_NAMES_MAX; i++)
		order.names[i] = names[i];
	bool ok = crypto_pair_make(key, public_pem, err) && issue(authority, &order, now_us, &made, err) &&
	    folder_make(folder, err) && folder_write_text(folder, "key.pem", key, 0600, err) &&
	    folder_write_text(folder, "certificate.pem", made.pem, 0644, err);
	crypto_wipe(key, sizeof key);
	return ok;
}

/* The list */

static bool list_within(struct authority *authority, int64_t now_us, struct err *err)
{
	const struct certificate_signer signer = signer_of(authority);
	OWN(free) struct certificate_revoked *revoked = NULL;
	OWN(buf_done) struct buf list = BUF_INIT((CERTIFICATE_REVOKED_MAX + 100) * 100);
	size_t count;
	int64_t number;
	return registry_revoked(authority->registry, now_us, &revoked, &count, err) &&
	    registry_next_list(authority->registry, now_us, &number, err) &&
	    certificate_list(&signer, revoked, count, number, now_us - before_us,
	        now_us + AUTHORITY_LIST_DAYS * DAY_US, &list, err) &&
	    folder_write_text(authority->folder, "crl.pem", buf_text(&list), 0644, err);
}

/* Under the database's lock, so that the server's daily list cannot undo what the command line takes back. */
bool authority_list(struct authority *authority, int64_t now_us, struct err *err)
{
	if (!registry_begin(authority->registry, err))
		return false;
	if (!list_within(authority, now_us, err)) {
		registry_rollback(authority->registry);
		return false;
	}
	return registry_commit(authority->registry, err);
}

bool authority_list_fresh(struct authority *authority, int64_t now_us, struct err *err)
{
	int64_t number, made_us;
	if (!registry_list(authority->registry, &number, &made_us, err))
		return false;
	bool is_fresh = made_us <= now_us && now_us - made_us < DAY_US;
	return is_fresh || authority_list(authority, now_us, err);
}
