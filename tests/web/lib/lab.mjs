/* The lab that tests/system/lab.py started; BOX says what is in it. */
import assert from "node:assert/strict";
import { allSaid, browserStart, pageOpen, signIn } from "./browser.mjs";

export const box = JSON.parse(process.env.BOX ?? "null");
if (!box) throw new Error("BOX is not set: run tests/system/lab.py SUITE");
export const PATIENCE = 20000;

/* One browser for a file of tests; close() ends it. */
let browser;
export async function browserOpen() {
	browser ??= await browserStart();
	return browser;
}
export async function browserClose() {
	await browser?.close();
	browser = undefined;
}

/* A signed-in page of its own context; the steps get the page and the context. Fails on anything the browser complained about,
 * but for what `meant` lets through. */
export async function visit(user, steps, { meant = /^$/, hash, ...options } = {}) {
	const { context, page, problems } = await pageOpen(await browserOpen(), options);
	page.setDefaultTimeout(PATIENCE);
	try {
		await signIn(page, { url: box.url, user, password: box.password });
		if (hash) await page.goto(`${box.url}/${hash}`);
		await steps(page, context);
		await allSaid(page);
		assert.deepEqual(problems.filter((problem) => !meant.test(problem)), [], "errors in the browser's console");
	} finally {
		await context.close();
	}
}

/* Asks the box as the signed-in user of the page, past the screen. */
export const ask = (page, method, path, body) => page.evaluate(async ([verb, address, content]) => {
	const response = await fetch(address, { method: verb, headers: { "X-Daybreak": "1", "Content-Type": "application/json" },
		body: content === undefined ? undefined : JSON.stringify(content) });
	const text = await response.text();
	return { status: response.status, body: text ? JSON.parse(text) : null };
}, [method, path, body]);
