/* The embryo page: who, the pictures, what the box says, what people say. */
import { useEffect, useMemo } from "preact/hooks";
import { actionFor, type Action } from "../../keys";
import { Chip, IconButton } from "../../kit/controls";
import { born } from "../../kit/format";
import { Left, Right, Warn } from "../../kit/icons";
import { embryoHref, go, route } from "../../kit/route";
import { overlayShown } from "../../kit/settings";
import { STAGES, type Embryo, type EventName } from "../../api/types";
import { t, tName } from "../../text/text";
import { isTyping } from "../app";
import { ConnectionState } from "../../kit/tools";
import { UserTools } from "../header";
import { redo, turnTo, undo } from "../words/stack";
import { setEvent } from "./actions";
import { DecisionPanel } from "../decide/panel";
import { GradePanel } from "../words/grade";
import { Events } from "./events";
import { PlaneBar, Player } from "./player";
import { Profiles } from "./profiles";
import { Strip } from "./strip";
import { Transport } from "./transport";
import { Verdict } from "./verdict";
import { Viewer } from "./viewer";
import "./embryo.css";

const ZOOM_STEP = 1.25;

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
	"play.backward": (viewer) => { viewer.playing.value = -1; },
	"play.stop": (viewer) => { viewer.playing.value = 0; },
	"play.forward": (viewer) => { viewer.playing.value = 1; },
	"plane.up": (viewer) => viewer.movePlane(1),
	"plane.down": (viewer) => viewer.movePlane(-1),
	"plane.home": (viewer) => viewer.homePlane(),
	"view.overlay": () => { overlayShown.value = overlayShown.value === "on" ? "off" : "on"; },
	"view.zoomIn": (viewer) => viewer.zoomBy(ZOOM_STEP),
	"view.zoomOut": (viewer) => viewer.zoomBy(1 / ZOOM_STEP),
	"view.fit": (viewer) => viewer.panTo(1, 0, 0),
	"undo": (viewer) => void undo(viewer),
	"redo": (viewer) => void redo(viewer),
	"sibling.previous": (viewer) => goSibling(viewer, -1),
	"sibling.next": (viewer) => goSibling(viewer, 1),
};
const HELD = new Set<Action>(["frame.next", "frame.previous", "hop.next", "hop.previous", "plane.up", "plane.down"]);

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
				{cycle && <span>{cycle.label}</span>}
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
				<IconButton label={t("key.siblingPrevious")} keys="[" disabled={at <= 0} onClick={() => goSibling(viewer, -1)}><Left /></IconButton>
				<span class="siblings-here"><strong>{t("embryo.well", { n: embryo.well })}</strong><small>{at + 1} / {siblings.length}</small></span>
				<IconButton label={t("key.siblingNext")} keys="]" disabled={at < 0 || at >= siblings.length - 1}
					onClick={() => goSibling(viewer, 1)}><Right /></IconButton>
			</nav>}
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
			<div class="side" role="region" aria-label={t("embryo.side")}>
				<div class="side-verdict">
					<div class="side-scroll">
						<Verdict viewer={viewer} embryo={embryo} />
						<GradePanel viewer={viewer} embryo={embryo} />
					</div>
					<DecisionPanel viewer={viewer} embryo={embryo} />
				</div>
				<div class="side-detail">
					{embryo.evaluation && <Events viewer={viewer} />}
					<Profiles embryo={embryo} />
				</div>
			</div>
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
		<div class="page embryo-page">
			<Head viewer={viewer} />
			{embryo && embryo.runs.length > 0 ? <Body viewer={viewer} embryo={embryo} /> : <main class="empty" aria-busy={!embryo}>
				{viewer.failure.value ? <><p class="notice bad"><Warn /><span>{viewer.failure.value}</span></p>
					<button type="button" class="button" onClick={() => void viewer.load()}>{t("retry")}</button></>
					: <p>{t(embryo ? "embryo.noruns" : "embryo.loading")}</p>}
			</main>}
		</div>
	);
}
