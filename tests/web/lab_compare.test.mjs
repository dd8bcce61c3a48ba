/* Comparing embryos, and the guards against mixing patients up, against the real box. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { signIn } from "./lib/browser.mjs";
import { ask, box, browserClose, PATIENCE, visit } from "./lib/lab.mjs";

const [claire, ada] = box.cycles;
const ids = (cycle, count) => cycle.embryos.slice(0, count).map((entry) => entry.embryo);
const compare = (...embryos) => `#/compare/${embryos.flat().join(",")}`;
after(browserClose);

const painted = (page) => page.locator(".cell").evaluateAll((cells) => cells.map((cell) => {
	const { run, focal, state } = cell.querySelector(".player").dataset;
	return { embryo: Number(cell.dataset.embryo), run: Number(run), focal: Number(focal), state };
}));
async function until(page, check, what) {
	for (const end = Date.now() + PATIENCE; ; await page.waitForTimeout(25)) {
		const now = await painted(page);
		if (now.length > 0 && now.every(({ state }) => state === "shown") && check(now)) return now;
		assert.ok(Date.now() < end, `${what}: still ${JSON.stringify(now)}`);
	}
}
const alike = (cells) => cells.every(({ run }) => run === cells[0].run);
const t2 = async (page, embryo) => (await ask(page, "GET", `/api/embryos/${embryo}`)).body.evaluation.events.find((row) => row.event === "t2").used?.run;

test("key C on two embryos of a patient, Shift+C: both move together, by key and by wheel, until one is let go", () => visit("vera", async (page) => {
	const [one, two] = ids(claire, 2);
	await page.goto(`${box.url}/#/embryo/${one}`);
	await page.locator(".player[data-state=shown]").waitFor();
	await page.keyboard.press("c");
	await page.locator(".tray-button .count", { hasText: "1" }).waitFor();
	await page.keyboard.press("]");
	await page.waitForFunction((id) => location.hash.startsWith(`#/embryo/${id}`), two);
	await page.locator(".player[data-state=shown]").waitFor();
	await page.keyboard.press("c");
	await page.locator(".tray-button .count", { hasText: "2" }).waitFor();
	await page.keyboard.press("Shift+C");
	await page.waitForFunction((hash) => location.hash === hash, compare(one, two));
	await page.locator("h1", { hasText: claire.name }).waitFor();
	const start = await until(page, alike, "both at one hour");
	await page.keyboard.press("ArrowLeft");
	const back = await until(page, (cells) => alike(cells) && cells[0].run < start[0].run, "one picture back, both");
	await page.keyboard.press("ArrowDown");
	await until(page, (cells) => cells.every(({ focal }, i) => focal < start[i].focal), "both focus down");
	await page.locator(".cell .player").nth(1).hover();
	await page.keyboard.down("Shift");
	await page.mouse.wheel(0, -120);
	await page.keyboard.up("Shift");
	const wheeled = await until(page, (cells) => alike(cells) && cells[0].run < back[0].run, "the wheel moves both");
	await page.getByRole("button", { name: "Let well 2 go alone" }).click();
	await page.keyboard.press("ArrowLeft");
	await until(page, ([first, second]) => first.run === wheeled[0].run && second.run < first.run, "only the second");
	await page.getByRole("button", { name: "Well 2 goes along again" }).click();
	await until(page, alike, "together again");
	await page.getByRole("button", { name: "Together" }).click();
	await page.keyboard.press("Home");
	await until(page, ([first, second]) => first.run !== second.run, "each alone");
}));

test("tied by an event, each stands at its own; playing goes on until the end of all", () => visit("vera", async (page) => {
	const events = new Map();
	for (const embryo of ids(ada, 6)) events.set(embryo, await t2(page, embryo));
	const [one, two] = [...events].filter(([, run]) => run !== undefined).sort((a, b) => a[1] - b[1]).filter((_, i, all) => i === 0 || i === all.length - 1).map(([id]) => id);
	assert.notEqual(events.get(one), events.get(two), "two embryos that divided at different pictures");
	await page.goto(`${box.url}/${compare(one, two)}`);
	await until(page, alike, "both at one hour");
	await page.locator(".compare-lock").selectOption("t2");
	const gap = events.get(two) - events.get(one);
	const last = (await ask(page, "GET", `/api/embryos/${two}`)).body.runs.at(-1).run;
	await until(page, ([first, second]) => second.run === Math.min(first.run + gap, last), "each from its own t2");
	await page.keyboard.press("Home");
	let [first] = await until(page, ([cell]) => cell.run < events.get(one), "before its t2");
	await page.locator(".cell").first().locator("header a").focus();
	for (let i = 0; i < 12 && first.run < events.get(one); i++) {
		const before = first.run;
		await page.keyboard.press("Alt+ArrowRight");
		[first] = await until(page, ([cell]) => cell.run > before, "the next event");
	}
	await until(page, ([first, second]) => first.run === events.get(one) && second.run === events.get(two), "both at their own t2");
	await page.locator(".compare-lock").selectOption("hours");
	await until(page, alike, "back to hours");
	await page.getByRole("button", { name: "Play" }).click();
	await until(page, (cells) => cells.every(({ run }) => run === last), "all have played to the end");
	await page.getByRole("button", { name: "Play" }).waitFor();
}));

test("six embryos on a small tablet are all seen and touched", () => visit("vera", async (page) => {
	await page.goto(`${box.url}/${compare(ids(claire, 6))}`);
	await until(page, (cells) => cells.length === 6, "six");
	const { boxes, small } = await page.evaluate(() => ({
		boxes: [...document.querySelectorAll(".cell")].map((cell) => cell.getBoundingClientRect().toJSON()),
		small: [...document.querySelectorAll(".cell button, .cell-name, .compare-bar .icon-button, .compare-bar select")].map((entry) => entry.getBoundingClientRect())
			.filter(({ height }) => height < 38).length,
	}));
	assert.ok(boxes.every(({ right, bottom }) => right <= 1024 && bottom <= 768), JSON.stringify(boxes));
	assert.ok(boxes.every(({ width }) => width >= 200), "large enough to be looked at");
	assert.equal(small, 0, "targets that are too small for gloves");
	await page.getByRole("group", { name: /Wells of slide/ }).getByRole("button", { name: "Well 3" }).click();
	await until(page, (cells) => cells.length === 5, "one taken away");
}, { width: 1024, height: 768 }));

test("two patients are never on one screen, also not by a hand-written address", () => visit("vera", async (page) => {
	await page.goto(`${box.url}/${compare(ids(claire, 1), ids(ada, 1))}`);
	await page.getByRole("alert").getByText("more than one patient").waitFor();
	assert.equal(await page.locator(".player, canvas, img").count(), 0);
	for (const { name } of [claire, ada]) assert.equal(await page.getByText(name).count(), 0);
	await page.goto(`${box.url}/#/compare/${ids(claire, 1)}`);
	await page.getByText("Choose two to six").waitFor();
}));

test("the tray is emptied when an embryo of another patient comes in", () => visit("vera", async (page) => {
	for (const cycle of [claire, ada]) {
		await page.goto(`${box.url}/#/embryo/${cycle.embryos[0].embryo}`);
		await page.locator("h1", { hasText: cycle.name }).waitFor();
		await page.locator(".player[data-state=shown]").waitFor();
		await page.keyboard.press("c");
		await page.locator(".tray-button .count", { hasText: "1" }).waitFor();
		await page.keyboard.press("Escape");
		await page.locator(".board").waitFor();
	}
	await page.getByText(`The tray held embryos of ${claire.name}`).waitFor();
	assert.equal(await page.locator(".tray-button .count").innerText(), "1");
}));

test("a link of another patient is caught with both names before anything of hers is shown", () => visit("anna", async (page) => {
	await page.goto(`${box.url}/#/embryo/${claire.embryos[1].embryo}`);
	await page.locator("h1", { hasText: claire.name }).waitFor();
	await page.goto(`${box.url}/#/embryo/${ada.embryos[0].embryo}`);
	const dialog = page.getByRole("dialog", { name: "Another patient" });
	for (const { name, identifier } of [claire, ada]) {
		await dialog.getByText(name, { exact: true }).waitFor();
		await dialog.getByText(identifier, { exact: true }).waitFor();
	}
	assert.equal(await page.locator(".player, canvas").count(), 0, "no picture yet");
	await dialog.getByRole("button", { name: `Stay with ${claire.name}` }).click();
	await page.locator("h1", { hasText: claire.name }).waitFor();
	assert.match(page.url(), new RegExp(`#/embryo/${claire.embryos[1].embryo}\\b`));
	await page.goto(`${box.url}/#/embryo/${ada.embryos[0].embryo}`);
	await dialog.getByRole("button", { name: `Open ${ada.name}` }).click();
	await page.locator("h1", { hasText: ada.name }).waitFor();
	await page.locator(".player[data-state=shown]").waitFor();
	await page.goto(`${box.url}/#/cycle/${claire.cycle}`);
	await dialog.getByText(claire.name, { exact: true }).waitFor();
}));

test("so is one that opens in another window, and the window left behind says why", () => visit("anna", async (page, context) => {
	await page.goto(`${box.url}/#/embryo/${claire.embryos[0].embryo}`);
	await page.locator("h1", { hasText: claire.name }).waitFor();
	const other = await context.newPage();
	await other.goto(`${box.url}/#/embryo/${claire.embryos[2].embryo}`);
	await other.locator("h1", { hasText: claire.name }).waitFor();
	await other.goto(`${box.url}/#/`);
	await other.locator(".board").waitFor();
	await other.goto(`${box.url}/#/embryo/${ada.embryos[0].embryo}`);
	const dialog = other.getByRole("dialog", { name: "Another patient" });
	await dialog.getByText("Another window").waitFor();
	await dialog.getByRole("button", { name: `Open ${ada.name}` }).click();
	await other.locator("h1", { hasText: ada.name }).waitFor();
	await page.locator(".board").waitFor();
	await page.getByText(`You opened ${ada.name}`).waitFor();
}));

test("somebody else signed in meanwhile, a newer box: each is said at once, and no word is written", () => visit("anna", async (page, context) => {
	const embryo = claire.embryos[3].embryo;
	await page.goto(`${box.url}/#/embryo/${embryo}`);
	await page.locator(".player[data-state=shown]").waitFor();
	const other = await context.newPage();
	await other.goto(`${box.url}/`);
	await other.locator(".board").waitFor();
	await other.getByRole("button", { name: "Sign out" }).click();
	await signIn(other, { url: box.url, user: "ben", password: box.password });
	const dialog = page.getByRole("dialog", { name: "Somebody else is signed in" });
	await dialog.getByText("opened by anna, but ben").waitFor();
	await page.keyboard.press("2");
	const human = async () => (await ask(other, "GET", `/api/embryos/${embryo}`)).body.evaluation.events.flatMap((row) => row.human);
	assert.deepEqual(await human(), [], "nothing was written");
	await dialog.getByRole("button", { name: "Load the page again" }).click();
	await page.locator(".tools-user", { hasText: "ben" }).waitFor();
	await page.locator(".player[data-state=shown]").waitFor();

	await page.route("**/api/health", (route) => route.fulfill({ json: { state: "ok", version: "9", build: "newer" } }));
	await page.evaluate(() => globalThis.dispatchEvent(new Event("focus")));
	await page.getByRole("dialog", { name: "The box was updated" }).getByRole("button", { name: "Load the page again" }).waitFor();
}));

