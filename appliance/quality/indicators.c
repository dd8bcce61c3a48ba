#include "quality/indicators.h"

#include "model/gardner.h"

#include <string.h>

enum { HOUR_S = 3600 };

struct check {
	int64_t at_s, tolerance_s;
};
static const struct check day_2 = {44 * HOUR_S, 1 * HOUR_S};
static const struct check day_3 = {68 * HOUR_S, 1 * HOUR_S};
static const struct check day_5 = {116 * HOUR_S, 2 * HOUR_S};

/* What the stage may have been: events without a time lie somewhere between those that have one. */
struct range {
	enum stage low, high;
};

static enum verdict leave_out(enum left_out why, enum left_out *ret_why)
{
	*ret_why = why;
	return VERDICT_LEFT_OUT;
}

/* VERDICT_LEFT_OUT, or VERDICT_COUNTED with the range. */
static enum verdict stage_at(const struct subject *subject, const struct check *check, struct range *ret_range,
    enum left_out *ret_why)
{
	int low = STAGE_PB2, later = STAGE_COUNT;
	if (!subject->timed)
		return leave_out(LEFT_OUT_TIMING, ret_why);
	for (int j = STAGE_PB2; j <= STAGE_HB; j++)
		if (subject->events[j].used_s != TIME_UNKNOWN && subject->events[j].used_s <= check->at_s)
			low = j;
	for (int j = STAGE_HB; j > low; j--)
		if (subject->events[j].used_s != TIME_UNKNOWN)
			later = j;
	bool reaches = subject->last_s != TIME_UNKNOWN && subject->last_s >= check->at_s - check->tolerance_s;
	if (later == STAGE_COUNT && !reaches)
		return leave_out(LEFT_OUT_RECORD, ret_why);
	*ret_range = (struct range){(enum stage)low, (enum stage)low};
	for (int j = low + 1; later < STAGE_COUNT && j < later; j++)
		if (!subject->events[j].absent)
			ret_range->high = (enum stage)j;
	return VERDICT_COUNTED;
}

static enum verdict two_pronuclei(const struct subject *subject, enum left_out *ret_why)
{
	if (!subject->seen)
		return VERDICT_OUTSIDE;
	if (!subject->pronuclei[0])
		return leave_out(LEFT_OUT_PRONUCLEI, ret_why);
	return strcmp(subject->pronuclei, "2") == 0 ? VERDICT_COUNTED : VERDICT_OUTSIDE;
}

/* Of zygotes with two pronuclei: whether at the check the stage lies within from .. to. */
static enum verdict shows(const struct subject *subject, const struct check *check, enum stage from, enum stage to,
    enum left_out *ret_why)
{
	struct range range;
	enum verdict verdict = two_pronuclei(subject, ret_why);
	if (verdict == VERDICT_COUNTED)
		verdict = stage_at(subject, check, &range, ret_why);
	if (verdict != VERDICT_COUNTED)
		return verdict;
	if (range.low >= from && range.high <= to)
		return VERDICT_COUNTED;
	return range.high < from || range.low > to ? VERDICT_NOT_COUNTED : leave_out(LEFT_OUT_EVENT, ret_why);
}

static enum verdict judge_cleavage(const struct subject *subject, enum left_out *ret_why)
{
	return shows(subject, &day_2, STAGE_2, STAGE_HB, ret_why);
}

static enum verdict judge_four_cells(const struct subject *subject, enum left_out *ret_why)
{
	return shows(subject, &day_2, STAGE_4, STAGE_4, ret_why);
}

static enum verdict judge_eight_cells(const struct subject *subject, enum left_out *ret_why)
{
	return shows(subject, &day_3, STAGE_8, STAGE_8, ret_why);
}

static enum verdict judge_blastocyst(const struct subject *subject, enum left_out *ret_why)
{
	enum verdict verdict = shows(subject, &day_5, STAGE_SB, STAGE_HB, ret_why);
	/* What was discarded early had stopped, and belongs below the line: else the share would flatter. */
	bool stopped = verdict == VERDICT_LEFT_OUT && *ret_why == LEFT_OUT_RECORD && subject->fate == FATE_DISCARD;
	return stopped ? VERDICT_NOT_COUNTED : verdict;
}

