/* Debian's Chromium, a page that collects whatever goes wrong in it, and the sign-in. */
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
	"--disable-component-update", "--disable-sync"];

/* The shell is the same engine without the windows around the page, which cost as much as the page does. */
const PROGRAMS = [process.env.CHROMIUM, "/usr/bin/chromium-headless-shell", "/usr/bin/chromium"];

export function browserStart() {
	return chromium.launch({ executablePath: PROGRAMS.find((path) => path && existsSync(path)), args: FLAGS });
}

export async function pageOpen(browser, { width = 1440, height = 900, locale = "en-GB", theme, touch = false } = {}) {
	const context = await browser.newContext({ viewport: { width, height }, locale, hasTouch: touch, ignoreHTTPSErrors: true });
	if (theme) await context.addInitScript((name) => localStorage.setItem("daybreak.theme", name), theme);
	const page = await context.newPage();
	const problems = [];
	page.on("console", (message) => {
		/* the browser reports every refused or broken request; 401 before sign-in, the damaged picture's 404,
		 * an identifier given twice and a network that is cut are meant */
		if (message.type() === "error" && !/Failed to load resource.*(401|404|409|net::ERR_)/.test(message.text())) problems.push(message.text());
	});
	page.on("pageerror", (error) => problems.push(String(error)));
	return { context, page, problems };
}

/* What was said on a page has reached the box. The page shows it before, and its outbox ends with its context: the next test
 * would find the box as it was. */
export async function allSaid(page) {
	await page.waitForFunction(() => Object.entries(localStorage)
		.every(([name, act]) => !name.startsWith("daybreak.act/") || JSON.parse(act).refused !== undefined));
}

export async function signIn(page, { url, user, password }) {
	await page.goto(`${url}/`);
	await page.locator("input[name=name]").fill(user);
	await page.locator("input[name=password]").fill(password);
	await page.locator("form button").click();
	await page.locator(".board").waitFor();
}
