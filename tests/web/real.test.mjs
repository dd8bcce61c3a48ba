/* A morning against the real box, in order, as one person lives it: sign in, look, take in an export, be told of a broken
 * one, give a slide to a patient, watch, annotate, grade, decide, sign out. Needs BASE_URL, USER and PASSWORD of a box
 * with one rendered slide in its inbox, and EXPORT, the path of another rendered export. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { after, before, test } from "node:test";
import { browserStart, pageOpen, signIn } from "./lib/browser.mjs";
import { runsOf, until } from "./lib/player.mjs";

const { BASE_URL, USER, PASSWORD, EXPORT } = process.env;
const PATIENCE = 30000;

if (!BASE_URL || !EXPORT) {
	test("a morning against the real box", { skip: "needs BASE_URL, USER, PASSWORD and EXPORT" }, () => {});
} else {
	morning();
}

function morning() {
	let browser;
	let page;
	let problems;
	before(async () => {
		browser = await browserStart();
		({ page, problems } = await pageOpen(browser));
		page.setDefaultTimeout(PATIENCE);
	});
	after(() => browser?.close());

	/* One step of the morning; the browser may complain in none of them. */
	const step = (name, does) => test(name, async () => {
		await does();
		assert.deepEqual(problems, [], "errors in the browser's console");
	});
	const dishes = () => page.locator("[data-dish]").evaluateAll((cards) => cards.map((card) => card.dataset.dish));
	const send = (file) => page.locator("input[type=file]").setInputFiles(file);

	step("signing in shows the slide that waits, its embryos ranked and read", async () => {
		await signIn(page, { url: BASE_URL, user: USER, password: PASSWORD });
		/* this clinic wants to see the score before the own grade */
		await page.evaluate(() => fetch("/api/settings", { method: "PUT", headers: { "X-Daybreak": "1", "Content-Type": "application/json" },
			body: JSON.stringify({ score_after_grade: false }) }));
		await page.reload();
		await page.locator(".inbox .tile:has(img)").first().waitFor();
		const tiles = page.locator(".inbox .tile");
		const ranks = await tiles.locator(".tile-rank").evaluateAll((all) => all.map((rank) => rank.textContent));
		/* "=" where the box cannot tell two apart */
		assert.match(ranks[0], /^Rank =?1$/);
		assert.match(ranks[1], /^Rank (=1|=?2)$/);
		assert.match(await tiles.first().locator(".tile-line").innerText(), /Blastocyst|Morula|Cleavage|Zygote/);
		assert.ok((await tiles.first().locator(".tile-reason").innerText()).length > 10, "a reason stands below");
		await page.locator(".link.live").waitFor();
	});

	step("an export sent through the file chooser arrives without a reload", async () => {
		const before = await dishes();
		await page.evaluate(() => { globalThis.sameDocument = true; });
		await send(EXPORT);
		const entry = page.locator(".import.done", { hasText: basename(EXPORT) });
		await entry.getByText(/\d+ new pictures, \d wells?\./).waitFor();
		await page.waitForFunction((count) => document.querySelectorAll("[data-dish]").length > count, before.length);
		const fresh = (await dishes()).find((dish) => !before.includes(dish));
		await page.locator(`[data-dish="${fresh}"] .tile-rank`, { hasText: "1" }).first().waitFor();
		await page.locator(`[data-dish="${fresh}"] .tile img`).first().waitFor();
		assert.equal(await page.evaluate(() => globalThis.sameDocument), true, "the page was loaded anew");
	});

	step("an export that broke on its way is quarantined with one sentence", async () => {
		const whole = readFileSync(EXPORT);
		const before = await dishes();
		await send({ name: "D2026.03.09_S0009_I0001.pdb", mimeType: "application/octet-stream", buffer: whole.subarray(0, whole.length / 3) });
		const entry = page.locator(".import.quarantined", { hasText: "S0009" });
		await entry.waitFor();
		assert.match(await entry.locator("p").innerText(), /^[A-Z0-9].{20,300}\.$/s, "a sentence says why");
		await send({ name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("no export") });
		await page.locator(".import.quarantined", { hasText: "notes.txt" }).locator("p").waitFor();
		assert.deepEqual(await dishes(), before, "nothing of it is on the board");
	});

	step("a slide is given to a new patient", async () => {
		const card = page.locator(".card.inbox").first();
		const slide = await card.locator("h3").innerText();
		await card.locator(".button.primary").click();
		const dialog = page.getByRole("dialog");
		await dialog.getByLabel("Full name").fill("Test Person");
		await dialog.getByLabel("Identifier").fill("FR-204 999");
		await dialog.getByLabel("Date of birth").fill("1990-02-03");
		await dialog.getByLabel("Cycle name").fill("2026-11");
		await dialog.getByRole("button", { name: "ICSI" }).click();
		await dialog.getByRole("button", { name: "Assign to Test Person" }).click();
		await dialog.waitFor({ state: "detached" });
		const theirs = page.locator(".card[data-cycle]", { hasText: "Test Person" });
		for (const text of ["FR-204 999", "1990", "ICSI", slide]) await theirs.getByText(text).first().waitFor();
		assert.equal(await page.locator(".card.inbox", { hasText: slide }).count(), 0, "it has left the inbox");
	});

	step("her embryo opens with her name, and its pictures move by key and wheel", async () => {
		await page.locator(".card[data-cycle] .tile").first().click();
		await page.locator(".player[data-state=shown]").waitFor();
		assert.equal(await page.locator("h1").innerText(), "Test Person");
		await page.locator(".identity").getByText("FR-204 999").waitFor();
		const runs = await runsOf(page);
		await page.keyboard.press("Home");
		await until(page, ({ run }) => run === runs[0], "the first picture");
		await page.keyboard.press("ArrowRight");
		await until(page, ({ run }) => run === runs[1], "one picture on");
		await page.locator(".player").hover();
		await page.keyboard.down("Shift");
		await page.mouse.wheel(0, 120);
		await page.keyboard.up("Shift");
		await until(page, ({ run }) => run === runs[2], "the wheel goes on in time");
		await page.locator(".planes-list button").last().click();
		const low = await until(page, ({ focal }) => focal < 0, "the lowest plane");
		await page.locator(".player").hover();
		await page.mouse.wheel(0, -120);
		await until(page, ({ focal }) => focal > low.focal, "the wheel focuses up");
		await page.keyboard.press("ArrowDown");
		await until(page, ({ focal }) => focal === low.focal, "the arrow focuses down");
	});

	step("the embryo names the model that read it, whose card says what it learned from under which licence", async () => {
		const address = page.url();
		await page.locator(".caption-reading, .caption-stage").first().waitFor();
		const reader = page.locator(".verdict .text-link");
		const label = await reader.innerText();
		await reader.click();
		await page.locator(".model").getByRole("heading", { name: label }).getByText("In use").waitFor();
		await page.locator(".model").getByRole("row", { name: /rendered.*Apache-2.0/ }).waitFor();
		await page.goto(address);
		await page.locator(".player[data-state=shown]").waitFor();
	});

	step("t2 by key stands beside the automatic value after the box evaluated anew, until it is undone", async () => {
		const t2 = async () => {
			const id = /embryo\/(\d+)/.exec(page.url())[1];
			const { evaluation } = await page.evaluate((path) => fetch(path).then((answer) => answer.json()), `/api/embryos/${id}`);
			return evaluation.events.find((row) => row.event === "t2");
		};
		const settled = async (check, what) => {
			for (const end = Date.now() + PATIENCE; !check(await t2()); await page.waitForTimeout(200)) assert.ok(Date.now() < end, what);
		};
		const row = page.locator("tr[data-event=t2]");
		const automatic = await row.locator(".event-time strong").innerText();
		const runs = await runsOf(page);
		await settled((event) => event.used?.source === "automatic", "nobody has said when t2 was");
		await row.locator(".event-time.used").waitFor();
		const at = (await t2()).automatic.run;
		const after = runs[runs.indexOf(at) + 1];
		await row.locator(".event-go").click();
		await until(page, (value) => value.run === at && value.state === "shown", "the picture of t2");
		await page.keyboard.press("ArrowRight");
		const { run } = await until(page, (value) => value.run === after && value.state === "shown", "the picture after t2");
		await page.keyboard.press("2");
		await page.getByRole("status").getByText("2 cells set at").waitFor();
		await settled((event) => event.used?.source === "human" && event.used.run === run, "the box evaluated with the word");
		await row.locator(".event-word.used", { hasText: USER }).waitFor();
		assert.equal(await row.locator(".event-time strong").innerText(), automatic, "the automatic value stays beside it");
		assert.match(await row.locator(".event-delta").innerText(), /^\+\d/);
		await page.keyboard.press("Control+z");
		await page.getByText("Undone: 2 cells").waitFor();
		await settled((event) => event.used?.source === "automatic", "the box evaluated without the word");
		await row.locator(".event-word").waitFor({ state: "detached" });
		await row.locator(".event-time.used").waitFor();
	});

	step("a grade and a decision are recorded and seen, the decision on the board too", async () => {
		await page.getByRole("group", { name: "Expansion" }).getByRole("button", { name: "4" }).click();
		await page.getByRole("group", { name: "Inner cell mass" }).getByRole("button", { name: "A" }).click();
		await page.getByRole("group", { name: "Trophectoderm" }).getByRole("button", { name: "B" }).click();
		await page.getByRole("button", { name: "Save grade" }).click();
		await page.locator(".grade-value", { hasText: "4AB" }).waitFor();
		await page.locator(".grade-facts", { hasText: USER }).waitFor();
		assert.equal(await page.locator(".decide-buttons [aria-pressed=true]").count(), 0, "no decision is suggested");
		await page.getByRole("button", { name: "Freeze", exact: true }).click();
		await page.getByLabel("Reason").fill("one of three");
		await page.getByRole("button", { name: "Record: Freeze" }).click();
		await page.locator(".decide-now", { hasText: "one of three" }).waitFor();
		const id = /embryo\/(\d+)/.exec(page.url())[1];
		await page.keyboard.press("Escape");
		await page.locator(`.tile[data-embryo="${id}"] .tile-decision`, { hasText: "Freeze" }).waitFor();
		await page.locator(`.tile[data-embryo="${id}"] .tile-class`, { hasText: "4AB" }).waitFor();
	});

	step("signing out ends the session", async () => {
		await page.getByRole("button", { name: "Sign out" }).click();
		await page.locator("input[name=password]").waitFor();
		assert.equal(await page.evaluate(() => fetch("/api/board").then((answer) => answer.status)), 401);
		await page.reload();
		await page.locator("input[name=password]").waitFor();
		assert.equal(await page.getByText("Test Person").count(), 0);
	});
}
