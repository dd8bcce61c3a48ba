/* Words: every sentence of a report, in each language, in one place.
 *
 * Three kinds: the report's own sentences by id (WORD_TABLE), names that come from the box ("flag.reverse-cleavage"), and
 * the sentences that the evaluation says, which are made in English and told in the report's language by their pattern.
 * What has no translation, such as the caution of a clinic's own rule profile, is quoted as it is. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum language { LANGUAGE_EN, LANGUAGE_FR, LANGUAGE_COUNT };
const char *language_name(enum language language); /* "en", "fr" */
bool language_from_name(const char *name, enum language *ret_language);

#define WORD_TABLE(X) \
	X(WORD_TITLE, "Embryo report", "Rapport sur les embryons") \
	X(WORD_TITLE_PATIENT, "Your embryos", "Vos embryons") \
	X(WORD_SUPPORTS, "This report supports a decision; it does not make one. The decision is the embryologist's.", \
	    "Ce rapport aide à décider ; il ne décide pas. La décision revient à l’embryologiste.") \
	X(WORD_SUPPORTS_PATIENT, "This report supports a decision; it does not make one. Your clinic's team decides with you.", \
	    "Ce rapport aide à décider ; il ne décide pas. L’équipe de votre clinique décide avec vous.") \
	X(WORD_NAME, "Patient", "Patiente") \
	X(WORD_IDENTIFIER, "Identifier", "Identifiant") \
	X(WORD_BORN, "Date of birth", "Date de naissance") \
	X(WORD_CYCLE, "Cycle", "Cycle") \
	X(WORD_METHOD, "Insemination", "Insémination") \
	X(WORD_DECISION_TIME, "Decision due", "À décider avant") \
	X(WORD_SLIDES, "Slide", "Lame") \
	X(WORD_EMBRYOS, "Embryos", "Embryons") \
	X(WORD_NOT_GIVEN, "not given", "non renseigné") \
	X(WORD_OVERVIEW, "Embryos by rank", "Embryons par rang") \
	X(WORD_RANK, "Rank", "Rang") \
	X(WORD_RANK_OF, "Rank {} of {}", "Rang {} sur {}") \
	X(WORD_SHARED, "shared by {}", "partagé par {}") \
	X(WORD_UNRANKED, "Not ranked", "Non classé") \
	X(WORD_WELL, "Well {}", "Puits {}") \
	X(WORD_EMBRYO, "Embryo", "Embryon") \
	X(WORD_REACHED, "Reached", "Stade atteint") \
	X(WORD_GRADE, "Grade", "Grade") \
	X(WORD_FLAGS, "Flags", "Signaux") \
	X(WORD_DECISION, "Decision", "Décision") \
	X(WORD_UNDECIDED, "Not decided", "Non décidé") \
	X(WORD_NO_FLAG, "none raised", "aucun levé") \
	X(WORD_UNREAD, "Not read yet", "Pas encore lu") \
	X(WORD_NO_PICTURE, "No picture", "Pas d’image") \
	X(WORD_READING, "Reading is not finished: {} of {} time points of slide {} are read. What follows is what is known so far.", \
	    "La lecture n’est pas terminée : {} points sur {} de la lame {} sont lus. Ce qui suit est l’état actuel.") \
	X(WORD_NO_TIMES, "Slide {} has no insemination time: events are told by frame, and no hours or scores that need them.", \
	    "La lame {} n’a pas d’heure d’insémination : les événements sont dits par image, sans heures ni scores qui en dépendent.") \
	X(WORD_NO_DISH, "No dish has been assigned to this cycle.", "Aucune boîte n’est attribuée à ce cycle.") \
	X(WORD_TWO_READERS, "The readings are of more than one model: the embryos are being read again.", \
	    "Les lectures viennent de plusieurs modèles : les embryons sont en cours de relecture.") \
	X(WORD_ORDER, "Ranking puts the embryos of one cycle in an order of use; it never says which not to use.", \
	    "Le classement donne un ordre d’utilisation des embryons d’un cycle ; il ne dit jamais lesquels ne pas utiliser.") \
	X(WORD_SIGNATURES, "Signatures", "Signatures") \
	X(WORD_SIGN_EMBRYOLOGIST, "Signature of who decided", "Signature de la personne qui a décidé") \
	X(WORD_SIGN_WITNESS, "Witness", "Témoin") \
	X(WORD_MEANS_AUTHOR, "“I made this decision, for this patient.”", "« J’ai pris cette décision, pour cette patiente. »") \
	X(WORD_MEANS_WITNESS, "“I checked patient, dish and well, and saw this decision made.”", \
	    "« J’ai vérifié patiente, boîte et puits, et j’ai assisté à cette décision. »") \
	X(WORD_NOT_SIGNED, "not signed on the screen", "non signé à l’écran") \
	X(WORD_SIGNED_BY, "Signed by {}, {}", "Signé par {}, {}") \
	X(WORD_WITNESSED_BY, "Witnessed by {}, {}", "Témoin : {}, {}") \
	X(WORD_NOTED, "What people noted", "Ce que des personnes ont noté") \
	X(WORD_COMMENTS, "Comments", "Commentaires") \
	X(WORD_OUTCOME, "Outcome of the transfer", "Issue du transfert") \
	X(WORD_SIGN_LINE, "Name, date, signature", "Nom, date, signature") \
	X(WORD_CONFIDENCE, "confidence {} %", "confiance {} %") \
	X(WORD_PERCENT, "{} %", "{} %") \
	X(WORD_RUN, "frame {}", "image {}") \
	X(WORD_NOW, "newest picture", "dernière image") \
	X(WORD_WHY, "Why this rank", "Pourquoi ce rang") \
	X(WORD_GRADE_NONE, "not computable: needs a human grade", "non calculable : il faut un grade donné par une personne") \
	X(WORD_BY, "{}, {}", "{}, {}") \
	X(WORD_BEFORE, "Before: {} ({}, {})", "Avant : {} ({}, {})") \
	X(WORD_EARLIER, "and before, decisions not listed here: {}", "et avant, décisions non listées ici : {}") \
	X(WORD_GOOD, "good blastocyst", "bon blastocyste") \
	X(WORD_TIMELINE, "Timeline, hours since insemination", "Ligne de temps, heures depuis l’insémination") \
	X(WORD_TIMELINE_NONE, "not computable: needs frame times", "non calculable : il faut l’heure des images") \
	X(WORD_AUTOMATIC, "Automatic", "Automatique") \
	X(WORD_HUMAN, "Human", "Humain") \
	X(WORD_EVENTS, "Events", "Événements") \
	X(WORD_INTERVAL, "Interval", "Intervalle") \
	X(WORD_SURE, "Conf.", "Conf.") \
	X(WORD_ABSENT, "did not happen", "n’a pas eu lieu") \
	X(WORD_SOFT, "unusual time", "heure inhabituelle") \
	X(WORD_HARD, "not plausible", "non plausible") \
	X(WORD_NO_MARK, "–", "–") \
	X(WORD_PROFILES, "Rule profiles", "Règles publiées") \
	X(WORD_UNVERIFIED, "unverified", "non vérifié") \
	X(WORD_VERIFIED, "verified", "vérifié") \
	X(WORD_STATE_VALUE, "value", "valeur") \
	X(WORD_NOT_COMPUTABLE, "not computable", "non calculable") \
	X(WORD_EXCLUDED, "excluded", "exclu") \
	X(WORD_UNCHECKED, "not checked, nobody noted it", "non vérifié, personne ne l’a noté") \
	X(WORD_ANOMALIES, "About the record", "Sur l’enregistrement") \
	X(WORD_SOURCES, "Rule profiles and their sources", "Règles publiées et leurs sources") \
	X(WORD_SOURCES_LEAD, "Unverified: a constant was not checked against the paper; do not rely on that result alone. " \
	    "No published rule has been shown to raise live births by itself.", \
	    "Non vérifié : une constante n’a pas été comparée à la publication ; ne vous fiez pas à ce seul résultat. " \
	    "Aucune règle publiée n’a montré à elle seule un gain en naissances. Les règles sont citées en anglais.") \
	X(WORD_VERSION, "version {}, digest {}", "version {}, empreinte {}") \
	X(WORD_HOW, "How to read this report", "Comment lire ce rapport") \
	X(WORD_HOW_EVENTS, "An event is the first frame that shows the new state (Ciray 2014), in hours since insemination. Automatic: the most " \
	    "likely time, the interval it lies in, and how often the reader is right when it is this sure. Human: what people " \
	    "marked, with who did. Both are kept; where a person marked an event, the rest of the report goes by the newest mark, " \
	    "and so it does with grades and with what was noted.", \
	    "Un événement est la première image du nouvel état (Ciray 2014), en heures depuis l’insémination. Automatique : l’heure " \
	    "la plus probable, l’intervalle où elle se trouve, et la part de réussites du lecteur quand il est aussi sûr. Humain : ce " \
	    "que des personnes ont posé, et qui. Les deux sont gardés ; le reste du rapport suit la marque humaine la plus récente, comme pour les grades et les notes.") \
	X(WORD_HOW_RESULTS, "A result is a value, or not computable with what it needs, or excluded with the reason; never a guess. A missing " \
	    "event is not a late event.", \
	    "Un résultat est une valeur, ou non calculable avec ce qui manque, ou exclu avec le motif ; jamais une supposition. Un " \
	    "événement manquant n’est pas un événement tardif.") \
	X(WORD_HOW_PICTURES, "Pictures are the sharpest focal plane, cropped around the embryo and evened in brightness.", \
	    "Les images sont le plan focal le plus net, recadré autour de l’embryon, à luminosité égalisée.") \
	X(WORD_MADE_BY, "What this report was made with", "Ce qui a produit ce rapport") \
	X(WORD_READER, "Reader (model)", "Lecteur (modèle)") \
	X(WORD_ENGINE, "Evaluation engine", "Moteur d’évaluation") \
	X(WORD_PRIORS, "Table of stage times", "Table des temps de stades") \
	X(WORD_DIGEST, "Digest of this report's content", "Empreinte du contenu de ce rapport") \
	X(WORD_NONE_YET, "none yet", "aucun encore") \
	X(WORD_FOOT_READER, "Reader {} ({})", "Lecteur {} ({})") \
	X(WORD_FOOT_READER_NONE, "Reader {}", "Lecteur {}") \
	X(WORD_FOOT_ENGINE, "engine {}", "moteur {}") \
	X(WORD_FOOT_DIGEST, "report {}", "rapport {}") \
	X(WORD_FOOT_MADE, "made {}", "établi le {}") \
	X(WORD_PAGE, "Page {} of {}", "Page {} sur {}") \
	X(WORD_PATIENT_LEAD, "These pictures show how your embryos developed in the incubator, and what your clinic's team has decided for " \
	    "each of them. They stand in the order of their places in the dish, which says nothing about them.", \
	    "Ces images montrent comment vos embryons se sont développés dans l’incubateur, et ce que l’équipe de votre clinique a décidé " \
	    "pour chacun. Ils sont dans l’ordre de leur place dans la boîte, qui ne dit rien d’eux.") \
	X(WORD_PATIENT_ASK, "Please ask your team about anything here that you would like explained.", \
	    "N’hésitez pas à demander à votre équipe tout ce que vous aimeriez comprendre.") \
	X(WORD_PATIENT_NONE, "There is no embryo to show yet.", "Il n’y a pas encore d’embryon à montrer.") \
	X(WORD_PATIENT_SEEN, "Under each small picture: hours after insemination.", "Sous chaque petite image : les heures depuis l’insémination.")

