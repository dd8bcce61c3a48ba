/* The morning board and the cohort page against the real box, as an embryologist goes through a morning. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { ask, box, browserClose, visit } from "./lib/lab.mjs";

after(browserClose);
const [claire, ada, maja] = box.cycles;
const card = (page, { cycle }) => page.locator(`[data-cycle="${cycle}"]`);
const toggle = (page, name) => page.locator(".filters").getByRole("button", { name });
const wells = (page) => page.locator(".well").evaluateAll((list) => list.map((well) => Number(well.dataset.well)));
const badge = (page, { embryo }) => page.locator(`[data-embryo="${embryo}"] .tile-rank`);

/* Sets when the dish was inseminated so that its newest picture is so many hours old as an embryo. */
async function growTo(page, { dish, embryos }, hours) {
	const put = async (clock_s) => assert.equal((await ask(page, "PUT", `/api/dishes/${dish}/insemination`, { clock_s })).status, 204);
	const newest = async () => Math.max(...await Promise.all(embryos.map(async ({ embryo }) =>
		(await ask(page, "GET", `/api/embryos/${embryo}`)).body.runs.at(-1).time_s)));
	await put(0);
	await put(await newest() - Math.round(hours * 3600));
}
const gradeAll = async (page, { embryos }) => {
	for (const { embryo } of embryos) await ask(page, "POST", `/api/embryos/${embryo}/grade`, { stage: "blastocyst", expansion: 1 + (embryo % 2) });
};

test("the board finds a patient by name, identifier, slide and cycle, with or without accents", () => visit("vera", async (page) => {
	await card(page, claire).waitFor();
	const search = page.getByRole("searchbox");
	for (const [words, found] of [["morÉau", claire], ["p-1002", ada], ["S00103", maja], ["icsi day 3", maja]]) {
		await search.fill(words);
		await page.locator("[data-cycle]").nth(1).waitFor({ state: "detached" });
		await card(page, found).waitFor();
	}
	await search.fill("nobody of that name");
	await page.getByText("Nothing on the board matches").waitFor();
}));

test("buttons above the board leave what needs a person, by method, and say how many", () => visit("vera", async (page) => {
	await card(page, ada).waitFor();
	assert.match(await toggle(page, /^ICSI/).innerText(), /2$/);
	await toggle(page, /^IVF/).click();
	await card(page, claire).waitFor({ state: "detached" });
	await card(page, ada).waitFor();
	/* nobody is of both methods: one lets go of the other */
	await toggle(page, /^ICSI/).click();
	await card(page, ada).waitFor({ state: "detached" });
	assert.equal(await toggle(page, /^IVF/).getAttribute("aria-pressed"), "false");
	await toggle(page, /^ICSI/).click();
	await toggle(page, /^Needs me/).click();
	const named = page.locator(".needs a").first();
	assert.match(await named.innerText(), /Well \d+\s+\S/, "a sentence that names the well");
	await named.click();
	await page.locator(".player[data-state=shown]").waitFor();
}));

test("a check that is due is said with its hours, for ICSI and for IVF", () => visit("anna", async (page) => {
	await card(page, ada).waitFor();
	await growTo(page, claire, 63);
	await growTo(page, ada, 63);
	/* 62-64 h for ICSI, 64-66 h for IVF: best an hour either side of 63 and 65 h */
	await card(page, claire).getByText(/^8-cell check now, until \d\d:\d\d$/).waitFor();
	await card(page, ada).getByText(/^8-cell check from \d\d:\d\d to \d\d:\d\d$/).waitFor();
	await toggle(page, /^Due for a check/).click();
	await card(page, maja).waitFor({ state: "detached" });
	await growTo(page, claire, 116);
	await growTo(page, ada, 116);
	await card(page, claire).waitFor({ state: "detached" });
	await card(page, ada).waitFor({ state: "detached" });
}));

test("ranks and scores stay covered, on board and cohort, until every embryo of the slide is graded", () => visit("anna", async (page) => {
	const first = ada.embryos[0];
	await card(page, ada).getByText("6 to grade").waitFor();
	await badge(page, first).getByText("Covered until you have graded it").waitFor({ state: "attached" });
	assert.doesNotMatch(await card(page, ada).innerText(), /Before well|Rank \d/);
	await card(page, ada).getByRole("link", { name: /^Cohort/ }).click();
	await page.getByText("covered until you have graded every embryo of it: 6 to go").waitFor();
	assert.deepEqual(await wells(page), [1, 2, 3, 4, 5, 6], "in the dish's own order");
	assert.equal(await page.locator(".scores").count(), 0);
	const told = (await ask(page, "GET", `/api/cycles/${ada.cycle}?profile=mizobe-2017`)).body.dishes[0].embryos;
	assert.ok(told.every((embryo) => embryo.rank === null && embryo.profiles.length === 0 && embryo.grade === null && embryo.reasons.length === 0));
	await gradeAll(page, ada);
	await page.locator(".scores").waitFor();
	await badge(page, first).getByText(/\d$/).waitFor();
	await page.locator(`[data-embryo="${first.embryo}"] .well-grade`).getByText("2", { exact: true }).waitFor();
}));

