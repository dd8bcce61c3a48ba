#include "report/facts.h"

#include "base/crypto.h"
#include "base/text.h"
#include "report/said.h"
#include "store/cuts.h"
#include "store/cycles.h"
#include "store/dishes.h"
#include "store/embryos.h"
#include "store/evaluations.h"
#include "store/patients.h"
#include "store/rankings.h"
#include "store/readings.h"
#include "store/tracks.h"

#include <stdio.h>
#include <string.h>

enum {
	KEPT_MAX = 4 << 20, /* a ranking or an evaluation, as serve/stored.h has it */
	EMBRYOS_MAX = 256,  /* a cycle has a few dozen at the very most */
};

/* The pictures that tell a development. */
static const char *const pictured[] = {"tPNa", "t2", "t4", "t8", "tM", "tB"};

struct collecting {
	struct store *store;
	struct facts *facts;
	json_t *dishes;
	json_t *ranked, *unranked; /* of the dish that is being listed */
	const json_t *ranking;
	int embryos;
	struct err *err;
	bool failed;
};

static json_t *time_json(int64_t time_s)
{
	return time_s == TIME_UNKNOWN ? json_null() : json_integer(time_s);
}

static bool parse_kept(struct buf *text, bool found, json_t *otherwise, json_t **ret_json, struct err *err)
{
	if (!found) {
		*ret_json = otherwise;
		return true;
	}
	json_decref(otherwise);
	return json_parse((const char *)text->data, text->size, ret_json, err);
}

static bool add_reader(const struct reading_reader *reader, void *context)
{
	return json_array_append_new(context,
	           json_pack("{s:s, s:s, s:I}", "version", reader->version, "digest", reader->digest, "runs",
	               (json_int_t)reader->runs)) == 0;
}

static int64_t time_of(const struct track *track, int run)
{
	for (size_t i = 0; i < track->count; i++)
		if (track->points[i].run == run)
			return track->points[i].time_s;
	return TIME_UNKNOWN;
}

/* Nothing is added where that run has no cut. */
static bool add_picture(struct collecting *collecting, int64_t embryo_id, const char *what, int run,
    const struct track *track, json_t *list)
{
	struct facts *facts = collecting->facts;
	struct cut_row row;
	struct cut cut;
	bool found;
	if (!cuts_get(collecting->store, embryo_id, run, &row, &found, collecting->err))
		return false;
	if (!found || !row.made)
		return true;
	if (!cuts_read(collecting->store, embryo_id, run, &cut, collecting->err))
		return false;
	uint8_t *grown = realloc(facts->pictures, (facts->pictures_count + 1) * FACTS_PIXELS);
	if (!grown)
		return err_set(collecting->err, ERR_NO_MEMORY, "taking a picture");
	facts->pictures = grown;
	memcpy(grown + facts->pictures_count * FACTS_PIXELS, cut.pixels[0], FACTS_PIXELS);
	uint8_t digest[CRYPTO_DIGEST_SIZE];
	char hex[2 * CRYPTO_DIGEST_SIZE + 1];
	crypto_sha256(cut.pixels[0], FACTS_PIXELS, digest);
	text_hex(hex, digest, sizeof digest);
	json_array_append_new(list,
	    json_pack("{s:s, s:i, s:o, s:I, s:s}", "what", what, "run", run, "time_s",
	        time_json(time_of(track, run)), "index", (json_int_t)facts->pictures_count++, "digest", hex));
	return true;
}

static bool last_cut(const struct cut_row *row, void *context)
{
	if (row->made && row->location.occupied)
		*(int *)context = row->run;
	return true;
}

