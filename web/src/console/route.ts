/* The console's addresses, after the "#" as everywhere. What a page is filtered by is part of its address, so that a
 * link to it can be sent to a colleague. */
import { signal } from "@preact/signals";

export const PAGES = ["overview", "burst", "functions", "egress", "costs", "sites", "updates", "people"] as const;
export type PageName = (typeof PAGES)[number];
export interface Place { page: PageName; params: URLSearchParams }

export function parsePlace(hash: string): Place {
	const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
	const page = PAGES.find((name) => name === path) ?? "overview";
	return { page, params: new URLSearchParams(query) };
}
export const href = (page: PageName): string => (page === "overview" ? "#/" : `#/${page}`);

export const place = signal<Place>(parsePlace(location.hash));
window.addEventListener("hashchange", () => {
	place.value = parsePlace(location.hash);
});

/* Empty values leave the address. */
export function setParams(values: Record<string, string>): void {
	const { page, params } = place.peek();
	const next = new URLSearchParams(params);
	for (const [name, value] of Object.entries(values)) {
		if (value) next.set(name, value);
		else next.delete(name);
	}
	const query = next.toString();
	history.replaceState(null, "", href(page) + (query ? `?${query}` : ""));
	place.value = { page, params: next };
}
