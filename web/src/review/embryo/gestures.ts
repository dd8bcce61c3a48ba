/* What hands do on the picture. Wheel: focus, with Shift time, or the other way round; with Ctrl zoom at the pointer. One
 * finger goes through time sideways and through the planes up and down; on a zoomed picture it moves that, as the mouse
 * does. Two fingers zoom. */
import { useEffect, useRef } from "preact/hooks";
import { wheelMoves } from "../../kit/settings";
import type { Viewer } from "./viewer";

const WHEEL_STEP = 40;
/* Pixels of a finger's way for a picture and for a plane: gloves are not precise, and planes are few. */
const SWIPE_RUN = 16;
const SWIPE_PLANE = 44;
const SWIPE_BEGIN = 8;

/* Small moves of a touchpad add up to one step. */
export function useWheel(viewer: Viewer, element: { current: HTMLElement | null }) {
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
			if (event.shiftKey === (wheelMoves.peek() === "focus")) viewer.step(direction);
			else viewer.movePlane(direction > 0 ? -1 : 1);
		};
		target.addEventListener("wheel", onWheel, { passive: false });
		return () => target.removeEventListener("wheel", onWheel);
	}, [viewer]);
}

interface Point { x: number; y: number }
const between = (a: Point, b: Point): number => Math.max(1, Math.hypot(a.x - b.x, a.y - b.y));

export function useFingers(viewer: Viewer) {
	const down = useRef(new Map<number, Point>()).current;
	const swipe = useRef<{ along: "time" | "plane" | null } & Point>({ along: null, x: 0, y: 0 });
	const pinch = (box: DOMRect, before: Point, now: Point, still: Point) => {
		const at = (p: number, from: number, size: number) => (p - from) / size - 0.5;
		viewer.zoomBy(between(now, still) / between(before, still), at((now.x + still.x) / 2, box.left, box.width),
			at((now.y + still.y) / 2, box.top, box.height));
		const { scale, x, y } = viewer.zoom.peek();
		viewer.panTo(scale, x + (now.x - before.x) / 2 / box.width, y + (now.y - before.y) / 2 / box.height);
	};
	const swiped = (now: Point) => {
		const from = swipe.current;
		const [x, y] = [now.x - from.x, now.y - from.y];
		if (!from.along && Math.max(Math.abs(x), Math.abs(y)) < SWIPE_BEGIN) return;
		from.along ??= Math.abs(x) >= Math.abs(y) ? "time" : "plane";
		const steps = from.along === "time" ? Math.trunc(x / SWIPE_RUN) : Math.trunc(-y / SWIPE_PLANE);
		if (steps === 0) return;
		swipe.current = { ...now, along: from.along };
		if (from.along === "time") viewer.step(steps);
		else viewer.movePlane(steps > 0 ? 1 : -1);
	};
	const onPointerEnd = (event: PointerEvent) => { down.delete(event.pointerId); };
	return {
		onPointerDown: (event: PointerEvent) => {
			if (event.button !== 0 || (event.pointerType === "mouse" && viewer.zoom.peek().scale === 1)) return;
			(event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
			const here = { x: event.clientX, y: event.clientY };
			down.set(event.pointerId, here);
			swipe.current = { along: null, ...here };
		},
		onPointerMove: (event: PointerEvent) => {
			const before = down.get(event.pointerId);
			if (!before) return;
			const now = { x: event.clientX, y: event.clientY };
			const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
			const still = [...down].find(([finger]) => finger !== event.pointerId)?.[1];
			const { scale, x, y } = viewer.zoom.peek();
			down.set(event.pointerId, now);
			if (still) pinch(box, before, now, still);
			else if (scale > 1) viewer.panTo(scale, x + (now.x - before.x) / box.width, y + (now.y - before.y) / box.height);
			else swiped(now);
		},
		onPointerUp: onPointerEnd,
		onPointerCancel: onPointerEnd,
	};
}
