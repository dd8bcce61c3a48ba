/* AWS Lambda's custom runtime: asks the Runtime API (version 2018-06-01) for an event, answers it, asks
 * again. One event at a time, which is all that Lambda gives one environment.
 *
 * Lambda repeats an asynchronous invocation that ends with an error, then puts it into the dead-letter queue.
 * So only what may succeed the next time is such an error; a question that can not be answered is answered
 * with its reason. An answer that the Runtime API does not take is logged, and the next event asked for. */
#pragma once

#include "function/function.h"

/* Answers events until stop says so. False when the Runtime API is gone: nothing can reach this process
 * any more. */
bool lambda_run(
    const struct settings *settings, struct function *function, bool (*stop)(void), struct err *err);
/* Tells the Runtime API why this process can not start. */
void lambda_fail(const char *runtime_api, const struct err *why);
