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

#define NO_OOCYTES "how many oocytes were collected is not recorded here"
#define NO_COMPLEXES "how many oocyte complexes were inseminated is not recorded here, and after IVF often only zygotes come into the dish"

static const struct indicator indicators[INDICATORS_COUNT] = {
    {"icsi-2pn", "ICSI normal fertilisation", "Oocytes with two pronuclei / oocytes of ICSI in the dish whose pronuclei were counted. The "
        "consensus divides by all MII oocytes that were injected; those that never came into the dish are not known here.",
        INDICATOR_KPI, 650, 800, false, false, NULL, judge_icsi_two},
    {"icsi-1pn", "ICSI one pronucleus", "Oocytes with one pronucleus / oocytes of ICSI in the dish whose pronuclei were counted. The "
        "consensus divides by all MII oocytes that were injected; those that never came into the dish are not known here.",
        INDICATOR_PI, 30, -1, true, false, NULL, judge_icsi_one},
    {"cleavage", "Cleavage", "Zygotes with two cells or more at 44 h / zygotes with two pronuclei.", INDICATOR_KPI, 950, 990, false, true,
        NULL, judge_cleavage},
    {"day-2", "Day 2: four cells", "Zygotes with four cells at 44 h (44 ± 1 h) / zygotes with two pronuclei.", INDICATOR_KPI, 500, 800,
        false, true, NULL, judge_four_cells},
    {"day-3", "Day 3: eight cells", "Zygotes with eight cells at 68 h (68 ± 1 h) / zygotes with two pronuclei.", INDICATOR_KPI, 450, 700,
        false, true, NULL, judge_eight_cells},
    {"blastocyst", "Blastocyst on day 5", "Zygotes with a cavity (tSB) or more at 116 h (116 ± 2 h) / zygotes with two pronuclei. Early "
        "blastocysts count; what was discarded before counts as none.",
        INDICATOR_KPI, 400, 600, false, true, NULL, judge_blastocyst},
    {"good-blastocyst", "Good blastocyst on day 5", "Blastocysts at 116 h with expansion of 3 or more, ICM and TE A or B by the newest "
        "grade / zygotes with two pronuclei.",
        INDICATOR_PI, 300, 400, false, true, NULL, judge_good_blastocyst},
    {"implantation-cleavage", "Implantation, cleavage stage", "Embryos with a gestational sac / embryos transferred with 2 to 9 cells whose "
        "outcome is recorded.",
        INDICATOR_KPI, 250, 350, false, true, NULL, judge_implantation_cleavage},
    {"implantation-blastocyst", "Implantation, blastocyst", "Embryos with a gestational sac / blastocysts transferred whose outcome is "
        "recorded.",
        INDICATOR_KPI, 350, 600, false, true, NULL, judge_implantation_blastocyst},
    {"oocyte-recovery", "Oocytes recovered", "Oocytes recovered / follicles on the day of trigger.", INDICATOR_RI, 800, 950, false, true, NO_OOCYTES, NULL},
    {"mature-oocytes", "MII oocytes at ICSI", "MII oocytes at ICSI / oocyte complexes recovered.", INDICATOR_RI, 750, 900, false, true, NO_OOCYTES, NULL},
    {"sperm-motility", "Sperm motility after preparation", "Sperm that move forward / all sperm counted.", INDICATOR_PI, 900, 950, false,
        true, "sperm is not recorded here", NULL},
    {"icsi-damage", "ICSI damage", "Oocytes damaged or degenerated / oocytes injected.", INDICATOR_KPI, 100, 50, true, true,
        "oocytes that were damaged do not come into the dish", NULL},
    {"ivf-2pn", "IVF normal fertilisation", "Oocytes with two pronuclei / oocyte complexes inseminated.", INDICATOR_KPI, 600, 750, false,
        true, NO_COMPLEXES, NULL},
    {"ivf-polyspermy", "IVF polyspermy", "Oocytes with more than two pronuclei / oocyte complexes inseminated.", INDICATOR_PI, 60, -1, true,
        true, NO_COMPLEXES, NULL},
    {"ivf-1pn", "IVF one pronucleus", "Oocytes with one pronucleus / oocyte complexes inseminated.", INDICATOR_PI, 50, -1, true, true, NO_COMPLEXES, NULL},
    {"ivf-failed", "IVF failed fertilisation", "IVF cycles without any fertilised oocyte / IVF cycles.", INDICATOR_KPI, 50, -1, true, true,
        "a cycle without a zygote fills no dish, so it does not come here", NULL},
    {"biopsy", "Successful biopsy", "Biopsies with DNA detected / biopsies.", INDICATOR_KPI, 900, 950, false, true,
        "what the genetic laboratory found is not recorded here", NULL},
    {"cryosurvival", "Blastocyst cryosurvival", "Blastocysts intact after thawing / blastocysts thawed.", INDICATOR_KPI, 900, 990, false, true,
        "thawing is not recorded here", NULL},
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

const char *left_out_name(enum left_out why)
{
	static const char *const names[] = {
#define X(why, name, sentence) name,
	    LEFT_OUT_TABLE(X)
#undef X
	};
	return names[why];
}

const char *left_out_sentence(enum left_out why)
{
	static const char *const sentences[] = {
#define X(why, name, sentence) sentence,
	    LEFT_OUT_TABLE(X)
#undef X
	};
	return sentences[why];
}
