/* The event timeline, drawn as SVG: what people said (diamonds), what was read (ticks with their interval), the stage
 * bands that follow from both, the raw reading of each picture below, and which pictures are loaded. */
import { useMemo } from "preact/hooks";
import type { Embryo, EventRow, Run } from "../../api/types";
import { decimal, hours, percent } from "../../kit/format";
import { language, t, tName } from "../../text/text";
import { latestWords } from "./words";
import { GUTTER_LEFT, GUTTER_RIGHT } from "./strip";
import { bandsOf, gapsOf, placeLabels, shareOf, ticksOf, type Axis, type Band } from "./timeline_math";
import type { Viewer } from "./viewer";

const ROW = { human: 14, automatic: 40, bands: 60, ribbon: 82, loaded: 92, axis: 110 };
const BAND_HEIGHT = 20;
export const TIMELINE_HEIGHT = 118;
const LABEL_WIDTH = 7;

interface Scale { axis: Axis; width: number; x: (value: number) => number }

/* Where an event lies on the axis: its own time, or its run where times are unknown. */
function placeOf(axis: Axis, runs: readonly Run[], run: number | null, time_s: number | null): number | null {
	if (axis.unit === "h" && time_s !== null) return time_s / 3600;
	const index = run === null ? -1 : runs.findIndex((entry) => entry.run >= run);
	return axis.at[index] ?? null;
}

function Bands({ scale, bands }: { scale: Scale; bands: Band[] }) {
	return <g>{bands.map(({ stage, from, to, sure }) => {
		const name = `${stage}: ${tName("event", stage)}`;
		return (
			<g key={stage}>
				<title>{sure ? name : `${name}. ${t("strip.later.title")}`}</title>
				<rect class={`${sure ? "band" : "band unsure"} s-${stage}`} x={scale.x(from)} y={ROW.bands}
					width={Math.max(1, scale.x(to) - scale.x(from))} height={BAND_HEIGHT} />
			</g>
		);
	})}</g>;
}

/* Above the hatching of gaps, so that they can be read. */
function BandLabels({ scale, bands }: { scale: Scale; bands: Band[] }) {
	return <g>{bands.map(({ stage, from, to, sure }) => {
		const left = scale.x(from);
		const room = scale.x(to) - left - 4;
		const long = t("strip.later", { stage });
		const text = !sure && long.length * LABEL_WIDTH < room ? long : stage;
		const width = text.length * LABEL_WIDTH;
		return width < room && <text key={stage} class={`band-label ${sure ? "" : "unsure"} s-${stage}`}
			x={left + Math.min(8, (room + 4 - width) / 2)} y={ROW.bands + 14}>{text}</text>;
	})}</g>;
}

/* One thin mark a picture: colour for the group, strength for the confidence; a damaged one is left open. */
function Ribbon({ scale, runs }: { scale: Scale; runs: readonly Run[] }) {
	return <g>{runs.map((run, i) => {
		const here = scale.axis.at[i] ?? 0;
		const next = scale.axis.at[i + 1] ?? here;
		if (!run.stage_group || run.damaged) return null;
		const width = Math.min(Math.max(1, scale.x(next) - scale.x(here)), 12);
		return <rect key={run.run} class={`ribbon g-${run.stage_group}`} x={scale.x(here)} y={ROW.ribbon} width={width + 0.3} height={5}
			opacity={0.25 + (0.75 * (run.confidence ?? 0)) / 1000} />;
	})}</g>;
}

function Automatic({ scale, runs, events }: { scale: Scale; runs: readonly Run[]; events: EventRow[] }) {
	const found = events.flatMap((row) => {
		const at = row.automatic && placeOf(scale.axis, runs, row.automatic.run, row.automatic.time_s);
		return row.automatic && at !== null ? [{ row, at: scale.x(at), event: row.automatic }] : [];
	}).sort((a, b) => a.at - b.at);
	const rows = placeLabels(found.map(({ row, at }) => ({ x: at, width: row.event.length * LABEL_WIDTH })), 1);
	return <g>{found.map(({ row, at, event }, i) => {
		const timed = scale.axis.unit === "h" && event.earliest_s !== null && event.latest_s !== null;
		const from = timed ? scale.x((event.earliest_s ?? 0) / 3600) : at;
		const to = timed ? Math.min(scale.width - 4, scale.x((event.latest_s ?? 0) / 3600)) : at;
		return (
			<g key={row.event} class={row.used?.source === "automatic" ? "auto used" : "auto"} opacity={0.45 + (0.55 * event.confidence) / 1000}>
				<title>{t("strip.event.automatic", { event: tName("event", row.event), confidence: percent(event.confidence),
					time: event.time_s === null ? t("player.run", { run: event.run }) : `${hours(event.time_s)} h` })}</title>
				<rect class="hit" x={at - 6} y={ROW.automatic - 16} width={12} height={32} />
				<path d={`M${from} ${ROW.automatic + 6}h${Math.max(0, to - from)}M${from} ${ROW.automatic + 3}v6M${to} ${ROW.automatic + 3}v6`} />
				<path class="auto-tick" d={`M${at} ${ROW.automatic}v12`} />
				{rows[i] !== -1 && <text x={at} y={ROW.automatic - 4}>{row.event}</text>}
			</g>
		);
	})}</g>;
}

