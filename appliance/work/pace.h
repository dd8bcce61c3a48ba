/* How fast the home cuts and reads, learned from the steps of its slots. Two speeds are told apart: the
 * usual one, which changes slowly, and how much slower the box is lately, since the lab looks at films or
 * an export is being imported. A slow box is slow at both, so that while it only cuts, its reading is known
 * to be slower, too. Pure. */
#pragma once

struct pace {
	double cut_us, read_us; /* for one time point, usually */
	double slow;            /* how many times longer it takes lately; 1 */
	int slots;
};

void pace_start(struct pace *pace, int slots, double cut_us, double read_us);
/* A step took cut_us for cutting so many time points and read_us for reading so many; either may be none. */
void pace_step(struct pace *pace, int cut, double cut_us, int read, double read_us);
