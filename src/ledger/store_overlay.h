/**
 * store_overlay.h: a store that holds only what differs from another one, for two ledgers that fold
 * nearly the same postings (twin.h).
 *
 * Over     reads what it does not hold from the store under it, as that was before its open
 *          changes. What it holds and the other has not, or the other way round, is held too.
 * A step   the lower ledger folds (or does not), then the upper one (or does not), then
 *          store_overlay_settle(): what has become equal is held no longer, what now differs is.
 *          Before a step neither has open changes.
 * Thread   one for both. Owner: whoever created the two; they are destroyed in any order.
 * Memory   as a store, for what is held. Cost of settling: the square of the step's changes.
 */
#ifndef LEDGER_STORE_OVERLAY_H
#define LEDGER_STORE_OVERLAY_H

#include "ledger/store.h"

/** `over` is empty; from here on the two are a pair. */
void store_overlay_pair(struct store *over, struct store *under);

bool store_overlay_holds(struct store *over, struct hash128 id);

/** Was a record read or put below, since this was last asked, that the upper one holds? */
bool store_overlay_met(struct store *under);

/** Ends a step: compares what was changed, commits both. */
void store_overlay_settle(struct store *over);

#endif
