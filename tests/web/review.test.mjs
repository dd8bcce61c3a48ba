/* The lab screen in a browser, doing what a person does. Against the pretended box, or the real one named by BASE_URL,
 * USER and PASSWORD; what needs the pretended clinic's own patients is skipped there. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible } from "./lib/access.mjs";
import { boxStart } from "./lib/box.mjs";
import { allSaid, browserStart, pageOpen, signIn } from "./lib/browser.mjs";
import { runsOf, shown, until } from "./lib/player.mjs";

const PATIENCE = 20000;
let box;
let browser;

before(async () => {
	box = await boxStart();
	browser = await browserStart();
});
after(async () => {
	await browser?.close();
	box?.stop();
});

/* Opens a signed-in page, runs the steps, and fails on anything the browser complained about. */
async function visit(steps, options) {
	const { context, page, problems } = await pageOpen(browser, options);
	page.setDefaultTimeout(PATIENCE);
	try {
		await signIn(page, box);
		await steps(page);
		await allSaid(page);
		assert.deepEqual(problems, [], "errors in the browser's console");
	} finally {
		await context.close();
	}
}
const real = () => (box.pretended ? false : "needs the pretended clinic");

/* The first embryo on the board that has pictures. By way of the board: from one patient straight to another the page asks. */
async function openEmbryo(page, hash) {
	await page.goto(`${box.url}/#/`);
	await page.locator(".board").waitFor(); /* two addresses at once are one step: the way over the board would not count */
	if (hash && box.pretended) await page.goto(`${box.url}/#/embryo/${hash}`);
	else await page.locator(".tile:has(img)").first().click();
	await page.locator(".player[data-state=shown]").waitFor();
}

test("sign-in refuses a wrong password in one sentence, then lets in", async () => {
	const { context, page, problems } = await pageOpen(browser);
	await page.goto(`${box.url}/`);
	await accessible(page, "sign-in");
	await page.locator("input[name=name]").fill(box.user);
	await page.locator("input[name=password]").fill("not the password");
	await page.keyboard.press("Enter");
	await page.getByRole("alert").getByText("do not belong together").waitFor();
	assert.equal(await page.locator("input[name=password]").inputValue(), "");
	await page.locator("input[name=password]").fill(box.password);
	await page.keyboard.press("Enter");
	await page.locator(".board").waitFor();
	assert.deepEqual(problems, []);
	await context.close();
});

test("the board shows ranked embryos, each with rank, well and stage", () => visit(async (page) => {
	await page.locator(".tile img").first().waitFor();
	const first = page.locator(".tile").first();
	/* a box where the score waits for the own grade says that instead */
	assert.match(await first.locator(".tile-rank").textContent(), /^(Rank =?1|Covered until you have graded it)$/);
	assert.match(await first.locator(".tile-well").innerText(), /Well \d+/);
	assert.match(await first.locator(".tile-line").innerText(), /Blastocyst|Morula|Cleavage|Zygote/);
	await page.waitForFunction(() => [...document.querySelectorAll(".tile img")].every((image) => !image.complete || image.naturalWidth > 0));
	await accessible(page, "the board");
}));

test("search finds a slide, and says so when there is none", () => visit(async (page) => {
	await page.locator(".tile").first().waitFor();
	await page.keyboard.press("/");
	await page.keyboard.type("nobody of that name");
	await page.getByText("Nothing on the board matches").waitFor();
	await page.keyboard.press("Escape");
	await page.locator(".tile").first().waitFor();
}));

test("reading moves a bar by itself, and goes on when the stream breaks", async (context) => {
	if (real()) return context.skip(real());
	await visit(async (page) => {
		const bar = page.locator("[data-cycle='2'] [role=progressbar]");
		const value = async () => Number(await bar.getAttribute("aria-valuenow"));
		const start = await value();
		await page.waitForFunction((from) => Number(document.querySelector("[data-cycle='2'] [role=progressbar]").ariaValueNow) > from, start);
		box.dropStreams();
		await page.waitForTimeout(300);
		const later = await value();
		await page.waitForFunction((from) => Number(document.querySelector("[data-cycle='2'] [role=progressbar]").ariaValueNow) > from, later);
		await page.locator(".link.live").waitFor();
	});
});

test("a network that is cut is said with its hour, and the page goes on when it is back", () => visit(async (page) => {
	await page.locator(".link.live").waitFor();
	await page.context().setOffline(true);
	await page.locator(".link.unreachable", { hasText: /unreachable since \d\d:\d\d/ }).waitFor();
	await page.context().setOffline(false);
	await page.locator(".link.live").waitFor();
}));

