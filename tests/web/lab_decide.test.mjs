/* Deciding, signing with a witness, what became of a transfer, and the report, as two embryologists at one screen do it. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { accessible } from "./lib/access.mjs";
import { ask, box, browserClose, visit } from "./lib/lab.mjs";

after(browserClose);

const [icsi, ivf] = box.cycles;
const hashOf = (embryo) => `#/embryo/${embryo.embryo}`;
const told = async (page, embryo) => (await ask(page, "GET", `/api/embryos/${embryo.embryo}`)).body;

async function decide(page, name, reason) {
	await page.locator(".decide").waitFor();
	const change = page.getByRole("button", { name: "Change…" });
	if (await change.count()) await change.click();
	await page.locator(".decide-buttons").getByRole("button", { name, exact: true }).click();
	await page.getByLabel("Reason").fill(reason);
	await page.getByRole("button", { name: `Record: ${name}` }).click();
	/* what can be signed is with the box */
	await page.locator(".decide-now:has(.decide-sign)", { hasText: reason }).waitFor();
}

async function sign(page, form, name, password) {
	const part = page.getByRole("form", { name: form });
	await part.getByLabel("Name").fill(name);
	await part.getByLabel("Password").fill(password);
	await part.getByRole("button").click();
	return part;
}
const AUTHOR = "Signature of who decided";

test("one decides, signs with the password again, and another witnesses on the same screen", async () => {
	const embryo = icsi.embryos[1];
	await visit("anna", async (page) => {
		await page.locator(".decide").waitFor();
		assert.equal(await page.locator(".decide-buttons [aria-pressed=true]").count(), 0, "no decision is suggested");
		await page.mouse.move(0, 0);
		const looks = await page.locator(".decide-buttons button").evaluateAll((buttons) => buttons.map((button) => {
			const { color, backgroundColor, borderColor, fontWeight, height } = getComputedStyle(button);
			return JSON.stringify({ color, backgroundColor, borderColor, fontWeight, height });
		}));
		assert.equal(looks.length, 5);
		assert.deepEqual([...new Set(looks)], [looks[0]], "all decisions look alike");
		await decide(page, "Transfer", "best of the cohort");
		await page.locator(".decide-now", { hasText: "Not signed" }).waitFor();
		await page.getByRole("button", { name: "Sign…", exact: true }).click();
		const dialog = page.getByRole("dialog");
		for (const word of [icsi.name, icsi.identifier, "Transfer", "best of the cohort", icsi.slide]) await dialog.getByText(word).first().waitFor();
		await accessible(page, ".dialog", ".dialog");

		await sign(page, AUTHOR, "anna", "not my password");
		await dialog.getByRole("alert").filter({ hasText: /\w/ }).waitFor();
		assert.equal(await dialog.getByRole("form", { name: AUTHOR }).getByLabel("Password").inputValue(), "", "a password does not stay");
		assert.deepEqual((await told(page, embryo)).decisions[0].signatures, []);
		await page.locator(".embryo-page").waitFor(); /* still signed in */

		await sign(page, AUTHOR, "anna", box.password);
		await dialog.getByText(/Signed by anna/).waitFor();
		await sign(page, "Witness", "anna", box.password);
		await dialog.getByText("Nobody witnesses their own decision").waitFor();
		const { decisions: [decision] } = await told(page, embryo);
		const body = { decisions: [decision.id], name: "anna", password: box.password, meaning: "witness" };
		assert.equal((await ask(page, "POST", "/api/signatures", body)).status, 403, "the box refuses it too");
		assert.equal((await ask(page, "POST", "/api/signatures", { ...body, name: "vera" })).status, 403, "a viewer is no witness");

		await sign(page, "Witness", "ben", box.password);
		await dialog.getByText("Everything here is signed and witnessed.").waitFor();
		await page.keyboard.press("Escape");
		await page.locator(".decide-now", { hasText: /Witnessed by ben/ }).waitFor();
		const { signatures } = (await told(page, embryo)).decisions[0];
		assert.deepEqual(signatures.map(({ meaning, name }) => [meaning, name]), [["author", "anna"], ["witness", "ben"]]);
		assert.equal(await page.getByRole("button", { name: "Take back" }).count(), 0, "what is signed is not taken back");
	}, { hash: hashOf(embryo), meant: /403/ });
});

