/* Numbered migrations: schema/NNNN_*.sql, built into the program (embed.cmake), each applied once, in
 * order, in a transaction of its own. The digest of each is kept: an applied migration that reads
 * differently is refused. */
#pragma once

#include "base/db.h"
#include "base/err.h"

struct migration {
	int number; /* 1, 2, ... without gaps */
	const char *name;
	const char *sql;
};

/* The program's own. */
extern const struct migration migrations[];
extern const int migrations_count;

/* Brings a database up to date; one that has rows is copied into the folder `copies` first.
 * ERR_UNSUPPORTED: it has migrations that the list does not; ERR_DAMAGED: one of them was edited. */
bool migrations_apply(struct db *db, const struct migration *list, int count, const char *copies,
    struct err *err);
