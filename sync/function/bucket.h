/* Batches through S3, for those that do not fit a request: a question object in, an answer object beside
 * it. The keys of the account come from the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
 * AWS_SESSION_TOKEN; AWS_ENDPOINT_URL_S3 names another server than Amazon's, which is then asked by path. */
#pragma once

#include "function/event.h"
#include "function/function.h"
#include "function/outbound.h"

/* Reads the question of one object and writes answers/BATCH.sealed, or answers/BATCH.json with the error
 * of a question that can not be answered: that one is done, and trying again would not help. False where
 * it may: S3 does not answer, or the account may not. */
bool bucket_answer(struct function *function, struct outbound *outbound, const struct event_object *object,
    const char *request, struct err *err);
