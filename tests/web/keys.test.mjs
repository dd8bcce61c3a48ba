/* The keys table and the time arithmetic of the player, without a browser. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const SOURCE = fileURLToPath(new URL("../../web/src/", import.meta.url));

async function load(path) {
	const { outputFiles } = await build({ entryPoints: [join(SOURCE, path)], bundle: true, format: "esm", write: false });
	return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}
const { KEYS, actionFor, changes, fitting, keyName, keysOf, remapped } = await load("keys.ts");
const math = await load("review/embryo/timeline_math.ts");
const words = await load("review/embryo/words.ts");

const press = (key, modifiers = {}) => ({ key, ctrlKey: false, altKey: false, shiftKey: false, metaKey: false, ...modifiers });

test("no two actions share a key", () => {
	const seen = new Map();
	for (const { action, keys } of KEYS) {
		for (const key of keys) {
			assert.equal(seen.get(key), undefined, `${key} is both ${seen.get(key)} and ${action}`);
			seen.set(key, action);
		}
	}
	assert.equal(new Set(KEYS.map((entry) => entry.action)).size, KEYS.length);
});

/* The key as a keyboard tells it, from its name. */
function pressedBy(name) {
	const parts = name.split(/\+(?=.)/);
	const key = parts.at(-1) === "Space" ? " " : parts.at(-1);
	return press(key, { ctrlKey: parts.includes("Ctrl"), altKey: parts.includes("Alt"), shiftKey: parts.includes("Shift") });
}

test("every key in the table can be pressed", () => {
	for (const { action, keys } of KEYS) for (const name of keys) assert.equal(actionFor(pressedBy(name))?.action, action, name);
});

const everyKey = () => KEYS.flatMap(({ action }) => keysOf(action).map((key) => [key, action]));
function alone(what) {
	const seen = new Map();
	for (const [key, action] of everyKey()) {
		assert.equal(seen.get(key), undefined, `${what}: ${key} is both ${seen.get(key)} and ${action}`);
		seen.set(key, action);
	}
}

test("whatever a person changes, no two actions are alike", () => {
	const own = everyKey();
	for (const { action } of KEYS) {
		for (const [key, owner] of own) {
			const next = remapped({}, action, key);
			if (owner === action) continue;
			assert.ok(next.why === "taken" && next.by.action === owner || (key === "Escape" && next.why === "browser"), `${action} by ${key}`);
		}
		changes.value = remapped({}, action, "Alt+Shift+Q");
		assert.equal(actionFor(pressedBy("Alt+Shift+Q")).action, action);
		alone(`${action} by another key`);
		for (const [key, owner] of own.filter((entry) => entry[1] === action)) {
			assert.equal(actionFor(pressedBy(key)), undefined, `${owner} has left ${key}`);
			if (key === "Escape") continue;
			/* its old key may be anybody's now, and then it cannot have it back */
			for (const other of KEYS.filter((entry) => entry.action !== action)) {
				const both = remapped(changes.value, other.action, key);
				assert.equal(both.why, undefined);
				assert.equal(remapped(both, action, null).by.action, other.action);
				changes.value = both;
				alone(`${action} and ${other.action} by other keys`);
				changes.value = remapped(both, other.action, null);
			}
		}
		assert.deepEqual(remapped(changes.value, action, null), {}, "its own keys are there again");
	}
	changes.value = {};
	for (const key of ["Tab", "Enter", "Escape", "F5", "Ctrl+T", "Ctrl+W", "Shift", "Ctrl+Control", "Alt+Alt", "Dead"]) {
		assert.equal(remapped({}, "play.toggle", key).why, "browser", key);
	}
});

test("two actions can change keys with each other by way of a third", () => {
	let now = remapped({}, "set.t2", "Q");
	now = remapped(now, "set.t3", "2");
	now = remapped(now, "set.t2", "3");
	assert.deepEqual(fitting(JSON.parse(JSON.stringify(now))), now, "and it is kept so");
	changes.value = now;
	alone("exchanged");
	assert.equal(actionFor(press("2")).action, "set.t3");
	changes.value = {};
});

test("changes that no longer fit are left out", () => {
	for (const spoiled of [null, 7, [], { nobody: "Q" }, { "set.t2": 7 }, { "set.t2": "" }, { "set.t2": "Tab" }]) assert.deepEqual(fitting(spoiled), {});
	assert.deepEqual(fitting({ "set.t2": "Q", "set.t3": "4" }), { "set.t2": "Q" }, "4 is t4's");
	changes.value = fitting({ "set.t2": "Q", "set.t3": "Q", "set.t4": "W" });
	alone("doubled");
	assert.equal(actionFor(press("w")).action, "set.t4");
	changes.value = {};
});

