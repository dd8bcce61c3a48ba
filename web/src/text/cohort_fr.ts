/* Français, la page de la cohorte. */
import type { cohortEn } from "./cohort_en";

export const cohortFr: Record<keyof typeof cohortEn, string> = {
	"cohort.title": "Cohorte",
};
