/**
 * hdr.h: a histogram of times with three significant digits, from 1 ns to some hours.
 *
 * Thread   one writer. Merge after the threads have ended.
 * Memory   1024 counters for each power of two above 2^11: 400 KiB, allocated by hdr_create.
 * Error    a value is reported as the upper edge of its bucket: at most 0.1 % too high, never too
 *          low (hdr_max is exact).
 * Source   Gil Tene, HdrHistogram; his trick of one linear run of buckets a power of two.
 */
#ifndef BENCH_HDR_H
#define BENCH_HDR_H

#include <stdint.h>

struct hdr; /* opaque */

struct hdr *hdr_create(void);
void hdr_destroy(struct hdr *h); /* NULL allowed */

/** Counts `value` >= 0 `times` times; what is above the range counts as its end. */
void hdr_add(struct hdr *h, int64_t value, uint64_t times);
void hdr_merge(struct hdr *into, const struct hdr *from);

uint64_t hdr_count(const struct hdr *h);
int64_t hdr_max(const struct hdr *h); /* 0 when empty */
double hdr_mean(const struct hdr *h); /* 0 when empty */

/** The value that `percent` (0..100) of all counted ones do not exceed; 0 when empty. */
int64_t hdr_at(const struct hdr *h, double percent);

#endif
