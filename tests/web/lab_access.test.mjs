/* Every page of the lab, for everybody: axe in both themes, by keyboard alone, with gloves on a small tablet, in French, and
 * without the internet. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, test } from "node:test";
import { accessible, tabTo, tooSmall } from "./lib/access.mjs";
import { box, browserClose, PATIENCE, visit } from "./lib/lab.mjs";
import { leave, PAGES, show } from "./lib/pages.mjs";

const GLOVE = 40;
const TEXTS = new URL("../../web/src/text/", import.meta.url);
after(browserClose);

for (const theme of ["dark", "light"]) {
	test(`axe finds nothing on any page in the ${theme} theme, and no request leaves the box`, () => visit("anna", async (page, context) => {
		const strangers = [];
		context.on("request", (request) => {
			if (!request.url().startsWith(`${box.url}/`) && !request.url().startsWith("blob:")) strangers.push(request.url());
		});
		for (const entry of PAGES) {
			await show(page, entry);
			await accessible(page, `${entry.name}, ${theme}`);
			await leave(page);
		}
		assert.deepEqual(strangers, []);
	}, { theme }));
}

test("on a small tablet nothing is cut off, and all that is touched is as large as a gloved finger", () => visit("anna", async (page) => {
	const small = {};
	for (const entry of PAGES) {
		await show(page, entry);
		assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${entry.name} is wider than the screen`);
		const found = await tooSmall(page, GLOVE);
		if (found.length > 0) small[entry.name] = found;
		await leave(page);
	}
	assert.deepEqual(small, {});
}, { width: 1024, height: 768, touch: true }));

/* "key": "value" of the tables in one language. */
function sentences(language) {
	const files = readdirSync(TEXTS).filter((name) => name.endsWith(`_${language}.ts`) || name === `${language}.ts`);
	const lines = files.filter((name) => !name.startsWith("console")).flatMap((name) => readFileSync(new URL(name, TEXTS), "utf8").split("\n"));
	return new Map(lines.map((line) => /^\s*"([\w.+ -]+)":\s*"((?:[^"\\]|\\.)*)"/.exec(line)).filter(Boolean).map(([, key, value]) => [key, JSON.parse(`"${value}"`)]));
}

test("in French every page is French: no English sentence, and no key where a sentence should be", () => visit("anna", async (page) => {
	const [english, french] = [sentences("en"), sentences("fr")];
	assert.deepEqual([...english.keys()].filter((key) => !french.has(key)), [], "sentences that French lacks");
	const foreign = [...english].filter(([key, text]) => text.includes(" ") && !text.includes("{") && text !== french.get(key)).map(([, text]) => text);
	const wrong = [];
	for (const entry of PAGES) {
		await show(page, entry);
		const said = await page.evaluate(() => [document.body.innerText, ...[...document.querySelectorAll("[aria-label], [title], [placeholder]")]
			.flatMap((node) => [node.ariaLabel, node.title, node.placeholder])].filter(Boolean).join("\n"));
		for (const text of foreign) if (said.split("\n").some((line) => line.trim() === text)) wrong.push(`${entry.name}: ${text}`);
		for (const key of english.keys()) if (key.includes(".") && new RegExp(`(^|[\\s"])${key.replace(/[.+]/g, "\\$&")}($|[\\s"])`).test(said)) wrong.push(`${entry.name}: key ${key}`);
		await leave(page);
	}
	assert.deepEqual(wrong, []);
}, { locale: "fr-FR" }));

test("by keyboard alone: from the board to the cohort, to an embryo, a grade and a decision", () => visit("ben", async (page) => {
	const { cycle, embryos, name } = box.cycles[2];
	await page.locator(".tile img").first().waitFor();
	await tabTo(page, `a[href="#/cycle/${cycle}"]`);
	await page.keyboard.press("Enter");
	await page.locator("main.cohort img").first().waitFor();
	await tabTo(page, `a[href^="#/embryo/${embryos[0].embryo}"]`);
	await page.keyboard.press("Enter");
	await page.locator("h1", { hasText: name }).waitFor();
	await page.locator(".player[data-state=shown]").waitFor();
	const before = await page.locator(".player").getAttribute("data-run");
	await page.keyboard.press("ArrowLeft");
	await page.waitForFunction((run) => document.querySelector(".player").dataset.run !== run, before);
	await tabTo(page, ".grade .segments button:first-child");
	await page.keyboard.press("Enter");
	await page.locator(".grade .segments").nth(1).waitFor();
	await tabTo(page, ".grade .grade-form .segments button");
	await page.keyboard.press("Enter");
	await page.locator(".grade", { hasText: "ben" }).waitFor();
	await tabTo(page, ".decide-buttons button");
	await page.keyboard.press("Enter");
	await tabTo(page, ".decide-save input, .decide-save textarea");
	await page.keyboard.type("to be looked at again");
	await tabTo(page, ".decide-save .button.primary");
	await page.keyboard.press("Enter");
	await page.locator(".decide-now", { hasText: "to be looked at again" }).waitFor({ timeout: PATIENCE });
	await page.keyboard.press("Escape");
	await page.locator(".board").waitFor();
}));

test("in French the box refuses in French too, and says in French what came of an export", () => visit("ben", async (page) => {
	await page.goto(`${box.url}/#/settings`);
	await page.getByRole("button", { name: "Changer mon mot de passe" }).click();
	await page.locator("input[name=old]").fill("not the old password");
	for (const name of ["new", "again"]) await page.locator(`input[name=${name}]`).fill("seven in the morning");
	await page.getByRole("button", { name: "Changer", exact: true }).click();
	await page.locator("dialog .notice.bad", { hasText: "l’ancien mot de passe est faux" }).waitFor();
	await page.keyboard.press("Escape");
	await page.goto(`${box.url}/#/`);
	await page.locator("input[type=file]").setInputFiles({ name: "notes.pdb", mimeType: "application/octet-stream", buffer: Buffer.from("no database") });
	await page.locator(".import.quarantined", { hasText: "notes.pdb s’appelle .pdb mais n’est pas une base SQLite." }).waitFor();
}, { locale: "fr-FR", meant: /status of 403/ }));
