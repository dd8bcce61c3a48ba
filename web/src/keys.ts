/* Every keyboard shortcut of the review pages, in one table: shown by "?", changed by each person as they like, and never
 * are two actions alike, whatever is changed. Names: modifiers in the order Ctrl, Alt, Shift, then the key as the browser names it, letters in
 * capitals. Shift is not part of the name of a character that has no letter case: "?" and the digits of a French
 * keyboard need it only to be typed. */
import { computed, signal } from "@preact/signals";
import type { TextKey } from "./text/text";

export type KeyGroup = "time" | "plane" | "view" | "event" | "page";
export interface KeyAction { action: string; group: KeyGroup; keys: string[]; text: TextKey; event?: string }

export const KEYS = [
	{ action: "frame.next", group: "time", keys: ["ArrowRight"], text: "key.frameNext" },
	{ action: "frame.previous", group: "time", keys: ["ArrowLeft"], text: "key.framePrevious" },
	{ action: "hop.next", group: "time", keys: ["Shift+ArrowRight"], text: "key.hopNext" },
	{ action: "hop.previous", group: "time", keys: ["Shift+ArrowLeft"], text: "key.hopPrevious" },
	{ action: "event.next", group: "time", keys: ["Alt+ArrowRight"], text: "key.eventNext" },
	{ action: "event.previous", group: "time", keys: ["Alt+ArrowLeft"], text: "key.eventPrevious" },
	{ action: "frame.first", group: "time", keys: ["Home"], text: "key.first" },
	{ action: "frame.last", group: "time", keys: ["End"], text: "key.last" },
	{ action: "play.toggle", group: "time", keys: ["Space"], text: "key.play" },
	{ action: "play.backward", group: "time", keys: ["J"], text: "key.playBackward" },
	{ action: "play.stop", group: "time", keys: ["K"], text: "key.playStop" },
	{ action: "play.forward", group: "time", keys: ["L"], text: "key.playForward" },

	{ action: "plane.up", group: "plane", keys: ["ArrowUp"], text: "key.planeUp" },
	{ action: "plane.down", group: "plane", keys: ["ArrowDown"], text: "key.planeDown" },
	{ action: "plane.home", group: "plane", keys: ["0"], text: "key.planeHome" },

	{ action: "view.overlay", group: "view", keys: ["G"], text: "key.overlay" },
	{ action: "view.ruler", group: "view", keys: ["U"], text: "key.ruler" },
	{ action: "view.zoomIn", group: "view", keys: ["+", "="], text: "key.zoomIn" },
	{ action: "view.zoomOut", group: "view", keys: ["-"], text: "key.zoomOut" },
	{ action: "view.fit", group: "view", keys: ["F"], text: "key.fit" },
	{ action: "view.left", group: "view", keys: ["Alt+Shift+ArrowLeft"], text: "key.viewLeft" },
	{ action: "view.right", group: "view", keys: ["Alt+Shift+ArrowRight"], text: "key.viewRight" },
	{ action: "view.up", group: "view", keys: ["Alt+Shift+ArrowUp"], text: "key.viewUp" },
	{ action: "view.down", group: "view", keys: ["Alt+Shift+ArrowDown"], text: "key.viewDown" },
	{ action: "view.lighter", group: "view", keys: ["Shift+ArrowUp"], text: "key.lighter" },
	{ action: "view.darker", group: "view", keys: ["Shift+ArrowDown"], text: "key.darker" },
	{ action: "view.harder", group: "view", keys: ["Alt+ArrowUp"], text: "key.harder" },
	{ action: "view.softer", group: "view", keys: ["Alt+ArrowDown"], text: "key.softer" },
	{ action: "view.reset", group: "view", keys: ["N"], text: "key.viewReset" },

	{ action: "set.tPB2", group: "event", keys: ["O"], text: "event.tPB2", event: "tPB2" },
	{ action: "set.tPNa", group: "event", keys: ["P"], text: "event.tPNa", event: "tPNa" },
	{ action: "set.tPNf", group: "event", keys: ["Shift+P"], text: "event.tPNf", event: "tPNf" },
	{ action: "set.t2", group: "event", keys: ["2"], text: "event.t2", event: "t2" },
	{ action: "set.t3", group: "event", keys: ["3"], text: "event.t3", event: "t3" },
	{ action: "set.t4", group: "event", keys: ["4"], text: "event.t4", event: "t4" },
	{ action: "set.t5", group: "event", keys: ["5"], text: "event.t5", event: "t5" },
	{ action: "set.t6", group: "event", keys: ["6"], text: "event.t6", event: "t6" },
	{ action: "set.t7", group: "event", keys: ["7"], text: "event.t7", event: "t7" },
	{ action: "set.t8", group: "event", keys: ["8"], text: "event.t8", event: "t8" },
	{ action: "set.t9", group: "event", keys: ["9"], text: "event.t9", event: "t9" },
	{ action: "set.tM", group: "event", keys: ["M"], text: "event.tM", event: "tM" },
	{ action: "set.tSB", group: "event", keys: ["S"], text: "event.tSB", event: "tSB" },
	{ action: "set.tB", group: "event", keys: ["B"], text: "event.tB", event: "tB" },
	{ action: "set.tEB", group: "event", keys: ["E"], text: "event.tEB", event: "tEB" },
	{ action: "set.tHB", group: "event", keys: ["H"], text: "event.tHB", event: "tHB" },
	{ action: "undo", group: "event", keys: ["Ctrl+Z"], text: "key.undo" },
	{ action: "redo", group: "event", keys: ["Ctrl+Shift+Z", "Ctrl+Y"], text: "key.redo" },

	{ action: "sibling.previous", group: "page", keys: ["["], text: "key.siblingPrevious" },
	{ action: "sibling.next", group: "page", keys: ["]"], text: "key.siblingNext" },
	{ action: "compare.add", group: "page", keys: ["C"], text: "key.compareAdd" },
	{ action: "compare.open", group: "page", keys: ["Shift+C"], text: "key.compareOpen" },
	{ action: "page.board", group: "page", keys: ["Escape"], text: "key.board" },
	{ action: "page.search", group: "page", keys: ["/"], text: "key.search" },
	{ action: "page.models", group: "page", keys: ["R"], text: "key.models" },
	{ action: "page.theme", group: "page", keys: ["T"], text: "key.theme" },
	{ action: "page.help", group: "page", keys: ["?"], text: "key.help" },
] as const satisfies readonly KeyAction[];

