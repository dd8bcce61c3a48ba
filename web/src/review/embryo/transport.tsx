/* The buttons under the picture: as large as a glove, each with its key. */
import { useEffect, useRef } from "preact/hooks";
import { useComputed, useSignal } from "@preact/signals";
import { keyHint, type Action } from "../../keys";
import { Field, IconButton, Segments } from "../../kit/controls";
import { First, Last, Left, Measure, Pause, Play, Right, Ring, Sliders } from "../../kit/icons";
import { overlayShown, PLAY_RATES, playRate, wheelMoves } from "../../kit/settings";
import { t, type TextKey } from "../../text/text";
import { LIGHT_MAX, LIGHT_MIN, type Viewer } from "./viewer";

function Slider({ viewer, what, label }: { viewer: Viewer; what: "light" | "contrast"; label: TextKey }) {
	const value = viewer[what].value;
	return (
		<Field label={`${t(label)}  ${value} %`}>
			<input type="range" min={LIGHT_MIN} max={LIGHT_MAX} step={5} value={value}
				onInput={(event) => { viewer[what].value = Number(event.currentTarget.value); }} />
		</Field>
	);
}

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
				<Slider viewer={viewer} what="light" label="player.light" />
				<Slider viewer={viewer} what="contrast" label="player.contrast" />
				<div class="popover-row">
					<button type="button" class="button" onClick={() => viewer.zoomBy(1 / 1.25)}>− {t("player.zoom.word")}</button>
					<button type="button" class="button" onClick={() => viewer.zoomBy(1.25)}>+ {t("player.zoom.word")}</button>
				</div>
				<button type="button" class="button" onClick={() => viewer.resetPicture()} title={`${t("key.viewReset")}  (${keyHint("view.reset")})`}>{t("player.reset")}</button>
				<div class="field"><span class="field-label">{t("player.wheel")}</span>
					<Segments label={t("player.wheel")} options={["focus", "time"] as const} value={wheelMoves.value}
						shown={(moves) => t(`player.wheel.${moves}`)} onPick={(moves) => { wheelMoves.value = moves; }} /></div>
			</div>}
		</div>
	);
}

/* By itself: a step must not draw the buttons anew. */
function Place({ viewer }: { viewer: Viewer }) {
	const total = viewer.runs.value.length;
	const at = viewer.index.value + 1;
	return (
		<span class="transport-place">
			<span aria-hidden="true">{at} / {total}</span><span class="unseen">{t("player.of", { n: at, total })}</span>
		</span>
	);
}

function Rate() {
	const rate = t("player.rate.value", { n: playRate.value });
	const next = () => {
		playRate.value = PLAY_RATES[(PLAY_RATES.indexOf(playRate.value) + 1) % PLAY_RATES.length] ?? playRate.value;
	};
	return <button type="button" class="transport-rate" aria-label={`${t("player.rate")}: ${rate}`} title={t("player.rate")} onClick={next}>{rate}</button>;
}

export function Transport({ viewer }: { viewer: Viewer }) {
	const playing = useComputed(() => viewer.playing.value !== 0).value;
	const key = (action: Action) => keyHint(action);
	return (
		<div class="transport">
			<IconButton label={t("player.first")} keys={key("frame.first")} onClick={() => viewer.goTo(0)}><First /></IconButton>
			<IconButton label={t("player.previous")} keys={key("frame.previous")} onClick={() => viewer.step(-1)}><Left /></IconButton>
			<button type="button" class="icon-button play" aria-label={t(playing ? "player.pause" : "player.play")} aria-pressed={playing}
				title={key("play.toggle")} onClick={() => viewer.togglePlay()}>{playing ? <Pause size={18} /> : <Play size={18} />}</button>
			<IconButton label={t("player.next")} keys={key("frame.next")} onClick={() => viewer.step(1)}><Right /></IconButton>
			<IconButton label={t("player.last")} keys={key("frame.last")} onClick={() => viewer.goTo(viewer.runs.peek().length - 1)}><Last /></IconButton>
			<Rate />
			<Place viewer={viewer} />
			<span class="head-space" />
			<IconButton label={t("player.overlay")} keys={key("view.overlay")} pressed={overlayShown.value === "on"}
				onClick={() => { overlayShown.value = overlayShown.value === "on" ? "off" : "on"; }}><Ring /></IconButton>
			<IconButton label={t("ruler.label")} keys={key("view.ruler")} pressed={viewer.ruler.value.on}
				onClick={() => viewer.toggleRuler()}><Measure /></IconButton>
			<Adjust viewer={viewer} />
		</div>
	);
}
