/* Whether all is well, as a list of checks. Pure: what is known in, what to tell out. The rule of the house: a check is
 * green only when the other side has confirmed it lately, "we have heard nothing" is never green, and each check says
 * why, since when and what to do. */
import type { Agent, Certificate, Endpoint, Plan, SyncStatus, Updates } from "../api/console";
import type { PageName } from "./route";

/* good: confirmed. plain: not known, or nothing to be good or bad about. */
export type CheckTone = "good" | "plain" | "warn" | "bad";
export type CheckName = "box" | "agent" | "certificate" | "endpoint" | "endpoints" | "budget" | "deadline" | "update";
/* word: which of the sentences of the name applies, with its values. reason and next are the box's own words. */
export interface Check {
	name: CheckName;
	subject: string;
	tone: CheckTone;
	word: string;
	values: Record<string, string | number>;
	reason: string;
	since: string | null;
	next: string;
	/* when the other side last confirmed */
	proved: string | null;
	page: PageName;
}

/* An endpoint is asked every five minutes; three silences in a row are no confirmation any more. */
export const CONFIRMED_MS = 15 * 60000;
/* The planner writes every second while anything happens. */
export const PLAN_STALE_MS = 30000;
const BUDGET_NEAR = 0.8;
/* The updater looks every five minutes, the agent asks the update server about every hour. */
const UPDATER_STALE_MS = 30 * 60000;
const CHANNEL_STALE_MS = 3 * 3600000;
const STATUS = "daybreak update status";

export const confirmedLately = (endpoint: Endpoint, now: number): boolean =>
	endpoint.allowed && endpoint.state === "ready" && endpoint.confirmed !== null && now - new Date(endpoint.confirmed).getTime() < CONFIRMED_MS;

function check(name: CheckName, page: PageName, tone: CheckTone, word: string, rest: Partial<Check> = {}): Check {
	return { name, page, tone, word, subject: "", values: {}, reason: "", since: null, next: "", proved: null, ...rest };
}

const AGENT_TONES: Record<Agent["state"], CheckTone> = { off: "plain", unknown: "plain", answers: "good", down: "bad", failing: "bad" };
const CERTIFICATE_TONES: Record<Certificate["state"], CheckTone> = {
	none: "warn", waiting: "warn", valid: "plain", expiring: "warn", expired: "bad", revoked: "bad", refused: "bad",
};
const ENDPOINT_TONES: Record<Endpoint["state"], CheckTone> = { ready: "plain", unconfirmed: "plain", "half-open": "warn", open: "bad", refused: "bad" };

/* The box believes that its certificate is valid; only a peer that took it makes that green. */
export function certificateTone(certificate: Certificate, peers: boolean): CheckTone {
	return certificate.state === "valid" && peers ? "good" : CERTIFICATE_TONES[certificate.state] ?? "plain";
}
export function endpointTone(endpoint: Endpoint, now: number): CheckTone {
	return confirmedLately(endpoint, now) ? "good" : ENDPOINT_TONES[endpoint.state] ?? "plain";
}
/* "ready" that nobody confirmed lately is said as what it is. */
export function endpointWord(endpoint: Endpoint, now: number): string {
	return endpoint.state === "ready" && !confirmedLately(endpoint, now) ? "stale" : endpoint.state;
}

function budgetCheck({ budget }: SyncStatus): Check {
	const day = budget.spent_today_nano / 1e9 / budget.day;
	const month = budget.spent_month_nano / 1e9 / budget.month;
	const most = Math.max(day || 0, month || 0);
	const word = most >= 1 ? (day >= 1 ? "day" : "month") : most >= BUDGET_NEAR ? "near" : "within";
	return check("budget", "costs", most >= BUDGET_NEAR ? "warn" : "good", word, { values: { percent: Math.round(100 * most), ...budget } });
}

/* Something still waits to be read. */
export const isBusy = (plan: Plan): boolean => plan.dishes.some((dish) => dish.to_cut + dish.to_read + dish.in_flight > 0);

function deadlineCheck(plan: Plan, now: number): Check {
	const late = plan.dishes.filter((dish) => dish.late).length;
	const { reason, since, next } = plan;
	const busy = isBusy(plan);
	if (busy && now - new Date(plan.made).getTime() > PLAN_STALE_MS) return check("deadline", "burst", "plain", "stale", { since: plan.made });
	if (late) return check("deadline", "burst", "bad", late === 1 ? "late.one" : "late", { values: { n: late }, reason, since, next });
	if (plan.state === "stalled") return check("deadline", "burst", "bad", "stalled", { reason, since, next });
	return check("deadline", "burst", "good", busy ? "intime" : "idle", { reason: busy ? reason : "", since });
}

