/* What the console asks the daemon, and what it answers, by hand from appliance/serve/api.yaml. Money is nano-dollars
 * (1e-9), budgets and prices are dollars, times are UTC. */
import { ask } from "./client";
import type { Role } from "./types";

/* A state never comes alone. */
export interface Stated<S extends string> { state: S; reason: string; since: string | null; next: string }

export type Agent = Stated<"off" | "unknown" | "answers" | "down" | "failing">;
/* answer: null where the agent cannot be asked; agent says why. */
export interface Answer<T> { agent: Agent; answer: T | null }

export interface Lane {
	name: string;
	kind: "local" | "cloud";
	slots: number;
	busy: number;
	rate_per_min: number;
	latency_ms?: number | null;
	healthy: boolean;
	reason?: string | null;
	since?: string | null;
	next?: string | null;
	region?: string | null;
	price_per_1000_nano?: number | null;
}
export interface PlannedDish {
	dish: number;
	deadline: string | null;
	to_cut: number;
	to_read: number;
	in_flight: number;
	ready: string | null;
	ready_local_only: string | null;
	late: boolean;
	spill: number | boolean;
	why: string;
}
export interface Plan extends Stated<"off" | "home" | "spilling" | "draining" | "stalled"> {
	made: string;
	lanes: Lane[];
	dishes: PlannedDish[];
	board_ready?: string | null;
	board_ready_local_only?: string | null;
	deadline?: string | null;
	money_forecast_nano?: number | null;
}
export interface Burst { now: string; plan: Plan | null }

export interface Batch {
	batch: string;
	lane: string;
	why: string;
	cuts: number;
	embryos: number;
	state: "sent" | "answered" | "failed" | "home";
	made: string;
	ended: string | null;
	sentence: string;
	hedge: boolean;
}

export interface Certificate extends Stated<"none" | "waiting" | "valid" | "expiring" | "expired" | "revoked" | "refused"> {
	subject?: string | null;
	serial?: string | null;
	not_before?: string | null;
	not_after?: string | null;
	fingerprint?: string | null;
}
export interface Endpoint extends Stated<"ready" | "unconfirmed" | "open" | "half-open" | "refused"> {
	name: string;
	url: string;
	region: string;
	allowed: boolean;
	slots: number;
	in_flight: number;
	confirmed: string | null;
	reader?: { label: string; digest: string } | null;
	server_not_after?: string | null;
	rate_per_min?: number | null;
	latency_ms?: number | null;
	errors_in_row?: number;
}
export interface Budget { day: number; month: number; spent_today_nano: number; spent_month_nano: number; left_nano: number }
export interface SyncStatus {
	version: string;
	site: string;
	since: string;
	certificate: Certificate;
	endpoints: Endpoint[];
	budget: Budget;
	uplink: { bytes_s: number; measured_bytes_s: number };
}

export interface EgressRow {
	seq: number;
	time: string;
	endpoint: string;
	region: string;
	why: string;
	class: string;
	bytes: number;
	sent: number | null;
	digest: string;
	batch: string | null;
	outcome: string | null;
}
export interface Egress { rows: EgressRow[]; next: number | null; total: { rows: number; bytes: number; sent: number } }
export interface EgressFilter { from?: string; to?: string; class?: string; endpoint?: string }

export interface Bucket {
	start: string;
	invocations: number;
	errors: number;
	throttles: number;
	retries: number;
	cold: number;
	duration_ms: { p50: number; p95: number; max: number };
	billed_ms: number;
	concurrency: number;
	cost_nano: number;
	cuts: number;
}
export interface Failure { time: string; endpoint: string; batch?: string | null; code: string; sentence: string }
export interface Invocations { buckets: Bucket[]; total: Omit<Bucket, "start">; failures: Failure[] }

export interface EndpointCosts {
	name: string;
	month_nano: number;
	invocations: number;
	/* those that cost: a failure that was not billed does not */
	charged?: number;
	billed_ms: number;
	memory_mb: number;
	price_gb_s: number;
	price_request: number;
}
export interface Costs {
	today_nano: number;
	month_nano: number;
	forecast_nano: number;
	budget: { day: number; month: number };
	always_on_month: number;
	invocations_month: number;
	billed_ms_month: number;
	formula: string;
	endpoints: EndpointCosts[];
	days: { day: string; cost_nano: number; invocations: number }[];
}
export interface SyncEvent { seq: number; time: string; id: string; severity: "info" | "warning" | "alarm"; text: string; next: string }

/* Updates of the appliance; updater: null where it was installed as packages. */
export interface WaitingUpdate {
	file: string;
	version: string | null;
	digest: string;
	from: "network" | "stick";
	size: number;
	state: "approved" | "waits-for-approval" | "waits-for-window" | "refused";
	why: string | null;
}
export interface Updater {
	appliance: boolean;
	version: string;
	slot: string | null;
	confirmed: boolean;
	other: { version: string | null; bootable: boolean } | null;
	waiting: WaitingUpdate[];
	why: string | null;
	last: { at: string; from: string | null; to: string | null; result: "installed" | "confirmed" | "went-back" | "refused"; why: string | null } | null;
}
export interface Fetch extends Stated<"off" | "waiting" | "current" | "fetching" | "fetched" | "failing"> {
	checked: string | null;
	running: string;
	offer: { version: string; file: string; size: number; sha256: string; have: number } | null;
}
export interface Updates { updater: Updater | null; told: string | null; problem: string; approved: string | null; agent: Agent; fetch: Fetch | null }

export interface Person { id: number; name: string; role: Role; disabled: boolean }

function query(values: Record<string, string | number | undefined>): string {
	const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== "");
	return new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
}
export const egressCsv = (filter: EgressFilter): string => `/api/console/egress.csv?${query({ ...filter })}`;
/* The API takes whole seconds. */
export const apiTime = (at: number | Date): string => new Date(at).toISOString().replace(/\.\d+Z$/, "Z");

export const consoleApi = {
	burst: () => ask<Burst>("GET", "/api/console/burst"),
	batches: (limit: number) => ask<{ batches: Batch[] }>("GET", `/api/console/batches?limit=${limit}`),
	status: () => ask<Answer<SyncStatus>>("GET", "/api/console/status"),
	costs: () => ask<Answer<Costs>>("GET", "/api/console/costs"),
	events: () => ask<Answer<{ events: SyncEvent[] }>>("GET", "/api/console/events?limit=100"),
	egress: (filter: EgressFilter, limit: number, after?: number) =>
		ask<Answer<Egress>>("GET", `/api/console/egress?${query({ ...filter, newest: 1, limit, after })}`),
	people: () => ask<{ people: Person[] }>("GET", "/api/people"),
	/* the password is told this once */
	addPerson: (name: string, role: Role) => ask<{ id: number; password: string }>("POST", "/api/people", { name, role }),
	changePerson: (id: number, role: Role, disabled: boolean) => ask<null>("PUT", `/api/people/${id}`, { role, disabled }),
	makePassword: (id: number) => ask<{ id: number; password: string }>("POST", `/api/people/${id}/password`),
	updates: () => ask<Updates>("GET", "/api/updates"),
	approveUpdate: (digest: string, approved: boolean) => ask<null>("POST", `/api/updates/${digest}`, { approved }),
	invocations: (from: number, to: number, bucket_s: number) =>
		ask<Answer<Invocations>>("GET", `/api/console/invocations?${query({ from: apiTime(from), to: apiTime(to), bucket_s })}`),
};
