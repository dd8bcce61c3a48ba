#include "report/words.h"

#include "base/phrases.h"
#include "base/text.h"
#include "model/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *const languages[LANGUAGE_COUNT] = {"en", "fr"};

static const char *const sentences[WORD_COUNT][LANGUAGE_COUNT] = {
#define X(word, en, fr) [word] = {en, fr},
    WORD_TABLE(X)
#undef X
};

static const struct {
	const char *kind, *name, *word[LANGUAGE_COUNT];
} names[] = {
    {"group", "empty", {"Empty well", "Puits vide"}},
    {"group", "zygote", {"Zygote", "Zygote"}},
    {"group", "cleavage", {"Cleavage", "Clivage"}},
    {"group", "morula", {"Morula", "Morula"}},
    {"group", "blastocyst", {"Blastocyst", "Blastocyste"}},
    {"method", "ICSI", {"ICSI", "ICSI"}},
    {"method", "IVF", {"IVF", "FIV"}},
    {"method", "unknown", {"method not given", "méthode non renseignée"}},
    {"event", "tPB2", {"Second polar body", "Second globule polaire"}},
    {"event", "tPNa", {"Pronuclei appear", "Apparition des pronoyaux"}},
    {"event", "tPNf", {"Pronuclei fade", "Disparition des pronoyaux"}},
    {"event", "t2", {"2 cells", "2 cellules"}},
    {"event", "t3", {"3 cells", "3 cellules"}},
    {"event", "t4", {"4 cells", "4 cellules"}},
    {"event", "t5", {"5 cells", "5 cellules"}},
    {"event", "t6", {"6 cells", "6 cellules"}},
    {"event", "t7", {"7 cells", "7 cellules"}},
    {"event", "t8", {"8 cells", "8 cellules"}},
    {"event", "t9", {"9 or more cells", "9 cellules ou plus"}},
    {"event", "tM", {"Morula", "Morula"}},
    {"event", "tSB", {"Start of blastulation", "Début de blastulation"}},
    {"event", "tB", {"Full blastocyst", "Blastocyste complet"}},
    {"event", "tEB", {"Expanded blastocyst", "Blastocyste expansé"}},
    {"event", "tHB", {"Hatching blastocyst", "Blastocyste en éclosion"}},
    {"flag", "direct-cleavage-1-3-instant", {"Direct cleavage 1 to 3, instant", "Clivage direct 1 à 3, d’un coup"}},
    {"flag", "direct-cleavage-1-3-fast", {"Direct cleavage 1 to 3, fast", "Clivage direct 1 à 3, rapide"}},
    {"flag", "direct-cleavage-2-5", {"Direct cleavage 2 to 5", "Clivage direct 2 à 5"}},
    {"flag", "reverse-cleavage", {"Reverse cleavage", "Clivage inverse"}},
    {"flag", "irregular-chaotic-division", {"Irregular chaotic division", "Division chaotique irrégulière"}},
    {"state", "yes", {"yes", "oui"}},
    {"state", "no", {"no", "non"}},
    {"state", "suspected", {"suspected", "suspecté"}},
    {"state", "not computable", {"not computable", "non calculable"}},
    {"state", "excluded", {"excluded", "exclu"}},
    {"quality", "top", {"top", "optimale"}},
    {"quality", "intermediate", {"intermediate", "intermédiaire"}},
    {"quality", "low", {"low", "faible"}},
    {"observation", "pronuclei", {"Pronuclei", "Pronoyaux"}},
    {"observation", "evenness-2-cell", {"Cell sizes, 2 cells", "Tailles, 2 cellules"}},
    {"observation", "evenness-4-cell", {"Cell sizes, 4 cells", "Tailles, 4 cellules"}},
    {"observation", "evenness-8-cell", {"Cell sizes, 8 cells", "Tailles, 8 cellules"}},
    {"observation", "nuclei-2-cell", {"Nuclei, 2 cells", "Noyaux, 2 cellules"}},
    {"observation", "nuclei-4-cell", {"Nuclei, 4 cells", "Noyaux, 4 cellules"}},
    {"observation", "fragmentation-2-cell", {"Fragmentation, 2 cells", "Fragmentation, 2 cellules"}},
    {"observation", "fragmentation-4-cell", {"Fragmentation, 4 cells", "Fragmentation, 4 cellules"}},
    {"observation", "fragmentation-8-cell", {"Fragmentation, 8 cells", "Fragmentation, 8 cellules"}},
    {"observation", "compaction", {"Compaction", "Compaction"}},
    {"observation", "vacuoles", {"Vacuoles", "Vacuoles"}},
    {"observation", "viability", {"Viability", "Viabilité"}},
    {"observation", "outcome-hcg", {"hCG positive", "hCG positive"}},
    {"observation", "outcome-sac", {"Gestational sac", "Sac gestationnel"}},
    {"observation", "outcome-sacs", {"Number of sacs", "Nombre de sacs"}},
    {"observation", "outcome-heartbeat", {"Heartbeat", "Activité cardiaque"}},
    {"observation", "outcome-live-birth", {"Live birth", "Naissance vivante"}},
    {"noted", "even", {"even", "égales"}},
    {"noted", "uneven", {"uneven", "inégales"}},
    {"noted", "mononucleated", {"mononucleated", "mononucléées"}},
    {"noted", "binucleated", {"binucleated", "binucléées"}},
    {"noted", "multinucleated", {"multinucleated", "multinucléées"}},
    {"noted", "micronucleated", {"micronucleated", "micronucléées"}},
    {"noted", "none", {"none", "aucune"}},
    {"noted", "partial", {"partial", "partielle"}},
    {"noted", "full", {"full", "complète"}},
    {"noted", "minor", {"minor", "légères"}},
    {"noted", "heavy", {"heavy", "importantes"}},
    {"noted", "viable", {"viable", "viable"}},
    {"noted", "not-viable", {"not viable", "non viable"}},
    {"noted", "yes", {"yes", "oui"}},
    {"noted", "no", {"no", "non"}},
    {"decision", "transfer", {"Transfer", "Transférer"}},
    {"decision", "freeze", {"Freeze", "Congeler"}},
    {"decision", "biopsy", {"Biopsy", "Biopsier"}},
    {"decision", "culture", {"Culture on", "Poursuivre la culture"}},
    {"decision", "discard", {"Discard", "Écarter"}},
    {"told", "transfer", {"Chosen for transfer", "Choisi pour le transfert"}},
    {"told", "freeze", {"To be frozen", "À congeler"}},
    {"told", "biopsy", {"Biopsy planned", "Biopsie prévue"}},
    {"told", "culture", {"Stays in the incubator", "Reste dans l’incubateur"}},
    {"told", "discard", {"Will not be kept", "Ne sera pas conservé"}},
    {"told", "", {"Not decided yet", "Pas encore décidé"}},
};