static bool add_pictures(struct collecting *collecting, int64_t embryo_id, const json_t *evaluation, json_t *list)
{
	OWN(track_done) struct track track = {0};
	int last = -1;
	if (!tracks_load(collecting->store, embryo_id, &track, collecting->err) ||
	    !cuts_each(collecting->store, embryo_id, last_cut, &last, collecting->err))
		return false;
	for (size_t i = 0; i < sizeof pictured / sizeof *pictured; i++) {
		size_t j;
		const json_t *event;
		json_array_foreach(json_object_get(evaluation, "events"), j, event) {
			int64_t run = json_int(json_object_get(event, "used"), "run", -1);
			if (strcmp(json_text(event, "event", ""), pictured[i]) == 0 && run >= 0 &&
			    !add_picture(collecting, embryo_id, pictured[i], (int)run, &track, list))
				return false;
		}
	}
	return last < 0 || add_picture(collecting, embryo_id, "now", last, &track, list);
}

/* Its place in the ranking; nothing is added where it has none. */
static size_t add_rank(json_t *object, const json_t *ranking, int64_t embryo_id)
{
	size_t index = 0, i;
	const json_t *entry;
	int of = 0, shared = 0;
	while (
	    index < json_array_size(ranking) && json_int(json_array_get(ranking, index), "embryo", 0) != embryo_id)
		index++;
	const json_t *own = json_array_get(ranking, index);
	json_t *rank = json_object_get(own, "rank"), *reasons = json_object_get(own, "reasons");
	json_array_foreach(ranking, i, entry) {
		const json_t *other = json_object_get(entry, "rank");
		of += json_is_integer(other);
		shared += json_is_integer(other) && json_equal(other, rank);
	}
	json_object_set(object, "rank", rank ? rank : json_null());
	json_object_set_new(object, "of", json_integer(of));
	json_object_set_new(object, "shared", json_integer(shared));
	json_object_set_new(object, "reasons", reasons ? json_incref(reasons) : json_array());
	return index;
}

static bool set_all(struct collecting *collecting, int64_t embryo_id, json_t *object)
{
	OWN(buf_done) struct buf text = BUF_INIT(KEPT_MAX);
	bool found;
	json_t *evaluation, *readers = json_array(), *pictures = json_array();
	json_object_set_new(object, "readers", readers);
	json_object_set_new(object, "pictures", pictures);
	if (!evaluations_get(collecting->store, embryo_id, &text, NULL, &found, collecting->err) ||
	    !parse_kept(&text, found, json_null(), &evaluation, collecting->err))
		return false;
	json_object_set_new(object, "evaluation", evaluation);
	if (!said_collect(collecting->store, embryo_id, object, collecting->err) ||
	    !readings_readers_each(collecting->store, embryo_id, add_reader, readers, collecting->err))
		return false;
	return add_pictures(collecting, embryo_id, evaluation, pictures);
}

static bool add_embryo(const struct embryo *embryo, void *context)
{
	struct collecting *collecting = context;
	json_t *object = json_pack("{s:I, s:i}", "embryo", (json_int_t)embryo->id, "well", embryo->well);
	size_t place = add_rank(object, collecting->ranking, embryo->id);
	collecting->failed = ++collecting->embryos > EMBRYOS_MAX
	    ? !err_set(collecting->err, ERR_TOO_LARGE, "a report takes at most %d embryos", EMBRYOS_MAX)
	    : !set_all(collecting, embryo->id, object);
	if (place < json_array_size(collecting->ranking))
		json_array_set_new(collecting->ranked, place, object);
	else
		json_array_append_new(collecting->unranked, object);
	return !collecting->failed;
}

/* In the order of the ranking, then those it does not know. */
static bool list_embryos(struct collecting *collecting, int64_t dish_id, json_t *list)
{
	OWN(buf_done) struct buf text = BUF_INIT(KEPT_MAX);
	OWN(json_decref) json_t *ranking = NULL;
	OWN(json_decref) json_t *ranked = json_array();
	OWN(json_decref) json_t *unranked = json_array();
	bool found;
	size_t i;
	json_t *entry;
	if (!rankings_get(collecting->store, dish_id, &text, NULL, &found, collecting->err) ||
	    !parse_kept(&text, found, json_array(), &ranking, collecting->err))
		return false;
	json_array_foreach(ranking, i, entry)
		json_array_append_new(ranked, json_null());
	collecting->ranking = ranking;
	collecting->ranked = ranked;
	collecting->unranked = unranked;
	if (!embryos_each(collecting->store, dish_id, add_embryo, collecting, collecting->err) ||
	    collecting->failed)
		return false;
	json_array_foreach(ranked, i, entry)
		if (json_is_object(entry))
			json_array_append(list, entry);
	return json_array_extend(list, unranked) == 0 || err_set(collecting->err, ERR_NO_MEMORY, "listing embryos");
}

