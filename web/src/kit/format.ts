/* Numbers and times as people in the lab read them. */
import { language } from "../text/text";

/* Labs write 24 hours and day before month. */
const locale = (): string => (language.value === "en" ? "en-GB" : language.value);

const cache = new Map<string, Intl.NumberFormat>();
function numbers(digits: number): Intl.NumberFormat {
	const key = `${language.value} ${digits}`;
	let format = cache.get(key);
	if (!format) {
		format = new Intl.NumberFormat(language.value, { minimumFractionDigits: digits, maximumFractionDigits: digits });
		cache.set(key, format);
	}
	return format;
}

export const integer = (value: number): string => numbers(0).format(value);
export const decimal = (value: number, digits = 1): string => numbers(digits).format(value);
export const hours = (seconds: number, digits = 1): string => decimal(seconds / 3600, digits);
export const percent = (permille: number): string => `${numbers(0).format(permille / 10)} %`;

/* A share of one, as measured: one digit after the point. */
export const share = (value: number): string => `${decimal(value * 100)} %`;

/* Signed, for the difference of two event times. */
export function hoursSigned(seconds: number): string {
	const text = hours(Math.abs(seconds));
	if (text === hours(0)) return text;
	return (seconds > 0 ? "+" : "−") + text;
}

/* Sentences of the box begin with a capital on the screen; names of events ("t2", "tSB") keep their own letters. */
export function sentence(text: string): string {
	return /^[a-z][a-z ]/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}

/* "m.laurent" and "Marie Laurent" are both "ML". */
export function initials(name: string): string {
	const parts = name.split(/[\s._-]+/).filter(Boolean);
	const letters = parts.length > 1 ? (parts[0]?.[0] ?? "") + (parts.at(-1)?.[0] ?? "") : name.slice(0, 2);
	return letters.toUpperCase();
}

export function focal(um: number): string {
	return um === 0 ? "0" : um > 0 ? `+${um}` : `−${-um}`;
}

export function clock(iso: string | number | Date): string {
	return new Date(iso).toLocaleTimeString(locale(), { hour: "2-digit", minute: "2-digit" });
}
export function day(iso: string | number | Date): string {
	return new Date(iso).toLocaleDateString(locale(), { weekday: "long", day: "numeric", month: "long" });
}
export function dayShort(iso: string | number | Date): string {
	return new Date(iso).toLocaleDateString(locale(), { day: "numeric", month: "short" });
}
export function sameDay(a: string | Date, b: string | Date): boolean {
	return new Date(a).toDateString() === new Date(b).toDateString();
}
/* "4 min", "1 h 20": how long a person will wait. */
export function duration(seconds: number): string {
	const minutes = Math.max(1, Math.round(seconds / 60));
	if (minutes < 60) return `${minutes} min`;
	return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")}`;
}
/* dates of birth: shown as stored, never moved by a time zone */
export function born(date: string): string {
	const [year, month, dayOfMonth] = date.split("-").map(Number);
	if (!year || !month || !dayOfMonth) return date;
	return new Date(year, month - 1, dayOfMonth).toLocaleDateString(locale(),
		{ day: "numeric", month: "short", year: "numeric" });
}
