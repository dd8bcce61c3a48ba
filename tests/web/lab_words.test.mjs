/* What people say of embryos, on the real box: annotate, grade, observe, comment, take back; two at once; with the network
 * gone; with the score covered; reading blind. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { ask, box, browserClose, PATIENCE, visit } from "./lib/lab.mjs";
import { runsOf, shown, until } from "./lib/player.mjs";

after(browserClose);

const [first, second, third] = box.cycles;
const path = ({ embryo }, more = "") => `/api/embryos/${embryo}${more}`;
const told = async (page, embryo) => (await ask(page, "GET", path(embryo))).body;
const history = async (page, embryo) => (await ask(page, "GET", path(embryo, "/history"))).body.rows;

/* Until the box says so. */
async function settled(page, asks, check, what) {
	for (const end = Date.now() + PATIENCE; ; await page.waitForTimeout(50)) {
		const answer = await asks();
		if (check(answer)) return answer;
		assert.ok(Date.now() < end, `${what}: ${JSON.stringify(answer)}`);
	}
}
/* Until the picture is painted: an event is set at the one that is seen. */
async function goTo(page, key) {
	await page.locator(".player[data-state=shown]").waitFor();
	const runs = await runsOf(page);
	const here = (await shown(page)).run;
	const to = { Home: runs[0], End: runs.at(-1), ArrowRight: runs[runs.indexOf(here) + 1] }[key];
	await page.keyboard.press(key);
	await until(page, ({ run, state }) => run === to && state === "shown", key);
	return to;
}
const wordsOn = (embryo, event) => embryo.evaluation.events.find((row) => row.event === event).human;
/* And leaves the focus where keys mean the pictures. */
async function tab(page, name) {
	await page.getByRole("tab", { name }).click();
	await page.locator(".identity h1").click();
}
const segment = (page, group, name) => page.getByRole("group", { name: group, exact: true }).getByRole("button", { name, exact: true });
const undo = (page) => page.keyboard.press("Control+z");
const redo = (page) => page.keyboard.press("Control+Shift+z");
const at = ({ embryo }) => ({ hash: `#/embryo/${embryo}` });

test("events, a grade, an observation, a comment and a decision are undone and redone from one stack", async () => {
	const embryo = first.embryos[0];
	await visit("anna", async (page) => {
		const ask = () => told(page, embryo);
		await goTo(page, "Home");
		await page.keyboard.press("2");
		await page.locator("tr[data-event=t2] .event-word", { hasText: "anna" }).waitFor();
		await segment(page, "Stage that is graded", "Blastocyst").click();
		await segment(page, "Expansion", "4").click();
		await segment(page, "Inner cell mass", "A").click();
		await segment(page, "Trophectoderm", "B").click();
		await page.getByRole("button", { name: "Save grade" }).click();
		await page.locator(".grade-value", { hasText: "4AB" }).waitFor();
		await tab(page, "Assess");
		await segment(page, "Pronuclei", "2").click();
		await segment(page, "Fragments (%), 4 cells", "10").click();
		await segment(page, "Fragments (%), 4 cells", "20").click();
		await page.getByPlaceholder("What should colleagues know?").fill("two polar bodies\nseen at 18 h");
		await page.getByRole("button", { name: "Add comment" }).click();
		await page.locator(".comment", { hasText: "two polar bodies" }).waitFor();
		await page.getByRole("button", { name: "Freeze", exact: true }).click();
		await page.getByRole("button", { name: "Record: Freeze" }).click();
		const full = await settled(page, ask, ({ decisions, evaluation }) => decisions.length === 1
			&& evaluation.events.some(({ event, human }) => event === "t2" && human.length === 1), "all was taken");
		assert.deepEqual(full.grades.map(({ text, author }) => [text, author]), [["4AB", "anna"]]);
		assert.deepEqual(full.observations.map(({ kind, value }) => `${kind} ${value}`).sort(), ["fragmentation-4-cell 20", "pronuclei 2"]);
		assert.equal(full.comments[0].text, "two polar bodies\nseen at 18 h");
		await page.locator(".identity h1").click();
		for (let i = 0; i < 7; i++) await undo(page);
		const empty = await settled(page, ask, (now) => wordsOn(now, "t2").length === 0 && now.grades.length === 0 && now.observations.length === 0
			&& now.comments.length === 0 && now.decisions.length === 0, "all was taken back");
		assert.equal(empty.covered, true, "who takes the grade back has not graded");
		await undo(page);
		await page.getByText("Nothing to undo.").waitFor();
		for (let i = 0; i < 7; i++) await redo(page);
		await settled(page, ask, (now) => wordsOn(now, "t2").length === 1 && now.grades[0]?.text === "4AB" && now.observations.length === 2
			&& now.comments[0]?.text.startsWith("two polar") && now.decisions[0]?.decision === "freeze", "all was said again");
		await tab(page, "History");
		await page.locator(".history-row[data-what=comment].over", { hasText: "taken back" }).waitFor();
		await page.locator(".history-row[data-what=observation].over", { hasText: "replaced" }).first().waitFor();
		assert.ok((await history(page, embryo)).length >= 9, "the box keeps every word");
	}, at(embryo));
});

