#include "function/settings.h"

#include "base/file.h"
#include "base/text.h"

#include <string.h>

static const char *variable(const char *name, const char *fallback)
{
	const char *value = getenv(name);
	return value && *value ? value : fallback;
}

static bool number(const char *name, int fallback, int min, int max, int *ret_value, struct err *err)
{
	const char *text = variable(name, NULL);
	int64_t value = fallback;
	if (text && (!text_to_i64(text, &value) || value < min || value > max))
		return err_set(
		    err, ERR_BAD_INPUT, "%s is to be a whole number from %d to %d", name, min, max);
	*ret_value = (int)value;
	return true;
}

static bool read_key(struct settings *settings, struct err *err)
{
	const char *path = variable("DAYBREAK_KEY_FILE", NULL), *text = variable("DAYBREAK_KEY", NULL);
	char public_pem[CRYPTO_PEM_SIZE];
	OWN(buf_done) struct buf pem = BUF_INIT(CRYPTO_PEM_SIZE - 1);
	if (path && !file_read(path, &pem, err))
		return err_add(err, "DAYBREAK_KEY_FILE");
	if (path)
		text = buf_text(&pem);
	if (!text)
		return err_set(
		    err, ERR_BAD_INPUT, "DAYBREAK_KEY_FILE or DAYBREAK_KEY is needed: the private key");
	bool ok = text_copy(settings->key, sizeof settings->key, text) ||
	    err_set(err, ERR_BAD_INPUT, "the private key is longer than one of P-256");
	if (pem.size)
		crypto_wipe(pem.data, pem.size);
	return ok &&
	    (crypto_pair_public(settings->key, public_pem, err) || err_add(err, "the private key")) &&
	    crypto_public_digest(public_pem, settings->key_digest, err);
}

static bool read_contract(struct settings *settings, struct err *err)
{
	settings->runtime_api = variable("AWS_LAMBDA_RUNTIME_API", NULL);
	settings->listen = variable("DAYBREAK_LISTEN", "127.0.0.1");
	if (settings->runtime_api) {
		settings->contract = CONTRACT_LAMBDA;
		return true;
	}
	bool azure = variable("FUNCTIONS_CUSTOMHANDLER_PORT", NULL) != NULL;
	settings->contract = azure ? CONTRACT_AZURE : CONTRACT_HTTP;
	return number(azure ? "FUNCTIONS_CUSTOMHANDLER_PORT" : "PORT", 8080, 0, 65535, &settings->port, err);
}

bool settings_read(struct settings *ret_settings, struct err *err)
{
	struct settings settings = {
	    .region = variable("DAYBREAK_REGION", variable("AWS_REGION", NULL)),
	    .model = variable("DAYBREAK_MODEL", NULL),
	    .sites = variable("DAYBREAK_SITES", ""),
	    .deny = variable("DAYBREAK_DENY", ""),
	    .gateway_secret = variable("DAYBREAK_GATEWAY_SECRET", ""),
	};
	if (!settings.region)
		return err_set(err, ERR_BAD_INPUT, "DAYBREAK_REGION is needed: the region that this runs in");
	if (*settings.gateway_secret && strlen(settings.gateway_secret) < 16)
		return err_set(err, ERR_BAD_INPUT, "DAYBREAK_GATEWAY_SECRET is shorter than 16 characters");
	if (!number("DAYBREAK_CONCURRENCY", 1, 1, SETTINGS_CONCURRENCY_MAX, &settings.concurrency, err) ||
	    !read_contract(&settings, err) || !read_key(&settings, err))
		return false;
	*ret_settings = settings;
	crypto_wipe(settings.key, sizeof settings.key);
	return true;
}

const char *settings_contract_name(enum settings_contract contract)
{
	static const char *const names[] = {
	    [CONTRACT_HTTP] = "http", [CONTRACT_AZURE] = "azure", [CONTRACT_LAMBDA] = "lambda"};
	return names[contract];
}
