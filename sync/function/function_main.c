/* daybreak-function: answers sealed batches wherever it is put; see function.h. */
#include "base/clock.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "function/function.h"
#include "function/http.h"
#include "function/journal.h"
#include "function/lambda.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { EXIT_USAGE = 2 };

/* Cloud Run kills ten seconds after it asks. */
enum { DRAIN_MS = 8000 };

static const char usage[] =
    "usage: daybreak-function                   answer batches; the environment says how\n"
    "                                           (DAYBREAK_KEY_FILE, DAYBREAK_REGION, PORT ...)\n"
    "       daybreak-function key --out F.pem   make a key pair: F.pem to keep, F.public.pem\n"
    "                                           for the clinics\n"
    "       daybreak-function --help\n";

static int fail(const struct err *err)
{
	journal_line(
	    "ERROR", "failed", json_pack("{s:s, s:s}", "code", err_name(err->code), "sentence", err->detail));
	return EXIT_FAILURE;
}

static int fail_to_start(const struct err *err)
{
	const char *runtime_api = getenv("AWS_LAMBDA_RUNTIME_API");
	if (runtime_api && *runtime_api)
		lambda_fail(runtime_api, err);
	return fail(err);
}

/* Never over a key that is there: batches may be sealed to it. */
static bool make_key(const char *path, char public_path[LIMIT_PATH], struct err *err)
{
	char private_pem[CRYPTO_PEM_SIZE], public_pem[CRYPTO_PEM_SIZE];
	size_t stem = strlen(path) - strlen(".pem");
	if (stem + sizeof ".public.pem" > LIMIT_PATH)
		return err_set(err, ERR_BAD_INPUT, "path too long: %s", path);
	snprintf(public_path, LIMIT_PATH, "%.*s.public.pem", (int)stem, path);
	if (file_exists(path) || file_exists(public_path))
		return err_set(err, ERR_CONFLICT, "%s or %s is there already", path, public_path);
	bool ok = crypto_pair_make(private_pem, public_pem, err) &&
	    file_write(path, private_pem, strlen(private_pem), 0600, err) &&
	    file_write(public_path, public_pem, strlen(public_pem), 0644, err);
	crypto_wipe(private_pem, sizeof private_pem);
	return ok;
}

static int run_key(int count, char **arguments)
{
	char public_path[LIMIT_PATH];
	struct err err;
	if (count != 2 || strcmp(arguments[0], "--out") != 0 || !text_ends(arguments[1], ".pem")) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	if (!make_key(arguments[1], public_path, &err)) {
		fprintf(stderr, "daybreak-function: %s (%s)\n", err.detail, err_name(err.code));
		return EXIT_FAILURE;
	}
	printf("%s\n", public_path);
	return EXIT_SUCCESS;
}

static sigset_t stop_signals(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	return set;
}

static int run_http(const struct settings *settings, struct function *function)
{
	OWN(http_stop) struct http *http = NULL;
	struct err err;
	sigset_t stop = stop_signals();
	int number;
	if (!http_start(settings, function, &http, &err))
		return fail(&err);
	if (!*settings->gateway_secret && !*settings->sites)
		journal_line("WARNING", "open",
		    json_pack("{s:s}", "sentence",
		        "without DAYBREAK_GATEWAY_SECRET and DAYBREAK_SITES whoever comes is answered"));
	journal_line("INFO", "listening", json_pack("{s:i, s:s}", "port", http_port(http), "contract",
	    settings_contract_name(settings->contract)));
	sigwait(&stop, &number);
	journal_line("INFO", "stopping", NULL);
	function_drain(function, DRAIN_MS);
	return EXIT_SUCCESS;
}

static volatile sig_atomic_t stopping;

static void on_stop(int number)
{
	(void)number;
	stopping = 1;
}

static bool is_stopping(void)
{
	return stopping;
}

static int run_lambda(const struct settings *settings, struct function *function)
{
	struct err err;
	sigset_t stop = stop_signals();
	struct sigaction action = {.sa_handler = on_stop};
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	pthread_sigmask(SIG_UNBLOCK, &stop, NULL);
	return lambda_run(settings, function, is_stopping, &err) ? EXIT_SUCCESS : fail(&err);
}

/* When this process began to cost: what the loader took before main counts. */
static int64_t process_start_us(void)
{
	struct timespec used;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return clock_monotonic_us() - (used.tv_sec * INT64_C(1000000) + used.tv_nsec / 1000);
}

int main(int argc, char **argv)
{
	int64_t started_us = process_start_us();
	struct settings settings;
	OWN(function_close) struct function *function = NULL;
	struct err err;
	if (argc > 1 && strcmp(argv[1], "key") == 0)
		return run_key(argc - 2, argv + 2);
	if (argc > 1) {
		bool help = strcmp(argv[1], "--help") == 0;
		fputs(usage, help ? stdout : stderr);
		return help ? EXIT_SUCCESS : EXIT_USAGE;
	}
	/* What a batch took goes back to the system, rather than stay in a pool of each thread that ever
	 * read one. */
	mallopt(M_MMAP_THRESHOLD, 256 << 10);
	/* Threads inherit it: only the main thread takes these. */
	sigset_t stop = stop_signals();
	pthread_sigmask(SIG_BLOCK, &stop, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (!settings_read(&settings, &err) || !function_open(&settings, started_us, &function, &err))
		return fail_to_start(&err);
	int status = settings.contract == CONTRACT_LAMBDA ? run_lambda(&settings, function)
	                                                  : run_http(&settings, function);
	crypto_wipe(settings.key, sizeof settings.key);
	return status;
}
