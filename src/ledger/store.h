/**
 * store.h: the accounts of one ledger partition: identity -> record, with an undo journal.
 *
 * A record is a run of bytes that its account kind wrote. A change replaces the whole record; the
 * journal keeps the old one until commit, so a rollback restores every byte (I3).
 *
 * Place    under every account kind. Thread: the partition's worker alone.
 * Memory   33 B a slot at a load of 0.4-0.8, plus the record (13 B + its bytes, in steps of 16).
 *          A record's memory is reused for records of its size; the system gets it back at the end.
 * Cost     one miss for the tags, one for the slot, one for the record; store_prefetch() overlaps
 *          them over a batch. A table is 256 shards that grow on their own and in place, so no
 *          growth stops the worker for long.
 * Source   linear probing, deletion without tombstones: Knuth TAOCP vol. 3, 6.4, algorithm R.
 *
 * Invariants (store_audit checks S1-S3)
 *   S1  an identity is in the table at most once, in reach of its home slot without an empty slot
 *       between;
 *   S2  live == occupied slots; due heap holds every record with a deadline at least once;
 *   S3  after store_rollback the digest is what it was at the last store_commit.
 */
#ifndef LEDGER_STORE_H
#define LEDGER_STORE_H

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

/** The record, or {.p = NULL}. Valid until it is put again and committed. */
struct view store_get(const struct store *s, struct hash128 id, struct store_meta *meta);

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

/** Drops expired records, looking at `slots` slots from where it stopped; only without open
 * changes. */
size_t store_sweep(struct store *s, int64_t w, size_t slots);

uint64_t store_live(const struct store *s);
uint64_t store_bytes(const struct store *s); /* of slots and records */

/** What a record of n bytes takes, its slot included (at a load of 1). */
uint64_t store_record_bytes(size_t n);

/** Number and bytes of records by kind. */
void store_count(const struct store *s, uint64_t n[256], uint64_t bytes[256]);

/** Order-independent sum over all records not expired at w: kind, deadline, identity, bytes. */
uint64_t store_digest(const struct store *s, int64_t w);

/** Calls `each` for every record, in no order. */
void store_each(const struct store *s, void *ctx,
                void (*each)(void *ctx, struct hash128 id, const struct store_meta *meta,
                             struct view bytes));

void store_audit(const struct store *s);

#endif
