/* The pretended sync agent and planner: three months of mornings as records of single invocations, from which buckets,
 * costs and the ledger follow, so that the console's figures can be recomputed. A scene says how things stand:
 * quiet, burst, trouble, down, off, empty. */
import { createHash } from "node:crypto";

const DAY = 86400000;
const MINUTE = 60000;
const PRICES = { memory_mb: 1769, price_gb_s: 0.0000166667, price_request: 0.0000002 };
const REGION = "eu-central-1";
const READER = { label: "daybreak-2.0", digest: "5c2f".repeat(16) };

function randomOf(seed) {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let value = Math.imul(state ^ (state >>> 15), 1 | state);
		value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
		return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
	};
}
const hex = (text, digits = 64) => createHash("sha256").update(text).digest("hex").slice(0, digits);
const iso = (ms) => new Date(ms).toISOString().replace(/\.\d+Z/, "Z");
const costOf = (billed_ms) => Math.round((billed_ms / 1000) * (PRICES.memory_mb / 1024) * PRICES.price_gb_s * 1e9 + PRICES.price_request * 1e9);

/* One clinic day: little on weekends, an outage in the third week, a throttled day lately. */
function dayOf(midnight, index) {
	const random = randomOf(7919 * (index + 11));
	const weekday = new Date(midnight + DAY / 2).getDay();
	const weekend = (weekday === 0 || weekday === 6) && index !== 91; /* today is always worth a look */
	const size = weekend ? 14 * random() : 46 + 38 * random() + 14 * Math.sin(index / 9);
	const outage = index === 19;
	const throttled = index === 84;
	const records = [];
	for (let i = 0; i < Math.round(size); i++) {
		/* the export lands about six; what spills does so within the hour before the decision */
		const at = midnight + (5.92 + 0.9 * (random() + random() + random()) / 3 * 1.6) * 60 * MINUTE;
		const cold = i < 8;
		const cuts = 64 - (random() < 0.15 ? Math.floor(40 * random()) : 0);
		const error = outage ? random() < 0.5 : random() < 0.012;
		const throttle = throttled ? random() < 0.4 : random() < 0.01;
		const read = 900 + 28 * cuts * (0.9 + 0.25 * random());
		const duration = error || throttle ? 60 + 400 * random() : read + (cold ? 160 : 0) + 120 + (random() < 0.04 ? 3000 * random() : 300 * random());
		const billed = error || throttle ? 0 : Math.round(read + (cold ? 90 : 0));
		records.push({ at, cold: cold && !error && !throttle, cuts, error, throttle, retries: (error || throttle) && random() < 0.6 ? 1 : 0, duration: Math.round(duration), billed,
			cost: billed ? costOf(billed) : 0, bytes: error && outage ? 0 : cuts * 14900 + 612 + Math.floor(9000 * random()), endpoint: i % 11 === 10 ? "dublin" : "frankfurt", batch: hex(`${index} ${i}`, 32),
			why: random() < 0.04 ? "hedge" : random() < 0.03 ? "again" : "spill" });
	}
	return records.sort((a, b) => a.at - b.at);
}

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
function sumOf(records) {
	const answered = records.filter((entry) => !entry.error && !entry.throttle).map((entry) => entry.duration).sort((a, b) => a - b);
	const sum = (value) => records.reduce((total, entry) => total + Number(value(entry)), 0);
	const ends = [...records].map((entry) => [entry.at, 1]).concat(records.map((entry) => [entry.at + entry.duration * 8, -1])).sort((a, b) => a[0] - b[0]);
	let open = 0;
	let most = 0;
	for (const [, step] of ends) most = Math.max(most, (open += step));
	return { invocations: records.length, errors: sum((e) => e.error), throttles: sum((e) => e.throttle), retries: sum((e) => e.retries), cold: sum((e) => e.cold),
		duration_ms: { p50: at(answered, 0.5), p95: at(answered, 0.95), max: answered.at(-1) ?? 0 }, billed_ms: sum((e) => e.billed), concurrency: Math.min(most, 8),
		cost_nano: sum((e) => e.cost), cuts: sum((e) => (e.error || e.throttle ? 0 : e.cuts)) };
}

