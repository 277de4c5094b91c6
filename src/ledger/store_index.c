#include "ledger/store_index.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define FIRST    4  /* buckets of an empty index */
#define BEHIND   16 /* buckets more than the map uses: for the last ones' entries that do not fit */
#define LOAD_NUM 14 /* grows above 14/20 of its entries: at 16/20 spilling costs 15 ns a record */
#define LOAD_DEN 20
#define LOAD_MID 12   /* of what is filled at once: as a table that grew is, on average */
#define SMALL    1024 /* buckets below which it doubles; above: half as many more */
#define STEP     64   /* buckets moved at once */
#define PACE     2    /* buckets to move for each one added: the load stays below 0.76 meanwhile */
#define SPAN     (2 * STEP + 2) /* buckets they go to at most, less one */

/* ---- a bucket ---- */

static uint32_t count_of(const struct index_bucket *b)
{
    return b->state & INDEX_COUNT;
}

static bool is_passed(const struct index_bucket *b)
{
    return b->state >= INDEX_PASSED_ONE;
}

static void passed_up(struct index_bucket *b)
{
    if (b->state < INDEX_PASSED_MANY)
        b->state += INDEX_PASSED_ONE;
}

static void passed_down(struct index_bucket *b)
{
    CHECK(is_passed(b)); /* N2 */
    if (b->state < INDEX_PASSED_MANY)
        b->state -= INDEX_PASSED_ONE;
}

/* Bit i: tag i is `tag`. */
static uint32_t tags_equal(const struct index_bucket *b, uint8_t tag)
{
    const uint32_t valid = (1u << count_of(b)) - 1;
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

static uint64_t stored_of(const struct index_bucket *b, uint32_t i)
{
    return (uint64_t)b->more[i] << 8 | b->tag[i];
}

static void entry_drop(struct index_bucket *b, uint32_t i)
{
    const uint32_t last = count_of(b) - 1;
    b->tag[i] = b->tag[last];
    b->more[i] = b->more[last];
    b->number[i] = b->number[last];
    b->state--;
}

/* ---- memory ---- */

static bool is_growing(const struct store_index *x)
{
    return x->grown.buckets != 0;
}

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
static void extend(struct store_index *x, uint64_t buckets)
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
    extend(x, FIRST + BEHIND);
}

