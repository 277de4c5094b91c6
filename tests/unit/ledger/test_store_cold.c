/*
 * A store whose old records lie in a file against a twin that keeps all in memory: whatever is done
 * to both, nobody can tell them apart.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/cold.h"
#include "ledger/store_load.h"
#include "ledger/store_scan.h"
#include "twins.h"

#define SEEDS 6

struct pair {
    struct twins t;
    char dir[64];
    char *saved;
    size_t n, cap;
    uint64_t records;
    uint64_t most_cold;
};

static void open_pair(struct pair *x, uint64_t seed, uint64_t most)
{
    struct err e;
    *x = (struct pair){.t = {.dice = seed << 32, .w = 1000, .timed = 20, .wait = 500}};
    snprintf(x->dir, sizeof(x->dir), "/tmp/test_store_cold.XXXXXX");
    cr_assert(mkdtemp(x->dir));
    x->t.cold = store_create();
    x->t.warm = store_create();
    cr_assert_eq(store_spill(x->t.cold, x->dir, NULL, most, &e), RC_OK);
}

static void close_pair(struct pair *x)
{
    store_destroy(x->t.cold);
    store_destroy(x->t.warm);
    free(x->saved);
    cr_expect_eq(rmdir(x->dir), 0, "the file has no name, so the folder is empty");
}

static void transaction(struct pair *x)
{
    for (uint64_t n = dice(&x->t, 400); n > 0; n--) {
        change_some(&x->t);
        if (dice(&x->t, 64) == 0)
            take_due(&x->t);
    }
    end_some(&x->t, 4);
}

static void look(struct pair *x)
{
    for (int i = 0; i < 200; i++) {
        const struct hash128 id = some_id(&x->t);
        struct store_meta m = {0};
        struct store_meta k = {0};
        const struct view a = store_get(x->t.cold, id, &m);
        const struct view b = store_get(x->t.warm, id, &k);
        const bool is = a.p && m.expires > x->t.w;
        cr_assert_eq(is, b.p && k.expires > x->t.w);
        if (is)
            cr_assert(view_eq(a, b) && m.kind == k.kind && m.deadline == k.deadline);
    }
}

static void compare(struct pair *x)
{
    store_audit(x->t.cold);
    look(x);
    cr_assert_eq(store_digest(x->t.cold, x->t.w), store_digest(x->t.warm, x->t.w));
}

static void sweep(struct pair *x)
{
    store_sweep(x->t.cold, x->t.w, dice(&x->t, 2) ? SIZE_MAX : dice(&x->t, 5000));
    store_sweep(x->t.warm, x->t.w, SIZE_MAX);
}

static void *room(void *ctx, size_t bytes, uint32_t records)
{
    struct pair *x = ctx;
    if (x->n + bytes > x->cap) {
        x->cap = 2 * (x->n + bytes);
        x->saved = realloc(x->saved, x->cap);
    }
    x->n += bytes;
    x->records += records;
    return x->saved + x->n - bytes;
}

/* What was handed over, into a store that gets cold while it is filled. */
static void loaded_is(struct pair *x, uint64_t want, uint64_t records)
{
    struct err e;
    struct store *again = store_create();
    cr_assert_eq(store_spill(again, x->dir, NULL, 0, &e), RC_OK);
    cr_assert_eq(x->records, records);
    cr_assert_eq(store_load_count(x->saved, x->n), (int64_t)records);
    struct store_load *in = store_load_begin(again, records);
    cr_assert(store_load_add(in, x->saved, x->n));
    cr_assert(store_load_end(in));
    cr_assert_eq(store_digest(again, INT64_MIN), want);
    store_audit(again);
    store_destroy(again);
}

static void scan(struct pair *x)
{
    const uint64_t want = store_digest(x->t.cold, INT64_MIN);
    const uint64_t records = store_live(x->t.cold);
    x->n = x->records = 0;
    store_scan_begin(x->t.cold, &(struct store_scan_sink){x, room, NULL});
    do {
        transaction(x);
        if (dice(&x->t, 4) == 0)
            sweep(x);
        (void)store_trim(x->t.cold);
        if (dice(&x->t, 32) == 0)
            store_audit(x->t.cold);
    } while (!store_scan_step(x->t.cold, 100000 + dice(&x->t, 400000), INT64_MAX));
    loaded_is(x, want, records);
}

