/* Holds the download budget of each page and leaves a .gz beside each file for the web server. What a page loads is
 * what its HTML names and what those files name in turn, also what it loads later; of the languages the largest. */
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BUDGETS_KB = {
	"index.html": { js: 90, css: 15 },
	"console.html": { js: 60, css: 15 },
};
const dist = new URL(process.argv[2] ? `file://${process.argv[2]}/` : "./dist/", import.meta.url);
const folder = new URL("assets/", dist);
const packed = new Map();
const texts = new Map();

for (const name of readdirSync(folder).filter((file) => /\.(js|css)$/.test(file))) {
	const content = readFileSync(new URL(name, folder));
	texts.set(name, content.toString());
	packed.set(name, gzipSync(content, { level: 9 }));
	writeFileSync(new URL(`${name}.gz`, folder), packed.get(name));
}

function loaded(html) {
	const found = new Set();
	const follow = (text) => {
		for (const name of packed.keys()) {
			if (found.has(name) || !text.includes(name)) continue;
			found.add(name);
			follow(texts.get(name));
		}
	};
	follow(readFileSync(new URL(html, dist), "utf8"));
	return [...found];
}

const LANGUAGE = /(?:^|_)(en|fr)-[\w-]+\.js$/;
const size = (names) => names.reduce((sum, name) => sum + packed.get(name).length, 0);
function weight(names) {
	const words = (language) => size(names.filter((name) => LANGUAGE.exec(name)?.[1] === language));
	return size(names.filter((name) => !LANGUAGE.test(name))) + Math.max(words("en"), words("fr"));
}

let over = false;
for (const [html, budget] of Object.entries(BUDGETS_KB)) {
	for (const [kind, limit] of Object.entries(budget)) {
		const bytes = weight(loaded(html).filter((name) => name.endsWith(`.${kind}`)));
		console.log(`${html} ${kind}: ${(bytes / 1000).toFixed(1)} of ${limit} kB gzip`);
		over ||= bytes > 1000 * limit || bytes === 0;
	}
}
if (over) {
	console.error("A page is over its budget (or has no files): make it smaller, do not raise the number.");
	process.exit(1);
}
