/* The event timeline, drawn as SVG: what people said (diamonds, a row each), what was read (ticks with their interval), the
 * stage bands that follow from both, when the clinic's own embryos get there, how likely each picture's stages are, and
 * which pictures are loaded. */
import { useMemo } from "preact/hooks";
import type { Embryo, EventRow, Reference, Run } from "../../api/types";
import { clock, dayShort, decimal, hours, percent } from "../../kit/format";
import { mayAnnotate, user } from "../../kit/session";
import { language, t, tName } from "../../text/text";
import { dragged } from "./drag";
import { referenceOf } from "./reference";
import { latestWords } from "./words";
import { bandsOf, gapsOf, GUTTER_LEFT, GUTTER_RIGHT, placeLabels, READERS_MAX, readersOf, shareOf, stretchesOf, ticksOf, type Axis, type Band } from "./timeline_math";
import type { Viewer } from "./viewer";

const BAND_HEIGHT = 20;
const LABEL_WIDTH = 7;

interface Scale { axis: Axis; width: number; x: (value: number) => number }

/* Where an event lies on the axis: its own time, or its run where times are unknown. */
function placeOf(axis: Axis, runs: readonly Run[], run: number | null, time_s: number | null): number | null {
	if (axis.unit === "h" && time_s !== null) return time_s / 3600;
	const index = run === null ? -1 : runs.findIndex((entry) => entry.run >= run);
	return axis.at[index] ?? null;
}

function Bands({ scale, bands, y }: { scale: Scale; bands: Band[]; y: number }) {
	return <g>{bands.map(({ stage, from, to, sure }) => {
		const name = `${stage}: ${tName("event", stage)}`;
		return (
			<g key={stage}>
				<title>{sure ? name : `${name}. ${t("strip.later.title")}`}</title>
				<rect class={`${sure ? "band" : "band unsure"} s-${stage}`} x={scale.x(from)} y={y}
					width={Math.max(1, scale.x(to) - scale.x(from))} height={BAND_HEIGHT} />
			</g>
		);
	})}</g>;
}

/* Above the hatching of gaps, so that they can be read. */
function BandLabels({ scale, bands, y }: { scale: Scale; bands: Band[]; y: number }) {
	return <g>{bands.map(({ stage, from, to, sure }) => {
		const left = scale.x(from);
		const room = scale.x(to) - left - 4;
		const long = t("strip.later", { stage });
		const text = !sure && long.length * LABEL_WIDTH < room ? long : stage;
		const width = text.length * LABEL_WIDTH;
		return width < room && <text key={stage} class={`band-label ${sure ? "" : "unsure"} s-${stage}`}
			x={left + Math.min(8, (room + 4 - width) / 2)} y={y + 14}>{text}</text>;
	})}</g>;
}

/* How likely each group of stages is in each picture, one above the other; they fill the ribbon. Where one is surer than
 * not for long enough it bears its name. */
const GROUP_NAMES = ["empty", "zygote", "cleavage", "morula", "blastocyst"] as const;
function Ribbon({ scale, runs, y }: { scale: Scale; runs: readonly Run[]; y: number }) {
	const { axis } = scale;
	const stretches = stretchesOf(axis, runs, (run) => run.groups !== null && !run.damaged);
	const x = (index: number) => scale.x(axis.at[Math.min(index, axis.at.length - 1)] ?? axis.max);
	const below = runs.map(() => 0);
	return <g class="ribbon">{GROUP_NAMES.map((group, order) => {
		let path = "";
		for (const [from, to] of stretches) {
			let back = "";
			path += `M${x(from).toFixed(1)} ${(y + RIBBON_HEIGHT * (1 - (below[from] ?? 0))).toFixed(1)}`;
			for (let i = from; i < to; i++) {
				const low = below[i] ?? 0;
				const high = Math.min(1, low + (runs[i]?.groups?.[order] ?? 0) / 1000);
				const at = `L${x(i).toFixed(1)} `;
				path += at + (y + RIBBON_HEIGHT * (1 - high)).toFixed(1);
				back = at + (y + RIBBON_HEIGHT * (1 - low)).toFixed(1) + back;
				below[i] = high;
			}
			path += `${back}Z`;
		}
		return <path key={group} class={`g-${group}`} d={path} />;
	})}{GROUP_NAMES.map((group, order) => stretchesOf(axis, runs, (run) => (run.groups?.[order] ?? 0) > 500).map(([from, to]) => {
		const name = tName("group", group);
		return x(to - 1) - x(from) > name.length * LABEL_WIDTH + 8
			&& <text key={`${group} ${from}`} class="ribbon-label" x={(x(from) + x(to - 1)) / 2} y={y + 12}>{name}</text>;
	}))}</g>;
}

