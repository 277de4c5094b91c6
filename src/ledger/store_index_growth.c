/*
 * store_index_growth: every entry to its place by the new size, a step at a time, the highest hash
 * first.
 */
#include "ledger/store_index_inner.h"

#define SMALL 1024                 /* buckets below which it doubles; above: half as many more */
#define SPAN  (2 * INDEX_STEP + 2) /* buckets a step's entries go to at most, less one */

void index_growth_begin(struct store_index *x)
{
    const uint64_t n = x->now.buckets;
    x->grown = (struct index_map){.buckets = n < SMALL ? n * 2 : n + n / 2};
    x->turn = n;
    x->debt = 0;
    index_extend(x, x->grown.buckets + INDEX_BEHIND);
    x->fresh = x->physical >> INDEX_CHUNK_BITS;
}

/* Chunks are reached from the highest on; those below the old end have been written to. */
static void touch_chunks(struct store_index *x, uint64_t first)
{
    const uint64_t had = x->now.buckets + INDEX_BEHIND;
    while (x->fresh > 0 && x->fresh << INDEX_CHUNK_BITS > first &&
           (x->fresh - 1) << INDEX_CHUNK_BITS >= had) {
        x->fresh--;
        slab_touch(x->chunk[x->fresh], INDEX_CHUNK * sizeof(struct index_bucket));
    }
}

/* Lowest hash whose home is bucket b. */
static uint64_t lowest(const struct index_map *m, uint64_t b)
{
    __extension__ typedef unsigned __int128 wide;
    return (uint64_t)((((wide)b << INDEX_HASH_BITS) + m->buckets - 1) / m->buckets);
}

/* How an entry's hash is got: see store_index.h. */
struct reckoning {
    uint64_t width; /* of a bucket, in 2^-20 hashes, rounded up */
    uint64_t mixed; /* from this bucket on there may be entries that have gone: read records */
    bool exact;     /* before it, everywhere; else where few were passed */
};

/* Do 24 bits tell the hashes apart of entries that are up to `far` buckets behind their home? U is
 * up to 2^10 too high, and an entry up to far + 1 buckets below it. */
static bool tells(uint64_t width, uint64_t far)
{
    return far < 1024 && width >> 20 < INDEX_STORED &&
           ((far + 2) * width >> 20) + 2048 < INDEX_STORED;
}

static struct reckoning reckoning(const struct store_index *x)
{
    const uint64_t width = (INDEX_HASH_END << 20) / x->now.buckets + 1;
    return (struct reckoning){width, index_home(x, x->frontier), tells(width, x->now.far)};
}

/* No entry of p is from before the first bucket from which on all were passed. */
static bool is_exact(const struct store_index *x, const struct reckoning *r, uint64_t p)
{
    uint64_t far = 0;
    if (LIKELY(r->exact))
        return true;
    while (far < p && tells(r->width, far) && bucket_is_passed(index_at(x, p - 1 - far)))
        far++;
    return tells(r->width, far);
}

/* Copies a bucket's entries to x->moved[n]. True when all of them have from <= hash < frontier. */
static bool copy_out(struct store_index *x, const struct reckoning *r, uint64_t p, size_t n,
                     uint64_t from)
{
    const struct index_bucket *b = index_at(x, p);
    const uint32_t count = bucket_count(b);
    const uint64_t bound = ((p + 1) * r->width >> 20) + 1;
    const uint64_t range = x->frontier - from;
    bool all = true;
    if (n + INDEX_ENTRIES > x->moved_cap) {
        x->moved_cap = x->moved_cap ? x->moved_cap * 2 : 2 * (size_t)INDEX_STEP * INDEX_ENTRIES;
        x->moved = xrealloc(x->moved, x->moved_cap * sizeof(*x->moved));
    }
    struct index_moved *m = &x->moved[n];
    if (UNLIKELY(p >= r->mixed || !is_exact(x, r, p))) {
        for (uint32_t i = 0; i < count; i++) {
            m[i].h = index_hash(slab_read(x->slab, b->number[i])->id);
            m[i].number = b->number[i];
            all &= m[i].h - from < range;
        }
        return all;
    }
    for (uint32_t i = 0; i < INDEX_ENTRIES; i++) { /* no branch: what is behind `count` is unused */
        m[i].h = bound - ((bound - bucket_stored(b, i)) & INDEX_STORED);
        m[i].number = b->number[i];
        all &= m[i].h - from < range || i >= count;
    }
    return all;
}

