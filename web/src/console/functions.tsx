/* What the functions did: a day, a week or three months. A clinic has a shape: nothing at night, all of it within the hour
 * before the decision, little on weekends. The pattern shows it, and what does not belong to it. */
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { consoleApi, type Answer, type Invocations } from "../api/console";
import { IconButton, Segments } from "../kit/controls";
import { clock, dayShort, decimal, integer, milliseconds, moment, money, share } from "../kit/format";
import { Left, Right } from "../kit/icons";
import { c, language } from "../text/text";
import { patternOf, RANGES, slotsOf, spanOf, type Range, type Slot, type Span } from "./buckets";
import { Chart, Hovering, type ChartSpec } from "./charts";
import { AgentGate, Figure, Nothing, Panel, useTitle } from "./parts";
import { place, setParams } from "./route";
import { now, type Known } from "./state";

const EVERY_MS = 10000;
type Told = Answer<Invocations>;
const UNKNOWN: Known<Told> = { value: null, at: 0, failure: "", failedSince: 0 };

const weekday = (at: number): string => new Date(at).toLocaleDateString(language.value, { weekday: "short" });
const axisDay = (at: number, days: number): string => (days <= 7 ? `${weekday(at)} ${new Date(at).getDate()}` : dayShort(at));

function slotName({ start }: Slot, span: Span): string {
	if (span.bucket_s === 86400) return `${weekday(start + 43200000)} ${dayShort(start + 43200000)}`;
	return `${span.days > 1 ? `${weekday(start)} ${dayShort(start)}, ` : ""}${clock(start)}–${clock(start + span.bucket_s * 1000)}`;
}

function Axis({ span }: { span: Span }) {
	const length = span.to - span.from;
	const ticks = span.days === 1 ? Array.from({ length: 8 }, (_, i) => ({ at: i / 8, text: `${String(3 * i).padStart(2, "0")}:00` }))
		: Array.from({ length: span.days <= 7 ? 7 : 13 }, (_, i) => {
			const start = new Date(span.from).setDate(new Date(span.from).getDate() + (span.days <= 7 ? i : 7 * i));
			return { at: (start - span.from) / length, text: axisDay(start, span.days) };
		});
	return <div class="chart-axis" aria-hidden="true">{ticks.map(({ at, text }) => <span key={text} style={{ left: `${100 * at}%` }}>{text}</span>)}</div>;
}

/* A week: a row a day, across it the hours. Three months: a column a day, down it the hours. */
function Pattern({ span, told, range }: { span: Span; told: Invocations; range: Range }) {
	const hover = useSignal<[number, number] | null>(null);
	const { days, cells, most } = patternOf(span, span.pattern_s, told.buckets);
	const columns = cells[0]?.length ?? 0;
	const across = range === "week";
	const [width, height] = across ? [columns, days.length] : [days.length, columns];
	const minutes = span.pattern_s / 60;
	const timeOf = (column: number) => `${String(Math.floor((column * minutes) / 60)).padStart(2, "0")}:${String((column * minutes) % 60).padStart(2, "0")}`;
	const at = hover.value;
	const move = (event: PointerEvent & { currentTarget: SVGSVGElement }) => {
		const box = event.currentTarget.getBoundingClientRect();
		const x = Math.min(width - 1, Math.max(0, Math.floor((width * (event.clientX - box.left)) / box.width)));
		const y = Math.min(height - 1, Math.max(0, Math.floor((height * (event.clientY - box.top)) / box.height)));
		hover.value = across ? [y, x] : [x, y];
	};
	const busiest = cells.flatMap((row, i) => row.map((value, j) => ({ value, i, j }))).reduce((best, entry) => (entry.value > best.value ? entry : best), { value: 0, i: 0, j: 0 });
	const shown = at ?? [busiest.i, busiest.j];
	const value = cells[shown[0]]?.[shown[1]] ?? 0;
	return (
		<Panel title={c("pattern.title")} note={c("pattern.lead")}
			tools={<span class="pattern-said">{most > 0 && <>{!at && `${c("pattern.busiest")} `}<b>{weekday(days[shown[0]] ?? 0)} {dayShort(days[shown[0]] ?? 0)}, {timeOf(shown[1])}</b> {c(value === 1 ? "invocations.one" : "invocations.n", { n: integer(value) })}</>}</span>}>
			<div class={across ? "pattern across" : "pattern down"}>
				<div class="pattern-rows" aria-hidden="true">{across ? days.map((day) => <span key={day}>{weekday(day)} {new Date(day).getDate()}</span>)
					: ["00:00", "06:00", "12:00", "18:00"].map((text) => <span key={text}>{text}</span>)}</div>
				<svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={c("pattern.title")} onPointerMove={move} onPointerLeave={() => { hover.value = null; }}>
					<rect width={width} height={height} class="pattern-ground" />
					{cells.flatMap((row, i) => row.map((count, j) => count > 0 && (
						<rect key={`${i} ${j}`} x={across ? j : i} y={across ? i : j} width="1" height="1" class="pattern-cell" style={{ opacity: 0.18 + 0.82 * Math.sqrt(count / most) }} />
					)))}
					{!across && days.map((day, i) => [0, 6].includes(new Date(day).getDay()) && <rect key={day} x={i} y="0" width="1" height={height} class="pattern-weekend" />)}
					{at && <rect x={across ? at[1] : at[0]} y={across ? at[0] : at[1]} width="1" height="1" class="pattern-at" vector-effect="non-scaling-stroke" />}
				</svg>
				{across && <div class="chart-axis" aria-hidden="true">{Array.from({ length: 8 }, (_, i) => <span key={i} style={{ left: `${(100 * i) / 8}%` }}>{`${String(3 * i).padStart(2, "0")}:00`}</span>)}</div>}
				{!across && <Axis span={span} />}
			</div>
		</Panel>
	);
}

