/* What the player of the embryo page has painted, and waiting for it: a key moves the page at once, the picture follows. */
import assert from "node:assert/strict";

const PATIENCE = 20000;

export const shown = (page) => page.locator(".player").evaluate((player) => ({
	run: Number(player.dataset.run), focal: Number(player.dataset.focal), state: player.dataset.state,
}));

/* The runs of the embryo on the screen, as the box numbers them. */
export const runsOf = (page) => page.evaluate(async () => {
	const id = /embryo\/(\d+)/.exec(location.hash)[1];
	return (await (await fetch(`/api/embryos/${id}`)).json()).runs.map((run) => run.run);
});

export async function until(page, check, what) {
	const end = Date.now() + PATIENCE;
	for (;;) {
		const value = await shown(page);
		if (check(value)) return value;
		assert.ok(Date.now() < end, `${what}: still ${JSON.stringify(value)} at ${page.url()}`);
		await page.waitForTimeout(15);
	}
}
