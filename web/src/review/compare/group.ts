/* Two to six embryos side by side. One of them is at hand: keys move its pictures, and those that are tied to it go along,
 * at the same hour after insemination or at the same time before or after an event of each. */
import { batch, computed, effect, signal, untracked, type ReadonlySignal } from "@preact/signals";
import { STAGES, type EventName } from "../../api/types";
import { playRate } from "../../kit/settings";
import { nearest } from "../embryo/timeline_math";
import { Viewer } from "../embryo/viewer";

/* "hours": after insemination, or the picture's number where a slide's hours are unknown */
export type Lock = "hours" | EventName;

const MEMORY = 300e6;
/* A picture this far from the moment that the others show is another moment. */
const APART = { h: 0.75, run: 3 };

/* Where an embryo stands on the common scale; null where it cannot be put on it. */
interface Place { scale: string; zero: number }

export class Group {
	readonly viewers = signal<readonly Viewer[]>([]);
	readonly lock = signal<Lock>("hours");
	readonly tied = signal(true);
	/* let go one by one */
	readonly loose = signal<ReadonlySet<number>>(new Set());
	readonly atHand = signal(0);
	readonly playing = signal<0 | 1 | -1>(0);
	/* the moment on the common scale */
	private readonly moment = signal<number | null>(null);
	private readonly stops = new Map<Viewer, () => void>();
	private readonly placed = new Map<Viewer, number | null>();

	readonly active: ReadonlySignal<Viewer | null> = computed(() =>
		this.viewers.value.find((viewer) => viewer.id === this.atHand.value) ?? this.viewers.value[0] ?? null);
	readonly loaded = computed(() => this.viewers.value.every((viewer) => viewer.embryo.value !== null));
	private readonly scale = computed(() => {
		for (const viewer of this.viewers.value) {
			const place = this.placeOf(viewer);
			if (place) return place.scale;
		}
		return "";
	});
	/* events that two embryos have can tie them */
	readonly events = computed<EventName[]>(() => STAGES.filter((name) =>
		this.viewers.value.filter((viewer) => eventRun(viewer, name) !== null).length > 1));
	private readonly unplay = effect(() => this.play());
	private readonly untie = effect(() => {
		this.lock.value;
		this.tied.value;
		this.loose.value;
		untracked(() => this.gather());
	});

	/* Keeps the viewers it has: a picture that is loaded stays loaded when a neighbour comes or goes. */
	show(ids: readonly number[]): void {
		const before = this.viewers.peek();
		const next = ids.map((id) => before.find((viewer) => viewer.id === id)
			?? new Viewer(id, { run: null, focal: null }, MEMORY / ids.length));
		for (const viewer of before) if (!next.includes(viewer)) this.drop(viewer);
		this.viewers.value = next;
		for (const viewer of next) if (!this.stops.has(viewer)) this.stops.set(viewer, effect(() => this.watch(viewer)));
	}
	close(): void {
		this.unplay();
		this.untie();
		for (const viewer of this.viewers.peek()) this.drop(viewer);
	}
	private drop(viewer: Viewer): void {
		this.stops.get(viewer)?.();
		this.stops.delete(viewer);
		this.placed.delete(viewer);
		viewer.close();
	}

	private placeOf(viewer: Viewer): Place | null {
		const embryo = viewer.embryo.value;
		if (!embryo || embryo.runs.length === 0) return null;
		const { unit, at } = viewer.axis.value;
		const scale = unit === "h" ? "h" : `run ${embryo.dish.dish}`;
		if (this.lock.value === "hours") return { scale, zero: 0 };
		const run = eventRun(viewer, this.lock.value);
		const index = run === null ? -1 : viewer.runs.value.findIndex((entry) => entry.run >= run);
		return index < 0 ? null : { scale, zero: at[index] ?? 0 };
	}
	canHold(viewer: Viewer): boolean {
		return this.placeOf(viewer)?.scale === this.scale.value;
	}
	holds(viewer: Viewer): boolean {
		return this.tied.value && !this.loose.value.has(viewer.id) && this.canHold(viewer);
	}
	private held(): Viewer[] {
		return this.viewers.peek().filter((viewer) => this.holds(viewer));
	}
	/* How far its picture is from the moment the others show, in hours or pictures; 0 where it is near enough. */
	apart(viewer: Viewer): number {
		const place = this.placeOf(viewer);
		const moment = this.moment.value;
		const at = viewer.axis.value.at[viewer.index.value];
		if (!place || moment === null || at === undefined || !this.holds(viewer)) return 0;
		const off = at - place.zero - moment;
		return Math.abs(off) > APART[viewer.axis.value.unit] ? off : 0;
	}

