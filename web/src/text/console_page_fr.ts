/* Tout ce que dit la console, en français. */
import { consoleFr } from "./console_fr";
import { fr } from "./fr";

export const texts = { ...fr, ...consoleFr };
