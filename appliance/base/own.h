/* Ownership words. Who creates frees; a local that owns says so and is freed when it leaves scope.
 *
 *   OWN_DEFINE(struct buf *, buf_free)        beside the type, once
 *   OWN(buf_free) struct buf *b = buf_new();  freed at the end of the scope
 *   return TAKE(b);                           gives it away instead
 */
#pragma once

#include <stdlib.h>
#include <unistd.h>

#define OWN(free_function) __attribute__((cleanup(free_function##_owned)))

#define OWN_DEFINE(type, free_function)                                                            \
	static inline void free_function##_owned(type *owned)                                      \
	{                                                                                          \
		if (*owned)                                                                        \
			free_function(*owned);                                                     \
	}

#define TAKE(pointer)                                                                              \
	__extension__({                                                                            \
		__auto_type taken_ = (pointer);                                                    \
		(pointer) = NULL;                                                                  \
		taken_;                                                                            \
	})

static inline void free_owned(void *owned)
{
	free(*(void **)owned);
}

/* OWN(fd_close) int fd = -1; */
static inline void fd_close_owned(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
