/*
 * store_scan: whatever happens to a store while it is read slice by slice, what comes out is the
 * state of the begin (C1), and afterwards nothing is marked (C2).
 */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "ledger/store_load.h"
#include "ledger/store_scan.h"

#define IDS   2000 /* identities: few, so that the same ones come and go */
#define ROOM  3000
#define MANY  2000000 /* store_load.c: FEW */
#define SEEDS 200

struct world {
    uint64_t dice;
    struct store *store;
    int64_t w;
    char *saved; /* what was handed over */
    size_t n, cap;
    uint64_t records;
};

static uint64_t dice(struct world *x, uint64_t below)
{
    x->dice += 0x9e3779b97f4a7c15u;
    return hash64(&x->dice, sizeof(x->dice), 0) % below;
}

static void *room(void *ctx, size_t bytes, uint32_t records)
{
    struct world *x = ctx;
    if (x->n + bytes > x->cap) {
        x->cap = 2 * (x->n + bytes);
        x->saved = realloc(x->saved, x->cap);
    }
    char *p = x->saved + x->n;
    memset(p, 0xEE, bytes);
    x->n += bytes;
    x->records += records;
    return p;
}

static struct hash128 some_id(struct world *x)
{
    const uint64_t i = dice(x, IDS);
    return hash128(&i, sizeof(i), 7);
}

static int64_t some_time(struct world *x)
{
    static const int64_t odd[] = {STORE_NEVER, STORE_NEVER - 1, INT64_C(1) << 42, -5};
    return dice(x, 3) ? x->w + (int64_t)dice(x, 400) : odd[dice(x, 4)];
}

static void put_some(struct world *x)
{
    static char text[8000];
    static const uint32_t most[] = {40, 200, 1100, 4000};
    const uint32_t n = (uint32_t)dice(x, most[dice(x, 32) ? dice(x, 2) : 2 + dice(x, 2)]);
    memset(text, (int)dice(x, 256), n + 1);
    const struct store_meta meta = {(uint8_t)dice(x, 256), some_time(x),
                                    dice(x, 2) ? STORE_NEVER : some_time(x)};
    store_put(x->store, some_id(x), meta, (struct view){text, n});
}

/* Memory that has become empty serves records of other sizes. */
static void delete_all(struct world *x)
{
    for (uint64_t i = 0; i < IDS; i++)
        store_delete(x->store, hash128(&i, sizeof(i), 7));
}

/* An open transaction: what is done is kept or taken back. */
static void transaction(struct world *x)
{
    struct hash128 due[16];
    const uint64_t changes = dice(x, 8) ? dice(x, 20) : dice(x, 300);
    const uint64_t deletes = 1 + dice(x, 6); /* of 7: whole chunks get empty and full again */
    for (uint64_t i = 0; i < changes; i++) {
        if (dice(x, 7) < deletes)
            store_delete(x->store, some_id(x));
        else
            put_some(x);
        if (dice(x, 16) == 0)
            (void)store_due(x->store, x->w, due, dice(x, 16));
    }
    if (dice(x, 24) == 0)
        delete_all(x);
    if (dice(x, 3) == 0)
        store_rollback(x->store);
    else
        store_commit(x->store);
    x->w += (int64_t)dice(x, 10);
    if (dice(x, 3) == 0)
        (void)store_sweep(x->store, x->w, dice(x, 400));
}

/* Everything, expired or not. */
static uint64_t digest(const struct store *s)
{
    return store_digest(s, INT64_MIN);
}

static void count_timed(void *ctx, struct hash128 id, const struct store_meta *meta, struct view v)
{
    (void)id;
    (void)v;
    *(uint64_t *)ctx += meta->deadline != STORE_NEVER;
}

/* Each deadline comes, once. */
static void deadlines_come(struct store *s)
{
    uint64_t want = 0;
    uint64_t got = 0;
    struct hash128 id;
    store_each(s, &want, count_timed);
    while (store_due(s, STORE_NEVER - 1, &id, 1) == 1)
        got++;
    store_rollback(s);
    cr_assert_eq(got, want);
}