/* The tick is as long as the reader is sure, the bar spans the time it cannot tell apart. */
function Automatic({ scale, runs, events, y }: { scale: Scale; runs: readonly Run[]; events: EventRow[]; y: number }) {
	const found = events.flatMap((row) => {
		const at = row.automatic && placeOf(scale.axis, runs, row.automatic.run, row.automatic.time_s);
		return row.automatic && at !== null ? [{ row, at: scale.x(at), event: row.automatic }] : [];
	}).sort((a, b) => a.at - b.at);
	const rows = placeLabels(found.map(({ row, at }) => ({ x: at, width: row.event.length * LABEL_WIDTH })), 1);
	const foot = y + 25;
	return <g>{found.map(({ row, at, event }, i) => {
		const timed = scale.axis.unit === "h" && event.earliest_s !== null && event.latest_s !== null;
		const from = timed ? Math.max(GUTTER_LEFT, scale.x((event.earliest_s ?? 0) / 3600)) : at;
		const to = timed ? Math.min(scale.width - 4, scale.x((event.latest_s ?? 0) / 3600)) : at;
		const said = t("strip.event.automatic", { event: tName("event", row.event), confidence: percent(event.confidence),
			time: event.time_s === null ? t("player.run", { run: event.run }) : `${hours(event.time_s)} h` });
		const span = timed && t("strip.event.interval", { from: hours(event.earliest_s ?? 0), to: hours(event.latest_s ?? 0) });
		return (
			<g key={row.event} class={row.used?.source === "automatic" ? "auto used" : "auto"}>
				<title>{span ? `${said}, ${span}` : said}</title>
				<rect class="hit" data-mark={mayAnnotate() ? row.event : undefined} data-run={event.run} x={at - 6} y={y} width={12} height={28} />
				<path d={`M${from} ${foot}h${Math.max(0, to - from)}M${from} ${foot - 3}v5M${to} ${foot - 3}v5`} />
				<path class="auto-tick" d={`M${at} ${foot}v${-(3 + (10 * event.confidence) / 1000)}`} />
				{rows[i] !== -1 && <text x={at} y={y + 10}>{row.event}</text>}
			</g>
		);
	})}</g>;
}

const SHORT = 10;
function Reader({ scale, runs, events, names, self, y }: {
	scale: Scale; runs: readonly Run[]; events: EventRow[]; names: readonly string[]; self: string; y: number;
}) {
	const found = events.flatMap((row) => latestWords(row).flatMap((word) => {
		const at = word.absent || !names.includes(word.author) ? null : placeOf(scale.axis, runs, word.run, word.time_s);
		return at === null ? [] : [{ row, word, at: scale.x(at) }];
	})).sort((a, b) => a.at - b.at);
	const name = names.length > 1 ? t("strip.others") : names[0] ?? t("strip.human");
	/* the last of a cluster bears the name: to its right there is room */
	const room = (i: number) => (found[i + 1]?.at ?? Infinity) - (found[i]?.at ?? 0);
	return (
		<g class={names.includes(self) ? "human own" : "human"}>
			<text class="strip-name" x={0} y={y + 12}><title>{names.join(", ")}</title>{name.length > SHORT ? `${name.slice(0, SHORT - 1)}…` : name}</text>
			{found.map(({ row, word, at }, i) => (
				<g key={`${row.event} ${word.author}`}>
					<title>{t("strip.event.human", { event: tName("event", row.event), author: word.author, made: `${dayShort(word.made)} ${clock(word.made)}`,
						time: word.time_s === null ? t("player.run", { run: word.run ?? "" }) : `${hours(word.time_s)} h` })}</title>
					<path d={`M${at} ${y + 2}l6 6l-6 6l-6 -6z`} />
					{word.author === self && mayAnnotate() && <rect class="hit" data-mark={row.event} data-run={word.run ?? -1} x={at - 7} y={y} width={14} height={READER_HEIGHT} />}
					{room(i) > row.event.length * LABEL_WIDTH + 16 && <text x={at + 9} y={y + 12}>{row.event}</text>}
				</g>
			))}
		</g>
	);
}