	/* Whatever moved a picture that is tied (a key, the wheel, a click) moves the others. */
	private watch(viewer: Viewer): void {
		const run = viewer.run.value;
		if (run === null || this.placed.get(viewer) === run) return;
		untracked(() => {
			/* one that has just come goes where the others are */
			const first = !this.placed.has(viewer);
			this.placed.set(viewer, run);
			const guide = first ? this.held().find((other) => other !== viewer && this.placed.has(other)) : viewer;
			this.lead(guide ?? viewer);
		});
	}
	private lead(guide: Viewer): void {
		const place = this.placeOf(guide);
		if (!place || !this.holds(guide)) return;
		batch(() => {
			if (this.apart(guide) === 0 || this.placed.get(guide) === guide.run.peek()) {
				this.moment.value = (guide.axis.peek().at[guide.index.peek()] ?? 0) - place.zero;
			}
			for (const other of this.held()) if (other !== guide) this.follow(other);
		});
	}
	private follow(viewer: Viewer): void {
		const moment = this.moment.peek();
		const place = this.placeOf(viewer);
		if (moment === null || !place) return;
		viewer.goTo(nearest(viewer.axis.peek().at, moment + place.zero));
		this.placed.set(viewer, viewer.run.peek());
	}
	/* After a change of what ties them. */
	private gather(): void {
		const held = this.held();
		const active = this.active.peek();
		const guide = active && held.includes(active) ? active : held[0];
		if (guide) this.lead(guide);
	}

	/* Moves the one at hand and what is tied to it. One that is at its end while the others go on does not hold them up. */
	private drive(move: (viewer: Viewer) => void): boolean {
		const active = this.active.peek();
		if (!active) return false;
		const guides = this.holds(active) ? [active, ...this.held()].filter((viewer) => this.apart(viewer) === 0) : [active];
		return guides.some((viewer) => {
			const before = viewer.run.peek();
			move(viewer);
			return viewer.run.peek() !== before;
		});
	}
	step(by: number): void {
		this.drive((viewer) => viewer.step(by));
	}
	hop(direction: 1 | -1): void {
		this.drive((viewer) => viewer.hop(direction));
	}
	jumpEvent(direction: 1 | -1): void {
		this.drive((viewer) => viewer.jumpEvent(direction));
	}
	goTo(share: number): void {
		this.drive((viewer) => viewer.goTo(Math.round(share * (viewer.runs.peek().length - 1))));
	}
	/* The one at hand alone where it is let go, else all that are tied. */
	each(does: (viewer: Viewer) => void): void {
		const active = this.active.peek();
		if (!active) return;
		for (const viewer of this.holds(active) ? this.held() : [active]) does(viewer);
	}
	next(by: 1 | -1): void {
		const viewers = this.viewers.peek();
		const to = viewers[(viewers.indexOf(this.active.peek() as Viewer) + by + viewers.length) % viewers.length];
		if (to) this.atHand.value = to.id;
	}
	setLoose(id: number, isLoose: boolean): void {
		const next = new Set(this.loose.peek());
		if (isLoose) next.add(id);
		else next.delete(id);
		this.loose.value = next;
	}

	togglePlay(direction: 1 | -1 = 1): void {
		this.playing.value = this.playing.peek() === 0 ? direction : 0;
	}
	/* Picture by picture; all that are tied are waited for. */
	private play(): (() => void) | void {
		const direction = this.playing.value;
		if (direction === 0) return;
		const pause = 1000 / Number(playRate.value);
		let last = performance.now();
		const tick = (now: number) => {
			handle = requestAnimationFrame(tick);
			const active = this.active.peek();
			const waiting = active && (this.holds(active) ? this.held() : [active]).some(({ painted, run }) => painted.peek()?.run !== run.peek());
			if (!active || now - last < pause - 4 || waiting) return;
			last = now;
			if (!this.drive((viewer) => viewer.step(direction))) this.playing.value = 0;
		};
		let handle = requestAnimationFrame(tick);
		return () => cancelAnimationFrame(handle);
	}
}

function eventRun(viewer: Viewer, name: EventName): number | null {
	return viewer.embryo.value?.evaluation?.events.find((row) => row.event === name)?.used?.run ?? null;
}