test("two people who annotate the same embryo at once lose nothing", async () => {
	const embryo = first.embryos[1];
	const say = (user, event, value) => visit(user, async (page) => {
		await goTo(page, user === "anna" ? "Home" : "End");
		await Promise.all(["3", "4", "5"].map((key) => page.keyboard.press(key)));
		await segment(page, "Stage that is graded", "Morula").click();
		await segment(page, "Quality", value).click();
		await tab(page, "Assess");
		await segment(page, "Compaction", value === "Top" ? "Full" : "Partial").click();
		const all = await settled(page, () => told(page, embryo), (now) => ["t3", "t4", "t5"].every((name) => wordsOn(now, name).length === 2)
			&& now.grades.length === 2 && now.observations.length === 2, "both people's words");
		assert.deepEqual(wordsOn(all, "t4").map(({ author }) => author).sort(), ["anna", "ben"]);
		assert.notEqual(wordsOn(all, "t4")[0].run, wordsOn(all, "t4")[1].run);
		await page.locator(".kind[data-kind=compaction] .kind-others", { hasText: user === "anna" ? "ben" : "anna" }).waitFor();
		await page.locator(".grade-now", { hasText: user === "anna" ? "ben" : "anna" }).waitFor();
	}, at(embryo));
	await Promise.all([say("anna", "t2", "Top"), say("ben", "t2", "Low")]);
});

test("a browser that goes offline in mid-annotation says so, keeps the work over a reload and sends it once", async () => {
	const embryo = first.embryos[2];
	await visit("anna", async (page, context) => {
		const run = await goTo(page, "Home");
		await tab(page, "Assess");
		await page.keyboard.press("2");
		await page.locator(".outbox", { hasText: "saved" }).waitFor();
		await context.setOffline(true);
		await page.keyboard.press("3");
		await page.locator(".outbox.waiting", { hasText: "1 change not yet sent" }).waitFor();
		await segment(page, "Pronuclei", "3").click();
		await page.getByPlaceholder("What should colleagues know?").fill("said in the dark");
		await page.getByRole("button", { name: "Add comment" }).click();
		await page.getByPlaceholder("What should colleagues know?").fill("never meant");
		await page.getByRole("button", { name: "Add comment" }).click();
		await page.locator(".comment", { hasText: "never meant" }).waitFor();
		await page.locator(".identity h1").click();
		await undo(page);
		await page.locator(".comment", { hasText: "never meant" }).waitFor({ state: "detached" });
		await page.locator(".outbox.waiting", { hasText: "5 changes not yet sent" }).waitFor();
		await page.locator(".comment", { hasText: "said in the dark" }).waitFor();
		/* the box is back, and the page that said all this is gone: nothing may be sent before the reload */
		await page.route("**/api/**", (route) => (route.request().method() === "GET" ? route.continue() : route.abort()));
		await context.setOffline(false);
		page.on("dialog", (dialog) => void dialog.accept());
		await page.reload();
		await page.locator(".outbox.waiting", { hasText: "5 changes not yet sent" }).waitFor();
		assert.equal((await told(page, embryo)).comments.length, 0);
		await page.unroute("**/api/**");
		await page.locator(".outbox", { hasText: "saved" }).waitFor();
		const all = await settled(page, () => told(page, embryo), (now) => wordsOn(now, "t3").length === 1, "what was said");
		assert.equal(wordsOn(all, "t3")[0].run, run);
		assert.deepEqual(all.comments.map(({ text }) => text), ["said in the dark"]);
		assert.deepEqual(all.observations.map(({ kind, value }) => [kind, value]), [["pronuclei", "3"]]);
		const rows = await history(page, embryo);
		assert.deepEqual(rows.map(({ what }) => what).sort(), ["comment", "comment", "event", "event", "observation"], "each once");
	}, at(embryo));
});

