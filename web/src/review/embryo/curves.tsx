/* The measured curves under the timeline (uPlot), on the same time scale. */
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Run } from "../../api/types";
import { decimal, percent } from "../../kit/format";
import { theme } from "../../kit/settings";
import { t, type TextKey } from "../../text/text";
import { GUTTER_LEFT, GUTTER_RIGHT } from "./strip";
import { CELLS_MAX, cellCount } from "./reading";
import { gapsOf, type Axis } from "./timeline_math";
import type { Viewer } from "./viewer";

interface Curve {
	name: "area" | "cells" | "motion" | "sharpness" | "confidence";
	text: TextKey;
	colour: string;
	dash?: number[];
	value: (run: Run) => number | null;
	shown: (value: number, most: number) => string;
	/* upper end of its scale; undefined: its own maximum */
	top?: number;
	/* a count does not pass through the numbers between */
	stepped?: true;
}
const CURVES: Curve[] = [
	{ name: "area", text: "strip.area", colour: "--curve-area", value: (run) => run.area, shown: percent, top: 1000 },
	{ name: "confidence", text: "strip.confidence", colour: "--curve-confidence", dash: [1, 3],
		value: (run) => run.confidence, shown: percent, top: 1000 },
	{ name: "cells", text: "strip.cells", colour: "--curve-cells", value: (run) => run.cells, shown: cellCount, top: CELLS_MAX + 0.5, stepped: true },
	{ name: "motion", text: "strip.motion", colour: "--curve-motion", dash: [6, 3],
		value: (run) => run.motion, shown: (value) => `${decimal(value / 10)} %` },
	/* its unit means nothing to a person: in shares of the sharpest picture */
	{ name: "sharpness", text: "strip.sharpness", colour: "--curve-sharpness", dash: [2, 2, 8, 2],
		value: (run) => run.sharpness, shown: (value, most) => percent((1000 * value) / most) },
];

const FEW_POINTS = 30;

const readable = (run: Run): boolean => run.read && !run.damaged && run.stage_group !== "empty";

/* A curve stops where pictures are missing; a line across would look measured. */
function brokenAtGaps(axis: Axis, runs: readonly Run[]): { at: number[]; runs: (Run | null)[] } {
	const gaps = new Map(gapsOf(axis).map(({ from, to }) => [from, (from + to) / 2]));
	const broken: { at: number[]; runs: (Run | null)[] } = { at: [], runs: [] };
	runs.forEach((run, i) => {
		const at = axis.at[i] ?? 0;
		broken.at.push(at);
		broken.runs.push(run);
		const gap = gaps.get(at);
		if (gap === undefined) return;
		broken.at.push(gap);
		broken.runs.push(null);
	});
	return broken;
}

/* A point with nothing beside it would not be seen as a line; where there are few, all are shown. */
function alone(plot: uPlot, series: number): number[] {
	const values = plot.data[series] ?? [];
	const few = values.length < FEW_POINTS;
	return [...values.keys()].filter((i) => typeof values[i] === "number"
		&& (few || (typeof values[i - 1] !== "number" && typeof values[i + 1] !== "number")));
}

function draw(target: HTMLElement, runs: Run[], axis: Axis, width: number, height: number, hidden: ReadonlySet<string>): uPlot {
	const style = getComputedStyle(target);
	const colour = (name: string) => style.getPropertyValue(name).trim();
	const options: uPlot.Options = {
		width, height,
		padding: [8, GUTTER_RIGHT, 8, 0],
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
		],
		series: [{}, ...CURVES.map((curve): uPlot.Series => ({
			scale: curve.name, show: !hidden.has(curve.name), stroke: colour(curve.colour), width: 1.5, dash: curve.dash,
			paths: curve.stepped && uPlot.paths.stepped?.({ align: 1 }),
			points: { show: true, size: 5, fill: colour(curve.colour), filter: alone }, spanGaps: false,
		}))],
	};
	for (const curve of CURVES) {
		options.scales![curve.name] = { range: (_, _min, max) => [0, curve.top ?? Math.max(1, (max ?? 1) * 1.05)] };
	}
	const broken = brokenAtGaps(axis, runs);
	const data: uPlot.AlignedData = [broken.at, ...CURVES.map((curve) => broken.runs.map((run) => (run && readable(run) ? curve.value(run) : null)))];
	return new uPlot(options, data, target);
}

export function Curves({ viewer, width }: { viewer: Viewer; width: number }) {
	const box = useRef<HTMLDivElement>(null);
	const hidden = useSignal<ReadonlySet<string>>(new Set());
	const embryo = viewer.embryo.value;
	const axis = viewer.axis.value;
	const runs = viewer.runs.value;
	const look = theme.value;
	useLayoutEffect(() => {
		if (!box.current) return;
		const plot = draw(box.current, viewer.runs.peek(), axis, width, box.current.clientHeight, hidden.value);
		return () => plot.destroy();
	}, [embryo, axis, width, look, hidden.value]);
	const run = viewer.current.value;
	const most = useMemo(() => new Map(CURVES.map((curve) => [curve.name, Math.max(1, ...runs.map((entry) => curve.value(entry) ?? 0))])), [runs]);
	const toggle = (name: string) => {
		const next = new Set(hidden.value);
		if (!next.delete(name)) next.add(name);
		hidden.value = next;
	};
	return (
		<div class="curves">
			<div class="curves-legend" role="group" aria-label={t("strip.curves")}>
				{CURVES.map((curve) => {
					const value = run && readable(run) ? curve.value(run) : null;
					return (
						<button key={curve.name} type="button" aria-pressed={!hidden.value.has(curve.name)} onClick={() => toggle(curve.name)}>
							<svg width="22" height="8" aria-hidden="true">
								<path d="M0 4H22" class={`key-${curve.name}`} stroke-dasharray={curve.dash?.join(" ")} />
							</svg>
							{t(curve.text)}<span class="curves-value">{value === null ? "–" : curve.shown(value, most.get(curve.name) ?? 1)}</span>
						</button>
					);
				})}
			</div>
			<div class="curves-plot" ref={box} aria-hidden="true" />
		</div>
	);
}
