/* Every sentence of the pages. t("key", {n: 3}) fills "{n}". The English tables are the lists of keys; the French ones are
 * held to them by their type. What both pages say is here; the words of the lab screen and those of the console are
 * added by their own entries, so that neither page loads the other's. */
import { effect } from "@preact/signals";
import { remembered } from "../kit/settings";
import type { consoleEn } from "./console_en";
import { en } from "./en";
import { fr } from "./fr";
import type { labEn } from "./lab_en";

export type SharedKey = keyof typeof en;
export type LabKey = keyof typeof labEn;
export type ConsoleKey = keyof typeof consoleEn;
export type TextKey = SharedKey | LabKey;
export type Language = "en" | "fr";
type Values = Record<string, string | number>;

const tables: Record<Language, Record<string, string>> = { en: { ...en }, fr: { ...fr } };
export const languages: readonly Language[] = ["en", "fr"];
export const language = remembered<Language>("language", languages,
	navigator.language.toLowerCase().startsWith("fr") ? "fr" : "en");
effect(() => {
	document.documentElement.lang = language.value;
});

/* Before anything is drawn. */
export function addTexts(texts: Record<Language, Record<string, string>>): void {
	for (const name of languages) Object.assign(tables[name], texts[name]);
}

function translate(key: string, values?: Values): string {
	const sentence = tables[language.value][key] ?? key;
	return values ? sentence.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? "")) : sentence;
}
export const t = translate as (key: TextKey, values?: Values) => string;
/* The console's. */
export const c = translate as (key: SharedKey | ConsoleKey, values?: Values) => string;

/* For names that come from the box: a text when there is one, else the name itself. */
export function tName(prefix: string, name: string): string {
	const key = `${prefix}.${name}`;
	return key in tables.en ? translate(key) : name;
}