/* What the evaluation says, in French. */
static const struct phrase phrases[] = {
    {"not computable: the readings do not show when", "non calculable : les lectures ne montrent pas quand"},
    {"before the first frame", "avant la première image"},
    {"not reached by the last frame", "pas atteint à la dernière image"},
    {"not computable: the readings do not tell it from the next event", "non calculable : les lectures ne le distinguent pas du suivant"},
    {"not computable: no stage comes before it, so no change shows it", "non calculable : aucun stade ne le précède"},
    {"not computable: no frame with an embryo was read", "non calculable : aucune image d’embryon n’a été lue"},
    {"marked as absent by {}", "noté non survenu par {}"},
    {"needs {}; a stage that no frame shows is not a direct cleavage", "il faut {} ; un stade que nulle image ne montre n’est pas un clivage direct"},
    {"needs frame times", "il faut l’heure des images"},
    {"needs a person: no reader tells it yet", "il faut une personne : aucun lecteur ne le voit encore"},
    {"this reader does not count cells; needs a person", "ce lecteur ne compte pas les cellules ; il faut une personne"},
    {"needs a human grade", "il faut un grade donné par une personne"},
    {"needs events in rising order: a divisor is not positive", "il faut des événements dans l’ordre : un diviseur n’est pas positif"},
    {"needs frame times and the insemination time", "il faut l’heure des images et celle de l’insémination"},
    {"needs tSC, which is not recorded", "il faut tSC, qui n’est pas enregistré"},
    {"needs {}, the insemination method", "il faut {} et la méthode d’insémination"},
    {"needs the insemination method", "il faut la méthode d’insémination"},
    {"needs {}", "il faut {}"},
    {"the frames around {} and {} are too far apart", "les images autour de {} et {} sont trop espacées"},
    {"the frames around t3 are too far apart", "les images autour de t3 sont trop espacées"},
    {"{} is {}, by people's marks", "{} vaut {}, d’après des marques humaines"},
    {"{} is {} by automatic times; a person should look", "{} vaut {} en temps automatiques ; une personne doit regarder"},
    {"{} and {} are not placed closely enough to tell", "{} et {} ne sont pas situés assez précisément"},
    {"t2 and t3 are marked in the same frame", "t2 et t3 sont posés sur la même image"},
    {"the division is instant", "la division se fait d’un coup"},
    {"two cells are seen before three", "deux cellules sont vues avant trois"},
    {"t5 - t4 is below 5 h, t5 - t3 is not; a person should look", "t5 - t4 est sous 5 h, t5 - t3 non ; une personne doit regarder"},
    {"the count falls from {} to {} cells; a person should look", "le compte tombe de {} à {} cellules ; une personne doit regarder"},
    {"the count of cells never falls for {} h", "le nombre de cellules ne baisse jamais pendant {} h"},
    {"{} - {} is {}", "{} - {} vaut {}"},
    {"Not ranked: the well is empty.", "Non classé : le puits est vide."},
    {"Not ranked: no frame has been read.", "Non classé : aucune image n’a été lue."},
    {"Not ranked: its frames end at {}, {} before its siblings'.", "Non classé : ses images s’arrêtent à {}, {} avant celles des autres."},
    {"A person graded it {}, a good blastocyst.", "Gradé {} par une personne, un bon blastocyste."},
    {"A person graded it {}.", "Gradé {} par une personne."},
    {"At the end of its frames it had reached the {} stage.", "À la fin de ses images, stade atteint : {}."},
    {"At {} it had reached the {} stage.", "À {}, stade atteint : {}."},
    {"Its compared events are on average at the time of {}.", "Ses événements comparés sont en moyenne à l’heure de {}."},
    {"Its compared events are on average {} later than {}.", "Ses événements comparés sont en moyenne {} après {}."},
    {"Its compared events are on average {} earlier than {}.", "Ses événements comparés sont en moyenne {} avant {}."},
    {"The one event that can be compared is at the time of {}.", "Le seul événement comparable est à l’heure de {}."},
    {"The one event that can be compared is {} later than {}.", "Le seul événement comparable est {} après {}."},
    {"The one event that can be compared is {} earlier than {}.", "Le seul événement comparable est {} avant {}."},
    {"the medians of its insemination method", "les médianes de sa méthode d’insémination"},
    {"its siblings", "les autres embryons"},
    {"Equal to well {} of slide {} in every question asked; a person decides.",
        "À égalité avec le puits {} de la lame {} sur chaque question ; une personne décide."},
    {"Before well {} of slide {}: {}.", "Avant le puits {} de la lame {} : {}."},
    {"Equal to well {} in every question asked; a person decides.", "À égalité avec le puits {} sur chaque question ; une personne décide."},
    {"Before well {}: {}.", "Avant le puits {} : {}."},
    {"a person's grade makes it a good blastocyst", "le grade d’une personne en fait un bon blastocyste"},
    {"a person graded it higher", "une personne lui a donné un meilleur grade"},
    {"it had come further", "il était plus avancé"},
    {"a person graded the other as less than a good blastocyst", "une personne a gradé l’autre sous le bon blastocyste"},
    {"its divisions look more regular", "ses divisions semblent plus régulières"},
    {"its class in the chosen profile is better", "sa classe dans la règle choisie est meilleure"},
    {"its events are less late", "ses événements sont moins tardifs"},
    {"its reading is surer", "sa lecture est plus sûre"},
    {"direct-cleavage-1-3-instant {}: {}.", "Clivage direct 1 à 3, d’un coup, {} : {}."},
    {"direct-cleavage-1-3-fast {}: {}.", "Clivage direct 1 à 3, rapide, {} : {}."},
    {"direct-cleavage-2-5 {}: {}.", "Clivage direct 2 à 5, {} : {}."},
    {"reverse-cleavage {}: {}.", "Clivage inverse, {} : {}."},
    {"irregular-chaotic-division {}: {}.", "Division chaotique irrégulière, {} : {}."},
    {"found", "constaté"},
    {"suspected", "suspecté"},
    {"zygote", "zygote"},
    {"cleavage", "clivage"},
    {"blastocyst", "blastocyste"},
    {"the well is empty when the record begins", "le puits est vide au début de l’enregistrement"},
    {"the well is empty from run {} on", "le puits est vide à partir de l’image {}"},
    {"there is an embryo again from run {} on", "il y a de nouveau un embryon à partir de l’image {}"},
    {"the clock runs backwards at run {}; times are not used", "l’horloge recule à l’image {} ; les heures ne servent pas"},
    {"the times do not fit the insemination time; times are not used", "les heures ne vont pas avec celle de l’insémination ; elles ne servent pas"},
    {"there are more gaps from run {} on", "il y a d’autres lacunes à partir de l’image {}"},
    {"no frame for {} between run {} and run {}", "pas d’image pendant {} entre les images {} et {}"},
    {"no frame between run {} and run {}", "pas d’image entre les images {} et {}"},
    {"the picture jumps at run {}: the well or the focus may have moved", "l’image saute à l’image {} : le puits ou la mise au point a pu bouger"},
    {"{} frame is damaged or not read yet, at run {}", "{} image abîmée ou pas encore lue, l’image {}"},
    {"{} frames are damaged or not read yet, the first at run {}", "{} images abîmées ou pas encore lues, la première est la {}"},
};

