/* All that the console says, in English. */
import { consoleEn } from "./console_en";
import { en } from "./en";

export const texts = { ...en, ...consoleEn };