/* The clinic's own embryos below those of this one: a band a stage from median to median, and over each beginning the span
 * of the middle half. */
function Clinic({ scale, reference, method, y }: { scale: Scale; reference: Reference; method: string; y: number }) {
	if (!reference.enough) {
		return <text class="strip-name" x={GUTTER_LEFT} y={y + 14}>{t("strip.clinic.few", { method, n: reference.embryos })}</text>;
	}
	const { axis } = scale;
	const x = (seconds: number) => scale.x(Math.max(axis.min, Math.min(axis.max, seconds / 3600)));
	const events = reference.events.filter((row) => row.n > 0).sort((a, b) => a.p50_s - b.p50_s);
	return (
		<g class="clinic">
			<text class="strip-name" x={0} y={y + 15}>{t("strip.clinic", { method })}</text>
			{events.map((row, i) => {
				const h = (seconds: number) => hours(seconds);
				const from = x(row.p50_s);
				const width = Math.max(1, x(events[i + 1]?.p50_s ?? 3600 * axis.max) - from);
				const said = t("strip.clinic.event", { event: tName("event", row.event), method, n: row.n, p10: h(row.p10_s), p25: h(row.p25_s),
					p50: h(row.p50_s), p75: h(row.p75_s), p90: h(row.p90_s) });
				return row.p50_s / 3600 < axis.max && (
					<g key={row.event}>
						<title>{row.istanbul_s === null ? said : `${said}. ${t("strip.clinic.istanbul", { time: h(row.istanbul_s) })}`}</title>
						<rect class={`s-${row.event}`} x={from} y={y + 5} width={width} height={13} />
						{width > row.event.length * LABEL_WIDTH + 4 && <text class={`band-label s-${row.event}`} x={from + 4} y={y + 15}>{row.event}</text>}
						<path d={`M${x(row.p25_s)} ${y + 2}H${x(row.p75_s)}M${from} ${y}v5`} />
					</g>
				);
			})}
		</g>
	);
}

function AxisRow({ scale, y }: { scale: Scale; y: number }) {
	const { axis, width } = scale;
	return (
		<g class="axis">
			<path d={`M${GUTTER_LEFT} ${y}H${width - GUTTER_RIGHT}`} />
			{ticksOf(axis, width - GUTTER_LEFT - GUTTER_RIGHT).map((tick) => (
				<g key={tick}>
					<path d={`M${scale.x(tick)} ${y}v4`} />
					<text x={scale.x(tick)} y={y + 15}>{axis.unit === "h" ? `${decimal(tick, tick % 1 === 0 ? 0 : 2)}` : tick}</text>
				</g>
			))}
		</g>
	);
}

interface Rows { reader: number; automatic: number; bands: number; clinic: number; ribbon: number; loaded: number; axis: number; height: number }
const READER_HEIGHT = 16;
const RIBBON_HEIGHT = 16;
function rowsOf(readers: number, clinic: boolean): Rows {
	const automatic = READER_HEIGHT * Math.max(1, Math.min(READERS_MAX, readers));
	const bands = automatic + 31;
	const clinicRow = bands + BAND_HEIGHT + 1;
	const ribbon = clinicRow + (clinic ? 20 : 2);
	const axis = ribbon + RIBBON_HEIGHT + 6;
	return { reader: 0, automatic, bands, clinic: clinicRow, ribbon, loaded: axis - 3, axis, height: axis + 18 };
}

