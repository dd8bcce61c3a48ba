/* Charts over one time axis, drawn as SVG in the unit square and stretched: a few hundred bars need no library. What is
 * under the pointer is read out in the heads of all charts at once. */
import type { Signal } from "@preact/signals";
import { c } from "../text/text";
import { roundUp, type Slot } from "./buckets";

export interface Series { name: string; colour: string; value: (slot: Slot) => number | null }
export interface ChartSpec {
	title: string;
	series: Series[];
	/* bars: one on the other; spans: half, 95 % and the slowest */
	kind: "bars" | "spans";
	shown: (value: number) => string;
	total: string;
}

const WIDTH = 1000;
const HEIGHT = 100;

function Bars({ spec, slots, top }: { spec: ChartSpec; slots: Slot[]; top: number }) {
	const step = WIDTH / slots.length;
	const paths = spec.series.map(() => "");
	slots.forEach((slot, i) => {
		let base = 0;
		spec.series.forEach((series, s) => {
			const value = series.value(slot) ?? 0;
			if (value <= 0) return;
			/* what happened once is seen among thousands */
			const height = Math.max(1.5, (HEIGHT * value) / top);
			paths[s] += `M${(i * step + step * 0.1).toFixed(2)} ${(HEIGHT - base).toFixed(2)}v${(-height).toFixed(2)}h${(step * 0.8).toFixed(2)}v${height.toFixed(2)}z`;
			base += height;
		});
	});
	return <>{paths.map((path, s) => path && <path key={s} d={path} fill={`var(${spec.series[s]?.colour})`} />)}</>;
}

/* From half to 95 % a broad bar, from there to the slowest a thin one. Nothing is drawn where nothing happened: zero
 * milliseconds would be a lie. */
function Spans({ spec, slots, top }: { spec: ChartSpec; slots: Slot[]; top: number }) {
	const step = WIDTH / slots.length;
	const paths = ["", "", ""];
	const y = (value: number) => HEIGHT - (HEIGHT * value) / top;
	const bar = (i: number, width: number, from: number, to: number) =>
		`M${((i + 0.5 - width / 2) * step).toFixed(2)} ${y(from).toFixed(2)}V${Math.min(y(to), y(from) - 1.2).toFixed(2)}h${(width * step).toFixed(2)}V${y(from).toFixed(2)}z`;
	slots.forEach((slot, i) => {
		const [half, most, slowest] = spec.series.map((series) => series.value(slot));
		if (half == null || most == null || slowest == null) return;
		paths[2] += bar(i, 0.2, most, slowest);
		paths[1] += bar(i, 0.8, half, most);
		paths[0] += bar(i, 0.8, half - top * 0.012, half + top * 0.012);
	});
	return <>{[2, 1, 0].map((s) => paths[s] && <path key={s} d={paths[s]} fill={`var(${spec.series[s]?.colour})`} />)}</>;
}

export function Chart({ spec, slots, hover }: { spec: ChartSpec; slots: Slot[]; hover: Signal<number | null> }) {
	const sums = slots.map((slot) => {
		const values = spec.series.map((series) => series.value(slot) ?? 0);
		return spec.kind === "bars" ? values.reduce((sum, value) => sum + value, 0) : Math.max(...values);
	});
	const top = roundUp(Math.max(0, ...sums));
	const at = hover.value === null ? null : slots[hover.value] ?? null;
	return (
		<div class="chart">
			<div class="chart-head">
				<h3>{spec.title}</h3>
				{spec.series.map((series) => {
					const value = at && series.value(at);
					return (
						<span key={series.name} class="chart-key"><i style={{ background: `var(${series.colour})` }} />{series.name}
							{at && <b>{value === null ? "–" : spec.shown(value)}</b>}</span>
					);
				})}
				<span class="chart-total">{!at && spec.total}</span>
			</div>
			<div class="chart-plot">
				<span class="chart-top">{spec.shown(top)}</span>
				<svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
					<path d={`M0 0H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}`} class="chart-grid" vector-effect="non-scaling-stroke" />
					{spec.kind === "bars" ? <Bars spec={spec} slots={slots} top={top} /> : <Spans spec={spec} slots={slots} top={top} />}
					<path d={`M0 ${HEIGHT}H${WIDTH}`} class="chart-base" vector-effect="non-scaling-stroke" />
				</svg>
				{hover.value !== null && <div class="chart-over"><span class="chart-cursor" style={{ left: `${(100 * hover.value) / slots.length}%`, width: `${100 / slots.length}%` }} /></div>}
			</div>
		</div>
	);
}

/* The pointer or the arrow keys choose a slot for all charts inside. */
export function Hovering({ count, hover, label, children }: { count: number; hover: Signal<number | null>; label: string; children: preact.ComponentChildren }) {
	const move = (event: PointerEvent & { currentTarget: HTMLElement }) => {
		const plot = event.currentTarget.querySelector(".chart-plot svg")?.getBoundingClientRect();
		if (!plot) return;
		const i = Math.floor((count * (event.clientX - plot.left)) / plot.width);
		hover.value = i >= 0 && i < count ? i : null;
	};
	const key = (event: KeyboardEvent) => {
		const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
		if (event.key === "Escape") hover.value = null;
		if (!step) return;
		event.preventDefault();
		hover.value = Math.max(0, Math.min(count - 1, hover.value === null ? (step > 0 ? 0 : count - 1) : hover.value + step));
	};
	return (
		<div class="charts" role="group" tabIndex={0} aria-label={`${label}. ${c("charts.keys")}`} onPointerMove={move} onPointerLeave={() => { hover.value = null; }} onKeyDown={key}>
			{children}
		</div>
	);
}
