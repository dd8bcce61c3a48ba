/* The pictures of one embryo: fetched, decoded off the page's own thread into bitmaps, and kept up to a memory cap. The
 * caller says what it wants in order of urgency; what is no longer wanted is dropped from the queue at once. */
import { signal } from "@preact/signals";
import { framePath } from "../../api/client";

/* A bitmap is 4 bytes a pixel: about 300 pictures of 500x500. */
export const MEMORY_CAP = 300e6;
const TOGETHER = 6;
/* How often what shows the loaded pictures follows: it must not compete with the pictures themselves. */
const TELL_MS = 300;

export interface FrameKey { run: number; focal: number }
const nameOf = (key: FrameKey): string => `${key.run}/${key.focal}`;

export class Frames {
	/* moves when the most wanted picture has come, or cannot be had */
	readonly arrival = signal(0);
	/* moves a few times a second while pictures come */
	readonly loaded = signal(0);
	private readonly bitmaps = new Map<string, ImageBitmap>();
	private readonly failed = new Set<string>();
	private readonly flying = new Map<string, AbortController>();
	private queue: FrameKey[] = [];
	private first = "";
	private bytes = 0;
	private teller = 0;
	private open = true;

	constructor(private readonly embryo: number, private readonly cap = MEMORY_CAP) {}

	get(key: FrameKey): ImageBitmap | undefined {
		const name = nameOf(key);
		const bitmap = this.bitmaps.get(name);
		if (bitmap) {
			/* last used goes to the end: the map is its own record of age */
			this.bitmaps.delete(name);
			this.bitmaps.set(name, bitmap);
		}
		return bitmap;
	}
	has(key: FrameKey): boolean {
		return this.bitmaps.has(nameOf(key));
	}
	isFailed(key: FrameKey): boolean {
		return this.failed.has(nameOf(key));
	}
	/* how many pictures fit, judged by those that are here */
	room(): number {
		const each = this.bitmaps.size > 0 ? this.bytes / this.bitmaps.size : 1e6;
		return Math.max(40, Math.floor((0.8 * this.cap) / each));
	}

	/* The most wanted first. */
	want(keys: FrameKey[]): void {
		this.first = keys[0] ? nameOf(keys[0]) : "";
		const names = new Set(keys.map(nameOf));
		for (const [name, flight] of this.flying) {
			if (names.has(name)) continue;
			/* its end comes later; who wants it again by then asks again */
			flight.abort();
			this.flying.delete(name);
		}
		this.queue = keys.filter((key) => !this.has(key) && !this.isFailed(key) && !this.flying.has(nameOf(key)));
		this.launch();
	}

	close(): void {
		this.open = false;
		this.queue = [];
		window.clearTimeout(this.teller);
		for (const flight of this.flying.values()) flight.abort();
		for (const bitmap of this.bitmaps.values()) bitmap.close();
		this.bitmaps.clear();
	}

	private launch(): void {
		while (this.open && this.flying.size < TOGETHER) {
			const key = this.queue.shift();
			if (!key) return;
			void this.fetch(key);
		}
	}

	private async fetch(key: FrameKey): Promise<void> {
		const name = nameOf(key);
		const flight = new AbortController();
		this.flying.set(name, flight);
		try {
			const response = await fetch(framePath(this.embryo, key.run, key.focal), { signal: flight.signal });
			if (!response.ok) throw new Error(String(response.status));
			const bitmap = await createImageBitmap(await response.blob());
			if (this.open) this.keep(name, bitmap);
			else bitmap.close();
		} catch {
			if (!flight.signal.aborted) this.failed.add(name);
		} finally {
			if (this.flying.get(name) === flight) this.flying.delete(name);
			if (this.open) {
				if (name === this.first) this.arrival.value++;
				this.teller ||= window.setTimeout(() => {
					this.teller = 0;
					this.loaded.value++;
				}, TELL_MS);
				this.launch();
			}
		}
	}

	private keep(name: string, bitmap: ImageBitmap): void {
		this.bitmaps.set(name, bitmap);
		this.bytes += bitmap.width * bitmap.height * 4;
		for (const [old, stale] of this.bitmaps) {
			if (this.bytes <= this.cap || old === name) break;
			this.bitmaps.delete(old);
			this.bytes -= stale.width * stale.height * 4;
			stale.close();
		}
	}

	/* A picture that could not be loaded may be there later: after a reload of the embryo it is tried again. */
	forgetFailures(): void {
		this.failed.clear();
	}
}
