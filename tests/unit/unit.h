/* What every unit test needs: cmocka with its required includes, and a folder that disappears. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>

/* A call that must succeed; its error sentence is shown when it does not. */
#define must(call)                                                                                 \
	do {                                                                                       \
		if (!(call)) {                                                                     \
			print_error("%s:%d: %s\n", __FILE__, __LINE__, err.detail);                \
			fail();                                                                    \
			abort(); /* not reached: tells the compiler so */                          \
		}                                                                                  \
	} while (0)

/* A call that must fail with this code. */
#define must_fail(call, expected)                                                                  \
	do {                                                                                       \
		assert_false(call);                                                                \
		assert_int_equal(err.code, expected);                                              \
		assert_true(err.detail[0] != 0);                                                   \
	} while (0)

/* group_setup and group_teardown of cmocka: *state is the path of an empty folder. */
static inline int folder_setup(void **state)
{
	char *path = malloc(64);
	snprintf(path, 64, "/tmp/daybreak-test-XXXXXX");
	*state = mkdtemp(path);
	return *state ? 0 : -1;
}

static inline int folder_teardown(void **state)
{
	struct err err;
	bool ok = folder_remove(*state, &err);
	free(*state);
	return ok ? 0 : -1;
}
