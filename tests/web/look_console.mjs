/* Takes screenshots of every page of the console in every scene into out/, to be looked at: node look_console.mjs [burst-quiet ...] */
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { browserStart, pageOpen } from "./lib/browser.mjs";
import { ADMIN, mockStart, PASSWORD } from "./mock.mjs";

const OUT = fileURLToPath(new URL("out/", import.meta.url));
const PAGES = ["", "burst", "functions", "functions?range=week", "functions?range=quarter", "egress", "costs", "sites", "updates", "people"];
const SCENES = { quiet: PAGES, burst: ["", "burst", "functions", "sites", "updates"], trouble: ["", "burst", "costs", "sites", "updates"], down: ["", "burst", "functions", "egress"], off: ["", "burst", "costs", "updates"], empty: PAGES };
const wanted = process.argv.slice(2);
mkdirSync(OUT, { recursive: true });
const at = await mockStart();
const browser = await browserStart();
for (const [width, height, theme, locale] of [[1440, 900, "dark", "en-GB"], [1440, 900, "light", "fr-FR"], [1024, 768, "dark", "en-GB"]]) {
	const { context, page, problems } = await pageOpen(browser, { width, height, theme, locale });
	await page.goto(`${at.url}/console`);
	await page.locator("input[name=name]").fill(ADMIN);
	await page.locator("input[name=password]").fill(PASSWORD);
	await page.locator("form button").click();
	await page.locator(".rail").waitFor();
	for (const [scene, pages] of Object.entries(SCENES)) {
		at.cloud.scene = scene;
		for (const name of pages) {
			const file = `console-${scene}-${(name || "overview").replace("?range=", "-")}`;
			if (wanted.length && !wanted.some((word) => file.includes(word))) continue;
			if (theme === "light" && !["quiet", "burst"].includes(scene)) continue;
			if (width === 1024 && scene !== "burst") continue;
			await page.goto(`${at.url}/console#/${name}`);
			await page.reload();
			await page.locator(".stack").waitFor();
			await page.waitForTimeout(700);
			await page.screenshot({ path: `${OUT}${file}-${width}-${theme}.png`, fullPage: true });
		}
	}
	if (problems.length) console.log(width, theme, problems);
	await context.close();
}
await browser.close();
at.stop();
