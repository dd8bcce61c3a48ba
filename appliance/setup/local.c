#include "setup/local.h"

#include "base/certificate.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "setup/setup.h"
#include "setup/shares.h"

#include <string.h>

#define EXPORTS "/var/lib/daybreak/exports"
#define CLOUD   BOX_LOCAL "/cloud.json"
static const char head[] = "# Written by daybreak setup; its next run writes it anew. Settings of your own "
                           "belong into /etc/daybreak.\n";

enum { CLOUD_BYTES_MAX = 256 << 10, CA_BYTES_MAX = 64 << 10, SECRET_SIZE = LIMIT_NAME, SECRET_BYTES = 24 };

/* What the daemon's file says; only setup writes it. */
struct daemon_conf {
	char secret[SECRET_SIZE];
	char watch[ANSWERS_SHARES_SIZE];
	char cloud[LIMIT_PATH];
};

/* The secret stays the same, so that nginx and the daemon need not be restarted together; a new one when
 * there is none. */
static bool obtain_secret(struct box *box, char ret_secret[SECRET_SIZE], struct err *err)
{
	OWN(buf_done) struct buf text = BUF_INIT(1 << 16);
	struct daemon_conf found = {0};
	const struct conf_option options[] = {
	    {"proxy_secret", CONF_TEXT, found.secret, sizeof found.secret, 0, 0},
	    {"watch", CONF_LIST, found.watch, sizeof found.watch, 0, 0},
	    {"cloud", CONF_TEXT, found.cloud, sizeof found.cloud, 0, 0}};
	uint8_t random[SECRET_BYTES];
	struct err why = {0};
	if (box_read(box, SETUP_DONE, &text, &why) && conf_parse(buf_text(&text), options, 3, &why) &&
	    found.secret[0]) {
		memcpy(ret_secret, found.secret, SECRET_SIZE);
		return true;
	}
	/* Somebody's own lines are in it: they are kept beside. */
	if (why.code != ERR_NOT_FOUND && !box_keep(box, SETUP_DONE, SETUP_DONE ".before", err))
		return false;
	crypto_random(random, sizeof random);
	text_hex(ret_secret, random, sizeof random);
	return true;
}

static bool write_secret(struct box *box, const char *secret, struct err *err)
{
	char line[SECRET_SIZE + 64];
	snprintf(line, sizeof line, "proxy_set_header X-Daybreak-Proxy \"%s\";\n", secret);
	bool ok = box_write(box, BOX_LOCAL "/proxy-secret.conf", line, "www-data", 0640, err);
	crypto_wipe(line, sizeof line);
	return ok;
}

static bool write_daemon(struct box *box, const struct answers *answers, const char *secret, struct err *err)
{
	OWN(buf_done) struct buf text = BUF_INIT(1 << 16);
	struct shares shares;
	if (!shares_parse(answers->shares, &shares, err))
		return false;
	buf_print(&text, "%sproxy_secret = %s\ncloud = " CLOUD "\nwatch = " EXPORTS "\n", head, secret);
	for (size_t i = 0; i < shares.count; i++)
		buf_print(&text, "watch = " SHARES_FOLDER "/%s\n", shares.list[i].name);
	bool ok = buf_ok(&text, err) && box_write(box, SETUP_DONE, buf_text(&text), "daybreak", 0640, err);
	crypto_wipe(text.data, text.size);
	return ok;
}

static bool write_others(struct box *box, const struct answers *answers, struct err *err)
{
	OWN(buf_done) struct buf sync = BUF_INIT(1 << 16);
	OWN(buf_done) struct buf update = BUF_INIT(1 << 16);
	OWN(buf_done) struct buf kept = BUF_INIT(1 << 16);
	buf_print(&sync, "%scloud = " CLOUD "\n", head);
	buf_print(&update, "%sworking_hours = %s\nautomatic = %s\n", head, answers->working_hours,
	    answers->automatic_updates ? "yes" : "no");
	buf_print(&kept, "# What daybreak setup was answered last; its next run begins with this.\n");
	answers_write(answers, &kept);
	return buf_ok(&sync, err) && buf_ok(&update, err) && buf_ok(&kept, err) &&
	    box_write(box, BOX_LOCAL "/daybreak-sync.conf", buf_text(&sync), NULL, 0644, err) &&
	    box_write(box, BOX_LOCAL "/update.conf", buf_text(&update), NULL, 0644, err) &&
	    box_write(box, SETUP_CONF, buf_text(&kept), NULL, 0644, err);
}

