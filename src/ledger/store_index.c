#include "ledger/store_index_inner.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define FIRST    4  /* buckets of an empty index */
#define LOAD_NUM 14 /* grows above 14/20 of its entries: at 16/20 spilling costs 15 ns a record */
#define LOAD_DEN 20
#define LOAD_MID 12 /* of what is filled at once: as a table that grew is, on average */
#define PACE     2  /* buckets to move for each one added: the load stays below 0.76 meanwhile */

/* ---- a bucket ---- */

/* Bit i: tag i is `tag`. */
static uint32_t tags_equal(const struct index_bucket *b, uint8_t tag)
{
    const uint32_t valid = (1u << bucket_count(b)) - 1;
#if defined(__SSE2__)
    __m128i tags; /* and seven bytes behind them */
    memcpy(&tags, b, sizeof(tags));
    const __m128i hit = _mm_cmpeq_epi8(tags, _mm_set1_epi8((char)tag));
    return (uint32_t)_mm_movemask_epi8(hit) & valid;
#else
    uint32_t hit = 0;
    for (uint32_t i = 0; i < INDEX_ENTRIES; i++)
        hit |= (uint32_t)(b->tag[i] == tag) << i;
    return hit & valid;
#endif
}

/* ---- memory ---- */

static void small_to(struct store_index *x, uint64_t buckets)
{
    const bool large = buckets == INDEX_CHUNK;
    const size_t bytes = buckets * sizeof(struct index_bucket);
    struct index_bucket *b = large ? slab_map(bytes) : aligned_alloc(sizeof(*b), bytes);
    CHECK(b);
    if (x->physical)
        memcpy(b, x->chunk[0], x->physical * sizeof(*b));
    if (!large)
        memset(b + x->physical, 0, (buckets - x->physical) * sizeof(*b));
    free(x->chunk[0]);
    x->chunk[0] = b;
    x->physical = buckets;
}

/* At least so many buckets exist. New ones are address space; memory comes with the first entry. */
void index_extend(struct store_index *x, uint64_t buckets)
{
    if (buckets <= x->physical)
        return;
    if (x->physical < INDEX_CHUNK)
        small_to(x, buckets < INDEX_CHUNK ? buckets : INDEX_CHUNK);
    if (buckets <= x->physical)
        return;
    const uint64_t had = x->physical >> INDEX_CHUNK_BITS;
    const uint64_t need = (buckets + INDEX_CHUNK - 1) >> INDEX_CHUNK_BITS;
    struct index_bucket *b = slab_map((need - had) * INDEX_CHUNK * sizeof(*b));
    x->chunk = xrealloc(x->chunk, need * sizeof(struct index_bucket *));
    for (uint64_t c = had; c < need; c++)
        x->chunk[c] = b + ((c - had) << INDEX_CHUNK_BITS);
    x->physical = need << INDEX_CHUNK_BITS;
}

void store_index_init(struct store_index *x, const struct slab *slab)
{
    *x = (struct store_index){.now = {.buckets = FIRST}, .frontier = INDEX_HASH_END, .slab = slab};
    x->chunk = xcalloc(1, sizeof(struct index_bucket *));
    index_extend(x, FIRST + INDEX_BEHIND);
}

void store_index_expect(struct store_index *x, uint64_t records)
{
    const uint64_t buckets = records * LOAD_DEN / ((uint64_t)INDEX_ENTRIES * LOAD_MID) + 1;
    CHECK(x->live == 0 && !index_is_growing(x));
    if (buckets <= x->now.buckets)
        return;
    x->found.valid = false;
    x->now.buckets = buckets;
    index_extend(x, buckets + INDEX_BEHIND);
    for (uint64_t c = 0; c << INDEX_CHUNK_BITS < buckets && x->physical >= INDEX_CHUNK; c++)
        slab_touch(x->chunk[c], INDEX_CHUNK * sizeof(struct index_bucket));
}

