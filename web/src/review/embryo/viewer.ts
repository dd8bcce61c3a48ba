/* What the embryo page shows and where it stands: one object for one embryo. The player, the timeline, the plot and the
 * keys all read and move the same few signals, so they cannot disagree. */
import { batch, computed, effect, signal, type ReadonlySignal } from "@preact/signals";
import { api } from "../../api/client";
import { acts, settle } from "../../api/outbox";
import { inOrder, listen } from "../../api/stream";
import type { Embryo, Run } from "../../api/types";
import { toast } from "../../kit/controls";
import { rememberFrame } from "../../kit/route";
import { PLAY_RATES, playRate } from "../../kit/settings";
import { language, t } from "../../text/text";
import { sentenceOf, user } from "../../kit/session";
import { Frames, MEMORY_CAP, type FrameKey } from "./frames";
import { knows, withWords } from "./words";
import { axisOf, hopIndex, nearest, nextEventRun, prefetchOrder, type Axis } from "./timeline_math";

export type Plane = number | "best";
export interface Point { x: number; y: number }
export type Painted = FrameKey & { state: "shown" | "missing" };

const RELOAD_MS = 1200;
/* Who rests this long on a picture may look at its other planes; who travels needs the next pictures first. */
const REST_MS = 250;
const NO_RUNS: Run[] = [];
/* Per cent of the picture as it came. */
export const LIGHT_MIN = 40;
export const LIGHT_MAX = 300;

/* Kept from one embryo to the next, so that "[" and "]" compare siblings at the same hour and plane, in the same light. */
const lastView: { hours: number | null; run: number | null; plane: Plane; light: number; contrast: number }
	= { hours: null, run: null, plane: 0, light: 100, contrast: 100 };
let lastDish = 0;

export class Viewer {
	/* As the box told it last, and with what this person has said that it does not hold yet. */
	private readonly told = signal<Embryo | null>(null);
	readonly embryo: ReadonlySignal<Embryo | null> = computed(() => withWords(this.told.value, acts.value, user.value?.name ?? ""));
	readonly failure = signal("");
	readonly run = signal<number | null>(null);
	readonly plane = signal<Plane>(lastView.plane);
	readonly painted = signal<Painted | null>(null);
	readonly playing = signal<0 | 1 | -1>(0);
	readonly zoom = signal({ scale: 1, x: 0, y: 0 });
	readonly light = signal(lastView.light);
	readonly contrast = signal(lastView.contrast);
	/* how wide the picture on the screen is by itself */
	readonly pixels = signal(500);
	readonly ruler = signal<{ on: boolean; ends: [Point, Point] }>({ on: false, ends: [{ x: 0.3, y: 0.5 }, { x: 0.7, y: 0.5 }] });
	readonly frames: Frames;

	readonly runs: ReadonlySignal<Run[]> = computed(() => this.embryo.value?.runs ?? NO_RUNS);
	readonly axis: ReadonlySignal<Axis> = computed(() => axisOf(this.runs.value));
	readonly index = computed(() => {
		const at = this.runs.value.findIndex((entry) => entry.run === this.run.value);
		return at < 0 ? Math.max(0, this.runs.value.length - 1) : at;
	});
	readonly current = computed<Run | null>(() => this.runs.value[this.index.value] ?? null);
	readonly focal = computed(() => focalOf(this.current.value, this.plane.value));
	/* The run of the picture that is really on the screen; events are set at this one, never at one still loading. */
	readonly seen = computed<Run | null>(() => {
		const painted = this.painted.value;
		if (painted?.state !== "shown") return null;
		return this.runs.value.find((entry) => entry.run === painted.run) ?? null;
	});

	private travel: 1 | -1 = 1;
	private readonly stops: (() => void)[] = [];
	private reloadTimer = 0;
	private restTimer = 0;

	/* memory: what its pictures may take, for viewers that stand side by side */
	constructor(readonly id: number, private readonly place: { run: number | null; focal: number | null }, memory = MEMORY_CAP) {
		this.frames = new Frames(id, memory);
		if (place.focal !== null) this.plane.value = place.focal;
		void this.load();
		this.stops.push(listen({
			change: ({ kind, subject }) => {
				const dish = this.embryo.peek()?.dish.dish;
				if (kind === "dish" ? subject === dish : kind !== "import" && kind !== "patient" && subject === id) this.reloadSoon();
				if (kind === "patient" || kind === "cycle") this.reloadSoon();
			},
			progress: () => {},
		}));
		this.stops.push(effect(() => this.follow()));
		this.stops.push(effect(() => this.play()));
		this.stops.push(effect(() => {
			lastView.light = this.light.value;
			lastView.contrast = this.contrast.value;
		}));
	}

