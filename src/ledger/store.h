/**
 * store.h: the accounts of one ledger partition: identity -> record, with an undo journal.
 *
 * A record is a run of bytes that its account kind wrote. A change replaces the whole record; the
 * journal keeps the old one until commit, so a rollback restores every byte (I3).
 *
 * Place    under every account kind. Thread: the partition's worker alone.
 * Memory   24 B a record, its bytes in steps of 8 (8 B more with a deadline), and 10-15 B of index.
 *          A record's memory serves others of its size; a chunk of 2 MiB whose records have all
 *          gone serves any size, and from the third such chunk on goes back to the system.
 *          At most 32 GiB of records of up to 1 KiB; longer ones lie outside. What is more than
 *          store_spill() allows goes to a file, 2 MiB at a time; the index stays in memory.
 * Cost     one miss to put a new one, two to find one. store_prefetch() overlaps the first over a
 *          batch; store_prefetch_record(), called after it for the same batch, the second.
 *          The index grows in steps of some 64 buckets: no call takes long (bench_dedup).
 * Source   store_index.h, slab.h.
 *
 * Invariants (store_audit checks S1 and S2, tests S3)
 *   S1  the index leads from every identity to its one record that is not dead, and to no other;
 *   S2  live == such records; the due heap holds every one with a deadline at least once;
 *   S3  after store_rollback the digest is what it was at the last store_commit.
 */
#ifndef LEDGER_STORE_H
#define LEDGER_STORE_H

#include "base/err.h"
#include "base/hash.h"
#include "base/view.h"

#define STORE_NEVER INT64_MAX

struct store; /* opaque */

/** What a record is besides its bytes. */
struct store_meta {
    uint8_t kind;     /* whatever the owner of the bytes says: account or part of one */
    int64_t expires;  /* W at which it is as if it did not exist; STORE_NEVER */
    int64_t deadline; /* W at which it wants to be looked at; STORE_NEVER */
};

struct store *store_create(void);
void store_destroy(struct store *s); /* NULL allowed */

void store_prefetch(const struct store *s, struct hash128 id);
void store_prefetch_record(const struct store *s, struct hash128 id);

/** The record, or {.p = NULL}. Valid until it is put again and committed. */
struct view store_get(struct store *s, struct hash128 id, struct store_meta *meta);

/** Replaces or adds; copies. */
void store_put(struct store *s, struct hash128 id, struct store_meta meta, struct view bytes);

void store_delete(struct store *s, struct hash128 id);

void store_commit(struct store *s);
void store_rollback(struct store *s);

/**
 * Takes out the identities whose deadline is <= w, smallest (deadline, id) first, at most max; each
 * once, until it is put again with a deadline. Returns how many. Journalled like a change.
 */
size_t store_due(struct store *s, int64_t w, struct hash128 out[], size_t max);

/** Drops expired records, looking at `records` of them (in the order they lie in memory) from where
 * it stopped; only without open changes. Returns how many it dropped. */
size_t store_sweep(struct store *s, int64_t w, size_t records);

/**
 * From now on records that were written longest ago go to the file `name` in `dir` when all others
 * take more than `most` bytes of memory. They are read, replaced and deleted as before. NULL: the
 * file has no name, and snapshots hold these records too (store_cold.h).
 * Errors  RC_FATAL exit 73: `dir` takes no file; all stays in memory.
 */
MUST_USE enum rc store_spill(struct store *s, const char *dir, const char *name, uint64_t most,
                             struct err *e);

/** Goes on with that, only without open changes; waits for the disk when it falls behind. Gives 0,
 * or why it takes no more (errno; once in a while). */
int store_trim(struct store *s);

uint64_t store_live(const struct store *s);
uint64_t store_bytes(const struct store *s);      /* all memory it has touched and not given back */
uint64_t store_cold_bytes(const struct store *s); /* in the file */

/** What a record of n bytes takes, its part of the index included. */
uint64_t store_record_bytes(const struct store_meta *meta, size_t n);

/** Number and bytes of records by kind. */
void store_count(const struct store *s, uint64_t n[256], uint64_t bytes[256]);

/** Order-independent sum over all records not expired at w: kind, deadline, identity, bytes. */
uint64_t store_digest(const struct store *s, int64_t w);

/** Calls `each` for every record, in no order. */
void store_each(const struct store *s, void *ctx,
                void (*each)(void *ctx, struct hash128 id, const struct store_meta *meta,
                             struct view bytes));

void store_audit(struct store *s);

#endif
