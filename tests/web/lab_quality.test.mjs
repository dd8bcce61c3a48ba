/* The quality page over a year that was put into the store (tests/unit/quality/year.h): every number below can be counted there. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { accessible } from "./lib/access.mjs";
import { ask, box, browserClose, visit } from "./lib/lab.mjs";

const BUILD = process.env.DAYBREAK_BUILD ?? fileURLToPath(new URL("../../build/release", import.meta.url));

before(() => execFileSync(`${BUILD}/bin/lab-year`, [box.store]));
after(browserClose);

const row = (page, name) => page.locator(".quality-list a", { hasText: name });
const said = async (locator) => (await locator.innerText()).replace(/\s+/g, " ").trim();

test("an indicator, its chart by month, and the embryos behind each number", async () => {
	await visit("anna", async (page) => {
		await page.getByRole("link", { name: "Quality" }).click();
		await row(page, "Day 3").click();
		assert.match(await said(row(page, "Day 3")), /69\.8 % 268 \/ 384 competent/);
		assert.match(await said(row(page, "Day 2")), /85\.7 % 288 \/ 336 benchmark reached/);
		assert.match(await said(row(page, "ICSI fertilisation")), /288 \/ 324 for information/);
		assert.match(await said(row(page, "Implantation, blastocyst")), /24 \/ 36 benchmark reached/);
		assert.match(await said(row(page, "Implantation, cleavage")), /0 \/ 0 no cases/);

		await row(page, "Implantation, cleavage").click();
		await page.getByText("No cases in these months yet.").waitFor();
		assert.equal(await page.locator(".chart").count(), 0);
		await row(page, "Day 3").click();

		/* What cannot be counted is named, with the reason, and never a number. */
		await page.getByText("10 cannot be counted here").click();
		await page.getByText("Thawing is not recorded here.").waitFor();
		assert.equal(await row(page, "cryosurvival").count(), 0);

		/* One month lies outside its limits: told by a word, and its embryos by the mouse or the list of months. */
		const card = page.locator("article.model");
		await card.getByText("Outside the limits:").waitFor();
		assert.equal(await card.locator(".chart-out").count(), 1);
		await card.locator(".chart-point:has(.chart-out)").click();
		const members = card.locator("section:has(#quality-members) tbody tr");
		const sides = card.getByRole("group", { name: "Embryos" });
		assert.equal(await said(sides), "Not counted (28) Left out (4) Counted (4)");
		await sides.getByRole("button", { name: "Counted (4)", exact: true }).click();
		assert.deepEqual(await members.locator("td:nth-child(3)").allInnerTexts(), ["8", "8", "8", "8"]);
		await sides.getByRole("button", { name: "Left out" }).click();
		assert.match(await said(members.first()), /^Year 4-3 YEAR-04-3 10 .* pronuclei not counted$/);
		await card.getByLabel("Month", { exact: true }).selectOption("");
		/* the lab's own dishes are left out too: nobody counted their pronuclei */
		assert.match(await said(sides), /^Not counted \(116\) Left out \(\d+\) Counted \(268\)$/);
		await accessible(page, "quality", "main");
		await card.getByRole("link", { name: "Year 4-3" }).first().click();
		await page.waitForURL(/#\/embryo\/\d+/);
	}, { hash: "#/" });
});

test("the command line counts the same", () => {
	const told = JSON.parse(execFileSync(`${BUILD}/bin/daybreak`, ["quality", "--store", box.store, "--json"]));
	const row = told.indicators.find((indicator) => indicator.id === "day-3");
	assert.deepEqual([row.numerator, row.denominator, row.value_permille, row.months.length], [268, 384, 698, 12]);
	const text = execFileSync(`${BUILD}/bin/daybreak`, ["quality", "--store", box.store]).toString();
	assert.match(text, /Day 3: 8 cells +69\.8 % +268 \/ 384 +45\.0 % +70\.0 %/);
	assert.match(text, /Blastocyst cryosurvival +unavailable: Thawing is not recorded here\./);
	assert.match(execFileSync(`${BUILD}/bin/daybreak`, ["quality", "--store", box.store, "--agreement"]).toString(), /expansion +anna +ben +192 +144 +0\.60/);
	assert.match(execFileSync(`${BUILD}/bin/daybreak`, ["quality", "--store", box.store, "--reference", "ICSI"]).toString(), /tEB +20\d/);
});

