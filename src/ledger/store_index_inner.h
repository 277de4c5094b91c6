/**
 * store_index_inner.h: what a bucket of the index is. Only for store_index*.c.
 */
#ifndef LEDGER_STORE_INDEX_INNER_H
#define LEDGER_STORE_INDEX_INNER_H

#include "ledger/store_index.h"

/* Buckets more than the map uses: for the last ones' entries that do not fit. */
#define INDEX_BEHIND 16
#define INDEX_STEP   64 /* buckets moved at once */

static inline uint32_t bucket_count(const struct index_bucket *b)
{
    return b->state & INDEX_COUNT;
}

static inline bool bucket_is_passed(const struct index_bucket *b)
{
    return b->state >= INDEX_PASSED_ONE;
}

static inline void bucket_passed_up(struct index_bucket *b)
{
    if (b->state < INDEX_PASSED_MANY)
        b->state += INDEX_PASSED_ONE;
}

static inline void bucket_passed_down(struct index_bucket *b)
{
    CHECK(bucket_is_passed(b)); /* N2 */
    if (b->state < INDEX_PASSED_MANY)
        b->state -= INDEX_PASSED_ONE;
}

static inline uint64_t bucket_stored(const struct index_bucket *b, uint32_t i)
{
    return (uint64_t)b->more[i] << 8 | b->tag[i];
}

static inline void bucket_drop(struct index_bucket *b, uint32_t i)
{
    const uint32_t last = bucket_count(b) - 1;
    b->tag[i] = b->tag[last];
    b->more[i] = b->more[last];
    b->number[i] = b->number[last];
    b->state--;
}

static inline bool index_is_growing(const struct store_index *x)
{
    return x->grown.buckets != 0;
}

/* ---- store_index.c ---- */

/** At least so many buckets exist. */
void index_extend(struct store_index *x, uint64_t buckets);

/** An entry, at its home or behind it. */
void index_put(struct store_index *x, uint64_t h, uint32_t number);

/* ---- store_index_growth.c ---- */

void index_growth_begin(struct store_index *x);

/** Moves the next so many buckets; the last step ends it. */
void index_growth_step(struct store_index *x, uint64_t buckets);

#endif
