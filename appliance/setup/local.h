/* The files of BOX_LOCAL that the programs read. */
#pragma once

#include "setup/answers.h"
#include "setup/box.h"

bool local_write(struct box *box, const struct answers *answers, struct err *err);
