#include "simulator/random.h"

#include <math.h>

static uint64_t splitmix(uint64_t *state)
{
	uint64_t z = *state += 0x9E3779B97F4A7C15u;
	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
	return z ^ (z >> 31);
}

static uint64_t rotate(uint64_t value, int by)
{
	return (value << by) | (value >> (64 - by));
}

void random_start(struct random *random, uint64_t seed, uint64_t stream)
{
	uint64_t state = seed;
	uint64_t mixed = splitmix(&state) ^ (stream * 0xD1342543DE82EF95u);
	for (int i = 0; i < 4; i++)
		random->state[i] = splitmix(&mixed);
}

uint64_t random_u64(struct random *random)
{
	uint64_t *s = random->state;
	uint64_t result = rotate(s[1] * 5, 7) * 9;
	uint64_t t = s[1] << 17;
	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate(s[3], 45);
	return result;
}

double random_unit(struct random *random)
{
	return (double)(random_u64(random) >> 11) / 9007199254740992.0;
}

double random_between(struct random *random, double low, double high)
{
	return low + (high - low) * random_unit(random);
}

int random_int(struct random *random, int low, int high)
{
	return low + (int)(random_u64(random) % (uint64_t)(high - low + 1));
}

double random_normal(struct random *random, double mean, double deviation)
{
	double sum = -6;
	for (int i = 0; i < 12; i++)
		sum += random_unit(random);
	return mean + deviation * sum;
}

bool random_chance(struct random *random, double probability)
{
	return random_unit(random) < probability;
}

void random_direction(struct random *random, float ret_direction[3])
{
	for (;;) {
		double x = random_between(random, -1, 1), y = random_between(random, -1, 1),
		       z = random_between(random, -1, 1);
		double square = x * x + y * y + z * z;
		if (square < 0.01 || square > 1)
			continue;
		double length = sqrt(square);
		ret_direction[0] = (float)(x / length);
		ret_direction[1] = (float)(y / length);
		ret_direction[2] = (float)(z / length);
		return;
	}
}