enum word {
#define X(word, en, fr) word,
	WORD_TABLE(X)
#undef X
	WORD_COUNT
};

const char *words_say(enum language language, enum word word);
/* Its sentence with each {} filled by the next piece. Cut where it does not fit. */
void words_fill(char *to, size_t size, enum language language, enum word word, const char *const *pieces);
#define WORDS_FILL(to, language, word, ...) words_fill(to, sizeof to, language, word, (const char *const[]){__VA_ARGS__})
/* A name of the box, as kind and name: "decision", "freeze". The name itself where there is no word for it. */
const char *words_name(enum language language, const char *kind, const char *name);
/* A sentence of the evaluation in the report's language; as it is where no pattern fits. Cut where it does not fit. */
void words_tell(enum language language, const char *sentence, char *to, size_t size);

enum { WORDS_TIME_SIZE = 64 };
/* "27.4 h", "27,4 h". */
void words_hours(enum language language, int64_t time_s, char to[WORDS_TIME_SIZE]);
/* The clinic's own time with the name of its zone: "21 Nov 2026, 07:30 CET". utc_us 0: "not given". */
void words_time(enum language language, int64_t utc_us, char to[WORDS_TIME_SIZE]);
/* "1990-02-03" as "3 Feb 1990". What is no date stays as it is. */
void words_date(enum language language, const char *date, char to[WORDS_TIME_SIZE]);
