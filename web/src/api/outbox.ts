/* Words of a person on their way to the box. Each is written down in this browser before it is sent and struck out when
 * the box has taken it, so that neither a box that is away nor a page that is closed loses one. They go one after the
 * other, in the order they were said, and only while the person who said them is signed in; each has a key of its own,
 * by which the box takes it once, however often it comes. */
import { computed, effect, signal, type ReadonlySignal } from "@preact/signals";
import { user } from "../kit/session";
import { api, ApiError, ask } from "./client";
import { connection } from "./stream";

/* patient: whose embryo the page shows, 0 for nobody's; the box refuses what belongs to another by now.
 * name: what a person calls the act, where it has to be spoken of later. key: from newKey(), for who wants idOf() it. */
export interface About { patient: number; name?: string; key?: string }
/* sent: when the box took it, by the clock of this page; refused: the sentence with which the box did not. */
export interface Act {
	key: string;
	method: string;
	path: string;
	body: unknown;
	patient: number;
	name: string;
	made: string;
	sent?: number;
	refused?: string;
}

const SLOW_MS = 2000;
const TIMEOUT_MS = 20000;
const RETRY_MS = 2000;
/* Pages go on showing a word that was sent until they have asked the box anew; after this they surely have. */
const REMEMBERED_MS = 60000;
const IDS_MAX = 100;

const list = signal<readonly Act[]>([]);
const stuck = signal(false);
const reply = new Map<string, { taken: (answer: unknown) => void; refused: (error: unknown) => void }>();

/* Acts of this person, oldest first: those that wait, those that were refused, and those just taken. */
export const acts: ReadonlySignal<readonly Act[]> = list;
const unsent = computed(() => list.value.filter((act) => act.sent === undefined && act.refused === undefined));
/* How many the box does not take now; one on its way is not worth a word. */
export const waiting = computed(() => (stuck.value ? unsent.value.length : 0));
export const refused = computed(() => list.value.filter((act) => act.refused !== undefined));
/* When the box took something last, by the clock. */
export const saved = signal<string | null>(null);

/* Each act is an entry of its own, so that two pages of one person do not write over each other's. */
const folder = (): string => `daybreak.act/${encodeURIComponent(user.peek()?.name ?? "")}/`;
function keep(act: Act): void {
	list.value = [...list.peek().filter((entry) => entry.key !== act.key), act].sort((a, b) => a.made.localeCompare(b.made));
	try {
		if (act.sent === undefined) localStorage.setItem(folder() + act.key, JSON.stringify(act));
		else localStorage.removeItem(folder() + act.key);
	} catch { /* a full or refused storage: it is kept as long as the page is */ }
}
function strike(key: string): void {
	list.value = list.peek().filter((act) => act.key !== key);
	localStorage.removeItem(folder() + key);
}
function readKept(): Act[] {
	const found: Act[] = [];
	for (let i = 0; i < localStorage.length; i++) {
		const name = localStorage.key(i) ?? "";
		if (!name.startsWith(folder())) continue;
		try {
			found.push(JSON.parse(localStorage.getItem(name) ?? "") as Act);
		} catch { /* not written by this page */ }
	}
	return found.sort((a, b) => a.made.localeCompare(b.made));
}

/* Numbers that the box gave to rows whose making had to wait: a later act may name the row by the key of the first. */
const idsName = (): string => `daybreak.ids/${encodeURIComponent(user.peek()?.name ?? "")}`;
function readIds(): [string, number][] {
	try {
		return JSON.parse(localStorage.getItem(idsName()) ?? "[]") as [string, number][];
	} catch {
		return [];
	}
}
function noteId(key: string, answer: unknown): void {
	const id = (answer as { id?: number } | null)?.id;
	if (id === undefined) return;
	try {
		localStorage.setItem(idsName(), JSON.stringify([...readIds(), [key, id]].slice(-IDS_MAX)));
	} catch { /* as above */ }
}
export function idOf(key: string): string {
	return String(readIds().find((entry) => entry[0] === key)?.[1] ?? key);
}
const filled = (path: string): string => path.split("/").map(idOf).join("/");

export const newKey = (): string => crypto.randomUUID();

/* Strictly after the one before, so that the order they were said in is the order of their times. */
let last = 0;
function madeNow(): string {
	last = Math.max(last + 1, Date.now());
	return new Date(last).toISOString();
}

function headers(key: string, about: About): Record<string, string> {
	return { "Idempotency-Key": key, "X-Daybreak-Patient": String(about.patient) };
}

/* Not the act's fault: the box is away or busy, or the session is over. */
async function mayPass(error: unknown): Promise<boolean> {
	if (!(error instanceof ApiError)) return false;
	if (error.code !== "mix-up") return [0, 401, 429, 502, 503, 504].includes(error.status);
	/* somebody else signed in meanwhile: it waits for its own person */
	const now = await api.session().catch(() => null);
	return now !== null && now.user.name !== user.peek()?.name;
}

