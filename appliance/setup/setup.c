#include "setup/setup.h"

#include "base/crypto.h"
#include "base/text.h"
#include "setup/local.h"
#include "setup/machine.h"
#include "setup/mounts.h"
#include "setup/people.h"
#include "setup/tls.h"

#include <string.h>

#define KEPT_SIGN_IN BOX_LOCAL "/first-sign-in"
#define SYSTEMD      "/run/systemd/system"

enum { ANSWERS_BYTES_MAX = 64 << 10, SIGN_IN_BYTES_MAX = 1 << 10 };

bool setup_answers(const struct box *box, struct answers *ret_answers, struct err *err)
{
	OWN(buf_done) struct buf text = BUF_INIT(ANSWERS_BYTES_MAX);
	OWN(free) struct answers *answers = calloc(1, sizeof *answers);
	struct err why;
	if (!answers)
		return err_set(err, ERR_NO_MEMORY, "reading what was answered before");
	answers_default(answers);
	machine_time_zone(box, answers->time_zone, sizeof answers->time_zone);
	if (box_read(box, SETUP_CONF, &text, &why)) {
		if (!answers_take(answers, buf_text(&text), err))
			return err_add(err, "reading " SETUP_CONF);
	} else if (why.code != ERR_NOT_FOUND)
		return err_set(err, why.code, "%s", why.detail);
	if (!answers->names[0])
		machine_names(answers->names, sizeof answers->names);
	*ret_answers = *answers;
	return true;
}

static bool keep_password(struct box *box, const char *name, const char *password, struct err *err)
{
	char text[SIGN_IN_BYTES_MAX];
	snprintf(text, sizeof text, "name: %s\npassword: %s\n", name, password);
	bool ok = box_write(box, KEPT_SIGN_IN, text, NULL, 0600, err);
	crypto_wipe(text, sizeof text);
	return ok;
}

/* Told as soon as it is made: a later step that fails must not lose it. */
static bool make_people(struct box *box, const struct answers *answers, bool first_boot, struct err *err)
{
	char made[USER_PASSWORD_MADE_SIZE] = "";
	/* Whether this version may open a store that is there is not known yet. */
	if (first_boot && box_has(box, PEOPLE_STORE "/daybreak.db"))
		return true;
	bool ok = people_make(box, answers, made, err);
	if (ok && made[0] && first_boot)
		ok = keep_password(box, answers->admin, made, err);
	else if (ok && made[0]) {
		fprintf(box->told, "administrator: %s\npassword: %s\n", answers->admin, made);
		fflush(box->told);
	}
	crypto_wipe(made, sizeof made);
	return ok;
}

bool setup_apply(struct box *box, const struct answers *answers, bool first_boot, struct err *err)
{
	return answers_check_all(answers, err) && machine_set_time_zone(box, answers->time_zone, err) &&
	    make_people(box, answers, first_boot, err) && tls_make(box, answers, err) &&
	    local_write(box, answers, err) && mounts_make(box, answers, err) && machine_free_ports(box, err);
}

/* nginx takes a certificate over without cutting anybody off; the others are started again only when
 * something has changed. */
bool setup_start(struct box *box, struct err *err)
{
	static const struct {
		const char *name, *renew;
	} units[] = {{"daybreakd.service", "restart"}, {"daybreak-web.service", "reload-or-restart"},
	    {"daybreak-sync.service", "restart"}};
	char path[LIMIT_PATH];
	bool changed = box->changes > 0;
	if (!box_has(box, SYSTEMD)) {
		fprintf(box->told, "note: systemd does not run here; the services start with it\n");
		return true;
	}
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		const char *const start[] = {
		    "systemctl", changed ? units[i].renew : "start", units[i].name, NULL};
		snprintf(path, sizeof path, "/lib/systemd/system/%s", units[i].name);
		if (!box_has(box, path))
			continue;
		box_tell(box, "start %s", units[i].name);
		if (!box_run(box, start, NULL, err))
			return err_add(err, "%s does not start; journalctl -u %s says why", units[i].name,
			    units[i].name);
	}
	return true;
}

bool setup_renew(struct box *box, const struct answers *answers, struct err *err)
{
	static const char *const reload[] = {
	    "systemctl", "try-reload-or-restart", "daybreak-web.service", NULL};
	return tls_renew(box, answers, err) &&
	    (!box->changes || !box_has(box, SYSTEMD) || box_run(box, reload, NULL, err));
}

/* On the screen until somebody has signed in and chosen another, also after a restart. */
static bool show_first_sign_in(struct box *box, struct err *err)
{
	OWN(buf_done) struct buf text = BUF_INIT(SIGN_IN_BYTES_MAX);
	if (!box_has(box, KEPT_SIGN_IN))
		return box_remove(box, SETUP_FIRST_SIGN_IN, err);
	bool ok = box_read(box, KEPT_SIGN_IN, &text, err) &&
	    box_write(box, SETUP_FIRST_SIGN_IN, buf_text(&text), NULL, 0600, err);
	crypto_wipe(text.data, text.size);
	return ok;
}

bool setup_first_boot(struct box *box, const struct answers *answers, bool answered, struct err *err)
{
	if ((answered || !box_has(box, SETUP_DONE)) && !setup_apply(box, answers, true, err))
		return false;
	return show_first_sign_in(box, err) && tls_renew(box, answers, err) && mounts_make(box, answers, err);
}

static bool take_line(const char *text, const char *name, char *to, size_t size)
{
	const char *found = strstr(text, name);
	if (!found)
		return false;
	found += strlen(name);
	size_t length = strcspn(found, "\n");
	if (length >= size)
		return false;
	memcpy(to, found, length);
	to[length] = 0;
	return true;
}

bool setup_first_sign_in(struct box *box, struct buf *to, struct err *err)
{
	OWN(buf_done) struct buf text = BUF_INIT(SIGN_IN_BYTES_MAX);
	char name[LIMIT_NAME], password[USER_PASSWORD_MAX + 1];
	bool can = false;
	if (!box_has(box, KEPT_SIGN_IN))
		return true;
	bool ok = box_read(box, KEPT_SIGN_IN, &text, err) &&
	    ((take_line(buf_text(&text), "name: ", name, sizeof name) &&
	         take_line(buf_text(&text), "password: ", password, sizeof password)) ||
	        err_set(err, ERR_DAMAGED, KEPT_SIGN_IN " is damaged: remove it")) &&
	    people_can_sign_in(box, name, password, &can, err);
	if (ok && can)
		buf_print(to, "%s", buf_text(&text));
	else if (ok)
		ok = box_remove(box, KEPT_SIGN_IN, err) && box_remove(box, SETUP_FIRST_SIGN_IN, err);
	crypto_wipe(text.data, text.size);
	crypto_wipe(password, sizeof password);
	return ok && buf_ok(to, err);
}

bool setup_show(const struct box *box, const struct answers *answers, struct err *err)
{
	struct certificate_server server;
	char fingerprint[TLS_FINGERPRINT_SIZE];
	if (!tls_read(box, &server, err))
		return false;
	tls_fingerprint(&server, fingerprint);
	bool is_v6 = memchr(answers->names, ':', strcspn(answers->names, ",")) != NULL;
	fprintf(box->told, is_v6 ? "address: https://[%.*s]/\n" : "address: https://%.*s/\n",
	    (int)strcspn(answers->names, ","), answers->names);
	fprintf(box->told, "certificate: %s, SHA-256 %s\n", server.self_made ? "self-made" : server.issuer,
	    fingerprint);
	return true;
}
