/* What a person who cannot see, cannot point, or wears gloves needs of a page. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/* Half a change of theme is no colour of ours: waits until nothing that ends by itself still moves. */
const still = (page) => page.evaluate(async () => {
	const frame = () => new Promise(requestAnimationFrame);
	const moving = () => document.getAnimations().filter((entry) => Number.isFinite(entry.effect.getComputedTiming().endTime));
	do {
		await frame();
		await frame(); /* a style that changed in this frame starts its transition in the next */
		await Promise.all(moving().map((entry) => entry.finished.catch(() => {})));
	} while (moving().some((entry) => entry.playState === "running"));
});

/* axe is run from outside the page's content policy, as a user script would be. part: a selector, or the whole page. */
async function violations(page, part) {
	await still(page);
	const session = await page.context().newCDPSession(page);
	await session.send("Runtime.evaluate", { expression: AXE });
	await session.detach();
	return page.evaluate(async (selector) => {
		const result = await globalThis.axe.run(selector ?? document, { resultTypes: ["violations"] });
		return result.violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`);
	}, part);
}
export async function accessible(page, name, part) {
	assert.deepEqual(await violations(page, part), [], `accessibility of ${name}`);
}

/* Links within a text are as high as its lines; the curves' legend only hides a curve, and a key does not need it. */
const PART_OF_TEXT = "p, li, td, th, dd, dt, .unseen, .curves-legend";

/* What is too small for a finger in a glove. */
export const tooSmall = (page, least) => page.evaluate(([wanted, PART_OF_TEXT]) => {
	const targets = [...document.querySelectorAll("button, a[href], select, summary, input:not([type=hidden], [type=file]), [role=tab]")];
	return targets.filter((target) => target.checkVisibility({ visibilityProperty: true }) && !target.closest(PART_OF_TEXT))
		.map((target) => ({ target, ...target.getBoundingClientRect().toJSON() }))
		.filter(({ width, height }) => width > 0 && Math.min(width, height) < wanted)
		.map(({ target, width, height }) => `${target.className || target.tagName} "${(target.ariaLabel ?? target.textContent).slice(0, 30)}" ${Math.round(width)}x${Math.round(height)}`);
}, [least, PART_OF_TEXT]);

/* Walks with the Tab key to what is wanted, as a person without a pointer does; it must be seen where one is. */
export async function tabTo(page, selector, most = 160) {
	for (let i = 0; i < most; i++) {
		await page.keyboard.press("Tab");
		const at = await page.evaluate((wanted) => {
			const active = document.activeElement;
			const style = getComputedStyle(active);
			return { there: active.matches(wanted), seen: style.outlineStyle !== "none" || style.boxShadow !== "none", html: active.outerHTML.slice(0, 120) };
		}, selector);
		if (at.there) return assert.ok(at.seen, `the focus can be seen on ${at.html}`);
	}
	assert.fail(`Tab does not lead to ${selector}`);
}
