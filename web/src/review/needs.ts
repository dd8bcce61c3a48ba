/* What waits for a person, as the board and the cohort page ask it of an embryo. Pure. */
import type { Due, RankedEmbryo } from "../api/types";
import { clock, sentence } from "../kit/format";
import { t, tName } from "../text/text";

export type Told = Pick<RankedEmbryo, "stage_group" | "attention" | "unsure"> & { decision: unknown };

export const isEmpty = (embryo: Told): boolean => embryo.stage_group === "empty";
export const isOpen = (embryo: Told): boolean => !isEmpty(embryo) && !embryo.decision;
export const needsLook = (embryo: Told): boolean => isOpen(embryo) && embryo.attention.length + embryo.unsure.length > 0;

/* Somebody has decided, and nothing is left to decide. */
export const isDone = (embryos: readonly Told[]): boolean => embryos.some((embryo) => embryo.decision) && !embryos.some(isOpen);

/* Whatever a person should look at, a sentence each. */
export function looksOf({ attention, unsure }: Told): string[] {
	const told = attention.map(sentence);
	if (unsure.length > 0) told.push(t("look.unsure", { events: unsure.join(", ") }));
	return told;
}

/* now: of the box, when it said so. */
export function dueText(due: Due, now: string): string {
	const at = (embryo_s: number): string => clock(new Date(now).getTime() + 1000 * (embryo_s - due.now_s));
	return t(due.now_s < due.from_s ? "due.soon" : "due.now", { check: tName("check", due.check), from: at(due.from_s), to: at(due.to_s) });
}
