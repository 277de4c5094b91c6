/**
 * progress.h: what a benchmark is doing, on stderr while it does it: one line that is rewritten on
 * a terminal, else a line every 3 s. One thread.
 */
#ifndef BENCH_PROGRESS_H
#define BENCH_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct progress {
    char what[64]; /* "pipeline, round 2 of 5": set by the benchmark, in front of every line */
    bool quiet;
    bool open; /* a line that is not ended stands on the terminal */
    int64_t shown_ms;
};

/** Says it when it is time. */
void progress_say(struct progress *p, const char *fmt, ...) PRINTF(2, 3);

/** Takes the line away, so that other output begins at a line's start. */
void progress_clear(struct progress *p);

#endif
