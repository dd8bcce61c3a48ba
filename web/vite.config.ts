import { defineConfig } from "vite";

/* One page now; console.html becomes a second input when the console has content, so that embryologists never load it. */
export default defineConfig({
	base: "/",
	esbuild: { jsx: "automatic", jsxImportSource: "preact" },
	build: {
		target: "es2022",
		/* The content policy is default-src 'self': nothing may be inlined as a data: address or a script. */
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
		cssCodeSplit: false,
		rollupOptions: { input: { review: "index.html" } },
	},
});