test("a quarantined import shows its sentence; an upload shows what came of it", async (context) => {
	if (real()) return context.skip(real());
	await visit(async (page) => {
		await page.locator(".import.quarantined").getByText("names a file outside its own folder").waitFor();
		await page.locator("input[type=file]").setInputFiles({ name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("no export") });
		await page.getByText("notes.txt is on the box").waitFor();
		await page.locator(".import", { hasText: "notes.txt" }).getByText("not an export Daybreak knows").waitFor();
	});
});

/* A box under load answers late: what it said before must not stay on the screen. */
const IMPORT = { sentence: "", notes: [], counts: {}, started: "2026-03-01T05:00:00Z", ended: null };

test("an import is told however far the board is ahead of the stream", async (context) => {
	if (real()) return context.skip(real());
	await visit(async (page) => {
		await page.route("**/api/board", async (route) => {
			const response = await route.fetch();
			await route.fulfill({ response, json: { ...await response.json(), seq: 1e9 } });
		});
		await page.reload();
		await page.locator(".import").first().waitFor();
		box.clinic.imports.unshift({ ...IMPORT, import: 9001, name: "ahead.pdb", state: "running" });
		box.change("import", 9001);
		await page.locator(".import.running", { hasText: "ahead.pdb" }).waitFor();
		box.clinic.imports.splice(box.clinic.imports.findIndex((entry) => entry.import === 9001), 1);
	});
});

test("an answer that was overtaken does not take the place of a newer one", async (context) => {
	if (real()) return context.skip(real());
	await visit(async (page) => {
		await page.locator(".import").first().waitFor();
		const entry = { ...IMPORT, import: 9002, name: "late.pdb", state: "running" };
		box.clinic.imports.unshift(entry);
		let held;
		await page.route("**/api/imports", async (route) => {
			if (held || route.request().method() !== "GET") return route.fallback();
			held = { route };
			held.response = await route.fetch();
		});
		/* the page asks at once what came of what it sent; that answer is held back */
		await page.locator("input[type=file]").setInputFiles({ name: "other.txt", mimeType: "text/plain", buffer: Buffer.from("no export") });
		await page.locator(".import.quarantined", { hasText: "other.txt" }).waitFor();
		Object.assign(entry, { state: "done" });
		box.change("import", 9002);
		await page.locator(".import.done", { hasText: "late.pdb" }).waitFor();
		const answered = page.waitForEvent("requestfinished", (request) => request === held.route.request());
		await held.route.fulfill({ response: held.response });
		await answered;
		await page.evaluate(() => new Promise((drawn) => { requestAnimationFrame(() => setTimeout(drawn)); }));
		assert.equal(await page.locator(".import.done", { hasText: "late.pdb" }).count(), 1, "the newer answer stands");
	});
});

test("a slide of the inbox is given to a new patient, never by guess", async (context) => {
	if (real()) return context.skip(real());
	await visit(async (page) => {
		await page.locator("[data-dish='4'] .button.primary").click();
		const dialog = page.getByRole("dialog");
		await dialog.getByText("Amélie").waitFor();
		assert.equal(await dialog.locator("[aria-pressed=true]").count(), 0, "nobody is picked beforehand");
		await accessible(page, "the assign form");
		await dialog.getByLabel("Cycle name").fill("2026-11");
		await dialog.getByRole("button", { name: "Assign" }).click();
		await dialog.getByText("Pick a patient first").waitFor();
		await dialog.getByRole("button", { name: "Add a new patient" }).click();
		await dialog.getByLabel("Full name").fill("Test Person");
		await dialog.getByLabel("Identifier").fill("FR-204 118");
		await dialog.getByRole("button", { name: "Assign to Test Person" }).click();
		await dialog.getByText("Say ICSI or IVF").waitFor();
		await dialog.getByRole("button", { name: "ICSI" }).click();
		await dialog.getByRole("button", { name: "Assign to Test Person" }).click();
		await dialog.getByText("Another patient has this identifier already").waitFor();
		await dialog.getByLabel("Identifier").fill("FR-204 999");
		await dialog.getByRole("button", { name: "Assign to Test Person" }).click();
		await page.getByText("now belongs to Test Person").waitFor();
		await page.locator(".card", { hasText: "Test Person" }).getByText("FR-204 999").waitFor();
		assert.equal(await page.locator("[data-dish='4'].inbox").count(), 0);
	});
});

