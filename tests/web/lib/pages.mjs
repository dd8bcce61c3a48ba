/* Every page of the lab screen, in the clinic of tests/system/lab.py: its name, its address, and when it is there. */
import { box } from "./lab.mjs";

const { cycle, embryos } = box.cycles[0];
const ids = embryos.map(({ embryo }) => embryo);
const PICTURES = ".player[data-state=shown]";

export const PAGES = [
	{ name: "board", hash: "#/", ready: ".tile img" },
	{ name: "cohort", hash: `#/cycle/${cycle}`, ready: "main.cohort img" },
	{ name: "embryo", hash: `#/embryo/${ids[0]}`, ready: PICTURES },
	{ name: "embryo-assess", hash: `#/embryo/${ids[0]}`, ready: PICTURES, tab: "assess" },
	{ name: "embryo-scores", hash: `#/embryo/${ids[0]}`, ready: PICTURES, tab: "scores" },
	{ name: "embryo-history", hash: `#/embryo/${ids[0]}`, ready: PICTURES, tab: "history" },
	{ name: "compare-2", hash: `#/compare/${ids.slice(0, 2)}`, ready: `.cell:last-child ${PICTURES}` },
	{ name: "compare-6", hash: `#/compare/${ids.slice(0, 6)}`, ready: `.cell:last-child ${PICTURES}` },
	{ name: "quality", hash: "#/quality", ready: "main h1, main h2" },
	{ name: "quality-agreement", hash: "#/quality/agreement", ready: "main h1, main h2" },
	{ name: "quality-reference", hash: "#/quality/reference", ready: "main h1, main h2" },
	{ name: "models", hash: "#/models", ready: ".model" },
	{ name: "settings", hash: "#/settings", ready: "main .panel" },
	/* what opens over a page */
	{ name: "help", hash: `#/embryo/${ids[0]}`, ready: PICTURES, press: "?" },
	{ name: "assign", hash: "#/", ready: ".tile img", click: ".inbox .button.primary" },
	{ name: "edit", hash: `#/cycle/${cycle}`, ready: "main.cohort img", click: ".cohort-tools .icon-button" },
	{ name: "guard", hash: `#/embryo/${box.cycles[1].embryos[0].embryo}`, from: `#/embryo/${ids[0]}`, ready: "dialog[open]" },
];

/* Shows a page and waits for what it says is there; what was open is closed. */
export async function show(page, { hash, from, ready, tab, press, click }) {
	await page.goto(`${box.url}/#/settings`);
	await page.locator("main .panel").first().waitFor();
	if (from) {
		await page.goto(`${box.url}/${from}`);
		await page.locator(PICTURES).waitFor();
	}
	await page.goto(`${box.url}/${hash}`);
	await page.locator(ready).first().waitFor();
	if (tab) await page.locator(`#tab-${tab}`).click({ timeout: 2000 }).catch(() => {}); /* side by side on a large screen */
	if (press) await page.keyboard.press(press);
	if (click) await page.locator(click).first().click();
	if (press || click) await page.locator("dialog[open]").waitFor();
}
export async function leave(page) {
	if (await page.locator("dialog[open]").count()) await page.keyboard.press("Escape");
}
