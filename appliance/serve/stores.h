/* Connections to the store, lent to one request at a time. The one given back last is lent first: few are open, and
 * their caches are warm. One for each worker would hold thirty times the same pages. */
#pragma once

#include "store/store.h"

struct stores; /* any thread */

enum { STORES_IDLE_MAX = 16 };

struct stores *stores_new(const char *folder); /* NULL without memory */
/* All have been given back. */
void stores_free(struct stores *stores);
OWN_DEFINE(struct stores *, stores_free)
bool stores_take(struct stores *stores, struct store **ret_store, struct err *err);
/* NULL is fine. */
void stores_give(struct stores *stores, struct store *store);
