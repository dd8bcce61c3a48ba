#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

void log_line(enum log_level level, const char *format, ...)
{
	char line[1024];
	va_list args;
	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);
	/* One call, one write: lines of several threads do not mix. */
	fprintf(stderr, "<%d>%s\n", (int)level, line);
}
