/* Whose pictures a page shows. Slides that nobody has been given may be anybody's: each is an owner of its own. */
import type { Embryo, Patient } from "../api/types";
import { t } from "../text/text";

export interface Owner { patient: Patient | null; dish: number; slide: string }

export const ownerOf = ({ patient, dish }: Embryo): Owner => ({ patient, dish: dish.dish, slide: dish.slide });

export const sameOwner = (a: Owner, b: Owner): boolean =>
	a.patient || b.patient ? a.patient?.id === b.patient?.id : a.dish === b.dish;

/* "Claire Moreau, P-1001", or "slide D2026..., nobody's yet" */
export const ownerName = ({ patient, slide }: Owner): string =>
	patient ? `${patient.name}, ${patient.identifier}` : t("guard.nobody", { slide });