const number = (name: "invocations" | "errors" | "throttles" | "retries" | "cold" | "concurrency") => (slot: Slot) => slot.bucket?.[name] ?? 0;
const took = (name: "p50" | "p95" | "max") => (slot: Slot) => (slot.bucket && slot.bucket.invocations > slot.bucket.errors + slot.bucket.throttles ? slot.bucket.duration_ms[name] : null);
const wentWell = (slot: Slot) => (slot.bucket ? slot.bucket.invocations - slot.bucket.errors - slot.bucket.throttles : 0);

function charts(told: Invocations): ChartSpec[] {
	const { total } = told;
	return [
		{ title: c("chart.invocations"), kind: "bars", shown: integer, total: integer(total.invocations), series: [
			{ name: c("series.answered"), colour: "--accent", value: wentWell }, { name: c("series.throttled"), colour: "--warn", value: number("throttles") },
			{ name: c("series.failed"), colour: "--bad", value: number("errors") }] },
		{ title: c("chart.duration"), kind: "spans", shown: milliseconds, total: c("chart.duration.total", { p50: milliseconds(total.duration_ms.p50), p95: milliseconds(total.duration_ms.p95) }), series: [
			{ name: c("series.p50"), colour: "--curve-motion", value: took("p50") }, { name: c("series.p95"), colour: "--curve-sharpness", value: took("p95") }, { name: c("series.max"), colour: "--line-strong", value: took("max") }] },
		{ title: c("chart.errors"), kind: "bars", shown: integer, total: c("chart.errors.total", { errors: integer(total.errors), throttles: integer(total.throttles), retries: integer(total.retries) }), series: [
			{ name: c("series.failed"), colour: "--bad", value: number("errors") }, { name: c("series.throttled"), colour: "--warn", value: number("throttles") }, { name: c("series.retries"), colour: "--muted", value: number("retries") }] },
		{ title: c("chart.cold"), kind: "bars", shown: integer, total: c("chart.cold.total", { n: integer(total.cold), share: share(total.invocations ? total.cold / total.invocations : 0) }), series: [
			{ name: c("series.cold"), colour: "--curve-motion", value: number("cold") }] },
		{ title: c("chart.concurrency"), kind: "bars", shown: (value) => decimal(value, value % 1 ? 1 : 0), total: c("chart.concurrency.total", { n: decimal(total.concurrency, total.concurrency % 1 ? 1 : 0) }), series: [
			{ name: c("series.concurrency"), colour: "--good", value: number("concurrency") }] },
	];
}

function Figures({ told }: { told: Invocations }) {
	const { total } = told;
	const wrong = total.errors + total.throttles;
	return (
		<div class="figures-row">
			<Figure label={c("chart.invocations")} value={integer(total.invocations)} note={c("functions.cuts", { n: integer(total.cuts) })} />
			<Figure label={c("functions.success")} value={total.invocations ? share((total.invocations - wrong) / total.invocations) : "–"} tone={wrong > 0.05 * total.invocations ? "warn" : undefined}
				note={c("chart.errors.total", { errors: integer(total.errors), throttles: integer(total.throttles), retries: integer(total.retries) })} />
			<Figure label={c("functions.duration")} value={total.invocations ? milliseconds(total.duration_ms.p50) : "–"} note={c("functions.duration.note", { p95: milliseconds(total.duration_ms.p95), max: milliseconds(total.duration_ms.max) })} />
			<Figure label={c("functions.cost")} value={money(total.cost_nano)} note={c("functions.billed", { time: milliseconds(total.billed_ms) })} />
		</div>
	);
}

function Failures({ told }: { told: Invocations }) {
	return (
		<Panel title={c("failures.title")} note={c("failures.lead")}>
			{told.failures.length === 0 ? <Nothing>{c("failures.none")}</Nothing> : (
				<div class="table-wrap tall" tabIndex={0} role="group" aria-label={c("failures.title")}><table class="table">
					<thead><tr><th scope="col">{c("column.time")}</th><th scope="col">{c("column.endpoint")}</th><th scope="col">{c("failures.code")}</th><th scope="col">{c("failures.sentence")}</th></tr></thead>
					<tbody>{told.failures.map((entry, i) => (
						<tr key={i}><td><time dateTime={entry.time}>{moment(entry.time, now.value)}</time></td><td>{entry.endpoint}</td><td><code>{entry.code}</code></td><td>{entry.sentence}</td></tr>
					))}</tbody>
				</table></div>
			)}
		</Panel>
	);
}

