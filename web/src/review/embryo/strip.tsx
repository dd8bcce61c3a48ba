/* Timeline and curves over one time scale, with one play head. Click or drag anywhere to move; drag a mark to move that. */
import type { ComponentChildren, Ref } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { signal, useSignal, useSignalEffect } from "@preact/signals";
import { t } from "../../text/text";
import { Drag, markAt } from "./drag";
import { timeText } from "./player";
import { Timeline } from "./timeline";
import { GUTTER_LEFT, GUTTER_RIGHT, nearest } from "./timeline_math";
import type { Viewer } from "./viewer";

/* What draws the curves is a quarter of the page, and the pictures do not wait for it. */
const curves = signal<(typeof import("./curves"))["Curves"] | null>(null);
const loadCurves = (): void => {
	if (!curves.peek()) import("./curves").then((room) => { curves.value = room.Curves; }, () => {});
};

/* By itself: a step must not draw the timeline anew. */
function Slider({ viewer, element, children }: { viewer: Viewer; element: Ref<HTMLDivElement>; children: ComponentChildren }) {
	const run = viewer.current.value;
	return (
		<div class="strip-slider" ref={element} role="slider" tabIndex={0} aria-label={t("strip.label")} aria-valuemin={0}
			aria-valuemax={viewer.runs.value.length - 1} aria-valuenow={viewer.index.value} aria-valuetext={run ? timeText(run) : ""}>
			{children}
		</div>
	);
}

export function Strip({ viewer }: { viewer: Viewer }) {
	const box = useRef<HTMLDivElement>(null);
	const head = useRef<HTMLDivElement>(null);
	const scale = useRef<HTMLDivElement>(null);
	const width = useSignal(0);
	useLayoutEffect(() => {
		if (!box.current) return;
		const observer = new ResizeObserver(([entry]) => {
			if (entry) width.value = Math.floor(entry.contentRect.width);
		});
		observer.observe(box.current);
		return () => observer.disconnect();
	}, []);
	useSignalEffect(() => {
		const axis = viewer.axis.value;
		const at = axis.at[viewer.index.value] ?? axis.min;
		const inner = width.value - GUTTER_LEFT - GUTTER_RIGHT;
		head.current?.style.setProperty("transform", `translateX(${GUTTER_LEFT + ((at - axis.min) / (axis.max - axis.min)) * inner}px)`);
	});
	const seek = (x: number) => {
		const left = scale.current?.getBoundingClientRect().left ?? 0;
		const share = (x - left - GUTTER_LEFT) / (width.value - GUTTER_LEFT - GUTTER_RIGHT);
		const axis = viewer.axis.peek();
		viewer.goTo(nearest(axis.at, axis.min + Math.max(0, Math.min(1, share)) * (axis.max - axis.min)));
	};
	useEffect(loadCurves, []);
	const Curves = curves.value;
	const drag = useRef<Drag | null>(null);
	const seeking = useRef(false);
	useEffect(() => () => void drag.current?.cancel(), [viewer]);
	return (
		<div class="strip" ref={box}
			onPointerDown={(event) => {
				if (event.button !== 0 || (event.target as Element).closest("button")) return;
				const mark = markAt(event, scale.current);
				drag.current = mark && new Drag(viewer, mark, event, seek);
				seeking.current = true;
				event.currentTarget.setPointerCapture(event.pointerId);
				seek(event.clientX);
			}}
			onPointerMove={(event) => {
				if (drag.current) drag.current.move(event);
				else if (seeking.current) seek(event.clientX);
			}}
			onPointerUp={() => {
				drag.current?.drop();
				drag.current = null;
				seeking.current = false;
			}}
			onPointerCancel={() => {
				drag.current?.cancel();
				drag.current = null;
				seeking.current = false;
			}}>
			{width.value > 0 && viewer.runs.value.length > 0 && <>
				<Slider viewer={viewer} element={scale}><Timeline viewer={viewer} width={width.value} /></Slider>
				{Curves && <Curves viewer={viewer} width={width.value} />}
			</>}
			<div class="playhead" ref={head} aria-hidden="true" />
		</div>
	);
}
