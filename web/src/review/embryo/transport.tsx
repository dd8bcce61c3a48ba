import { useEffect, useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { Field, IconButton, Segments } from "../../kit/controls";
import { First, Last, Left, Pause, Play, Right, Ring, Sliders } from "../../kit/icons";
import { overlayShown, playRate } from "../../kit/settings";
import { t } from "../../text/text";
import type { Viewer } from "./viewer";

const RATES = ["5", "10", "20"] as const;

function Adjust({ viewer }: { viewer: Viewer }) {
	const open = useSignal(false);
	const box = useRef<HTMLDivElement>(null);
	useEffect(() => {
		const close = (event: Event) => {
			if (event instanceof KeyboardEvent ? event.key === "Escape" : !box.current?.contains(event.target as Node)) {
				if (open.value && event instanceof KeyboardEvent) event.stopImmediatePropagation();
				open.value = false;
			}
		};
		window.addEventListener("pointerdown", close);
		window.addEventListener("keydown", close, true);
		return () => {
			window.removeEventListener("pointerdown", close);
			window.removeEventListener("keydown", close, true);
		};
	}, []);
	const changed = viewer.light.value !== 100 || viewer.contrast.value !== 100;
	return (
		<div class="adjust" ref={box}>
			<button type="button" class="icon-button" aria-label={t("player.adjust")} title={t("player.adjust")} aria-expanded={open.value}
				aria-pressed={changed} onClick={() => { open.value = !open.value; }}><Sliders /></button>
			{open.value && <div class="popover" role="group" aria-label={t("player.adjust")}>
				<Field label={`${t("player.light")}  ${viewer.light.value} %`}>
					<input type="range" min={40} max={250} step={5} value={viewer.light.value}
						onInput={(event) => { viewer.light.value = Number(event.currentTarget.value); }} />
				</Field>
				<Field label={`${t("player.contrast")}  ${viewer.contrast.value} %`}>
					<input type="range" min={40} max={300} step={5} value={viewer.contrast.value}
						onInput={(event) => { viewer.contrast.value = Number(event.currentTarget.value); }} />
				</Field>
				<button type="button" class="link-button" disabled={!changed} onClick={() => { viewer.light.value = viewer.contrast.value = 100; }}>
					{t("player.reset")}</button>
			</div>}
		</div>
	);
}

export function Transport({ viewer }: { viewer: Viewer }) {
	const total = viewer.runs.value.length;
	const playing = viewer.playing.value !== 0;
	const at = viewer.index.value + 1;
	return (
		<div class="transport">
			<IconButton label={t("player.first")} keys="Home" onClick={() => viewer.goTo(0)}><First /></IconButton>
			<IconButton label={t("player.previous")} keys="←" onClick={() => viewer.step(-1)}><Left /></IconButton>
			<button type="button" class="icon-button play" aria-label={t(playing ? "player.pause" : "player.play")} aria-pressed={playing}
				onClick={() => viewer.togglePlay()}>{playing ? <Pause size={18} /> : <Play size={18} />}</button>
			<IconButton label={t("player.next")} keys="→" onClick={() => viewer.step(1)}><Right /></IconButton>
			<IconButton label={t("player.last")} keys="End" onClick={() => viewer.goTo(total - 1)}><Last /></IconButton>
			<span class="transport-place">
				<span aria-hidden="true">{at} / {total}</span><span class="unseen">{t("player.of", { n: at, total })}</span>
			</span>
			<span class="head-space" />
			<Segments label={t("player.rate")} options={RATES} value={playRate.value} shown={(n) => t("player.rate.value", { n })}
				onPick={(rate) => { playRate.value = rate; }} />
			<IconButton label={t("player.overlay")} keys="G" pressed={overlayShown.value === "on"}
				onClick={() => { overlayShown.value = overlayShown.value === "on" ? "off" : "on"; }}><Ring /></IconButton>
			<Adjust viewer={viewer} />
		</div>
	);
}
