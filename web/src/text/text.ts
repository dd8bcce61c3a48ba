/* Every sentence of the pages. t("key", {n: 3}) fills "{n}". The English tables are the lists of keys; the French ones are
 * held to them by their type. Each entry, and each page that is loaded later, names its own tables; only the language that
 * is shown is loaded. */
import { computed, effect, signal, type ReadonlySignal } from "@preact/signals";
import { remembered } from "../kit/settings";
import type { texts as compareEn } from "./compare_en";
import type { consoleEn } from "./console_en";
import type { en } from "./en";
import type { texts as modelsEn } from "./models_en";
import type { texts as qualityEn } from "./quality_en";
import type { texts as reviewEn } from "./review_en";

export type SharedKey = keyof typeof en;
export type TextKey = keyof typeof reviewEn | keyof typeof qualityEn | keyof typeof compareEn | keyof typeof modelsEn;
export type ConsoleKey = keyof typeof consoleEn;
export type Language = "en" | "fr";
type Table = Record<string, string>;
type Values = Record<string, string | number>;

export const languages: readonly Language[] = ["en", "fr"];
const wanted = remembered<Language>("language", languages, navigator.language.toLowerCase().startsWith("fr") ? "fr" : "en");
const spoken = signal<{ language: Language; table: Table }>({ language: wanted.value, table: {} });
export type Texts = Record<Language, () => Promise<{ texts: Table }>>;
const loaded: Texts[] = [];

/* The language on the screen. */
export const language: ReadonlySignal<Language> = computed(() => spoken.value.language);
effect(() => {
	document.documentElement.lang = language.value;
});

/* Where its table cannot be fetched the page goes on in the language it speaks. */
export async function chooseLanguage(name: Language): Promise<void> {
	const tables = await Promise.all(loaded.map((texts) => texts[name]()));
	/* Two pages may be loaded at once: whoever is ready last takes nothing from the other. */
	const kept = spoken.peek().language === name ? spoken.peek().table : {};
	spoken.value = { language: name, table: Object.assign({}, kept, ...tables.map(({ texts }) => texts)) };
	wanted.value = name;
}

/* Before what says them is drawn. */
export function loadTexts(texts: Texts): Promise<void> {
	if (!loaded.includes(texts)) loaded.push(texts);
	return chooseLanguage(wanted.value);
}

function translate(key: string, values?: Values): string {
	const sentence = spoken.value.table[key] ?? key;
	return values ? sentence.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? "")) : sentence;
}
export const t = translate as (key: TextKey, values?: Values) => string;
/* The console's. */
export const c = translate as (key: SharedKey | ConsoleKey, values?: Values) => string;

/* For names that come from the box: a text when there is one, else the name itself. */
export function tName(prefix: string, name: string): string {
	const key = `${prefix}.${name}`;
	return key in spoken.value.table ? translate(key) : name;
}