void store_index_fini(struct store_index *x)
{
    if (x->physical < INDEX_CHUNK)
        free(x->chunk[0]);
    else
        for (uint64_t c = 0; c < x->physical >> INDEX_CHUNK_BITS; c++)
            slab_unmap(x->chunk[c], INDEX_CHUNK * sizeof(struct index_bucket));
    free(x->chunk);
    free(x->moved);
}

uint64_t store_index_bytes(const struct store_index *x)
{
    uint64_t n = x->now.buckets; /* between its end and the frontier there is no memory */
    if (x->frontier != INDEX_HASH_END)
        n += x->grown.buckets - index_home(x, x->frontier);
    return (n < x->physical ? n : x->physical) * sizeof(struct index_bucket);
}

/* ---- search ---- */

static bool search(const struct store_index *x, struct hash128 id, struct index_place *at)
{
    const uint64_t h = index_hash(id);
    const uint16_t more = (uint16_t)(h >> 8);
    for (uint64_t p = index_home(x, h);; p++) {
        const struct index_bucket *b = index_at(x, p);
        for (uint32_t hit = tags_equal(b, (uint8_t)h); hit; hit &= hit - 1) {
            const uint32_t i = (uint32_t)__builtin_ctz(hit);
            if (b->more[i] != more || !hash128_eq(slab_read(x->slab, b->number[i])->id, id))
                continue;
            *at = (struct index_place){p, i};
            return true;
        }
        if (LIKELY(!bucket_is_passed(b)))
            return false;
    }
}

bool store_index_leads(const struct store_index *x, struct hash128 id, uint32_t number)
{
    const uint64_t h = index_hash(id);
    for (uint64_t p = index_home(x, h);; p++) {
        const struct index_bucket *b = index_at(x, p);
        for (uint32_t hit = tags_equal(b, (uint8_t)h); hit; hit &= hit - 1)
            if (b->number[__builtin_ctz(hit)] == number)
                return true;
        if (!bucket_is_passed(b))
            return false;
    }
}

void store_index_search(struct store_index *x, struct hash128 id)
{
    struct index_found *const f = &x->found;
    f->there = search(x, id, &f->at);
    f->id = id;
    f->valid = true;
}

void store_index_prefetch(const struct store_index *x, struct hash128 id)
{
    __builtin_prefetch(index_at(x, index_home(x, index_hash(id))), 1, 3);
}

void store_index_prefetch_hash(const struct store_index *x, uint64_t hash)
{
    __builtin_prefetch(index_at(x, index_home(x, hash)), 1, 3);
}

uint32_t store_index_guess(const struct store_index *x, struct hash128 id)
{
    const uint64_t h = index_hash(id);
    const uint16_t more = (uint16_t)(h >> 8);
    for (uint64_t p = index_home(x, h);; p++) {
        const struct index_bucket *b = index_at(x, p);
        for (uint32_t hit = tags_equal(b, (uint8_t)h); hit; hit &= hit - 1) {
            const uint32_t i = (uint32_t)__builtin_ctz(hit);
            if (b->more[i] == more)
                return b->number[i];
        }
        if (!bucket_is_passed(b))
            return 0;
    }
}

void store_index_prefetch_record(const struct store_index *x, struct hash128 id)
{
    const uint32_t number = store_index_guess(x, id);
    if (!number)
        return;
    const char *r = (const char *)slab_at(x->slab, number);
    __builtin_prefetch(r, 1, 3);
    __builtin_prefetch(r + 63, 1, 3);
}

/* ---- change ---- */

void index_put(struct store_index *x, uint64_t h, uint32_t number)
{
    const uint64_t home = index_home(x, h);
    uint64_t p = home;
    struct index_bucket *b = index_at(x, p);
    while (UNLIKELY(bucket_count(b) == INDEX_ENTRIES)) {
        bucket_passed_up(b);
        if (++p == x->physical)
            index_extend(x, p + INDEX_BEHIND);
        b = index_at(x, p);
    }
    const uint32_t i = bucket_count(b);
    b->tag[i] = (uint8_t)h;
    b->more[i] = (uint16_t)(h >> 8);
    b->number[i] = number;
    b->state++;
    if (UNLIKELY(p != home)) {
        uint64_t *far = h < x->frontier ? &x->now.far : &x->grown.far;
        *far = p - home > *far ? p - home : *far;
    }
}

