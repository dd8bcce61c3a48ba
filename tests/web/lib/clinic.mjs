/* The pretended clinic: a few invented patients, slides and embryos, in the shapes of the API. */
import { sceneOf, SIDE } from "./drawing.mjs";

export const STAGES = ["tPB2", "tPNa", "tPNf", "t2", "t3", "t4", "t5", "t6", "t7", "t8", "t9", "tM", "tSB", "tB", "tEB", "tHB"];
const HOURS = [3, 7.5, 22.8, 25.4, 36.2, 37.1, 49.5, 51.2, 52.8, 55, 66, 88, 96, 104, 112, 130];
const GROUP = (stage) => (stage === "empty" ? "empty" : STAGES.indexOf(stage) < 3 ? "zygote" : STAGES.indexOf(stage) < 11 ? "cleavage"
	: stage === "tM" ? "morula" : "blastocyst");
export const PLANES = [-45, -30, -15, 0, 15, 30, 45];
const INTERVAL_H = 0.25;

function noise(seed) {
	const x = Math.sin(seed * 12.9898) * 43758.5453;
	return x - Math.floor(x);
}

/* kind: how the embryo fares */
function embryoMake(id, dish, well, { last = 450, kind = "good", timed = true } = {}) {
	const slow = 1 + (noise(id) - 0.35) * 0.14 + (kind === "slow" ? 0.12 : 0);
	const stop = { good: 15, slow: 14, arrested: 9, empty: 0 }[kind];
	const times = HOURS.map((hours, i) => (i < stop ? hours * slow + (noise(id * 31 + i) - 0.5) * 1.2 : null));
	if (kind === "arrested") times[4] = times[3] + 2.1;
	for (let i = 1; i < times.length; i++) if (times[i] !== null) times[i] = Math.max(times[i], times[i - 1] + 0.3);
	return { id, dish, well, kind, timed, last, times, annotations: [], decisions: [], grades: [], grade: null, observations: [], comments: [] };
}

export function stageAt(embryo, hours) {
	if (embryo.kind === "empty") return "empty";
	let stage = "tPB2";
	embryo.times.forEach((time, i) => {
		if (time !== null && hours >= time) stage = STAGES[i];
	});
	return stage;
}
export const hoursOf = (run) => 0.6 + (run - 1) * INTERVAL_H;

/* What a learned reader says beside the stage; nothing of it in an empty well, no count in a morula or later. */
function seenOf(embryo, run, stage) {
	const cells = stage === "empty" ? null : stage.startsWith("tP") ? 1 : /^t\d$/.test(stage) ? Number(stage[1]) : null;
	const told = (value) => (cells === null ? null : Math.round(value));
	const uneven = embryo.id % 4 === 2 ? 720 : 180;
	return {
		cells, cells_confidence: told(880 - 300 * noise(run * 7 + embryo.id)), fragmentation: told(60 + 40 * noise(run + embryo.id)),
		fragmentation_confidence: told(640), uneven: told(cells > 1 ? uneven + 90 * noise(run * 13) : 90),
		multinucleated: told(embryo.id % 4 === 1 && stage === "t2" ? 710 : 40), unfamiliar: embryo.well === 2 && run > 243 && run < 260 ? 992 : Math.round(600 * noise(run * 17)),
	};
}

