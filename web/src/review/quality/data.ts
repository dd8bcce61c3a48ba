/* What the box counts, by hand from appliance/serve/api.yaml. Shares are permille, months "2026-11". The indicators bring their
 * own sentences, in the language asked for. */
import { ask } from "../../api/client";
import { language } from "../../text/text";

export interface Month { month: string; numerator: number; denominator: number; value_permille: number | null; low_permille: number | null; high_permille: number | null; out: boolean; few: boolean }
export interface Indicator {
	id: string; name: string; what: string; kind: "KPI" | "PI" | "RI";
	numerator: number; denominator: number; left_out: number; left_out_why: { why: string; embryos: number; sentence: string }[];
	value_permille: number | null; competence_permille: number | null; benchmark_permille: number | null;
	better: "higher" | "lower"; comparable: boolean; few: boolean; unavailable: string | null; months: Month[];
}
export interface Quality { from: string; to: string; embryos: number; times: number; times_automatic: number; indicators: Indicator[] }
export interface Member { embryo: number; well: number; slide: string; month: string; patient: string | null; counted: boolean | null; left_out: string | null }
/* a null is everybody, b null is the box */
interface Raters { a: string | null; b: string | null }
export interface Scale extends Raters { scale: string; ratings: number; same: number; kappa_permille: number | null; low_permille: number | null; high_permille: number | null; published_permille: number | null }
export interface EventDifference extends Raters { event: string; embryos: number; median_s: number; sd_s: number | null; low_s: number | null; high_s: number | null }
export interface Agreement { scales: Scale[]; events: EventDifference[] }
export interface ReferenceEvent { event: string; n: number; automatic: number; p10_s: number; p25_s: number; p50_s: number; p75_s: number; p90_s: number; istanbul_s: number | null }
export interface Reference { method: string; embryos: number; needed: number; enough: boolean; events: ReferenceEvent[] }

export const METHODS = ["ICSI", "IVF"] as const;
export type Method = (typeof METHODS)[number];

/* The last so many months, this one included, as a query. */
export function period(months: number): string {
	const now = new Date();
	const text = (back: number) => {
		const day = new Date(now.getFullYear(), now.getMonth() - back, 1);
		return `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, "0")}`;
	};
	return `from=${text(months - 1)}&to=${text(0)}`;
}

export const fetchQuality = (months: number) => ask<Quality>("GET", `/api/quality?${period(months)}&language=${language.peek()}`);
export const fetchMembers = (id: string, months: number) => ask<{ members: Member[] }>("GET", `/api/quality/${id}?${period(months)}`);
export const fetchAgreement = (months: number) => ask<Agreement>("GET", `/api/agreement?${period(months)}`);
export const fetchReference = (method: Method) => ask<Reference>("GET", `/api/reference?method=${method}`);

/* Where a value stands against the consensus' limits; null where it must not be held against them. */
export type Standing = "benchmark" | "competent" | "below";
export function standing({ value_permille: value, competence_permille: competence, benchmark_permille: benchmark, better, comparable, few }: Indicator): Standing | null {
	if (value === null || competence === null || !comparable || few) return null;
	const reaches = (limit: number) => (better === "higher" ? value >= limit : value <= limit);
	if (benchmark !== null && reaches(benchmark)) return "benchmark";
	return reaches(competence) ? "competent" : "below";
}
