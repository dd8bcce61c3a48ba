/* Every sentence of the pages. t("key", {n: 3}) fills "{n}". The English table is the list of keys; the French one is
 * held to it by its type. */
import { effect } from "@preact/signals";
import { remembered } from "../kit/settings";
import { en } from "./en";
import { fr } from "./fr";

export type TextKey = keyof typeof en;
export type Language = "en" | "fr";

const tables: Record<Language, Record<TextKey, string>> = { en, fr };
export const languages: readonly Language[] = ["en", "fr"];
export const language = remembered<Language>("language", languages,
	navigator.language.toLowerCase().startsWith("fr") ? "fr" : "en");
effect(() => {
	document.documentElement.lang = language.value;
});

export function t(key: TextKey, values?: Record<string, string | number>): string {
	const sentence = tables[language.value][key];
	return values ? sentence.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? "")) : sentence;
}

/* For names that come from the box: a text when there is one, else the name itself. */
export function tName(prefix: "event" | "group" | "flag" | "decision" | "method" | "interval" | "output", name: string): string {
	const key = `${prefix}.${name}`;
	return key in en ? t(key as TextKey) : name;
}
