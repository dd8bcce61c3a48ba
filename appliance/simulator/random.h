/* A small random generator of our own (xoshiro256**, Blackman and Vigna 2018, seeded by splitmix64), so
 * that a seed gives the same slide with every compiler and library. Not for secrets. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct random {
	uint64_t state[4];
};

/* Streams of one seed are independent of each other. */
void random_start(struct random *random, uint64_t seed, uint64_t stream);
uint64_t random_u64(struct random *random);
/* 0 <= x < 1 */
double random_unit(struct random *random);
double random_between(struct random *random, double low, double high);
int random_int(struct random *random, int low, int high); /* both ends included */
/* About normal, within +-6 deviations: twelve uniforms summed. */
double random_normal(struct random *random, double mean, double deviation);
bool random_chance(struct random *random, double probability);
/* A point on the unit sphere. */
void random_direction(struct random *random, float ret_direction[3]);