	close(): void {
		window.clearTimeout(this.reloadTimer);
		window.clearTimeout(this.restTimer);
		for (const stop of this.stops) stop();
		this.frames.close();
	}

	private readonly ask = inOrder(async () => {
		const [asked, spoken] = [performance.now(), language.peek()];
		return { asked, spoken, next: await api.embryo(this.id) };
	}, ({ asked, spoken, next }) => {
		if (spoken !== language.peek()) return void this.load(); /* the box said its sentences in another language */
		const before = this.embryo.peek();
		if (before?.patient && before.patient.id !== next.patient?.id) toast("warn", t("embryo.changed"));
		this.frames.forgetFailures();
		batch(() => {
			this.told.value = next;
			settle(asked, knows(next, acts.peek(), user.peek()?.name ?? ""));
			this.failure.value = "";
			if (!before) this.start(next);
		});
	});
	async load(): Promise<void> {
		try {
			await this.ask();
		} catch (error) {
			if (user.value) this.failure.value = sentenceOf(error);
		}
	}

	private reloadSoon(): void {
		if (this.reloadTimer) return;
		this.reloadTimer = window.setTimeout(() => {
			this.reloadTimer = 0;
			void this.load();
		}, RELOAD_MS);
	}

	/* The address wins, then the hour or run of the sibling looked at before, then the last picture with an embryo. */
	private start(embryo: Embryo): void {
		const { runs } = embryo;
		const sibling = lastDish === embryo.dish.dish;
		lastDish = embryo.dish.dish;
		let run = runs.find((entry) => entry.run === this.place.run)?.run;
		if (run === undefined && sibling && lastView.hours !== null) run = nearestRun(runs, lastView.hours);
		if (run === undefined && sibling) run = runs.find((entry) => entry.run === lastView.run)?.run;
		if (run === undefined) {
			run = [...runs].reverse().find((entry) => !entry.damaged && entry.stage_group !== "empty")?.run ?? runs.at(-1)?.run;
		}
		this.run.value = run ?? null;
	}

	/* Runs whenever the place changes: remembers it and asks for pictures. */
	private follow(): void {
		const here = this.current.value;
		const focal = this.focal.value;
		if (!here || focal === null) return;
		lastView.hours = here.time_s;
		lastView.run = here.run;
		lastView.plane = this.plane.value;
		rememberFrame(this.id, here.run, focal);
		/* what is here is painted before anything else is asked for */
		if (this.frames.has({ run: here.run, focal })) this.prefetchSoon();
		else this.prefetch([focal]);
		window.clearTimeout(this.restTimer);
		this.restTimer = window.setTimeout(() => this.prefetch(here.planes), REST_MS);
	}

	private soon = 0;
	private prefetchSoon(): void {
		this.soon ||= requestAnimationFrame(() => window.setTimeout(() => {
			this.soon = 0;
			this.prefetch([this.focal.peek() ?? 0]);
		}));
	}

	private prefetch(planes: readonly number[]): void {
		const runs = this.runs.peek();
		const here = this.current.peek();
		const focal = this.focal.peek();
		if (!here || focal === null) return;
		const order = prefetchOrder(runs.length, this.index.peek(), this.travel, planes, focal, this.frames.room());
		const plane = this.plane.peek();
		this.frames.want(order.flatMap(({ index, focal: planned }) => {
			const run = runs[index];
			/* elsewhere in time the plane that will be shown there, here each of the planes */
			const wanted = run && run !== here ? focalOf(run, plane) : planned;
			return run && wanted !== null ? [{ run: run.run, focal: wanted }] : [];
		}));
	}

	goTo(index: number): void {
		const runs = this.runs.peek();
		const to = runs[Math.max(0, Math.min(runs.length - 1, index))];
		if (!to) return;
		const from = this.index.peek();
		if (index !== from) this.travel = index > from ? 1 : -1;
		this.run.value = to.run;
	}
	goToRun(run: number): void {
		const index = this.runs.peek().findIndex((entry) => entry.run >= run);
		if (index >= 0) this.goTo(index);
	}
	step(by: number): void {
		this.goTo(this.index.peek() + by);
	}
	hop(direction: 1 | -1): void {
		this.goTo(hopIndex(this.runs.peek(), this.index.peek(), direction));
	}
	jumpEvent(direction: 1 | -1): void {
		const run = nextEventRun(this.embryo.peek()?.evaluation?.events ?? [], this.run.peek() ?? 0, direction);
		if (run !== null) this.goToRun(run);
	}

