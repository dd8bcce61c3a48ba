/* A ruler on the picture: two ends to be dragged, or moved by the arrow keys, and the bar of a known length. Both are in
 * micrometres only where somebody has said what a pixel of this format measures. */
import { useRef } from "preact/hooks";
import { decimal } from "../../kit/format";
import { t } from "../../text/text";
import type { Viewer } from "./viewer";

const BAR_UM = [5, 10, 20, 50, 100, 200];
/* The bar is as long as fits into this share of the picture. */
const BAR_SHARE = 0.28;
const MOVES: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/* From a share of the picture to a share of its frame on the screen. */
const onScreen = (viewer: Viewer, at: number, pan: number): number => 0.5 + (at - 0.5) * viewer.zoom.value.scale + pan;

export function ScaleBar({ viewer }: { viewer: Viewer }) {
	const um = viewer.embryo.value?.pixel_um;
	if (!um) return null;
	const shareOf = (length: number) => (length / (um * viewer.pixels.value)) * viewer.zoom.value.scale;
	const length = BAR_UM.filter((candidate) => shareOf(candidate) <= BAR_SHARE).at(-1) ?? BAR_UM[0] ?? 1;
	return (
		<div class="scale-bar" style={{ width: `${100 * shareOf(length)}%` }}>
			<span>{t("ruler.um", { n: length })}</span>
		</div>
	);
}

function lengthOf(viewer: Viewer): string {
	const [a, b] = viewer.ruler.value.ends;
	const pixels = Math.hypot(a.x - b.x, a.y - b.y) * viewer.pixels.value;
	const um = viewer.embryo.value?.pixel_um;
	return um ? t("ruler.um", { n: decimal(pixels * um) }) : t("ruler.pixels", { n: decimal(pixels, 0) });
}

function End({ viewer, index, frame }: { viewer: Viewer; index: 0 | 1; frame: { current: HTMLElement | null } }) {
	const at = viewer.ruler.value.ends[index];
	const { x: panX, y: panY, scale } = viewer.zoom.value;
	const drag = (event: PointerEvent) => {
		const box = frame.current?.getBoundingClientRect();
		if (!box || !(event.currentTarget as Element).hasPointerCapture(event.pointerId)) return;
		const share = (from: number, size: number, where: number, pan: number) => ((where - from) / size - 0.5 - pan) / scale + 0.5;
		viewer.moveRuler(index, share(box.left, box.width, event.clientX, panX), share(box.top, box.height, event.clientY, panY));
	};
	return (
		<div class="ruler-end" role="slider" tabIndex={0} aria-label={t(index === 0 ? "ruler.first" : "ruler.second")}
			aria-valuenow={Math.round(at.x * viewer.pixels.value)} aria-valuetext={lengthOf(viewer)} title={t("ruler.hint")}
			style={{ left: `${100 * onScreen(viewer, at.x, panX)}%`, top: `${100 * onScreen(viewer, at.y, panY)}%` }}
			onPointerDown={(event) => {
				event.stopPropagation();
				event.currentTarget.setPointerCapture(event.pointerId);
			}}
			onPointerMove={(event) => {
				event.stopPropagation();
				drag(event);
			}}
			onKeyDown={(event) => {
				const move = MOVES[event.key];
				if (!move || event.altKey || event.ctrlKey) return;
				event.preventDefault();
				event.stopPropagation();
				const by = (event.shiftKey ? 10 : 1) / viewer.pixels.peek();
				viewer.moveRuler(index, at.x + move[0] * by, at.y + move[1] * by);
			}} />
	);
}

export function Ruler({ viewer }: { viewer: Viewer }) {
	const frame = useRef<HTMLDivElement>(null);
	const { on, ends: [a, b] } = viewer.ruler.value;
	const { x, y } = viewer.zoom.value;
	if (!on) return null;
	const place = { x1: onScreen(viewer, a.x, x), y1: onScreen(viewer, a.y, y), x2: onScreen(viewer, b.x, x), y2: onScreen(viewer, b.y, y) };
	return (
		<div class="ruler" ref={frame} role="group" aria-label={t("ruler.label")}>
			<svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true"><line class="under" {...place} /><line {...place} /></svg>
			<End viewer={viewer} index={0} frame={frame} />
			<End viewer={viewer} index={1} frame={frame} />
			<div class="caption ruler-length" role="status">
				<strong>{lengthOf(viewer)}</strong>
				{!viewer.embryo.value?.pixel_um && <span>{t("ruler.unknown", { format: viewer.embryo.value?.dish.format ?? "" })}{" "}
					<a href="#/settings">{t("ruler.where")}</a></span>}
			</div>
		</div>
	);
}