static enum verdict judge_good_blastocyst(const struct subject *subject, enum left_out *ret_why)
{
	enum verdict verdict = judge_blastocyst(subject, ret_why);
	if (verdict != VERDICT_COUNTED)
		return verdict;
	if (!subject->graded)
		return leave_out(LEFT_OUT_GRADE, ret_why);
	return gardner_is_good(&subject->grade) ? VERDICT_COUNTED : VERDICT_NOT_COUNTED;
}

static enum verdict judge_pronuclei(const struct subject *subject, const char *wanted, enum left_out *ret_why)
{
	if (subject->method != INSEMINATION_ICSI || !subject->seen)
		return VERDICT_OUTSIDE;
	if (!subject->pronuclei[0])
		return leave_out(LEFT_OUT_PRONUCLEI, ret_why);
	return strcmp(subject->pronuclei, wanted) == 0 ? VERDICT_COUNTED : VERDICT_NOT_COUNTED;
}

static enum verdict judge_icsi_two(const struct subject *subject, enum left_out *ret_why)
{
	return judge_pronuclei(subject, "2", ret_why);
}

static enum verdict judge_icsi_one(const struct subject *subject, enum left_out *ret_why)
{
	return judge_pronuclei(subject, "1", ret_why);
}

static enum verdict judge_implantation(const struct subject *subject, enum stage from, enum stage to, enum left_out *ret_why)
{
	enum stage reached = STAGE_EMPTY;
	if (subject->fate != FATE_TRANSFER)
		return VERDICT_OUTSIDE;
	for (int j = STAGE_PB2; j <= STAGE_HB; j++)
		if (subject->events[j].source != MILESTONE_NONE)
			reached = (enum stage)j;
	if (reached == STAGE_EMPTY)
		return leave_out(LEFT_OUT_STAGE, ret_why);
	if (reached < from || reached > to)
		return VERDICT_OUTSIDE;
	if (subject->sac == KNOWN_NOT)
		return leave_out(LEFT_OUT_OUTCOME, ret_why);
	return subject->sac == KNOWN_YES ? VERDICT_COUNTED : VERDICT_NOT_COUNTED;
}

static enum verdict judge_implantation_cleavage(const struct subject *subject, enum left_out *ret_why)
{
	return judge_implantation(subject, STAGE_2, STAGE_9, ret_why);
}

static enum verdict judge_implantation_blastocyst(const struct subject *subject, enum left_out *ret_why)
{
	return judge_implantation(subject, STAGE_SB, STAGE_HB, ret_why);
}

