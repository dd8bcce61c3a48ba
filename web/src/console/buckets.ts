/* Time ranges of the functions page, and buckets on the clinic's clock. Pure. */
import type { Bucket } from "../api/console";

export const RANGES = ["day", "week", "quarter"] as const;
export type Range = (typeof RANGES)[number];
/* days; length of a bucket of the charts and of the pattern (0: no pattern), seconds */
const SHAPES: Record<Range, { days: number; bucket_s: number; pattern_s: number }> = {
	day: { days: 1, bucket_s: 600, pattern_s: 0 },
	week: { days: 7, bucket_s: 3600, pattern_s: 900 },
	quarter: { days: 91, bucket_s: 86400, pattern_s: 3600 },
};
export interface Span { from: number; to: number; bucket_s: number; pattern_s: number; days: number }

/* Days are the calendar's, so that a change to summer time moves nothing. */
export function addDays(midnight: number, days: number): number {
	const date = new Date(midnight);
	return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime();
}
/* The range that ends with the day `back` ranges before that of now. */
export function spanOf(range: Range, now: number, back: number): Span {
	const { days, bucket_s, pattern_s } = SHAPES[range];
	const to = addDays(new Date(now).setHours(0, 0, 0, 0), 1 - back * days);
	return { from: addDays(to, -days), to, bucket_s, pattern_s, days };
}

export type Slot = { start: number; bucket: Bucket | null };
/* Every slot of the span, also those in which nothing happened. */
export function slotsOf(span: Pick<Span, "from" | "to" | "bucket_s">, buckets: readonly Bucket[]): Slot[] {
	const step = span.bucket_s * 1000;
	const slots: Slot[] = Array.from({ length: Math.max(0, Math.ceil((span.to - span.from) / step)) }, (_, i) => ({ start: span.from + i * step, bucket: null }));
	for (const bucket of buckets) {
		const slot = slots[Math.floor((new Date(bucket.start).getTime() - span.from) / step)];
		if (slot) slot.bucket = bucket;
	}
	return slots;
}

/* rows: days, oldest first; columns: parts of the day; invocations. */
export function patternOf(span: Pick<Span, "from" | "to" | "days">, pattern_s: number, buckets: readonly Bucket[]): { days: number[]; cells: number[][]; most: number } {
	const columns = 86400 / pattern_s;
	const days = Array.from({ length: span.days }, (_, i) => addDays(span.from, i));
	const cells = days.map(() => new Array<number>(columns).fill(0));
	const row = new Map(days.map((day, i) => [day, i]));
	let most = 0;
	for (const { start, invocations } of buckets) {
		const date = new Date(start);
		const i = row.get(new Date(date).setHours(0, 0, 0, 0));
		if (i === undefined) continue;
		const j = Math.floor((date.getHours() * 3600 + date.getMinutes() * 60) / pattern_s);
		const cell = (cells[i]![j] = (cells[i]![j] ?? 0) + invocations);
		most = Math.max(most, cell);
	}
	return { days, cells, most };
}

/* A round number at or above the most, for the top of a scale: 1, 2 or 5 times a power of ten. */
export function roundUp(most: number): number {
	if (most <= 0) return 1;
	const power = 10 ** Math.floor(Math.log10(most));
	return ([1, 2, 5, 10].find((step) => step * power >= most * 0.999) ?? 10) * power;
}
