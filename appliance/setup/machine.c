#include "setup/machine.h"

#include "base/certificate.h"
#include "base/file.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

#define ZONES "/usr/share/zoneinfo/"
/* On a read-only root the system's link leads here. */
#define LOCAL_TIME BOX_LOCAL "/localtime"

static void add_name(char *to, size_t size, const char *name)
{
	size_t used = strlen(to);
	if (*name && used + strlen(name) + 2 <= size)
		snprintf(to + used, size - used, "%s%s", used ? "," : "", name);
}

/* An address that is somebody's on the network: not this machine's alone, nor this cable's alone. */
static bool print_address(const struct ifaddrs *at, char *to, size_t size)
{
	if (!at->ifa_addr || (at->ifa_flags & (IFF_LOOPBACK | IFF_UP)) != IFF_UP)
		return false;
	if (at->ifa_addr->sa_family == AF_INET)
		return inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)at->ifa_addr)->sin_addr,
		    to, (socklen_t)size);
	if (at->ifa_addr->sa_family != AF_INET6)
		return false;
	const struct in6_addr *address =
	    &((const struct sockaddr_in6 *)(const void *)at->ifa_addr)->sin6_addr;
	return !IN6_IS_ADDR_LINKLOCAL(address) && inet_ntop(AF_INET6, address, to, (socklen_t)size);
}

void machine_names(char *to, size_t size)
{
	char name[CERTIFICATE_NAME_SIZE] = "";
	struct ifaddrs *all = NULL;
	int count = 0;
	to[0] = 0;
	if (gethostname(name, sizeof name) == 0 && memchr(name, 0, sizeof name))
		add_name(to, size, name);
	if (getifaddrs(&all) == 0) {
		for (const struct ifaddrs *at = all; at && count < CERTIFICATE_NAMES_MAX - 1;
		     at = at->ifa_next)
			if (print_address(at, name, sizeof name)) {
				add_name(to, size, name);
				count++;
			}
		freeifaddrs(all);
	}
	if (!to[0])
		add_name(to, size, "localhost");
}

void machine_time_zone(const struct box *box, char *to, size_t size)
{
	static const char *const links[] = {LOCAL_TIME, "/etc/localtime"};
	char full[LIMIT_PATH], target[LIMIT_PATH];
	text_copy(to, size, "Etc/UTC");
	for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
		ssize_t length =
		    box_path(box, links[i], full, NULL) ? readlink(full, target, sizeof target - 1) : -1;
		if (length < 0)
			continue;
		target[length] = 0;
		const char *zone = strstr(target, "zoneinfo/");
		if (zone)
			text_copy(to, size, zone + strlen("zoneinfo/"));
		return;
	}
}

bool machine_set_time_zone(struct box *box, const char *zone, struct err *err)
{
	char now[LIMIT_NAME], target[LIMIT_PATH], link[LIMIT_PATH], found[LIMIT_PATH], line[LIMIT_NAME + 1];
	machine_time_zone(box, now, sizeof now);
	if (strcmp(zone, now) == 0)
		return true;
	/* The zones are the program's own system's, in a test as well. */
	if (!path_join(target, sizeof target, ZONES, zone) || !file_exists(target) || folder_is(target))
		return err_set(err, ERR_BAD_INPUT,
		    "this machine knows no time zone %s (timedatectl list-timezones)", zone);
	snprintf(target, sizeof target, ZONES "%s", zone);
	if (!box_path(box, "/etc/localtime", link, err))
		return false;
	ssize_t length = readlink(link, found, sizeof found - 1);
	if (length > 0 && (size_t)length == strlen(LOCAL_TIME) &&
	    memcmp(found, LOCAL_TIME, (size_t)length) == 0)
		return box_link(box, target, LOCAL_TIME, err);
	snprintf(line, sizeof line, "%s\n", zone);
	return box_link(box, target, "/etc/localtime", err) &&
	    (!box_has(box, "/etc/timezone") || box_write(box, "/etc/timezone", line, NULL, 0644, err));
}

/* nginx */

#define ENABLED "/etc/nginx/sites-enabled"

/* Nothing but the names that are allowed lies in the folder. */
static bool holds_only(const struct box *box, const char *folder, const char *allowed)
{
	char full[LIMIT_PATH];
	DIR *listing = box_path(box, folder, full, NULL) ? opendir(full) : NULL;
	bool only = true;
	if (!listing)
		return true;
	for (const struct dirent *item; (item = readdir(listing));)
		only &= item->d_name[0] == '.' || strcmp(item->d_name, allowed) == 0;
	closedir(listing);
	return only;
}

/* Neither the site nor the rest of its configuration was edited: dpkg marks what was. */
static bool is_as_delivered(const struct box *box)
{
	static const char *const verify[] = {"dpkg", "--verify", "nginx-common", NULL};
	OWN(buf_done) struct buf said = BUF_INIT(1 << 16);
	struct err err;
	/* It fails when something was changed, and says what. */
	return (box_run(box, verify, &said, &err) || said.size > 0) && buf_ok(&said, NULL) &&
	    !strstr(buf_text(&said), " /etc/nginx/");
}

bool machine_free_ports(struct box *box, struct err *err)
{
	static const char *const stop[] = {"systemctl", "disable", "--now", "nginx.service", NULL};
	static const char *const enabled[] = {"systemctl", "is-enabled", "--quiet", "nginx.service", NULL};
	OWN(buf_done) struct buf said = BUF_INIT(1 << 16);
	if (!box_has(box, ENABLED "/default") || !box_runs(box) || !box_run(box, enabled, NULL, NULL))
		return true;
	if (!holds_only(box, ENABLED, "default") || !holds_only(box, "/etc/nginx/conf.d", "") ||
	    !is_as_delivered(box)) {
		fprintf(box->told,
		    "note: nginx.service serves other pages of this machine; the lab screen needs ports "
		    "80 and 443 for itself (/etc/daybreak/nginx.conf), so move one of them\n");
		return true;
	}
	box_tell(box,
	    "switch off nginx.service, which serves only its welcome page (systemctl enable --now nginx "
	    "brings it back)");
	return box_run(box, stop, &said, err);
}
