#include "store/history.h"

#include "base/text.h"
#include "store/columns.h"
#include "store/inside.h"
#include "store/keys.h"

static const char *const names[HISTORY_COUNT] = {
#define X(kind, name) [kind] = name,
    HISTORY_TABLE(X)
#undef X
};

enum {
	WHAT, /* as enum history_kind */
	ID,
	NAME,
	VALUE,
	SEALED, /* of comments and decisions: opened it is the value */
	RUN,
	TIME,
	DAY,
	USER,
	AUTHOR,
	MADE,
	REPLACED,
	WITHDRAWN,
	CLOCK,
	INSEMINATION,
};

/* The numbers in front are those of enum history_kind. A decision is replaced by the next that was not withdrawn. */
static const char each_sql[] =
    "SELECT 0, e.id, e.event, iif(e.absent, 'absent', ''), NULL, e.run, e.time_s, '', e.user_id,"
    " ifnull(u.name, e.author), e.made_us AS made, n.made_us, e.withdrawn_us, r.clock_s, d.insemination_clock_s"
    " FROM events e JOIN embryos m ON m.id = e.embryo_id JOIN dishes d ON d.id = m.dish_id"
    " LEFT JOIN runs r ON r.embryo_id = e.embryo_id AND r.run = e.run"
    " LEFT JOIN users u ON u.id = e.user_id LEFT JOIN events n ON n.id = e.replaced_by WHERE e.embryo_id = ?1"
    " UNION ALL SELECT 1, g.id, g.stage, iif(g.stage = 'blastocyst', g.expansion || g.icm || g.te, g.quality), NULL,"
    " NULL, NULL, '', g.user_id, u.name, g.made_us, n.made_us, g.withdrawn_us, NULL, NULL"
    " FROM grades g JOIN users u ON u.id = g.user_id LEFT JOIN grades n ON n.id = g.replaced_by"
    " WHERE g.embryo_id = ?1"
    " UNION ALL SELECT 2, o.id, o.kind, o.value, NULL, o.run, NULL, o.day, o.user_id, u.name, o.made_us, n.made_us,"
    " o.withdrawn_us, NULL, NULL"
    " FROM observations o JOIN users u ON u.id = o.user_id LEFT JOIN observations n ON n.id = o.replaced_by"
    " WHERE o.embryo_id = ?1"
    " UNION ALL SELECT 3, c.id, 'comment', '', c.text, c.run, NULL, '', c.user_id, u.name, c.made_us, NULL,"
    " c.withdrawn_us, NULL, NULL FROM comments c JOIN users u ON u.id = c.user_id WHERE c.embryo_id = ?1"
    " UNION ALL SELECT 4, d.id, d.decision, '', d.reason, NULL, NULL, '', d.user_id, u.name, d.made_us,"
    " iif(d.withdrawn_us IS NULL, (SELECT min(n.made_us) FROM decisions n WHERE n.embryo_id = d.embryo_id"
    " AND n.id > d.id AND n.withdrawn_us IS NULL), NULL), d.withdrawn_us, NULL, NULL"
    " FROM decisions d JOIN users u ON u.id = d.user_id WHERE d.embryo_id = ?1"
    " UNION ALL SELECT 5, s.id, s.meaning, d.decision, NULL, NULL, NULL, '', s.user_id, s.name, s.made_us, NULL, NULL,"
    " NULL, NULL FROM signatures s JOIN decisions d ON d.id = s.decision_id WHERE d.embryo_id = ?1"
    " UNION ALL SELECT 6, b.id, 'begin', iif(b.shown_us IS NULL, '', 'shown'), NULL, NULL, NULL, '', b.user_id, u.name, b.begun_us, NULL, NULL,"
    " NULL, NULL FROM second_readings b JOIN users u ON u.id = b.user_id WHERE b.embryo_id = ?1"
    " UNION ALL SELECT 6, b.id, 'end', '', NULL, NULL, NULL, '', b.user_id, u.name, b.ended_us, NULL, NULL,"
    " NULL, NULL FROM second_readings b JOIN users u ON u.id = b.user_id WHERE b.embryo_id = ?1 AND b.ended_us IS NOT NULL"
    " ORDER BY made DESC, 1 DESC, 2 DESC";

const char *history_kind_name(enum history_kind kind)
{
	return kind < HISTORY_COUNT ? names[kind] : "unknown";
}

static bool open_value(struct db_statement *s, const uint8_t *key, struct history_row *row, struct err *err)
{
	if (db_column_is_null(s, SEALED)) {
		text_copy(row->value, sizeof row->value, db_column_text(s, VALUE));
		return true;
	}
	const char *column = row->what == HISTORY_COMMENT ? "comments.text" : "decisions.reason";
	return columns_open(s, SEALED, &(struct column){key, column, db_column_int(s, ID)}, row->value,
	    sizeof row->value, err);
}

static bool open_row(struct db_statement *s, const uint8_t *key, struct history_row *ret_row, struct err *err)
{
	*ret_row = (struct history_row){
	    .what = (enum history_kind)db_column_int(s, WHAT),
	    .run = db_column_is_null(s, RUN) ? -1 : (int)db_column_int(s, RUN),
	    .time_s = column_clock(s, TIME),
	    .user_id = db_column_int(s, USER),
	    .made_us = db_column_int(s, MADE),
	    .replaced_us = db_column_int(s, REPLACED),
	    .withdrawn_us = db_column_int(s, WITHDRAWN),
	};
	if (ret_row->time_s == TIME_UNKNOWN)
		ret_row->time_s = time_since_insemination(column_clock(s, CLOCK), column_clock(s, INSEMINATION));
	text_copy(ret_row->name, sizeof ret_row->name, db_column_text(s, NAME));
	text_copy(ret_row->day, sizeof ret_row->day, db_column_text(s, DAY));
	text_copy(ret_row->author, sizeof ret_row->author, db_column_text(s, AUTHOR));
	return open_value(s, key, ret_row, err);
}

bool history_each(struct store *store, int64_t embryo_id, bool (*each)(const struct history_row *row, void *context),
    void *context, struct err *err)
{
	uint8_t key[CRYPTO_KEY_SIZE];
	if (!keys_embryo(store, embryo_id, key, err))
		return false;
	bool ok = true, more = true;
	struct db_statement *s = db_prepare(store->db, each_sql);
	db_bind_int(s, 1, embryo_id);
	while (ok && more && db_step(s)) {
		struct history_row row;
		ok = open_row(s, key, &row, err);
		more = ok && each(&row, context);
	}
	crypto_wipe(key, sizeof key);
	return db_finish(s, ok ? err : NULL) && ok;
}
