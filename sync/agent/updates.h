/* The appliance's updates, as far as the agent brings them: a thread that asks the channel which bundle it offers,
 * fetches a newer one over mutual TLS into FOLDER/updates, and stops there. What is in that folder under the name of
 * a bundle (*.raucb) is whole by the channel's digest; it goes when it is offered no more. `daybreak update` decides
 * whether it is ours and when it is installed.
 *
 * A fetch that was cut goes on where it was. It comes in parts, each no faster than the clinic's uplink windows let
 * anything be at that time, each with its row in the egress ledger. It leaves the disk alone when that would be left
 * short: patients' data need the room. */
#pragma once

#include "agent/channel.h"
#include "base/json.h"
#include "wire/cloud.h"

struct updates;

/* cloud without "updates": nothing is asked, and updates_show says so. */
bool updates_start(
    const struct cloud *cloud, const char *folder, struct updates **ret_updates, struct err *err);
void updates_stop(struct updates *updates);
OWN_DEFINE(struct updates *, updates_stop)

/* {"state", "reason", "since", "next", "checked": when the channel last answered, "running": version,
 * "offer": null | {"version", "file", "size", "sha256", "have": bytes}}; new reference, NULL without memory. state:
 *
 *   off       cloud.json names no channel        current   nothing newer is offered
 *   waiting   not asked yet, or no certificate   fetching  a newer one is on its way
 *   failing   it is tried again by itself        fetched   a newer one is here, whole */
json_t *updates_show(struct updates *updates);
