/**
 * report.h: findings about configuration, with their place, for people and editors:
 *
 *   driftgate.yaml:14:9: error: ledger.workers: 0 is outside 1..64
 *      14 |     workers: 0
 *         |              ^
 *
 * Thread: one.
 */
#ifndef CONFIG_REPORT_H
#define CONFIG_REPORT_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/** Where settings come from. A file has text; --set and the environment have a name only. */
struct source {
    const char *name;
    struct view text;
};

struct place {
    const struct source *source; /* NULL: built in */
    uint32_t line;               /* from 1; 0: the source as a whole */
    uint32_t column;             /* characters, from 1 */
};

/** Length of the UTF-8 sequence at p; 0: none (overlong forms and surrogates are none). left > 0.
 */
uint32_t report_utf8(const unsigned char *p, size_t left);

struct report {
    struct buf *out;
    uint32_t errors;
    uint32_t warnings;
};

void report_error(struct report *r, struct place at, const char *fmt, ...) PRINTF(3, 4);
void report_warning(struct report *r, struct place at, const char *fmt, ...) PRINTF(3, 4);

#endif
