import { useEffect, useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import type { BoardCycle, BoardDish } from "../../api/types";
import { actionFor } from "../../keys";
import { Chip } from "../../kit/controls";
import { born, clock, day, dayShort, duration, integer, sameDay, sentence } from "../../kit/format";
import { Clock, Mark, Person, Search, Tray, Upload, Warn } from "../../kit/icons";
import { t, tName } from "../../text/text";
import { isTyping } from "../app";
import { ConnectionState, LanguagePick } from "../../kit/tools";
import { UserTools } from "../header";
import { mayAnnotate } from "../../kit/session";
import { AssignDialog } from "./assign";
import { DishPart } from "./dish";
import { ImportsRail, sendFiles, takesFiles } from "./imports";
import { attentionCount, board, failure, followBoard, imports, loadBoard, query, runsLeft, shownCycles, shownInbox } from "./state";
import "./board.css";

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

/* How many embryos wait for a person's eye; nothing where none does. */
function AttentionChip({ count }: { count: number }) {
	if (count === 0) return null;
	return <Chip tone="warn" icon={<Warn />}>{count === 1 ? t("board.attention.one") : t("board.attention", { n: count })}</Chip>;
}

function CycleCard({ cycle }: { cycle: BoardCycle }) {
	const { patient, decision } = cycle;
	const attention = cycle.dishes.reduce((sum, dish) => sum + attentionCount(dish.ranking), 0);
	return (
		<article class="card" aria-label={patient.name} data-cycle={cycle.cycle}>
			<div class="card-head">
				<h3 class="who-name">{patient.name}</h3>
				<span class="who-id">{patient.identifier}</span>
				{patient.born && <span class="who-born">{t("embryo.born", { date: born(patient.born) })}</span>}
				<span class="card-label">{cycle.label}</span>
				<Chip>{tName("method", cycle.method)}</Chip>
				<AttentionChip count={attention} />
				<span class="head-space" />
				<span class={decision ? "decide-by" : "decide-by none"}>
					<Clock />{decision ? t("board.decide", { time: sameDay(decision, board.value?.now ?? decision)
						? clock(decision) : `${dayShort(decision)} ${clock(decision)}` }) : t("board.decide.none")}
				</span>
			</div>
			{cycle.dishes.map((dish) => <DishPart key={dish.dish} dish={dish} />)}
		</article>
	);
}

function InboxCard({ dish, onAssign }: { dish: BoardDish; onAssign: () => void }) {
	return (
		<article class="card inbox" aria-label={`${t("board.slide")} ${dish.slide}`} data-dish={dish.dish}>
			<div class="card-head">
				<h3 class="who-name slide">{dish.slide}</h3>
				<span class="who-id">{t("embryo.nobody")}</span>
				<AttentionChip count={attentionCount(dish.ranking)} />
				<span class="head-space" />
				{mayAnnotate() && <button type="button" class="button primary" onClick={onAssign}>
					<Person />{t("board.assign")}
				</button>}
			</div>
			<DishPart dish={dish} bare />
		</article>
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
			{problem && <p class="notice bad" role="alert"><Warn /><span>{t("work.problem")} {sentence(problem)}</span></p>}
			{cycles.length + inbox.length === 0 && <p class="empty">{t("board.nothing", { query: query.value })}</p>}
			{cycles.length > 0 && <section aria-labelledby="cards-patients">
				<h2 id="cards-patients" class="section-title">{t("board.today")}<span class="count">{cycles.length}</span></h2>
				{cycles.map((cycle) => <CycleCard key={cycle.cycle} cycle={cycle} />)}
			</section>}
			{inbox.length > 0 && <section aria-labelledby="cards-inbox">
				<h2 id="cards-inbox" class="section-title"><Tray />{t("board.inbox")}<span class="count">{inbox.length}</span></h2>
				<p class="section-lead">{t("board.inbox.lead")}</p>
				{inbox.map((dish) => <InboxCard key={dish.dish} dish={dish} onAssign={() => onAssign(dish)} />)}
			</section>}
		</div>
	);
}

export function BoardPage() {
	const assigning = useSignal<BoardDish | null>(null);
	const over = useSignal(false);
	useEffect(followBoard, []);
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
