/**
 * site.h: manifests into a topic of a real broker, and receipts out of one. Shared by `driftgate
 * bench kafka` and bench/kafka_side.
 */
#ifndef BENCH_SITE_H
#define BENCH_SITE_H

#include "bench/books.h"
#include "bench/progress.h"
#include "gen/gen.h"
#include "stream/stream.h"

/**
 * Writes everything that `g` still has to say to `topic`, round robin, in transactions of 4 MiB.
 * *messages: how many they are. `books` (JSON only; NULL: not kept) from their text.
 */
MUST_USE enum rc site_load(struct stream *s, const char *topic, struct gen *g,
                           struct progress *progress, struct books *books, uint64_t *messages,
                           struct err *e);

/**
 * Reads the receipts in `topic` until there are n and 1.5 s bring no more, or until a minute brings
 * none.
 */
MUST_USE enum rc site_count(struct stream *s, const char *topic, uint64_t n, struct books *books,
                            struct err *e);

/**
 * The bound of any exactly-once pipeline through this client on this broker: one thread reads
 * `from` (so many messages) and writes `n` records of 250 bytes to `to`, a commit with the offsets
 * every 200 ms; it looks into nothing. *seconds: until the last commit.
 */
MUST_USE enum rc site_copy(struct stream *s, const char *from, const char *to, uint64_t messages,
                           uint64_t n, double *seconds, struct err *e);

#endif