	movePlane(by: 1 | -1): void {
		const planes = [...(this.current.peek()?.planes ?? [])].sort((a, b) => a - b);
		const at = planes.indexOf(this.focal.peek() ?? 0);
		const to = planes[at + by];
		if (to !== undefined) this.plane.value = to;
	}
	/* centre, and from the centre the sharpest of each picture */
	homePlane(): void {
		const planes = this.current.peek()?.planes ?? [];
		const centre = planes.reduce((best, focal) => (Math.abs(focal) < Math.abs(best) ? focal : best), planes[0] ?? 0);
		this.plane.value = this.plane.peek() === centre ? "best" : centre;
	}

	/* Plays picture by picture; one that is not painted yet is waited for, so none is left out. */
	private play(): (() => void) | void {
		const direction = this.playing.value;
		if (direction === 0) return;
		const pause = 1000 / Number(playRate.value);
		let last = performance.now();
		let handle = requestAnimationFrame(function tick(this: Viewer, now: number) {
			handle = requestAnimationFrame(tick.bind(this));
			if (now - last < pause - 4) return;
			const painted = this.painted.peek();
			if (painted?.run !== this.run.peek()) return;
			last = now;
			const to = this.index.peek() + direction;
			if (to < 0 || to >= this.runs.peek().length) this.playing.value = 0;
			else this.goTo(to);
		}.bind(this));
		return () => cancelAnimationFrame(handle);
	}
	/* The same again is faster. */
	playOn(direction: 1 | -1): void {
		if (this.playing.peek() === direction) playRate.value = PLAY_RATES[PLAY_RATES.indexOf(playRate.peek()) + 1] ?? playRate.peek();
		this.playing.value = direction;
	}
	togglePlay(direction: 1 | -1 = 1): void {
		if (this.playing.peek() !== 0) {
			this.playing.value = 0;
			return;
		}
		if (direction > 0 && this.index.peek() === this.runs.peek().length - 1) this.goTo(0);
		this.playing.value = direction;
	}

	/* Zoom about a point of the picture, given as shares of its side from the middle. */
	zoomBy(factor: number, x = 0, y = 0): void {
		const { scale, x: panX, y: panY } = this.zoom.peek();
		const to = Math.max(1, Math.min(8, scale * factor));
		this.panTo(to, x - (x - panX) * (to / scale), y - (y - panY) * (to / scale));
	}
	panTo(scale: number, x: number, y: number): void {
		const limit = (scale - 1) / 2;
		const within = (value: number) => Math.max(-limit, Math.min(limit, value));
		this.zoom.value = { scale, x: within(x), y: within(y) };
	}
	/* By tenths of the window. */
	pan(x: number, y: number): void {
		const zoom = this.zoom.peek();
		this.panTo(zoom.scale, zoom.x + x / 10, zoom.y + y / 10);
	}
	adjust(what: "light" | "contrast", by: number): void {
		this[what].value = Math.max(LIGHT_MIN, Math.min(LIGHT_MAX, this[what].peek() + by));
	}
	resetPicture(): void {
		this.light.value = this.contrast.value = 100;
		this.panTo(1, 0, 0);
	}

	/* It opens across the embryo, where the box has found it. */
	toggleRuler(): void {
		const { on, ends } = this.ruler.peek();
		const found = on ? null : this.current.peek()?.location;
		this.ruler.value = { on: !on, ends: found ? [{ x: found.x - found.r, y: found.y }, { x: found.x + found.r, y: found.y }] : ends };
	}
	moveRuler(end: 0 | 1, x: number, y: number): void {
		const within = (share: number) => Math.max(0, Math.min(1, share));
		const { on, ends } = this.ruler.peek();
		const moved = { x: within(x), y: within(y) };
		this.ruler.value = { on, ends: end === 0 ? [moved, ends[1]] : [ends[0], moved] };
	}
}

function nearestRun(runs: Run[], time_s: number): number | undefined {
	const timed = runs.filter((entry) => entry.time_s !== null);
	return timed[nearest(timed.map((entry) => entry.time_s ?? 0), time_s)]?.run;
}

function focalOf(run: Run | null, plane: Plane): number | null {
	if (!run || run.planes.length === 0) return null;
	if (plane === "best") return run.planes.includes(run.best) ? run.best : run.planes[0] ?? null;
	return run.planes.reduce((best, focal) => (Math.abs(focal - plane) < Math.abs(best - plane) ? focal : best));
}
