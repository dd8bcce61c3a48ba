/* Français, la page qualité. */
import type { qualityEn } from "./quality_en";

export const qualityFr: Record<keyof typeof qualityEn, string> = {
	"quality.title": "Qualité",
};