test("keys mean the same on other keyboards", () => {
	assert.equal(keyName(press("2", { shiftKey: true })), "2", "a French digit needs Shift");
	assert.equal(keyName(press("p")), "P");
	assert.equal(keyName(press("P", { shiftKey: true })), "Shift+P");
	const altGraph = { ctrlKey: true, altKey: true, getModifierState: (name) => name === "AltGraph" };
	assert.equal(keyName(press("[", altGraph)), "[", "a German bracket needs AltGr");
	assert.equal(actionFor(press("t", { ctrlKey: true })), undefined, "the browser's own keys stay its own");
});

const runsAt = (hours) => hours.map((hour, i) => ({ run: i + 1, time_s: hour === null ? null : hour * 3600 }));
const eventAt = (event, run) => ({ event, human: [], used: run === null ? null : { source: "automatic", run, time_s: null } });

test("hours are shown only where every picture has a time", () => {
	const timed = math.axisOf(runsAt([1, 1.5, 2]));
	assert.deepEqual([timed.unit, timed.min, timed.max], ["h", 1, 2]);
	const partly = math.axisOf(runsAt([1, null, 2]));
	assert.deepEqual([partly.unit, partly.min, partly.max], ["run", 1, 3]);
	const one = math.axisOf(runsAt([5]));
	assert.ok(one.max > one.min, "one picture still has a scale");
	assert.equal(math.axisOf([]).at.length, 0);
});

test("the nearest picture is found", () => {
	assert.equal(math.nearest([0, 1, 2], 1.4), 1);
	assert.equal(math.nearest([0, 1, 2], 1.6), 2);
	assert.equal(math.nearest([0, 1, 2], -9), 0);
	assert.equal(math.nearest([0, 1, 2], 9), 2);
	assert.equal(math.nearest([], 1), -1);
});

test("a hop is an hour, at least one picture, and stays inside", () => {
	const runs = runsAt(Array.from({ length: 20 }, (_, i) => i / 4));
	assert.equal(math.hopIndex(runs, 8, 1), 12);
	assert.equal(math.hopIndex(runs, 8, -1), 4);
	assert.equal(math.hopIndex(runs, 18, 1), 19);
	assert.equal(math.hopIndex(runs, 0, -1), 0);
	assert.equal(math.hopIndex(runsAt([0, 9, 18]), 0, 1), 1, "pictures nine hours apart");
	assert.equal(math.hopIndex(runsAt(Array(30).fill(null)), 5, 1), 15, "ten pictures where times are unknown");
});

test("events are visited in order, those never seen are left out", () => {
	const events = [eventAt("t2", 5), eventAt("t3", null), eventAt("t4", 9), eventAt("t5", 9)];
	assert.equal(math.nextEventRun(events, 5, 1), 9);
	assert.equal(math.nextEventRun(events, 9, 1), null);
	assert.equal(math.nextEventRun(events, 9, -1), 5);
	assert.equal(math.nextEventRun(events, 7, -1), 5);
});

test("stage bands follow the events and claim nothing before the first", () => {
	const runs = runsAt([0, 1, 2, 3, 4]);
	const axis = math.axisOf(runs);
	const events = [eventAt("t2", 2), eventAt("t3", null), eventAt("t4", 4)];
	assert.deepEqual(math.bandsOf(axis, runs, events, "t4"),
		[{ stage: "t2", from: 1, to: 3, sure: false }, { stage: "t4", from: 3, to: 4, sure: true }]);
	assert.equal(math.bandsOf(axis, runs, events, "tM").at(-1).sure, false, "the embryo went on, nobody knows when");
	events[1].human.push({ author: "j", made: "1", run: null, time_s: null, absent: true });
	assert.equal(math.bandsOf(axis, runs, events, "t4")[0].sure, true, "a person said that there were never three cells");
	assert.deepEqual(math.bandsOf(axis, runs, [], ""), []);
});

test("stage bands end with the last picture the embryo is in", () => {
	const runs = runsAt([0, 1, 2, 3, 4]);
	runs[3].stage_group = runs[4].stage_group = "empty";
	assert.deepEqual(math.bandsOf(math.axisOf(runs), runs, [eventAt("t2", 2)], "t2"), [{ stage: "t2", from: 1, to: 2, sure: true }]);
});

test("gaps are steps three times the usual one", () => {
	assert.deepEqual(math.gapsOf(math.axisOf(runsAt([0, 1, 2, 7, 8]))), [{ from: 2, to: 7 }]);
	assert.deepEqual(math.gapsOf(math.axisOf(runsAt([0, 1, 2, 4, 5]))), []);
});

test("ticks are round and do not crowd", () => {
	const ticks = math.ticksOf({ unit: "h", min: 0.6, max: 113, at: [] }, 1300);
	assert.ok(ticks.every((tick) => tick % 12 === 0) && ticks.length >= 9);
	assert.deepEqual(math.placeLabels([{ x: 0, width: 20 }, { x: 10, width: 20 }, { x: 40, width: 20 }], 1), [0, -1, 0]);
});

