/* Français, la console. */
import type { ConsoleKey } from "./text";

export const consoleFr: Record<ConsoleKey, string> = {
	"console.title": "Console de synchronisation",
};