test("a newer decision keeps the older one and its signatures; an unsigned one can be taken back", async () => {
	const embryo = icsi.embryos[1];
	await visit("ben", async (page) => {
		await decide(page, "Freeze", "the patient is ill");
		await page.locator(".decide .chip", { hasText: "Freeze" }).waitFor();
		await page.locator(".decide", { hasText: /Before: Transfer \(anna.*Signed by anna/ }).waitFor();
		await page.locator(".decide-now", { hasText: "Not signed" }).waitFor();
		await page.getByRole("button", { name: "Take back" }).click();
		await page.locator(".decide .chip", { hasText: "Transfer" }).waitFor();
		await decide(page, "Freeze", "the patient is ill");
		const { decisions } = await told(page, embryo);
		assert.deepEqual(decisions.map((entry) => [entry.decision, entry.signatures.length]), [["freeze", 0], ["transfer", 2]]);
	}, { hash: hashOf(embryo) });
});

test("all decisions of a cycle are signed in one go", async () => {
	const [first, second, third] = ivf.embryos;
	await visit("anna", async (page) => {
		for (const [embryo, decision] of [[first, "transfer"], [second, "freeze"]]) {
			assert.equal((await ask(page, "POST", `/api/embryos/${embryo.embryo}/decisions`, { decision, reason: "" })).status, 201);
		}
		await page.goto(`${box.url}/${hashOf(third)}`);
		await decide(page, "Discard", "arrested on day 2");
		await page.goto(`${box.url}/#/cycle/${ivf.cycle}`);
		await page.getByRole("button", { name: "Sign the cycle…" }).click();
		const dialog = page.getByRole("dialog");
		await dialog.locator(".sign-list li").nth(2).waitFor();
		for (const [form, name] of [[AUTHOR, "anna"], ["Witness", "ben"]]) {
			await dialog.getByRole("form", { name: form }).getByLabel("Name").fill(name);
			await dialog.getByRole("form", { name: form }).getByRole("button", { name: "Sign (3)" }).waitFor();
			await sign(page, form, name, box.password);
			await dialog.getByRole("form", { name: form }).waitFor({ state: "detached" });
		}
		await dialog.getByText("Everything here is signed and witnessed.").waitFor();
		for (const embryo of [first, second, third]) assert.equal((await told(page, embryo)).decisions[0].signatures.length, 2);
	});
});

test("what became of a transfer is entered later, with its day; only of a transfer", async () => {
	const [transferred, frozen] = ivf.embryos;
	await visit("anna", async (page) => {
		await page.getByText("Outcome of the transfer").click();
		await page.getByLabel("Day of the finding").fill("2026-11-20");
		const group = (name) => page.getByRole("group", { name });
		const has = async (kind, value) => {
			await page.waitForFunction(async ([embryo, wanted, said]) => (await (await fetch(`/api/embryos/${embryo}`)).json()).observations
				.some((entry) => entry.kind === wanted && entry.value === said && entry.day === "2026-11-20"), [transferred.embryo, kind, value]);
		};
		await group("hCG positive").getByRole("button", { name: "Yes" }).click();
		await group("hCG positive").locator("[aria-pressed=true]", { hasText: "Yes" }).waitFor();
		await has("outcome-hcg", "yes");
		await group("Number of sacs").getByRole("button", { name: "2" }).click();
		await has("outcome-sacs", "2");
		await page.locator(".outcome li", { hasText: "hCG" }).getByText(/Yes, .*anna/).waitFor();
		await accessible(page, ".decide", ".decide");
		/* the same again takes it back */
		await group("Number of sacs").locator("[aria-pressed=true]", { hasText: "2" }).click();
		await group("Number of sacs").locator("[aria-pressed=true]").waitFor({ state: "detached" });
		const reply = await ask(page, "POST", `/api/embryos/${frozen.embryo}/observations`, { kind: "outcome-hcg", value: "yes" });
		assert.equal(reply.status, 409, "an embryo that is frozen has no outcome");
	}, { hash: hashOf(transferred) });
	await visit("anna", async (page) => {
		await page.locator(".decide .chip", { hasText: "Freeze" }).waitFor();
		assert.equal(await page.getByText("Outcome of the transfer").count(), 0);
	}, { hash: hashOf(frozen) });
});

test("the report is there for the lab, the patient and other programs", async () => {
	await visit("anna", async (page, context) => {
		await page.locator(".report-menu summary").click();
		await accessible(page, ".report-menu", ".report-menu");
		const links = await page.locator(".report-menu a").evaluateAll((list) => list.map((link) => link.getAttribute("href")));
		const path = `/api/cycles/${ivf.cycle}/report`;
		assert.deepEqual(links, [["lab", "en"], ["lab", "fr"], ["patient", "en"], ["patient", "fr"]]
			.map(([variant, language]) => `${path}.pdf?variant=${variant}&language=${language}`).concat(`${path}.json`, `${path}.csv`));
		const got = await Promise.all(links.map((link) => context.request.get(box.url + link)));
		for (const reply of got.slice(0, 4)) assert.equal((await reply.body()).subarray(0, 5).toString(), "%PDF-");
		const facts = await got[4].json();
		const [{ decisions: [decision], observations }] = facts.dishes[0].embryos.filter((entry) => entry.embryo === ivf.embryos[0].embryo);
		assert.deepEqual(decision.signatures.map((entry) => entry.name), ["anna", "ben"]);
		assert.equal(observations[0].kind, "outcome-hcg");
		const lines = (await got[5].text()).trim().split("\r\n");
		assert.equal(lines.length, 1 + ivf.embryos.length);
		assert.ok(lines[0].includes(",signed_by,signed,witnessed_by,witnessed,"), lines[0]);
	}, { hash: `#/cycle/${ivf.cycle}` });
	await visit("vera", async (page) => {
		assert.equal((await ask(page, "GET", `/api/cycles/${ivf.cycle}`)).status, 200);
		assert.equal(await page.evaluate(async (id) => (await fetch(`/api/cycles/${id}/report.csv`)).status, ivf.cycle), 403);
		await page.goto(`${box.url}/${hashOf(ivf.embryos[0])}`);
		await page.locator(".decide-now", { hasText: "Signed by anna" }).waitFor();
		assert.equal(await page.locator(".decide-buttons, .decide-sign").count(), 0, "a viewer decides nothing");
	}, { meant: /403/ });
});
