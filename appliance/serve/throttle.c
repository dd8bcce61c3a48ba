#include "serve/throttle.h"

#include "base/text.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { SECOND = 1000000, ADDRESS_SIZE = 48 };

struct entry {
	char address[ADDRESS_SIZE]; /* "": free */
	int failures;
	int64_t last_us; /* failure */
};

struct throttle {
	pthread_mutex_t lock;
	struct entry entries[THROTTLE_ADDRESSES];
};

struct throttle *throttle_new(void)
{
	struct throttle *throttle = calloc(1, sizeof *throttle);
	if (throttle)
		pthread_mutex_init(&throttle->lock, NULL);
	return throttle;
}

void throttle_free(struct throttle *throttle)
{
	if (!throttle)
		return;
	pthread_mutex_destroy(&throttle->lock);
	free(throttle);
}

static struct entry *find(struct throttle *throttle, const char *address)
{
	for (int i = 0; i < THROTTLE_ADDRESSES; i++)
		if (strncmp(throttle->entries[i].address, address, ADDRESS_SIZE - 1) == 0)
			return &throttle->entries[i];
	return NULL;
}

static struct entry *oldest(struct throttle *throttle)
{
	struct entry *found = &throttle->entries[0];
	for (int i = 1; i < THROTTLE_ADDRESSES; i++)
		if (throttle->entries[i].last_us < found->last_us)
			found = &throttle->entries[i];
	return found;
}

static int wait_after(int failures)
{
	int over = failures - THROTTLE_FREE;
	if (over < 0)
		return 0;
	return over < 9 && (1 << over) < THROTTLE_WAIT_MAX_S ? 1 << over : THROTTLE_WAIT_MAX_S;
}

int throttle_wait_s(struct throttle *throttle, const char *address, int64_t now_us)
{
	pthread_mutex_lock(&throttle->lock);
	const struct entry *entry = find(throttle, address);
	int64_t until = entry ? entry->last_us + (int64_t)wait_after(entry->failures) * SECOND : 0;
	pthread_mutex_unlock(&throttle->lock);
	return until > now_us ? (int)((until - now_us + SECOND - 1) / SECOND) : 0;
}

void throttle_failed(struct throttle *throttle, const char *address, int64_t now_us)
{
	pthread_mutex_lock(&throttle->lock);
	struct entry *entry = find(throttle, address);
	if (!entry) {
		entry = oldest(throttle);
		*entry = (struct entry){0};
		text_copy(entry->address, ADDRESS_SIZE, address);
	}
	if (now_us - entry->last_us > (int64_t)THROTTLE_FORGET_S * SECOND)
		entry->failures = 0;
	entry->failures++;
	entry->last_us = now_us;
	pthread_mutex_unlock(&throttle->lock);
}

void throttle_passed(struct throttle *throttle, const char *address)
{
	pthread_mutex_lock(&throttle->lock);
	struct entry *entry = find(throttle, address);
	if (entry)
		*entry = (struct entry){0};
	pthread_mutex_unlock(&throttle->lock);
}
