/* The pictures on a canvas. What is written on them describes the picture that is painted, not the one asked for. */
import { useEffect, useRef } from "preact/hooks";
import { effect, useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { Chip } from "../../kit/controls";
import { decimal, focal as focalText, hours, percent } from "../../kit/format";
import { Stop } from "../../kit/icons";
import { overlayShown } from "../../kit/settings";
import { t, tName } from "../../text/text";
import { ReadingCaption } from "./reading";
import type { Viewer } from "./viewer";

/* A picture that takes longer than this is announced; until then the one before stays, without a flicker. */
const PATIENCE_MS = 250;
const WHEEL_STEP = 40;

function usePainting(viewer: Viewer) {
	const canvas = useRef<HTMLCanvasElement>(null);
	const slow = useSignal(false);
	useEffect(() => {
		let timer = 0;
		const stop = effect(() => {
			viewer.frames.arrival.value;
			const run = viewer.current.value;
			const focal = viewer.focal.value;
			const target = canvas.current;
			if (!run || !target) return;
			const key = { run: run.run, focal: focal ?? 0 };
			const painted = viewer.painted.peek();
			window.clearTimeout(timer);
			if (painted?.state === "shown" && painted.run === key.run && painted.focal === key.focal) {
				slow.value = false;
				return;
			}
			const bitmap = focal === null ? undefined : viewer.frames.get(key);
			if (bitmap) {
				if (target.width !== bitmap.width || target.height !== bitmap.height) {
					target.width = bitmap.width;
					target.height = bitmap.height;
				}
				target.getContext("2d", { alpha: false })?.drawImage(bitmap, 0, 0);
				target.dataset["run"] = String(key.run);
				viewer.painted.value = { ...key, state: "shown" };
				slow.value = false;
			} else if (focal === null || viewer.frames.isFailed(key)) {
				/* another run's picture must not stand in for this one */
				target.getContext("2d", { alpha: false })?.clearRect(0, 0, target.width, target.height);
				viewer.painted.value = { ...key, state: "missing" };
				slow.value = false;
			} else {
				timer = window.setTimeout(() => { slow.value = true; }, PATIENCE_MS);
			}
		});
		return () => {
			stop();
			window.clearTimeout(timer);
		};
	}, [viewer]);
	return { canvas, slow };
}

/* Wheel: focus; with Shift: time; with Ctrl: zoom at the pointer. Small moves of a touchpad add up to one step. */
function useWheel(viewer: Viewer, element: { current: HTMLElement | null }) {
	useEffect(() => {
		const target = element.current;
		if (!target) return;
		let sum = 0;
		const onWheel = (event: WheelEvent) => {
			event.preventDefault();
			const delta = event.deltaY || event.deltaX;
			if (event.ctrlKey || event.metaKey) {
				const box = target.getBoundingClientRect();
				viewer.zoomBy(Math.exp(-delta / 300), (event.clientX - box.left) / box.width - 0.5, (event.clientY - box.top) / box.height - 0.5);
				return;
			}
			if (Math.sign(sum) !== Math.sign(delta)) sum = 0;
			sum += event.deltaMode === 0 ? delta : Math.sign(delta) * WHEEL_STEP;
			if (Math.abs(sum) < WHEEL_STEP) return;
			const direction = sum > 0 ? 1 : -1;
			sum = 0;
			if (event.shiftKey) viewer.step(direction);
			else viewer.movePlane(direction > 0 ? -1 : 1);
		};
		target.addEventListener("wheel", onWheel, { passive: false });
		return () => target.removeEventListener("wheel", onWheel);
	}, [viewer]);
}

function useDrag(viewer: Viewer) {
	const from = useRef<{ x: number; y: number; panX: number; panY: number; side: number } | null>(null);
	return {
		onPointerDown: (event: PointerEvent) => {
			const zoom = viewer.zoom.peek();
			if (zoom.scale === 1 || event.button !== 0) return;
			const element = event.currentTarget as HTMLElement;
			element.setPointerCapture(event.pointerId);
			from.current = { x: event.clientX, y: event.clientY, panX: zoom.x, panY: zoom.y, side: element.clientWidth };
		},
		onPointerMove: (event: PointerEvent) => {
			const start = from.current;
			if (start) viewer.panTo(viewer.zoom.peek().scale, start.panX + (event.clientX - start.x) / start.side,
				start.panY + (event.clientY - start.y) / start.side);
		},
		onPointerUp: () => { from.current = null; },
		onPointerCancel: () => { from.current = null; },
	};
}

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
			<div class="caption top right">
				{run.stage_group && <span class="caption-stage"><span class={`stage-dot g-${run.stage_group}`} />{tName("group", run.stage_group)}
					{run.stage && run.stage_group !== "empty" && <> · {run.stage}</>}</span>}
				{run.confidence !== null && <span>{percent(run.confidence)}</span>}
			</div>
			<ReadingCaption run={run} />
			{scale > 1 && <div class="caption bottom right">{t("player.zoom", { n: decimal(scale * 100, 0) })}</div>}
		</>
	);
}

export function Player({ viewer }: { viewer: Viewer }) {
	const { canvas, slow } = usePainting(viewer);
	const stage = useRef<HTMLDivElement>(null);
	const layer = useRef<HTMLDivElement>(null);
	useWheel(viewer, stage);
	const drag = useDrag(viewer);
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
			{...drag} data-run={painted?.run} data-focal={painted?.focal} data-state={painted?.state}>
			<div class="player-layer" ref={layer}>
				<canvas ref={canvas} width={500} height={500} />
				<Circle viewer={viewer} />
			</div>
			<Captions viewer={viewer} />
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
