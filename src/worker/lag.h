/**
 * lag.h: how far a group is behind in a partition, and why, in words for people: who holds W back.
 *
 * Used by the coordinator (log, alarm, summary of `run`) and by `driftgate state info`.
 */
#ifndef WORKER_LAG_H
#define WORKER_LAG_H

#include "base/buf.h"
#include "config/config.h"
#include "stream/stream.h"

struct lag {
    const char *topic;
    const char *group;
    uint32_t partition;
    int64_t low;
    int64_t committed; /* -1: never */
    int64_t stable;    /* what a committed reader can reach */
    int64_t high;
};

/** Messages (and markers) that the group has still to go over; an empty partition: 0. */
uint64_t lag_behind(const struct lag *l);

/**
 * All partitions of all input topics (group <group>-ingest) and of postings (<group>-ledger).
 *
 *   out, n  out  [*n], the caller frees *out; topic and group live as long as config and `group`
 *   group   out  [2][300], ingest's and ledger's
 *
 * Errors  RC_RETRY: the broker did not answer. RC_FATAL exit 66: a topic is not there.
 */
MUST_USE enum rc lag_read(const struct config *c, struct stream *s, char group[2][300],
                          struct lag **out, uint32_t *n, struct err *e);

/**
 * The partitions 0..n-1 of one topic anew; topic and group are taken from l[0]. After an error what
 * is in l is as before, or newer. Errors as above.
 */
MUST_USE enum rc lag_topic(struct stream *s, struct lag l[], uint32_t n, struct err *e);

/** Reads one anew. Errors as above. */
MUST_USE enum rc lag_look(struct stream *s, struct lag *l, struct err *e);

/** What it waits for, for those who say it in their own words. */
enum lag_why {
    LAG_NOTHING,     /* it is not behind */
    LAG_TRANSACTION, /* a producer has left a transaction open at `stable` */
    LAG_OURS,        /* the ledger partition is this process's */
    LAG_ELSEWHERE,   /* another process owns the ledger partition */
    LAG_INGEST,      /* the ingest workers have not come further */
};
enum lag_why lag_why(const struct config *c, const struct lag *l);

/** "driftgate.transit[2]: group g-ingest has read 17 of 20, 3 behind: why". */
void lag_say(struct buf *b, const struct config *c, const struct lag *l);

#endif
