/* Slows down guessing of passwords: after a few failures from one address, each further try waits twice as long as
 * the one before. Kept in memory, a fixed number of addresses; the one unseen for longest makes room. The store
 * closes an account that is tried from many addresses (store/users.h). */
#pragma once

#include "base/err.h"
#include "base/own.h"

#include <stdint.h>

enum {
	THROTTLE_FREE = 5,        /* failures without a wait: people mistype */
	THROTTLE_WAIT_MAX_S = 300,
	THROTTLE_FORGET_S = 3600, /* without a failure for so long, all is forgotten */
	THROTTLE_ADDRESSES = 256,
};

struct throttle; /* any thread */

struct throttle *throttle_new(void); /* NULL without memory */
void throttle_free(struct throttle *throttle);
OWN_DEFINE(struct throttle *, throttle_free)
/* How long this address is to wait from now; 0: it may try. */
int throttle_wait_s(struct throttle *throttle, const char *address, int64_t now_us);
void throttle_failed(struct throttle *throttle, const char *address, int64_t now_us);
void throttle_passed(struct throttle *throttle, const char *address);