static const struct indicator indicators[INDICATORS_COUNT] = {
    {"icsi-2pn", {"ICSI fertilisation, 2PN", "Fécondation ICSI, 2PN"},
	{"Oocytes with two pronuclei / ICSI oocytes in the dish whose pronuclei were counted. The "
	    "consensus divides by all injected MII oocytes; those that never came into the dish are not "
	    "known here.",
	    "Ovocytes à deux pronoyaux / ovocytes d’ICSI de la boîte dont les pronoyaux ont été comptés. Le "
	    "consensus divise par tous les MII injectés ; ceux qui n’ont pas été mis dans la boîte sont "
	    "inconnus ici."},
	INDICATOR_KPI, 650, 800, false, false, {NULL}, judge_icsi_two},
    {"icsi-1pn", {"ICSI, 1PN", "ICSI, 1PN"},
	{"Oocytes with one pronucleus / ICSI oocytes in the dish whose pronuclei were counted. The "
	    "consensus divides by all injected MII oocytes; those that never came into the dish are not "
	    "known here.",
	    "Ovocytes à un pronoyau / ovocytes d’ICSI de la boîte dont les pronoyaux ont été comptés. Le "
	    "consensus divise par tous les MII injectés ; ceux qui n’ont pas été mis dans la boîte sont "
	    "inconnus ici."},
	INDICATOR_PI, 30, -1, true, false, {NULL}, judge_icsi_one},
    {"cleavage", {"Cleavage", "Clivage"},
	{"Two cells or more at 44 h / zygotes with two pronuclei.",
	    "Deux cellules ou plus à 44 h / zygotes à deux pronoyaux."},
	INDICATOR_KPI, 950, 990, false, true, {NULL}, judge_cleavage},
    {"day-2", {"Day 2: 4 cells", "J2 : 4 cellules"},
	{"Four cells at 44 h, the middle of 44 ± 1 h / zygotes with two pronuclei.",
	    "Quatre cellules à 44 h, milieu de 44 ± 1 h / zygotes à deux pronoyaux."},
	INDICATOR_KPI, 500, 800, false, true, {NULL}, judge_four_cells},
    {"day-3", {"Day 3: 8 cells", "J3 : 8 cellules"},
	{"Eight cells at 68 h, the middle of 68 ± 1 h / zygotes with two pronuclei.",
	    "Huit cellules à 68 h, milieu de 68 ± 1 h / zygotes à deux pronoyaux."},
	INDICATOR_KPI, 450, 700, false, true, {NULL}, judge_eight_cells},
    {"blastocyst", {"Blastocyst on day 5", "Blastocyste à J5"},
	{"A cavity (tSB) or more at 116 h, the middle of 116 ± 2 h / zygotes with two pronuclei. Early "
	    "blastocysts count; what was discarded before counts as none.",
	    "Une cavité (tSB) ou plus à 116 h, milieu de 116 ± 2 h / zygotes à deux pronoyaux. Les "
	    "blastocystes précoces comptent ; ce qui a été éliminé avant compte comme non atteint."},
	INDICATOR_KPI, 400, 600, false, true, {NULL}, judge_blastocyst},
    {"good-blastocyst", {"Good blastocyst on day 5", "Blastocyste de bonne qualité à J5"},
	{"Blastocysts at 116 h with expansion 3 or more, ICM and TE A or B by the newest grade / zygotes "
	    "with two pronuclei.",
	    "Blastocystes à 116 h d’expansion 3 ou plus, MCI et trophectoderme A ou B selon le grade le plus "
	    "récent / zygotes à deux pronoyaux."},
	INDICATOR_PI, 300, 400, false, true, {NULL}, judge_good_blastocyst},
    {"implantation-cleavage", {"Implantation, cleavage stage", "Implantation, stade clivé"},
	{"Embryos with a gestational sac / embryos transferred with 2 to 9 cells whose outcome is "
	    "recorded.",
	    "Embryons avec un sac gestationnel / embryons transférés à 2 à 9 cellules dont l’issue est "
	    "renseignée."},
	INDICATOR_KPI, 250, 350, false, true, {NULL}, judge_implantation_cleavage},
    {"implantation-blastocyst", {"Implantation, blastocyst", "Implantation, blastocyste"},
	{"Embryos with a gestational sac / blastocysts transferred whose outcome is recorded.",
	    "Embryons avec un sac gestationnel / blastocystes transférés dont l’issue est renseignée."},
	INDICATOR_KPI, 350, 600, false, true, {NULL}, judge_implantation_blastocyst},
    {"oocyte-recovery", {"Oocytes recovered", "Ovocytes recueillis"},
	{"Oocytes recovered / follicles on the day of trigger.",
	    "Ovocytes recueillis / follicules le jour du déclenchement."},
	INDICATOR_RI, 800, 950, false, true,
	{"How many oocytes were collected is not recorded here.",
	    "Le nombre d’ovocytes recueillis n’est pas renseigné ici."},
	NULL},
    {"mature-oocytes", {"MII oocytes at ICSI", "Ovocytes MII à l’ICSI"},
	{"MII oocytes at ICSI / oocyte complexes recovered.",
	    "Ovocytes MII à l’ICSI / complexes recueillis."},
	INDICATOR_RI, 750, 900, false, true,
	{"How many oocytes were collected is not recorded here.",
	    "Le nombre d’ovocytes recueillis n’est pas renseigné ici."},
	NULL},
    {"sperm-motility", {"Sperm motility after preparation", "Mobilité des spermatozoïdes après préparation"},
	{"Sperm that move forward / all sperm counted.",
	    "Spermatozoïdes progressifs / spermatozoïdes comptés."},
	INDICATOR_PI, 900, 950, false, true,
	{"Sperm is not recorded here.",
	    "Le sperme n’est pas renseigné ici."},
	NULL},
    {"icsi-damage", {"ICSI damage", "Lyse après ICSI"},
	{"Oocytes damaged or degenerated / oocytes injected.",
	    "Ovocytes lysés ou dégénérés / ovocytes injectés."},
	INDICATOR_KPI, 100, 50, true, true,
	{"Damaged oocytes do not come into the dish.",
	    "Les ovocytes lysés ne sont pas mis dans la boîte."},
	NULL},
    {"ivf-2pn", {"IVF fertilisation, 2PN", "Fécondation FIV, 2PN"},
	{"Oocytes with two pronuclei / oocyte complexes inseminated.",
	    "Ovocytes à deux pronoyaux / complexes inséminés."},
	INDICATOR_KPI, 600, 750, false, true,
	{"How many oocyte complexes were inseminated is not recorded here, and after IVF often only "
	    "zygotes come into the dish.",
	    "Le nombre de complexes inséminés n’est pas renseigné ici, et après FIV on ne met souvent que "
	    "les zygotes dans la boîte."},
	NULL},
    {"ivf-polyspermy", {"IVF polyspermy", "Polyspermie en FIV"},
	{"Oocytes with more than two pronuclei / oocyte complexes inseminated.",
	    "Ovocytes à plus de deux pronoyaux / complexes inséminés."},
	INDICATOR_PI, 60, -1, true, true,
	{"How many oocyte complexes were inseminated is not recorded here.",
	    "Le nombre de complexes inséminés n’est pas renseigné ici."},
	NULL},
    {"ivf-1pn", {"IVF, 1PN", "FIV, 1PN"},
	{"Oocytes with one pronucleus / oocyte complexes inseminated.",
	    "Ovocytes à un pronoyau / complexes inséminés."},
	INDICATOR_PI, 50, -1, true, true,
	{"How many oocyte complexes were inseminated is not recorded here.",
	    "Le nombre de complexes inséminés n’est pas renseigné ici."},
	NULL},
    {"ivf-failed", {"IVF failed fertilisation", "Échec de fécondation en FIV"},
	{"IVF cycles without any fertilised oocyte / IVF cycles.",
	    "Cycles de FIV sans ovocyte fécondé / cycles de FIV."},
	INDICATOR_KPI, 50, -1, true, true,
	{"A cycle without a zygote fills no dish.",
	    "Un cycle sans zygote ne remplit aucune boîte."},
	NULL},
    {"biopsy", {"Successful biopsy", "Biopsies réussies"},
	{"Biopsies with DNA detected / biopsies.",
	    "Biopsies avec ADN détecté / biopsies."},
	INDICATOR_KPI, 900, 950, false, true,
	{"What the genetic laboratory found is not recorded here.",
	    "Le résultat du laboratoire de génétique n’est pas renseigné ici."},
	NULL},
    {"cryosurvival", {"Blastocyst cryosurvival", "Survie des blastocystes au réchauffement"},
	{"Blastocysts intact after thawing / blastocysts thawed.",
	    "Blastocystes intacts après réchauffement / blastocystes réchauffés."},
	INDICATOR_KPI, 900, 990, false, true,
	{"Thawing is not recorded here.",
	    "Le réchauffement n’est pas renseigné ici."},
	NULL},
};

