/* What a person likes, kept by the box: it is the same at every browser they sign in to. */
import { effect } from "@preact/signals";
import { ask } from "../api/client";
import { changes, fitting, type Changes } from "../keys";
import { user } from "../kit/session";

type Preferences = Record<string, unknown>;
const asked = (): Promise<Preferences> => ask<Preferences>("GET", "/api/preferences");

/* Without an answer the keys are those of the table. */
let name: string | undefined;
effect(() => {
	if (user.value?.name === name) return;
	name = user.value?.name;
	changes.value = {};
	const asker = name;
	if (asker) void asked().then((kept) => { if (asker === name) changes.value = fitting(kept["keys"]); }, () => {});
});

/* What else is kept stays as the box has it, also when another page has changed it. */
export async function keepKeys(next: Changes): Promise<void> {
	await ask("PUT", "/api/preferences", { ...await asked(), keys: next });
	changes.value = next;
}
