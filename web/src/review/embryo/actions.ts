/* A person says when an event happened. A word never overwrites another person's, and the box keeps every one. */
import { effect } from "@preact/signals";
import type { EventName } from "../../api/types";
import { toast } from "../../kit/controls";
import { user } from "../../kit/session";
import { t, tName } from "../../text/text";
import { perform } from "../words/stack";
import { timeText } from "./player";
import type { Viewer } from "./viewer";
import { ownWord, type Word } from "./words";

async function say(viewer: Viewer, event: EventName, word: Word, sentence: string): Promise<void> {
	const body = (said: Word) => (said ? { event, ...said } : { event, withdrawn: true });
	const before = ownWord(viewer.embryo.peek(), event, user.peek()?.name ?? "");
	await perform(viewer, { name: tName("event", event), path: `/api/embryos/${viewer.id}/annotations`, body: body(word), before: body(before) }, sentence);
}

/* At the picture that is seen; while another one is still loading nothing is set. */
export async function setEvent(viewer: Viewer, event: EventName): Promise<void> {
	const run = viewer.seen.peek();
	if (!run || run.run !== viewer.run.peek()) return toast("warn", t("events.wait"));
	await say(viewer, event, { run: run.run }, t("events.saved", { event: tName("event", event), time: timeText(run) }));
}
/* Whether the picture of this run comes to be seen; not where the page goes on to another one before. */
function toBeSeen(viewer: Viewer, run: number): Promise<boolean> {
	return new Promise((tell) => {
		let stop = (): void => {};
		const end = (seen: boolean) => {
			tell(seen);
			queueMicrotask(() => stop());
		};
		stop = effect(() => {
			const painted = viewer.painted.value;
			if (viewer.run.value !== run) end(false);
			else if (painted?.run === run) end(painted.state === "shown");
		});
	});
}
/* Let go at that picture, which may still be on its way. */
export async function dropEvent(viewer: Viewer, event: EventName, run: number): Promise<void> {
	if (await toBeSeen(viewer, run)) await setEvent(viewer, event);
	else toast("warn", t("events.wait"));
}
export async function setAbsent(viewer: Viewer, event: EventName): Promise<void> {
	await say(viewer, event, { absent: true }, t("events.saved.absent", { event: tName("event", event) }));
}
export async function takeBack(viewer: Viewer, event: EventName): Promise<void> {
	await say(viewer, event, null, t("events.withdrawn", { event: tName("event", event) }));
}