/* All but the loaded marks: redrawn only when the embryo, the width or the language changes, not for each picture. */
function Drawing({ embryo, axis, width, rows, readers, self, reference }: {
	embryo: Embryo; axis: Axis; width: number; rows: Rows; readers: string[]; self: string; reference: Reference | null;
}) {
	const inner = width - GUTTER_LEFT - GUTTER_RIGHT;
	const scale: Scale = { axis, width, x: (value) => GUTTER_LEFT + shareOf(axis, value) * inner };
	const events = embryo.evaluation?.events ?? [];
	const { runs } = embryo;
	const bands = bandsOf(axis, runs, events, embryo.evaluation?.stage ?? "");
	const named = readers.length > 0 ? readers : [""];
	const lines = named.slice(0, READERS_MAX).map((name, i) => (i === READERS_MAX - 1 ? named.slice(i) : [name]));
	return (
		<>
			<g class="strip-names">
				<text x={0} y={rows.automatic + 24}>{t("strip.automatic")}</text>
				<text x={0} y={rows.bands + 14}>{t("strip.stages")}</text>
				<text x={0} y={rows.ribbon + 12}>{t("strip.ribbon")}</text>
				<text x={0} y={rows.axis + 15}>{axis.unit === "h" ? "hpi" : t("strip.runs").split(" ")[0]}</text>
			</g>
			<rect class="band-ground" x={GUTTER_LEFT} y={rows.bands} width={inner} height={BAND_HEIGHT} />
			<Bands scale={scale} bands={bands} y={rows.bands} />
			{gapsOf(axis).map((gap) => (
				<g key={gap.from} class="gap"><title>{t("strip.gap")}</title>
					<rect x={scale.x(gap.from)} y={rows.bands} width={scale.x(gap.to) - scale.x(gap.from)} height={BAND_HEIGHT} fill="url(#hatch)" /></g>
			))}
			<BandLabels scale={scale} bands={bands} y={rows.bands} />
			{reference && <Clinic scale={scale} reference={reference} method={tName("method", embryo.cycle?.method ?? "")} y={rows.clinic} />}
			<Ribbon scale={scale} runs={runs} y={rows.ribbon} />
			<Automatic scale={scale} runs={runs} events={events} y={rows.automatic} />
			{lines.map((names, i) => <Reader key={names[0]} scale={scale} runs={runs} events={events} names={names[0] === "" ? [] : names} self={self}
				y={rows.reader + READER_HEIGHT * i} />)}
			<AxisRow scale={scale} y={rows.axis} />
		</>
	);
}

/* The mark in one's hand, above all rows, at the picture it is held over. */
function Held({ viewer, width, height }: { viewer: Viewer; width: number; height: number }) {
	const event = dragged.value;
	if (!event) return null;
	const axis = viewer.axis.value;
	const x = GUTTER_LEFT + shareOf(axis, axis.at[viewer.index.value] ?? axis.min) * (width - GUTTER_LEFT - GUTTER_RIGHT);
	return (
		<g class="human own held">
			<path class="held-line" d={`M${x} 0V${height}`} />
			<path d={`M${x} 1l7 7l-7 7l-7 -7z`} />
			<text x={x + 11} y={12}>{event}</text>
		</g>
	);
}

/* A thin line under the stages: the pictures of this plane that are loaded. */
function Loaded({ viewer, width, y }: { viewer: Viewer; width: number; y: number }) {
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
		path += `M${left.toFixed(1)} ${y}H${Math.max(left + 1, right).toFixed(1)}`;
	});
	return <path class="loaded" d={path} />;
}

export function Timeline({ viewer, width }: { viewer: Viewer; width: number }) {
	const embryo = viewer.embryo.value;
	const axis = viewer.axis.value;
	const self = user.value?.name ?? "";
	/* hours cannot be compared where they are not known */
	const method = axis.unit === "h" ? embryo?.cycle?.method : undefined;
	const reference = method === undefined ? null : referenceOf(method).value;
	const readers = useMemo(() => readersOf(embryo?.evaluation?.events ?? [], self), [embryo, self]);
	const rows = useMemo(() => rowsOf(readers.length, reference !== null), [readers.length, reference]);
	const drawing = useMemo(() => embryo && <Drawing embryo={embryo} axis={axis} width={width} rows={rows} readers={readers} self={self}
		reference={reference} />, [embryo, axis, width, rows, readers, reference, language.value]);
	return (
		<svg class="timeline" width={width} height={rows.height} aria-hidden="true">
			<defs>
				<pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
					<path d="M0 0V6" class="hatch-line" />
				</pattern>
			</defs>
			{drawing}
			<Loaded viewer={viewer} width={width} y={rows.loaded} />
			<Held viewer={viewer} width={width} height={rows.axis} />
		</svg>
	);
}
