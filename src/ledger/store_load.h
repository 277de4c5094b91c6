/**
 * store_load.h: a store filled from the records that a scan handed over (store_scan.h).
 *
 * Place    between store.h and snapshot.h. Thread: the store's.
 * Cost     the bytes are copied, and their memory touched for the first time. The index is filled
 *          region by region: a record's hash and number wait in a list of those whose lines are
 *          near each other, because what a random line costs is for the most part its page. For
 *          fewer than 2 M records the lists are not worth it.
 * Memory   the lists: 64 MiB, from begin to end.
 */
#ifndef LEDGER_STORE_LOAD_H
#define LEDGER_STORE_LOAD_H

#include "base/err.h"
#include "ledger/store.h"

struct store_load; /* opaque */

/** Number of records in n bytes from `p`, -1: they are not whole records of a scan. */
int64_t store_load_count(const void *p, size_t n);

/** Into an empty store; about so many will come. */
struct store_load *store_load_begin(struct store *s, uint64_t records);

/**
 * Bytes of whole records that store_load_count() found good, `p` aligned to 8; they are copied, and
 * not journalled. False: an identity came twice; the store is of no use then.
 */
MUST_USE bool store_load_add(struct store_load *x, const void *p, size_t n);

/** One record that is there already, by the hash of its identity. False: as above. */
MUST_USE bool store_load_index(struct store_load *x, uint64_t hash, uint32_t number);

/** Before it the store is not whole; frees it. False: as above. */
bool store_load_end(struct store_load *x);

#endif
