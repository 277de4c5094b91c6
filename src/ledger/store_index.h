/**
 * store_index.h: identity -> number of its record. A line of 64 bytes, a bucket, has nine entries
 * of seven bytes: 24 bits of the hash and the number.
 *
 * Place    under store.h. Thread: one. Owner: the store. The identity itself is in the record.
 * Memory   64 B for nine entries at a load of 0.47 to 0.70: 10 to 15 B a record.
 * Cost     one miss to see that an identity is not there, two to find one (the second is its
 * record). A false record is read once in 2^HASH_BITS / buckets / 9: 500 at 300 M records,
 *          which matters when it lies in a file.
 *
 *   h = 38 bits of the identity;  home = h * buckets / 2^38: order is kept, any size will do
 *
 *   An entry is at home, or, if that is full, in the first bucket behind it that is not. A bucket
 *   counts the entries that passed it: a search goes on only there, nothing moves at a deletion.
 *
 * Growth   in place and in steps. Since order is kept, an entry's new place is never before its old
 *          one: the highest go first, `frontier` is the lowest hash that has gone. h >= frontier
 *          means: home by the new size. Nothing is copied, there is no second table, and a step is
 *          some 64 buckets. The hash that decides where an entry goes is taken from the 24 bits and
 *          the place, so that no record is read: from an upper bound U of what lies in this bucket,
 *          the highest h <= U that ends in those bits. That is right while an entry is less than
 *          2^24 below U (store_index_growth.c: tells()); else the record is read.
 * Source   linear probing of buckets: Knuth TAOCP vol. 3, 6.4; counts of passed entries instead of
 *          tombstones: F14 (Folly).
 *
 * Invariants (store_index_audit)
 *   N1  every entry is where a search from its home gets to;
 *   N2  a bucket's `passed` is the number of entries with home <= it < place, or 15 and that or
 * less; N3  live == entries.
 */
#ifndef LEDGER_STORE_INDEX_H
#define LEDGER_STORE_INDEX_H

#include "base/err.h"
#include "ledger/slab.h"

#define INDEX_ENTRIES      9
#define INDEX_RECORD_BYTES 12 /* of index a record, about */
#define INDEX_HASH_BITS    38
#define INDEX_HASH_END     (UINT64_C(1) << INDEX_HASH_BITS)
#define INDEX_STORED       UINT64_C(0xffffff) /* bits of the hash in an entry */
#define INDEX_CHUNK_BITS   15
#define INDEX_CHUNK        (1u << INDEX_CHUNK_BITS) /* buckets: 2 MiB */
#define INDEX_PASSED_ONE   16
#define INDEX_PASSED_MANY  0xf0
#define INDEX_COUNT        15

struct index_bucket {
    uint8_t tag[INDEX_ENTRIES]; /* bits 0-7 of the hash */
    uint8_t state;              /* low half: entries; high half: passed, 15 is never counted down */
    uint16_t more[INDEX_ENTRIES]; /* bits 8-23 */
    uint32_t number[INDEX_ENTRIES];
};
_Static_assert(sizeof(struct index_bucket) == 64, "a cache line");

/** One way to find a home. */
struct index_map {
    uint64_t buckets;
    uint64_t far; /* farthest that an entry was ever put from home */
};

struct index_moved {
    uint64_t h;
    uint32_t number;
};

struct index_place {
    uint64_t bucket;
    uint32_t entry;
};

/** The last search: who looks an account up writes it next. */
struct index_found {
    struct hash128 id;
    struct index_place at;
    bool there;
    bool valid; /* nothing has moved since */
};

struct store_index {
    struct index_bucket **chunk; /* the only one of a small index is shorter */
    struct index_map now;        /* for h < frontier */
    struct index_map grown;      /* for h >= frontier */
    uint64_t frontier;           /* INDEX_HASH_END: not growing */
    uint64_t turn;               /* first bucket that has been moved */
    uint64_t physical;           /* buckets that exist */
    uint64_t fresh;              /* chunks from here on have been touched, while it grows */
    uint64_t live;
    uint32_t debt; /* buckets to move */
    const struct slab *slab;
    struct index_moved *moved; /* of one step */
    size_t moved_cap;
    struct index_found found;
};

void store_index_init(struct store_index *x, const struct slab *slab);
void store_index_fini(struct store_index *x);

/** Of an empty one: so many records will come, and it has room for them from the begin. */
void store_index_expect(struct store_index *x, uint64_t records);

/** Into x->found. */
void store_index_search(struct store_index *x, struct hash128 id);

static inline bool store_index_find(struct store_index *x, struct hash128 id,
                                    struct index_place *at)
{
    struct index_found *const f = &x->found;
    if (!f->valid || !hash128_eq(f->id, id))
        store_index_search(x, id);
    *at = f->at;
    return f->there;
}

/** An identity that is not there. */
void store_index_add(struct store_index *x, struct hash128 id, uint32_t number);

/** The same by its hash, before it can be found by anybody. False: the identity is there already.
 */
bool store_index_load(struct store_index *x, uint64_t hash, uint32_t number);

/** The number that a search would look at first, 0: none. No record is read. */
uint32_t store_index_guess(const struct store_index *x, struct hash128 id);

/** Does the index lead from `id` to this number? No record is read. */
bool store_index_leads(const struct store_index *x, struct hash128 id, uint32_t number);

void store_index_remove(struct store_index *x, struct hash128 id, struct index_place at);

/** The line that a search begins at. (Not inline: gcc 12 drops calls that only prefetch.) */
void store_index_prefetch(const struct store_index *x, struct hash128 id);
void store_index_prefetch_hash(const struct store_index *x, uint64_t hash);

/** The record may lie in any of two lines from its number on. */
void store_index_prefetch_record(const struct store_index *x, struct hash128 id);

uint64_t store_index_bytes(const struct store_index *x);
void store_index_audit(const struct store_index *x);

static inline uint64_t index_hash(struct hash128 id)
{
    return id.lo >> (64 - INDEX_HASH_BITS);
}

static inline struct index_bucket *index_at(const struct store_index *x, uint64_t bucket)
{
    return x->chunk[bucket >> INDEX_CHUNK_BITS] + (bucket & (INDEX_CHUNK - 1));
}

static inline uint32_t *index_number(const struct store_index *x, struct index_place at)
{
    return &index_at(x, at.bucket)->number[at.entry];
}

/** Where h is among n buckets. */
static inline uint64_t index_scale(uint64_t h, uint64_t n)
{
    __extension__ typedef unsigned __int128 wide;
    return (uint64_t)((wide)(h << (64 - INDEX_HASH_BITS)) * n >> 64);
}

static inline uint64_t index_home(const struct store_index *x, uint64_t h)
{
    return index_scale(h, h < x->frontier ? x->now.buckets : x->grown.buckets);
}

#endif
