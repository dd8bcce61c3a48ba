/* The cohort: every embryo of a cycle in its well, to be weighed against its siblings, compared, decided and signed. */
import { useEffect, useMemo } from "preact/hooks";
import type { Cohort, CohortDish, CohortEmbryo } from "../../api/types";
import { Chip, Segments } from "../../kit/controls";
import { born } from "../../kit/format";
import { Clock, Covered, Left, Warn } from "../../kit/icons";
import { mayAnnotate } from "../../kit/session";
import { ConnectionState } from "../../kit/tools";
import { language, t, tName } from "../../text/text";
import { EditButton } from "../board/edit";
import { FirstPictureButton } from "../board/inseminated";
import { DecideBy, Dues } from "../board/urgent";
import { ReportMenu } from "../decide/report";
import { SignCycle } from "../decide/sign";
import { Guarded } from "../guard";
import { UserTools } from "../header";
import type { Owner } from "../owner";
import { Scores } from "./scores";
import { CohortView, FILTER_NAMES, FILTERS, SORTS } from "./state";
import { Well } from "./well";
import "../board/board.css";
import "./cohort.css";

const DAY_S = 86400;

function Head({ cohort }: { cohort: Cohort }) {
	const { patient } = cohort;
	return (
		<header class="head cohort-head">
			<a class="icon-button" href="#/" aria-label={t("key.board")} title={t("key.board")}><Left /></a>
			<div class="cohort-who">
				<h1 class="who-name">{patient.name}</h1>
				<span class="who-id">{patient.identifier}</span>
				{patient.born && <span class="who-born">{t("embryo.born", { date: born(patient.born) })}</span>}
				<span class="card-label">{cohort.label}</span>
				<Chip>{tName("method", cohort.method)}</Chip>
			</div>
			<ConnectionState />
			<UserTools />
		</header>
	);
}

function Tools({ view, cohort }: { view: CohortView; cohort: Cohort }) {
	const embryos = view.embryos.value;
	const profile = view.chosen.value;
	return (
		<div class="cohort-tools">
			<div class="cohort-row">
				<Dues dishes={cohort.dishes} now={cohort.now} />
				<DecideBy decision={cohort.decision} embryos={embryos} now={cohort.now} />
				<span class="head-space" />
				<EditButton patient={cohort.patient} cycle={cohort} dishes={cohort.dishes} onDone={() => void view.load()} />
				<ReportMenu cycle={cohort.cycle} />
				{mayAnnotate() && <SignCycle cycle={cohort.cycle} onSigned={() => void view.load()} />}
			</div>
			<div class="cohort-row">
				<span class="field-label">{t("cohort.sort")}</span>
				<Segments label={t("cohort.sort")} options={SORTS.filter((name) => name !== "profile" || profile)} value={view.sort.value}
					shown={(name) => t(`cohort.sort.${name}`)} onPick={(name) => { view.sort.value = name; }} />
				<label class="cohort-profile"><span class="field-label">{t("cohort.profile")}</span>
					<select value={view.profile.value} onChange={(event) => view.choose(event.currentTarget.value)}>
						<option value="">{t("cohort.profile.none")}</option>
						{cohort.profiles.map((entry) => <option key={entry.id} value={entry.id}>
							{entry.title}{!entry.verified && ` (${t("profiles.unverified")})`}</option>)}
					</select></label>
				<span class="head-space" />
				<div class="filters" role="group" aria-label={t("filter.title")}>{FILTER_NAMES.map((name) => {
					const count = embryos.filter(FILTERS[name]).length;
					const on = view.filters.value.includes(name);
					return <button key={name} type="button" class="toggle" aria-pressed={on} disabled={!on && count === 0}
						onClick={() => view.toggle(name)}>{t(`filter.${name}`)}<span class="count">{count}</span></button>;
				})}</div>
			</div>
			<div role="status">{profile && (!profile.verified || profile.caution) && <p class="notice"><Warn />
				<span>{!profile.verified && <strong>{profile.title}. {t("profiles.unverified.long")} </strong>}{profile.caution}</span></p>}</div>
		</div>
	);
}