export type Action = (typeof KEYS)[number]["action"];

const TABLE: readonly KeyAction[] = KEYS;

/* What the person at this browser has changed: one key for an action, instead of those above. */
export type Changes = Partial<Record<Action, string>>;
export const changes = signal<Changes>({});

export type Keys = ReadonlyMap<string, readonly string[]>;
const overlaid = (changed: Changes): Keys =>
	new Map(TABLE.map(({ action, keys }) => [action, action in changed ? [changed[action as Action] ?? ""] : keys]));

/* The action a key has, other than the one asked for. */
function ownerOf(keys: Keys, key: string, but: string): KeyAction | undefined {
	return TABLE.find(({ action }) => action !== but && keys.get(action)?.includes(key));
}

/* Keys of the browser and of whoever walks the page by keyboard. */
const NOT_OURS = /^(?:Tab|Shift\+Tab|Enter|Escape|Dead|Process|Unidentified|CapsLock|Ctrl\+(?!(?:Shift\+)?[ZY]$).*|F\d+)$|(?:^|\+)(?:Control|Shift|Alt|AltGraph|Meta)$/;

export type Refused = { why: "taken"; by: KeyAction } | { why: "browser" };
/* Gives an action another key, or with null its own ones back; refused where another action has it. */
export function remapped(changed: Changes, action: Action, key: string | null): Changes | Refused {
	if (key !== null && NOT_OURS.test(key)) return { why: "browser" };
	const { [action]: _, ...others } = changed;
	const next = key === null ? others : { ...others, [action]: key };
	const keys = overlaid(next);
	for (const wanted of keys.get(action) ?? []) {
		const by = ownerOf(keys, wanted, action);
		if (by) return { why: "taken", by };
	}
	return next;
}

/* What was kept may be older than this table, or spoiled: a change that no longer fits is left out. */
export function fitting(kept: unknown): Changes {
	const found: Changes = {};
	for (const [action, key] of Object.entries(kept && typeof kept === "object" ? kept : {})) {
		const known = TABLE.some((entry) => entry.action === action);
		if (known && typeof key === "string" && key !== "" && !NOT_OURS.test(key)) found[action as Action] = key;
	}
	for (;;) {
		const keys = overlaid(found);
		const doubled = (Object.keys(found) as Action[]).find((action) => ownerOf(keys, found[action] ?? "", action));
		if (!doubled) return found;
		delete found[doubled];
	}
}

const current = computed(() => overlaid(changes.value));
const actionOfKey = computed(() => {
	const found = new Map<string, KeyAction>();
	for (const entry of TABLE) for (const key of current.value.get(entry.action) ?? []) found.set(key, entry);
	return found;
});
export const keysOf = (action: Action): readonly string[] => current.value.get(action) ?? [];

interface Pressed {
	key: string;
	ctrlKey: boolean;
	altKey: boolean;
	shiftKey: boolean;
	metaKey: boolean;
	getModifierState?: (name: string) => boolean;
}

export function keyName(pressed: Pressed): string {
	/* AltGr reports Ctrl and Alt, but is only a way to type "[" on many keyboards. */
	const altGraph = pressed.getModifierState?.("AltGraph") ?? false;
	const single = pressed.key.length === 1;
	const letter = single && pressed.key.toLowerCase() !== pressed.key.toUpperCase();
	const name = pressed.key === " " ? "Space" : letter ? pressed.key.toUpperCase() : pressed.key;
	let modifiers = "";
	if ((pressed.ctrlKey || pressed.metaKey) && !altGraph) modifiers += "Ctrl+";
	if (pressed.altKey && !altGraph) modifiers += "Alt+";
	if (pressed.shiftKey && (letter || !single)) modifiers += "Shift+";
	return modifiers + name;
}

export function actionFor(pressed: Pressed): KeyAction | undefined {
	return actionOfKey.peek().get(keyName(pressed));
}

/* The key as a person reads it on the keyboard. */
const SHOWN: Record<string, string> = {
	ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc", "-": "−",
};
/* As short as a key cap; for a button that does what the key does. */
export const keyShort = (key = ""): string => keyShown(key).map((part) => (part === "Shift" ? "⇧" : part)).join("");
export function keyShown(key: string): string[] {
	/* the last plus may be the key itself */
	return key.split(/\+(?=.)/).map((part) => SHOWN[part] ?? part);
}
export const keyHint = (action: Action): string => keyShort(keysOf(action)[0]);