static bool add_dish(const struct dish *dish, void *context)
{
	struct collecting *collecting = context;
	struct dish_progress progress;
	json_t *list = json_array();
	json_t *object = json_pack("{s:s, s:s, s:o}", "slide", dish->slide, "timing",
	    dish->insemination_clock_s == TIME_UNKNOWN ? "unknown" : "exact", "embryos", list);
	json_array_append_new(collecting->dishes, object);
	collecting->failed = !dishes_progress(collecting->store, dish->id, &progress, collecting->err) ||
	    !list_embryos(collecting, dish->id, list);
	if (collecting->failed)
		return false;
	json_object_set_new(object, "runs_total", json_integer(progress.runs_total));
	json_object_set_new(object, "runs_read", json_integer(progress.runs_read));
	return true;
}

static bool seal_facts(struct facts *facts, struct err *err)
{
	OWN(free) char *text = json_dumps(facts->json, JSON_SORT_KEYS | JSON_COMPACT);
	uint8_t digest[CRYPTO_DIGEST_SIZE];
	if (!text)
		return err_set(err, ERR_NO_MEMORY, "writing the facts of a report");
	crypto_sha256(text, strlen(text), digest);
	text_hex(facts->digest, digest, sizeof digest);
	return true;
}

bool facts_collect(struct store *store, int64_t cycle_id, struct facts *ret_facts, struct err *err)
{
	OWN(facts_done) struct facts facts = {0};
	struct cycle cycle;
	struct patient patient;
	if (!cycles_get(store, cycle_id, &cycle, err) || !patients_get(store, cycle.patient_id, &patient, err))
		return false;
	json_t *dishes = json_array();
	facts.json = json_pack("{s:{s:I, s:s, s:s, s:o}, s:{s:s, s:s, s:s}, s:o}", "cycle", "id",
	    (json_int_t)cycle.id, "label", cycle.label, "method", insemination_name(cycle.method), "decision",
	    json_utc(cycle.decision_us), "patient", "name", patient.name, "identifier", patient.identifier,
	    "born", patient.born, "dishes", dishes);
	struct collecting collecting = {.store = store, .facts = &facts, .dishes = dishes, .err = err};
	if (!dishes_each(store, cycle_id, add_dish, &collecting, err) || collecting.failed ||
	    !seal_facts(&facts, err))
		return false;
	*ret_facts = facts;
	facts = (struct facts){0};
	return true;
}

void facts_done(struct facts *facts)
{
	json_decref(facts->json);
	free(facts->pictures);
}

const json_t *facts_profiles(const struct facts *facts)
{
	size_t i, j;
	const json_t *dish, *embryo;
	json_array_foreach(json_object_get(facts->json, "dishes"), i, dish) {
		json_array_foreach(json_object_get(dish, "embryos"), j, embryo) {
			const json_t *profiles = json_object_get(json_object_get(embryo, "evaluation"), "profiles");
			if (json_array_size(profiles))
				return profiles;
		}
	}
	return NULL;
}

const uint8_t *facts_picture(
    const struct facts *facts, const json_t *embryo, const char *what, const json_t **ret_picture)
{
	size_t i;
	const json_t *entry;
	json_array_foreach(json_object_get(embryo, "pictures"), i, entry) {
		size_t index = (size_t)json_int(entry, "index", -1);
		if (strcmp(json_text(entry, "what", ""), what) != 0 || index >= facts->pictures_count)
			continue;
		if (ret_picture)
			*ret_picture = entry;
		return facts->pictures + index * FACTS_PIXELS;
	}
	return NULL;
}
