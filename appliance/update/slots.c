#include "update/slots.h"

#include "base/json.h"
#include "base/program.h"
#include "base/text.h"

#include <string.h>

enum { ASK_S = 120, INSTALL_S = 3600, STATUS_MAX = 1 << 20 };

/* RAUC's slots are the pairs' halves; the one with a boot name stands for its pair. */
static void take_slot(const json_t *told, struct slots *slots)
{
	const json_t *installed = json_object_get(json_object_get(told, "slot_status"), "bundle");
	const char *name = json_text(told, "bootname", "");
	if (!*name)
		return;
	struct slot *slot = strcmp(json_text(told, "state", ""), "booted") == 0 ? &slots->running : &slots->other;
	text_copy(slot->name, sizeof slot->name, name);
	text_copy(slot->version, sizeof slot->version, json_text(installed, "version", ""));
	slot->good = strcmp(json_text(told, "boot_status", ""), "good") == 0;
}

bool slots_read(struct slots *ret_slots, struct err *err)
{
	const char *const arguments[] = {"rauc", "status", "--detailed", "--output-format=json", NULL};
	struct slots slots = {0};
	OWN(buf_done) struct buf text = BUF_INIT(STATUS_MAX);
	OWN(json_decref) json_t *told = NULL;
	if (!program_run(arguments, ASK_S, &text, err) || !json_parse(buf_text(&text), text.size, &told, err))
		return err_add(err, "asking RAUC for the slots");
	text_copy(slots.compatible, sizeof slots.compatible, json_text(told, "compatible", ""));
	size_t i;
	const json_t *entry;
	json_array_foreach(json_object_get(told, "slots"), i, entry) {
		const char *name;
		json_t *slot;
		json_object_foreach((json_t *)(uintptr_t)entry, name, slot)
			take_slot(slot, &slots);
	}
	if (!slots.running.name[0])
		return err_set(err, ERR_UNAVAILABLE, "RAUC does not know which slot is running");
	*ret_slots = slots;
	return true;
}

bool slots_install(const char *bundle, struct err *err)
{
	const char *const arguments[] = {"rauc", "install", bundle, NULL};
	return program_run(arguments, INSTALL_S, NULL, err);
}

bool slots_mark(enum slots_mark mark, bool other, struct err *err)
{
	static const char *const marks[] = {"mark-good", "mark-bad", "mark-active"};
	const char *const arguments[] = {"rauc", "status", marks[mark], other ? "other" : "booted", NULL};
	return program_run(arguments, ASK_S, NULL, err) ||
	    err_add(err, "telling RAUC to %s the %s slot", marks[mark], other ? "other" : "running");
}