/* Nobody has to stand and wait: what is not taken at once is written down. */
function letGo(): void {
	for (const { taken } of reply.values()) taken(null);
	reply.clear();
}

/* True when it is off the table, taken or refused. */
async function send(act: Act): Promise<boolean> {
	const person = user.peek()?.name;
	const gone = () => user.peek()?.name !== person;
	const slow = window.setTimeout(() => { stuck.value = true; }, SLOW_MS);
	try {
		const answer = await ask<unknown>(act.method, filled(act.path), act.body, headers(act.key, act), AbortSignal.timeout(TIMEOUT_MS));
		if (gone()) return false;
		noteId(act.key, answer);
		keep({ ...act, sent: performance.now() });
		saved.value = new Date().toISOString();
		/* null means that it waits */
		reply.get(act.key)?.taken(answer ?? {});
		reply.delete(act.key);
		return true;
	} catch (error) {
		if (await mayPass(error) || gone()) return false;
		/* what would have taken it back has nothing to take back */
		for (const later of unsent.peek()) if (later.path.endsWith(act.key)) strike(later.key);
		const heard = reply.get(act.key);
		/* told at once to whoever said it, else kept for that person to see */
		if (heard) strike(act.key);
		else keep({ ...act, refused: error instanceof ApiError ? error.message || String(error.status) : String(error) });
		heard?.refused(error);
		reply.delete(act.key);
		return true;
	} finally {
		window.clearTimeout(slow);
	}
}

let retry = 0;
async function sendAll(): Promise<void> {
	for (let act = unsent.peek()[0]; act; act = unsent.peek()[0]) {
		if (await send(act)) continue;
		stuck.value = true;
		letGo();
		window.clearTimeout(retry);
		retry = window.setTimeout(() => void drain(), RETRY_MS);
		return;
	}
	stuck.value = false;
}

/* One page at a time: two that send what both have kept could change its order. */
let draining = false;
async function drain(): Promise<void> {
	if (draining || !user.peek()) return;
	draining = true;
	await (navigator.locks ? navigator.locks.request("daybreak.outbox", sendAll) : sendAll());
	draining = false;
	if (!stuck.peek() && unsent.peek().length > 0) void drain();
}

/* What the box answers; null when it has to wait: then it is kept, shown as waiting, and sent when the box is back.
 * Rejects with the box's sentence where that refuses it at once. */
export function say<T>(method: string, path: string, body: unknown, about: About): Promise<T | null> {
	const key = about.key ?? newKey();
	return new Promise((taken, refusedWith) => {
		if (!stuck.peek()) reply.set(key, { taken: (answer) => taken(answer as T | null), refused: refusedWith });
		else taken(null);
		keep({ key, method, path, body, patient: about.patient, name: about.name ?? "", made: madeNow() });
		void drain();
	});
}

/* The same, sent at once or failed, and kept nowhere: for what holds a password, or must be answered to go on. */
export function sayNow<T>(method: string, path: string, body: unknown, about: About): Promise<T> {
	return ask<T>(method, path, body, headers(about.key ?? newKey(), about));
}

/* Of those that were refused: once more, or no longer to be shown. */
export function sendAgain(key: string): void {
	const act = list.peek().find((entry) => entry.key === key);
	if (!act) return;
	const { refused: _, ...anew } = act;
	keep(anew);
	void drain();
}
export const putAside = strike;

/* The page has asked the box anew: what was sent before it asked is in the answer. */
export function settle(asked: number, known: (act: Act) => boolean): void {
	const now = performance.now();
	const rest = list.peek().filter((act) => act.sent === undefined || (now - act.sent < REMEMBERED_MS && !(act.sent < asked && known(act))));
	if (rest.length < list.peek().length) list.value = rest;
}

effect(() => {
	const name = user.value?.name;
	stuck.value = false;
	letGo();
	list.value = name ? readKept() : [];
	if (name) void drain();
});
/* The browser or the stream knows first that the box is back. */
effect(() => {
	if (connection.value.state === "live") void drain();
});
window.addEventListener("online", () => void drain());
/* Another page of this person took something over, or sent it. */
window.addEventListener("storage", (event) => {
	if (!event.key?.startsWith(folder())) return;
	const here = new Set(list.peek().map((act) => act.key));
	const there = readKept();
	const kept = new Set(there.map((act) => act.key));
	list.value = [...list.peek().filter((act) => act.sent !== undefined || kept.has(act.key)), ...there.filter((act) => !here.has(act.key))]
		.sort((a, b) => a.made.localeCompare(b.made));
});
