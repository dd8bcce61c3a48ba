import { useEffect, useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import type { BoardCycle, BoardDish } from "../../api/types";
import { actionFor } from "../../keys";
import { Chip } from "../../kit/controls";
import { born, clock, day, duration, integer, sentence } from "../../kit/format";
import { Clock, Mark, Person, Right, Search, Tray, Upload, Warn } from "../../kit/icons";
import { cohortHref, embryoHref } from "../../kit/route";
import { language, t, tName } from "../../text/text";
import { isTyping } from "../app";
import { ConnectionState, LanguagePick } from "../../kit/tools";
import { UserTools } from "../header";
import { mayAnnotate } from "../../kit/session";
import { AssignDialog } from "./assign";
import { DishPart } from "./dish";
import { ImportsRail, sendFiles, takesFiles } from "./imports";
import { FirstPictureButton } from "./inseminated";
import { isDone, looksOf, needsLook } from "../needs";
import { board, earlier, embryosOf, failure, FILTER_NAMES, filterCounts, filters, followBoard, imports, loadBoard, query, runsLeft, shownCycles,
	shownInbox, toggleFilter } from "./state";
import { DecideBy, Dues } from "./urgent";
import "./board.css";

/* More belong to the cohort page. */
const LOOKS_SHOWN = 3;
const EARLIER_SHOWN = 12;

function WorkState() {
	const work = board.value?.work;
	if (!work) return null;
	const left = runsLeft.value;
	if (left + work.pending + work.running === 0) return <span class="work"><span class="work-done" />{t("work.idle")}</span>;
	return (
		<span class="work" role="status">
			<span class="work-busy" />
			<strong>{left > 0 ? t("work.reading", { n: integer(left) }) : t("work.scoring")}</strong>
			{left > 0 && work.rate_per_min > 0 && <span>{t("work.rate", { n: integer(work.rate_per_min) })}</span>}
			{left > 0 && (work.ready ? <span class="work-ready">{t("work.readyat", { time: clock(work.ready) })}</span>
				: work.ready_in_s !== null && <span class="work-ready">{t("work.ready", { time: duration(work.ready_in_s) })}</span>)}
		</span>
	);
}

function Head() {
	const search = useRef<HTMLInputElement>(null);
	useEffect(() => {
		const onKey = (event: KeyboardEvent) => {
			if (isTyping(event) || actionFor(event)?.action !== "page.search") return;
			event.preventDefault();
			search.current?.focus();
		};
		window.addEventListener("keydown", onKey);
		return () => window.removeEventListener("keydown", onKey);
	}, []);
	return (
		<header class="head">
			<span class="brand"><Mark /><span class="brand-name">{t("product")}</span></span>
			<span class="head-day">{day(board.value?.now ?? Date.now())}</span>
			<WorkState />
			<span class="head-space" />
			<label class="search">
				<Search />
				<input ref={search} type="search" placeholder={t("board.search")} aria-label={t("board.search")} value={query.value}
					onInput={(event) => { query.value = event.currentTarget.value; }}
					onKeyDown={(event) => { if (event.key === "Escape") { query.value = ""; event.currentTarget.blur(); } }} />
				<kbd>/</kbd>
			</label>
			<ConnectionState />
			<LanguagePick />
			<UserTools />
		</header>
	);
}

/* What to see first, in big buttons with how many it is. */
function Filters() {
	const counts = filterCounts.value;
	return (
		<div class="filters" role="group" aria-label={t("filter.title")}>
			{FILTER_NAMES.map((name) => {
				const on = filters.value.includes(name);
				return <button key={name} type="button" class={`toggle is-${name}`} aria-pressed={on} disabled={!on && counts[name] === 0}
					onClick={() => toggleFilter(name)}>{t(`filter.${name}`)}<span class="count">{counts[name]}</span></button>;
			})}
		</div>
	);
}

/* What a person has to look at in these slides, a sentence a line. */
function Needs({ dishes, patient }: { dishes: BoardDish[]; patient: number }) {
	const looks = dishes.flatMap((dish) => dish.ranking).filter(needsLook);
	const lines = [
		...dishes.filter((dish) => dish.timing === "unknown").map((dish) => <li key={`t${dish.dish}`}><Clock />{t("look.untimed", { slide: dish.slide })}
			<FirstPictureButton dish={dish.dish} slide={dish.slide} patient={patient} onDone={() => void loadBoard()} /></li>),
		...looks.slice(0, LOOKS_SHOWN).map((embryo) => <li key={embryo.embryo}><a href={embryoHref(embryo.embryo)}><Warn />
			<strong>{t("tile.well", { n: embryo.well })}</strong><span>{looksOf(embryo).join(" ")}</span></a></li>),
	];
	if (lines.length === 0) return null;
	return (
		<ul class="needs">
			{lines}
			{looks.length > LOOKS_SHOWN && <li class="quiet">{t("look.more", { n: looks.length - LOOKS_SHOWN })}</li>}
		</ul>
	);
}

function CycleCard({ cycle, now }: { cycle: BoardCycle; now: string }) {
	const { patient } = cycle;
	const embryos = embryosOf(cycle);
	return (
		<article class={isDone(embryos) ? "card done" : "card"} aria-label={patient.name} data-cycle={cycle.cycle}>
			<div class="card-head">
				<h3 class="who-name">{patient.name}</h3>
				<span class="who-id">{patient.identifier}</span>
				{patient.born && <span class="who-born">{t("embryo.born", { date: born(patient.born) })}</span>}
				<span class="card-label">{cycle.label}</span>
				<Chip>{tName("method", cycle.method)}</Chip>
				<div class="card-by">
					<Dues dishes={cycle.dishes} now={now} />
					<DecideBy decision={cycle.decision} embryos={embryos} now={now} />
					<a class="button" href={cohortHref(cycle.cycle)} aria-label={t("board.cohort.of", { name: patient.name })}>{t("board.cohort")}<Right /></a>
				</div>
			</div>
			<Needs dishes={cycle.dishes} patient={patient.id} />
			{cycle.dishes.map((dish) => <DishPart key={dish.dish} dish={dish} all={cycle.dishes} />)}
		</article>
	);
}

function InboxCard({ dish, now, onAssign }: { dish: BoardDish; now: string; onAssign: () => void }) {
	return (
		<article class="card inbox" aria-label={`${t("board.slide")} ${dish.slide}`} data-dish={dish.dish}>
			<div class="card-head">
				<h3 class="who-name slide">{dish.slide}</h3>
				<span class="who-id">{t("embryo.nobody")}</span>
				<span class="head-space" />
				<Dues dishes={[dish]} now={now} />
				{mayAnnotate() && <button type="button" class="button primary" onClick={onAssign}>
					<Person />{t("board.assign")}
				</button>}
			</div>
			<Needs dishes={[dish]} patient={0} />
			<DishPart dish={dish} bare />
		</article>
	);
}

function EarlierList() {
	const found = earlier.value;
	if (found.length === 0) return null;
	return (
		<section aria-labelledby="cards-earlier">
			<h2 id="cards-earlier" class="section-title">{t("board.earlier")}<span class="count">{found.length}</span></h2>
			<ul class="earlier">{found.slice(0, EARLIER_SHOWN).map(({ cycle, label, method, patient }) => <li key={cycle}>
				<a class="button" href={cohortHref(cycle)}><strong>{patient.name}</strong><span class="who-id">{patient.identifier}</span>
					<span class="card-label">{label} · {tName("method", method)}</span><Right /></a></li>)}</ul>
		</section>
	);
}

function EmptyBoard() {
	return (
		<div class="empty">
			<Mark size={56} />
			<h2>{t("board.empty.title")}</h2>
			<p>{t("board.empty")}</p>
		</div>
	);
}

function Content({ onAssign }: { onAssign: (dish: BoardDish) => void }) {
	const now = board.value;
	if (!now) {
		if (failure.value === "") return <div class="cards" aria-busy="true"><div class="ghost" /><div class="ghost" /></div>;
		return <div class="empty"><p class="notice bad">{failure.value}</p>
			<button type="button" class="button" onClick={() => void loadBoard()}>{t("retry")}</button></div>;
	}
	if (now.cycles.length + now.inbox.length === 0) return <EmptyBoard />;
	const { problem } = now.work;
	const cycles = shownCycles.value;
	const inbox = shownInbox.value;
	return (
		<div class="cards">
			<Filters />
			{problem && <p class="notice bad" role="alert"><Warn /><span>{t("work.problem")} {sentence(problem)}</span></p>}
			{cycles.length + inbox.length + earlier.value.length === 0 && <p class="empty">
				{query.value ? t("board.nothing", { query: query.value }) : t("board.nothing.filter")}</p>}
			{cycles.length > 0 && <section aria-labelledby="cards-patients">
				<h2 id="cards-patients" class="section-title">{t("board.today")}<span class="count">{cycles.length}</span></h2>
				{cycles.map((cycle) => <CycleCard key={cycle.cycle} cycle={cycle} now={now.now} />)}
			</section>}
			{inbox.length > 0 && <section aria-labelledby="cards-inbox">
				<h2 id="cards-inbox" class="section-title"><Tray />{t("board.inbox")}<span class="count">{inbox.length}</span></h2>
				<p class="section-lead">{t("board.inbox.lead")}</p>
				{inbox.map((dish) => <InboxCard key={dish.dish} dish={dish} now={now.now} onAssign={() => onAssign(dish)} />)}
			</section>}
			<EarlierList />
		</div>
	);
}

export function BoardPage() {
	const assigning = useSignal<BoardDish | null>(null);
	const over = useSignal(false);
	useEffect(followBoard, [language.value]); /* the box says its sentences in the language of the screen */
	useEffect(() => {
		document.title = `${t("board.title")} · ${t("product")}`;
	});
	return (
		<div class="page" onDragOver={(event) => {
			if (!takesFiles(event)) return;
			event.preventDefault();
			over.value = true;
		}} onDragLeave={(event) => { if (!event.relatedTarget) over.value = false; }} onDrop={(event) => {
			event.preventDefault();
			over.value = false;
			sendFiles(event.dataTransfer?.files);
		}}>
			<Head />
			<main class="board">
				<h1 class="unseen">{t("board.title")}</h1>
				<Content onAssign={(dish) => { assigning.value = dish; }} />
				<ImportsRail list={imports.value} />
			</main>
			{over.value && <div class="drop"><Upload size={40} /><strong>{t("import.drop.here")}</strong><span>{t("import.drop.hint")}</span></div>}
			{assigning.value && <AssignDialog dish={assigning.value} onClose={() => { assigning.value = null; }} />}
		</div>
	);
}
