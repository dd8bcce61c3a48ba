/* A pretended box for looking at the pages and for their tests: serves web/dist and the API's shapes from memory, with
 * the headers the real one sends. Never part of the product. Alone: node mock.mjs [port]. */
import { createServer } from "node:http";
import { existsSync, readFileSync } from "node:fs";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { clinicMake, cohortOf, evaluationOf, hoursOf, PLANES, PROFILE_INFOS, rankingOf, runsOf, stageAt } from "./lib/clinic.mjs";
import { cloudMake } from "./lib/cloud.mjs";
import { drawPng } from "./lib/drawing.mjs";
import { wordsMake } from "./lib/words.mjs";

const DIST = process.env.DAYBREAK_WEB ?? fileURLToPath(new URL("../../web/dist/", import.meta.url));
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const POLICY = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
const REPORT = JSON.parse(readFileSync(new URL("../data/accuracy-report.json", import.meta.url), "utf8"));
const MODELS = [
	{ label: "sample-0", shipped: true, current: true, problem: null, digest: "0".repeat(64), signer: "daybreak-release", name: "sample", version: "0", made: "2026-11-21",
		summary: "Reads the stage, counts cells and says how fragmented and how even they are. A made-up card for looking at the page.", report: REPORT,
		manifest: { name: "sample", version: "0", outputs: { stage: {}, fragmentation: {}, uneven: {}, multinucleated: {}, embedding: {} }, quantisation: { cuts: 384, outputs: { stage: { same: 0.9974 } } }, training: [
			{ set: "rendered embryos (daybreak-simulate)", pictures: 60000, embryos: 4000, licence: "Apache-2.0" },
			{ set: "timelapse-marks", pictures: 916, embryos: 220, licence: "MIT" }] } },
	{ label: "lab-net-2.1", shipped: false, current: false, problem: null, digest: "1".repeat(64), signer: "box", name: "lab-net", version: "2.1", made: "2026-10-02",
		summary: "The lab's own network.", report: null, manifest: { name: "lab-net", version: "2.1", outputs: { stage: {} },
			training: [{ set: "own embryos, 2019 to 2025", pictures: 210000, embryos: null, licence: "the clinic's own" }] } },
	{ label: "lab-net-3.0", shipped: false, current: false, problem: "It is signed by a key that this box does not trust.", digest: null, signer: null, name: null,
		version: null, made: null, summary: null, report: null, manifest: null },
];
export const USER = "m.laurent";
export const ADMIN = "it.admin";
export const PASSWORD = "correct horse";
/* What the box makes up for somebody. */
export const MADE = "lodge-7q2m-river-x4kd";

