/**
 * pipeline.h: all workers of a process: ingest threads, ledger threads, the coordinator of W.
 *
 * Life     pipeline_start: waits for the broker, checks the log, starts the threads, which restore
 *          and work. pipeline_stop: drain, commit, snapshot. The first worker that cannot go on
 * stops all of them; its error is what pipeline_join gives. Thread   start, stop and join by one
 * thread; pipeline_stop also by a signal's waiter.
 */
#ifndef WORKER_PIPELINE_H
#define WORKER_PIPELINE_H

#include "config/config.h"
#include "stream/stream.h"
#include "worker/clockwork.h"
#include "worker/counts.h"

struct pipeline; /* opaque */

/** Config, stream and clock outlive it. */
MUST_USE enum rc pipeline_start(struct pipeline **out, const struct config *c, struct stream *s,
                                const struct clockwork *clock, struct err *e);

/** Asks all workers to finish. */
void pipeline_stop(struct pipeline *p);

/** Has a worker given up? (Then join tells why.) */
bool pipeline_failed(const struct pipeline *p);

/** Are all restored and at work? */
bool pipeline_ready(const struct pipeline *p);

const struct counts *pipeline_counts(const struct pipeline *p);

/** Waits for the threads and frees it. Errors: of the first worker that gave up. */
MUST_USE enum rc pipeline_join(struct pipeline *p, struct err *e);

#endif
