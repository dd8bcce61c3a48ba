/* One stack of undo and redo for all a person says of an embryo: events, grades, observations, comments, decisions. The
 * box keeps every word; undo says again what was said before, or takes back the row that was made. */
import { effect, signal } from "@preact/signals";
import { ApiError } from "../../api/client";
import { idOf, newKey, say } from "../../api/outbox";
import { toast } from "../../kit/controls";
import { mayAnnotate, sentenceOf, user } from "../../kit/session";
import { t } from "../../text/text";
import type { Viewer } from "../embryo/viewer";

interface Named { /* as a person calls it, in the sentences of undo */ name: string; path: string }
/* Said anew at the same address; before: what undo says. */
export interface Word extends Named { body: unknown; before: unknown }
/* A row of its own; id: of one that is there and is taken away. */
export interface Row extends Named { row: unknown; id?: number }
interface Entry { deed: Word | Row; adds: boolean; row: string }

/* Of each embryo its own; coming back to one finds what was done there. */
const stacks = new Map<number, { done: Entry[]; undone: Entry[] }>();
function stackOf(embryo: number): { done: Entry[]; undone: Entry[] } {
	const found = stacks.get(embryo) ?? { done: [], undone: [] };
	stacks.set(embryo, found);
	return found;
}
/* What undo and redo would touch on the screen's embryo, by name. */
export const next = signal<{ undo: string | null; redo: string | null }>({ undo: null, redo: null });
let shown = 0;
function tell(): void {
	const { done, undone } = stackOf(shown);
	next.value = { undo: done.at(-1)?.deed.name ?? null, redo: undone.at(-1)?.deed.name ?? null };
}
export function turnTo(embryo: number): void {
	shown = embryo;
	tell();
}
effect(() => {
	user.value;
	stacks.clear();
	tell();
});

const without = (entries: Entry[], entry: Entry): void => {
	const at = entries.lastIndexOf(entry);
	if (at >= 0) entries.splice(at, 1);
};

function utter(entry: Entry, forth: boolean, patient: number): Promise<unknown> {
	const { deed } = entry;
	const about = { patient, name: deed.name };
	if (!("row" in deed)) return say("POST", deed.path, forth ? deed.body : deed.before, about);
	if (forth !== entry.adds) return say("DELETE", `${deed.path}/${idOf(entry.row)}`, undefined, about);
	entry.row = newKey();
	return say("POST", deed.path, deed.row, { ...about, key: entry.row });
}

/* The page shows it at once; the sentence comes when the box has taken it. What is refused leaves the stack it went to. */
async function move(viewer: Viewer, entry: Entry, forth: boolean, sentence: string): Promise<boolean> {
	const { done, undone } = stackOf(viewer.id);
	(forth ? done : undone).push(entry);
	tell();
	try {
		const answer = await utter(entry, forth, viewer.embryo.peek()?.patient?.id ?? 0);
		if (answer === null) toast("warn", t("outbox.kept", { name: entry.deed.name }));
		else if (sentence) toast("good", sentence);
		return true;
	} catch (error) {
		toast("bad", sentenceOf(error));
		without(forth ? done : undone, entry);
		/* a box in trouble may take it later; one that says no will not */
		if (!(error instanceof ApiError && error.status < 500)) (forth ? undone : done).push(entry);
		return false;
	} finally {
		tell();
		void viewer.load();
	}
}

/* True when it was taken, or waits for the box. sentence: "" where the page itself shows enough. */
export async function perform(viewer: Viewer, deed: Word | Row, sentence = ""): Promise<boolean> {
	if (!mayAnnotate()) {
		toast("warn", t("events.viewer"));
		return false;
	}
	const id = "row" in deed ? deed.id : undefined;
	stackOf(viewer.id).undone.length = 0;
	return move(viewer, { deed, adds: id === undefined, row: String(id ?? "") }, true, sentence);
}

export async function undo(viewer: Viewer): Promise<void> {
	const entry = stackOf(viewer.id).done.pop();
	if (entry) await move(viewer, entry, false, t("events.undone", { event: entry.deed.name }));
	else toast("warn", t("events.nothing.undo"));
}
export async function redo(viewer: Viewer): Promise<void> {
	const entry = stackOf(viewer.id).undone.pop();
	if (entry) await move(viewer, entry, true, t("events.redone", { event: entry.deed.name }));
	else toast("warn", t("events.nothing.redo"));
}
