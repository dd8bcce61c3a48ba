/* Holds the download budget of each page and leaves a .gz beside each file for the web server. A page of the lab is what
 * a browser has to fetch before it is whole: the entry, what that imports, the page's own parts also where they are loaded
 * later, and the texts of the larger language.   node budget.mjs [FOLDER of the build] */
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

const BUDGETS_KB = {
	"index.html": { js: 90, css: 15 },
	"console.html": { js: 60, css: 15 },
};
const dist = pathToFileURL(`${resolve(process.argv[2] ?? "dist")}/`);
const chunks = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));
const packed = new Map();

for (const name of readdirSync(new URL("assets/", dist)).filter((file) => /\.(js|css)$/.test(file))) {
	const content = gzipSync(readFileSync(new URL(`assets/${name}`, dist)), { level: 9 });
	packed.set(`assets/${name}`, content.length);
	writeFileSync(new URL(`assets/${name}.gz`, dist), content);
}

const LANGUAGE = /_(en|fr)\.ts$/;

/* What importing these chunks brings with it; of the entry without the pages that it loads later. */
function closure(names, found = new Set()) {
	for (const name of names) {
		if (found.has(name)) continue;
		found.add(name);
		closure([...chunks[name].imports ?? [], ...(chunks[name].isEntry ? [] : chunks[name].dynamicImports ?? [])], found);
	}
	return found;
}
function weigh(names) {
	const files = (kind) => new Set([...names].flatMap((name) => (kind === "js" ? [chunks[name].file] : chunks[name].css ?? [])));
	const size = (kind) => [...files(kind)].reduce((sum, file) => sum + packed.get(file), 0);
	return { js: size("js"), css: size("css") };
}
/* page: null, or what the entry loads later. */
function pageWeight(html, page) {
	const entry = chunks[html].dynamicImports ?? [];
	const languages = ["en", "fr"].map((language) => weigh(closure([html, ...(page ? [page] : []),
		...entry.filter((name) => LANGUAGE.exec(name)?.[1] === language && isTextOf(name, page))])));
	return languages.reduce((a, b) => (a.js > b.js ? a : b));
}
/* Texts of a room of its own come with that room alone. */
function isTextOf(text, page) {
	const room = /text\/(\w+)_(?:en|fr)\.ts$/.exec(text)?.[1];
	const rooms = Object.keys(chunks).flatMap((name) => /review\/(\w+)\/page\.tsx$/.exec(name)?.[1] ?? []);
	return !rooms.includes(room) || (page?.includes(`/${room}/`) ?? false);
}

let over = false;
for (const [html, budget] of Object.entries(BUDGETS_KB)) {
	const pages = (chunks[html].dynamicImports ?? []).filter((name) => !LANGUAGE.test(name));
	for (const page of [null, ...pages]) {
		const weight = pageWeight(html, page);
		const name = page ? `${html}, ${(chunks[page].src ?? chunks[page].file).replace(/^src\/review\/|\/page\.tsx$/g, "")}` : html;
		console.log(`${name}: ${Object.entries(budget).map(([kind, limit]) =>
			`${kind} ${(weight[kind] / 1000).toFixed(1)} of ${limit} kB gzip`).join(", ")}`);
		over ||= weight.js === 0 || Object.entries(budget).some(([kind, limit]) => weight[kind] > 1000 * limit);
	}
	const all = weigh(closure([html, ...(chunks[html].dynamicImports ?? []).filter((name) => LANGUAGE.exec(name)?.[1] !== "en")]));
	console.log(`${html}, all its pages in French: js ${(all.js / 1000).toFixed(1)} kB gzip, css ${(all.css / 1000).toFixed(1)} kB`);
}
if (over) {
	console.error("A page is over its budget (or has no files): make it smaller, do not raise the number.");
	process.exit(1);
}
