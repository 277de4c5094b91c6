/**
 * counts.h: what a pipeline has done, committed work only; read by any thread.
 *
 * Writer: each worker adds once a committed transaction (relaxed: they are for people).
 */
#ifndef WORKER_COUNTS_H
#define WORKER_COUNTS_H

#include <stdatomic.h>
#include <stdint.h>

#include "ledger/ledger.h"

struct counts {
    _Atomic uint64_t messages;
    _Atomic uint64_t documents;
    _Atomic uint64_t manifests; /* documents that get a receipt */
    _Atomic uint64_t rejects;
    _Atomic uint64_t ignored;
    _Atomic uint64_t unaddressed;
    _Atomic uint64_t postings; /* folded */
    _Atomic uint64_t commits;
    _Atomic uint64_t aborts;
    _Atomic uint64_t verdict[VERDICTS];
    _Atomic uint64_t opened[RULE_COUNT];    /* alert lines OPEN */
    _Atomic uint64_t withdrawn[RULE_COUNT]; /* alert lines WITHDRAWN */
    _Atomic uint64_t closure[DECISIONS];    /* closure lines */
    _Atomic int64_t watermark;              /* W that was last appended, ms; 0: none */
    _Atomic uint64_t backlog; /* batches of postings that the ledger partition furthest
                               * behind has to fold, by the coordinator, once a second */
};

static inline void counts_add(_Atomic uint64_t *c, uint64_t n)
{
    if (n)
        atomic_fetch_add_explicit(c, n, memory_order_relaxed);
}

static inline uint64_t counts_get(const _Atomic uint64_t *c)
{
    return atomic_load_explicit(c, memory_order_relaxed);
}

#endif
