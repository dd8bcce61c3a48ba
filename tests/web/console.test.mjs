/* The console against the pretended agent: what an administrator sees in each scene, and the pure parts beneath it. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { accessible } from "./lib/access.mjs";
import { browserStart, pageOpen } from "./lib/browser.mjs";
import { cloudMake } from "./lib/cloud.mjs";
import { ADMIN, MADE, mockStart, PASSWORD, USER } from "./mock.mjs";

const SOURCE = fileURLToPath(new URL("../../web/src/", import.meta.url));
const PAGES = ["", "burst", "functions", "functions?range=week", "functions?range=quarter", "egress", "costs", "sites", "updates", "people"];
const SCENES = ["quiet", "burst", "trouble", "down", "off", "empty"];

async function load(path) {
	const { outputFiles } = await build({ entryPoints: [join(SOURCE, path)], bundle: true, format: "esm", write: false });
	return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}
const { checksOf, updateCheck, verdictOf } = await load("console/checks.ts");
const buckets = await load("console/buckets.ts");
const money = await load("console/money.ts");
const { consoleEn } = await load("text/console_en.ts");
const { consoleFr } = await load("text/console_fr.ts");
const { en } = await load("text/en.ts");

let at;
let browser;
before(async () => {
	at = await mockStart();
	browser = await browserStart();
});
after(async () => {
	await browser?.close();
	at?.stop();
});

async function open(scene, options = {}, user = ADMIN) {
	at.cloud.scene = scene;
	const opened = await pageOpen(browser, options);
	const { page } = opened;
	await page.goto(`${at.url}/console`);
	await page.locator("input[name=name]").fill(user);
	await page.locator("input[name=password]").fill(PASSWORD);
	await page.locator("form button").click();
	await page.locator(user === ADMIN ? ".rail" : "main.empty").waitFor();
	const go = async (name) => {
		await page.goto(`${at.url}/console#/${name}`);
		await page.locator(".stack .waiting").waitFor({ state: "detached" });
		await page.locator(".stack > *").first().waitFor();
	};
	return { ...opened, go };
}

/* The pure parts */

function knowledge(scene) {
	const cloud = cloudMake(scene);
	const status = cloud.answer("status");
	const { plan, now } = cloud.answer("burst");
	return { agent: status.agent, status: status.answer, plan, updates: cloud.answer("updates"), unreachable: 0, now: Date.parse(now) };
}

test("the verdict of each scene", () => {
	const verdicts = Object.fromEntries(SCENES.map((scene) => [scene, verdictOf(checksOf(knowledge(scene)))]));
	assert.deepEqual(verdicts, { quiet: "good", burst: "good", trouble: "bad", down: "bad", off: "home", empty: "warn" });
	assert.equal(verdictOf([]), "unknown");
	assert.equal(verdictOf(checksOf({ ...knowledge("quiet"), unreachable: Date.now() })), "bad", "a box that is gone is not well");
});

test("nothing is green on our word alone", () => {
	const known = knowledge("quiet");
	const silent = structuredClone(known);
	for (const endpoint of silent.status.endpoints) endpoint.confirmed = new Date(known.now - 16 * 60000).toISOString();
	const checks = checksOf(silent);
	assert.equal(verdictOf(checks), "unproven");
	assert.deepEqual(checks.filter((entry) => entry.tone === "good" && ["certificate", "endpoint"].includes(entry.name)), []);
	const never = structuredClone(known);
	for (const endpoint of never.status.endpoints) Object.assign(endpoint, { confirmed: null });
	assert.equal(verdictOf(checksOf(never)), "unproven", "ready is not confirmed");
	const lone = { ...structuredClone(known), status: { ...structuredClone(known.status), endpoints: [] } };
	assert.equal(verdictOf(checksOf(lone)), "unproven", "no peer, no green");
	assert.equal(verdictOf(checksOf({ ...known, status: null, agent: null })), "unproven", "an agent that was never heard");
});