test("a slide that changed hands while it was looked at: what is written is refused, and told in a dialog", () => visit("anna", async (page, context) => {
	const other = await context.newPage();
	await other.goto(`${box.url}/`);
	await other.locator(".board").waitFor();
	const embryo = box.inbox.embryos[0].embryo;
	await page.goto(`${box.url}/#/embryo/${embryo}`);
	await page.locator(".player[data-state=shown]").waitFor();
	/* this window hears nothing for a while, as a tablet that slept */
	await page.route("**/api/{changes,stream}*", (route) => route.abort());
	await page.route(`**/api/embryos/${embryo}`, (route) => route.abort());
	assert.equal((await ask(other, "POST", `/api/dishes/${box.inbox.dish}/assign`, { cycle: ada.cycle })).status, 204);
	await page.keyboard.press("2");
	await page.getByRole("dialog", { name: "Not recorded" }).waitFor();
	await page.unrouteAll();
	const { body } = await ask(other, "GET", `/api/embryos/${embryo}`);
	assert.equal(body.patient.name, ada.name);
	assert.deepEqual(body.evaluation.events.flatMap((row) => row.human), []);
	await page.getByRole("button", { name: "Load the page again" }).click();
	await page.locator("h1", { hasText: ada.name }).waitFor();

	/* and where it hears of it, at once */
	const moved = page.getByRole("dialog", { name: "This slide changed hands" });
	assert.equal((await ask(other, "DELETE", `/api/dishes/${box.inbox.dish}/assign`)).status, 204);
	await moved.getByText(ada.name).waitFor();
	await moved.getByText("No patient assigned").waitFor();
	await moved.getByRole("button", { name: "Go to the board" }).click();
	await page.locator(".board").waitFor();
}));

