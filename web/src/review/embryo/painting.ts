/* Draws the picture that is asked for as soon as it is here; until then the one before stays, without a flicker. */
import { useEffect, useRef } from "preact/hooks";
import { effect, useSignal } from "@preact/signals";
import type { Viewer } from "./viewer";

/* A picture that takes longer than this is announced. */
const PATIENCE_MS = 250;

export function usePainting(viewer: Viewer) {
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
				viewer.pixels.value = bitmap.width;
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
