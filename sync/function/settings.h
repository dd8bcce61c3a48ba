/* What the environment says: a function has no configuration file.
 *
 *   DAYBREAK_KEY_FILE, DAYBREAK_KEY   private key (PEM), in a file or as it is; the public half is for the boxes
 *   DAYBREAK_REGION                   where this runs, as the clinic's policy names it; else AWS_REGION
 *   DAYBREAK_MODEL                    label of the model to read with; else the current one
 *   DAYBREAK_SITES                    sites that may ask, with commas; "*": all with a certificate; empty: anybody
 *   DAYBREAK_DENY                     serial numbers of certificates that may not, hexadecimal, with commas
 *   DAYBREAK_GATEWAY_SECRET           what the gateway proves itself with; needs at least 16 characters
 *   DAYBREAK_CONCURRENCY              batches read at one time, 1..64; 1 if not said
 *   DAYBREAK_LISTEN                   address to listen on; 127.0.0.1 if not said
 *
 * What it speaks is found in this order: AWS_LAMBDA_RUNTIME_API (AWS Lambda), FUNCTIONS_CUSTOMHANDLER_PORT
 * (Azure), PORT (Cloud Run, Knative, OpenFaaS), else HTTP on port 8080. LISTEN_FDS is left out: the HTTP
 * server can not be given a socket. */
#pragma once

#include "base/crypto.h"
#include "base/err.h"

enum { SETTINGS_CONCURRENCY_MAX = 64 };

enum settings_contract { CONTRACT_HTTP, CONTRACT_AZURE, CONTRACT_LAMBDA };

/* Texts are the environment's. */
struct settings {
	char key[CRYPTO_PEM_SIZE];
	uint8_t key_digest[CRYPTO_DIGEST_SIZE]; /* of the public half */
	const char *region;
	const char *model; /* NULL: the current one */
	const char *sites, *deny, *gateway_secret; /* "": none */
	int concurrency;
	enum settings_contract contract;
	const char *runtime_api; /* "host:port"; CONTRACT_LAMBDA */
	const char *listen;
	int port;
};

/* ERR_BAD_INPUT with the variable that is wrong. */
bool settings_read(struct settings *ret_settings, struct err *err);
const char *settings_contract_name(enum settings_contract contract);