void store_index_expect(struct store_index *x, uint64_t records)
{
    const uint64_t buckets = records * LOAD_DEN / ((uint64_t)INDEX_ENTRIES * LOAD_MID) + 1;
    CHECK(x->live == 0 && !is_growing(x));
    if (buckets <= x->now.buckets)
        return;
    x->found.valid = false;
    x->now.buckets = buckets;
    extend(x, buckets + BEHIND);
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
        if (LIKELY(!is_passed(b)))
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
        if (!is_passed(b))
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
        if (!is_passed(b))
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

static void put(struct store_index *x, uint64_t h, uint32_t number)
{
    const uint64_t home = index_home(x, h);
    uint64_t p = home;
    struct index_bucket *b = index_at(x, p);
    while (UNLIKELY(count_of(b) == INDEX_ENTRIES)) {
        passed_up(b);
        if (++p == x->physical)
            extend(x, p + BEHIND);
        b = index_at(x, p);
    }
    const uint32_t i = count_of(b);
    b->tag[i] = (uint8_t)h;
    b->more[i] = (uint16_t)(h >> 8);
    b->number[i] = number;
    b->state++;
    if (UNLIKELY(p != home)) {
        uint64_t *far = h < x->frontier ? &x->now.far : &x->grown.far;
        *far = p - home > *far ? p - home : *far;
    }
}

static void growth_begin(struct store_index *x)
{
    const uint64_t n = x->now.buckets;
    x->grown = (struct index_map){.buckets = n < SMALL ? n * 2 : n + n / 2};
    x->turn = n;
    x->debt = 0;
    extend(x, x->grown.buckets + BEHIND);
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
    while (far < p && tells(r->width, far) && is_passed(index_at(x, p - 1 - far)))
        far++;
    return tells(r->width, far);
}

/* Copies a bucket's entries to x->moved[n]. True when all of them have from <= hash < frontier. */
static bool copy_out(struct store_index *x, const struct reckoning *r, uint64_t p, size_t n,
                     uint64_t from)
{
    const struct index_bucket *b = index_at(x, p);
    const uint32_t count = count_of(b);
    const uint64_t bound = ((p + 1) * r->width >> 20) + 1;
    const uint64_t range = x->frontier - from;
    bool all = true;
    if (n + INDEX_ENTRIES > x->moved_cap) {
        x->moved_cap = x->moved_cap ? x->moved_cap * 2 : 2 * (size_t)STEP * INDEX_ENTRIES;
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
        m[i].h = bound - ((bound - stored_of(b, i)) & INDEX_STORED);
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
        const bool goes_on = is_passed(b);
        const uint32_t count = count_of(b);
        const size_t first = n;
        if (LIKELY(copy_out(x, &r, p, n, from))) {
            n += count;
            b->state -= (uint8_t)count;
        } else {
            struct index_moved m[INDEX_ENTRIES];
            memcpy(m, &x->moved[first], count * sizeof(m[0]));
            for (uint32_t i = count; i-- > 0;) { /* from behind: entry_drop() moves the last */
                if (m[i].h < from || m[i].h >= x->frontier)
                    continue;
                entry_drop(b, i);
                x->moved[n++] = m[i];
            }
        }
        for (size_t i = first; spilled && i < n; i++)
            for (uint64_t q = index_scale(x->moved[i].h, x->now.buckets); q < p; q++)
                passed_down(index_at(x, q));
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
        put(x, x->moved[k].h, x->moved[k].number);
}

static void growth_step(struct store_index *x, uint64_t buckets)
{
    const uint64_t high = x->turn;
    const uint64_t low = high > buckets ? high - buckets : 0;
    const uint64_t from = lowest(&x->now, low);
    const uint64_t first = index_scale(from, x->grown.buckets);
    const uint64_t last = index_scale(x->frontier - 1, x->grown.buckets);
    const size_t n = take_out(x, low, from);
    x->frontier = from;
    x->turn = low;
    forget_passed(x, low, high, first);
    if (LIKELY(first > low + x->now.far && last - first <= SPAN &&
               first >> INDEX_CHUNK_BITS == last >> INDEX_CHUNK_BITS))
        put_moved(x, n, first, last);
    else
        for (size_t i = 0; i < n; i++)
            put(x, x->moved[i].h, x->moved[i].number);
    if (low == 0) {
        x->now = x->grown;
        x->grown = (struct index_map){0};
        x->frontier = INDEX_HASH_END;
    }
}

static void add(struct store_index *x, uint64_t h, uint32_t number)
{
    x->found.valid = false;
    put(x, h, number);
    x->live++;
    if (!is_growing(x)) {
        if (LIKELY(x->live * LOAD_DEN <= x->now.buckets * INDEX_ENTRIES * LOAD_NUM))
            return;
        growth_begin(x);
    }
    /* The lines that the next step reads and writes, a few with each addition, so that they are
     * there when it comes. (Not a function: gcc 12 drops calls that only prefetch.) */
    if (LIKELY(x->turn >= STEP)) {
        const uint64_t p = x->turn - STEP + x->debt;
        for (uint64_t q = p; q < p + PACE; q++)
            __builtin_prefetch(index_at(x, q), 1, 3);
        for (uint64_t q = p + p / 2; q < p + PACE + (p + PACE) / 2; q++)
            __builtin_prefetch(index_at(x, q), 1, 3);
    }
    x->debt += PACE;
    if (x->debt >= STEP) {
        x->debt -= STEP;
        growth_step(x, STEP);
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
    } while (is_passed(b));
    add(x, h, number);
    return true;
}

void store_index_remove(struct store_index *x, struct hash128 id, struct index_place at)
{
    x->found.valid = false;
    for (uint64_t q = index_home(x, index_hash(id)); q < at.bucket; q++)
        passed_down(index_at(x, q));
    entry_drop(index_at(x, at.bucket), at.entry);
    x->live--;
}

/* ---- audit ---- */

void store_index_audit(const struct store_index *x)
{
    uint64_t live = 0;
    uint32_t *passed = xcalloc(x->physical, sizeof(*passed));
    for (uint64_t p = 0; p < x->physical; p++) {
        const struct index_bucket *b = index_at(x, p);
        CHECK(count_of(b) <= INDEX_ENTRIES);
        for (uint32_t i = 0; i < count_of(b); i++) {
            const struct hash128 id = slab_at(x->slab, b->number[i])->id;
            struct index_place at;
            CHECK(search(x, id, &at) && at.bucket == p && at.entry == i); /* N1 */
            CHECK(stored_of(b, i) == (index_hash(id) & INDEX_STORED));
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