function runMake(embryo, run) {
	const hours = hoursOf(run);
	const stage = stageAt(embryo, hours);
	const damaged = embryo.well === 3 && run === 200;
	const near = Math.min(...embryo.times.filter((time) => time !== null).map((time) => Math.abs(time - hours)), 9);
	const scene = sceneOf(embryo.id, stage);
	const empty = stage === "empty";
	const groups = ["empty", "zygote", "cleavage", "morula", "blastocyst"].map((name) => (name === GROUP(stage) ? 860 : 35));
	return {
		groups, run, time_s: embryo.timed ? Math.round(hours * 3600) : null, planes: embryo.well === 3 && run > 300 && run < 320 ? [0] : PLANES,
		read: true, stage, stage_group: GROUP(stage), confidence: Math.round(930 - 420 * Math.exp(-near * 1.6) - 60 * noise(run * 3 + embryo.id)),
		...seenOf(embryo, run, stage), occupied: empty ? 12 : 990, area: empty ? 0 : Math.round(400 * (scene.radius / 158) ** 2 + 16 * noise(run + embryo.id * 7)),
		sharpness: empty ? 900 : Math.round(5200 + 900 * Math.sin(hours / 9) + 500 * noise(run * 5)), motion: Math.round(18 + 160 * Math.exp(-near * 3) + 12 * noise(run * 11)),
		best: [0, 15, 15, 30][Math.floor(noise(Math.floor(run / 20) + embryo.id) * 4)], damaged,
		location: empty ? null : { x: scene.x / SIDE, y: scene.y / SIDE, r: scene.radius / SIDE },
	};
}

export function runsOf(embryo) {
	const runs = [];
	for (let run = 1; run <= embryo.last; run++) if (!(embryo.well === 2 && run > 230 && run < 244)) runs.push(runMake(embryo, run));
	return runs;
}
const runAt = (hours) => Math.max(1, Math.ceil((hours - 0.6) / INTERVAL_H) + 1);

function eventOf(embryo, name, i) {
	const hours = embryo.times[i];
	const run = hours === null ? 0 : runAt(hours);
	const seen = hours !== null && run <= embryo.last && !(name === "t7" && embryo.id % 3 === 0);
	const half = 0.25 + 0.8 * noise(i * 7 + embryo.id) * (i > 8 ? 3 : 1);
	const time = (value) => (embryo.timed ? Math.round(value * 3600) : null);
	const automatic = seen ? { run, time_s: time(hoursOf(run)), earliest_s: time(hoursOf(run) - half), latest_s: time(hoursOf(run) + half),
		confidence: Math.round(960 - 360 * noise(i + embryo.id * 3) * (i > 4 && i < 9 ? 1.4 : 0.6)) } : null;
	const human = embryo.annotations.filter((word) => word.event === name && !word.withdrawn)
		.map(({ author, made, run: at, absent }) => ({ author, made, run: at ?? null, time_s: at && embryo.timed ? Math.round(hoursOf(at) * 3600) : null, absent: !!absent }));
	const own = human.filter((word) => !word.absent).at(-1);
	return {
		event: name, automatic, human,
		used: own ? { source: "human", run: own.run, time_s: own.time_s } : automatic && { source: "automatic", run, time_s: automatic.time_s },
		plausibility: !embryo.timed ? "unknown" : automatic && i === 10 && embryo.id % 4 === 1 ? "soft" : "ok",
		missing: automatic ? null : hours === null ? "the embryo did not get this far" : "the stage was skipped or too short to see",
	};
}

const PROFILES = [
	["meseguer-2011", "Meseguer 2011", "Meseguer M et al., Hum Reprod 2011;26:2658-2671", false, "A+", [["t5 in 48.8-56.6 h", true, 4300], ["s2 (t4 - t3) at most 0.76 h", true, 900], ["cc2 (t3 - t2) at most 11.9 h", true, 2500]]],
	["cetinkaya-2015", "Cetinkaya 2015, CS2-8", "Cetinkaya M et al., J Assist Reprod Genet 2015", false, "0.84", [["CS2-8 = ((t3 - t2) + (t5 - t4)) / (t8 - t2)", true, null]]],
	["mizobe-2017", "Mizobe 2017", "Mizobe Y et al., J Assist Reprod Genet 2017;34:991", true, "timely", [["t2 at most 25.90 h", true, 1800], ["t4 at most 37.88 h", true, 2900], ["tM at most 79.93 h", false, -29000]]],
	["petersen-2016", "Petersen 2016 (day 3)", "Petersen BM et al., Hum Reprod 2016;31:2231-2244", false, "5", [["t3 - tPNf below 11.48 h", false, null], ["t3 above 42.91 h", false, null]]],
	["basile-2015", "Basile 2015", "Basile N et al., Hum Reprod 2015;30:276-283", false, "A+", [["t3 in 34-40 h", true, 7900]]],
	["campbell-2013", "Campbell 2013 (historic)", "Campbell A et al., Reprod Biomed Online 2013;26:477-485", false, "low", [["tB at least 122.9 h", false, null], ["tSB at least 96.2 h", false, null]]],
];