const struct indicator *indicators_at(int index)
{
	return &indicators[index];
}

const struct indicator *indicators_find(const char *id)
{
	for (int i = 0; i < INDICATORS_COUNT; i++)
		if (strcmp(indicators[i].id, id) == 0)
			return &indicators[i];
	return NULL;
}

enum verdict indicator_judge(const struct indicator *indicator, const struct subject *subject, enum left_out *ret_why)
{
	return indicator->judge ? indicator->judge(subject, ret_why) : VERDICT_OUTSIDE;
}

bool tongue_from_name(const char *name, enum tongue *ret_tongue)
{
	bool french = strcmp(name, "fr") == 0;
	if (!french && strcmp(name, "en") != 0)
		return false;
	*ret_tongue = french ? TONGUE_FR : TONGUE_EN;
	return true;
}

const char *left_out_name(enum left_out why)
{
	static const char *const names[] = {
#define X(why, name, english, french) name,
	    LEFT_OUT_TABLE(X)
#undef X
	};
	return names[why];
}

const char *left_out_sentence(enum left_out why, enum tongue tongue)
{
	static const char *const sentences[][TONGUE_COUNT] = {
#define X(why, name, english, french) {english, french},
	    LEFT_OUT_TABLE(X)
#undef X
	};
	return sentences[why][tongue];
}
