/* The arithmetic of time on the embryo page: pure, so that tests can hold it. x is hours after insemination where every
 * picture has a time, else the run number: hours are never guessed. */
import type { EventRow, Run } from "../../api/types";
import { latestWords } from "./words";

/* Pixels beside the time scale of timeline and curves: for the names of the rows, and for the counts. */
export const GUTTER_LEFT = 76;
export const GUTTER_RIGHT = 20;

export interface Axis { unit: "h" | "run"; min: number; max: number; at: number[] }
/* sure: nothing came between this stage and the next one known; else a later stage may have begun unseen */
export interface Band { stage: string; from: number; to: number; sure: boolean }

export function axisOf(runs: readonly Run[]): Axis {
	const timed = runs.length > 0 && runs.every((run) => run.time_s !== null);
	const at = runs.map((run) => (timed ? (run.time_s ?? 0) / 3600 : run.run));
	let min = at[0] ?? 0;
	let max = at[at.length - 1] ?? 1;
	if (max - min < 1e-9) {
		min -= 0.5;
		max += 0.5;
	}
	return { unit: timed ? "h" : "run", min, max, at };
}

/* 0 at the first picture, 1 at the last; outside the axis where an event lies outside the pictures. */
export const shareOf = (axis: Axis, x: number): number => (x - axis.min) / (axis.max - axis.min);

/* The index whose value is nearest to x; values ascend. -1 without values. */
export function nearest(values: readonly number[], x: number): number {
	let low = 0;
	let high = values.length - 1;
	if (high < 0) return -1;
	while (low < high) {
		const middle = (low + high) >> 1;
		if ((values[middle] ?? 0) < x) low = middle + 1;
		else high = middle;
	}
	const after = values[low] ?? 0;
	const before = values[low - 1];
	return before !== undefined && x - before <= after - x ? low - 1 : low;
}

/* An hour of real time on or back, but always at least one picture; ten pictures where times are unknown. */
export const HOP_S = 3600;
export const HOP_RUNS = 10;
export function hopIndex(runs: readonly Run[], index: number, direction: 1 | -1): number {
	const last = runs.length - 1;
	const here = runs[index]?.time_s;
	let to: number;
	if (here === null || here === undefined || runs.some((run) => run.time_s === null)) to = index + direction * HOP_RUNS;
	else to = nearest(runs.map((run) => run.time_s ?? 0), here + direction * HOP_S);
	if (to === index) to = index + direction;
	return Math.max(0, Math.min(last, to));
}

/* The pictures at which an event is used, in order of time, without doubles. */
export function eventRuns(events: readonly EventRow[]): number[] {
	const runs = new Set<number>();
	for (const event of events) if (event.used) runs.add(event.used.run);
	return [...runs].sort((a, b) => a - b);
}
export function nextEventRun(events: readonly EventRow[], run: number, direction: 1 | -1): number | null {
	const runs = eventRuns(events);
	const found = direction > 0 ? runs.find((at) => at > run) : runs.reverse().find((at) => at < run);
	return found ?? null;
}

/* The last picture that does not show an empty well. */
function lastSeen(axis: Axis, runs: readonly Run[]): number {
	const trailing = [...runs].reverse().findIndex((run) => run.stage_group !== "empty");
	return trailing <= 0 ? axis.max : axis.at[runs.length - 1 - trailing] ?? axis.max;
}

/* What the evaluation says the embryo was, from event to event; from/to are axis values. reached: the furthest stage of
 * the evaluation. Before the first event nothing is claimed, nor after the embryo has left the well. */
export function bandsOf(axis: Axis, runs: readonly Run[], events: readonly EventRow[], reached: string): Band[] {
	const known = events.flatMap((event, order) => {
		if (!event.used) return [];
		const run = event.used.run;
		const index = runs.findIndex((entry) => entry.run >= run);
		return [{ stage: event.event as string, order, from: axis.at[index < 0 ? axis.at.length - 1 : index] ?? axis.max }];
	});
	known.sort((a, b) => a.from - b.from || a.order - b.order);
	const end = lastSeen(axis, runs);
	const skipped = (event: EventRow): boolean => event.human.length > 0 && latestWords(event).every((word) => word.absent);
	return known.map(({ stage, order, from }, i) => {
		const next = known[i + 1];
		const sure = next ? events.slice(order + 1, next.order).every(skipped) : stage === reached;
		return { stage, from, to: Math.min(end, next?.from ?? end), sure };
	}).filter((band) => band.to > band.from);
}

/* Who has a mark on the timeline, this person first: each reader has a row, so that they can be told apart without a
 * colour. Where there are more readers than rows the last row is shared. */
