/* The console in front of a real box while a morning bursts; tests/system/test_console.py plays the morning. The two talk by
 * lines: this side prints what is to be done ("do: exports land") and, at the end, what the screen said, as JSON. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { browserStart, pageOpen } from "./lib/browser.mjs";

const { BASE_URL, USER, PASSWORD, SHOTS } = process.env;
const LONG = { timeout: 120000 };
const said = {};
const ask = (what) => console.log(`do: ${what}`);
const browser = await browserStart();
const { page, problems } = await pageOpen(browser, {});
const go = async (name) => {
	await page.goto(`${BASE_URL}/console#/${name}`);
	await page.locator(".stack").waitFor(LONG);
};
const shot = (name) => (SHOTS ? page.screenshot({ path: `${SHOTS}/live-${name}.png`, fullPage: true }) : null);
const words = async (selector) => (await page.locator(selector).allInnerTexts()).map((text) => text.replace(/\s+/g, " ").trim());
/* The number among the words: "24,992,954 bytes". */
const numberOf = (text) => Number(/[\d,]+/.exec(text)?.[0].replaceAll(",", ""));

async function signIn(where, name, password) {
	await where.goto(`${BASE_URL}/console`);
	await where.locator("input[name=name]").fill(name);
	await where.locator("input[name=password]").fill(password);
	await where.locator("form button").click();
}

try {
	await signIn(page, USER, PASSWORD);
	await page.locator(".hero.good").waitFor(LONG);
	said.quiet = await words(".check-what");
	await shot("quiet");

	await go("burst");
	ask("exports land");
	await page.locator(".plan-head .state", { hasText: /^(Bursting|Peak over)/ }).waitFor(LONG);
	await page.locator("tbody tr", { hasText: "frankfurt" }).locator(".slots i.busy").first().waitFor(LONG);
	await page.locator(".card", { hasText: "Batches that left" }).locator("tbody tr").nth(2).waitFor(LONG);
	said.lanes = await words(".card:has-text('What answers batches') tbody th");
	said.race = await words(".race-lead");
	said.slides = await words(".card:has-text('Earliest decision first') tbody tr");
	said.board = await page.evaluate(async () => (await (await fetch("/api/board")).json()).work.ready);
	await shot("burst");

	await page.locator(".nothing", { hasText: "No slide waits" }).waitFor(LONG);
	ask("morning over");
	await new Promise((resolve) => process.stdin.once("data", resolve));

	await go("costs");
	/* not the sums of before the morning, which stand there until the new ones have come */
	await page.locator(".sum-lines td.number", { hasText: /[1-9]/ }).last().waitFor(LONG);
	said.sums = await words(".sum-lines td.number");
	said.agree = await words(".sum .state");
	await shot("costs");
	await go("functions");
	await page.locator(".chart-total").first().waitFor(LONG);
	said.calls = numberOf((await words(".chart-total"))[0]);
	said.failures = await words(".card:has-text('Latest failures') tbody code");
	await shot("functions");
	await go("egress?period=all");
	await page.locator(".ledger tbody tr").first().waitFor(LONG);
	said.ledger = (await words(".figure-note")).map(numberOf);
	await page.locator(".ledger .row-open").first().click();
	said.digest = (await words(".row-more code"))[0];
	const [download] = await Promise.all([page.waitForEvent("download"), page.locator("a[download]").click()]);
	said.csv = readFileSync(await download.path(), "utf8");
	await shot("egress");
	await go("sites");
	await page.locator(".peer.good").waitFor(LONG);
	said.peer = await words(".peer dd");
	said.identity = await words(".identity dd");
	await shot("sites");

	await go("");
	await page.locator(".hero.good").waitFor(LONG);
	ask("agent dies");
	await page.locator(".hero.bad").waitFor(LONG);
	said.down = await words(".check.bad");
	await shot("down");
	ask("agent returns");
	await page.locator(".hero.good").waitFor(LONG);

	await go("updates");
	await page.locator(".gate", { hasText: "apt keeps this box up to date" }).waitFor(LONG);
	ask("update arrives");
	await page.locator(".peer", { hasText: "0.2.0" }).getByRole("button", { name: "Approve" }).click(LONG);
	await page.locator("dialog").getByRole("button", { name: "Approve" }).click();
	await page.locator(".peer .state", { hasText: "Approved" }).waitFor(LONG);
	await shot("updates");

	await go("people");
	await page.getByLabel("Name").fill("new.person");
	await page.getByRole("button", { name: "Add" }).click();
	const made = await page.locator(".made-password code").innerText();
	await page.getByRole("button", { name: "It is noted" }).click();
	const other = await pageOpen(browser, {});
	await signIn(other.page, "new.person", made);
	await other.page.getByText("This page is for administrators").waitFor(LONG);
	await other.context.close();
	await page.getByRole("button", { name: "Change my password" }).first().click();
	for (const [name, text] of [["old", PASSWORD], ["new", "four words of mine"], ["again", "four words of mine"]]) await page.locator(`dialog input[name=${name}]`).fill(text);
	await page.getByRole("button", { name: "Change", exact: true }).click();
	await page.getByText("Everywhere else you are signed out").waitFor(LONG);
	await page.locator(".people tbody tr", { hasText: "new.person" }).waitFor(LONG);
	/* the daemon was restarted under the open page; what was asked under the old password is refused */
	assert.deepEqual(problems.filter((text) => !/Failed to load resource.*(502|401)/.test(text)), []);
	console.log(`said: ${JSON.stringify(said)}`);
} catch (error) {
	console.log(`failed: ${error.stack}\n${await page.locator("body").innerText()}`);
	process.exitCode = 1;
} finally {
	await browser.close();
	process.stdin.destroy();
}
