/* The diagnostic log: one line to stderr, with the level prefix that journald understands. Only main, serve
 * and work log; other rooms return errors. Ids only: never a name, a date of birth or free text. */
#pragma once

enum log_level { LOG_ALARM = 2, LOG_ERROR = 3, LOG_NOTICE = 5 };

void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
