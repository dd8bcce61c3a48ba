/* What the player of the embryo page has painted, and waiting for it. */
import assert from "node:assert/strict";

const PATIENCE = 20000;

export const shown = (page) => page.locator(".player").evaluate((player) => ({
	run: Number(player.dataset.run), focal: Number(player.dataset.focal), state: player.dataset.state,
}));

export async function until(page, check, what) {
	const end = Date.now() + PATIENCE;
	for (;;) {
		const value = await shown(page);
		if (check(value)) return value;
		assert.ok(Date.now() < end, `${what}: still ${JSON.stringify(value)}`);
		await page.waitForTimeout(15);
	}
}
