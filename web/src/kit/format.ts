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
	return /^[a-zà-ÿ][a-zà-ÿ’ ]/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
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

/* "3 min ago", "in 2 h": from now, both in milliseconds since 1970. */
export function ago(at: string | number | Date, now: number): string {
	const seconds = (new Date(at).getTime() - now) / 1000;
	const [unit, size] = ([["day", 86400], ["hour", 3600], ["minute", 60]] as const).find((entry) => Math.abs(seconds) >= entry[1]) ?? ["second", 1];
	return new Intl.RelativeTimeFormat(locale(), { numeric: "always", style: "short" }).format(Math.trunc(seconds / size), unit);
}
/* "14 Nov, 07:30", and today only the time. */
export function moment(at: string | number | Date, now: number): string {
	return sameDay(new Date(at), new Date(now)) ? clock(at) : `${dayShort(at)}, ${clock(at)}`;
}
/* Nano-dollars as people read money: cents where there are some, more digits where it is less. */
export function money(nano: number, exact?: number): string {
	const dollars = nano / 1e9;
	const size = Math.abs(dollars);
	const digits = exact ?? (size === 0 || size >= 0.995 ? 2 : size >= 0.00995 ? 3 : size >= 0.000995 ? 4 : 6);
	return new Intl.NumberFormat(locale(), { style: "currency", currency: "USD", currencyDisplay: "narrowSymbol", minimumFractionDigits: digits, maximumFractionDigits: digits }).format(dollars);
}
/* In thousands, as the line is paid for. */
export function bytes(count: number): string {
	const units = ["B", "kB", "MB", "GB", "TB"];
	let value = count;
	let unit = 0;
	for (; value >= 999.5 && unit < units.length - 1; unit++) value /= 1000;
	return `${decimal(value, unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2)}\u202f${units[unit]}`;
}
export function milliseconds(ms: number): string {
	return ms < 1000 ? `${integer(ms)}\u202fms` : `${decimal(ms / 1000, ms < 10000 ? 2 : 1)}\u202fs`;
}
