/* Embryos of one patient side by side. Nothing is written here: who wants to annotate opens the embryo. */
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Embryo, EventRow } from "../../api/types";
import { actionFor, keyHint, type Action } from "../../keys";
import { Chip, IconButton } from "../../kit/controls";
import { born, decimal, hours } from "../../kit/format";
import { Check, Covered, Cross, Down, Left, Pause, Person, Play, Right, Tied, Untied, Warn } from "../../kit/icons";
import { COMPARE_MAX, compareHref, embryoHref, go } from "../../kit/route";
import { overlayShown } from "../../kit/settings";
import { ConnectionState } from "../../kit/tools";
import { t, tName } from "../../text/text";
import { isTyping } from "../app";
import { Player } from "../embryo/player";
import type { Viewer } from "../embryo/viewer";
import { Guarded } from "../guard";
import { UserTools } from "../header";
import { ownerOf, sameOwner, type Owner } from "../owner";
import { Group, type Lock } from "./group";
import { COMPARE_MIN } from "./tray";
import "../embryo/embryo.css";
import "./compare.css";

const ZOOM_STEP = 1.25;

const HANDLERS: Partial<Record<Action, (group: Group) => void>> = {
	"frame.next": (group) => group.step(1),
	"frame.previous": (group) => group.step(-1),
	"hop.next": (group) => group.hop(1),
	"hop.previous": (group) => group.hop(-1),
	"event.next": (group) => group.jumpEvent(1),
	"event.previous": (group) => group.jumpEvent(-1),
	"frame.first": (group) => group.goTo(0),
	"frame.last": (group) => group.goTo(1),
	"play.toggle": (group) => group.togglePlay(),
	"play.backward": (group) => { group.playing.value = -1; },
	"play.stop": (group) => { group.playing.value = 0; },
	"play.forward": (group) => { group.playing.value = 1; },
	"plane.up": (group) => group.each((viewer) => viewer.movePlane(1)),
	"plane.down": (group) => group.each((viewer) => viewer.movePlane(-1)),
	"plane.home": (group) => group.each((viewer) => viewer.homePlane()),
	"view.overlay": () => { overlayShown.value = overlayShown.value === "on" ? "off" : "on"; },
	"view.zoomIn": (group) => group.each((viewer) => viewer.zoomBy(ZOOM_STEP)),
	"view.zoomOut": (group) => group.each((viewer) => viewer.zoomBy(1 / ZOOM_STEP)),
	"view.fit": (group) => group.each((viewer) => viewer.panTo(1, 0, 0)),
	"view.lighter": (group) => group.each((viewer) => viewer.adjust("light", 10)),
	"view.darker": (group) => group.each((viewer) => viewer.adjust("light", -10)),
	"view.harder": (group) => group.each((viewer) => viewer.adjust("contrast", 10)),
	"view.softer": (group) => group.each((viewer) => viewer.adjust("contrast", -10)),
	"view.reset": (group) => group.each((viewer) => viewer.resetPicture()),
	"sibling.previous": (group) => group.next(-1),
	"sibling.next": (group) => group.next(1),
	"compare.add": (group) => { if (group.active.peek()) toggle(group, group.active.peek()?.id ?? 0); },
};

function onKey(group: Group, event: KeyboardEvent): void {
	if (isTyping(event) || document.querySelector("dialog[open]")) return;
	const target = event.target instanceof Element ? event.target : null;
	if ((event.key === " " || event.key === "Enter") && target?.closest("button, a")) return;
	if (target?.closest("input[type=range]")) return;
	const handler = HANDLERS[actionFor(event)?.action as Action];
	if (!handler) return;
	handler(group);
	event.preventDefault();
}

/* The address is the list. */
function toggle(group: Group, embryo: number): void {
	const ids = group.viewers.peek().map((viewer) => viewer.id);
	const next = ids.includes(embryo) ? ids.filter((id) => id !== embryo) : [...ids, embryo];
	if (next.length >= COMPARE_MIN && next.length <= COMPARE_MAX) go(compareHref(next), true);
}

function EventFact({ row }: { row: EventRow }) {
	const { used } = row;
	if (!used) return null;
	const human = used.source === "human";
	return <span class="fact-event" title={`${tName("event", row.event)}${human ? `, ${t("compare.human")}` : ""}`}>
		<span class="fact-name">{row.event}</span> {used.time_s === null ? t("player.run", { run: used.run }) : hours(used.time_s)}
		{human && <><Person /><span class="unseen">{t("compare.human")}</span></>}</span>;
}

