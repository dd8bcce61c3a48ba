/* A ledger in the test's folder, and rows in it whose times the test chooses. */
#pragma once

#include "unit/unit.h"

#include "agent/ledger.h"
#include "base/limits.h"

#include <string.h>

static inline struct ledger *new_ledger(void **state, const char *name)
{
	char path[LIMIT_PATH];
	struct err err;
	struct ledger *ledger;
	path_join(path, sizeof path, *state, name);
	must(ledger_open(path, &ledger, &err));
	return ledger;
}

static inline int64_t add_egress(
    struct ledger *ledger, enum ledger_class class, const char *endpoint, const char *batch, int64_t bytes)
{
	struct err err;
	int64_t seq;
	const struct ledger_egress egress = {.class = class,
	    .endpoint = endpoint,
	    .region = "eu-central-1",
	    .why = "spill",
	    .batch = batch,
	    .bytes = bytes,
	    .digest = {1, 2, 3}};
	must(ledger_egress_begin(ledger, &egress, &seq, &err));
	return seq;
}

static inline void set_time(struct ledger *ledger, int64_t seq, int64_t at_us)
{
	struct err err;
	struct db_statement *s = db_prepare(ledger_db(ledger), "UPDATE egress SET at_us = ?2 WHERE seq = ?1");
	db_bind_int(s, 1, seq);
	db_bind_int(s, 2, at_us);
	must(db_run(s, &err));
}

/* An invocation as it is after its answer. */
static inline void add_invocation(struct ledger *ledger, int64_t at_us, struct ledger_invocation row)
{
	struct err err;
	row.endpoint = row.endpoint ? row.endpoint : "frankfurt";
	row.batch = row.batch ? row.batch : "00112233445566778899aabbccddeeff";
	row.code = row.code ? row.code : "none";
	row.sentence = row.sentence ? row.sentence : "";
	row.attempt = row.attempt ? row.attempt : 1;
	row.seq = add_egress(ledger, LEDGER_SEALED_BATCH, row.endpoint, row.batch, 1000);
	set_time(ledger, row.seq, at_us);
	must(ledger_invocation_add(ledger, &row, &err));
	must(ledger_egress_end(ledger, row.seq, 1200, "answered 200", &err));
}

static inline int64_t count_of(struct ledger *ledger, const char *sql)
{
	struct err err;
	int64_t value = -1;
	struct db_statement *s = db_prepare(ledger_db(ledger), sql);
	while (db_step(s))
		value = db_column_int(s, 0);
	must(db_finish(s, &err));
	return value;
}
