import { defineConfig } from "vite";

/* Two pages: embryologists never load the console. */
export default defineConfig({
	base: "/",
	esbuild: { jsx: "automatic", jsxImportSource: "preact" },
	build: {
		target: "es2022",
		/* The content policy is default-src 'self': nothing may be inlined as a data: address or a script. */
		assetsInlineLimit: 0,
		/* budget.mjs reads it */
		manifest: true,
		modulePreload: { polyfill: false },
		rollupOptions: { input: { review: "index.html", console: "console.html" } },
	},
});
