/* Grades: of a blastocyst by Gardner, of a cleavage embryo or a morula by quality (Istanbul 2025, Tables 5 and 7). */
import { useSignal } from "@preact/signals";
import type { Embryo, GradeStage, GradeWord } from "../../api/types";
import { Chip, Segments } from "../../kit/controls";
import { clock, dayShort } from "../../kit/format";
import { Check } from "../../kit/icons";
import { mayAnnotate, user } from "../../kit/session";
import { t, tName } from "../../text/text";
import type { Viewer } from "../embryo/viewer";
import { gradeText, type GradeBody } from "../embryo/words";
import { gradeName, STAGES_GRADED } from "./kinds";
import { perform } from "./stack";
import "./words.css";

const QUALITIES = ["top", "intermediate", "low"] as const;
const EXPANSIONS = [1, 2, 3, 4, 5, 6] as const;
const LETTERS = ["A", "B", "C", "D"] as const;
/* Gardner grades the inner cell mass and the trophectoderm only from here on. */
const LETTERS_FROM = 3;

/* A person may have graded it as a cleavage embryo, and again as a blastocyst: each stage keeps its own grade. */
const ownOf = (embryo: Embryo, stage: GradeStage): GradeWord | undefined =>
	embryo.grades.find((entry) => entry.author === user.value?.name && entry.stage === stage);
function bodyOf({ stage, expansion, icm, te, quality }: GradeBody): GradeBody {
	return stage === "blastocyst" ? { stage, expansion, icm: icm || null, te: te || null } : { stage, quality };
}
function save(viewer: Viewer, embryo: Embryo, body: GradeBody | { stage: GradeStage; withdrawn: true }, name: string): void {
	const own = ownOf(embryo, body.stage);
	void perform(viewer, { name, path: `/api/embryos/${embryo.embryo}/grade`, body, before: own ? bodyOf(own) : { stage: body.stage, withdrawn: true } },
		t("withdrawn" in body ? "grade.withdrawn" : "grade.saved", { grade: name }));
}
const give = (viewer: Viewer, embryo: Embryo, grade: GradeBody): void =>
	save(viewer, embryo, grade, gradeName({ stage: grade.stage, text: gradeText(grade) }));
const takeBack = (viewer: Viewer, embryo: Embryo, grade: GradeWord): void =>
	save(viewer, embryo, { stage: grade.stage, withdrawn: true }, gradeName(grade));

function Gardner({ viewer, embryo, own }: { viewer: Viewer; embryo: Embryo; own: GradeWord | undefined }) {
	const expansion = useSignal<number | null>(own?.expansion ?? null);
	const icm = useSignal(own?.icm || null);
	const te = useSignal(own?.te || null);
	const lettered = (expansion.value ?? 0) >= LETTERS_FROM;
	const complete = expansion.value !== null && (!lettered || (icm.value !== null && te.value !== null));
	const letters = (name: "icm" | "te", of: typeof icm) => (
		<>
			<span class="grade-label">{t(`grade.${name}`)}</span>
			<Segments label={t(`grade.${name}`)} options={LETTERS} value={of.value as (typeof LETTERS)[number] | null} disabled={!lettered}
				onPick={(value) => { of.value = value; }} />
		</>
	);
	return (
		<div class="grade-form">
			<span class="grade-label">{t("grade.expansion")}</span>
			<Segments label={t("grade.expansion")} options={EXPANSIONS} value={expansion.value as (typeof EXPANSIONS)[number] | null}
				onPick={(value) => { expansion.value = value; }} />
			{letters("icm", icm)}
			{letters("te", te)}
			{!lettered && expansion.value !== null && <p class="panel-note">{t("grade.letters")}</p>}
			<button type="button" class="button" disabled={!complete} onClick={() => give(viewer, embryo, { stage: "blastocyst",
				expansion: expansion.value, icm: lettered ? icm.value : null, te: lettered ? te.value : null })}>{t("grade.save")}</button>
		</div>
	);
}

function Quality({ viewer, embryo, own, stage }: { viewer: Viewer; embryo: Embryo; own: GradeWord | undefined; stage: "cleavage" | "morula" }) {
	return (
		<div class="grade-form quality">
			<span class="grade-label">{t("grade.quality")}</span>
			<Segments label={t("grade.quality")} options={QUALITIES} value={own?.quality ?? null}
				shown={(value) => tName("grading", value)} onPick={(quality) => give(viewer, embryo, { stage, quality })} />
			<p class="panel-note">{t(`grade.${stage}.rule`)}</p>
		</div>
	);
}

/* The stage to grade is the one the embryo is in, until a person picks another; who reads blind is not told, and finds
 * picked what most embryos of that age are. */
const MORULA_S = 80 * 3600;
const BLASTOCYST_S = 100 * 3600;
function stageOf(embryo: Embryo): GradeStage {
	const group = embryo.evaluation?.stage_group as GradeStage;
	if (STAGES_GRADED.includes(group)) return group;
	const age = embryo.runs.at(-1)?.time_s ?? BLASTOCYST_S;
	return age < MORULA_S ? "cleavage" : age < BLASTOCYST_S ? "morula" : "blastocyst";
}

function Form({ viewer, embryo }: { viewer: Viewer; embryo: Embryo }) {
	const picked = useSignal<GradeStage | null>(null);
	const stage = picked.value ?? stageOf(embryo);
	const own = ownOf(embryo, stage);
	return (
		<>
			<Segments label={t("grade.stage")} options={STAGES_GRADED} value={stage} shown={(value) => tName("group", value)}
				onPick={(value) => { picked.value = value; }} />
			{stage === "blastocyst" ? <Gardner key={own?.made} viewer={viewer} embryo={embryo} own={own} />
				: <Quality viewer={viewer} embryo={embryo} own={own} stage={stage} />}
		</>
	);
}

function Given({ grade, newest, onBack }: { grade: GradeWord; newest: boolean; onBack: (() => void) | null }) {
	return (
		<li class={newest ? "grade-now" : "grade-now older"}>
			<strong class="grade-value">{gradeName(grade)}</strong>
			<span class="grade-facts">
				<span class="quiet">{t("decide.by", { author: grade.author, date: dayShort(grade.made), time: clock(grade.made) })}</span>
			</span>
			{newest && <Chip tone="good" icon={<Check />} title={t("grade.used.long")}>{t("grade.used")}</Chip>}
			{onBack && <button type="button" class="link-button" onClick={onBack}>{t("words.takeback")}</button>}
		</li>
	);
}

export function GradePanel({ viewer, embryo }: { viewer: Viewer; embryo: Embryo }) {
	const { grades } = embryo;
	const result = embryo.evaluation?.grade;
	return (
		<section class="panel grade" aria-labelledby="grade-title">
			<header><h2 id="grade-title">{t("grade.title")}</h2></header>
			{grades.length === 0 && <p class="quiet-line">{t(embryo.covered ? "grade.none.own" : "grade.none")}</p>}
			<ul>{grades.map((grade, i) => <Given key={`${grade.author} ${grade.stage}`} grade={grade} newest={i === 0}
				onBack={grade.author === user.value?.name && mayAnnotate() ? () => takeBack(viewer, embryo, grade) : null} />)}</ul>
			{result?.state === "value" && result.neqsi != null && <p class="panel-note">{t("grade.neqsi", { n: result.neqsi })}
				{result.good_blastocyst != null && ` · ${t(result.good_blastocyst ? "grade.good" : "grade.notgood")}`}</p>}
			{mayAnnotate() && <Form viewer={viewer} embryo={embryo} />}
		</section>
	);
}