static void add(struct store_index *x, uint64_t h, uint32_t number)
{
    x->found.valid = false;
    index_put(x, h, number);
    x->live++;
    if (!index_is_growing(x)) {
        if (LIKELY(x->live * LOAD_DEN <= x->now.buckets * INDEX_ENTRIES * LOAD_NUM))
            return;
        index_growth_begin(x);
    }
    /* The lines that the next step reads and writes, a few with each addition, so that they are
     * there when it comes. (Not a function: gcc 12 drops calls that only prefetch.) */
    if (LIKELY(x->turn >= INDEX_STEP)) {
        const uint64_t p = x->turn - INDEX_STEP + x->debt;
        for (uint64_t q = p; q < p + PACE; q++)
            __builtin_prefetch(index_at(x, q), 1, 3);
        for (uint64_t q = p + p / 2; q < p + PACE + (p + PACE) / 2; q++)
            __builtin_prefetch(index_at(x, q), 1, 3);
    }
    x->debt += PACE;
    if (x->debt >= INDEX_STEP) {
        x->debt -= INDEX_STEP;
        index_growth_step(x, INDEX_STEP);
    }
}

void store_index_add(struct store_index *x, struct hash128 id, uint32_t number)
{
    add(x, index_hash(id), number);
}

/* Of two with the same bits of the hash. Nothing is read from a file: what is there is sound. */
static bool is_same(const struct slab *s, uint32_t a, uint32_t b)
{
    return !slab_is_cold(s, a) && !slab_is_cold(s, b) &&
           hash128_eq(slab_at(s, a)->id, slab_at(s, b)->id);
}

bool store_index_load(struct store_index *x, uint64_t h, uint32_t number)
{
    const struct index_bucket *b;
    uint64_t p = index_home(x, h);
    do {
        b = index_at(x, p++);
        for (uint32_t hit = tags_equal(b, (uint8_t)h); hit; hit &= hit - 1) {
            const uint32_t i = (uint32_t)__builtin_ctz(hit);
            if (b->more[i] == (uint16_t)(h >> 8) && is_same(x->slab, b->number[i], number))
                return false;
        }
    } while (bucket_is_passed(b));
    add(x, h, number);
    return true;
}

void store_index_remove(struct store_index *x, struct hash128 id, struct index_place at)
{
    x->found.valid = false;
    for (uint64_t q = index_home(x, index_hash(id)); q < at.bucket; q++)
        bucket_passed_down(index_at(x, q));
    bucket_drop(index_at(x, at.bucket), at.entry);
    x->live--;
}

/* ---- audit ---- */

void store_index_audit(const struct store_index *x)
{
    uint64_t live = 0;
    uint32_t *passed = xcalloc(x->physical, sizeof(*passed));
    for (uint64_t p = 0; p < x->physical; p++) {
        const struct index_bucket *b = index_at(x, p);
        CHECK(bucket_count(b) <= INDEX_ENTRIES);
        for (uint32_t i = 0; i < bucket_count(b); i++) {
            const struct hash128 id = slab_at(x->slab, b->number[i])->id;
            struct index_place at;
            CHECK(search(x, id, &at) && at.bucket == p && at.entry == i); /* N1 */
            CHECK(bucket_stored(b, i) == (index_hash(id) & INDEX_STORED));
            for (uint64_t q = index_home(x, index_hash(id)); q < p; q++)
                passed[q]++;
            live++;
        }
    }
    for (uint64_t p = 0; p < x->physical; p++) { /* N2 */
        const uint32_t has = index_at(x, p)->state / INDEX_PASSED_ONE;
        CHECK(has == 15 || has == passed[p]);
    }
    CHECK(live == x->live); /* N3 */
    free(passed);
}