test("an act whose answer was lost is sent again and taken once", async () => {
	const embryo = first.embryos[3];
	await visit("anna", async (page) => {
		await goTo(page, "Home");
		await tab(page, "Assess");
		let lost = 0;
		await page.route("**/comments", async (route) => {
			if (lost++ > 0) return route.continue();
			await route.fetch();
			return route.abort();
		});
		await page.getByPlaceholder("What should colleagues know?").fill("once");
		await page.getByRole("button", { name: "Add comment" }).click();
		await page.locator(".outbox", { hasText: "saved" }).waitFor();
		assert.ok(lost > 1, "it was sent again");
		assert.deepEqual((await told(page, embryo)).comments.map(({ text }) => text), ["once"]);
	}, at(embryo));
});

test("what the box refuses when it is back is told and kept for its person to see", async () => {
	const embryo = first.embryos[4];
	await visit("anna", async (page, context) => {
		await goTo(page, "Home");
		await tab(page, "Assess");
		await context.setOffline(true);
		await page.getByPlaceholder("What should colleagues know?").fill("refused");
		await page.getByRole("button", { name: "Add comment" }).click();
		await page.locator(".outbox.waiting").waitFor();
		await page.route("**/comments", (route) => route.fulfill({ status: 409, json: { error: { code: "conflict", message: "No room for comments." } } }));
		await context.setOffline(false);
		await page.getByText("Comment was refused: No room for comments.").waitFor();
		await page.unroute("**/comments");
		await page.reload();
		await page.getByRole("button", { name: "1 change refused" }).click();
		await page.locator(".refused", { hasText: "No room for comments." }).getByRole("button", { name: "Send again" }).click();
		await settled(page, () => told(page, embryo), ({ comments }) => comments.length === 1, "sent again by a person");
		await page.locator(".outbox.bad").waitFor({ state: "detached" });
	}, at(embryo));
});

test("words that wait go out under nobody else's name", async () => {
	const embryo = first.embryos[5];
	await visit("anna", async (page) => {
		await page.route("**/annotations", (route) => route.abort());
		const run = await goTo(page, "Home");
		await page.keyboard.press("2");
		await page.locator(".outbox.waiting").waitFor();
		/* somebody else signs in, in another window of the same browser */
		await ask(page, "POST", "/api/session", { name: "ben", password: box.password });
		const refusal = page.waitForResponse((response) => response.url().endsWith("/annotations") && response.status() === 409);
		await page.unroute("**/annotations");
		await refusal;
		await page.getByRole("dialog").waitFor();
		page.on("dialog", (dialog) => void dialog.accept());
		await page.reload();
		await page.locator(".tools-user", { hasText: "ben" }).waitFor();
		await page.locator(".player[data-state=shown]").waitFor();
		assert.equal(await page.locator(".outbox.waiting").count(), 0);
		assert.equal((await history(page, embryo)).length, 0, "nothing was said by anybody");
		await page.getByRole("button", { name: "Sign out" }).click();
		await page.locator("input[name=name]").fill("anna");
		await page.locator("input[name=password]").fill(box.password);
		await page.locator("form button").click();
		await page.locator(".tools-user", { hasText: "anna" }).waitFor();
		const [row] = await settled(page, () => history(page, embryo), (rows) => rows.length > 0, "anna's word, when anna is back");
		assert.deepEqual([row.author, row.name, row.run], ["anna", "t2", run]);
	}, at(embryo));
});