/* The same figures for those who read tables, or with a reader of screens. */
function Table({ slots, span }: { slots: Slot[]; span: Span }) {
	const busy = slots.filter((slot) => slot.bucket);
	return (
		<details class="more"><summary>{c("functions.table")}</summary>
			<div class="table-wrap tall" tabIndex={0} role="group" aria-label={c("functions.table")}><table class="table">
				<thead><tr><th scope="col">{c("column.time")}</th>{(["chart.invocations", "series.failed", "series.throttled", "series.retries", "chart.cold", "chart.concurrency", "series.p50", "series.p95", "functions.cost"] as const).map((key) =>
					<th key={key} scope="col" class="number">{c(key)}</th>)}</tr></thead>
				<tbody>{busy.map((slot) => slot.bucket && (
					<tr key={slot.start}><th scope="row">{slotName(slot, span)}</th><td class="number">{integer(slot.bucket.invocations)}</td><td class="number">{integer(slot.bucket.errors)}</td>
						<td class="number">{integer(slot.bucket.throttles)}</td><td class="number">{integer(slot.bucket.retries)}</td><td class="number">{integer(slot.bucket.cold)}</td>
						<td class="number">{integer(slot.bucket.concurrency)}</td><td class="number">{milliseconds(slot.bucket.duration_ms.p50)}</td><td class="number">{milliseconds(slot.bucket.duration_ms.p95)}</td>
						<td class="number">{money(slot.bucket.cost_nano)}</td></tr>
				))}</tbody>
			</table></div>
		</details>
	);
}

function Report({ told, pattern, span, range }: { told: Invocations; pattern: Invocations | null; span: Span; range: Range }) {
	const hover = useSignal<number | null>(null);
	const slots = slotsOf(span, told.buckets);
	const at = hover.value === null ? null : slots[hover.value];
	return (
		<>
			<Figures told={told} />
			{pattern && span.pattern_s > 0 && <Pattern span={span} told={pattern} range={range} />}
			<Panel title={c("charts.title")} note={c(`charts.lead.${range}`)} tools={<span class="pattern-said"><b>{at ? slotName(at, span) : ""}</b></span>}>
				{told.total.invocations === 0 ? <Nothing>{c("functions.none")}</Nothing> : (
					<Hovering count={slots.length} hover={hover} label={c("charts.title")}>
						{charts(told).map((spec) => <Chart key={spec.title} spec={spec} slots={slots} hover={hover} />)}
						<Axis span={span} />
					</Hovering>
				)}
				<Table slots={slots} span={span} />
			</Panel>
			<Failures told={told} />
		</>
	);
}

export function FunctionsPage() {
	useTitle(c("page.functions"));
	const { params } = place.value;
	const range = RANGES.find((name) => name === params.get("range")) ?? "day";
	const back = Math.max(0, Number.parseInt(params.get("back") ?? "0", 10) || 0);
	/* a new day is a new span, a new second is not */
	const today = new Date(now.value).setHours(12, 0, 0, 0);
	const span = spanOf(range, today, back);
	const told = useSignal<Known<Told>>(UNKNOWN);
	const pattern = useSignal<Known<Told>>(UNKNOWN);
	useEffect(() => {
		let wanted = true;
		told.value = pattern.value = UNKNOWN;
		const ask = async (into: typeof told, bucket_s: number) => {
			try {
				const value = await consoleApi.invocations(span.from, span.to, bucket_s);
				if (wanted) into.value = { value, at: Date.now(), failure: "", failedSince: 0 };
			} catch (error) {
				if (wanted) into.value = { ...into.value, failure: String((error as Error).message), failedSince: into.value.failedSince || Date.now() };
			}
		};
		const all = () => {
			void ask(told, span.bucket_s);
			if (span.pattern_s) void ask(pattern, span.pattern_s);
		};
		all();
		const timer = window.setInterval(() => { if (!document.hidden && back === 0) all(); }, EVERY_MS);
		return () => {
			wanted = false;
			window.clearInterval(timer);
		};
	}, [span.from, span.to]);
	return (
		<div class="stack">
			<div class="filters">
				<Segments label={c("range.label")} options={RANGES} value={range} onPick={(name) => setParams({ range: name === "day" ? "" : name, back: "" })} shown={(name) => c(`range.${name}`)} />
				<div class="stepper">
					<IconButton label={c("range.earlier")} onClick={() => setParams({ back: String(back + 1) })}><Left /></IconButton>
					<strong>{span.days === 1 ? `${weekday(span.from)} ${dayShort(span.from)}` : `${dayShort(span.from)} – ${dayShort(span.to - 1)}`}</strong>
					<IconButton label={c("range.later")} disabled={back === 0} onClick={() => setParams({ back: back > 1 ? String(back - 1) : "" })}><Right /></IconButton>
				</div>
			</div>
			<AgentGate known={told.value}>{(answer) => <Report key={`${range} ${back}`} told={answer} pattern={pattern.value.value?.answer ?? null} span={span} range={range} />}</AgentGate>
		</div>
	);
}
