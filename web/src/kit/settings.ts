/* What this browser remembers of a person's taste: never anything about a patient. */
import { effect, signal } from "@preact/signals";

function remembered<T extends string>(name: string, allowed: readonly T[], fallback: T) {
	let stored: string | null = null;
	try {
		stored = localStorage.getItem(`daybreak.${name}`);
	} catch { /* private windows may refuse; the fallback will do */ }
	const value = signal<T>(allowed.includes(stored as T) ? (stored as T) : fallback);
	effect(() => {
		try {
			localStorage.setItem(`daybreak.${name}`, value.value);
		} catch { /* as above */ }
	});
	return value;
}

export const theme = remembered("theme", ["dark", "light"] as const, "dark");
effect(() => {
	document.documentElement.dataset["theme"] = theme.value;
});
export const toggleTheme = (): void => {
	theme.value = theme.value === "dark" ? "light" : "dark";
};

export const overlayShown = remembered("overlay", ["on", "off"] as const, "on");
export const PLAY_RATES = ["5", "10", "20"] as const;
export const playRate = remembered("rate", PLAY_RATES, "10");
/* What the wheel alone moves; with Shift it moves the other. Of this browser, for it goes with the mouse. */
export const wheelMoves = remembered("wheel", ["focus", "time"] as const, "focus");
export { remembered };
