/* Ce que disent la plupart des pages de l'écran du laboratoire, en français. */
import { fr } from "./fr";
import { cohortFr } from "./cohort_fr";
import { decideFr } from "./decide_fr";
import { guardFr } from "./guard_fr";
import { labFr } from "./lab_fr";
import { playerFr } from "./player_fr";
import { wordsFr } from "./words_fr";

export const texts = { ...fr, ...labFr, ...cohortFr, ...playerFr, ...wordsFr, ...decideFr, ...guardFr };