test("a cycle's name that is known already is said before a slide is given away, and the box refuses a second one", () => visit("ben", async (page) => {
	await page.locator(".inbox .button.primary").first().click();
	const dialog = page.getByRole("dialog");
	await dialog.getByRole("button", { name: claire.name }).click();
	const label = dialog.getByLabel("Cycle name");
	await label.fill(` ${claire.label.toLowerCase()}`);
	await dialog.getByText(`${claire.name} has a cycle of this name already`).waitFor();
	await dialog.getByRole("button", { name: "ICSI", exact: true }).click();
	await dialog.getByRole("button", { name: `Assign to ${claire.name}` }).click();
	await dialog.getByRole("alert").getByText("cycle of this label already").waitFor();
	await label.fill(ada.label);
	await dialog.getByText(`also that of ${ada.name} (${ada.identifier})`).waitFor();
	await dialog.getByRole("button", { name: `Assign to ${claire.name}` }).click();
	assert.equal(await dialog.getByRole("checkbox").evaluate((box) => box.validity.valueMissing), true, "it has to be said that the box was looked at");
	await label.fill(claire.label);
	await dialog.getByRole("button", { name: "Take that cycle" }).click();
	assert.equal(await dialog.locator("select").inputValue(), String(claire.cycle));
	await page.keyboard.press("Escape");
	assert.equal(await page.locator(`.inbox[data-dish="${box.inbox.dish}"]`).count(), 1, "nothing was given away");
}));

test("what was mistyped of a patient is corrected on her cohort's page; another one's identifier is refused", () => visit("ben", async (page) => {
	await page.goto(`${box.url}/#/cycle/${claire.cycle}`);
	await page.locator("main.cohort img").first().waitFor();
	await page.getByRole("button", { name: "Correct patient and cycle" }).click();
	const dialog = page.getByRole("dialog");
	await dialog.getByLabel("Full name").fill("Claire Moreau-Petit");
	await dialog.getByLabel("Identifier").fill(ada.identifier);
	await dialog.getByRole("button", { name: "Save" }).click();
	await dialog.getByRole("alert").getByText("identifier").waitFor();
	await dialog.getByLabel("Identifier").fill(claire.identifier);
	await dialog.getByRole("button", { name: "Save" }).click();
	await page.locator("h1", { hasText: "Claire Moreau-Petit" }).waitFor();
}));
