/**
 * rulelog.h: the rulesets of a log: where the latest one is read, how another one is put behind it,
 * and how ingest follows.
 *
 * Each ruleset is a POSTING_RULESET in every ledger partition and, in the same transaction, a
 * message of the compacted topic `<output.postings>.ruleset`. The ledger judges by the postings
 * (so every replay changes rules at the same place), the others look into the small topic. A log
 * whose small topic is missing or empty has one ruleset: its first posting.
 *
 * Generation  0 for the first ruleset, each later one is one more. Hits of ingest carry the
 *             generation that found them, so nothing is read under rules that did not judge it.
 * Thread      one; a follower belongs to its worker.
 */
#ifndef WORKER_RULELOG_H
#define WORKER_RULELOG_H

#include "config/config.h"
#include "posting/posting.h"
#include "stream/stream.h"

/** A ruleset of the log. */
struct rulelog_entry {
    struct ruleset *rules;
    uint32_t generation;
    uint32_t partitions;
    struct word_list topics; /* input topics by id */
};

void rulelog_entry_free(struct rulelog_entry *x); /* leaves it empty */

/** `<output.postings>.ruleset` */
void rulelog_topic(const struct config *c, char out[300]);

/**
 * The latest ruleset of the log. *found false: the log is not begun.
 * Owner   *out is the caller's: rulelog_entry_free.
 * Errors  RC_FATAL exit 65: not our log; 66: a topic is missing; 69: nothing could be read.
 */
MUST_USE enum rc rulelog_latest(const struct config *c, struct stream *s, struct rulelog_entry *out,
                                bool *found, struct err *e);

/** Appends c's ruleset to the open transaction: every partition, and the compacted topic if there
 * is one. */
MUST_USE enum rc rulelog_append(const struct config *c, struct stream *s, struct writer *w,
                                uint32_t generation, struct err *e);

/** NULL: c's rules may follow `now`; else the option that is fixed for the life of the log. */
const char *rulelog_may_follow(const struct config *c, const struct rulelog_entry *now);

/**
 * c's rules behind `now`, all or nothing.
 * Errors  RC_INVALID exit 78: not allowed, the text says why; 66: no compacted topic. RC_FATAL exit
 *         75: somebody else changed the rules since `now` was read, or the transaction was aborted:
 *         nothing was applied.
 */
MUST_USE enum rc rulelog_apply(const struct config *c, struct stream *s,
                               const struct rulelog_entry *now, struct err *e);

struct rulelog_follower; /* opaque */

/** Reads to the present end. *out NULL: there is no such topic, the rules never change. */
MUST_USE enum rc rulelog_follow(struct rulelog_follower **out, const struct config *c,
                                struct stream *s, struct err *e);
void rulelog_follower_close(struct rulelog_follower *f); /* NULL allowed */

/** Does not wait. *changed: rulelog_follower_now gives another one than before. */
MUST_USE enum rc rulelog_poll(struct rulelog_follower *f, bool *changed, struct err *e);

/** The latest read; rules NULL: none. Valid until the next poll. */
const struct rulelog_entry *rulelog_follower_now(const struct rulelog_follower *f);

#endif