static void walk(struct pair *x, int steps)
{
    for (int i = 0; i < steps; i++) {
        transaction(x);
        cr_assert_eq(store_trim(x->t.cold), 0);
        if (store_cold_bytes(x->t.cold) > x->most_cold)
            x->most_cold = store_cold_bytes(x->t.cold);
        if (dice(&x->t, 100) == 0)
            compare(x);
        if (dice(&x->t, 40) == 0)
            sweep(x);
        if (dice(&x->t, 150) == 0)
            scan(x);
    }
    compare(x);
}

Test(store_cold, nobody_can_tell_it_from_one_in_memory, .timeout = 300)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct pair x;
        open_pair(&x, seed, seed % 2 ? 0 : 6 << 20);
        walk(&x, 1500);
        cr_expect_gt(x.most_cold, 4 << 20, "or this test shows nothing");
        close_pair(&x);
    }
}

static void fill(struct store *s, uint64_t from, uint64_t to, int64_t expires, uint32_t never)
{
    char text[200] = {0};
    for (uint64_t i = from; i < to; i++) {
        const int64_t at = never && i % never == 0 ? STORE_NEVER : expires;
        store_put(s, hash128(&i, sizeof(i), 7), (struct store_meta){1, at, STORE_NEVER},
                  (struct view){text, sizeof(text)});
        if (i % 1000 == 999)
            store_commit(s);
    }
    store_commit(s);
    while (store_trim(s) == 0 && store_bytes(s) > 8 << 20 && to - from > 40000)
        ;
}

/* When what is in a cold chunk has expired its place serves others; what never expires moves. */
Test(store_cold, what_has_expired_gives_its_place_back)
{
    struct pair x;
    open_pair(&x, 1, 8 << 20);
    uint64_t most = 0;
    for (uint64_t day = 0; day < 8; day++) { /* two days are kept */
        fill(x.t.cold, day * 100000, (day + 1) * 100000, (int64_t)day + 2, 1000);
        for (int pass = 0; pass < 3; pass++)
            store_sweep(x.t.cold, (int64_t)day, SIZE_MAX);
        store_audit(x.t.cold);
        /* A chunk with records of two days waits for the later one. */
        const uint64_t keeps = day == 0 ? 100000 : 200000 + (day - 1) * 100;
        cr_assert(store_live(x.t.cold) - keeps < 10000, "%llu, day %llu",
                  (unsigned long long)store_live(x.t.cold), (unsigned long long)day);
        if (day == 2)
            most = store_cold_bytes(x.t.cold);
    }
    cr_expect_gt(most, 20 << 20);
    cr_expect_leq(store_cold_bytes(x.t.cold), most + (6 << 20));
    for (int pass = 0; pass < 3; pass++)
        store_sweep(x.t.cold, 100, SIZE_MAX);
    cr_expect_eq(store_live(x.t.cold), 800);
    cr_expect_eq(store_cold_bytes(x.t.cold), 0, "%llu",
                 (unsigned long long)store_cold_bytes(x.t.cold));
    store_audit(x.t.cold);
    close_pair(&x);
}

/* However much came since the last time: one call brings it below the bound and a bit. */
Test(store_cold, what_came_at_once_goes_at_once)
{
    const uint64_t most = 8 << 20;
    struct pair x;
    char text[200] = {0};
    open_pair(&x, 1, most);
    for (uint64_t i = 0; i < 400000; i++)
        store_put(x.t.cold, hash128(&i, sizeof(i), 7), (struct store_meta){1, 5, STORE_NEVER},
                  (struct view){text, sizeof(text)});
    store_commit(x.t.cold);
    cr_assert_eq(store_trim(x.t.cold), 0);
    /* The journal of this one commit and the index stay in memory. */
    cr_expect_leq(store_bytes(x.t.cold), (uint64_t)24 << 20, "%llu",
                  (unsigned long long)store_bytes(x.t.cold));
    cr_expect_geq(store_cold_bytes(x.t.cold), (uint64_t)70 << 20);
    close_pair(&x);
}