test("pictures are loaded in the direction of travel, each once", () => {
	const order = math.prefetchOrder(100, 50, 1, [-15, 0, 15], 0, 300);
	assert.deepEqual(order[0], { index: 50, focal: 0 });
	assert.deepEqual(order[1], { index: 51, focal: 0 });
	assert.equal(new Set(order.map(({ index, focal }) => `${index} ${focal}`)).size, order.length);
	assert.ok(order.some(({ index, focal }) => index === 50 && focal === 15), "the neighbour planes here");
	assert.equal(order.length, 102);
	assert.equal(math.prefetchOrder(100, 50, -1, [0], 0, 10)[1].index, 49);
	assert.equal(math.prefetchOrder(100, 50, 1, [0], 0, 10).length, 10);
});

/* Words of "a" on their way, about embryo 5. */
const act = (key, thing, body, method = "POST") => ({ key: `key-${key}`, method, path: `/api/embryos/5/${thing}`, body, patient: 1, name: "", made: `2026-01-02T00:00:0${key}Z` });
const OTHER = { author: "b", made: "2026-01-01T00:00:00Z", run: 7, time_s: null, absent: false };
const toldWith = (human) => ({ embryo: 5, runs: [{ run: 9, time_s: 3600 }], grades: [], observations: [], comments: [], decisions: [],
	evaluation: { events: [{ event: "t2", human, used: null }] } });

test("an event is shown until the evaluation knows it, beside those of others", () => {
	const told = toldWith([OTHER]);
	const acts = [act("1", "annotations", { event: "t2", run: 8 }), act("2", "annotations", { event: "t2", run: 9 })];
	const shown = words.withWords(told, acts, "a").evaluation.events[0].human;
	assert.deepEqual(shown.map((word) => [word.author, word.run, word.time_s]), [["b", 7, null], ["a", 9, 3600]]);
	assert.deepEqual(acts.map(words.knows(told, acts, "a")), [false, false]);
	const later = toldWith([OTHER, { ...OTHER, author: "a", run: 9 }]);
	assert.deepEqual(acts.map(words.knows(later, acts, "a")), [true, true], "the first is known where the last is");
	assert.deepEqual(words.ownWord(later, "t2", "a"), { run: 9 });
	const back = words.withWords(later, [act("3", "annotations", { event: "t2", withdrawn: true })], "a");
	assert.deepEqual(back.evaluation.events[0].human.map((word) => word.author), ["b"]);
	assert.equal(words.withWords(told, [{ ...acts[0], refused: "no" }], "a"), told, "what was refused is not shown as said");
	assert.equal(words.withWords(told, [{ ...acts[0], path: "/api/embryos/6/annotations" }], "a"), told, "nor what is about another embryo");
});

test("grades, observations, comments and decisions that wait are shown beside those of others", () => {
	const told = { ...toldWith([]), comments: [{ id: 4, text: "old", run: null, author: "a", made: "" }],
		grades: [{ stage: "blastocyst", expansion: 3, icm: "B", te: "B", quality: null, text: "3BB", author: "b", made: "" }] };
	const now = words.withWords(told, [act("1", "grade", { stage: "blastocyst", expansion: 4, icm: "A", te: "B" }), act("2", "grade", { stage: "cleavage", quality: "top" }),
		act("3", "observations", { kind: "compaction", value: "full", run: 9 }), act("4", "comments", { text: "new" }), act("5", "comments", { text: "twice" }),
		act("6", "comments/key-5", undefined, "DELETE"), act("7", "comments/4", undefined, "DELETE"), act("8", "decisions", { decision: "freeze", reason: "" })], "a");
	assert.deepEqual(now.grades.map(({ author, text }) => `${author} ${text}`), ["a top", "a 4AB", "b 3BB"]);
	assert.equal(now.grade.gardner, "4AB");
	assert.deepEqual(now.observations.map(({ kind, value, run }) => [kind, value, run]), [["compaction", "full", 9]]);
	assert.deepEqual(now.comments.map(({ text }) => text), ["new"], "what was made and taken away again is not there");
	assert.deepEqual(now.decisions.map(({ id, decision, author }) => [id, decision, author]), [[0, "freeze", "a"]]);
	const back = words.withWords(now, [act("9", "grade", { stage: "blastocyst", withdrawn: true })], "a");
	assert.deepEqual(back.grades.map(({ text }) => text), ["top", "3BB"]);
	assert.equal(back.grade.gardner, "3BB");
});

test("review and console never import each other, and kit, api and text neither", () => {
	const files = (folder) => readdirSync(join(SOURCE, folder), { withFileTypes: true }).flatMap((entry) =>
		(entry.isDirectory() ? files(join(folder, entry.name)) : [join(folder, entry.name)]));
	for (const file of files(".").filter((name) => /\.tsx?$/.test(name))) {
		const room = file.split("/")[0];
		for (const [, to] of readFileSync(join(SOURCE, file), "utf8").matchAll(/from "(\.[^"]+)"/g)) {
			const target = join(file, "..", to).split("/")[0];
			if (["review", "console"].includes(target)) assert.equal(room, target, `${file} imports ${to}`);
		}
	}
});
