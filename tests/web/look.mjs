/* Takes screenshots of every page at three sizes into out/, to be looked at: node look.mjs [board|embryo ...] */
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { browserStart, pageOpen, signIn } from "./lib/browser.mjs";
import { boxStart } from "./lib/box.mjs";

const OUT = fileURLToPath(new URL("out/", import.meta.url));
const SIZES = [[1440, 900], [1024, 768], [2560, 1440]];
const wanted = process.argv.slice(2);
mkdirSync(OUT, { recursive: true });
const at = await boxStart();
const browser = await browserStart();

for (const [width, height] of SIZES) {
	for (const theme of width === 1440 ? ["dark", "light"] : ["dark"]) {
		const { context, page, problems } = await pageOpen(browser, { width, height, theme });
		const shot = async (name) => {
			if (wanted.length === 0 || wanted.some((word) => name.startsWith(word))) await page.screenshot({ path: `${OUT}${name}-${width}-${theme}.png` });
		};
		await page.goto(`${at.url}/`);
		await page.locator("form").waitFor();
		await shot("signin");
		await signIn(page, at);
		await page.locator(".tile img").first().waitFor();
		await page.waitForLoadState("networkidle", { timeout: 4000 }).catch(() => {});
		await page.waitForTimeout(1500);
		await shot("board");
		if (at.pretended) {
			await page.locator(".inbox .button.primary").first().click();
			await page.waitForTimeout(400);
			await shot("assign");
			await page.keyboard.press("Escape");
		}
		if (!at.pretended) await page.locator(".tile").first().click();
		else await page.goto(`${at.url}/#/embryo/1/103/15`);
		await page.locator(".player[data-state=shown]").waitFor({ timeout: 20000 });
		await page.waitForTimeout(2500);
		await shot("embryo");
		await page.goto(`${at.url}/#/models`);
		await page.locator(".model").waitFor();
		await page.waitForTimeout(600);
		await shot("models");
		await page.locator(".set-pair").scrollIntoViewIfNeeded().catch(() => {});
		await page.evaluate(() => document.querySelector(".set-pair")?.scrollIntoView({ block: "end" }));
		await page.waitForTimeout(300);
		await shot("models-end");
		await page.goBack();
		await page.locator(".player[data-state=shown]").waitFor({ timeout: 20000 });
		await page.keyboard.press("?");
		await page.waitForTimeout(300);
		await shot("help");
		await page.keyboard.press("Escape");
		if (at.pretended) {
			await page.goto(`${at.url}/#/embryo/34/103/0`);
			await page.locator(".player[data-state=shown]").waitFor({ timeout: 20000 });
			await page.waitForTimeout(1500);
			await shot("embryo-unknown");
		}
		if (problems.length) console.log(width, theme, problems);
		await context.close();
	}
}
await browser.close();
at.stop();
