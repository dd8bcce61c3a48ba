/* The measured curves under the timeline (uPlot), on the same time scale. */
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { signal, useComputed, useSignal } from "@preact/signals";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Run } from "../../api/types";
import { decimal, percent } from "../../kit/format";
import { theme } from "../../kit/settings";
import { t, type TextKey } from "../../text/text";
import { CELLS_MAX, cellCount } from "./reading";
import { gapsOf, GUTTER_LEFT, GUTTER_RIGHT, smoothedCells, type Axis } from "./timeline_math";
import type { Viewer } from "./viewer";

interface Curve {
	name: "area" | "cells" | "smooth" | "motion" | "sharpness" | "confidence";
	text: TextKey;
	colour: string;
	dash?: number[];
	value: (run: Run) => number | null;
	/* over the pictures around, instead of each by itself */
	values?: (runs: readonly Run[]) => (number | null)[];
	shown: (value: number, most: number) => string;
	/* upper end of its scale; undefined: its own maximum */
	top?: number;
	/* a count does not pass through the numbers between */
	stepped?: true;
	/* as read: points without a line */
	points?: true;
}
const CELLS_TOP = CELLS_MAX + 0.5;
const CURVES: Curve[] = [
	{ name: "area", text: "strip.area", colour: "--curve-area", value: (run) => run.area, shown: percent, top: 1000 },
	{ name: "smooth", text: "strip.smooth", colour: "--curve-cells", value: () => null, values: smoothedCells, shown: cellCount, top: CELLS_TOP, stepped: true },
	{ name: "cells", text: "strip.cells", colour: "--curve-raw", value: (run) => run.cells, shown: cellCount, top: CELLS_TOP, points: true },
	{ name: "confidence", text: "strip.confidence", colour: "--curve-confidence", dash: [1, 3],
		value: (run) => run.confidence, shown: percent, top: 1000 },
	{ name: "motion", text: "strip.motion", colour: "--curve-motion", dash: [6, 3],
		value: (run) => run.motion, shown: (value) => `${decimal(value / 10)} %` },
	/* its unit means nothing to a person: in shares of the sharpest picture */
	{ name: "sharpness", text: "strip.sharpness", colour: "--curve-sharpness", dash: [2, 2, 8, 2],
		value: (run) => run.sharpness, shown: (value, most) => percent((1000 * value) / most) },
];

/* The same for each embryo looked at; the others are there for who asks. */
const hidden = signal<ReadonlySet<string>>(new Set(["confidence", "motion", "sharpness"]));

const FEW_POINTS = 30;
/* a plot so low has no room for each second number beside it */
const LOW = 64;

const readable = (run: Run): boolean => run.read && !run.damaged && run.stage_group !== "empty";

/* A curve stops where pictures are missing; a line across would look measured. */
function brokenAtGaps(axis: Axis, values: readonly (readonly (number | null)[])[]): uPlot.AlignedData {
	const gaps = new Map(gapsOf(axis).map(({ from, to }) => [from, (from + to) / 2]));
	const places: number[] = [];
	const series: (number | null)[][] = values.map(() => []);
	axis.at.forEach((at, i) => {
		const gap = gaps.get(at);
		places.push(at);
		values.forEach((value, n) => series[n]?.push(value[i] ?? null));
		if (gap === undefined) return;
		places.push(gap);
		for (const broken of series) broken.push(null);
	});
	return [places, ...series];
}

const valuesOf = (curve: Curve, runs: readonly Run[]): (number | null)[] =>
	curve.values?.(runs) ?? runs.map((run) => (readable(run) ? curve.value(run) : null));

/* A point with nothing beside it would not be seen as a line; where there are few, all are shown. */
function alone(plot: uPlot, series: number): number[] {
	const values = plot.data[series] ?? [];
	const few = values.length < FEW_POINTS;
	return [...values.keys()].filter((i) => typeof values[i] === "number"
		&& (few || (typeof values[i - 1] !== "number" && typeof values[i + 1] !== "number")));
}

