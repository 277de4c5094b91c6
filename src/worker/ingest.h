/**
 * ingest.h: one ingest worker: messages in, first postings and rejects out, one transaction a
 * commit interval. Stateless.
 *
 * Thread   one; ingest_step() is called in a loop by it (or by the simulation).
 * Commit   the positions of the reader, behind markers too: else the watermark would wait for ever
 *          (CLOSING.md section 1).
 */
#ifndef WORKER_INGEST_H
#define WORKER_INGEST_H

#include "config/config.h"
#include "stream/stream.h"
#include "worker/clockwork.h"
#include "worker/counts.h"

struct ingest; /* opaque */

/** Config, stream and counts outlive it. number: which worker of this process, from 0. */
MUST_USE enum rc ingest_open(struct ingest **out, const struct config *c, struct stream *s,
                             const struct clockwork *clock, struct counts *counts, uint32_t number,
                             struct err *e);
void ingest_close(
    struct ingest *x); /* NULL allowed; what is not committed is lost, as it must be */

/**
 * Takes what is there, commits when it is time. Returns soon (about wait_ms when there is nothing).
 * *idle: nothing was read and nothing is uncommitted.
 */
MUST_USE enum rc ingest_step(struct ingest *x, int64_t wait_ms, bool *idle, struct err *e);

/** Does so much behind a ledger partition (batches) hold ingest? The setting counts postings. */
static inline bool ingest_is_held(const struct config *c, uint64_t batches)
{
    return batches > c->ledger_backlog / 1000;
}

/** Commits what is open. */
MUST_USE enum rc ingest_finish(struct ingest *x, struct err *e);

#endif
