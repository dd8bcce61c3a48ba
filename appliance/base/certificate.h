/* Certificates: X.509 version 3 (RFC 5280) over P-256 keys, signed by ECDSA with SHA-256, as PEM texts. One
 * authority, no intermediates: its certificate signs those of sites (TLS clients) and gateways (TLS servers)
 * and the list of those it took back. What is read may come from anywhere; what is written is DER as the RFCs
 * ask for it, with mbedTLS's ASN.1 writer (mbedTLS 2.28 itself writes no lists, and a NULL into ECDSA's
 * algorithm that RFC 5758 forbids). */
#pragma once

#include "base/buf.h"
#include "base/crypto.h"

enum {
	CERTIFICATE_PEM_SIZE = 2048, /* ours take about 900 bytes */
	CERTIFICATE_NAME_SIZE = 65,  /* a common name has at most 64 characters (RFC 5280, ub-common-name) */
	CERTIFICATE_SUBJECT_SIZE = 256,
	CERTIFICATE_SERIAL_SIZE = 41, /* at most 20 bytes in hex */
	CERTIFICATE_NAMES_MAX = 8,
	/* Certificates of one authority on one list: 45 bytes each. */
	CERTIFICATE_REVOKED_MAX = 10000,
};

/* A box is the server that the lab's browsers see. */
enum certificate_use { CERTIFICATE_AUTHORITY, CERTIFICATE_GATEWAY, CERTIFICATE_SITE, CERTIFICATE_BOX };

struct certificate_facts {
	/* RFC 2253, as nginx shows it: "CN=clinic-7f3a,O=Daybreak site". */
	char subject[CERTIFICATE_SUBJECT_SIZE];
	char common_name[CERTIFICATE_NAME_SIZE];
	char serial[CERTIFICATE_SERIAL_SIZE];    /* upper-case hex without leading zero bytes */
	int64_t not_before_us, not_after_us;     /* UTC */
	uint8_t fingerprint[CRYPTO_DIGEST_SIZE]; /* SHA-256 of the DER */
	uint8_t key_digest[CRYPTO_DIGEST_SIZE];  /* crypto_public_digest of its key */
	enum certificate_use use;
};

/* The first certificate of the text. ERR_DAMAGED: no certificate; ERR_UNSUPPORTED: not of P-256, or no single
 * plain common name. */
bool certificate_read(const char *pem, struct certificate_facts *ret_facts, struct err *err);
/* The first certificate was signed by the authority. Dates and lists are the caller's to look at.
 * ERR_FORBIDDEN: it was not. */
bool certificate_signed_by(const char *pem, const char *authority_pem, struct err *err);

/* A request (PKCS 10) for a site's certificate, signed with the key it is for. */
bool certificate_request(
    const char *private_pem, const char *common_name, char ret_pem[CERTIFICATE_PEM_SIZE], struct err *err);
/* The same for a server's: host names and addresses up to the first NULL; the first is its common name. */
bool certificate_server_request(const char *private_pem, const char *const names[CERTIFICATE_NAMES_MAX],
    char ret_pem[CERTIFICATE_PEM_SIZE], struct err *err);
struct certificate_asked {
	char common_name[CERTIFICATE_NAME_SIZE];
	char public_pem[CRYPTO_PEM_SIZE];
	uint8_t key_digest[CRYPTO_DIGEST_SIZE];
};
/* Untrusted input. The asker holds the key. ERR_DAMAGED: no request; ERR_UNSUPPORTED: not of P-256 and
 * SHA-256, or no single plain common name; ERR_CRYPTO: not signed with its own key. */
bool certificate_request_read(const char *pem, struct certificate_asked *ret_asked, struct err *err);

struct certificate_signer {
	const char *certificate_pem, *private_pem; /* the authority's */
};
struct certificate_order {
	enum certificate_use use;
	const char *common_name;
	/* Of a gateway or a box: host names and addresses (RFC 6125), up to the first NULL. */
	const char *names[CERTIFICATE_NAMES_MAX];
	const char *public_pem;
	int64_t not_before_us, not_after_us;
};
/* Under a random serial number. signer->certificate_pem NULL: signed by itself, a new authority or a box of its own.
 * ERR_BAD_INPUT names what is wrong with the order. */
bool certificate_issue(const struct certificate_signer *signer, const struct certificate_order *order,
    char ret_pem[CERTIFICATE_PEM_SIZE], struct err *err);

/* A certificate that nginx shows to browsers, whoever issued it and whatever its key is. */
enum { CERTIFICATE_NAMES_SIZE = 1024 };
struct certificate_server {
	char names[CERTIFICATE_NAMES_SIZE]; /* host names and addresses that it is for, by comma; as many as fit */
	char issuer[CERTIFICATE_SUBJECT_SIZE];
	int64_t not_before_us, not_after_us;
	uint8_t fingerprint[CRYPTO_DIGEST_SIZE];
	bool self_made;
};
/* The text is the server's certificate and perhaps its issuers, each after the one it issued. private_pem NULL: the key is
 * not looked at. ERR_DAMAGED: no certificate in PEM; ERR_CRYPTO: the key is another one's, or locked by a password. */
bool certificate_server_read(
    const char *pem, const char *private_pem, struct certificate_server *ret_server, struct err *err);
/* It is for this host name or address; "*.example" is for each name right below it. */
bool certificate_server_covers(const struct certificate_server *server, const char *name);

struct certificate_revoked {
	char serial[CERTIFICATE_SERIAL_SIZE];
	int64_t when_us;
};
/* The list of certificates that no longer count, version 2, PEM. number: higher than the last one's. */
bool certificate_list(const struct certificate_signer *signer, const struct certificate_revoked *revoked,
    size_t count, int64_t number, int64_t made_us, int64_t next_us, struct buf *to, struct err *err);
