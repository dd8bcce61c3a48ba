/* What the subcommands of `daybreak` share. A subcommand with options of its own has a file cli_<name>.c with one
 * function, which takes argv from the subcommand's name on and returns the exit status. */
#pragma once

#include "base/err.h"

enum exit_status {
	EXIT_OK = 0,
	EXIT_FAILED = 1, /* something could not be done; the sentence is on stderr */
	EXIT_USAGE = 2,
	EXIT_REFUSED = 3, /* the box is fine, but an export was quarantined or the store has damage */
};

/* Says why on stderr; returns EXIT_FAILED. */
int fail(const struct err *err);
/* Says what is wrong with the command line; returns EXIT_USAGE. */
int refuse_usage(const char *sentence);

int cli_console(int argc, char **argv); /* status, burst, ledger, costs, sites */
int cli_evaluate(int argc, char **argv);
int cli_health(int argc, char **argv);
int cli_model(int argc, char **argv);
int cli_plan(int argc, char **argv);
int cli_priors(int argc, char **argv);
int cli_quality(int argc, char **argv);
int cli_report(int argc, char **argv);
int cli_setup(int argc, char **argv);
int cli_update(int argc, char **argv);
