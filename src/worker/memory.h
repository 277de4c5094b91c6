/**
 * memory.h: what one ledger partition may take of ledger.memory.max, and what happens above it.
 *
 * Share    ledger.memory.max divided by the partitions that this process owns.
 * At 7/8   records that were written longest ago move to a file in state.dir, which goes with the
 *          process (store_spill). Without state.dir, or when its disk is full, they stay.
 * Above    the process stops before the machine swaps, and says how far it went. Nothing is lost:
 *          what was read is committed.
 * Thread   the task's.
 */
#ifndef WORKER_MEMORY_H
#define WORKER_MEMORY_H

#include "config/config.h"
#include "ledger/ledger.h"

/** Of a new, empty ledger. A state.dir that takes no file is warned of. */
void memory_prepare(struct ledger *l, const struct config *c, uint32_t partition);

/** Of one that only reads a log or a snapshot beside a `run`: 1 GiB in memory, what is more goes to
 * a file in TMPDIR, by store_trim() between batches. Where there can be none all stays in memory.
 */
void memory_prepare_reader(struct ledger *l);

/** Between transactions: expired records go, old ones move. A full disk is warned of. */
void memory_tidy(struct ledger *l, const struct config *c, uint32_t partition);

/** Errors  RC_FATAL exit 71: it takes more than its share. */
MUST_USE enum rc memory_check(struct ledger *l, const struct config *c, uint32_t partition,
                              struct err *e);

#endif