test("fewer than thirty cases are not held against any limit", async () => {
	await visit("vera", async (page) => {
		await page.getByRole("button", { name: "3 months" }).click();
		await page.locator(".quality-list a", { hasText: /6 \/ 9\s*few/ }).waitFor(); /* implantation: 3 of 4 dishes a month */
		await page.getByRole("button", { name: "Agreement" }).click();
		await page.getByText("Agreement is shown to embryologists.").waitFor();
		assert.equal((await ask(page, "GET", "/api/agreement")).status, 403);
		assert.equal((await ask(page, "GET", "/api/quality/luck")).status, 404);
		assert.equal((await ask(page, "GET", "/api/quality?from=2026-13")).status, 400);
		assert.equal((await ask(page, "GET", "/api/reference?method=unknown")).status, 400);
	}, { hash: "#/quality", meant: /40[034]/ });
});

test("two people against each other and against the box", async () => {
	await visit("ben", async (page) => {
		const scales = page.locator("section:has(#quality-scales) tbody tr");
		const times = page.locator("section:has(#quality-times) tbody tr");
		await scales.first().waitFor();
		/* Expansion: 192 pairs, a quarter of them one class apart, as in one dish; kappa 0.60. */
		assert.match(await said(scales.filter({ hasText: "Expansion" })), /anna – ben 192 144 0\.60 0\.\d\d – 0\.\d\d 0\.66/);
		/* 900, 960, 1020 and 1080 s: 16.5 minutes. */
		assert.match(await said(times.filter({ hasText: "anna – ben" })), /t2 anna – ben 48 \+0\.28 0\.02 \+0\.24 … \+0\.31/);
		assert.equal(await times.count(), 4);
		await page.getByLabel("Person").selectOption("ben");
		assert.equal(await times.count(), 2);
		await accessible(page, "quality", "main");
	}, { hash: "#/quality/agreement" });
});

test("own times, ICSI and IVF apart, beside the Istanbul medians, in French", async () => {
	await visit("anna", async (page) => {
		const rows = page.locator("section:has(#quality-own) tbody tr");
		/* 36 dishes with eight each, and perhaps some of the lab's own */
		await page.getByText(/^(28[89]|29\d|30\d) embryons devenus blastocystes complets/).waitFor();
		assert.match(await said(rows.filter({ hasText: "t4" })), /^t4 (28[89]|29\d|30\d) (28[89]|29\d|30\d) 3[78],\d .* 38$/);
		assert.match(await said(rows.filter({ hasText: "tEB" })), /^tEB (20[1-9]|21\d) (20[1-9]|21\d) /);
		await page.getByRole("button", { name: "FIV", exact: true }).click();
		await page.getByText(/^(9[6-9]|10\d) embryons devenus blastocystes complets/).waitFor();
		assert.match(await said(rows.filter({ hasText: "t4" })), / 39$/);
		await accessible(page, "quality", "main");
	}, { hash: "#/quality/reference", locale: "fr-FR" });
});

test("the list and the chart by keyboard, in the light, on a tablet", async () => {
	await visit("anna", async (page) => {
		await row(page, "Day 2").focus();
		await page.keyboard.press("Enter");
		await page.getByRole("heading", { name: /Day 2/ }).waitFor();
		await page.getByText("Figures").press("Enter");
		await page.getByRole("columnheader", { name: "Limits (3 standard deviations)" }).waitFor();
		const small = await page.locator("main").locator("a, button, select, summary").evaluateAll((targets) => targets.filter((target) => {
			const { width, height } = target.getBoundingClientRect();
			return width > 0 && height < 40 && !target.closest("tbody");
		}).map((target) => target.outerHTML.slice(0, 80)));
		assert.deepEqual(small, []);
		await accessible(page, "quality", "main");
	}, { hash: "#/quality", theme: "light", width: 1024, height: 768 });
});
