/* A mark of the timeline that is dragged to another picture: one's own, or one that was read, which then stays where it is
 * and gets one's own word beside it. The picture follows the hand; what is seen when it lets go is what is said. */
import { signal } from "@preact/signals";
import type { EventName } from "../../api/types";
import { dropEvent } from "./actions";
import type { Viewer } from "./viewer";

/* How far beside a mark a hand may take hold of it, and how far it goes before that is dragging and no tap. */
const REACH = { mouse: 8, touch: 22 };
const BEGIN = 5;

interface Mark { event: EventName; run: number; x: number }
/* What is dragged, for the timeline to draw. */
export const dragged = signal<EventName | null>(null);

/* The nearest mark in reach of the pointer, of those that this person may move. */
export function markAt(pointer: PointerEvent, timeline: Element | null): Mark | null {
	const reach = pointer.pointerType === "mouse" ? REACH.mouse : REACH.touch;
	let [found, least]: [Mark | null, number] = [null, Infinity];
	for (const element of timeline?.querySelectorAll<SVGElement>("[data-mark]") ?? []) {
		const box = element.getBoundingClientRect();
		const x = box.x + box.width / 2;
		const distance = Math.hypot(pointer.clientX - x, pointer.clientY - box.y - box.height / 2);
		const inside = Math.abs(pointer.clientX - x) <= reach && pointer.clientY >= box.top && pointer.clientY <= box.bottom;
		if (inside && distance < least) [found, least] = [{ event: element.dataset.mark as EventName, run: Number(element.dataset.run), x }, distance];
	}
	return found;
}

/* From taking hold until letting go, or Escape. seek: to the picture at this place of the screen. */
export class Drag {
	private moved = false;
	private over = false;
	private readonly start: number;

	constructor(private readonly viewer: Viewer, private readonly mark: Mark, pointer: PointerEvent, private readonly seek: (x: number) => void) {
		this.start = pointer.clientX;
		window.addEventListener("keydown", this.onKey, true);
	}

	move(pointer: PointerEvent): void {
		this.moved ||= Math.abs(pointer.clientX - this.start) > BEGIN;
		if (!this.moved || this.over) return;
		dragged.value = this.mark.event;
		this.seek(this.mark.x + pointer.clientX - this.start);
	}

	drop(): void {
		const { run } = this.viewer;
		const to = run.peek();
		if (dragged.peek() && to !== null && to !== this.mark.run) void dropEvent(this.viewer, this.mark.event, to);
		this.end();
	}

	/* Nothing is said; true where there was something to give up. */
	cancel(): boolean {
		const was = dragged.peek() !== null;
		if (was) this.viewer.goToRun(this.mark.run);
		this.end();
		return was;
	}

	private end(): void {
		dragged.value = null;
		this.over = true;
		window.removeEventListener("keydown", this.onKey, true);
	}

	private readonly onKey = (event: KeyboardEvent): void => {
		if (event.key !== "Escape" || !this.cancel()) return;
		event.preventDefault();
		event.stopPropagation();
	};
}
