/* Takes screenshots of every page of the real box into out/, to be looked at, at three sizes, in both themes and languages:
 * python3 ../system/lab.py prints the BOX to export, then: node look.mjs [board embryo ...] */
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { browserClose, visit } from "./lib/lab.mjs";
import { leave, PAGES, show } from "./lib/pages.mjs";

const OUT = fileURLToPath(new URL("out/", import.meta.url));
const LOOKS = [[1440, 900, "dark", "en-GB"], [1440, 900, "light", "fr-FR"], [1024, 768, "dark", "fr-FR"], [1024, 768, "light", "en-GB"],
	[2560, 1440, "dark", "en-GB"]];
const wanted = process.argv.slice(2);
mkdirSync(OUT, { recursive: true });

for (const [width, height, theme, locale] of LOOKS) {
	const shot = async (page, name) => {
		await page.waitForTimeout(500);
		await page.screenshot({ path: `${OUT}${name}-${width}-${theme}-${locale.slice(0, 2)}.png` });
	};
	await visit("anna", async (page) => {
		for (const entry of PAGES.filter(({ name }) => wanted.length === 0 || wanted.some((word) => name.startsWith(word)))) {
			await show(page, entry);
			await shot(page, entry.name);
			await leave(page);
		}
	}, { width, height, theme, locale }).catch((error) => console.log(width, theme, locale, error));
}
await browserClose();
