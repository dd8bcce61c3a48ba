/* Français, la comparaison d'embryons et les garde-fous contre les confusions de patientes. */
import type { compareEn } from "./compare_en";

export const compareFr: Record<keyof typeof compareEn, string> = {
	"compare.title": "Comparer",
};