export const PROFILE_INFOS = PROFILES.map(([id, title, citation, verified, value]) => ({ id, title, citation, verified, version: "1", digest: "9f2c", caution: "", classes: [value, "D-"] }));

function profileOf(embryo, [id, title, citation, verified, value, steps], i) {
	const state = !embryo.timed ? "not computable" : embryo.kind === "arrested" && i < 2 ? "excluded" : embryo.kind === "arrested" || (embryo.last < 250 && i > 1)
		? "not computable" : "value";
	return {
		id, title, citation, verified, version: "1", digest: "9f2c4e7a1b3d5f60".repeat(4), state,
		value: state === "value" ? (embryo.kind === "slow" && i === 0 ? "D-" : value) : null,
		reason: state === "value" ? null : !embryo.timed ? "needs the insemination time" : state === "excluded" ? "direct cleavage 1 to 3" : "needs t5, t8",
		steps: state === "value" ? steps.map(([text, fired, margin_s]) => ({ text, fired, margin_s })) : [],
		caution: i === 5 ? "Later studies could not confirm that this tells ploidy." : null,
	};
}

export function evaluationOf(embryo) {
	const events = STAGES.map((name, i) => eventOf(embryo, name, i));
	const at = (name) => events.find((row) => row.event === name)?.used?.time_s ?? null;
	const interval = (name, from, to) => ({ name, formula: `${to} - ${from}`, value_s: at(from) !== null && at(to) !== null ? at(to) - at(from) : null,
		missing: at(to) === null ? `needs ${to}` : at(from) === null ? `needs ${from}` : null });
	const direct = embryo.kind === "arrested";
	const stage = stageAt(embryo, hoursOf(embryo.last));
	const flag = (name, state, reason, run = null) => ({ flag: name, state, reason, run });
	const { grade } = embryo;
	const points = { A: 3, B: 2, C: 1, D: 0 };
	return {
		engine: "daybreak-evaluation 0.1.0", stage, stage_group: GROUP(stage), points: embryo.last, read: embryo.last, empty: embryo.kind === "empty" ? embryo.last : 0,
		timing: embryo.timed ? "exact" : "unknown", events,
		intervals: [interval("cc2", "t2", "t3"), interval("s2", "t3", "t4"), interval("cc3", "t3", "t5"), interval("s3", "t5", "t8"), interval("ECC2", "t2", "t4"), interval("dB", "tSB", "tB")],
		flags: [flag("direct-cleavage-1-3-fast", direct ? "yes" : "no", direct ? "t3 follows t2 by 2.1 h; both were seen clearly" : "", direct ? runAt(embryo.times[4]) : null),
			flag("direct-cleavage-2-5", embryo.timed ? "no" : "not computable", embryo.timed ? "" : "needs times"), flag("reverse-cleavage", embryo.id % 4 === 2 ? "suspected" : "no",
				embryo.id % 4 === 2 ? "the cell count fell from 5 to 4 for three pictures" : "", embryo.id % 4 === 2 ? 210 : null), flag("irregular-chaotic-division", "not computable", "needs a person who looked")],
		profiles: PROFILES.map((profile, i) => profileOf(embryo, profile, i)),
		grade: grade ? { state: "value", gardner: grade.gardner, neqsi: grade.icm ? grade.expansion + points[grade.icm] + points[grade.te] - 1 : null,
			good_blastocyst: grade.expansion >= 3 && "AB".includes(grade.icm) && "AB".includes(grade.te), reason: null } : { state: "not computable", reason: "needs a human grade" },
		anomalies: embryo.well === 2 ? [{ kind: "gap", run: 244, text: "No pictures for 3.5 h before run 244." }] : embryo.well === 3 ? [{ kind: "damaged", run: 200, text: "One picture is damaged." }] : [],
	};
}

