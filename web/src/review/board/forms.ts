/* What the forms about patients and cycles share. */
export const METHODS = ["ICSI", "IVF"];

export function textOf(data: FormData, name: string): string {
	return String(data.get(name) ?? "").trim();
}

/* "2026-11-21T07:30", by the clock on the wall, as the box wants it. */
export const instant = (wall: string): string | null => (wall ? new Date(wall).toISOString().replace(/\.\d+Z$/, "Z") : null);

/* Names of cycles that people take for each other, as the box compares them. */
export const alike = (a: string, b: string): boolean => plain(a) === plain(b);
const plain = (label: string): string => label.trim().replace(/\s+/g, " ").toLowerCase();