/* Rank unless it is covered, what a person graded, what was decided, and when things happened. */
function Facts({ embryo }: { embryo: Embryo }) {
	const { evaluation, rank } = embryo;
	const events = (evaluation?.events ?? []).filter((row) => row.used);
	const grade = embryo.grades?.[0]?.text ?? embryo.grade?.gardner;
	const decision = embryo.decisions[0]?.decision;
	return (
		<div class="facts">
			<div class="facts-line">
				{embryo.covered || embryo.rank_covered ? <Chip icon={<Covered />} title={t("compare.covered.long")}>{t("compare.covered")}</Chip> : rank && rank.rank !== null && <strong>{t(rank.shared > 1 ? "tile.tied" : "tile.rank", { n: rank.rank })}</strong>}
				{rank?.class && rank.class !== evaluation?.stage_group && <span>{rank.class}</span>}
				{evaluation && <span class="fact-stage"><span class={`stage-dot g-${evaluation.stage_group}`} />{tName("group", evaluation.stage_group)}</span>}
				{grade && <Chip>{t("compare.graded")} {grade}</Chip>}
				{decision && <Chip tone="accent" icon={<Check />}>{tName("decision", decision)}</Chip>}
			</div>
			<div class="facts-events">{events.length > 0 ? events.map((row) => <EventFact key={row.event} row={row} />) : t("compare.nothing")}</div>
		</div>
	);
}

/* Why it does not stand where the others stand. */
function Apart({ group, viewer }: { group: Group; viewer: Viewer }) {
	const lock = group.lock.value;
	if (group.tied.value && !group.canHold(viewer)) {
		return <Chip tone="warn" icon={<Warn />}>{lock === "hours" ? t("compare.cannot.hours") : t("compare.cannot", { event: lock })}</Chip>;
	}
	const apart = Math.abs(group.apart(viewer));
	if (apart === 0) return null;
	return <Chip tone="warn" icon={<Warn />}>{viewer.axis.value.unit === "h" ? t("compare.apart", { time: decimal(apart) })
		: t("compare.apart.runs", { n: decimal(apart, 0) })}</Chip>;
}

function Cell({ group, viewer, slides }: { group: Group; viewer: Viewer; slides: boolean }) {
	const embryo = viewer.embryo.value;
	if (!embryo) return null;
	const { well } = embryo;
	const isLoose = group.loose.value.has(viewer.id);
	const at = viewer.current.value;
	const href = at && viewer.focal.value !== null ? `${embryoHref(viewer.id)}/${at.run}/${viewer.focal.value}` : embryoHref(viewer.id);
	const here = () => { group.atHand.value = viewer.id; };
	const label = t("embryo.well", { n: well });
	return (
		<section class={group.active.value === viewer ? "cell at-hand" : "cell"} aria-label={label} data-embryo={viewer.id}
			data-held={group.holds(viewer)} onPointerDown={here} onFocusIn={here}>
			<header>
				<a class="cell-name" href={href} title={t("compare.open", { well })}>{label}{slides && <small>{embryo.dish.slide}</small>}</a>
				<span class="head-space" />
				{group.tied.value && group.canHold(viewer) && <IconButton label={t(isLoose ? "compare.join" : "compare.alone", { well })} pressed={isLoose}
					onClick={() => group.setLoose(viewer.id, !isLoose)}>{isLoose ? <Untied /> : <Tied />}</IconButton>}
				<IconButton label={t("compare.remove", { well })} disabled={group.viewers.value.length <= COMPARE_MIN}
					onClick={() => toggle(group, viewer.id)}><Cross /></IconButton>
			</header>
			<div class="cell-picture"><Player viewer={viewer} /><div class="cell-apart"><Apart group={group} viewer={viewer} /></div></div>
			<Facts embryo={embryo} />
		</section>
	);
}

/* The wells of the first one's slide, to add and to take away. */
function Wells({ group, embryo }: { group: Group; embryo: Embryo }) {
	const shown = group.viewers.value.map((viewer) => viewer.id);
	return (
		<div class="segments compare-wells" role="group" aria-label={t("compare.wells", { slide: embryo.dish.slide })}>
			{embryo.siblings.map((entry) => {
				const isShown = shown.includes(entry.embryo);
				return <button key={entry.embryo} type="button" aria-pressed={isShown} aria-label={t("embryo.well", { n: entry.well })}
					disabled={isShown ? shown.length <= COMPARE_MIN : shown.length >= COMPARE_MAX} onClick={() => toggle(group, entry.embryo)}>{entry.well}</button>;
			})}
		</div>
	);
}