export function clinicMake(now = new Date()) {
	const embryos = new Map();
	const dishes = [];
	let nextEmbryo = 1;
	const today = (hour, minute) => {
		const at = new Date(now);
		at.setHours(hour, minute, 0, 0);
		return at.toISOString().replace(/\.\d+Z/, "Z");
	};
	const dishMake = (id, cycle, slide, format, kinds, options = {}) => {
		const dish = { id, cycle, slide, format, due: options.due ?? null, timing: options.timed === false ? "unknown" : "exact", imported: today(6, 12 + id),
			embryos: kinds.map((kind, i) => embryoMake(nextEmbryo++, id, i + 1, { kind, ...options })) };
		dish.total = kinds.length * (options.last ?? 450);
		dish.read = Math.round(dish.total * (options.progress ?? 1));
		for (const embryo of dish.embryos) embryos.set(embryo.id, embryo);
		dishes.push(dish);
	};
	const g = "good";
	dishMake(1, 1, "D2026.11.15_S02214_I0776_P", "embryoscope-pdb", [g, g, "slow", g, "arrested", g, g, g, "empty", "slow", g, g]);
	dishMake(2, 2, "D2026.11.15_S02215_I0776_P", "embryoscope-pdb", [g, "slow", g, g, g, "arrested"], { last: 440, progress: 0.42 });
	dishMake(3, 3, "D2026.11.17_S02217_I0781_P", "embryoscope-pdb", [g, g, g, "slow", g, g, g, g], { last: 280, due: { check: "8-cell", from_s: 62 * 3600, to_s: 64 * 3600, now_s: 63 * 3600 } });
	dishMake(4, null, "D2026.11.16_S02216_I0781_P", "embryoscope-pdb", [g, g, "arrested", g, g], { last: 380 });
	dishMake(5, null, "RI0382-WELL2", "nantes-folder", [g, "slow", g], { timed: false, last: 300 });
	const first = embryos.get(1);
	first.annotations.push({ event: "t2", run: 101, author: "m.laurent", made: today(6, 40) }, { event: "t3", run: 146, author: "m.laurent", made: today(6, 41) },
		{ event: "t3", run: 144, author: "j.okafor", made: today(6, 50) }, { event: "tB", run: 418, author: "m.laurent", made: today(6, 43) });
	first.grade = { expansion: 4, icm: "A", te: "B", gardner: "4AB", author: "m.laurent", made: today(6, 45) };
	embryos.get(2).decisions.push({ id: 200, decision: "freeze", reason: "second best of the cohort", author: "m.laurent", made: today(6, 52), signatures: [] });
	return {
		problem: null,
		embryos, dishes,
		patients: [{ id: 1, name: "Amélie Vasseur-Lindqvist", identifier: "FR-204 118", born: "1989-04-12" }, { id: 2, name: "Ngozi Adeyemi", identifier: "FR-204 131", born: "1992-10-03" },
			{ id: 3, name: "Hanna Brandt", identifier: "FR-203 977", born: "" }],
		cycles: [{ cycle: 1, patient: 1, label: "2026-11 first", method: "ICSI", decision: today(7, 30) }, { cycle: 2, patient: 2, label: "2026-11 first", method: "IVF", decision: today(7, 45) },
			{ cycle: 3, patient: 3, label: "2026-11 second", method: "ICSI", decision: null }],
		imports: [
			{ import: 4, name: "D2026.11.15_S02215_I0776_P.pdb", state: "running", sentence: "18,480 pictures of 6 embryos so far.", notes: [], counts: {}, started: today(6, 58), ended: null },
			{ import: 3, name: "scan-2026-11-20.zip", state: "quarantined", sentence: "The archive names a file outside its own folder (../../etc/passwd), so nothing of it was taken in.", notes: [], counts: {}, started: today(6, 31), ended: today(6, 31) },
			{ import: 2, name: "D2026.11.16_S02216_I0781_P.pdb", state: "done", sentence: "13,300 pictures of 5 embryos, all new.", notes: ["Well 3, run 200: the picture is cut short and was kept out.", "Well 2: no pictures between runs 230 and 244."], counts: {}, started: today(6, 20), ended: today(6, 24) },
			{ import: 1, name: "RI0382-WELL2.tar", state: "done", sentence: "900 pictures of 3 embryos, all new.", notes: ["The export names no insemination time."], counts: {}, started: today(6, 12), ended: today(6, 14) },
		],
	};
}

