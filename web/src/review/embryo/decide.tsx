/* A person's grade and decision. All decisions look alike: the page never leans towards one. */
import { useSignal } from "@preact/signals";
import { api } from "../../api/client";
import type { DecisionName, Embryo } from "../../api/types";
import { Chip, Field, Segments, toast } from "../../kit/controls";
import { clock, dayShort } from "../../kit/format";
import { Check } from "../../kit/icons";
import { t, tName } from "../../text/text";
import { mayAnnotate, sentenceOf } from "../../kit/session";
import type { Viewer } from "./viewer";

const EXPANSIONS = [1, 2, 3, 4, 5, 6] as const;
const LETTERS = ["A", "B", "C", "D"] as const;
/* Gardner grades the inner cell mass and the trophectoderm only from here on. */
const LETTERS_FROM = 3;
const DECISIONS: readonly DecisionName[] = ["transfer", "freeze", "biopsy", "culture", "discard"];

async function send(viewer: Viewer, post: Promise<unknown>, sentence: string): Promise<boolean> {
	try {
		await post;
	} catch (error) {
		toast("bad", sentenceOf(error));
		return false;
	}
	toast("good", sentence);
	await viewer.load();
	return true;
}

function GradeForm({ viewer, embryo }: { viewer: Viewer; embryo: Embryo }) {
	const expansion = useSignal<number | null>(embryo.grade?.expansion ?? null);
	const icm = useSignal(embryo.grade?.icm ?? null);
	const te = useSignal(embryo.grade?.te ?? null);
	const lettered = (expansion.value ?? 0) >= LETTERS_FROM;
	const complete = expansion.value !== null && (!lettered || (icm.value !== null && te.value !== null));
	const save = () => void send(viewer, api.grade(embryo.embryo, {
		expansion: expansion.value ?? 0, icm: lettered ? icm.value : null, te: lettered ? te.value : null,
	}), t("grade.saved"));
	return (
		<div class="grade-form">
			<span class="grade-label">{t("grade.expansion")}</span>
			<Segments label={t("grade.expansion")} options={EXPANSIONS} value={expansion.value as (typeof EXPANSIONS)[number] | null}
				onPick={(value) => { expansion.value = value; }} />
			<span class="grade-label">{t("grade.icm")}</span>
			<Segments label={t("grade.icm")} options={LETTERS} value={icm.value as (typeof LETTERS)[number] | null} disabled={!lettered}
				onPick={(value) => { icm.value = value; }} />
			<span class="grade-label">{t("grade.te")}</span>
			<Segments label={t("grade.te")} options={LETTERS} value={te.value as (typeof LETTERS)[number] | null} disabled={!lettered}
				onPick={(value) => { te.value = value; }} />
			{!lettered && expansion.value !== null && <p class="panel-note">{t("grade.letters")}</p>}
			<button type="button" class="button" disabled={!complete} onClick={save}>{t("grade.save")}</button>
		</div>
	);
}

export function GradePanel({ viewer, embryo }: { viewer: Viewer; embryo: Embryo }) {
	const { grade } = embryo;
	const result = embryo.evaluation?.grade;
	return (
		<section class="panel grade" aria-labelledby="grade-title">
			<header><h2 id="grade-title">{t("grade.title")}</h2></header>
			{grade ? <p class="grade-now">
				<strong class="grade-value">{grade.gardner}</strong>
				<span class="grade-facts">
					{result?.neqsi !== null && result?.neqsi !== undefined && <span>{t("grade.neqsi", { n: result.neqsi })}</span>}
					{result?.state === "value" && result.good_blastocyst !== null && result.good_blastocyst !== undefined
						&& <span>{t(result.good_blastocyst ? "grade.good" : "grade.notgood")}</span>}
					<span class="quiet">{t("decide.by", { author: grade.author, date: dayShort(grade.made), time: clock(grade.made) })}</span>
				</span>
			</p> : <p class="quiet-line">{t("grade.none")}</p>}
			{mayAnnotate() && <GradeForm key={grade?.made ?? ""} viewer={viewer} embryo={embryo} />}
		</section>
	);
}

export function DecisionPanel({ viewer, embryo }: { viewer: Viewer; embryo: Embryo }) {
	const picked = useSignal<DecisionName | null>(null);
	const reason = useSignal("");
	const now = embryo.decisions.at(-1);
	const before = embryo.decisions.slice(0, -1).reverse();
	const save = async () => {
		if (!picked.value) return;
		const saved = await send(viewer, api.decide(embryo.embryo, picked.value, reason.value.trim()),
			t("decide.saved", { decision: tName("decision", picked.value) }));
		if (!saved) return;
		picked.value = null;
		reason.value = "";
	};
	return (
		<section class="panel decide" aria-labelledby="decide-title">
			<header><h2 id="decide-title">{t("decide.title")}</h2>
				{now ? <Chip tone="good" icon={<Check />}>{tName("decision", now.decision)}</Chip> : <Chip>{t("decide.none")}</Chip>}</header>
			{now && <p class="decide-now">{now.reason && <span>{now.reason}</span>}
				<span class="quiet">{t("decide.by", { author: now.author, date: dayShort(now.made), time: clock(now.made) })}</span></p>}
			{before.length > 0 && <p class="panel-note">{t("decide.before", { list: before.map((entry) =>
				`${tName("decision", entry.decision)} (${entry.author}, ${clock(entry.made)})`).join("; ") })}</p>}
			{mayAnnotate() && <>
				<div class="decide-buttons" role="group" aria-label={t("decide.title")}>
					{DECISIONS.map((name) => <button key={name} type="button" aria-pressed={picked.value === name}
						onClick={() => { picked.value = picked.value === name ? null : name; }}>{tName("decision", name)}</button>)}
				</div>
				{picked.value && <div class="decide-save">
					<Field label={t("decide.reason")}><input value={reason.value} maxLength={500} placeholder={t("decide.reason.hint")}
						onInput={(event) => { reason.value = event.currentTarget.value; }} /></Field>
					<button type="button" class="button primary" onClick={() => void save()}>
						{t("decide.save", { decision: tName("decision", picked.value) })}</button>
				</div>}
			</>}
		</section>
	);
}