export function cloudMake(scene = "quiet") {
	const midnight = new Date().setHours(0, 0, 0, 0);
	const cloud = { scene };
	const nowOf = () => midnight + { burst: 6 * 60 + 47, trouble: 7 * 60 + 4 }[cloud.scene] * MINUTE || midnight + (9 * 60 + 12) * MINUTE;
	let seq = 0;
	const records = [];
	const rows = [];
	const row = (time, endpoint, kind, bytes, sent, batch, why, outcome) => rows.push({ seq: ++seq, time: iso(time), ms: time, endpoint, region: endpoint === "dublin" ? "eu-west-1" : REGION, why, class: kind, bytes, sent, digest: hex(`row ${seq}`), batch, outcome });
	for (let index = 0; index < 92; index++) {
		const start = new Date(midnight - (91 - index) * DAY).setHours(0, 0, 0, 0);
		for (let hour = 0; hour < 24; hour += 8) row(start + hour * 60 * MINUTE + 20000, "frankfurt", "version-check", 0, 412, "", "check", "answered 200");
		if (index % 30 === 12) row(start + 3 * 60 * MINUTE, "authority", "renewal", 731, 1290, "", "rotate", "answered 200");
		for (const entry of dayOf(start, index)) {
			records.push(entry);
			if (entry.bytes) row(entry.at, entry.endpoint, "sealed-batch", entry.bytes, entry.bytes + 538, entry.batch, entry.why, entry.error ? "crypto" : entry.throttle ? "answered 429" : "answered 200");
		}
	}
	rows.sort((a, b) => a.ms - b.ms).forEach((entry, i) => { entry.seq = i + 1; });
	const known = () => (cloud.scene === "empty" ? [] : records.filter((entry) => entry.at <= nowOf()));
	const ledger = () => (cloud.scene === "empty" ? [] : rows.filter((entry) => entry.ms <= nowOf()));

	const certificate = () => {
		const now = nowOf();
		const days = cloud.scene === "trouble" ? 5 : 61;
		const facts = { subject: "CN=clinic-7f3a,O=Daybreak site", serial: "3fa81c0972de4b10", not_before: iso(now - (90 - days) * DAY), not_after: iso(now + days * DAY), fingerprint: hex("certificate") };
		if (cloud.scene === "empty") return { state: "waiting", reason: "The request was handed in; an administrator of the region has not approved it yet.", since: iso(now - 18 * MINUTE),
			next: `Read this fingerprint to the region's administrator: daybreak-authority approve ${hex("request").slice(0, 16)}`, subject: null, serial: null, not_before: null, not_after: null, fingerprint: hex("request") };
		if (cloud.scene === "trouble") return { ...facts, state: "expiring", reason: "It ends in 5 days and the authority does not answer, so it could not be renewed.", since: iso(now - 2 * DAY), next: "Check that the authority runs, then: daybreak-sync rotate" };
		return { ...facts, state: "valid", reason: "Signed by the region's authority; it renews itself 30 days before it ends.", since: facts.not_before, next: "" };
	};
	const endpoint = (extra) => ({ name: "frankfurt", url: "https://burst.example:8443", region: REGION, allowed: true, state: "ready", reason: "It proved its region and its reader.", since: iso(nowOf() - 9 * 3600000), next: "", slots: 8,
		in_flight: 0, confirmed: iso(nowOf() - 2 * MINUTE), reader: READER, server_not_after: iso(nowOf() + 212 * DAY), rate_per_min: 1310, latency_ms: 2710, errors_in_row: 0, ...extra });
	const endpoints = () => {
		const now = nowOf();
		if (cloud.scene === "empty") return [endpoint({ state: "unconfirmed", reason: "Not asked yet: the box has no certificate.", confirmed: null, reader: null, server_not_after: null, rate_per_min: 0, latency_ms: 0, next: "It is asked as soon as the certificate is there." })];
		if (cloud.scene === "trouble") return [
			endpoint({ state: "open", reason: "8 requests in a row failed: connection refused.", since: iso(now - 6 * MINUTE), next: "It is tried again at 07:05. If it stays so, ask the operator of the region.", errors_in_row: 8, rate_per_min: 0, confirmed: iso(now - 7 * MINUTE) }),
			endpoint({ name: "ashburn", url: "https://burst-us.example:8443", region: "us-east-1", allowed: false, state: "refused", reason: "It declares us-east-1, which the clinic does not allow.", since: iso(now - 3 * DAY), next: "Take it out of cloud.json, or add its region there.", slots: 4, confirmed: null, reader: null, rate_per_min: 0, latency_ms: 0, server_not_after: null })];
		return [endpoint({ in_flight: cloud.scene === "burst" ? 7 : 0 }),
			endpoint({ name: "dublin", url: "https://burst-west.example:8443", region: "eu-west-1", slots: 4, in_flight: cloud.scene === "burst" ? 3 : 0, rate_per_min: 612, latency_ms: 3020, confirmed: iso(now - 4 * MINUTE) })];
	};
	const spent = (from) => known().filter((entry) => entry.at >= from).reduce((sum, entry) => sum + entry.cost, 0);
	const monthStart = () => new Date(new Date(midnight).getFullYear(), new Date(midnight).getMonth(), 1).getTime();
	const budget = () => {
		const limits = cloud.scene === "trouble" ? { day: 0.002, month: 20 } : { day: 2, month: 20 };
		const today = spent(midnight);
		return { ...limits, spent_today_nano: today, spent_month_nano: spent(monthStart()), left_nano: Math.max(0, limits.day * 1e9 - today) };
	};
	const costs = () => {
		const month = known().filter((entry) => entry.at >= monthStart());
		const of = (name) => month.filter((entry) => entry.endpoint === name);
		const days = Array.from({ length: 31 }, (_, i) => new Date(midnight - (30 - i) * DAY + DAY / 2).setHours(0, 0, 0, 0)).map((start) => {
			const day = known().filter((entry) => entry.at >= start && entry.at < start + DAY);
			const local = new Date(start + DAY / 2);
			return { day: `${local.getFullYear()}-${String(local.getMonth() + 1).padStart(2, "0")}-${String(local.getDate()).padStart(2, "0")}`, cost_nano: day.reduce((sum, entry) => sum + entry.cost, 0), invocations: day.length };
		});
		const { day, month: month_limit } = budget();
		const month_nano = spent(monthStart());
		const gone = (nowOf() - monthStart()) / DAY;
		return { today_nano: spent(midnight), month_nano, forecast_nano: Math.round((month_nano / gone) * 30), budget: { day, month: month_limit }, always_on_month: 40, invocations_month: month.filter((entry) => entry.billed).length,
			billed_ms_month: month.reduce((sum, entry) => sum + entry.billed, 0), formula: "an invocation costs billed_ms / 1000 x memory_mb / 1024 x price_gb_s + price_request",
			endpoints: ["frankfurt", "dublin"].map((name) => ({ name, month_nano: of(name).reduce((sum, entry) => sum + entry.cost, 0), invocations: of(name).length, charged: of(name).filter((entry) => entry.billed).length, billed_ms: of(name).reduce((sum, entry) => sum + entry.billed, 0), ...PRICES })), days };
	};
	const events = () => {
		const now = nowOf();
		const list = [
			{ time: now - 20 * DAY, id: "sync.certificate-renewed", severity: "info", text: "The certificate was renewed; the one before ends by itself.", next: "" },
			{ time: now - 8 * DAY, id: "sync.throttled", severity: "warning", text: "frankfurt throttled 21 requests within 10 minutes.", next: "If it comes back, ask for more slots or lower slots in cloud.json." },
			{ time: now - 9 * 3600000, id: "sync.endpoint-confirmed", severity: "info", text: "frankfurt proved its region eu-central-1 and its reader daybreak-2.0.", next: "" },
		];
		if (cloud.scene === "empty") return [{ time: now - 18 * MINUTE, id: "sync.enrolment-sent", severity: "info", text: "A certificate was asked for.", next: "An administrator of the region approves it." }];
		if (cloud.scene === "trouble") list.push(
			{ time: now - 3 * DAY, id: "sync.region-refused", severity: "alarm", text: "ashburn declares us-east-1, which the clinic does not allow; nothing was sent.", next: "Take it out of cloud.json, or add its region there." },
			{ time: now - 2 * DAY, id: "sync.renewal-failed", severity: "warning", text: "The authority did not answer, so the certificate was not renewed.", next: "Check that the authority runs, then: daybreak-sync rotate" },
			{ time: now - 6 * MINUTE, id: "sync.endpoint-open", severity: "alarm", text: "frankfurt failed 8 times in a row: connection refused. Its cuts are read at home.", next: "Ask the operator of the region." },
			{ time: now - 4 * MINUTE, id: "sync.budget-spent", severity: "warning", text: "Today's budget is spent; what is left is read at home.", next: "Raise budget.day in cloud.json if the board must be earlier." });
		return list.map((entry, i) => ({ seq: i + 1, ...entry, time: iso(entry.time) })).reverse();
	};

	const plan = () => {
		const now = nowOf();
		const deadline = iso(midnight + (7 * 60 + 30) * MINUTE);
		const local = { name: "local", kind: "local", slots: 2, busy: 2, rate_per_min: 236, latency_ms: 254, healthy: true, reason: "", since: iso(now - 3 * DAY), next: "", region: null, price_per_1000_nano: 0 };
		const lanes = [local, ...endpoints().map((entry) => ({ name: entry.name, kind: "cloud", slots: entry.slots, busy: entry.in_flight, rate_per_min: entry.rate_per_min, latency_ms: entry.latency_ms, healthy: entry.state === "ready",
			reason: entry.state === "ready" ? "" : entry.reason, since: entry.since, next: entry.next, region: entry.region, price_per_1000_nano: 1330000 }))];
		const none = { made: iso(now - 1000), lanes, dishes: [], board_ready: null, board_ready_local_only: null, deadline, budget: budget(), money_forecast_nano: 0 };
		if (cloud.scene === "off") return { ...none, state: "off", reason: "No cloud is configured.", since: iso(now - 30 * DAY), lanes: [{ ...local, busy: 0 }], next: "" };
		if (cloud.scene === "empty") return null;
		if (cloud.scene === "down") return { ...none, state: "home", reason: "No cloud lane is healthy; everything is read at home.", since: iso(now - 12 * MINUTE), next: "", lanes: [{ ...local, busy: 0 }] };
		if (cloud.scene === "quiet") return { ...none, state: "home", reason: "Nothing waits to be read.", since: iso(now - 110 * MINUTE), next: "", lanes: lanes.map((lane) => ({ ...lane, busy: 0 })) };
		const trouble = cloud.scene === "trouble";
		const random = randomOf(5);
		const dishes = Array.from({ length: 16 }, (_, i) => {
			const done = i < 4;
			const own = i === 6 ? iso(midnight + (7 * 60 + 10) * MINUTE) : deadline;
			const left = done ? 0 : Math.round(400 + 2600 * random());
			const ready = now + (4 + 2.1 * i) * MINUTE;
			const late = trouble && i > 11;
			return { dish: 341 + i, deadline: own, to_cut: done || i < 8 ? 0 : Math.round(left / 3), to_read: left, in_flight: !done && !trouble && i < 9 ? 64 * (1 + (i % 3)) : 0, ready: done ? null : iso(late ? midnight + (7 * 60 + 34 + i) * MINUTE : ready),
				ready_local_only: done ? null : iso(now + (9 + 5.4 * i) * MINUTE), late, spill: done || trouble ? 0 : i > 4 ? Math.round(0.6 * left) : 0, why: done ? "Read." : late ? "Late by home alone; no cloud lane is healthy and today's budget is spent." : i > 4 ? "At home alone it would be late: part of it goes out." : "In time at home." };
		});
		return { ...none, state: trouble ? "stalled" : "spilling", reason: trouble ? "4 slides would be late and no cloud lane may be used." : "At home alone the board would be ready at 08:08, after the decision at 07:30.", since: iso(now - 21 * MINUTE),
			next: trouble ? "Look at the endpoints: one is refused for its region, the other does not answer." : "", dishes, board_ready: iso(midnight + (trouble ? 7 * 60 + 49 : 7 * 60 + 14) * MINUTE), board_ready_local_only: iso(midnight + (8 * 60 + 8) * MINUTE), money_forecast_nano: 19400000 };
	};
	const batches = () => {
		const list = known().filter((entry) => entry.at >= midnight).slice(-200).map((entry, i, all) => {
			const open = cloud.scene === "burst" && i > all.length - 11;
			if (cloud.scene === "burst") entry = { ...entry, at: nowOf() - (all.length - i) * 1100 };
			return { batch: entry.batch, lane: entry.endpoint, why: entry.why, cuts: entry.cuts, embryos: 3 + (i % 9), state: open ? "sent" : entry.error ? (i % 2 ? "home" : "failed") : entry.throttle ? "failed" : "answered", made: iso(entry.at), ended: open ? null : iso(entry.at + entry.duration),
				sentence: open ? "" : entry.error ? "The answer's seal does not open." : entry.throttle ? "Every slot of frankfurt is taken: asked again after 1 s." : "", hedge: entry.why === "hedge" };
		});
		return list.reverse();
	};

	const status = () => ({ version: "0.1.0", site: "clinic-7f3a", since: iso(nowOf() - 6 * DAY), certificate: certificate(), endpoints: endpoints(), budget: budget(), uplink: { bytes_s: cloud.scene === "burst" ? 2500000 : 0, measured_bytes_s: cloud.scene === "burst" ? 2140000 : 0 } });
	const egressOf = (params) => {
		const from = Date.parse(params.get("from") ?? "") || 0;
		const to = Date.parse(params.get("to") ?? "") || Infinity;
		const wanted = (entry) => entry.ms >= from && entry.ms < to && (!params.get("class") || entry.class === params.get("class")) && (!params.get("endpoint") || entry.endpoint === params.get("endpoint"));
		const all = ledger().filter(wanted);
		const newest = params.get("newest") === "1";
		const after = Number(params.get("after") ?? 0);
		const limit = Number(params.get("limit") ?? 200);
		const page = newest ? all.filter((entry) => !after || entry.seq < after).reverse() : all.filter((entry) => entry.seq > after);
		return { rows: page.slice(0, limit).map(({ ms, ...entry }) => entry), next: page.length > limit ? page[limit - 1].seq : null,
			total: { rows: all.length, bytes: all.reduce((sum, entry) => sum + entry.bytes, 0), sent: all.reduce((sum, entry) => sum + entry.sent, 0) } };
	};
	const invocations = (params) => {
		const from = Date.parse(params.get("from"));
		const to = Date.parse(params.get("to"));
		const size = Number(params.get("bucket_s")) * 1000;
		const all = known().filter((entry) => entry.at >= from && entry.at < to);
		const groups = new Map();
		for (const entry of all) {
			const start = from + Math.floor((entry.at - from) / size) * size;
			groups.set(start, [...(groups.get(start) ?? []), entry]);
		}
		return { buckets: [...groups].map(([start, group]) => ({ start: iso(start), ...sumOf(group) })), total: sumOf(all),
			failures: all.filter((entry) => entry.error || entry.throttle).slice(-50).reverse().map((entry) => ({ time: iso(entry.at), endpoint: entry.endpoint, batch: entry.batch, code: entry.error ? "crypto" : "too-many",
				sentence: entry.error ? "The answer's seal does not open; the batch is asked again." : "Every slot is taken; asked again after 1 s." })) };
	};

	/* the word of an administrator in this browser */
	let approved = null;
	const bundle = (version, extra) => ({ file: `daybreak-${version}.raucb`, version, digest: hex(`bundle ${version}`), from: "network", size: 142606336, state: "waits-for-window", why: "", ...extra });
	const updates = () => {
		const now = nowOf();
		const { scene } = cloud;
		const running = "0.1.0";
		const offer = (version, have) => ({ version, file: `daybreak-${version}.raucb`, size: 142606336, sha256: hex(`bundle ${version}`), have });
		const fetch = { state: "current", reason: "", since: iso(now - 20 * DAY), next: "", checked: iso(now - 31 * MINUTE), running, offer: offer(running, 0) };
		const updater = { appliance: true, version: running, slot: "A", confirmed: true, other: { version: "0.0.9", bootable: true }, waiting: [], why: null,
			last: { at: iso(now - 20 * DAY), from: "0.0.9", to: running, result: "confirmed", why: null } };
		if (scene === "off") return { updater: null, told: null, problem: "", approved: null, agent: agent(), fetch: null };
		if (scene === "burst") Object.assign(fetch, { state: "fetched", offer: offer("0.2.0", 142606336), next: "nothing: the box installs it by itself" });
		if (scene === "burst") updater.waiting = [bundle("0.2.0", { why: "it waits for the lab: 128 embryos are decided around 07:30" })];
		if (scene === "trouble") {
			Object.assign(fetch, { state: "fetching", offer: offer("0.3.0", 61341696) });
			updater.waiting = [bundle("0.2.1", { from: "stick", state: "waits-for-approval", why: "it came from a stick: an administrator has to approve it" }),
				bundle("0.2.0", { state: "waits-for-approval", why: "it was tried and went back: the database could not be migrated; approve it to try again" }),
				{ ...bundle("evil", { from: "stick", state: "refused", why: "its signature is not the maker's" }), version: null }];
			updater.last = { at: iso(now - 3 * DAY), from: running, to: "0.2.0", result: "went-back", why: "the database could not be migrated: no such column" };
		}
		if (scene === "down") updater.waiting = [bundle("0.2.0", { state: "approved", why: "" })];
		if (scene === "empty") Object.assign(fetch, { state: "waiting", reason: "this box has no certificate", since: iso(now - 18 * MINUTE), next: "daybreak-sync enrol", checked: null, offer: null });
		if (scene === "empty") Object.assign(updater, { last: null, other: { version: null, bootable: false } });
		return { updater, told: iso(now - 2 * MINUTE), problem: "", approved: scene === "trouble" ? approved : scene === "down" ? hex("bundle 0.2.0") : null, agent: agent(), fetch: scene === "down" ? null : fetch };
	};
	const approve = (digest, yes) => {
		approved = yes ? digest : approved === digest ? null : approved;
	};

	const agent = () => {
		if (cloud.scene === "off") return { state: "off", reason: "No cloud is configured: everything is read at home and nothing leaves the house.", since: iso(nowOf() - 30 * DAY), next: "Nothing to do. To allow a burst, write cloud.json and name it in daybreakd.conf." };
		if (cloud.scene === "down") return { state: "down", reason: "connecting to /run/daybreak/sync.sock: Connection refused", since: iso(nowOf() - 12 * MINUTE), next: "Start it: systemctl start daybreak-sync. Why it ended: journalctl -u daybreak-sync. Until then all is read at home." };
		return { state: "answers", reason: "", since: iso(nowOf() - 6 * DAY), next: "" };
	};
	const told = (make) => ({ agent: agent(), answer: agent().state === "answers" ? make() : null });
	const csv = (params) => {
		const columns = ["seq", "time", "region", "endpoint", "why", "class", "bytes", "sent", "digest", "batch", "outcome"];
		params.set("limit", "100000");
		return [columns.join(","), ...egressOf(params).rows.map((entry) => columns.map((column) => entry[column] ?? "").join(","))].join("\r\n");
	};
	const answers = { burst: () => ({ now: iso(nowOf()), plan: plan() }), batches: () => ({ batches: cloud.scene === "off" || cloud.scene === "empty" ? [] : batches() }), status: () => told(status), egress: (params) => told(() => egressOf(params)),
		invocations: (params) => told(() => invocations(params)), costs: () => told(costs), events: () => told(() => ({ events: events() })), updates };
	return Object.assign(cloud, { approve, answer: (name, params) => answers[name]?.(params) ?? null, csv, records: known, ledger, costOf });
}
