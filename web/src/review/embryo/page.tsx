/* The embryo page: who, the pictures, what the box says, what people say. */
import { useEffect, useMemo } from "preact/hooks";
import { actionFor, keyHint, type Action } from "../../keys";
import { Chip, IconButton } from "../../kit/controls";
import { born } from "../../kit/format";
import { Left, Right, Warn } from "../../kit/icons";
import { cohortHref, embryoHref, go, route } from "../../kit/route";
import { overlayShown } from "../../kit/settings";
import { STAGES, type Embryo, type EventName } from "../../api/types";
import { language, t, tName } from "../../text/text";
import { isTyping } from "../app";
import { ConnectionState } from "../../kit/tools";
import { UserTools } from "../header";
import { redo, turnTo, undo } from "../words/stack";
import { setEvent } from "./actions";
import { CompareToggle, trayToggle } from "../compare/tray";
import { Guarded } from "../guard";
import { ownerOf } from "../owner";
import { PlaneBar, Player } from "./player";
import { Side } from "./side";
import { Strip } from "./strip";
import { Transport } from "./transport";
import { Viewer } from "./viewer";
import "./embryo.css";

const ZOOM_STEP = 1.25;
const LIGHT_STEP = 10;

function siblingOf(embryo: Embryo | null, by: 1 | -1): number | null {
	const at = embryo?.siblings.findIndex((entry) => entry.embryo === embryo.embryo) ?? -1;
	return at < 0 ? null : embryo?.siblings[at + by]?.embryo ?? null;
}
function goSibling(viewer: Viewer, by: 1 | -1): void {
	const to = siblingOf(viewer.embryo.peek(), by);
	if (to !== null) go(embryoHref(to), true);
}

type Handlers = Partial<Record<Action, (viewer: Viewer) => void>>;
const HANDLERS: Handlers = {
	"frame.next": (viewer) => viewer.step(1),
	"frame.previous": (viewer) => viewer.step(-1),
	"hop.next": (viewer) => viewer.hop(1),
	"hop.previous": (viewer) => viewer.hop(-1),
	"event.next": (viewer) => viewer.jumpEvent(1),
	"event.previous": (viewer) => viewer.jumpEvent(-1),
	"frame.first": (viewer) => viewer.goTo(0),
	"frame.last": (viewer) => viewer.goTo(viewer.runs.peek().length - 1),
	"play.toggle": (viewer) => viewer.togglePlay(),
	"play.backward": (viewer) => viewer.playOn(-1),
	"play.stop": (viewer) => { viewer.playing.value = 0; },
	"play.forward": (viewer) => viewer.playOn(1),
	"plane.up": (viewer) => viewer.movePlane(1),
	"plane.down": (viewer) => viewer.movePlane(-1),
	"plane.home": (viewer) => viewer.homePlane(),
	"view.overlay": () => { overlayShown.value = overlayShown.value === "on" ? "off" : "on"; },
	"view.zoomIn": (viewer) => viewer.zoomBy(ZOOM_STEP),
	"view.zoomOut": (viewer) => viewer.zoomBy(1 / ZOOM_STEP),
	"view.fit": (viewer) => viewer.panTo(1, 0, 0),
	"view.left": (viewer) => viewer.pan(1, 0),
	"view.right": (viewer) => viewer.pan(-1, 0),
	"view.up": (viewer) => viewer.pan(0, 1),
	"view.down": (viewer) => viewer.pan(0, -1),
	"view.lighter": (viewer) => viewer.adjust("light", LIGHT_STEP),
	"view.darker": (viewer) => viewer.adjust("light", -LIGHT_STEP),
	"view.harder": (viewer) => viewer.adjust("contrast", LIGHT_STEP),
	"view.softer": (viewer) => viewer.adjust("contrast", -LIGHT_STEP),
	"view.reset": (viewer) => viewer.resetPicture(),
	"view.ruler": (viewer) => viewer.toggleRuler(),
	"compare.add": (viewer) => {
		const embryo = viewer.embryo.peek();
		if (embryo) trayToggle(embryo);
	},
	"undo": (viewer) => void undo(viewer),
	"redo": (viewer) => void redo(viewer),
	"sibling.previous": (viewer) => goSibling(viewer, -1),
	"sibling.next": (viewer) => goSibling(viewer, 1),
};
/* What goes on while a key is held down. */
const HELD = new Set<Action>(["frame.next", "frame.previous", "hop.next", "hop.previous", "plane.up", "plane.down", "view.zoomIn",
	"view.zoomOut", "view.left", "view.right", "view.up", "view.down", "view.lighter", "view.darker", "view.harder", "view.softer"]);