export const READERS_MAX = 4;
export function readersOf(events: readonly EventRow[], self: string): string[] {
	const names = new Set(events.flatMap((row) => latestWords(row).filter((word) => !word.absent).map((word) => word.author)));
	return [...names].sort((a, b) => Number(b === self) - Number(a === self) || a.localeCompare(b));
}

/* The count over the pictures around: their median, and none where most of them cannot be counted. */
const AROUND = 3;
export function smoothedCells(runs: readonly Run[]): (number | null)[] {
	return runs.map((run, i) => {
		if (!run.read || run.damaged) return null;
		const near = runs.slice(Math.max(0, i - AROUND), i + AROUND + 1).filter((entry) => entry.read && !entry.damaged);
		const counts = near.flatMap((entry) => (entry.cells === null ? [] : [entry.cells])).sort((a, b) => a - b);
		return 2 * counts.length > near.length ? counts[(counts.length - 1) >> 1] ?? null : null;
	});
}

/* Stretches of pictures that were read, one behind the other, as indices [from, to): a curve or a ribbon stops between. */
export function stretchesOf(axis: Axis, runs: readonly Run[], readable: (run: Run) => boolean): [number, number][] {
	const gaps = new Set(gapsOf(axis).map(({ from }) => from));
	const found: [number, number][] = [];
	let from = -1;
	runs.forEach((run, i) => {
		if (!readable(run)) {
			from = -1;
			return;
		}
		if (from < 0) found.push([from = i, i + 1]);
		else (found.at(-1) ?? [0, 0])[1] = i + 1;
		if (gaps.has(axis.at[i] ?? 0)) from = -1;
	});
	return found;
}

/* Stretches without pictures: steps more than three times the usual one. */
export function gapsOf(axis: Axis): { from: number; to: number }[] {
	const steps = axis.at.slice(1).map((x, i) => x - (axis.at[i] ?? x));
	const usual = [...steps].sort((a, b) => a - b)[steps.length >> 1] ?? 0;
	const gaps: { from: number; to: number }[] = [];
	steps.forEach((step, i) => {
		if (usual > 0 && step > 3 * usual) gaps.push({ from: axis.at[i] ?? 0, to: axis.at[i + 1] ?? 0 });
	});
	return gaps;
}

/* Round numbers about every `pixels` pixels. Hours go by the lab's own rounds: quarter days. */
export function ticksOf(axis: Axis, width: number, pixels = 72): number[] {
	const span = axis.max - axis.min;
	const steps = axis.unit === "h" ? [0.25, 0.5, 1, 2, 3, 6, 12, 24, 48] : [1, 2, 5, 10, 20, 50, 100, 200, 500];
	const step = steps.find((candidate) => (candidate / span) * width >= pixels) ?? steps[steps.length - 1] ?? 1;
	const ticks: number[] = [];
	for (let x = Math.ceil(axis.min / step) * step; x <= axis.max + 1e-9; x += step) ticks.push(x);
	return ticks;
}

/* Which labels fit: each gets the first row where it does not touch its neighbour, -1 where there is none. */
export function placeLabels(items: readonly { x: number; width: number }[], rows: number, gap = 6): number[] {
	const end: number[] = Array.from({ length: rows }, () => -Infinity);
	return items.map(({ x, width }) => {
		const row = end.findIndex((right) => x - width / 2 >= right + gap);
		if (row >= 0) end[row] = x + width / 2;
		return row;
	});
}

/* The frames worth loading, most wanted first: the one on the screen, then ahead in the direction of travel, a few
 * behind, the other planes here, then the rest of this plane outward. */
export function prefetchOrder(count: number, index: number, direction: 1 | -1, planes: readonly number[], plane: number,
	limit: number): { index: number; focal: number }[] {
	const AHEAD = 24;
	const BEHIND = 6;
	const order: { index: number; focal: number }[] = [];
	const seen = new Set<string>();
	const add = (at: number, focal: number) => {
		const key = `${at} ${focal}`;
		if (at < 0 || at >= count || order.length >= limit || seen.has(key)) return;
		seen.add(key);
		order.push({ index: at, focal });
	};
	add(index, plane);
	for (let i = 1; i <= 4; i++) add(index + i * direction, plane);
	const near = [...planes].sort((a, b) => Math.abs(a - plane) - Math.abs(b - plane));
	for (const focal of near) add(index, focal);
	for (let i = 5; i <= AHEAD; i++) add(index + i * direction, plane);
	for (let i = 1; i <= BEHIND; i++) add(index - i * direction, plane);
	for (let i = AHEAD + 1; i < count; i++) add(index + i * direction, plane);
	for (let i = BEHIND + 1; i < count; i++) add(index - i * direction, plane);
	return order;
}
