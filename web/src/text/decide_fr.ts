/* Français, décisions, signatures, issues et compte rendu. */
import type { decideEn } from "./decide_en";

export const decideFr: Record<keyof typeof decideEn, string> = {
	"decide.title": "Décision",
	"decide.none": "Non décidé",
	"decide.reason": "Motif",
	"decide.reason.hint": "Facultatif",
	"decide.save": "Enregistrer : {decision}",
	"decide.saved": "Enregistré : {decision}",
	"decide.by": "{author}, {date} {time}",
	"decide.before": "Avant : {list}",
	"decision.transfer": "Transférer",
	"decision.freeze": "Congeler",
	"decision.biopsy": "Biopsier",
	"decision.culture": "Poursuivre",
	"decision.discard": "Écarter",
};
