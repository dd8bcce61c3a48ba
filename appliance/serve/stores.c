#include "serve/stores.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct stores {
	pthread_mutex_t lock;
	char *folder;
	struct store *idle[STORES_IDLE_MAX];
	int count;
};

struct stores *stores_new(const char *folder)
{
	OWN(free) struct stores *stores = calloc(1, sizeof *stores);
	if (!stores)
		return NULL;
	stores->folder = strdup(folder);
	if (!stores->folder)
		return NULL;
	pthread_mutex_init(&stores->lock, NULL);
	return TAKE(stores);
}

void stores_free(struct stores *stores)
{
	if (!stores)
		return;
	while (stores->count)
		store_close(stores->idle[--stores->count]);
	pthread_mutex_destroy(&stores->lock);
	free(stores->folder);
	free(stores);
}

bool stores_take(struct stores *stores, struct store **ret_store, struct err *err)
{
	struct store *store = NULL;
	pthread_mutex_lock(&stores->lock);
	if (stores->count)
		store = stores->idle[--stores->count];
	pthread_mutex_unlock(&stores->lock);
	if (!store)
		return store_open(stores->folder, ret_store, err);
	*ret_store = store;
	return true;
}

void stores_give(struct stores *stores, struct store *store)
{
	pthread_mutex_lock(&stores->lock);
	if (store && stores->count < STORES_IDLE_MAX)
		stores->idle[stores->count++] = TAKE(store);
	pthread_mutex_unlock(&stores->lock);
	store_close(store);
}