function onKey(viewer: Viewer, event: KeyboardEvent): void {
	if (isTyping(event) || document.querySelector("dialog[open]")) return;
	/* Space and Enter belong to the button that has the focus, arrows to a slider of the picture. */
	const target = event.target instanceof Element ? event.target : null;
	if ((event.key === " " || event.key === "Enter") && target?.closest("button, a, summary")) return;
	if (target?.closest("input[type=range]")) return;
	const entry = actionFor(event);
	if (!entry) return;
	const action = entry.action as Action;
	if (event.repeat && !HELD.has(action)) return event.preventDefault();
	const handler = HANDLERS[action];
	if (entry.event && (STAGES as readonly string[]).includes(entry.event)) void setEvent(viewer, entry.event as EventName);
	else if (handler) handler(viewer);
	else return;
	event.preventDefault();
}

function Identity({ embryo }: { embryo: Embryo }) {
	const { patient, cycle, dish, well } = embryo;
	if (!patient) {
		return (
			<div class="identity nobody">
				<h1>{t("embryo.nobody")}</h1>
				<span class="identity-dish">{t("embryo.slidewell", { slide: dish.slide, well })}</span>
			</div>
		);
	}
	return (
		<div class="identity">
			<h1>{patient.name}</h1>
			<span class="who-id">{patient.identifier}</span>
			{patient.born && <span class="who-born">{t("embryo.born", { date: born(patient.born) })}</span>}
			<span class="identity-rest">
				{cycle && <a class="text-link" href={cohortHref(cycle.cycle)}>{cycle.label}</a>}
				{cycle && <Chip>{tName("method", cycle.method)}</Chip>}
				<span class="identity-dish">{t("embryo.slidewell", { slide: dish.slide, well })}</span>
			</span>
		</div>
	);
}

function Head({ viewer }: { viewer: Viewer }) {
	const embryo = viewer.embryo.value;
	const { siblings = [] } = embryo ?? {};
	const at = siblings.findIndex((entry) => entry.embryo === viewer.id);
	return (
		<header class="head embryo-head">
			<a class="icon-button" href="#/" aria-label={t("key.board")} title={t("key.board")}><Left /></a>
			{embryo ? <Identity embryo={embryo} /> : <div class="identity" />}
			<span class="head-space" />
			{embryo && <nav class="siblings" aria-label={t("embryo.siblings")}>
				<IconButton label={t("key.siblingPrevious")} keys={keyHint("sibling.previous")} disabled={at <= 0} onClick={() => goSibling(viewer, -1)}><Left /></IconButton>
				<span class="siblings-here"><strong>{t("embryo.well", { n: embryo.well })}</strong><small>{at + 1} / {siblings.length}</small></span>
				<IconButton label={t("key.siblingNext")} keys={keyHint("sibling.next")} disabled={at < 0 || at >= siblings.length - 1}
					onClick={() => goSibling(viewer, 1)}><Right /></IconButton>
			</nav>}
			{embryo && <CompareToggle of={embryo} owner={ownerOf(embryo)} />}
			<ConnectionState />
			<UserTools />
		</header>
	);
}

function Body({ viewer, embryo }: { viewer: Viewer; embryo: Embryo }) {
	return (
		<main class="embryo">
			<div class="viewer">
				<div class="viewer-picture"><Player viewer={viewer} /><PlaneBar viewer={viewer} /></div>
				<Transport viewer={viewer} />
			</div>
			<Side viewer={viewer} embryo={embryo} />
			<Strip viewer={viewer} />
		</main>
	);
}

export function EmbryoPage({ id }: { id: number }) {
	const viewer = useMemo(() => {
		const at = route.peek();
		return new Viewer(id, at.page === "embryo" ? at : { run: null, focal: null });
	}, [id]);
	useEffect(() => {
		turnTo(id);
		const listener = (event: KeyboardEvent) => onKey(viewer, event);
		window.addEventListener("keydown", listener);
		return () => {
			window.removeEventListener("keydown", listener);
			viewer.close();
		};
	}, [viewer]);
	/* the box says its sentences in the language of the screen */
	useEffect(() => {
		if (viewer.embryo.peek()) void viewer.load();
	}, [language.value]);
	/* a link to another picture of the embryo on the screen */
	const at = route.value;
	useEffect(() => {
		if (at.page === "embryo" && at.embryo === id && at.run !== null) viewer.goToRun(at.run);
	}, [at]);
	const embryo = viewer.embryo.value;
	useEffect(() => {
		if (embryo) document.title = `${t("embryo.well", { n: embryo.well })} · ${embryo.patient?.name ?? embryo.dish.slide} · ${t("product")}`;
	});
	return (
		<Guarded owner={embryo && ownerOf(embryo)}>
			<div class="page embryo-page">
				<Head viewer={viewer} />
				{embryo && embryo.runs.length > 0 ? <Body viewer={viewer} embryo={embryo} /> : <main class="empty" aria-busy={!embryo}>
					{viewer.failure.value ? <><p class="notice bad"><Warn /><span>{viewer.failure.value}</span></p>
						<button type="button" class="button" onClick={() => void viewer.load()}>{t("retry")}</button></>
						: <p>{t(embryo ? "embryo.noruns" : "embryo.loading")}</p>}
				</main>}
			</div>
		</Guarded>
	);
}
