/**
 * replay.h: the whole pipeline offline, one message after the other: decode, judge, fold through
 * all accounts, then an advance. W is the latest time of any valid document so far (CONTRACTS.md
 * section 3). The bytes written do not depend on the number of partitions.
 *
 * Order    Follow-ups only go to later stages, so each stage is drained first in, first out. Where
 *          the order would depend on which partition an account lies in (bills telling their
 * entries, accounts that became due), postings are sorted by account and content.
 */
#ifndef WORKER_REPLAY_H
#define WORKER_REPLAY_H

#include <stdio.h>

#include "config/config.h"
#include "ledger/ledger.h"
#include "worker/intake.h"
#include "worker/postlog.h"
#include "worker/receipts.h"

struct replay_files {
    FILE *receipts, *drift, *closures, *rejects; /* NULL: counted only */
    struct postlog_writer *log; /* every posting in fold order, a batch a step; NULL: not kept */
};

struct replay_counts {
    uint64_t messages, documents, rejects, ignored, unaddressed;
    uint64_t verdict[VERDICTS];
    uint64_t alerts_open, alerts_withdrawn;
    uint64_t closure[DECISIONS];
};

struct replay; /* opaque */

struct replay *replay_create(const struct config *c, const struct replay_files *files);
void replay_destroy(struct replay *r); /* NULL allowed */

/**
 * Where the messages of receipts.format ceb go: gathered by key over all inputs, the rest at the
 * end (replay_finish). Without this they are counted only. Call it before the first message.
 */
void replay_send_receipts(struct replay *r, const struct receipts_sink *sink);

/** One message; its offset is the number of messages before it. */
MUST_USE enum rc replay_message(struct replay *r, struct view message, struct err *e);

/** W moves to `until` (ms), when that is later; at the end, or between two messages. */
MUST_USE enum rc replay_until(struct replay *r, int64_t until, struct err *e);

/** Behind the last message: sends the receipts that are still gathered. */
MUST_USE enum rc replay_finish(struct replay *r, struct err *e);

/** Sum over the digests of all partitions: the state (store_digest). */
uint64_t replay_digest(const struct replay *r);

const struct replay_counts *replay_counted(const struct replay *r);

#endif
