/* The models of the box: a list, and the card of one of them: what it is, what it learned from, how right it was measured
 * to be. */
import { useEffect } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { api } from "../../api/client";
import type { Model, ModelCard, TrainingSet } from "../../api/types";
import { Chip } from "../../kit/controls";
import { dayShort, integer, share } from "../../kit/format";
import { Left, Warn } from "../../kit/icons";
import { modelHref } from "../../kit/route";
import { t, tName } from "../../text/text";
import { ConnectionState, LanguagePick } from "../../kit/tools";
import { UserTools } from "../header";
import { sentenceOf } from "../../kit/session";
import { Accuracy } from "./accuracy";
import "./models.css";

function Head() {
	return (
		<header class="head models-head">
			<a class="icon-button" href="#/" aria-label={t("key.board")} title={t("key.board")}><Left /></a>
			<h1 class="models-title">{t("models.title")}</h1>
			<span class="head-space" />
			<ConnectionState />
			<LanguagePick />
			<UserTools />
		</header>
	);
}

function List({ models, shown }: { models: Model[]; shown: string | null }) {
	return (
		<nav class="models-list" aria-label={t("models.list")}>
			{models.map((model) => (
				<a key={model.label} href={modelHref(model.label)} aria-current={model.label === shown ? "page" : undefined}>
					<strong>{model.label}</strong>
					<span>{t(model.shipped ? "models.shipped" : "models.clinic")}</span>
					{model.current && <Chip tone="accent">{t("models.current")}</Chip>}
					{model.problem && <Chip tone="bad" icon={<Warn />}>{t("models.unusable")}</Chip>}
				</a>
			))}
			<p class="panel-note">{t("models.change")}</p>
		</nav>
	);
}

function Training({ sets }: { sets: TrainingSet[] }) {
	return (
		<section class="panel">
			<h2>{t("models.training")}</h2>
			<table class="figures">
				<thead><tr><th scope="col">{t("models.set")}</th><th scope="col" class="number">{t("models.pictures")}</th>
					<th scope="col" class="number">{t("models.embryos")}</th><th scope="col">{t("models.licence")}</th></tr></thead>
				<tbody>{sets.map((set) => (
					<tr key={set.set}><th scope="row">{set.set}</th><td class="number">{integer(set.pictures)}</td>
						<td class="number">{set.embryos == null ? "–" : integer(set.embryos)}</td><td>{set.licence}</td></tr>
				))}</tbody>
			</table>
		</section>
	);
}

const OUTPUTS = ["stage", "fragmentation", "uneven", "multinucleated", "embedding"];

function Card({ card, dataset }: { card: ModelCard; dataset: number | null }) {
	const { training = [], outputs = {}, quantisation } = card.manifest ?? {};
	const reads = OUTPUTS.filter((name) => name in outputs);
	const same = quantisation?.outputs?.["stage"]?.same;
	return (
		<article class="model" aria-label={card.label}>
			<section class="panel model-what">
				<h2>{card.label}{card.current && <Chip tone="accent">{t("models.current")}</Chip>}</h2>
				{card.problem && <p class="notice bad"><Warn /><span>{card.problem}</span></p>}
				{card.summary && <p>{card.summary}</p>}
				<dl class="facts">
					{card.made && <div><dt>{t("models.made")}</dt><dd>{dayShort(card.made)} {new Date(card.made).getFullYear()}</dd></div>}
					<div><dt>{t("models.from")}</dt><dd>{t(card.shipped ? "models.shipped" : "models.clinic")}</dd></div>
					{card.signer && <div><dt>{t("models.signer")}</dt><dd>{card.signer}</dd></div>}
					{reads.length > 0 && <div><dt>{t("models.outputs")}</dt><dd>{reads.map((name) => tName("output", name)).join(", ")}</dd></div>}
					{quantisation && same !== undefined && <div><dt>{t("models.rounding")}</dt>
						<dd>{t("models.rounding.value", { same: share(same), n: integer(quantisation.cuts) })}</dd></div>}
					{card.digest && <div><dt>{t("models.digest")}</dt><dd class="digest">{card.digest}</dd></div>}
				</dl>
				<p class="panel-note">{t("models.limits")}</p>
			</section>
			{training.length > 0 && <Training sets={training} />}
			{card.report ? <Accuracy label={card.label} report={card.report} dataset={dataset} />
				: card.manifest && <section class="panel"><h2>{t("accuracy.title")}</h2><p class="quiet">{t("accuracy.none")}</p></section>}
		</article>
	);
}

export function ModelsPage({ label, dataset }: { label: string | null; dataset: number | null }) {
	const models = useSignal<Model[] | null>(null);
	const card = useSignal<ModelCard | null>(null);
	const failure = useSignal("");
	const list = models.value;
	const shown = label ?? list?.find((model) => model.current)?.label ?? list?.[0]?.label ?? null;
	useEffect(() => {
		api.models().then((answer) => { models.value = answer.models; }, (error) => { failure.value = sentenceOf(error); });
	}, []);
	useEffect(() => {
		if (!shown) return;
		let wanted = true;
		failure.value = "";
		api.model(shown).then((answer) => { if (wanted) card.value = answer; },
			(error) => { if (wanted) failure.value = sentenceOf(error); });
		return () => { wanted = false; };
	}, [shown]);
	useEffect(() => {
		document.title = `${shown ?? t("models.title")} · ${t("product")}`;
	});
	const ready = card.value?.label === shown ? card.value : null;
	return (
		<div class="page">
			<Head />
			<main class="models" aria-busy={!list || (!!shown && !ready && !failure.value)}>
				{list && list.length > 0 && <List models={list} shown={shown} />}
				{failure.value ? <p class="notice bad"><Warn /><span>{failure.value}</span></p>
					: ready ? <Card card={ready} dataset={dataset} /> : list?.length === 0 && <p class="empty">{t("models.none")}</p>}
			</main>
		</div>
	);
}
