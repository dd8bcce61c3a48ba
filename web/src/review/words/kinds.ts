/* What can be noted of an embryo with one tap, in the order of its life; model/observation.h has the same names. */
import type { Embryo, GradeStage, Observation } from "../../api/types";
import { percent } from "../../kit/format";
import { t, tName } from "../../text/text";
import { latestWords } from "../embryo/words";

/* Percent of the embryo; the consensus draws its lines at 10 and 25. */
const FRAGMENTS = ["0", "5", "10", "15", "20", "25", "35", "50"] as const;
const EVENNESS = ["even", "uneven"] as const;
const NUCLEI = ["mononucleated", "binucleated", "multinucleated", "micronucleated"] as const;

interface Kind { kind: string; values: readonly string[] }
export interface Part { part: "pronuclei" | "2-cell" | "4-cell" | "8-cell" | "morula" | "whole"; kinds: readonly Kind[] }
export const PARTS: readonly Part[] = [
	{ part: "pronuclei", kinds: [{ kind: "pronuclei", values: ["0", "1", "2", "2.1", "3", "4+"] }] },
	...(["2-cell", "4-cell", "8-cell"] as const).map((part): Part => ({ part, kinds: [
		{ kind: `evenness-${part}`, values: EVENNESS },
		...(part === "8-cell" ? [] : [{ kind: `nuclei-${part}`, values: NUCLEI }]),
		{ kind: `fragmentation-${part}`, values: FRAGMENTS },
	] })),
	{ part: "morula", kinds: [{ kind: "compaction", values: ["none", "partial", "full"] }, { kind: "vacuoles", values: ["none", "minor", "heavy"] }] },
	{ part: "whole", kinds: [{ kind: "viability", values: ["viable", "not-viable"] }] },
];

/* Where in its life the stage of a picture is. */
export function partOf(stage: string | null): Part["part"] | null {
	if (stage === "tPNa" || stage === "tPB2") return "pronuclei";
	if (stage === "t2" || stage === "t3") return "2-cell";
	if (stage && ["t4", "t5", "t6", "t7"].includes(stage)) return "4-cell";
	return stage === "t8" || stage === "t9" ? "8-cell" : stage === "tM" ? "morula" : null;
}

/* "Fragments" of "fragmentation-4-cell": the part is said above the row. */
export const kindShort = (kind: string): string => tName("kind", kind.replace(/-\d-cell$/, ""));
export function kindText(kind: string): string {
	const part = /\d-cell$/.exec(kind)?.[0];
	return part ? `${kindShort(kind)}, ${tName("part", part)}` : kindShort(kind);
}
export function valueText(kind: string, value: string): string {
	if (kind.startsWith("fragmentation")) return percent(10 * Number(value));
	return tName("value", value);
}

export const currentOf = (embryo: Embryo, kind: string): Observation[] => embryo.observations.filter((entry) => entry.kind === kind);

/* Whoever has a current word on the embryo. */
export function readersOf(embryo: Embryo): string[] {
	const words = [...(embryo.evaluation?.events ?? []).flatMap(latestWords), ...embryo.grades,
		...embryo.observations.filter((entry) => !entry.kind.startsWith("outcome"))];
	return [...new Set(words.map((word) => word.author))].sort();
}

export const pair = (name: string, value: string): string => t("words.pair", { name, value });
export const STAGES_GRADED: readonly GradeStage[] = ["cleavage", "morula", "blastocyst"];
export const gradeName = (grade: { stage: string; text: string }): string =>
	(grade.stage === "blastocyst" ? grade.text : pair(tName("group", grade.stage), tName("grading", grade.text)));