/* What is said to come: right, nothing, or so much that the lists are used. */
static uint64_t some(struct world *x, uint64_t records)
{
    return dice(x, 2) ? records : dice(x, 32) ? 0 : MANY;
}

static void loaded_is(struct world *x, uint64_t want, uint64_t records)
{
    struct store *again = store_create();
    cr_assert_eq(x->records, records);
    cr_assert_eq(store_load_count(x->saved, x->n), (int64_t)records);
    struct store_load *in = store_load_begin(again, some(x, records));
    cr_assert(store_load_add(in, x->saved, x->n));
    cr_assert(store_load_end(in));
    store_audit(again);
    cr_assert_eq(store_live(again), records);
    cr_assert_eq(digest(again), want);
    if (dice(x, 16) == 0)
        deadlines_come(again);
    store_destroy(again);
}

static void scan_under_changes(struct world *x, bool mute)
{
    const uint64_t want = digest(x->store);
    const uint64_t records = store_live(x->store);
    const size_t slice = (size_t)1 << dice(x, 14);
    const struct store_scan_sink to = {x, room, NULL};
    bool end = false;
    x->n = x->records = 0;
    store_scan_begin(x->store, &to);
    while (!end) {
        transaction(x);
        if (mute && dice(x, 4) == 0)
            store_scan_mute(x->store);
        if (mute && dice(x, 8) == 0)
            return; /* the next begin brings it to its end */
        if (dice(x, 16) == 0)
            store_audit(x->store);
        end = store_scan_step(x->store, slice, INT64_MAX);
    }
    store_audit(x->store); /* C2 */
    if (!mute)
        loaded_is(x, want, records);
}

Test(store_scan, gives_the_state_of_its_begin_whatever_is_done_meanwhile, .timeout = 300)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct world x = {.dice = seed << 32, .store = store_create(), .w = 1000};
        const uint64_t before = dice(&x, ROOM);
        for (uint64_t i = 0; i < before; i++)
            put_some(&x);
        store_commit(x.store);
        for (int round = 0; round < 6; round++) {
            const bool mute = dice(&x, 4) == 0;
            scan_under_changes(&x, mute);
            if (mute) {
                store_scan_mute(x.store);
                while (dice(&x, 2) && !store_scan_step(x.store, 1, INT64_MAX))
                    transaction(&x);
            }
        }
        store_destroy(x.store);
        free(x.saved);
    }
}

Test(store_scan, an_empty_store_gives_nothing)
{
    struct world x = {.store = store_create()};
    const struct store_scan_sink to = {&x, room, NULL};
    store_scan_begin(x.store, &to);
    cr_expect(store_scan_step(x.store, 1, 1));
    cr_expect(store_scan_step(x.store, 1, 1), "and says so again");
    loaded_is(&x, 0, 0);
    store_destroy(x.store);
    free(x.saved);
}

static void put_many(struct world *x, uint64_t n, uint32_t bytes)
{
    char text[400];
    memset(text, (int)bytes, sizeof(text));
    for (uint64_t i = 0; i < n; i++)
        store_put(x->store, hash128(&i, sizeof(i), 7),
                  (struct store_meta){1, STORE_NEVER, STORE_NEVER}, (struct view){text, bytes});
    store_commit(x->store);
}

/* The scan stands in the middle of memory that gets empty and then has other records. */
Test(store_scan, memory_under_the_scan_may_be_emptied_and_used_again)
{
    for (size_t at = 1000; at < 200000; at += 1000) {
        struct world x = {.store = store_create()};
        put_many(&x, IDS, 61);
        const uint64_t want = digest(x.store);
        store_scan_begin(x.store, &(struct store_scan_sink){&x, room, NULL});
        (void)store_scan_step(x.store, at, INT64_MAX);
        delete_all(&x);
        store_commit(x.store);
        put_many(&x, IDS, 331);
        store_audit(x.store);
        while (!store_scan_step(x.store, 4096, INT64_MAX))
            ;
        store_audit(x.store);
        loaded_is(&x, want, IDS);
        store_destroy(x.store);
        free(x.saved);
    }
}