test("the score stays covered until the embryologist has graded; a viewer sees it", async () => {
	const embryo = second.embryos[0];
	await visit("ben", async (page) => {
		await page.locator(".verdict .cover", { hasText: "The score is covered" }).waitFor();
		assert.equal(await page.locator(".rank-number").count(), 0);
		assert.deepEqual([(await told(page, embryo)).rank, (await told(page, embryo)).evaluation.profiles], [null, []], "nor does the box tell it");
		await segment(page, "Stage that is graded", "Cleavage").click();
		await segment(page, "Quality", "Intermediate").click();
		await page.locator(".grade-value", { hasText: "Cleavage: Intermediate" }).waitFor();
		await page.locator(".verdict .cover", { hasText: "every embryo of this cycle" }).waitFor();
		await tab(page, "Scores");
		await page.locator(".profile").first().waitFor();
		for (const { embryo: id } of second.embryos.slice(1)) {
			assert.equal((await ask(page, "POST", `/api/embryos/${id}/grade`, { stage: "cleavage", quality: "low" })).status, 204);
		}
		await page.locator(".verdict .rank-of").waitFor();
	}, at(embryo));
	await visit("vera", async (page) => {
		await page.locator(".verdict .rank-of").waitFor();
		assert.equal(await page.locator(".cover").count(), 0);
		await page.locator(".player[data-state=shown]").waitFor();
		await page.keyboard.press("2");
		await page.getByText("You may look but not annotate").waitFor();
	}, at(embryo));
});

test("a blind second reading sees nothing of the first, and its end shows both side by side", async () => {
	const embryo = third.embryos[0];
	let run = 0;
	await visit("anna", async (page) => {
		run = await goTo(page, "Home");
		await page.keyboard.press("2");
		await segment(page, "Stage that is graded", "Cleavage").click();
		await segment(page, "Quality", "Top").click();
		await tab(page, "Assess");
		await segment(page, "Cell sizes, 2 cells", "Even").click();
		await settled(page, () => told(page, embryo), (now) => wordsOn(now, "t2").length === 1 && now.observations.length === 1, "the first reading");
		assert.equal((await ask(page, "POST", path(embryo, "/second-reading"), { state: "begin" })).status, 409, "who has spoken cannot read blind");
	}, at(embryo));
	await visit("ben", async (page) => {
		await goTo(page, "End");
		await tab(page, "Assess");
		await page.getByRole("button", { name: "Read blind" }).click();
		await page.locator(".mode-bar", { hasText: "You read blind" }).waitFor();
		await page.locator(".mode-bar", { hasText: "It was shown to you before" }).waitFor();
		await page.locator(".player .caption.top.right").waitFor({ state: "detached" });
		const blind = await told(page, embryo);
		assert.deepEqual([blind.grades, blind.observations, blind.comments, blind.decisions, blind.rank], [[], [], [], [], null]);
		assert.ok(blind.runs.every(({ stage, cells, fragmentation }) => stage === null && cells === null && fragmentation === null));
		assert.ok(blind.evaluation.events.every((row) => row.automatic === null && row.human.length === 0));
		assert.equal((await history(page, embryo)).filter(({ author }) => author === "anna").length, 0, "the history tells nothing either");
		assert.doesNotMatch(await page.locator(".side").innerText(), /anna/);
		assert.equal(await page.locator(".grade-now, .kind-others, .comment, .profile, .flag, .rank-number").count(), 0);
		await tab(page, "Events");
		assert.equal(await page.locator(".event-time, .event-word").count(), 0);
		await goTo(page, "Home");
		await goTo(page, "ArrowRight");
		await page.keyboard.press("2");
		await page.locator("tr[data-event=t2] .event-word", { hasText: "ben" }).waitFor();
		await segment(page, "Stage that is graded", "Cleavage").click();
		await segment(page, "Quality", "Top").click();
		await tab(page, "Assess");
		await segment(page, "Cell sizes, 2 cells", "Uneven").click();
		await page.locator(".outbox", { hasText: "saved" }).waitFor();
		await page.getByRole("button", { name: "End and compare" }).click();
		const sides = page.getByRole("dialog");
		await sides.getByRole("columnheader", { name: "anna" }).waitFor();
		await sides.getByRole("row", { name: /Cell sizes, 2 cells.*Even.*Uneven.*differ/ }).waitFor();
		await sides.getByRole("row", { name: /Grade, Cleavage.*Top.*Top.*same/ }).waitFor();
		await sides.getByRole("row", { name: /2 cells .* h$/ }).waitFor();
		const all = await told(page, embryo);
		assert.equal(wordsOn(all, "t2").find(({ author }) => author === "anna").run, run);
		await page.keyboard.press("Escape");
		await sides.waitFor({ state: "detached" });
		await tab(page, "History");
		await page.locator(".history-row", { hasText: "Second reading begun, after what was said had been shown" }).waitFor();
	}, at(embryo));
});