/* Takes the entries with from <= hash < frontier, whose homes begin at bucket `low`. */
static size_t take_out(struct store_index *x, uint64_t low, uint64_t from)
{
    const struct reckoning r = reckoning(x);
    bool spilled = true; /* some may not be at home here */
    size_t n = 0;
    for (uint64_t p = low; p < x->turn || spilled; p++) {
        struct index_bucket *b = index_at(x, p);
        const bool goes_on = bucket_is_passed(b);
        const uint32_t count = bucket_count(b);
        const size_t first = n;
        if (LIKELY(copy_out(x, &r, p, n, from))) {
            n += count;
            b->state -= (uint8_t)count;
        } else {
            struct index_moved m[INDEX_ENTRIES];
            memcpy(m, &x->moved[first], count * sizeof(m[0]));
            for (uint32_t i = count; i-- > 0;) { /* from behind: bucket_drop() moves the last */
                if (m[i].h < from || m[i].h >= x->frontier)
                    continue;
                bucket_drop(b, i);
                x->moved[n++] = m[i];
            }
        }
        for (size_t i = first; spilled && i < n; i++)
            for (uint64_t q = index_scale(x->moved[i].h, x->now.buckets); q < p; q++)
                bucket_passed_down(index_at(x, q));
        spilled = goes_on;
    }
    return n;
}

/* Where nothing is any more, nothing is passed: counts that had got too high are right again. */
static void forget_passed(struct store_index *x, uint64_t low, uint64_t high, uint64_t mixed)
{
    for (uint64_t p = low + x->now.far; p < high + x->now.far && p < mixed; p++)
        index_at(x, p)->state = 0;
}

/*
 * Puts the n entries of a step, whose homes are the buckets first to last. All but the last bucket
 * are empty, so nothing is read there: their counts are made here, and written.
 */
static void put_moved(struct store_index *x, size_t n, uint64_t first, uint64_t last)
{
    uint8_t count[SPAN + 1] = {0};
    struct index_bucket *const to = index_at(x, first);
    const uint64_t span = last - first;
    const uint8_t was = to[span].state;
    size_t rest = 0;
    count[span] = was & INDEX_COUNT;
    for (size_t k = 0; k < n; k++) {
        const struct index_moved m = x->moved[k];
        const uint64_t d = index_scale(m.h, x->grown.buckets) - first;
        const uint32_t i = count[d];
        if (UNLIKELY(i == INDEX_ENTRIES)) {
            x->moved[rest++] = m;
            continue;
        }
        to[d].tag[i] = (uint8_t)m.h;
        to[d].more[i] = (uint16_t)(m.h >> 8);
        to[d].number[i] = m.number;
        count[d] = (uint8_t)(i + 1);
    }
    for (uint64_t d = 0; d < span; d++)
        to[d].state = count[d];
    to[span].state = (uint8_t)((was & INDEX_PASSED_MANY) | count[span]);
    for (size_t k = 0; k < rest; k++)
        index_put(x, x->moved[k].h, x->moved[k].number);
}

void index_growth_step(struct store_index *x, uint64_t buckets)
{
    const uint64_t high = x->turn;
    const uint64_t low = high > buckets ? high - buckets : 0;
    const uint64_t from = lowest(&x->now, low);
    const uint64_t first = index_scale(from, x->grown.buckets);
    const uint64_t last = index_scale(x->frontier - 1, x->grown.buckets);
    touch_chunks(x, first);
    const size_t n = take_out(x, low, from);
    x->frontier = from;
    x->turn = low;
    forget_passed(x, low, high, first);
    if (LIKELY(first > low + x->now.far && last - first <= SPAN &&
               first >> INDEX_CHUNK_BITS == last >> INDEX_CHUNK_BITS))
        put_moved(x, n, first, last);
    else
        for (size_t i = 0; i < n; i++)
            index_put(x, x->moved[i].h, x->moved[i].number);
    if (low == 0) {
        x->now = x->grown;
        x->grown = (struct index_map){0};
        x->frontier = INDEX_HASH_END;
    }
}