/* The cloud's policy */

static bool add_region(const char *item, void *context, struct err *err)
{
	(void)err;
	return json_array_append_new(context, json_string(item)) == 0;
}

static json_t *money(const char *text)
{
	double dollars = 0;
	text_to_f64(text, &dollars);
	return json_real(dollars);
}

/* What the administrator added by hand, endpoints and authority above all, stays. */
static bool load_cloud(const struct box *box, json_t **ret_cloud, struct err *err)
{
	OWN(buf_done) struct buf text = BUF_INIT(CLOUD_BYTES_MAX);
	struct err why;
	if (!box_read(box, CLOUD, &text, &why)) {
		*ret_cloud = json_object();
		return why.code == ERR_NOT_FOUND || err_set(err, why.code, "%s", why.detail);
	}
	return json_parse((const char *)text.data, text.size, ret_cloud, err) ||
	    err_add(err, CLOUD " is kept, as it cannot be read; correct it or move it away");
}

/* A server that the box asks over TLS: its address, and the authority that its certificate must be of, copied
 * from where it was given. Nothing given: what is there stays. */
static bool write_server(struct box *box, const struct answers *answers, json_t *cloud, const char *name,
    const char *url, const char *ca, struct err *err)
{
	OWN(buf_done) struct buf pem = BUF_INIT(CA_BYTES_MAX);
	struct certificate_server found;
	char file[LIMIT_NAME], path[LIMIT_PATH], given[LIMIT_PATH];
	snprintf(file, sizeof file, "%s-ca.pem", name);
	snprintf(path, sizeof path, BOX_LOCAL "/%s", file);
	if (!url[0])
		return true;
	if (ca[0] &&
	    (!answers_path(answers, ca, given, err) || !file_read(given, &pem, err) ||
	        !certificate_server_read(buf_text(&pem), NULL, &found, err) ||
	        !box_write(box, path, buf_text(&pem), NULL, 0644, err)))
		return err_add(err, "the authority of %s", url);
	if (!ca[0] && !box_has(box, path))
		return err_set(err, ERR_BAD_INPUT,
		    "%s_url needs %s_ca, the certificate of the authority that this server's is of", name,
		    name);
	json_object_set_new(cloud, name, json_pack("{s:s, s:s}", "url", url, "ca", file));
	return true;
}

static bool write_cloud(struct box *box, const struct answers *answers, struct err *err)
{
	OWN(json_decref) json_t *cloud = NULL;
	json_t *regions = json_array();
	if (!load_cloud(box, &cloud, err)) {
		json_decref(regions);
		return false;
	}
	answers_each(answers->regions, add_region, regions, err);
	json_object_set_new(cloud, "site", json_string(answers->site));
	json_object_set_new(cloud, "regions", regions);
	json_object_set_new(cloud, "budget",
	    json_pack(
	        "{s:o, s:o}", "day", money(answers->budget_day), "month", money(answers->budget_month)));
	json_object_set_new(cloud, "decision_hour", json_string(answers->decision_hour));
	if (!write_server(
	        box, answers, cloud, "authority", answers->authority_url, answers->authority_ca, err) ||
	    !write_server(box, answers, cloud, "updates", answers->updates_url, answers->updates_ca, err))
		return false;
	if (!json_object_get(cloud, "endpoints"))
		json_object_set_new(cloud, "endpoints", json_array());
	OWN(free) char *text = json_dumps(cloud, JSON_INDENT(1));
	OWN(buf_done) struct buf line = BUF_INIT(CLOUD_BYTES_MAX);
	buf_print(&line, "%s\n", text ? text : "");
	return buf_ok(&line, err) && box_write(box, CLOUD, buf_text(&line), "daybreak-link", 0640, err);
}

bool local_write(struct box *box, const struct answers *answers, struct err *err)
{
	char secret[SECRET_SIZE];
	if (!obtain_secret(box, secret, err))
		return false;
	bool ok = write_cloud(box, answers, err) && write_others(box, answers, err) &&
	    write_secret(box, secret, err) && write_daemon(box, answers, secret, err);
	crypto_wipe(secret, sizeof secret);
	return ok;
}
