/* Français, la page de la cohorte. */
import type { cohortEn } from "./cohort_en";

export const cohortFr: Record<keyof typeof cohortEn, string> = {
	"cohort.title": "Cohorte",
	"cohort.sort": "Ordre",
	"cohort.sort.well": "Comme la boîte",
	"cohort.sort.rank": "Rang",
	"cohort.sort.stage": "Stade",
	"cohort.sort.profile": "Profil",
	"cohort.profile": "Classer avec",
	"cohort.profile.none": "aucun profil",
	"cohort.covered": "Rangs et scores de cette lame sont masqués jusqu’à ce que vous ayez gradé tous ses embryons : encore {n}.",
	"cohort.nothing": "Aucun embryon de cette lame n’est dans ce cas.",
	"cohort.none": "Aucune lame n’a été attribuée à ce cycle.",
	"filter.flags": "Signalés",
	"well.gap": "Puits {n} : rien n’est arrivé",
	"well.unsigned": "Non signé",
	"line.none": "Aucun événement n’a encore d’heure.",
	"scores.title": "Scores côte à côte",
	"scores.of": "Scores de la lame {slide}",
	"scores.none": "–",
};
