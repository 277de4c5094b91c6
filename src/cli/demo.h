/**
 * demo.h: the parts of `driftgate demo`: the feeder and the bookkeeping (demo_books.c).
 */
#ifndef CLI_DEMO_H
#define CLI_DEMO_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/lang.h"
#include "config/config.h"
#include "gen/gen.h"
#include "stream/memory.h"

/** What the committed outputs say, against what was planted. */
struct books {
    uint64_t verdict[GEN_VERDICTS];
    uint64_t receipts;
    uint64_t rejects;
    uint64_t closed_auto;    /* entries whose last closure says so */
    uint64_t held;           /* other last closures */
    uint64_t alerts;         /* open at the end */
    uint64_t alerts_missing; /* planted, not found */
    uint64_t alerts_extra;   /* found, not planted */
    uint64_t closures_missing;
    uint64_t closures_extra;
    bool balanced;
};

/** Reads the output topics of the log and prints the summary to stdout, in words of `lang`. */
void demo_books(struct memory_log *log, const struct config *c, const struct gen *g, enum lang lang,
                struct books *out);

#endif
