/**
 * compare.h: did a figure change, or was it noise?
 *
 * Two questions, in this order:
 *   1. Is it the same measurement? Another configuration or unit: it cannot be told.
 *   2. Do the rounds differ? Mann-Whitney's rank test at 1 % in the direction of the change; it
 *      takes five rounds against five (or 4 against 6), of which hardly one may be out of order.
 *        they do, and the medians are at least `threshold` apart      faster or slower
 *        they do, but by less                                         same
 *        they do not, and no pair of rounds is `threshold` apart      same
 *        else                                                         can't tell: more rounds
 *
 * The test takes rounds as independent. Those of one run share the weather of their minutes: on a
 * noisy machine run old and new in turns and append the results to two files.
 */
#ifndef BENCH_COMPARE_H
#define BENCH_COMPARE_H

#include "base/buf.h"
#include "bench/figure.h"

enum compare_verdict {
    COMPARE_SAME,
    COMPARE_FASTER, /* better: also less memory, less CPU */
    COMPARE_SLOWER,
    COMPARE_CANNOT_TELL,
    COMPARE_MISSING, /* only one side has it */
    COMPARE_VERDICTS
};

/** "faster". */
const char *compare_verdict_name(enum compare_verdict v);

struct comparison {
    enum compare_verdict verdict;
    double change; /* of the medians: +0.10 is 10 % better, whichever direction that is */
    double chance; /* that noise alone gives such a difference; 1 when it was not asked */
    char why[160]; /* for people */
};

/** threshold: 0.05 is 5 %. Old or new may be NULL, not both. */
struct comparison compare_figure(const struct figure *old, const struct figure *new,
                                 double threshold);

/**
 * All figures of both sides, matched by bench, name and configuration; several lines of one
 * figure in a file count as more rounds of it. Appends a table for people or (json) a JSON object a
 * line. count[v] says how often each verdict came.
 */
void compare_all(struct buf *out, const struct figures *old, const struct figures *new,
                 double threshold, bool json, size_t count[COMPARE_VERDICTS]);

#endif
