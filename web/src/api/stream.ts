/* Keeps the page in step with the box. The event stream is tried first; while it is down the changes feed is asked
 * every few seconds, and the stream is tried again with growing pauses. Nothing is lost in between: both carry seq, which
 * begins where the box stood when it said who is signed in, and moves only by what listeners are told. */
import { signal } from "@preact/signals";
import { api, ApiError } from "./client";
import type { Change, Progress } from "./types";

export type Connection = { state: "live" | "polling" | "unreachable" | "starting"; since: number };
export const connection = signal<Connection>({ state: "starting", since: Date.now() });

const POLL_MS = 3000;
const RETRY_MS = [1000, 3000, 8000, 20000];
/* A quiet stream is asked after once in a while: a dead link may look just the same. */
const SILENCE_MS = 45000;

interface Listener { change: (change: Change) => void; progress: (progress: Progress) => void }
const listeners = new Set<Listener>();
let source: EventSource | null = null;
let timer = 0;
let retries = 0;
let seq = 0;
let heard = 0;

export function listen(listener: Listener): () => void {
	listeners.add(listener);
	return () => listeners.delete(listener);
}

function say(state: Connection["state"]): void {
	if (connection.peek().state !== state) connection.value = { state, since: Date.now() };
}

function tell(change: Change): void {
	if (change.seq <= seq) return;
	seq = change.seq;
	for (const listener of listeners) listener.change(change);
}

async function poll(): Promise<void> {
	try {
		const answer = await api.changes(seq);
		say(source?.readyState === EventSource.OPEN ? "live" : "polling");
		for (const change of answer.changes) tell(change);
		/* the feed tells so many at a time */
		if (answer.changes.length > 0 && seq < answer.seq) void poll();
	} catch (error) {
		if (error instanceof ApiError && error.status === 401) return stopStream();
		/* asleep for so long that the box no longer keeps what came in between */
		if (error instanceof ApiError && error.status === 404) return location.reload();
		say("unreachable");
	}
}

function open(): void {
	source?.close();
	const stream = new EventSource(`/api/stream?since=${seq}`);
	source = stream;
	const hear = () => {
		heard = Date.now();
		say("live");
	};
	stream.onopen = () => {
		hear();
		retries = 0;
	};
	stream.addEventListener("change", (event) => {
		hear();
		tell(JSON.parse((event as MessageEvent<string>).data) as Change);
	});
	stream.addEventListener("progress", (event) => {
		hear();
		const progress = JSON.parse((event as MessageEvent<string>).data) as Progress;
		for (const listener of listeners) listener.progress(progress);
	});
	stream.onerror = () => {
		if (source !== stream) return;
		stream.close();
		source = null;
		void poll();
	};
	heard = Date.now();
}

/* The browser knows at once when its own network goes and comes. */
window.addEventListener("offline", () => {
	if (!timer) return;
	source?.close();
	source = null;
	void poll();
});
window.addEventListener("online", () => {
	if (timer) open();
});

/* Runs while somebody is signed in. since: the change number the box stood at before any page was asked for. */
export function startStream(since: number): void {
	stopStream();
	seq = since;
	open();
	let waited = 0;
	timer = window.setInterval(() => {
		if (source) {
			if (Date.now() - heard > SILENCE_MS) {
				heard = Date.now();
				void poll();
			}
			return;
		}
		waited += POLL_MS;
		if (waited >= (RETRY_MS[Math.min(retries, RETRY_MS.length - 1)] ?? POLL_MS)) {
			waited = 0;
			retries++;
			open();
		} else {
			void poll();
		}
	}, POLL_MS);
}

/* Loads what changes. Answers may overtake each other: one asked for before the one that is shown is let go. */
export function inOrder<Asked extends unknown[], T>(ask: (...about: Asked) => Promise<T>, show: (answer: T) => void) {
	let asked = 0;
	let shown = 0;
	return async (...about: Asked): Promise<void> => {
		const turn = ++asked;
		const answer = await ask(...about);
		if (turn < shown) return;
		shown = turn;
		show(answer);
	};
}

export function stopStream(): void {
	window.clearInterval(timer);
	timer = 0;
	source?.close();
	source = null;
	say("starting");
}
