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

export async function until(page, check, what, patience = PATIENCE) {
	const end = Date.now() + patience;
	for (;;) {
		const value = await shown(page);
		if (check(value)) return value;
		assert.ok(Date.now() < end, `${what}: still ${JSON.stringify(value)} at ${page.url()}`);
		await page.waitForTimeout(15);
	}
}

/* News from the box may move a row between the press and the release of the mouse: a person clicks again, and so does this. */
export async function clickUntil(page, button, check, what) {
	for (let tries = 1; ; tries++) {
		await button.click();
		try {
			return await until(page, check, `${what}, click ${tries}`, PATIENCE / 4);
		} catch (error) {
			if (tries === 4) throw error;
		}
	}
}
