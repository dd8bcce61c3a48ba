/* What the clinic allows in the cloud: one JSON file that the administrator owns and both sides of the wall read.
 * The daemon takes from it the keys it seals to and the limits it plans with; the agent takes the addresses, and holds
 * the regions, the budget and the uplink once more, so that neither alone can break the clinic's policy.
 *
 *   {"site": "clinic-7f3a",                      pseudonym of this box: the CN of its certificate
 *    "regions": ["eu-central-1"],                nothing is sent anywhere else
 *    "budget": {"day": 2.0, "month": 20.0},      US dollars; both are needed
 *    "decision_hour": "07:30",                   in the box's time zone; a patient's own decision time goes before it
 *    "uplink": [{"days": "mon-fri", "from": "05:00", "to": "09:00", "mbit": 20}],   elsewhere without a cap
 *    "hedge_percent": 5,                         of the cuts may be asked for twice at the tail
 *    "always_on_month": 40.0,                    a reserved machine of the same peak, to compare costs with
 *    "authority": {"url": "https://...", "ca": "ca.pem"},     where certificates come from; may be left out
 *    "updates": {"url": "https://...", "ca": "ca.pem"},       where the appliance's updates come from; may be left out
 *    "endpoints": [{"name": "frankfurt", "url": "https://burst.example:8443", "region": "eu-central-1",
 *        "ca": "ca.pem", "key": "function.pem",  server's CA; public key that batches are sealed to
 *        "slots": 8, "memory_mb": 1769, "price_gb_s": 0.0000166667, "price_request": 0.0000002}]}
 *
 * Both look at it every second or two: another file that is right is taken up, and one that is broken changes nothing and is told.
 *
 * Needed are site, regions, budget, endpoints and all of an endpoint; without a region or an endpoint in the list nothing
 * leaves. The rest is as above when left out, but for uplink, authority and updates: none. A name that is not here is
 * refused. Where windows of the uplink overlap, the lower cap holds.
 * Paths are relative to the file's folder. Prices are dollars, settings rather than constants. */
#pragma once

#include "base/crypto.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/own.h"

enum {
	CLOUD_ENDPOINTS_MAX = 8,
	CLOUD_REGIONS_MAX = 8,
	CLOUD_SLOTS_MAX = 64, /* of one endpoint: a slot is a thread and a connection */
	CLOUD_WINDOWS_MAX = 16,
	CLOUD_NAME_MAX = 64,
	CLOUD_URL_MAX = 256,
};

struct cloud_endpoint {
	char name[CLOUD_NAME_MAX], url[CLOUD_URL_MAX], region[CLOUD_NAME_MAX];
	char ca[LIMIT_PATH];            /* path of a PEM file */
	char key[CRYPTO_PEM_SIZE];      /* PEM text: the function's public key */
	int slots, memory_mb;
	double price_gb_s, price_request; /* dollars */
	bool allowed;                   /* its region is one of the clinic's */
};

struct cloud_window {
	unsigned days; /* bit 0: Monday */
	int from_min, to_min; /* minutes of the local day; from < to */
	double mbit;
};

struct cloud {
	char site[CLOUD_NAME_MAX];
	char regions[CLOUD_REGIONS_MAX][CLOUD_NAME_MAX];
	int regions_count;
	double budget_day, budget_month; /* dollars */
	int decision_min; /* minutes of the local day */
	struct cloud_window windows[CLOUD_WINDOWS_MAX];
	int windows_count;
	int hedge_percent;
	double always_on_month;
	char authority_url[CLOUD_URL_MAX], authority_ca[LIMIT_PATH]; /* "": none */
	char updates_url[CLOUD_URL_MAX], updates_ca[LIMIT_PATH];     /* likewise; holds channel.json of agent/channel.h */
	struct cloud_endpoint endpoints[CLOUD_ENDPOINTS_MAX];
	int endpoints_count;
};

/* ERR_BAD_INPUT with the member that is wrong. An endpoint outside the regions is kept, not allowed: it is shown,
 * refused and reported. The caller frees. */
bool cloud_load(const char *path, struct cloud **ret_cloud, struct err *err);
/* The same of a text; folder is what paths are relative to. For tests and fuzzing. */
bool cloud_parse(const char *text, size_t size, const char *folder, struct cloud **ret_cloud, struct err *err);
void cloud_free(struct cloud *cloud);
/* Whether another file lies there than when *stamp was taken (file_stamp), which is taken anew. Of one that is broken err
 * says what is wrong, once; the caller keeps to the one before. */
enum cloud_news { CLOUD_SAME, CLOUD_OTHER, CLOUD_BROKEN };
enum cloud_news cloud_look(const char *path, int64_t *stamp, struct err *err);
OWN_DEFINE(struct cloud *, cloud_free)

/* The next time the decision hour strikes after now_us, in the time zone of the process; UTC microseconds. */
int64_t cloud_decision_us(const struct cloud *cloud, int64_t now_us);
/* Bytes a second that may go out now; 0: no cap. */
double cloud_uplink(const struct cloud *cloud, int64_t now_us);
/* What an invocation costs, in nano-dollars (1e-9), rounded to the nearest:
 * billed_ms / 1000 x memory_mb / 1024 x price_gb_s + price_request (AWS Lambda's formula). */
int64_t cloud_cost_nano(const struct cloud_endpoint *endpoint, int64_t billed_ms);
