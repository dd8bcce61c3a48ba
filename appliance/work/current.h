/* The model that the lanes read with: the current one of the box. It is opened once for all lanes, which share its
 * memory, and looked for again every few seconds, so that another one chosen or installed on the command line is
 * taken up by a running daemon. While there is none, or it cannot be trusted, nothing is read and the sentence says
 * why: another model than the one chosen never takes its place by itself.
 *
 * Included by this room only. Any thread may call; a lane holds what it took until it gives it back. */
#pragma once

#include "base/own.h"
#include "models/models.h"

struct current;

/* told: changes go to the log. */
bool current_new(const char *store_folder, bool told, struct current **ret_current, struct err *err);
void current_free(struct current *current);
OWN_DEFINE(struct current *, current_free)

/* The model now: a descriptor of its own for the caller, who closes it. serial tells one model from the next, never 0.
 * False: there is none to read with, and err says why; serial is that of this state, too. */
bool current_take(struct current *current, int *ret_fd, char ret_label[MODEL_LABEL_SIZE], int *ret_serial,
    struct err *err);
/* The serial of the state now; a lane whose own differs takes anew. */
int current_serial(struct current *current);
