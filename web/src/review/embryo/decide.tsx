/* A person's grade. */
import { useSignal } from "@preact/signals";
import { api } from "../../api/client";
import type { Embryo } from "../../api/types";
import { Segments, toast } from "../../kit/controls";
import { clock, dayShort } from "../../kit/format";
import { t } from "../../text/text";
import { mayAnnotate, sentenceOf } from "../../kit/session";
import type { Viewer } from "./viewer";

const EXPANSIONS = [1, 2, 3, 4, 5, 6] as const;
const LETTERS = ["A", "B", "C", "D"] as const;
/* Gardner grades the inner cell mass and the trophectoderm only from here on. */
const LETTERS_FROM = 3;

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