test("the cohort is ordered, filtered, and ranked with a profile whose doubts are said aloud", () => visit("vera", async (page) => {
	const head = page.locator("header.head");
	await head.getByText("Ada Okafor").waitFor();
	await head.getByText("P-1002").waitFor();
	const box_ = (await ask(page, "GET", `/api/cycles/${ada.cycle}`)).body;
	const { embryos } = box_.dishes[0];
	await page.getByRole("group", { name: "Order" }).getByRole("button", { name: "Rank" }).click();
	const byRank = [...embryos].sort((a, b) => (a.rank ?? 99) - (b.rank ?? 99) || a.well - b.well).map((embryo) => embryo.well);
	assert.deepEqual(await wells(page), byRank);
	const best = embryos.find((embryo) => embryo.rank === 1);
	for (const reason of best.reasons) await page.locator(`[data-embryo="${best.embryo}"]`).getByText(reason).waitFor();
	await page.locator(`[data-embryo="${best.embryo}"] .line svg[aria-label*="h"]`).waitFor();
	await page.getByLabel("Rank with").selectOption("meseguer-2011");
	await page.getByRole("status").getByText("the constants were not checked").waitFor();
	await page.locator(".scores .chosen", { hasText: "Meseguer 2011" }).waitFor();
	await page.locator(".well-why").first().getByText(/Meseguer 2011: /).first().waitFor(); /* the reasons name the profile */
	assert.equal(await page.locator(".scores tbody tr").count(), box_.profiles.length, "all profiles side by side");
	await page.locator(".scores [data-profile=campbell-2013]").getByText("Unverified").waitFor();
	await page.locator(".scores td small", { hasText: /^needs / }).first().waitFor();
	await page.getByRole("group", { name: "Order" }).getByRole("button", { name: "Profile" }).click();
	const look = toggle(page, /^Needs me/);
	const count = Number((await look.innerText()).match(/\d+$/)[0]);
	await look.click();
	assert.equal(await page.locator(".well").count(), count);
}, { hash: `#/cycle/${ada.cycle}` }));

test("the machine's sentences are said in the language of the screen, people's names as they are", () => visit("vera", async (page) => {
	await page.locator(".well-why").getByText(/stade atteint : blastocyste/).first().waitFor();
	await page.locator(".scores td small", { hasText: /^il faut / }).first().waitFor();
	await page.locator(".scores").getByText("Meseguer 2011").waitFor();
}, { hash: `#/cycle/${ada.cycle}`, locale: "fr-FR" }));

test("an embryo that is open while the language changes is asked for anew in it", () => visit("vera", async (page) => {
	await card(page, ada).waitFor();
	const pages = await Promise.all(ada.embryos.map(async ({ embryo }) => (await ask(page, "GET", `/api/embryos/${embryo}`)).body));
	const { embryo } = pages.find(({ evaluation }) => evaluation.profiles.some(({ reason }) => reason?.startsWith("needs ")));
	let arrive;
	const late = new Promise((resolve) => { arrive = resolve; });
	await page.route(/review_fr-.*\.js$/, async (route) => {
		await late;
		await route.continue();
	});
	await page.getByRole("combobox", { name: "Language" }).selectOption("fr");
	await page.goto(`${box.url}/#/embryo/${embryo}`);
	await page.locator("#tab-scores").click();
	await page.locator(".profile-not", { hasText: /needs / }).first().waitFor();
	arrive();
	await page.locator(".profile-not", { hasText: /il faut / }).first().waitFor();
	assert.equal(await page.locator(".profile-not", { hasText: /needs / }).count(), 0);
}));

test("a decision is seen on the cohort and the board as it is made; what is all decided goes last", () => visit("anna", async (page, context) => {
	const other = await context.newPage();
	await other.goto(`${box.url}/#/`);
	await card(other, maja).waitFor();
	for (const { embryo } of maja.embryos) await ask(page, "POST", `/api/embryos/${embryo}/decisions`, { decision: "freeze", reason: "" });
	await page.locator(".decide-by.done").waitFor();
	await page.locator(`[data-embryo="${maja.embryos[0].embryo}"]`).getByText("Freeze").waitFor();
	await card(other, maja).getByText("All decided").waitFor();
	assert.equal(await other.locator("[data-cycle]").last().getAttribute("data-cycle"), String(maja.cycle));
	await toggle(other, /^Undecided/).click();
	await card(other, maja).waitFor({ state: "detached" });
}, { hash: `#/cycle/${maja.cycle}` }));

test("two to six wells are picked for comparing by key and by finger", () => visit("anna", async (page) => {
	const [one, two] = claire.embryos;
	await page.locator(`[data-embryo="${one.embryo}"] a`).focus();
	await page.keyboard.press("c");
	await page.locator(`[data-embryo="${two.embryo}"] .compare-toggle`).click();
	await page.locator(".tray-button").click();
	await page.waitForURL(`**/#/compare/${one.embryo},${two.embryo}`);
}, { hash: `#/cycle/${claire.cycle}` }));

