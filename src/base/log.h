/**
 * log.h: lines for operators on stderr: time, level, component, words, key=value.
 * Thread: all. Not for the per-document path.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/err.h"

enum log_level {
    LOG_DEBUG,
    LOG_INFO,
    LOG_WARN,
    LOG_ERROR
};

void log_set_level(enum log_level l);

/** "2026-01-31T08:00:00.000Z INFO  ledger  text". One line; a newline in the text becomes a blank.
 */
void log_line(enum log_level l, const char *component, const char *fmt, ...) PRINTF(3, 4);

#define log_debug(component, ...) log_line(LOG_DEBUG, component, __VA_ARGS__)
#define log_info(component, ...)  log_line(LOG_INFO, component, __VA_ARGS__)
#define log_warn(component, ...)  log_line(LOG_WARN, component, __VA_ARGS__)
#define log_error(component, ...) log_line(LOG_ERROR, component, __VA_ARGS__)

#endif
