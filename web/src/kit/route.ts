/* The address says what is on the screen, so that a link to one frame can be copied inside the clinic. It lives after
 * the "#": any static file server will do, and no patient's number reaches a server log. */
import { signal } from "@preact/signals";

export type Route = { page: "board" } | { page: "models"; label: string | null; dataset: number | null } | { page: "embryo"; embryo: number; run: number | null; focal: number | null };

export function parseRoute(hash: string): Route {
	const models = /^#\/models(?:\/([\w][\w.-]*)(?:\/(\d+))?)?$/.exec(hash);
	if (models) return { page: "models", label: models[1] ?? null, dataset: models[2] === undefined ? null : Number(models[2]) };
	const match = /^#\/embryo\/(\d+)(?:\/(\d+)(?:\/(-?\d+))?)?$/.exec(hash);
	if (!match) return { page: "board" };
	return {
		page: "embryo",
		embryo: Number(match[1]),
		run: match[2] === undefined ? null : Number(match[2]),
		focal: match[3] === undefined ? null : Number(match[3]),
	};
}

export const route = signal<Route>(parseRoute(location.hash));
window.addEventListener("hashchange", () => {
	route.value = parseRoute(location.hash);
});

export const modelHref = (label: string, dataset?: number): string => `#/models/${label}${dataset === undefined ? "" : `/${dataset}`}`;
export const embryoHref = (embryo: number): string => `#/embryo/${embryo}`;

/* Where the player stands, without a step in the browser's history for each frame. Browsers limit how often an
 * address may be rewritten, so it trails the player. */
let timer = 0;
export function rememberFrame(embryo: number, run: number, focal: number): void {
	window.clearTimeout(timer);
	timer = window.setTimeout(() => {
		if (route.peek().page === "embryo") history.replaceState(null, "", `#/embryo/${embryo}/${run}/${focal}`);
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
