#include "reading/climb.h"

/* A step of x, y or radius, or of a place and the radius together, which keeps the opposite edge
 * where it is. */
static const int8_t moves[][3] = {
    {1, 0, 0}, {-1, 0, 0}, {0, 1, 0}, {0, -1, 0}, {0, 0, 1}, {0, 0, -1},
    {1, 0, 1}, {-1, 0, 1}, {1, 0, -1}, {-1, 0, -1}, {0, 1, 1}, {0, -1, 1}, {0, 1, -1}, {0, -1, -1},
};

static const float least_step = 0.5f;

/* Every move makes the score greater, so this ends; the limit says when even so. */
enum { ROUNDS_MAX = 400 };

struct circle circle_climb(struct circle start, float first_step, circle_score *score,
    const void *context, float *ret_score)
{
	struct circle best = start;
	float best_score = score(best, context), step = first_step;
	for (int round = 0; round < ROUNDS_MAX && step >= least_step; round++) {
		bool moved = false;
		for (size_t i = 0; i < sizeof moves / sizeof *moves; i++) {
			struct circle c = {best.x + step * moves[i][0], best.y + step * moves[i][1],
			    best.radius + step * moves[i][2]};
			float c_score = score(c, context);
			if (c_score <= best_score)
				continue;
			best_score = c_score;
			best = c;
			moved = true;
		}
		if (!moved)
			step /= 2;
	}
	if (ret_score)
		*ret_score = best_score;
	return best;
}
