#include "serve/glances.h"

#include "base/buf.h"
#include "serve/stored.h"
#include "store/evaluations.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* An event is told from half a certainty on (evaluation/decode.h). So near to it a person had better look. */
enum { UNSURE_PERMILLE = 550 };

/* More sentences than these help nobody on a board; the embryo page has all. */
enum { ATTENTION_MAX = 5 };

/* As text: JSON values are not shared between threads. */
struct slot {
	int64_t embryo_id;
	int64_t made_us; /* of the evaluation it was taken from */
	char *text;
};

struct glances {
	pthread_mutex_t lock;
	struct slot slots[GLANCES_KEPT]; /* an embryo's place is its id's remainder */
};

struct glances *glances_new(void)
{
	struct glances *glances = calloc(1, sizeof *glances);
	if (glances)
		pthread_mutex_init(&glances->lock, NULL);
	return glances;
}

void glances_free(struct glances *glances)
{
	if (!glances)
		return;
	for (int i = 0; i < GLANCES_KEPT; i++)
		free(glances->slots[i].text);
	pthread_mutex_destroy(&glances->lock);
	free(glances);
}

static json_t *raised_flags(const json_t *evaluation)
{
	json_t *names = json_array();
	size_t index;
	const json_t *flag;
	json_array_foreach(json_object_get(evaluation, "flags"), index, flag) {
		const char *state = json_text(flag, "state", "");
		if (strcmp(state, "yes") == 0 || strcmp(state, "suspected") == 0)
			json_array_append_new(names, json_string(json_text(flag, "flag", "")));
	}
	return names;
}

static json_t *attention(const json_t *evaluation)
{
	json_t *sentences = json_array();
	size_t index;
	const json_t *anomaly;
	json_array_foreach(json_object_get(evaluation, "anomalies"), index, anomaly)
		if (index < ATTENTION_MAX)
			json_array_append_new(sentences, json_string(json_text(anomaly, "text", "")));
	return sentences;
}

/* Events whose automatic time is used and little sure. */
static json_t *unsure(const json_t *evaluation)
{
	json_t *names = json_array();
	size_t index;
	const json_t *event;
	json_array_foreach(json_object_get(evaluation, "events"), index, event) {
		const char *source = json_text(json_object_get(event, "used"), "source", "");
		if (strcmp(source, "automatic") == 0 &&
		    json_int(json_object_get(event, "automatic"), "confidence", 1000) < UNSURE_PERMILLE)
			json_array_append_new(names, json_string(json_text(event, "event", "")));
	}
	return names;
}

static json_t *glance_at(const json_t *evaluation)
{
	return json_pack("{s:s, s:s, s:I, s:o, s:o, s:o}", "stage", json_text(evaluation, "stage", ""), "stage_group",
	    json_text(evaluation, "stage_group", ""), "confidence",
	    (json_int_t)json_int(evaluation, "group_confidence", 0), "flags", raised_flags(evaluation), "attention",
	    attention(evaluation), "unsure", unsure(evaluation));
}

/* A copy of the kept text, if it is of this evaluation. */
static char *find(struct glances *glances, int64_t embryo_id, int64_t made_us)
{
	const struct slot *slot = &glances->slots[embryo_id % GLANCES_KEPT];
	char *text = NULL;
	pthread_mutex_lock(&glances->lock);
	if (slot->text && slot->embryo_id == embryo_id && slot->made_us == made_us)
		text = strdup(slot->text);
	pthread_mutex_unlock(&glances->lock);
	return text;
}

/* Takes the text. */
static void keep(struct glances *glances, int64_t embryo_id, int64_t made_us, char *text)
{
	struct slot *slot = &glances->slots[embryo_id % GLANCES_KEPT];
	pthread_mutex_lock(&glances->lock);
	free(slot->text);
	*slot = (struct slot){embryo_id, made_us, text};
	pthread_mutex_unlock(&glances->lock);
}

bool glances_get(struct glances *glances, struct store *store, int64_t embryo_id, json_t **ret_glance,
    struct err *err)
{
	OWN(buf_done) struct buf text = BUF_INIT(STORED_MAX);
	OWN(json_decref) json_t *evaluation = NULL;
	int64_t made_us;
	bool found;
	if (!evaluations_get(store, embryo_id, &text, &made_us, &found, err))
		return false;
	if (!found) {
		*ret_glance = json_null();
		return true;
	}
	OWN(free) char *kept = find(glances, embryo_id, made_us);
	if (kept)
		return json_parse(kept, strlen(kept), ret_glance, err);
	if (!json_parse((const char *)text.data, text.size, &evaluation, err))
		return err_add(err, "evaluation of embryo %lld", (long long)embryo_id);
	json_t *glance = glance_at(evaluation);
	if (!glance)
		return err_set(err, ERR_NO_MEMORY, "looking at an evaluation");
	keep(glances, embryo_id, made_us, json_dumps(glance, JSON_COMPACT));
	*ret_glance = glance;
	return true;
}