test("board and cohort cover the score until the own grade, and can be used by everybody so", async (context) => {
	if (real()) return context.skip(real());
	box.settings.score_after_grade = true;
	try {
		await visit(async (page) => {
			await page.locator("[data-cycle='1']").getByText("11 to grade").waitFor();
			assert.equal(await page.locator("[data-cycle='1'] .tile-class, [data-cycle='1'] .tile-reason").count(), 0);
			await accessible(page, "the covered board");
			await page.locator("[data-cycle='1'] .card-by .button").click();
			await page.getByText("covered until you have graded every embryo of it: 11 to go").waitFor();
			assert.doesNotMatch(await page.locator(".wells").innerText(), /A\+|Furthest|4AB/);
			await accessible(page, "the covered cohort");
		});
	} finally {
		box.settings.score_after_grade = false;
	}
	await visit(async (page) => {
		await page.goto(`${box.url}/#/cycle/1`);
		await page.getByLabel("Rank with").selectOption("meseguer-2011");
		await page.getByRole("status").getByText("Do not rely on this score alone").waitFor();
		await accessible(page, "the cohort");
		await page.keyboard.press("t");
		await accessible(page, "the light cohort");
	});
});

test("keys step frame by frame, hop, and go to the ends", () => visit(async (page) => {
	await openEmbryo(page);
	const runs = await runsOf(page);
	await page.keyboard.press("Home");
	await until(page, ({ run }) => run === runs[0], "Home");
	if (runs.length > 2) {
		await page.keyboard.press("ArrowRight");
		await until(page, ({ run }) => run === runs[1], "one frame on");
		await page.keyboard.press("ArrowLeft");
		await until(page, ({ run }) => run === runs[0], "one frame back");
		await page.keyboard.press("Shift+ArrowRight");
		await until(page, ({ run }) => run > runs[0], "a hop");
	}
	await page.keyboard.press("End");
	await until(page, ({ run }) => run === runs.at(-1), "End");
	await page.keyboard.press("Alt+ArrowLeft");
	await page.waitForTimeout(100);
	assert.match(page.url(), /embryo/, "Alt+arrow is not the browser's back");
	await accessible(page, "the embryo page");
}));

test("the wheel and the arrows change the focal plane", () => visit(async (page) => {
	await openEmbryo(page);
	const planes = await page.locator(".planes-list button").count();
	if (planes < 2) return;
	const middle = page.locator(".planes-list button").nth(Math.floor(planes / 2));
	const start = Number(await middle.getAttribute("data-focal"));
	await middle.click();
	await until(page, ({ focal, state }) => focal === start && state === "shown", "the plane in the middle");
	await page.locator(".player").hover();
	await page.mouse.wheel(0, 120);
	const lower = await until(page, ({ focal }) => focal < start, "the wheel goes down");
	await page.keyboard.press("ArrowUp");
	await until(page, ({ focal }) => focal > lower.focal, "the arrow goes up");
	const { run } = await shown(page);
	await page.keyboard.down("Shift");
	await page.mouse.wheel(0, -120);
	await page.keyboard.up("Shift");
	const atStart = await page.locator(".transport-place").innerText();
	if (!atStart.startsWith("1 ")) await until(page, (value) => value.run < run, "Shift+wheel goes back in time");
}));

test("a click on the timeline seeks, and the address remembers the frame", () => visit(async (page) => {
	await openEmbryo(page);
	const strip = await page.locator(".strip-slider").boundingBox();
	const runs = await runsOf(page);
	await page.keyboard.press("End");
	await until(page, ({ run }) => run === runs.at(-1), "End");
	await page.mouse.click(strip.x + 76, strip.y + 70);
	await until(page, ({ run }) => run === runs[0], "the first place");
	await page.mouse.click(strip.x + strip.width * 0.7, strip.y + 70);
	if (runs.length > 3) await until(page, ({ run, state }) => run > runs[0] && state === "shown", "a later place");
	await page.waitForFunction(() => {
		const { run, focal } = document.querySelector(".player").dataset;
		return location.hash.endsWith(`/${run}/${focal}`);
	});
	const { run, focal } = await shown(page);
	await page.reload();
	await until(page, (value) => value.run === run && value.focal === focal, "after a reload");
}));

test("t2 is set at the picture that is seen, shown beside the automatic one, and undone", () => visit(async (page) => {
	await openEmbryo(page, "5/103/0");
	const row = page.locator("tr[data-event=t2]");
	await row.waitFor();
	const own = row.locator(".event-word", { hasText: box.user });
	assert.equal(await own.count(), 0, "nothing said yet");
	await page.keyboard.press("2");
	await page.getByRole("status").getByText("2 cells set at").waitFor();
	await own.waitFor();
	await page.keyboard.press("Control+z");
	await page.getByText("Undone: 2 cells").waitFor();
	await own.waitFor({ state: "detached" });
	await page.keyboard.press("Control+Shift+z");
	await own.waitFor();
	await page.keyboard.press("Control+z");
	await own.waitFor({ state: "detached" });
}));

