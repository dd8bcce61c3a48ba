/* What the machine says of itself: its names and addresses, its time zone. */
#pragma once

#include "setup/box.h"

/* Host name and the addresses of its network cards, by comma, as a certificate takes them; "localhost" with
 * none. */
void machine_names(char *to, size_t size);
/* "Etc/UTC" when it cannot be told. */
void machine_time_zone(const struct box *box, char *to, size_t size);
/* ERR_BAD_INPUT: this machine knows no such zone. */
bool machine_set_time_zone(struct box *box, const char *zone, struct err *err);
/* Debian's nginx holds ports 80 and 443. Switched off when it serves nothing but its welcome page, otherwise
 * told of. */
bool machine_free_ports(struct box *box, struct err *err);
