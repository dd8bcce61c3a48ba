/* When the clinic's own embryos reach each stage, by ICSI and by IVF: asked for once a method. */
import { signal, type Signal } from "@preact/signals";
import { api } from "../../api/client";
import type { Reference } from "../../api/types";

const known = new Map<string, Signal<Reference | null>>();

/* null: not known yet. A failure is asked again for the next embryo; the timeline goes without. */
export function referenceOf(method: string): Signal<Reference | null> {
	let found = known.get(method);
	if (!found) {
		const told = signal<Reference | null>(null);
		known.set(method, told);
		api.reference(method).then((answer) => { told.value = answer; }, () => known.delete(method));
		found = told;
	}
	return found;
}
