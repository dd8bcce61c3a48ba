/* The lab screen on real embryos, where they are: ten blastocysts in seven focal planes at one hour, and one embryo in 94
 * time points that ends as an empty well. No picture of them leaves the test. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { ask, box, browserClose, visit } from "./lib/lab.mjs";
import { runsOf, shown, until } from "./lib/player.mjs";

after(browserClose);

const [blastocysts, followed] = box.cycles;
const PLANES = [-45, -30, -15, 0, 15, 30, 45];
const told = async (page, { embryo }) => (await ask(page, "GET", `/api/embryos/${embryo}`)).body;
const button = (page, group, name) => page.getByRole("group", { name: group, exact: true }).getByRole("button", { name, exact: true });

test("the cohort shows ten blastocysts, their order covered until each is graded", () => visit("anna", async (page) => {
	await page.locator(".well img").nth(10).waitFor();
	const { dishes } = (await ask(page, "GET", `/api/cycles/${blastocysts.cycle}`)).body;
	const embryos = dishes.find((dish) => dish.dish === blastocysts.dish).embryos;
	assert.deepEqual(embryos.map(({ stage_group: group }) => group), Array(10).fill("blastocyst"));
	assert.ok(embryos.every(({ rank, covered }) => rank === null && covered));
	for (const { embryo } of embryos) {
		assert.equal((await ask(page, "POST", `/api/embryos/${embryo}/grade`, { expansion: 4, icm: "B", te: "B" })).status, 204);
	}
	await page.waitForFunction(async ([cycle, dish]) => (await (await fetch(`/api/cycles/${cycle}`)).json()).dishes
		.find((entry) => entry.dish === dish).embryos.every(({ rank }) => rank !== null), [blastocysts.cycle, blastocysts.dish]);
}, { hash: `#/cycle/${blastocysts.cycle}` }));

test("the wheel goes through all seven planes of a real blastocyst", () => visit("anna", async (page) => {
	await until(page, ({ state }) => state === "shown", "the picture");
	await page.locator(".player").hover();
	for (let i = 0; i < PLANES.length; i++) await page.mouse.wheel(0, 120);
	await until(page, ({ focal, state }) => focal === -45 && state === "shown", "the lowest plane");
	for (const plane of PLANES.slice(1)) {
		await page.mouse.wheel(0, -120);
		await until(page, ({ focal, state }) => focal === plane && state === "shown", `plane ${plane}`);
	}
}, { hash: `#/embryo/${blastocysts.embryos[0].embryo}` }));

test("three of them stand side by side at one hour", () => visit("anna", async (page) => {
	await page.locator(".cell .player[data-state=shown]").nth(2).waitFor();
	assert.equal(await page.locator(".cell").count(), 3);
}, { hash: `#/compare/${blastocysts.embryos.slice(0, 3).map(({ embryo }) => embryo).join(",")}` }));

test("an embryo is stepped through, annotated, decided on, signed and reported", () => visit("anna", async (page, context) => {
	const [embryo] = followed.embryos;
	await until(page, ({ state }) => state === "shown", "the picture");
	const runs = await runsOf(page);
	assert.equal(runs.length, 94);
	await page.keyboard.press("Home");
	for (const run of runs.slice(0, 20)) {
		await until(page, (now) => now.run === run && now.state === "shown", `run ${run}`);
		await page.keyboard.press("ArrowRight");
	}
	const at = (await until(page, (now) => now.run === runs[20] && now.state === "shown", "the twenty-first")).run;
	await page.keyboard.press("4");
	await page.locator("tr[data-event=t4] .event-word", { hasText: "anna" }).waitFor();
	await page.waitForFunction(async ([id, run]) => (await (await fetch(`/api/embryos/${id}`)).json()).evaluation.events
		.find(({ event }) => event === "t4").human.some((word) => word.run === run), [embryo.embryo, at]);

	await button(page, "Decision", "Discard").click();
	await page.getByRole("button", { name: "Record: Discard" }).click();
	await page.getByRole("button", { name: "Sign…", exact: true }).click();
	for (const [form, name] of [["Signature of who decided", "anna"], ["Witness", "ben"]]) {
		const part = page.getByRole("form", { name: form });
		await part.getByLabel("Name").fill(name);
		await part.getByLabel("Password").fill(box.password);
		await part.getByRole("button").click();
		await part.waitFor({ state: "detached" });
	}
	assert.deepEqual((await told(page, embryo)).decisions[0].signatures.map(({ name }) => name), ["anna", "ben"]);
	const report = await context.request.get(`${box.url}/api/cycles/${followed.cycle}/report.pdf`);
	assert.equal((await report.body()).subarray(0, 5).toString(), "%PDF-");
}, { hash: `#/embryo/${followed.embryos[0].embryo}` }));