function Bar({ group, embryo }: { group: Group; embryo: Embryo }) {
	const playing = group.playing.value !== 0;
	const tied = group.tied.value;
	const active = group.active.value;
	return (
		<div class="compare-bar">
			<IconButton label={t("player.previous")} keys={keyHint("frame.previous")} onClick={() => group.step(-1)}><Left /></IconButton>
			<button type="button" class="icon-button play" aria-label={t(playing ? "player.pause" : "player.play")} aria-pressed={playing}
				onClick={() => group.togglePlay()}>{playing ? <Pause size={18} /> : <Play size={18} />}</button>
			<IconButton label={t("player.next")} keys={keyHint("frame.next")} onClick={() => group.step(1)}><Right /></IconButton>
			<input type="range" class="compare-place" aria-label={t("compare.place")} min={0} max={(active?.runs.value.length ?? 1) - 1} value={active?.index.value ?? 0}
				aria-valuetext={active?.current.value?.time_s != null ? `${hours(active.current.value.time_s)} ${t("player.hpi")}` : undefined}
				onInput={(event) => group.goTo(Number(event.currentTarget.value) / Math.max(1, (active?.runs.value.length ?? 1) - 1))} />
			<div class="compare-planes" role="group" aria-label={t("compare.planes")}>
				<IconButton label={t("key.planeUp")} keys={keyHint("plane.up")} onClick={() => group.each((viewer) => viewer.movePlane(1))}><span class="up"><Down /></span></IconButton>
				<IconButton label={t("key.planeDown")} keys={keyHint("plane.down")} onClick={() => group.each((viewer) => viewer.movePlane(-1))}><Down /></IconButton>
			</div>
			<button type="button" class="button" aria-pressed={tied} title={t("compare.tie")} onClick={() => { group.tied.value = !tied; }}>
				{tied ? <Tied /> : <Untied />}{t(tied ? "compare.tied" : "compare.untied")}</button>
			<select class="compare-lock" aria-label={t("compare.lock")} disabled={!tied} value={group.lock.value}
				onChange={(event) => { group.lock.value = event.currentTarget.value as Lock; }}>
				<option value="hours">{t(active?.axis.value.unit === "run" ? "compare.lock.runs" : "compare.lock.hours")}</option>
				{group.events.value.map((name) => <option key={name} value={name}>{t("compare.lock.event", { event: name })}</option>)}
			</select>
			<Wells group={group} embryo={embryo} />
		</div>
	);
}

function Identity({ owner, embryo }: { owner: Owner; embryo: Embryo }) {
	const { patient } = owner;
	return (
		<div class={patient ? "identity" : "identity nobody"}>
			<h1>{patient?.name ?? t("embryo.nobody")}</h1>
			{patient ? <><span class="who-id">{patient.identifier}</span>
				{patient.born && <span class="who-born">{t("embryo.born", { date: born(patient.born) })}</span>}</> : <span class="identity-dish">{owner.slide}</span>}
			{embryo.cycle && <span class="identity-rest"><span>{embryo.cycle.label}</span><Chip>{tName("method", embryo.cycle.method)}</Chip></span>}
		</div>
	);
}

function Trouble({ children }: { children: string }) {
	return <main class="empty"><p class="notice bad" role="alert"><Warn /><span>{children}</span></p><a class="button" href="#/">{t("guard.board")}</a></main>;
}

function Body({ group }: { group: Group }) {
	const begun = useRef(false);
	const embryos = group.viewers.value.flatMap((viewer) => viewer.embryo.value ?? []);
	const failed = group.viewers.value.find((viewer) => viewer.failure.value && !viewer.embryo.value);
	if (failed) return <Trouble>{t("compare.missing", { why: failed.failure.value })}</Trouble>;
	const [first] = embryos;
	/* none is shown before all are known to be of one patient; one that comes later waits alone */
	begun.current ||= first !== undefined && group.loaded.value;
	if (!first || !begun.current) return <main class="empty" aria-busy="true"><p>{t("compare.loading")}</p></main>;
	const owner = ownerOf(first);
	/* also one that changed hands while it was on the screen */
	if (!embryos.every((embryo) => sameOwner(ownerOf(embryo), owner))) return <Trouble>{t("compare.mixed")}</Trouble>;
	const slides = embryos.some((embryo) => embryo.dish.dish !== first.dish.dish);
	return (
		<Guarded owner={owner}>
			<header class="head embryo-head">
				<a class="icon-button" href={embryoHref(first.embryo)} aria-label={t("compare.open", { well: first.well })} title={t("compare.open", { well: first.well })}><Left /></a>
				<Identity owner={owner} embryo={first} />
				<span class="head-space" />
				<ConnectionState />
				<UserTools />
			</header>
			<main class="compare" aria-label={t("compare.of", { name: owner.patient?.name ?? owner.slide })}>
				<Bar group={group} embryo={first} />
				<div class="cells" data-count={embryos.length}>
					{group.viewers.value.map((viewer) => <Cell key={viewer.id} group={group} viewer={viewer} slides={slides} />)}
				</div>
			</main>
		</Guarded>
	);
}

export function ComparePage({ embryos }: { embryos: number[] }) {
	const group = useMemo(() => new Group(), []);
	useEffect(() => group.show(embryos), [embryos.join()]);
	useEffect(() => {
		const listener = (event: KeyboardEvent) => onKey(group, event);
		window.addEventListener("keydown", listener);
		return () => {
			window.removeEventListener("keydown", listener);
			group.close();
		};
	}, [group]);
	useEffect(() => {
		document.title = `${t("compare.title")} · ${t("product")}`;
	});
	return <div class="page compare-page">{embryos.length < COMPARE_MIN ? <Trouble>{t("compare.few")}</Trouble> : <Body group={group} />}</div>;
}
