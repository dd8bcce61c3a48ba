/* What most pages of the lab screen say, in English. */
import { en } from "./en";
import { cohortEn } from "./cohort_en";
import { decideEn } from "./decide_en";
import { guardEn } from "./guard_en";
import { labEn } from "./lab_en";
import { playerEn } from "./player_en";
import { wordsEn } from "./words_en";

export const texts = { ...en, ...labEn, ...cohortEn, ...playerEn, ...wordsEn, ...decideEn, ...guardEn };