/* A full disk: what it does not take stays where it was, and goes later, when there is room. */
Test(store_cold, a_disk_that_is_full_costs_memory_and_nothing_else)
{
    const struct rlimit full = {5 << 20, RLIM_INFINITY};
    const struct rlimit empty = {RLIM_INFINITY, RLIM_INFINITY};
    struct pair x;
    signal(SIGXFSZ, SIG_IGN);
    open_pair(&x, 1, 0);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &full), 0);
    int why = 0;
    for (int i = 0; i < 1200; i++) {
        transaction(&x);
        const int now = store_trim(x.t.cold);
        why = now ? now : why;
        if (i % 100 == 0)
            sweep(&x);
    }
    cr_expect_eq(why, EFBIG);
    cr_expect_leq(store_cold_bytes(x.t.cold), (uint64_t)5 << 20);
    compare(&x);
    scan(&x);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &empty), 0);
    for (int i = 0; i < 1200; i++) {
        transaction(&x);
        cr_expect_eq(store_trim(x.t.cold), 0);
    }
    cr_expect_gt(store_cold_bytes(x.t.cold), (uint64_t)5 << 20);
    compare(&x);
    close_pair(&x);
}

/* What is tried in vain is said once in TRIM_LATER commits, and tried again then. */
static int run(struct pair *x, int transactions)
{
    int why = 0;
    for (int i = 0; i < transactions; i++) {
        transaction(x);
        const int now = store_trim(x->t.cold);
        why = now ? now : why;
    }
    return why;
}

static void set_stack(size_t bytes)
{
    pthread_attr_t a;
    cr_assert_eq(pthread_attr_init(&a), 0);
    cr_assert_eq(pthread_attr_setstacksize(&a, bytes), 0);
    cr_assert_eq(pthread_setattr_default_np(&a), 0);
    pthread_attr_destroy(&a);
}

Test(store_cold, without_a_thread_all_stays_in_memory_and_it_is_said)
{
    struct pair x;
    open_pair(&x, 1, 0);
    set_stack((size_t)1 << 50); /* there is no such memory */
    cr_expect_eq(run(&x, 300), EAGAIN);
    cr_expect_eq(store_cold_bytes(x.t.cold), 0);
    compare(&x);
    scan(&x);
    set_stack((size_t)256 << 10);
    cr_expect_eq(run(&x, 1200), 0);
    cr_expect_gt(store_cold_bytes(x.t.cold), (uint64_t)5 << 20);
    compare(&x);
    close_pair(&x);
}

Test(store_cold, a_chunk_that_cannot_be_mapped_stays_in_memory_and_it_is_said)
{
    struct pair x;
    open_pair(&x, 1, 0);
    cold_maps_most = 2;
    cr_expect_eq(run(&x, 1200), ENOMEM);
    cr_expect_leq(store_cold_bytes(x.t.cold), 2 * COLD_CHUNK);
    compare(&x);
    scan(&x);
    close_pair(&x);
    open_pair(&x, 2, 0); /* what the first one had serves the next one */
    cr_expect_eq(run(&x, 1200), ENOMEM);
    cr_expect_gt(store_cold_bytes(x.t.cold), 0);
    cold_maps_most = 0;
    cr_expect_eq(run(&x, 1200), 0);
    cr_expect_gt(store_cold_bytes(x.t.cold), (uint64_t)5 << 20);
    compare(&x);
    close_pair(&x);
}

Test(store_cold, a_folder_that_takes_no_file_is_named)
{
    struct err e;
    struct store *s = store_create();
    cr_expect_eq(store_spill(s, "/proc/nowhere", NULL, 0, &e), RC_FATAL);
    cr_expect(strstr(e.text, "/proc/nowhere"), "%s", e.text);
    fill(s, 0, 20000, 1, 0);
    cr_expect_eq(store_trim(s), 0);
    cr_expect_eq(store_cold_bytes(s), 0);
    store_destroy(s);
}
