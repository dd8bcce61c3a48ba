/* Holds the download budget of the lab screen and leaves a .gz beside each file for the web server. */
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BUDGET_KB = { js: 90, css: 15 };
const folder = new URL("./dist/assets/", import.meta.url);
const total = { js: 0, css: 0 };

for (const name of readdirSync(folder)) {
	const kind = name.split(".").pop();
	if (!(kind in total)) continue;
	const packed = gzipSync(readFileSync(new URL(name, folder)), { level: 9 });
	writeFileSync(new URL(`${name}.gz`, folder), packed);
	total[kind] += packed.length;
}
let over = false;
for (const [kind, limit] of Object.entries(BUDGET_KB)) {
	const kilobytes = total[kind] / 1000;
	console.log(`review ${kind}: ${kilobytes.toFixed(1)} of ${limit} kB gzip`);
	over ||= kilobytes > limit || total[kind] === 0;
}
if (over) {
	console.error("The review page is over its budget (or has no files): make it smaller, do not raise the number.");
	process.exit(1);
}