/* In the dish's own order a well without an embryo stays as a gap, so that the page lies like the dish. */
function placesOf(shown: CohortEmbryo[], asDish: boolean): { well: number; embryo: CohortEmbryo | undefined }[] {
	if (!asDish) return shown.map((embryo) => ({ well: embryo.well, embryo }));
	const last = Math.max(0, ...shown.map((embryo) => embryo.well));
	return Array.from({ length: last }, (_, i) => ({ well: i + 1, embryo: shown.find((embryo) => embryo.well === i + 1) }));
}

function DishPart({ view, cohort, dish }: { view: CohortView; cohort: Cohort; dish: CohortDish }) {
	const owner: Owner = { patient: cohort.patient, dish: dish.dish, slide: dish.slide };
	const shown = view.shown(dish);
	const asDish = view.sort.value === "well" && view.filters.value.length === 0;
	const end_s = Math.max(DAY_S, ...dish.embryos.map((embryo) => embryo.last_time_s ?? 0));
	const covered = dish.embryos.filter((embryo) => embryo.covered).length;
	const { runs_read, runs_total } = dish.progress;
	return (
		<section aria-labelledby={`dish-${dish.dish}`} class="cohort-dish" data-dish={dish.dish}>
			<h2 id={`dish-${dish.dish}`} class="section-title"><span class="dish-slide">{dish.slide}</span>
				{runs_read < runs_total && <small class="quiet">{t("dish.progress", { read: runs_read, total: runs_total })}</small>}</h2>
			{dish.timing === "unknown" && <div class="notice"><Clock /><span>{t("look.untimed", { slide: dish.slide })}</span>
				<FirstPictureButton dish={dish.dish} slide={dish.slide} patient={cohort.patient.id} onDone={() => void view.load()} /></div>}
			{covered > 0 && <p class="notice"><Covered /><span>{t("cohort.covered", { n: covered })}</span></p>}
			{shown.length === 0 && <p class="quiet">{t("cohort.nothing")}</p>}
			<div class="wells">
				{placesOf(shown, asDish).map(({ well, embryo }) => (embryo
					? <Well key={embryo.embryo} embryo={embryo} all={view.embryos.value} owner={owner} profile={view.chosen.value} end_s={end_s} />
					: <div key={`gap ${well}`} class="well-gap">{t("well.gap", { n: well })}</div>))}
			</div>
			{covered < shown.length && <Scores dish={dish} embryos={shown} profiles={cohort.profiles} chosen={view.profile.value} />}
		</section>
	);
}

export function CohortPage({ cycle }: { cycle: number }) {
	const view = useMemo(() => new CohortView(cycle), [cycle]);
	useEffect(view.follow, [view, language.value]);
	const cohort = view.cohort.value;
	useEffect(() => {
		document.title = `${cohort?.patient.name ?? t("cohort.title")} · ${t("product")}`;
	});
	if (!cohort) return (
		<main class="empty" aria-busy={view.failure.value === ""}>
			{view.failure.value && <><p class="notice bad">{view.failure.value}</p><a class="button" href="#/">{t("key.board")}</a></>}
		</main>
	);
	const first = cohort.dishes[0];
	return (
		<Guarded owner={{ patient: cohort.patient, dish: first?.dish ?? 0, slide: first?.slide ?? "" }}>
			<div class="page">
				<Head cohort={cohort} />
				<main class="cohort">
					<Tools view={view} cohort={cohort} />
					{cohort.dishes.length === 0 && <p class="quiet">{t("cohort.none")}</p>}
					{cohort.dishes.map((dish) => <DishPart key={dish.dish} view={view} cohort={cohort} dish={dish} />)}
					<p class="quiet">{t("profiles.note")}</p>
				</main>
			</div>
		</Guarded>
	);
}