test("a state that is not well carries reason, since when and what to do", () => {
	for (const scene of ["trouble", "down", "empty"]) {
		for (const entry of checksOf(knowledge(scene)).filter(({ tone, name }) => ["bad", "warn"].includes(tone) && name !== "budget")) {
			/* when a bundle came is nobody's question */
			assert.ok(entry.reason && (entry.since || entry.name === "update") && entry.next, `${scene}: ${entry.name} ${entry.word}`);
		}
	}
});

test("one endpoint that fails beside one that answers is no emergency", () => {
	const known = structuredClone(knowledge("quiet"));
	Object.assign(known.status.endpoints[1], { state: "open", reason: "connection refused" });
	assert.equal(verdictOf(checksOf(known)), "warn");
	Object.assign(known.status.endpoints[1], { state: "refused", allowed: false });
	assert.equal(verdictOf(checksOf(known)), "bad", "a region that is not allowed is");
});

test("a plan that nobody writes any more is not in time", () => {
	const known = structuredClone(knowledge("burst"));
	known.plan.made = new Date(known.now - 60000).toISOString();
	const deadline = checksOf(known).find((entry) => entry.name === "deadline");
	assert.deepEqual([deadline.word, deadline.tone], ["stale", "plain"]);
});

test("ranges are whole days on the clinic's clock", () => {
	const now = new Date(2026, 2, 30, 11).getTime();
	for (const range of buckets.RANGES) {
		const span = buckets.spanOf(range, now, 0);
		assert.equal(new Date(span.from).getHours(), 0, range);
		assert.equal(new Date(span.to).getHours(), 0, range);
		assert.ok(span.from < now && now < span.to, range);
		assert.equal(buckets.spanOf(range, now, 1).to, span.from, "ranges join without a gap");
		assert.ok((span.to - span.from) / 1000 / (span.pattern_s || span.bucket_s) <= 2400, "the API takes no more");
	}
});

test("buckets find their slots, and their hour of the day", () => {
	const span = buckets.spanOf("week", new Date(2026, 10, 21, 9).getTime(), 0);
	const bucket = { start: new Date(2026, 10, 18, 6, 30).toISOString(), invocations: 7 };
	const slots = buckets.slotsOf(span, [bucket]);
	assert.equal(slots.length, 168);
	assert.equal(slots.findIndex((slot) => slot.bucket), 3 * 24 + 6);
	const pattern = buckets.patternOf(span, 900, [bucket, { ...bucket, start: new Date(2026, 10, 18, 6, 44).toISOString() }]);
	assert.equal(pattern.cells[3][26], 14);
	assert.equal(pattern.most, 14);
	assert.deepEqual([0, 1, 3, 42, 501].map(buckets.roundUp), [1, 1, 5, 50, 1000]);
});

test("costs worked out here are those of the records", () => {
	const cloud = cloudMake("quiet");
	const { answer } = cloud.answer("costs");
	for (const endpoint of answer.endpoints) {
		assert.ok(money.agrees(endpoint), endpoint.name);
		assert.ok(!money.agrees({ ...endpoint, month_nano: endpoint.month_nano + endpoint.charged + 100 }), "a wrong sum is found");
	}
	const start = new Date(new Date().getFullYear(), new Date().getMonth(), 1).getTime();
	const month = cloud.records().filter((entry) => entry.at >= start);
	assert.equal(answer.month_nano, month.reduce((sum, entry) => sum + entry.cost, 0));
});