test("a cycle that is long past is found by the search, and its cohort opens", () => visit("root", async (page) => {
	const patient = (await ask(page, "POST", "/api/patients", { name: "Élise Gone", identifier: "P-0007", born: "" })).body.id;
	await ask(page, "POST", "/api/cycles", { patient, label: "2019-03 first", method: "IVF", decision: "2019-03-09T07:30:00Z" });
	await page.reload();
	await card(page, ada).waitFor();
	assert.equal(await page.getByText("Élise Gone").count(), 0);
	await page.getByRole("searchbox").fill("elise");
	await page.getByRole("link", { name: /Élise Gone.*2019-03 first/ }).click();
	await page.getByText("No slide has been given to this cycle").waitFor();
}));

test("a slide that names no insemination time is given it by the age at its first picture, on the board and on the cohort's page", async () => {
	const firstHours = async (page, { embryos }) => Math.min(...await Promise.all(embryos.map(async ({ embryo }) =>
		(await ask(page, "GET", `/api/embryos/${embryo}`)).body.runs[0].time_s / 3600)));
	const forget = async (page, { dish }) => assert.equal((await ask(page, "PUT", `/api/dishes/${dish}/insemination`, { clock_s: null })).status, 204);
	const untimed = (page, { slide }) => page.getByText(`Slide ${slide} names no insemination time`);
	await visit("ben", async (page) => {
		await forget(page, box.inbox);
		await untimed(page, box.inbox).waitFor();
		await page.getByRole("button", { name: "Enter it" }).click();
		const field = page.getByRole("dialog").getByLabel("First picture, hours after insemination");
		const save = page.getByRole("dialog").getByRole("button", { name: "Save" });
		for (const wrong of ["", "soon", "-1", "48.1", "17:30"]) {
			await field.fill(wrong);
			await save.click();
			assert.equal(await field.evaluate(({ validity }) => validity.valid), false, wrong);
		}
		await field.fill("17,5");
		await save.click();
		await untimed(page, box.inbox).waitFor({ state: "detached" });
		assert.equal(await firstHours(page, box.inbox), 17.5);
		await page.goto(`${box.url}/#/embryo/${box.inbox.embryos[0].embryo}`);
		await page.locator(".player[data-state=shown]").waitFor();
		await page.keyboard.press("Home");
		await page.locator(".caption-time", { hasText: /^17\.5/ }).waitFor();
	});
	await visit("ben", async (page) => {
		await page.locator(".cohort-dish").waitFor();
		await forget(page, maja);
		await untimed(page, maja).waitFor();
		await page.getByRole("button", { name: "Correct patient and cycle" }).click();
		await page.getByRole("dialog").getByLabel(`First picture of ${maja.slide}`).fill("18.25");
		await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
		await untimed(page, maja).waitFor({ state: "detached" });
		assert.equal(await firstHours(page, maja), 18.25);
	}, { hash: `#/cycle/${maja.cycle}` });
});

test("the embryos of a cycle with two slides are ranked together, on cohort and board, and apart again when one slide leaves", async () => {
	const at = (cycle) => ["POST", `/api/dishes/${claire.dish}/assign`, { cycle }];
	const leave = ["DELETE", `/api/dishes/${claire.dish}/assign`];
	const move = (...steps) => visit("root", async (page) => {
		for (const step of steps) assert.equal((await ask(page, ...step)).status, 204);
	});
	/* as places in a race: so many are before it, whatever slide they are on */
	const settled = (page, within, count) => page.waitForFunction(([wanted, many]) => {
		const ranks = [...document.querySelectorAll(`${wanted} .tile-rank`)].map((badge) => Number(/\d+$/.exec(badge.textContent)?.[0] ?? 0)).filter(Boolean);
		return ranks.length === many && ranks.every((rank) => rank === 1 + ranks.filter((other) => other < rank).length);
	}, [within, count]);
	await move(leave, at(ada.cycle));
	await visit("vera", async (page) => {
		await settled(page, "main", 11);
		await page.locator(".well-why li", { hasText: `of slide ${claire.slide}` }).first().waitFor();
		await page.locator(".well-why li", { hasText: `of slide ${ada.slide}` }).first().waitFor();
		await page.getByLabel("Rank with").selectOption("meseguer-2011");
		await page.locator(".well-why").first().getByText(/Meseguer 2011: /).first().waitFor();
		await settled(page, "main", 11);
		const best = (await ask(page, "GET", `/api/cycles/${ada.cycle}`)).body.dishes.flatMap((dish) => dish.embryos).find((embryo) => embryo.rank === 1);
		await page.goto(`${box.url}/#/embryo/${best.embryo}`);
		await page.locator(".rank-of", { hasText: "11" }).waitFor();
		await page.goto(`${box.url}/#/`);
		for (const more of await card(page, ada).getByRole("button", { name: /^All/ }).all()) await more.click();
		await settled(page, `[data-cycle="${ada.cycle}"]`, 11);
	}, { hash: `#/cycle/${ada.cycle}` });
	await move(leave, at(claire.cycle));
	await visit("vera", async (page) => {
		await settled(page, "main", 6);
		assert.equal(await page.getByText("of slide D").count(), 0);
	}, { hash: `#/cycle/${ada.cycle}` });
});