function Human({ scale, runs, events }: { scale: Scale; runs: readonly Run[]; events: EventRow[] }) {
	const found = events.flatMap((row) => latestWords(row).flatMap((word) => {
		const at = word.absent ? null : placeOf(scale.axis, runs, word.run, word.time_s);
		return at === null ? [] : [{ row, word, at: scale.x(at) }];
	})).sort((a, b) => a.at - b.at);
	/* the last of a cluster bears the name: to its right there is room */
	const room = (i: number) => (found[i + 1]?.at ?? Infinity) - (found[i]?.at ?? 0);
	return <g>{found.map(({ row, word, at }, i) => (
		<g key={`${row.event} ${word.author}`} class="human">
			<title>{t("strip.event.human", { event: tName("event", row.event), author: word.author,
				time: word.time_s === null ? t("player.run", { run: word.run ?? "" }) : `${hours(word.time_s)} h` })}</title>
			<path d={`M${at} ${ROW.human - 6}l6 6l-6 6l-6 -6z`} />
			{room(i) > row.event.length * LABEL_WIDTH + 16 && <text x={at + 9} y={ROW.human + 4}>{row.event}</text>}
		</g>
	))}</g>;
}

function AxisRow({ scale }: { scale: Scale }) {
	const { axis, width } = scale;
	return (
		<g class="axis">
			<path d={`M${GUTTER_LEFT} ${ROW.loaded + 4}H${width - GUTTER_RIGHT}`} />
			{ticksOf(axis, width - GUTTER_LEFT - GUTTER_RIGHT).map((tick) => (
				<g key={tick}>
					<path d={`M${scale.x(tick)} ${ROW.loaded + 4}v4`} />
					<text x={scale.x(tick)} y={ROW.axis + 4}>{axis.unit === "h" ? `${decimal(tick, tick % 1 === 0 ? 0 : 2)}` : tick}</text>
				</g>
			))}
		</g>
	);
}

/* All but the loaded marks: redrawn only when the embryo, the width or the language changes, not for each picture. */
function Drawing({ embryo, axis, width }: { embryo: Embryo; axis: Axis; width: number }) {
	const inner = width - GUTTER_LEFT - GUTTER_RIGHT;
	const scale: Scale = { axis, width, x: (value) => GUTTER_LEFT + shareOf(axis, value) * inner };
	const events = embryo.evaluation?.events ?? [];
	const { runs } = embryo;
	const bands = bandsOf(axis, runs, events, embryo.evaluation?.stage ?? "");
	return (
		<>
			<g class="strip-names">
				<text x={0} y={ROW.human + 4}>{t("strip.human")}</text>
				<text x={0} y={ROW.automatic + 8}>{t("strip.automatic")}</text>
				<text x={0} y={ROW.bands + 14}>{t("strip.stages")}</text>
				<text x={0} y={ROW.axis + 4}>{axis.unit === "h" ? "hpi" : t("strip.runs").split(" ")[0]}</text>
			</g>
			<rect class="band-ground" x={GUTTER_LEFT} y={ROW.bands} width={inner} height={BAND_HEIGHT} />
			<Bands scale={scale} bands={bands} />
			{gapsOf(axis).map((gap) => (
				<g key={gap.from} class="gap"><title>{t("strip.gap")}</title>
					<rect x={scale.x(gap.from)} y={ROW.bands} width={scale.x(gap.to) - scale.x(gap.from)} height={BAND_HEIGHT} fill="url(#hatch)" /></g>
			))}
			<BandLabels scale={scale} bands={bands} />
			<Ribbon scale={scale} runs={runs} />
			<Automatic scale={scale} runs={runs} events={events} />
			<Human scale={scale} runs={runs} events={events} />
			<AxisRow scale={scale} />
		</>
	);
}

/* A thin line under the stages: the pictures of this plane that are loaded. */
function Loaded({ viewer, width }: { viewer: Viewer; width: number }) {
	viewer.frames.loaded.value;
	const plane = viewer.plane.value;
	const axis = viewer.axis.value;
	const focal = viewer.focal.value;
	const inner = width - GUTTER_LEFT - GUTTER_RIGHT;
	const runs = viewer.runs.value;
	let path = "";
	runs.forEach((run, i) => {
		const at = plane === "best" ? run.best : focal ?? 0;
		if (!viewer.frames.has({ run: run.run, focal: at })) return;
		const left = GUTTER_LEFT + shareOf(axis, axis.at[i] ?? 0) * inner;
		const right = GUTTER_LEFT + shareOf(axis, axis.at[i + 1] ?? axis.at[i] ?? 0) * inner;
		path += `M${left.toFixed(1)} ${ROW.loaded}H${Math.max(left + 1, right).toFixed(1)}`;
	});
	return <path class="loaded" d={path} />;
}

export function Timeline({ viewer, width }: { viewer: Viewer; width: number }) {
	const embryo = viewer.embryo.value;
	const axis = viewer.axis.value;
	const drawing = useMemo(() => embryo && <Drawing embryo={embryo} axis={axis} width={width} />,
		[embryo, axis, width, language.value]);
	return (
		<svg class="timeline" width={width} height={TIMELINE_HEIGHT} aria-hidden="true">
			<defs>
				<pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
					<path d="M0 0V6" class="hatch-line" />
				</pattern>
			</defs>
			{drawing}
			<Loaded viewer={viewer} width={width} />
		</svg>
	);
}
