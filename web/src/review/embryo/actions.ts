/* What a person says about an embryo: events, with undo and redo. A word never overwrites another person's, and the box
 * keeps every one; undo says again what this person had said before. */
import { signal } from "@preact/signals";
import { api } from "../../api/client";
import type { EventName } from "../../api/types";
import { toast } from "../../kit/controls";
import { t, tName } from "../../text/text";
import { mayAnnotate, sentenceOf, user } from "../../kit/session";
import { timeText } from "./player";
import type { Viewer } from "./viewer";
import { ownWord, type Word } from "./words";

interface Act { embryo: number; event: EventName; before: Word; after: Word }

const done: Act[] = [];
const undone: Act[] = [];
/* Counts moves of the two stacks, for buttons that show whether there is something to undo. */
export const history = signal({ undo: 0, redo: 0 });
const tellHistory = (): void => {
	history.value = { undo: done.length, redo: undone.length };
};

/* Acts belong to the embryo on the screen: another one starts with nothing to undo. */
export function forgetActs(): void {
	done.length = undone.length = 0;
	tellHistory();
}

async function say(viewer: Viewer, event: EventName, word: Word): Promise<boolean> {
	try {
		if (word === null) await api.withdraw(viewer.id, event);
		else if ("absent" in word) await api.annotateAbsent(viewer.id, event);
		else await api.annotate(viewer.id, event, word.run);
	} catch (error) {
		toast("bad", sentenceOf(error));
		return false;
	}
	viewer.note(event, word);
	void viewer.load();
	return true;
}

async function act(viewer: Viewer, event: EventName, after: Word, sentence: string): Promise<void> {
	if (!mayAnnotate()) return toast("warn", t("events.viewer"));
	const before = ownWord(viewer.embryo.peek(), event, user.peek()?.name ?? "");
	if (!(await say(viewer, event, after))) return;
	done.push({ embryo: viewer.id, event, before, after });
	undone.length = 0;
	tellHistory();
	toast("good", sentence);
}

/* At the picture that is seen; while another one is still loading nothing is set. */
export async function setEvent(viewer: Viewer, event: EventName): Promise<void> {
	const run = viewer.seen.peek();
	if (!run || run.run !== viewer.run.peek()) return toast("warn", t("events.wait"));
	await act(viewer, event, { run: run.run }, t("events.saved", { event: tName("event", event), time: timeText(run) }));
}
export async function setAbsent(viewer: Viewer, event: EventName): Promise<void> {
	await act(viewer, event, { absent: true }, t("events.saved.absent", { event: tName("event", event) }));
}

export async function undo(viewer: Viewer): Promise<void> {
	const last = done.pop();
	if (!last) return toast("warn", t("events.nothing.undo"));
	if (await say(viewer, last.event, last.before)) {
		undone.push(last);
		toast("good", t("events.undone", { event: tName("event", last.event) }));
	} else {
		done.push(last);
	}
	tellHistory();
}
export async function redo(viewer: Viewer): Promise<void> {
	const last = undone.pop();
	if (!last) return toast("warn", t("events.nothing.redo"));
	if (await say(viewer, last.event, last.after)) {
		done.push(last);
		toast("good", t("events.redone", { event: tName("event", last.event) }));
	} else {
		undone.push(last);
	}
	tellHistory();
}