test("a reading is blind from the start only for who was shown nothing before, on this computer or another", async () => {
	const [unseen, seen] = [third.embryos[1].embryo, second.embryos[1].embryo];
	const begin = async (page, embryo) => {
		assert.equal((await ask(page, "POST", `/api/embryos/${embryo}/second-reading`, { state: "begin" })).status, 204);
		await page.goto(`${box.url}/#/embryo/${embryo}`);
		await page.locator(".mode-bar", { hasText: "You read blind" }).waitFor();
	};
	const end = (page) => page.getByRole("button", { name: "End and compare" }).click();
	await visit("root", async (page) => {
		await begin(page, unseen);
		assert.equal(await page.locator(".mode-bar", { hasText: "shown to you before" }).count(), 0);
		await tab(page, "History");
		await page.locator(".history-row", { hasText: /Second reading begun$/ }).waitFor();
		await end(page);
		await page.locator(".mode-bar").waitFor({ state: "detached" });
	});
	/* the cohort tells of each of its embryos */
	await visit("root", (page) => page.locator(".well").first().waitFor(), { hash: `#/cycle/${second.cycle}` });
	await visit("root", async (page) => {
		await begin(page, seen);
		await page.locator(".mode-bar", { hasText: /It was shown to you before, on .* at \d\d:\d\d: this reading is kept as one that was not blind/ }).waitFor();
		await end(page);
		await page.locator(".mode-bar").waitFor({ state: "detached" });
	});
});

test("an administrator settles the score and the pixel size, a person the language and the theme", async () => {
	await visit("root", async (page) => {
		const score = (name) => segment(page, "Score after own grade", name);
		await score("Off").click();
		await settled(page, async () => (await ask(page, "GET", "/api/settings")).body, (now) => now.score_after_grade === false, "the setting");
		assert.equal((await told(page, third.embryos[1])).covered, false);
		await score("On").click();
		await page.locator(".setting-pixel input").first().fill("0.52");
		await page.keyboard.press("Tab");
		await settled(page, () => told(page, third.embryos[1]), (now) => now.pixel_um === 0.52 && now.covered, "the pixel size");
		await segment(page, "Theme", "Light").click();
		assert.equal(await page.locator("html").getAttribute("data-theme"), "light");
		await segment(page, "Language", "Français").click();
		await page.getByRole("heading", { name: "Réglages" }).waitFor();
		assert.equal(await page.locator("html").getAttribute("lang"), "fr");
	}, { hash: "#/settings" });
	await visit("anna", async (page) => {
		await page.getByText("Only an administrator can change these.").waitFor();
		assert.equal(await segment(page, "Score after own grade", "Off").isDisabled(), true);
		assert.equal((await ask(page, "PUT", "/api/settings", { score_after_grade: false })).status, 403);
	}, { hash: "#/settings", meant: /status of 403/ });
});