function draw(target: HTMLElement, values: (number | null)[][], axis: Axis, width: number, height: number): uPlot {
	const style = getComputedStyle(target);
	const colour = (name: string) => style.getPropertyValue(name).trim();
	const options: uPlot.Options = {
		width, height,
		padding: [8, 0, 8, 0],
		legend: { show: false },
		cursor: { show: false },
		scales: { x: { time: false, range: [axis.min, axis.max] } },
		axes: [
			{ show: false },
			{
				scale: "area", size: GUTTER_LEFT, stroke: colour("--muted"), font: `11px ${style.fontFamily}`, gap: 6,
				values: (_, splits) => splits.map((value) => `${value / 10} %`), splits: [0, 500, 1000],
				grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false },
			},
			{
				scale: "smooth", side: 1, size: GUTTER_RIGHT, stroke: colour("--muted"), font: `11px ${style.fontFamily}`, gap: 4,
				splits: height < LOW ? [4, 8] : [2, 4, 6, 8], grid: { show: false }, ticks: { show: false },
			},
		],
		series: [{}, ...CURVES.map((curve): uPlot.Series => ({
			scale: curve.name, show: !hidden.peek().has(curve.name), stroke: colour(curve.colour), width: 1.5, dash: curve.dash,
			paths: curve.points ? () => null : curve.stepped && uPlot.paths.stepped?.({ align: 1 }),
			points: { show: true, size: curve.points ? 3 : 5, fill: colour(curve.colour), filter: curve.points ? undefined : alone }, spanGaps: false,
		}))],
	};
	for (const curve of CURVES) {
		options.scales![curve.name] = { range: (_, _min, max) => [0, curve.top ?? Math.max(1, (max ?? 1) * 1.05)] };
	}
	return new uPlot(options, brokenAtGaps(axis, values), target);
}

/* By itself: a step must not draw the plot anew. */
function Value({ viewer, curve, values }: { viewer: Viewer; curve: Curve; values: (number | null)[] }) {
	const most = useMemo(() => Math.max(1, ...values.map((value) => value ?? 0)), [values]);
	const text = useComputed(() => {
		const value = values[viewer.index.value] ?? null;
		return value === null ? "–" : curve.shown(value, most);
	});
	return <span class="curves-value">{text}</span>;
}

export function Curves({ viewer, width }: { viewer: Viewer; width: number }) {
	const box = useRef<HTMLDivElement>(null);
	/* what the timeline above leaves */
	const height = useSignal(0);
	const axis = viewer.axis.value;
	const runs = viewer.runs.value;
	const look = theme.value;
	const values = useMemo(() => CURVES.map((curve) => valuesOf(curve, runs)), [runs]);
	useLayoutEffect(() => {
		if (!box.current) return;
		const observer = new ResizeObserver(([entry]) => { height.value = Math.floor(entry?.contentRect.height ?? 0); });
		observer.observe(box.current);
		return () => observer.disconnect();
	}, []);
	useLayoutEffect(() => {
		if (!box.current || height.value === 0) return;
		const plot = draw(box.current, values, axis, width, height.value);
		return () => plot.destroy();
	}, [values, axis, width, height.value, look, hidden.value]);
	const toggle = (name: string) => {
		const next = new Set(hidden.value);
		if (!next.delete(name)) next.add(name);
		hidden.value = next;
	};
	return (
		<div class="curves">
			<div class="curves-legend" role="group" aria-label={t("strip.curves")}>
				{CURVES.map((curve, i) => (
					<button key={curve.name} type="button" aria-pressed={!hidden.value.has(curve.name)} onClick={() => toggle(curve.name)}>
						<svg width="22" height="8" aria-hidden="true">
							<path d="M0 4H22" class={`key-${curve.name}`} stroke-dasharray={curve.points ? "3 5" : curve.dash?.join(" ")} />
						</svg>
						{t(curve.text)}<Value key={runs} viewer={viewer} curve={curve} values={values[i] ?? []} />
					</button>
				))}
			</div>
			<div class="curves-plot" ref={box} aria-hidden="true" />
		</div>
	);
}