test("identity is large on every embryo page; unknown times are said, never guessed", async (context) => {
	if (real()) return context.skip(real());
	await visit(async (page) => {
		await openEmbryo(page, "1/103/0");
		assert.equal(await page.locator("h1").innerText(), "Amélie Vasseur-Lindqvist");
		await page.locator(".caption-time", { hasText: "26.1" }).waitFor();
		await openEmbryo(page, "34/103/0");
		assert.equal(await page.locator("h1").innerText(), "No patient assigned");
		await page.locator(".identity").getByText("Slide RI0382-WELL2, well 3").waitFor();
		await page.locator(".caption-time", { hasText: "Run 103, time unknown" }).waitFor();
		assert.doesNotMatch(await page.locator(".player").innerText(), /hpi|\d h\b/);
	});
});

test("a damaged picture is named and no other stands in for it", async (context) => {
	if (real()) return context.skip(real());
	await visit(async (page) => {
		await openEmbryo(page, "3/199/0");
		await page.keyboard.press("ArrowRight");
		await page.getByText("This picture is damaged").waitFor();
		await page.keyboard.press("2");
		await page.getByText("nothing was set").waitFor();
		await page.keyboard.press("ArrowRight");
		await until(page, ({ run, state }) => run === 201 && state === "shown", "after the damaged one");
	});
});

test("brackets go to the sibling at the same hour and plane", async (context) => {
	if (real()) return context.skip(real());
	await visit(async (page) => {
		await openEmbryo(page, "1/120/15");
		await page.keyboard.press("]");
		await page.locator(".siblings-here", { hasText: "Well 2" }).waitFor();
		await until(page, ({ run, focal }) => run === 120 && focal === 15, "the same place");
	});
});

test("scores say when they are unverified, and why they cannot be computed", async (context) => {
	if (real()) return context.skip(real());
	await visit(async (page) => {
		await openEmbryo(page, "1/103/0");
		await page.locator("#tab-scores").click();
		const meseguer = page.locator("[data-profile='meseguer-2011']");
		await meseguer.getByText("Unverified", { exact: true }).waitFor();
		await meseguer.locator("summary").click();
		await meseguer.getByText("Hum Reprod 2011").waitFor();
		await meseguer.getByText("t5 in 48.8-56.6 h").waitFor();
		await openEmbryo(page, "34/103/0");
		await page.locator("[data-profile='meseguer-2011']").getByText("needs the insemination time").waitFor();
	});
});

test("what was read of a picture is said on it, with its confidence; an unfamiliar one is named", async (context) => {
	if (real()) return context.skip(real());
	await visit(async (page) => {
		const said = page.locator(".caption-reading");
		await openEmbryo(page, "1/120/0");
		await said.getByText(/^2 cells\d+ %$/).waitFor();
		await said.getByText(/^\d+ % fragments$/).waitFor();
		await said.getByText(/^even\d+ %$/).waitFor();
		await said.getByText(/^multinucleation\?\d+ %$/).waitFor();
		assert.equal(await page.locator(".caption.warn").count(), 0);
		await page.locator(".curves-legend button", { hasText: "Cells" }).getByText("2", { exact: true }).waitFor();
		await page.keyboard.press("End");
		await until(page, ({ run, state }) => run === 450 && state === "shown", "the blastocyst");
		assert.equal(await said.count(), 0, "nothing is counted in a blastocyst");
		await openEmbryo(page, "2/250/0");
		await page.locator(".caption.warn", { hasText: "Looks unfamiliar" }).waitFor();
	});
});

test("an embryo names the model that read it, and the model shows its card", async (context) => {
	if (real()) return context.skip(real());
	await visit(async (page) => {
		await openEmbryo(page, "1/103/0");
		await page.locator(".verdict .text-link", { hasText: "sample-0" }).click();
		const model = page.locator(".model");
		await model.getByRole("row", { name: /timelapse-marks 916 220 MIT/ }).waitFor();
		const tables = await model.locator(".overview caption").allInnerTexts();
		assert.deepEqual(tables, ["Real embryos", "Rendered embryos"], "real and rendered stand apart");
		await model.getByRole("row", { name: /Stage right 72.0 % 68.0–76.0 64.0 % .* 41.0 % .* 22.0 %/ }).waitFor();
		await model.locator(".calibration canvas").waitFor();
		assert.equal(await model.locator(".matrix .right").first().innerText(), "40");
		await accessible(page, "the model's card");
		await page.getByRole("link", { name: "sample slide" }).click();
		await model.locator(".set-head", { hasText: "sample slide" }).getByText("rendered", { exact: true }).waitFor();
		assert.ok(page.url().endsWith("#/models/sample-0/2"), page.url());
		await page.getByRole("link", { name: /lab-net-3.0/ }).click();
		await model.getByText("signed by a key that this box does not trust").waitFor();
		await page.getByRole("link", { name: /lab-net-2.1/ }).click();
		await model.getByText("Nothing was measured").waitFor();
		await page.keyboard.press("Escape");
		await page.locator(".board").waitFor();
		await page.keyboard.press("r");
		await model.getByRole("heading", { name: "sample-0" }).waitFor();
	});
});