const char *language_name(enum language language)
{
	return languages[language];
}

bool language_from_name(const char *name, enum language *ret_language)
{
	for (int i = 0; i < LANGUAGE_COUNT; i++) {
		if (strcmp(languages[i], name) != 0)
			continue;
		*ret_language = (enum language)i;
		return true;
	}
	return false;
}

const char *words_say(enum language language, enum word word)
{
	return sentences[word][language];
}

const char *words_name(enum language language, const char *kind, const char *name)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(names[i].kind, kind) == 0 && strcmp(names[i].name, name) == 0)
			return names[i].word[language];
	return name;
}

void words_fill(char *to, size_t size, enum language language, enum word word, const char *const *pieces)
{
	phrases_fill(to, size, words_say(language, word), pieces);
}

void words_tell(enum language language, const char *sentence, char *to, size_t size)
{
	if (language == LANGUAGE_EN)
		text_copy(to, size, sentence);
	else
		phrases_tell(phrases, sizeof phrases / sizeof *phrases, sentence, to, size);
}

void words_hours(enum language language, int64_t time_s, char to[WORDS_TIME_SIZE])
{
	char text[16];
	time_format(text, time_s);
	words_tell(language, text, to, WORDS_TIME_SIZE);
}

static const char *const months[LANGUAGE_COUNT][12] = {
    {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
    {"janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."},
};

void words_time(enum language language, int64_t utc_us, char to[WORDS_TIME_SIZE])
{
	time_t seconds = (time_t)(utc_us / 1000000);
	struct tm tm;
	if (!utc_us || !localtime_r(&seconds, &tm)) {
		text_copy(to, WORDS_TIME_SIZE, words_say(language, WORD_NOT_GIVEN));
		return;
	}
	snprintf(to, WORDS_TIME_SIZE, "%d %s %d, %02d:%02d %.8s", tm.tm_mday, months[language][tm.tm_mon], tm.tm_year + 1900,
	    tm.tm_hour, tm.tm_min, tm.tm_zone);
}

void words_date(enum language language, const char *date, char to[WORDS_TIME_SIZE])
{
	int year, month, day;
	char rest;
	text_copy(to, WORDS_TIME_SIZE, date);
	if (sscanf(date, "%4d-%2d-%2d%c", &year, &month, &day, &rest) == 3 && month >= 1 && month <= 12)
		snprintf(to, WORDS_TIME_SIZE, "%d %s %d", day, months[language][month - 1], year);
}