/* The one thing about updates that is most worth telling; null where there is none, as without an appliance. */
export function updateCheck({ updater, told, problem, approved, fetch }: Updates, now: number): Check | null {
	const say = (tone: CheckTone, word: string, rest: Partial<Check> = {}) => check("update", "updates", tone, word, rest);
	if (problem) return say("bad", "unreadable", { reason: problem, since: told, next: "journalctl -u daybreak-update" });
	if (!updater?.appliance) return null;
	const { last, version } = updater;
	/* by itself; an administrator who asked for the version before knows it */
	const back = last?.result === "went-back" && last.from === version ? last : null;
	const undecided = updater.waiting.find((update) => update.state === "waits-for-approval" && update.digest !== approved && !(back && update.version === back.to));
	const refused = updater.waiting.find((update) => update.state === "refused");
	const coming = updater.waiting.find((update) => update.state !== "refused");
	const values = (update: { version: string | null } | undefined) => ({ values: { version: update?.version ?? "" } });
	if (told && now - new Date(told).getTime() > UPDATER_STALE_MS) return say("warn", "silent", { since: told, next: "systemctl status daybreak-update.timer" });
	if (!updater.confirmed) return say("plain", "trial", { values: { version } });
	if (undecided) return say("warn", "approval", { ...values(undecided), reason: undecided.why ?? "", next: `daybreak update approve ${undecided.version ?? undecided.file}` });
	if (back) return say("warn", "went-back", { values: { version: back.to ?? "" }, reason: back.why ?? "", since: back.at, next: STATUS });
	if (coming) return say("good", "window", { ...values(coming), reason: coming.why ?? "" });
	if (refused) return say("warn", "refused", { ...values(refused), reason: refused.why ?? "", next: STATUS });
	if (!fetch || fetch.state === "off") return null;
	if (fetch.state === "failing") return say("warn", "failing", { reason: fetch.reason, since: fetch.since, next: fetch.next });
	if (fetch.state === "waiting") return say("plain", "unasked", { reason: fetch.reason, since: fetch.since, next: fetch.next });
	const lately = fetch.checked !== null && now - new Date(fetch.checked).getTime() < CHANNEL_STALE_MS;
	return say(lately ? "good" : "plain", lately ? fetch.state : "stale", { values: { version: fetch.offer?.version ?? "" }, proved: fetch.checked });
}

export interface Knowledge { agent: Agent | null; status: SyncStatus | null; plan: Plan | null; updates: Updates | null; unreachable: number; now: number }

export function checksOf({ agent, status, plan, updates, unreachable, now }: Knowledge): Check[] {
	if (unreachable) return [check("box", "overview", "bad", "unreachable", { since: new Date(unreachable).toISOString() })];
	const checks: Check[] = [];
	if (plan) checks.push(deadlineCheck(plan, now));
	if (agent) {
		/* since when nothing is configured is nobody's question */
		checks.push(check("agent", "sites", AGENT_TONES[agent.state] ?? "plain", agent.state, agent.state === "off" ? {} : { reason: agent.reason, since: agent.since, next: agent.next }));
	}
	if (status) {
		const { certificate, endpoints } = status;
		const peers = endpoints.some((endpoint) => confirmedLately(endpoint, now));
		const tone = certificateTone(certificate, peers);
		checks.push(check("certificate", "sites", tone, certificate.state === "valid" && !peers ? "unproven" : certificate.state,
			{ reason: certificate.reason, since: certificate.since, next: certificate.next }));
		for (const endpoint of endpoints) {
			/* one that fails while another answers is no emergency */
			const fails = endpointTone(endpoint, now);
			checks.push(check("endpoint", "sites", endpoint.state === "open" && peers ? "warn" : fails, endpointWord(endpoint, now),
				{ subject: endpoint.name, values: { region: endpoint.region }, reason: endpoint.reason, since: endpoint.since, next: endpoint.next, proved: endpoint.confirmed }));
		}
		if (endpoints.length === 0) checks.push(check("endpoints", "sites", "plain", "none"));
		checks.push(budgetCheck(status));
	}
	const update = updates && updateCheck(updates, now);
	if (update) checks.push(update);
	const rank: CheckTone[] = ["bad", "warn", "plain", "good"];
	return checks.sort((a, b) => rank.indexOf(a.tone) - rank.indexOf(b.tone));
}

export type Verdict = "unknown" | "good" | "home" | "unproven" | "warn" | "bad";
/* One word for all checks. Without a peer's confirmation it is never "good". */
export function verdictOf(checks: readonly Check[]): Verdict {
	if (checks.length === 0) return "unknown";
	const has = (tone: CheckTone) => checks.some((entry) => entry.tone === tone);
	if (has("bad")) return "bad";
	if (has("warn")) return "warn";
	if (checks.some((entry) => entry.name === "agent" && entry.word === "off")) return "home";
	if (has("plain")) return "unproven";
	return checks.some((entry) => entry.name === "endpoint" && entry.tone === "good") ? "good" : "unproven";
}
