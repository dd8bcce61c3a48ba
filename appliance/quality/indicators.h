/* The 19 indicators of the Vienna consensus (ESHRE Special Interest Group of Embryology and Alpha 2017, Hum Reprod Open
 * 2017:hox011, doi 10.1093/hropen/hox011) as a table, and what the box can truly count of them.
 *
 * The checks of days 2, 3 and 5 are made at 44, 68 and 116 hours exactly, the middle of the consensus' windows of +-1, +-1
 * and +-2 hours: times of events say what a look at that minute would have shown. The tolerance serves once: the record of
 * an embryo must reach the window's beginning. Where the box cannot tell, an embryo is left out, with the reason, and
 * counts neither above nor below the line. An indicator that rests on what no one records here is unavailable and says
 * so. */
#pragma once

#include "quality/subject.h"

enum { INDICATORS_COUNT = 19 };

/* The table has its sentences in both languages: the screen and the command line take them from here. */
enum tongue { TONGUE_EN, TONGUE_FR, TONGUE_COUNT };
/* "en", "fr" */
bool tongue_from_name(const char *name, enum tongue *ret_tongue);

/* Key performance indicator, performance indicator, reference indicator. */
enum indicator_kind { INDICATOR_KPI, INDICATOR_PI, INDICATOR_RI };

#define LEFT_OUT_TABLE(X) \
	X(LEFT_OUT_PRONUCLEI, "pronuclei", "pronuclei not counted", "pronoyaux non comptés") \
	X(LEFT_OUT_TIMING, "timing", "insemination time not known", "heure d’insémination inconnue") \
	X(LEFT_OUT_RECORD, "record", "pictures end before the check", "les images s’arrêtent avant le contrôle") \
	X(LEFT_OUT_EVENT, "event", "an event near the check has no time", "un événement proche du contrôle n’a pas d’heure") \
	X(LEFT_OUT_GRADE, "grade", "blastocyst without a grade", "blastocyste sans grade") \
	X(LEFT_OUT_OUTCOME, "outcome", "no outcome recorded", "issue non renseignée") \
	X(LEFT_OUT_STAGE, "stage", "stage at transfer not known", "stade au transfert inconnu")

enum left_out {
#define X(why, name, english, french) why,
	LEFT_OUT_TABLE(X)
#undef X
	LEFT_OUT_COUNT
};
const char *left_out_name(enum left_out why);
const char *left_out_sentence(enum left_out why, enum tongue tongue);

enum verdict { VERDICT_OUTSIDE, VERDICT_LEFT_OUT, VERDICT_NOT_COUNTED, VERDICT_COUNTED };

struct indicator {
	const char *id;
	const char *name[TONGUE_COUNT];
	const char *what[TONGUE_COUNT]; /* numerator / denominator */
	enum indicator_kind kind;
	int competence_permille, benchmark_permille; /* -1: none; of a reference indicator the usual range */
	bool lower; /* lower is better */
	/* False where the denominator is not quite the consensus': the value must not be held against its limits. */
	bool comparable;
	const char *unavailable[TONGUE_COUNT]; /* why it cannot be counted, or NULL */
	enum verdict (*judge)(const struct subject *subject, enum left_out *ret_why); /* NULL where unavailable */
};

/* index 0 .. INDICATORS_COUNT - 1 */
const struct indicator *indicators_at(int index);
/* NULL: there is none of this id. */
const struct indicator *indicators_find(const char *id);
/* ret_why is written for VERDICT_LEFT_OUT. An unavailable indicator finds everyone outside. */
enum verdict indicator_judge(const struct indicator *indicator, const struct subject *subject, enum left_out *ret_why);
