/**
 * task.h: one ledger partition at work: restore, then fold, write, commit, for ever.
 *
 * A task owns its partition: a reader with a fixed assignment, a writer with the transactional id
 * `<group>-ledger-<partition>`, the ledger, its snapshots. Two owners of one partition meet at the
 * transactional id; the older one stops (RC_FATAL, exit 75).
 *
 * Thread   one at a time; several tasks may share it.
 * A batch  what one poll gives is one transaction: it is kept until it is committed, so after an
 *          abort the same messages are folded again and nothing is sought.
 */
#ifndef WORKER_TASK_H
#define WORKER_TASK_H

#include "config/config.h"
#include "ledger/ledger.h"
#include "stream/stream.h"
#include "worker/counts.h"

struct task; /* opaque */

/**
 * Fences the owner before, restores from snapshot and log up to the committed offset with outputs
 * off.
 * Errors  RC_FATAL exit 65, 74, 78: I4; the text says what to do.
 */
MUST_USE enum rc task_open(struct task **out, const struct config *c, struct stream *s,
                           struct counts *counts, uint32_t partition, struct err *e);
void task_close(struct task *t); /* NULL allowed */

/** One transaction, when there is something for it. *idle: there was not. */
MUST_USE enum rc task_step(struct task *t, int64_t wait_ms, bool *idle, struct err *e);

/** Between transactions, complete on return; one that is being written is dropped for it. A failure
 * is logged and costs only time at the next start. */
void task_snapshot(struct task *t);

/** Begins one before its time; task_step() goes on with it, as it does every
 * state.snapshot.interval. */
void task_snapshot_begin(struct task *t);

const struct ledger *task_ledger(const struct task *t);

/** Bytes of its accounts; *cold: so many more in the file of old ones. */
uint64_t task_bytes(const struct task *t, uint64_t *cold);

/** Digest of the state, and the offset it is of. */
uint64_t task_digest(const struct task *t, int64_t *offset);

#endif