export function mockStart(port = 0, { tick = true, scene = "quiet" } = {}) {
	const clinic = clinicMake();
	const cloud = cloudMake(scene);
	const streams = new Set();
	const pictures = new Map();
	let signedIn = null;
	let seq = 100;
	const iso = () => new Date().toISOString().replace(/\.\d+Z/, "Z");
	const emit = (event, data) => {
		for (const stream of streams) stream.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
	};
	const change = (kind, subject) => emit("change", { seq: ++seq, kind, subject });
	const word = wordsMake(() => signedIn, iso, change);
	const settings = { score_after_grade: false, pixel_um: {} };
	let preferences = {};
	const people = [{ id: 1, name: ADMIN, role: "admin", disabled: false }, { id: 2, name: USER, role: "embryologist", disabled: false },
		{ id: 3, name: "c.petit", role: "viewer", disabled: false }, { id: 4, name: "left.in.may", role: "embryologist", disabled: true }];
	const covers = (embryo) => settings.score_after_grade && embryo.kind !== "empty" && !embryo.grades.some((entry) => entry.author === signedIn);

	const dishFacts = (dish) => ({ dish: dish.id, slide: dish.slide, format: dish.format, imported: dish.imported, timing: dish.timing, latest: dish.imported, due: dish.due,
		embryos_total: dish.embryos.length, progress: { runs_total: dish.total, runs_read: dish.read } });
	const boardDish = (dish) => ({ ...dishFacts(dish), ranking: rankingOf(dish, covers, signedIn) });
	const board = () => {
		const left = clinic.dishes.reduce((sum, dish) => sum + dish.total - dish.read, 0);
		return {
			seq, now: iso(), inbox: clinic.dishes.filter((dish) => dish.cycle === null).map(boardDish),
			cycles: clinic.cycles.map(({ patient, ...cycle }) => ({ ...cycle, patient: clinic.patients.find((entry) => entry.id === patient),
				dishes: clinic.dishes.filter((dish) => dish.cycle === cycle.cycle).map(boardDish) })),
			work: { pending: left, running: left ? 2 : 0, rate_per_min: left ? 412 : 0, ready_in_s: left ? Math.round((left / 412) * 60) : null, ready: left && cloud.scene === "burst" ? new Date(Date.now() + 27 * 60000).toISOString() : null, problem: clinic.problem },
		};
	};
	const cohort = (id) => {
		const found = clinic.cycles.find((entry) => entry.cycle === id);
		if (!found) return null;
		const { patient, ...cycle } = found;
		return { seq, now: iso(), ...cycle, patient: clinic.patients.find((entry) => entry.id === patient), profiles: PROFILE_INFOS,
			dishes: clinic.dishes.filter((dish) => dish.cycle === id).map((dish) => ({ ...dishFacts(dish), embryos: cohortOf(dish, covers, signedIn) })) };
	};
	const embryoPage = (embryo) => {
		const dish = clinic.dishes.find((entry) => entry.id === embryo.dish);
		const { patient, ...cycle } = clinic.cycles.find((entry) => entry.cycle === dish.cycle) ?? {};
		const place = rankingOf(dish, covers, signedIn).find((entry) => entry.embryo === embryo.id);
		const covered = covers(embryo);
		const evaluation = evaluationOf(embryo);
		return {
			embryo: embryo.id, well: embryo.well, readers: [{ version: "sample-0", digest: "0".repeat(64), runs: embryo.last }], dish: { dish: dish.id, slide: dish.slide, format: dish.format, imported: dish.imported, timing: dish.timing },
			patient: clinic.patients.find((entry) => entry.id === patient) ?? null, cycle: dish.cycle ? cycle : null,
			siblings: dish.embryos.map((entry) => ({ embryo: entry.id, well: entry.well })), planes: PLANES, runs: runsOf(embryo), evaluation: covered ? { ...evaluation, profiles: [], grade: { state: "covered" } } : evaluation,
			rank: { rank: place.rank, of: dish.embryos.length, shared: 1, class: place.class, reasons: place.reasons },
			decisions: embryo.decisions, grade: covered ? null : embryo.grade, grades: covered ? [] : embryo.grades, observations: embryo.observations, comments: embryo.comments,
			covered, rank_covered: dish.embryos.some(covers), second_reading: null, pixel_um: settings.pixel_um[dish.format] ?? null,
		};
	};
	const picture = (embryo, run, focal) => {
		if (embryo.well === 3 && run === 200) return null;
		/* one drawing a stage: drawing each run would keep the tests waiting */
		const stage = stageAt(embryo, hoursOf(run));
		const key = `${embryo.id} ${stage} ${focal}`;
		if (!pictures.has(key)) pictures.set(key, drawPng(embryo.id, stage, focal));
		return pictures.get(key);
	};

	const routes = [
		["GET", /^\/api\/session$/, () => [200, { seq, user: { name: signedIn, role: signedIn === ADMIN ? "admin" : "embryologist" } }]],
		["DELETE", /^\/api\/session$/, () => { signedIn = null; return [204]; }],
		["GET", /^\/api\/board$/, () => [200, board()]],
		["GET", /^\/api\/patients$/, () => [200, { patients: clinic.patients.map((entry) => ({ ...entry,
			cycles: clinic.cycles.filter((cycle) => cycle.patient === entry.id).map(({ patient, ...cycle }) => cycle) })) }]],
		["POST", /^\/api\/patients$/, (_, body) => {
			if (clinic.patients.some((entry) => entry.identifier === body.identifier)) return [409, { error: { code: "conflict", message: "Another patient has this identifier already." } }];
			clinic.patients.push({ id: clinic.patients.length + 1, ...body });
			return [201, { id: clinic.patients.length }];
		}],
		["POST", /^\/api\/cycles$/, (_, body) => {
			clinic.cycles.push({ cycle: clinic.cycles.length + 1, ...body });
			return [201, { id: clinic.cycles.length }];
		}],
		["POST", /^\/api\/dishes\/(\d+)\/assign$/, ([id], body) => {
			clinic.dishes.find((entry) => entry.id === Number(id)).cycle = body.cycle;
			change("dish", Number(id));
			return [204];
		}],
		["GET", /^\/api\/embryos\/(\d+)$/, ([id]) => {
			const embryo = clinic.embryos.get(Number(id));
			return embryo ? [200, embryoPage(embryo)] : [404, { error: { code: "not-found", message: "There is no embryo with this number." } }];
		}],
		["GET", /^\/api\/embryos\/(\d+)\/history$/, () => [200, { rows: [] }]],
		["GET", /^\/api\/cycles\/(\d+)$/, ([id]) => {
			const found = cohort(Number(id));
			return found ? [200, found] : [404, { error: { code: "not-found", message: "There is no cycle with this number." } }];
		}],
		["GET", /^\/api\/health$/, () => [200, { state: "ok", version: "0", build: "mock" }]],
		["PUT", /^\/api\/session\/password$/, (_, body) => (body.old === PASSWORD ? [204] : [403, { error: { code: "forbidden", message: "the old password is wrong" } }])],
		["GET", /^\/api\/people$/, () => [200, { people }]],
		["POST", /^\/api\/people$/, (_, body) => {
			if (people.some((entry) => entry.name === body.name)) return [409, { error: { code: "conflict", message: "there is somebody of this name" } }];
			people.push({ id: people.length + 1, name: body.name, role: body.role, disabled: false });
			return [201, { id: people.length, password: MADE }];
		}],
		["PUT", /^\/api\/people\/(\d+)$/, ([id], body) => { Object.assign(people[id - 1], body); return [204]; }],
		["POST", /^\/api\/people\/(\d+)\/password$/, ([id]) => [200, { id: Number(id), password: MADE }]],
		["GET", /^\/api\/settings$/, () => [200, settings]],
		["PUT", /^\/api\/settings$/, (_, body) => { Object.assign(settings, body); return [204]; }],
		["GET", /^\/api\/preferences$/, () => [200, preferences]],
		["PUT", /^\/api\/preferences$/, (_, body) => { preferences = body; return [204]; }],
		["GET", /^\/api\/reference$/, () => [200, { embryos: 0, needed: 50, automatic: 0, enough: false, events: [] }]],
		["GET", /^\/api\/models$/, () => [200, { models: MODELS.map(({ manifest, report, ...entry }) => entry) }]],
		["GET", /^\/api\/models\/([\w.-]+)$/, ([label]) => {
			const model = MODELS.find((entry) => entry.label === label);
			return model ? [200, model] : [404, { error: { code: "not-found", message: "There is no model of this name." } }];
		}],
		["GET", /^\/api\/imports$/, () => [200, { imports: clinic.imports }]],
		["GET", /^\/api\/changes$/, () => [200, { seq, changes: [] }]],
	];

	const answer = async (request, response, url) => {
		const chunks = [];
		for await (const chunk of request) chunks.push(chunk);
		const send = (status, body) => {
			response.writeHead(status, { "Content-Type": "application/json", "Cache-Control": "no-store" });
			response.end(body === undefined ? "" : JSON.stringify(body));
		};
		if (request.method !== "GET" && request.headers["x-daybreak"] !== "1") return send(403, { error: { code: "forbidden", message: "The guard header is missing." } });
		if (url.pathname === "/api/session" && request.method === "POST") {
			const { name, password } = JSON.parse(Buffer.concat(chunks).toString());
			if ((name !== USER && name !== ADMIN) || password !== PASSWORD) return send(401, { error: { code: "unauthenticated", message: "Wrong." } });
			signedIn = name;
			response.setHeader("Set-Cookie", "daybreak_session=mock; HttpOnly; SameSite=Strict; Path=/");
			return send(200, { seq, user: { name, role: name === ADMIN ? "admin" : "embryologist" } });
		}
		if (!signedIn || !(request.headers.cookie ?? "").includes("daybreak_session")) return send(401, { error: { code: "unauthenticated", message: "Sign in first." } });
		if (url.pathname === "/api/stream") {
			response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
			response.write(": hello\n\n");
			streams.add(response);
			request.on("close", () => streams.delete(response));
			return;
		}
		const update = /^\/api\/updates(?:\/([0-9a-f]{64}))?$/.exec(url.pathname);
		if (update && signedIn !== ADMIN) return send(403, { error: { code: "forbidden", message: "this needs the role admin" } });
		if (update?.[1]) {
			cloud.approve(update[1], JSON.parse(Buffer.concat(chunks).toString()).approved);
			return send(204);
		}
		if (update) return send(200, cloud.answer("updates"));
		const books = /^\/api\/console\/(\w+)(\.csv)?$/.exec(url.pathname);
		if (books && signedIn !== ADMIN) return send(403, { error: { code: "forbidden", message: "this needs the role admin" } });
		if (books?.[2]) {
			response.writeHead(200, { "Content-Type": "text/csv", "Content-Disposition": 'attachment; filename="daybreak-egress.csv"' });
			return response.end(cloud.csv(url.searchParams));
		}
		if (books) return send(200, cloud.answer(books[1], url.searchParams));
		const frame = /^\/api\/embryos\/(\d+)\/(?:frames\/(\d+)\/(-?\d+)|thumbnail)$/.exec(url.pathname);
		if (frame) {
			const embryo = clinic.embryos.get(Number(frame[1]));
			const data = picture(embryo, Number(frame[2] ?? embryo.last), Number(frame[3] ?? 0));
			if (!data) return send(404, { error: { code: "not-found", message: "This picture is damaged." } });
			response.writeHead(200, { "Content-Type": "image/png", "Cache-Control": "private, max-age=31536000, immutable" });
			return response.end(data);
		}
		if (url.pathname === "/api/imports" && request.method === "POST") {
			const entry = { import: clinic.imports.length + 1, name: url.searchParams.get("name"), state: "running", sentence: "", notes: [], counts: {}, started: iso(), ended: null };
			clinic.imports.unshift(entry);
			setTimeout(() => {
				Object.assign(entry, { state: "quarantined", sentence: "This is not an export Daybreak knows, so nothing of it was taken in.", ended: iso() });
				change("import", entry.import);
			}, 300);
			return send(202, { import: entry.import });
		}
		const said = /^\/api\/embryos\/(\d+)\/([\w-]+)(?:\/(\d+))?$/.exec(url.pathname);
		const taken = said && word(request.method, clinic.embryos.get(Number(said[1])), said[2], said[3],
			chunks.length ? JSON.parse(Buffer.concat(chunks).toString()) : {}, request.headers["idempotency-key"]);
		if (taken) return send(...taken);
		for (const [method, pattern, handle] of routes) {
			const match = pattern.exec(url.pathname);
			if (match && method === request.method) return send(...handle(match.slice(1), chunks.length ? JSON.parse(Buffer.concat(chunks).toString()) : null));
		}
		return send(404, { error: { code: "not-found", message: "There is nothing here." } });
	};

	const server = createServer((request, response) => {
		const url = new URL(request.url, "http://localhost");
		response.setHeader("Content-Security-Policy", POLICY);
		response.setHeader("X-Content-Type-Options", "nosniff");
		if (url.pathname.startsWith("/api/")) {
			answer(request, response, url).catch((error) => { console.error(error); response.destroy(); });
			return;
		}
		const file = join(DIST, normalize({ "/": "index.html", "/console": "console.html" }[url.pathname] ?? url.pathname));
		if (!file.startsWith(DIST) || !existsSync(file)) {
			response.writeHead(404);
			return response.end();
		}
		response.writeHead(200, { "Content-Type": TYPES[extname(file)] ?? "application/octet-stream" });
		response.end(readFileSync(file));
	});
	const timer = tick && setInterval(() => {
		for (const dish of clinic.dishes) {
			if (dish.read >= dish.total) continue;
			dish.read = Math.min(dish.total, dish.read + 7);
			emit("progress", { dish: dish.id, runs_read: dish.read, runs_total: dish.total });
		}
	}, 500);
	return new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve({
		url: `http://127.0.0.1:${server.address().port}`, clinic, cloud, settings, change,
		dropStreams: () => { for (const stream of streams) stream.destroy(); },
		stop: () => { clearInterval(timer); for (const stream of streams) stream.destroy(); server.closeAllConnections?.(); server.close(); },
	})));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const { url } = await mockStart(Number(process.argv[2] ?? 8090));
	console.log(`${url}  ${USER} / ${PASSWORD}`);
}
