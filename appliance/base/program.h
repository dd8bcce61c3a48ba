/* Another program: started without a shell, what it says is kept, and it is never waited for without end. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/own.h"

#include <sys/types.h>

struct program;

/* arguments[0] is looked for on the PATH unless it has a slash; ends with NULL. */
bool program_start(const char *const *arguments, struct program **ret_program, struct err *err);

enum program_news { PROGRAM_ENDED, PROGRAM_SAID, PROGRAM_LATE };
/* Until it has ended, has written `mark` (may be NULL) to its standard output, or patience_s are over. */
enum program_news program_wait(struct program *program, const char *mark, int patience_s);
const char *program_output(struct program *program);
/* The sentence it gave for its failure: the last that it wrote to its standard error, else to its output. */
const char *program_complaint(struct program *program);
/* Asks it to end, and after patience_s makes it; frees. NULL is fine. */
void program_stop(struct program *program, int patience_s);
static inline void program_end(struct program *program)
{
	program_stop(program, 5);
}
OWN_DEFINE(struct program *, program_end)

/* All of it: ERR_UNAVAILABLE with its complaint when it does not end well or in time. ret_output may be NULL. */
bool program_run(const char *const *arguments, int patience_s, struct buf *ret_output, struct err *err);
