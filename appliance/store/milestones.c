#include "store/milestones.h"

#include "store/embryos.h"
#include "store/inside.h"

#include <string.h>

static const char *const sources[MILESTONE_SOURCE_COUNT] = {"none", "automatic", "human"};

static const char forget_sql[] = "DELETE FROM milestones WHERE embryo_id = ?1";
static const char add_sql[] = "INSERT INTO milestones (embryo_id, event, used_s, source, automatic_s, confidence)"
			      " VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
static const char each_sql[] =
    "SELECT event, used_s, source, automatic_s, confidence FROM milestones WHERE embryo_id = ?1";

static bool add(struct store *store, int64_t embryo_id, const struct milestone *milestone, struct err *err)
{
	struct db_statement *s = db_prepare(store->db, add_sql);
	db_bind_int(s, 1, embryo_id);
	db_bind_text(s, 2, stage_name(milestone->event));
	bind_clock(s, 3, milestone->used_s);
	db_bind_text(s, 4, sources[milestone->source]);
	bind_clock(s, 5, milestone->automatic_s);
	db_bind_int(s, 6, milestone->confidence);
	return db_run(s, err);
}

static bool put(struct store *store, int64_t embryo_id, const struct milestone *list, size_t count, struct err *err)
{
	struct embryo embryo;
	bool ok = embryos_get(store, embryo_id, &embryo, err) && RUN_INTS(store, forget_sql, err, embryo_id);
	for (size_t i = 0; ok && i < count; i++)
		ok = add(store, embryo_id, &list[i], err);
	return ok;
}

bool milestones_put(struct store *store, int64_t embryo_id, const struct milestone *list, size_t count, struct err *err)
{
	return store_begin(store, err) && store_end(store, put(store, embryo_id, list, count, err), err);
}

static bool row(struct db_statement *s, struct milestone *ret_milestone)
{
	*ret_milestone = (struct milestone){.used_s = column_clock(s, 1),
	    .automatic_s = column_clock(s, 3),
	    .confidence = (int)db_column_int(s, 4)};
	for (int i = 0; i < MILESTONE_SOURCE_COUNT; i++)
		if (strcmp(sources[i], db_column_text(s, 2)) == 0)
			ret_milestone->source = (enum milestone_source)i;
	return stage_from_name(db_column_text(s, 0), &ret_milestone->event);
}

bool milestones_each(struct store *store, int64_t embryo_id,
    bool (*each)(const struct milestone *milestone, void *context), void *context, struct err *err)
{
	bool more = true, known = true;
	struct db_statement *s = db_prepare(store->db, each_sql);
	db_bind_int(s, 1, embryo_id);
	while (more && known && db_step(s)) {
		struct milestone milestone;
		known = row(s, &milestone);
		more = known && each(&milestone, context);
	}
	return db_finish(s, err) &&
	    (known ||
		err_set(err, ERR_DAMAGED, "embryo %" PRId64 " has a milestone of an unknown event", embryo_id));
}
