/* The address says what is on the screen, so that a link to one frame can be copied inside the clinic. It lives after
 * the "#": any static file server will do, and no patient's number reaches a server log. */
import { signal } from "@preact/signals";

export type Route = { page: "board" } | { page: "settings" } | { page: "cohort"; cycle: number } | { page: "compare"; embryos: number[] }
	| { page: "quality"; indicator: string | null } | { page: "models"; label: string | null; dataset: number | null }
	| { page: "embryo"; embryo: number; run: number | null; focal: number | null };

/* More than six are too small to be looked at. */
export const COMPARE_MAX = 6;

const number = (text: string | undefined): number | null => (text === undefined ? null : Number(text));

export function parseRoute(hash: string): Route {
	if (hash === "#/settings") return { page: "settings" };
	const cycle = /^#\/cycle\/(\d+)$/.exec(hash);
	if (cycle) return { page: "cohort", cycle: Number(cycle[1]) };
	const compare = /^#\/compare\/(\d+(?:,\d+)*)$/.exec(hash);
	if (compare) return { page: "compare", embryos: [...new Set(compare[1]?.split(",").map(Number))].slice(0, COMPARE_MAX) };
	const quality = /^#\/quality(?:\/([\w][\w.-]*))?$/.exec(hash);
	if (quality) return { page: "quality", indicator: quality[1] ?? null };
	const models = /^#\/models(?:\/([\w][\w.-]*)(?:\/(\d+))?)?$/.exec(hash);
	if (models) return { page: "models", label: models[1] ?? null, dataset: number(models[2]) };
	const embryo = /^#\/embryo\/(\d+)(?:\/(\d+)(?:\/(-?\d+))?)?$/.exec(hash);
	if (embryo) return { page: "embryo", embryo: Number(embryo[1]), run: number(embryo[2]), focal: number(embryo[3]) };
	return { page: "board" };
}

export const route = signal<Route>(parseRoute(location.hash));
window.addEventListener("hashchange", () => {
	route.value = parseRoute(location.hash);
});

export const modelHref = (label: string, dataset?: number): string => `#/models/${label}${dataset === undefined ? "" : `/${dataset}`}`;
export const embryoHref = (embryo: number): string => `#/embryo/${embryo}`;
export const cohortHref = (cycle: number): string => `#/cycle/${cycle}`;
export const compareHref = (embryos: readonly number[]): string => `#/compare/${embryos.join(",")}`;
export const qualityHref = (indicator?: string): string => `#/quality${indicator === undefined ? "" : `/${indicator}`}`;

/* Where the player stands, without a step in the browser's history for each frame. Browsers limit how often an
 * address may be rewritten, so it trails the player. */
let timer = 0;
export function rememberFrame(embryo: number, run: number, focal: number): void {
	window.clearTimeout(timer);
	const before = location.hash;
	timer = window.setTimeout(() => {
		/* a link may have been followed whose event is still to come: it wins */
		if (route.peek().page === "embryo" && location.hash === before) history.replaceState(null, "", `#/embryo/${embryo}/${run}/${focal}`);
	}, 300);
}

export function go(hash: string, replace = false): void {
	window.clearTimeout(timer);
	if (replace) {
		history.replaceState(null, "", hash);
		route.value = parseRoute(hash);
	} else {
		location.hash = hash;
	}
}
