/* AWS Lambda's custom runtime: asks the Runtime API (version 2018-06-01) for an event, answers it, asks again. One
 * event at a time, which is all that Lambda gives one environment.
 *
 * What cannot be answered is told as an error of the invocation, with its reason; only those that may succeed when
 * repeated are: Lambda repeats what failed of asynchronous events and storage events, then puts it into the dead-letter
 * queue. An answer that the Runtime API does not take is logged, and the next event asked for. */
#pragma once

#include "function/function.h"

/* Answers events until stop says so. False when the Runtime API is gone: nothing can reach this process any more. */
bool lambda_run(const struct settings *settings, struct function *function, bool (*stop)(void), struct err *err);
/* Tells the Runtime API why this process can not start. */
void lambda_fail(const char *runtime_api, const struct err *why);