Test(store_scan, an_identity_that_comes_twice_is_refused)
{
    struct world x = {.store = store_create()};
    put_many(&x, IDS, 61);
    store_scan_begin(x.store, &(struct store_scan_sink){&x, room, NULL});
    cr_assert(store_scan_step(x.store, SIZE_MAX, INT64_MAX));
    const size_t one = x.n / IDS;
    for (int many = 0; many < 2; many++) {
        struct store *again = store_create();
        struct store_load *in = store_load_begin(again, many ? MANY : 0);
        cr_assert(store_load_add(in, x.saved, x.n));
        const bool ok = store_load_add(in, x.saved + 77 * one, one);
        cr_expect_eq(ok, many, "of many it is seen at the end");
        cr_expect_not(store_load_end(in));
        store_destroy(again);
    }
    store_destroy(x.store);
    free(x.saved);
}

/* What rounds a record up is 0, whatever was there: files do not differ by old rubbish. */
Test(store_scan, the_same_records_give_the_same_bytes)
{
    const struct store_meta meta = {1, STORE_NEVER, STORE_NEVER};
    struct world x[2] = {{.store = store_create()}, {.store = store_create()}};
    for (int i = 0; i < 2; i++) {
        char text[16];
        memset(text, 'a' + i, sizeof(text));
        struct store *s = x[i].store;
        store_put(s, (struct hash128){1, 2}, meta, (struct view){text, 16});
        store_put(s, (struct hash128){2, 2}, meta, (struct view){text, 16});
        store_commit(s);
        store_delete(s, (struct hash128){1, 2});
        store_commit(s);
        store_put(s, (struct hash128){3, 2}, meta, (struct view){"z", 1});
        store_put(s, (struct hash128){3, 3}, meta, (struct view){"123456789", 9});
        store_delete(s, (struct hash128){2, 2});
        store_commit(s);
        store_scan_begin(s, &(struct store_scan_sink){&x[i], room, NULL});
        cr_assert(store_scan_step(s, SIZE_MAX, INT64_MAX));
        cr_assert_eq(x[i].records, 2);
    }
    cr_assert_eq(x[0].n, x[1].n);
    cr_expect_arr_eq(x[0].saved, x[1].saved, x[0].n);
    for (int i = 0; i < 2; i++) {
        store_destroy(x[i].store);
        free(x[i].saved);
    }
}

/* Any bytes: refused, or records that fill them to the byte. */
Test(store_scan, what_is_no_record_is_refused)
{
    struct world x = {.dice = 3, .store = store_create()};
    const struct store_scan_sink to = {&x, room, NULL};
    for (int i = 0; i < 300; i++)
        put_some(&x);
    store_commit(x.store);
    store_scan_begin(x.store, &to);
    while (!store_scan_step(x.store, 1, INT64_MAX))
        ;
    const size_t n = x.n;
    unsigned refused = 0;
    for (size_t cut = 0; cut < n; cut += 8) {
        char *some = malloc(cut + 1); /* its own: the sanitizer sees a read behind it */
        memcpy(some, x.saved, cut);
        const int64_t whole = store_load_count(some, cut);
        cr_assert(whole >= -1 && whole <= (int64_t)x.records);
        refused += whole < 0;
        free(some);
    }
    cr_expect_gt(refused, n / 16);
    for (int i = 0; i < 20000; i++) {
        const size_t at = dice(&x, n);
        x.saved[at] ^= (char)(1 << dice(&x, 8));
        const int64_t count = store_load_count(x.saved, n);
        struct store *again = store_create();
        struct store_load *in = store_load_begin(again, 0);
        if (count >= 0)
            (void)!store_load_add(in, x.saved, n); /* must not go astray */
        (void)store_load_end(in);
        store_destroy(again);
    }
    store_destroy(x.store);
    free(x.saved);
}
