/* The pictures on a canvas. What is written on them describes the picture that is painted, not the one asked for. */
import { useRef } from "preact/hooks";
import { useComputed, useSignalEffect } from "@preact/signals";
import { Chip } from "../../kit/controls";
import { decimal, focal as focalText, hours, percent } from "../../kit/format";
import { Stop } from "../../kit/icons";
import { overlayShown } from "../../kit/settings";
import { t, tName } from "../../text/text";
import { useFingers, useWheel } from "./gestures";
import { usePainting } from "./painting";
import { ReadingCaption } from "./reading";
import { Ruler, ScaleBar } from "./ruler";
import type { Viewer } from "./viewer";

function Circle({ viewer }: { viewer: Viewer }) {
	const run = viewer.seen.value;
	const at = run?.location;
	if (!at || overlayShown.value === "off") return null;
	return (
		<svg class="player-circle" viewBox="0 0 1 1" aria-hidden="true">
			<circle cx={at.x} cy={at.y} r={at.r} />
		</svg>
	);
}

export function timeText(run: { run: number; time_s: number | null }): string {
	return run.time_s === null ? t("player.unknown", { run: run.run }) : `${hours(run.time_s)} ${t("player.hpi")}`;
}

function Captions({ viewer }: { viewer: Viewer }) {
	const run = viewer.seen.value;
	const painted = viewer.painted.value;
	const { scale } = viewer.zoom.value;
	if (!run || !painted) return null;
	return (
		<>
			<div class="caption top left">
				<strong class="caption-time">{run.time_s === null ? t("player.unknown", { run: run.run })
					: <>{hours(run.time_s)}<small>{t("player.hpi")}</small></>}</strong>
				{run.time_s !== null && <span>{t("player.run", { run: run.run })}</span>}
			</div>
			{(run.stage_group || run.confidence !== null) && <div class="caption top right">
				{run.stage_group && <span class="caption-stage"><span class={`stage-dot g-${run.stage_group}`} />{tName("group", run.stage_group)}
					{run.stage && run.stage_group !== "empty" && <> · {run.stage}</>}</span>}
				{run.confidence !== null && <span>{percent(run.confidence)}</span>}
			</div>}
			<ReadingCaption run={run} />
			<div class="player-scale">
				{overlayShown.value === "on" && <ScaleBar viewer={viewer} />}
				{scale > 1 && <div class="caption">{t("player.zoom", { n: decimal(scale * 100, 0) })}</div>}
			</div>
		</>
	);
}

export function Player({ viewer }: { viewer: Viewer }) {
	const { canvas, slow } = usePainting(viewer);
	const stage = useRef<HTMLDivElement>(null);
	const layer = useRef<HTMLDivElement>(null);
	useWheel(viewer, stage);
	const fingers = useFingers(viewer);
	useSignalEffect(() => {
		const { scale, x, y } = viewer.zoom.value;
		layer.current?.style.setProperty("transform", `translate(${x * 100}%, ${y * 100}%) scale(${scale})`);
		canvas.current?.style.setProperty("filter", viewer.light.value === 100 && viewer.contrast.value === 100 ? "none"
			: `brightness(${viewer.light.value}%) contrast(${viewer.contrast.value}%)`);
	});
	const painted = viewer.painted.value;
	const missing = painted?.state === "missing";
	return (
		<div class={viewer.zoom.value.scale > 1 ? "player zoomed" : "player"} ref={stage} role="group" aria-label={t("player.label")}
			{...fingers} data-run={painted?.run} data-focal={painted?.focal} data-state={painted?.state}>
			<div class="player-layer" ref={layer}>
				<canvas ref={canvas} width={500} height={500} />
				<Circle viewer={viewer} />
			</div>
			<Captions viewer={viewer} />
			<Ruler viewer={viewer} />
			{missing && <div class="player-missing"><Stop size={28} />
				<strong>{t(viewer.current.value?.damaged ? "player.damaged" : "player.missing")}</strong>
				<span>{viewer.current.value && timeText(viewer.current.value)}</span></div>}
			{slow.value && <div class="player-slow"><Chip>{t("player.loading", { run: viewer.run.value ?? "" })}</Chip></div>}
		</div>
	);
}

/* The microscope's focus knob: planes as a column, up is up. */
export function PlaneBar({ viewer }: { viewer: Viewer }) {
	const planes = useComputed(() => [...(viewer.current.value?.planes ?? [])].sort((a, b) => b - a));
	const best = viewer.current.value?.best;
	return (
		<div class="planes" role="group" aria-label={t("player.plane")}>
			<div class="planes-list">
				{planes.value.map((focal) => (
					<button key={focal} type="button" aria-pressed={viewer.focal.value === focal}
						aria-label={t("player.plane.um", { focal: focalText(focal) })} data-focal={focal}
						onClick={() => { viewer.plane.value = focal; }}>
						{focalText(focal)}{focal === best && <span class="planes-best" title={t("player.plane.best")} />}
					</button>
				))}
			</div>
			<button type="button" class="planes-auto" aria-pressed={viewer.plane.value === "best"} title={t("player.plane.best")}
				onClick={() => { viewer.plane.value = viewer.plane.value === "best" ? viewer.focal.value ?? 0 : "best"; }}>
				<span class="planes-best" /><span class="planes-auto-text">{t("player.plane.best")}</span>
			</button>
		</div>
	);
}
