#include "evaluation/priors.h"

/* Sources.
 * Medians: Istanbul Consensus 2025, Table 1 (doi 10.1093/humrep/deaf021), 140,872 zygotes, ICSI and IVF apart.
 * Dwell: differences of the means of Fraire-Zamora 2023 and Le 2021 (t2 to t8), Hlinka 2012 (11 h and 15 h between
 * the first cleavage rounds), the Istanbul medians (pronuclei, tM to tEB). Spread and skip are set wide: they are
 * there to rule out the absurd, not to decide. About one transition in nine skips a stage and a third of
 * embryos show no 3-cell frame in expert annotations of the Gomez set (doi 10.1016/j.dib.2022.108258).
 * Limits: an engineering proposal, wider than Chamayou 2013 (PMID 23585186). */
static const struct prior table[STAGE_COUNT] = {
    /*            dwell      skip  at       soft      hard      ICSI IVF  motion within */
    [STAGE_PB2] = {240, 500, 50, 4, 3, 1, 8, 0, 16, -1, -1, 0, 120},
    [STAGE_PNA] = {930, 250, 20, 8, 4, 4, 13, 2, 24, -1, -1, 0, 120},
    [STAGE_PNF] = {150, 400, 50, 23, 4, 17, 31, 12, 44, 23, 24, 0, 60},
    [STAGE_2] = {660, 300, 10, 26, 5, 19, 35, 14, 50, 26, 27, 1000, 60},
    [STAGE_3] = {50, 1000, 330, 37, 7, 26, 48, 15, 72, -1, -1, 1000, 60},
    [STAGE_4] = {690, 350, 40, 38, 7, 30, 52, 20, 80, 38, 39, 1000, 90},
    [STAGE_5] = {80, 1000, 150, 49, 8, 38, 66, 24, 110, -1, -1, 900, 120},
    [STAGE_6] = {80, 1000, 200, 51, 9, -1, -1, -1, -1, -1, -1, 800, 120},
    [STAGE_7] = {130, 1000, 200, 54, 10, -1, -1, -1, -1, -1, -1, 800, 120},
    [STAGE_8] = {600, 600, 100, 57, 10, 44, 86, 28, 130, 57, 58, 700, 180},
    [STAGE_9] = {1260, 500, 100, 68, 12, 50, 92, 32, 140, -1, -1, 500, 240},
    [STAGE_M] = {540, 600, 50, 89, 12, 70, 112, 48, 150, 89, 91, 0, 300},
    [STAGE_SB] = {540, 600, 50, 98, 12, 80, 126, 60, 170, -1, -1, 0, 240},
    [STAGE_B] = {330, 700, 60, 108, 14, 88, 138, 65, 180, 108, 107, 0, 240},
    [STAGE_EB] = {600, 800, 60, 113, 15, 92, 148, 70, 190, 113, 113, 0, 240},
    [STAGE_HB] = {600, 800, 0, 122, 18, -1, -1, -1, -1, -1, -1, 0, 180},
};

const struct prior *prior_of(enum stage event)
{
	return &table[event];
}

int64_t prior_median_s(enum stage event, enum insemination method)
{
	int hours = method == INSEMINATION_ICSI ? table[event].median_icsi_h
	    : method == INSEMINATION_IVF    ? table[event].median_ivf_h
					    : -1;
	return hours < 0 ? TIME_UNKNOWN : (int64_t)hours * 3600;
}