const scoreOf = (embryo) => ({ good: 3, slow: 2, arrested: 1, empty: -1 })[embryo.kind] - (embryo.times[13] ?? 200) / 1000;
/* covers: whether this user sees no score of an embryo yet */
export function rankingOf(dish, covers, user) {
	const hidden = dish.embryos.some(covers);
	const order = hidden ? dish.embryos : [...dish.embryos].sort((a, b) => scoreOf(b) - scoreOf(a));
	return order.map((embryo, i) => {
		const evaluation = evaluationOf(embryo);
		const waiting = dish.read < dish.total && i >= order.length - 2;
		const base = { embryo: embryo.id, well: embryo.well, last_run: embryo.last, best_focal: 0, decision: embryo.decisions[0]?.decision ?? null,
			covered: covers(embryo), graded: embryo.grades.some((entry) => entry.author === user), unsure: [] };
		if (waiting) return { ...base, rank: null, class: "", stage: "", stage_group: "", confidence: 0, reasons: [], flags: [], attention: [] };
		const meseguer = evaluation.profiles[0];
		const reasons = embryo.kind === "arrested" ? ["Stopped at 8 cells, no cavity by 113 h"] : embryo.kind === "empty" ? ["The well is empty"]
			: [`Furthest stage of the cohort reached at ${(embryo.times[12] ?? 0).toFixed(1)} h`, "Second cell cycle within the usual range"].slice(i % 2);
		return {
			...base, rank: embryo.kind === "empty" || hidden ? null : i + 1, reasons: hidden ? [] : reasons,
			class: hidden ? "" : embryo.grade?.gardner ?? (meseguer.state === "value" ? meseguer.value : ""), stage: evaluation.stage, stage_group: evaluation.stage_group,
			confidence: 905 - i * 23, flags: evaluation.flags.filter((flag) => flag.state === "yes" || flag.state === "suspected").map((flag) => flag.flag),
			attention: [], unsure: embryo.kind === "slow" ? ["tSB"] : [],
		};
	});
}

export function cohortOf(dish, covers, user) {
	const evaluated = (embryo) => evaluationOf(dish.embryos.find((entry) => entry.id === embryo));
	return rankingOf(dish, covers, user).sort((a, b) => a.well - b.well).map((place) => {
		const embryo = dish.embryos.find((entry) => entry.id === place.embryo);
		const { events, profiles } = evaluated(place.embryo);
		return {
			...place, last_time_s: embryo.timed ? Math.round(hoursOf(embryo.last) * 3600) : null, decision: embryo.decisions[0] ?? null, grade: place.covered ? null : embryo.grades[0]?.text ?? null,
			events: events.filter((row) => row.used).map((row) => ({ event: row.event, time_s: row.used.time_s, run: row.used.run, source: row.used.source })),
			profiles: place.covered ? [] : profiles.map(({ id, state, value, reason }) => ({ id, state, value, reason })),
		};
	});
}
