/* What the console knows, each thing with the time it was told. Everything is asked again every few seconds while the
 * page is looked at; an answer that fails to come leaves the old one in place and says since when. */
import { computed, signal, type Signal } from "@preact/signals";
import { ApiError } from "../api/client";
import { apiTime, consoleApi, type Answer, type Batch, type Burst, type Costs, type Egress, type Person, type SyncEvent, type SyncStatus, type Updates } from "../api/console";
import { sentenceOf } from "../kit/session";

export interface Known<T> { value: T | null; at: number; failure: string; failedSince: number }
export interface Source<T> { known: Signal<Known<T>>; ask: () => Promise<void>; every_ms: number }

/* The box cannot be reached at all: since when; 0 while it answers. */
export const unreachable = signal(0);
/* How far the box's clock is ahead of this browser's. */
const skew = signal(0);
/* Moves once a second, so that "3 s ago" does. */
const tick = signal(Date.now());
export const now = computed(() => tick.value + skew.value);

function source<T>(every_ms: number, question: () => Promise<T>): Source<T> {
	const known = signal<Known<T>>({ value: null, at: 0, failure: "", failedSince: 0 });
	let asking = false;
	const ask = async () => {
		if (asking) return;
		asking = true;
		try {
			known.value = { value: await question(), at: Date.now(), failure: "", failedSince: 0 };
			unreachable.value = 0;
		} catch (error) {
			if (error instanceof ApiError && error.status === 0 && !unreachable.value) unreachable.value = Date.now();
			known.value = { ...known.peek(), failure: sentenceOf(error), failedSince: known.peek().failedSince || Date.now() };
		} finally {
			asking = false;
		}
	};
	return { known, ask, every_ms };
}

export const burst = source<Burst>(2000, async () => {
	const answer = await consoleApi.burst();
	const ahead = new Date(answer.now).getTime() - Date.now();
	/* whole seconds and the way here are not worth a jump */
	if (Math.abs(ahead - skew.peek()) > 3000) skew.value = ahead;
	return answer;
});
export const status = source<Answer<SyncStatus>>(4000, consoleApi.status);
export const costs = source<Answer<Costs>>(15000, consoleApi.costs);
export const events = source<Answer<{ events: SyncEvent[] }>>(10000, consoleApi.events);
export const batches = source<{ batches: Batch[] }>(2000, () => consoleApi.batches(100));
export const updates = source<Updates>(10000, consoleApi.updates);
export const people = source<{ people: Person[] }>(30000, consoleApi.people);
/* Only the totals of today are wanted. */
export const leftToday = source<Answer<Egress>>(10000, () => consoleApi.egress({ from: apiTime(midnight(now.peek())) }, 1));

export function midnight(at: number): number {
	return new Date(at).setHours(0, 0, 0, 0);
}

/* Asks at once and then regularly, not while nobody looks; ends what it returns. */
export function follow(...sources: Source<unknown>[]): () => void {
	const all = () => {
		for (const entry of sources) void entry.ask();
	};
	const timers = sources.map((entry) => window.setInterval(() => {
		if (!document.hidden) void entry.ask();
	}, entry.every_ms));
	document.addEventListener("visibilitychange", all);
	all();
	return () => {
		timers.forEach((timer) => window.clearInterval(timer));
		document.removeEventListener("visibilitychange", all);
	};
}
export function startTicking(): () => void {
	const timer = window.setInterval(() => { tick.value = Date.now(); }, 1000);
	return () => window.clearInterval(timer);
}