test("both languages say everything that the console names", () => {
	assert.deepEqual(Object.keys(consoleFr), Object.keys(consoleEn));
	for (const [key, text] of Object.entries(consoleEn)) {
		const holes = (sentence) => (sentence.match(/\{\w+\}/g) ?? []).sort();
		assert.deepEqual(holes(consoleFr[key]), holes(text), key);
	}
	const known = { ...en, ...consoleEn };
	const folder = join(SOURCE, "console");
	for (const name of readdirSync(folder).filter((file) => /\.tsx?$/.test(file))) {
		const code = readFileSync(join(folder, name), "utf8");
		for (const [, key] of code.matchAll(/\bc\("([^"]+)"/g)) assert.ok(key in known, `${name}: ${key}`);
		for (const [, prefix] of code.matchAll(/tName\("([^"]+)"/g)) assert.ok(Object.keys(known).some((key) => key.startsWith(`${prefix}.`)), `${name}: ${prefix}`);
	}
	/* words that checks.ts puts together */
	for (const scene of SCENES) for (const { name, word } of checksOf(knowledge(scene))) assert.ok(`check.${name}.${word}` in consoleEn, `${name}.${word}`);
});

/* In the browser */

test("embryologists never load the console, and the console not their pages", async () => {
	const { context, page } = await open("quiet");
	const loaded = await page.evaluate(() => performance.getEntriesByType("resource").map((entry) => entry.name).filter((name) => name.includes("/assets/")));
	assert.ok(loaded.some((name) => name.includes("console")) && !loaded.some((name) => name.includes("review")), loaded.join());
	await context.close();
});

test("who is no administrator is told so, and sees nothing", async () => {
	const { context, page } = await open("quiet", {}, USER);
	await page.getByText("This page is for administrators").waitFor();
	assert.equal(await page.locator(".rail").count(), 0);
	await context.close();
});

for (const scene of SCENES) {
	test(`every page in the scene ${scene}: no error, no barrier, no foreign word`, async () => {
		const french = scene === "burst";
		const { context, page, problems, go } = await open(scene, { theme: scene === "quiet" ? "light" : "dark", locale: french ? "fr-FR" : "en-GB" });
		/* without an agent most pages are one and the same */
		for (const name of ["down", "off"].includes(scene) ? ["", "burst", "egress", "updates"] : PAGES) {
			await go(name);
			await page.waitForTimeout(150);
			await accessible(page, `${scene} ${name}`);
			const text = await page.locator("body").innerText();
			assert.doesNotMatch(text, /undefined|NaN|Infinity|\[object|\{\w+\}|(?:check|endpoint|page|plan)\.\w+\./, `${scene} ${name}`);
			const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
			assert.ok(wide <= 0, `${scene} ${name} is ${wide} px too wide`);
		}
		assert.deepEqual(problems, []);
		await context.close();
	});
}

test("all is well is green, and turns red by itself when the agent dies", async () => {
	const { context, page } = await open("quiet");
	await page.locator(".hero.good").waitFor();
	at.cloud.scene = "down";
	await page.locator(".hero.bad").waitFor();
	await page.locator(".check.bad", { hasText: "systemctl start daybreak-sync" }).waitFor();
	at.cloud.scene = "quiet";
	await page.locator(".hero.good").waitFor();
	await context.close();
});

test("a box that is gone is never green", async () => {
	const { context, page } = await open("quiet");
	await page.locator(".hero.good").waitFor();
	await context.setOffline(true);
	await page.locator(".hero.bad").waitFor();
	await page.locator(".head-lost").waitFor();
	await context.setOffline(false);
	await page.locator(".hero.good").waitFor();
	await context.close();
});

test("the burst follows the box", async () => {
	const { context, page, go } = await open("quiet");
	await go("burst");
	await page.getByText("Nothing waits to be read").first().waitFor();
	at.cloud.scene = "burst";
	await page.locator(".state", { hasText: "Bursting" }).waitFor();
	assert.match(await page.locator(".race-lead").innerText(), /07:14.*16 min before/s);
	assert.equal(await page.locator(".slots i.busy").count(), 12, "two at home, seven and three away");
	await page.getByRole("button", { name: "Failed" }).click();
	await context.close();
});

test("the ledger is filtered by its address, opened, paged and exported", async () => {
	const { context, page, go } = await open("quiet");
	await go("egress?period=all&class=version-check");
	const rows = page.locator(".ledger tbody tr");
	await rows.first().waitFor();
	assert.equal(await rows.count(), 100);
	assert.deepEqual([...new Set(await page.locator(".ledger tbody td:nth-child(4)").allInnerTexts())], ["Check"]);
	await page.getByRole("button", { name: "Show older rows" }).click();
	await rows.nth(150).waitFor();
	const numbers = (await page.locator(".row-open").allInnerTexts()).map((text) => Number(text.replaceAll(",", "")));
	assert.deepEqual(numbers, [...new Set(numbers)].sort((a, b) => b - a), "each row once, newest first");
	await page.locator(".row-open").first().click();
	assert.match(await page.locator(".row-more").innerText(), /[0-9a-f]{64}/);
	assert.match(await page.locator("a[download]").getAttribute("href"), /egress\.csv\?class=version-check$/);
	await page.getByLabel("Kind").selectOption("");
	await page.waitForURL(/period=all$/);
	await context.close();
});

test("an update is approved, which the page shows at once, and taken back", async () => {
	const { context, page, go, problems } = await open("trouble");
	await page.locator(".check", { hasText: "Version 0.2.1 waits for your word" }).waitFor();
	await go("updates");
	const bundle = page.locator(".peer", { hasText: "daybreak-0.2.1.raucb" });
	await bundle.getByRole("button", { name: "Approve" }).click();
	const dialog = page.locator("dialog");
	assert.match(await dialog.innerText(), /Install version 0\.2\.1\?.*([0-9a-f]{8}\s+){7}[0-9a-f]{8}/s);
	await accessible(page, "approving");
	await page.keyboard.press("Escape");
	await dialog.waitFor({ state: "detached" });
	assert.match(await bundle.innerText(), /Waits for approval/, "Escape approves nothing");
	await bundle.getByRole("button", { name: "Approve" }).click();
	await dialog.getByRole("button", { name: "Approve" }).click();
	await bundle.locator(".state", { hasText: "Approved" }).waitFor();
	await bundle.getByRole("button", { name: "Take the approval back" }).click();
	await bundle.locator(".state", { hasText: "Waits for approval" }).waitFor();
	assert.equal(await page.locator(".peer", { hasText: "Refused" }).getByRole("button").count(), 0, "what is refused cannot be approved");
	assert.deepEqual(problems, []);
	await context.close();
});

test("people are added, get another role, a new password, and are let in no more", async () => {
	const { context, page, go, problems } = await open("quiet");
	await go("people");
	const row = (name) => page.locator(".people tbody tr", { has: page.getByRole("rowheader", { name }) });
	const made = page.locator("dialog", { hasText: MADE });
	await page.getByLabel("Name").fill("d.roux");
	await page.getByRole("button", { name: "viewer" }).click();
	await page.getByRole("button", { name: "Add" }).click();
	await made.waitFor();
	assert.match(await made.innerText(), /Password of d\.roux/);
	await accessible(page, "a made password");
	await made.getByRole("button", { name: "It is noted" }).click();
	assert.equal(await page.getByText(MADE).count(), 0, "shown once");
	await row("d.roux").getByLabel("Role of d.roux").selectOption("embryologist");
	await page.getByText("d.roux is now embryologist").waitFor();
	await row("d.roux").getByRole("button", { name: "Let in no more: d.roux" }).click();
	await row("d.roux").getByText("may not sign in").first().waitFor();
	await row("d.roux").getByRole("button", { name: "Let in again" }).click();
	await row("d.roux").getByRole("button", { name: "New password for d.roux" }).click();
	await made.waitFor();
	await page.keyboard.press("Escape");
	assert.equal(await row(ADMIN).getByRole("combobox").count(), 0, "nobody takes their own role away by a slip");
	await page.getByLabel("Name").fill("d.roux");
	await page.getByRole("button", { name: "Add" }).click();
	await page.locator(".toast.bad", { hasText: /somebody of this name/i }).waitFor();
	assert.deepEqual(problems.filter((text) => !/status of 409/.test(text)), []);
	await context.close();
});

for (const [where, user] of [["console", ADMIN], ["lab", USER]]) {
	test(`one's own password is changed in the ${where}`, async () => {
		const { context, page, problems } = await open("quiet", {}, user);
		if (where === "lab") await page.goto(`${at.url}/#/settings`);
		await page.getByRole("button", { name: "Change my password" }).first().click();
		const dialog = page.locator("dialog");
		const type = async (old, chosen, again) => {
			for (const [name, text] of Object.entries({ old, new: chosen, again })) await dialog.locator(`input[name=${name}]`).fill(text);
			await dialog.getByRole("button", { name: "Change", exact: true }).click();
		};
		await type(PASSWORD, "four words of mine", "four words of yours");
		await dialog.getByText("are not the same").waitFor();
		await accessible(page, `password in the ${where}`);
		await type("wrong", "four words of mine", "four words of mine");
		await dialog.getByText("old password is wrong").waitFor();
		await type(PASSWORD, "four words of mine", "four words of mine");
		await dialog.waitFor({ state: "detached" });
		await page.getByText("Everywhere else you are signed out").waitFor();
		assert.deepEqual(problems.filter((text) => !/status of 403/.test(text)), []);
		await context.close();
	});
}

test("what is told of updates", () => {
	const known = knowledge("quiet");
	const word = (changes) => {
		const updates = structuredClone(known.updates);
		for (const [name, value] of Object.entries(changes)) Object.assign(updates[name] ?? {}, value);
		const entry = updateCheck(changes.whole ?? updates, known.now);
		return entry && `${entry.tone} ${entry.word}`;
	};
	const hoursAgo = (n) => new Date(known.now - n * 3600000).toISOString();
	assert.equal(word({}), "good current");
	assert.equal(word({ fetch: { checked: hoursAgo(4) } }), "plain stale", "silence is never green");
	assert.equal(word({ fetch: { state: "failing" } }), "warn failing");
	assert.equal(word({ fetch: { state: "off" } }), null, "sticks alone are nothing to tell of");
	assert.equal(word({ updater: { confirmed: false } }), "plain trial");
	const went = { at: hoursAgo(1), from: "0.1.0", to: "0.2.0", result: "went-back", why: "x" };
	assert.equal(word({ updater: { last: went } }), "warn went-back");
	const again = { state: "waits-for-approval", version: "0.2.0", digest: "5d", why: "" };
	assert.equal(word({ updater: { last: went, waiting: [again] } }), "warn went-back", "that it may be tried again is not the news");
	assert.equal(word({ updater: { last: went, waiting: [again, { ...again, version: "0.2.1" }] } }), "warn approval");
	assert.equal(word({ updater: { last: { ...went, from: "0.2.0", to: "0.1.0" } } }), "good current", "an administrator asked for it");
	assert.equal(word({ whole: { ...known.updates, told: hoursAgo(1) } }), "warn silent");
	assert.equal(word({ whole: { ...known.updates, updater: null, problem: "x" } }), "bad unreadable");
	assert.equal(word({ whole: { ...known.updates, updater: null } }), null, "packages");
});

test("charts are read out by pointer and by key", async () => {
	const { context, page, go } = await open("quiet");
	await go("functions?range=quarter");
	await page.locator(".charts").focus();
	await page.keyboard.press("ArrowLeft");
	await page.locator(".chart-key b").first().waitFor();
	await page.keyboard.press("Escape");
	assert.equal(await page.locator(".chart-key b").count(), 0);
	await page.locator(".pattern svg").hover();
	assert.match(await page.locator(".pattern-said").first().innerText(), /\d\d:\d\d.*calls?/s);
	await page.getByRole("button", { name: "Earlier" }).click();
	await page.waitForURL(/back=1/);
	await context.close();
});