test("the board says when nothing can be read, and why", async (context) => {
	if (real()) return context.skip(real());
	box.clinic.problem = "there is no model";
	try {
		await visit(async (page) => {
			await page.getByRole("alert").getByText("Nothing is read now. There is no model").waitFor();
			await page.locator(".tile").first().waitFor();
			await accessible(page, "the board without a model");
		});
	} finally {
		box.clinic.problem = null;
	}
});

test("a grade and a decision are recorded with name and time", async (context) => {
	if (real()) return context.skip(real());
	await visit(async (page) => {
		await openEmbryo(page, "4/400/0");
		assert.equal(await page.locator(".decide-buttons [aria-pressed=true]").count(), 0, "no decision is suggested");
		await page.getByRole("group", { name: "Expansion" }).getByRole("button", { name: "4" }).click();
		await page.getByRole("group", { name: "Inner cell mass" }).getByRole("button", { name: "A" }).click();
		await page.getByRole("group", { name: "Trophectoderm" }).getByRole("button", { name: "B" }).click();
		await page.getByRole("button", { name: "Save grade" }).click();
		await page.locator(".grade-value", { hasText: "4AB" }).waitFor();
		await page.getByRole("button", { name: "Freeze", exact: true }).click();
		await page.getByLabel("Reason").fill("one of three");
		await page.getByRole("button", { name: "Record: Freeze" }).click();
		await page.locator(".decide .chip", { hasText: "Freeze" }).waitFor();
		await page.locator(".decide-now", { hasText: "one of three" }).waitFor();
	});
});

test("help lists the keys; the theme and the language change and are remembered", () => visit(async (page) => {
	await page.locator(".tile").first().waitFor();
	await page.keyboard.press("?");
	await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
	await accessible(page, "the help");
	await page.keyboard.press("Escape");
	const theme = () => page.evaluate(() => [document.documentElement.dataset.theme, getComputedStyle(document.body).backgroundColor]);
	const dark = await theme();
	assert.equal(dark[0], "dark");
	await page.keyboard.press("t");
	const light = await theme();
	assert.equal(light[0], "light");
	assert.notEqual(light[1], dark[1]);
	await accessible(page, "the light board");
	await openEmbryo(page);
	await accessible(page, "the light embryo page");
	await page.keyboard.press("Escape");
	await page.locator(".language").selectOption("fr");
	await page.locator("h1", { hasText: "Tableau du matin" }).waitFor({ state: "attached" });
	await page.reload();
	await page.locator("html[lang=fr][data-theme=light]").waitFor({ state: "attached" });
}));

for (const [width, height] of [[1024, 768], [1440, 900], [2560, 1440]]) {
	test(`nothing runs over the edge at ${width}x${height}`, () => visit(async (page) => {
		const over = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
		await page.locator(".tile").first().waitFor();
		assert.ok((await over()) <= 0, "the board is too wide");
		if (box.pretended) { /* the slides of the real one have no patient yet */
			await page.locator(".card-by .button").first().click();
			await page.locator(".scores, .cohort .notice").first().waitFor();
			assert.ok((await over()) <= 0, "the cohort is too wide");
		}
		await openEmbryo(page);
		assert.ok((await over()) <= 0, "the embryo page is too wide");
		const box2 = await page.locator(".player").boundingBox();
		assert.ok(box2.width >= 360 && Math.abs(box2.width - box2.height) < 2, "the picture is large and square");
		const strip = await page.locator(".strip").boundingBox();
		assert.ok(strip.y + strip.height <= height + 1 && box2.y + box2.height <= strip.y, "pictures and timeline are on the screen together");
		await page.keyboard.press("r");
		await page.locator(".model, .models .notice, .models .empty").first().waitFor();
		assert.ok((await over()) <= 0, "the models page is too wide");
	}, { width, height }));
}
