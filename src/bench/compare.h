/**
 * compare.h: did a figure change, or was it noise?
 *
 * Two questions, in this order:
 *   1. Is it the same measurement? Another configuration or unit: it cannot be told.
 *   2. Between what and what lies the change, 98 % sure? By the ranks of the rounds (Hodges and
 *      Lehmann, Mann and Whitney); it takes five rounds against five, or 4 against 6.
 *        wholly above zero, and the medians are `threshold` apart        faster
 *        wholly below zero, and the medians are `threshold` apart        slower
 *        within the threshold on both sides, or real and smaller         same
 *        else                                                            can't tell: more rounds
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
    double change;    /* of the medians: +0.10 is 10 % better, whichever direction that is */
    double low, high; /* interval of that change; both 0 when it was not asked */
    double chance;    /* that noise alone gives such a difference; 1 when it was not asked */
    char why[160];    /* for people */
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
