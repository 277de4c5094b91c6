/* The store against a model that is too simple to be wrong: an array of records. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "ledger/store.h"

#define IDS 3000

struct model_record {
    bool is;
    struct store_meta meta;
    uint8_t n;
    char bytes[40];
};

struct model {
    struct model_record r[IDS];
};

static uint64_t rng;

static uint64_t next(void)
{
    rng ^= rng << 13;
    rng ^= rng >> 7;
    rng ^= rng << 17;
    return rng;
}

static uint64_t below(uint64_t n)
{
    return next() % n;
}

/* A third of them with few homes, so that they are pushed far; the others as real ones are. */
static struct hash128 id_of(size_t i)
{
    const uint64_t mixed = (i + 1) * UINT64_C(0x9E3779B97F4A7C15);
    return i % 3 ? hash128(&i, sizeof(i), 5) : (struct hash128){(i / 3 % 4) << 62 | i, mixed};
}

static size_t index_of(struct hash128 id)
{
    for (size_t i = 0; i < IDS; i++)
        if (hash128_eq(id_of(i), id))
            return i;
    cr_assert_fail("the store gave an identity that nobody put");
    return 0;
}

static int64_t some_time(void)
{
    return below(4) == 0 ? STORE_NEVER : (int64_t)below(1000);
}

static void put(struct store *s, struct model *m, size_t i)
{
    struct model_record *r = &m->r[i];
    *r = (struct model_record){
        .is = true, .meta = {(uint8_t)below(9), some_time(), some_time()}, .n = (uint8_t)below(41)};
    for (size_t k = 0; k < r->n; k++)
        r->bytes[k] = (char)next();
    store_put(s, id_of(i), r->meta, (struct view){r->bytes, r->n});
}

static void compare(struct store *s, const struct model *m)
{
    uint64_t live = 0;
    for (size_t i = 0; i < IDS; i++) {
        struct store_meta meta;
        const struct view v = store_get(s, id_of(i), &meta);
        cr_assert_eq(v.p != NULL, m->r[i].is, "record %zu", i);
        if (!v.p)
            continue;
        live++;
        cr_assert(v.n == m->r[i].n && memcmp(v.p, m->r[i].bytes, v.n) == 0, "bytes of %zu", i);
        cr_assert(meta.kind == m->r[i].meta.kind && meta.expires == m->r[i].meta.expires &&
                      meta.deadline == m->r[i].meta.deadline,
                  "meta of %zu", i);
    }
    cr_assert_eq(store_live(s), live);
    store_audit(s);
}

static bool before(size_t a, int64_t at_a, size_t b, int64_t at_b)
{
    const struct hash128 x = id_of(a);
    const struct hash128 y = id_of(b);
    return at_a != at_b ? at_a < at_b : x.hi != y.hi ? x.hi < y.hi : x.lo < y.lo;
}

/* Everything due at w comes, in order, exactly once. */
static void due(struct store *s, struct model *m, int64_t w, size_t max)
{
    struct hash128 out[64];
    const size_t n = store_due(s, w, out, max);
    cr_assert_leq(n, max);
    size_t last = 0;
    int64_t last_at = 0;
    for (size_t k = 0; k < n; k++) {
        const size_t i = index_of(out[k]);
        const int64_t at = m->r[i].meta.deadline;
        cr_assert(m->r[i].is && at <= w, "record %zu was not due", i);
        cr_assert(k == 0 || before(last, last_at, i, at), "due in order");
        m->r[i].meta.deadline = STORE_NEVER;
        last = i;
        last_at = at;
    }
    for (size_t i = 0; i < IDS; i++) {
        if (!m->r[i].is || m->r[i].meta.deadline > w)
            continue;
        cr_assert_eq(n, max, "record %zu was due and did not come", i);
        cr_assert(before(last, last_at, i, m->r[i].meta.deadline), "a smaller one was left");
    }
}

static void sweep(struct store *s, struct model *m, int64_t w)
{
    const uint64_t were = store_live(s);
    const size_t dropped = store_sweep(s, w, 1 + below(3000));
    cr_assert_eq(store_live(s), were - dropped);
    size_t gone = 0;
    for (size_t i = 0; i < IDS; i++) {
        if (!m->r[i].is || store_get(s, id_of(i), NULL).p)
            continue;
        cr_assert_leq(m->r[i].meta.expires, w, "record %zu had not expired", i);
        m->r[i].is = false;
        gone++;
    }
    cr_assert_eq(gone, dropped);
}

static void walk(uint64_t seed, size_t range, int steps)
{
    rng = seed;
    struct store *s = store_create();
    struct model *now = xcalloc(1, sizeof(*now));
    struct model *kept = xcalloc(1, sizeof(*kept));
    uint64_t digest = store_digest(s, 0);
    int64_t w = 0;
    for (int step = 0; step < steps; step++) {
        const size_t i = below(range);
        switch (below(40)) {
        case 0:
            store_commit(s);
            *kept = *now;
            if (below(3) == 0) {
                const uint64_t visible = store_digest(s, w);
                sweep(s, now, w);
                cr_assert_eq(store_digest(s, w), visible, "a sweep removes what nobody sees");
                *kept = *now;
            }
            digest = store_digest(s, INT64_MIN);
            break;
        case 1:
            store_rollback(s);
            *now = *kept;
            cr_assert_eq(store_digest(s, INT64_MIN), digest, "step %d", step);
            compare(s, now);
            break;
        case 2:
            w = below(10) == 0 ? 0 : w + (int64_t)below(60);
            due(s, now, w, 1 + below(64));
            break;
        case 3:
        case 4:
        case 5:
        case 6:
        case 7:
        case 8:
        case 9:
        case 10:
            store_delete(s, id_of(i));
            now->r[i].is = false;
            break;
        default:
            put(s, now, i);
        }
    }
    compare(s, now);
    store_rollback(s);
    cr_assert_eq(store_digest(s, INT64_MIN), digest);
    compare(s, kept);
    store_destroy(s);
    free(now);
    free(kept);
}

Test(store, a_random_walk_agrees_with_the_model)
{
    for (uint64_t seed = 1; seed <= 8; seed++)
        walk(seed * UINT64_C(0x1234567), 60 << seed % 5, 6000);
}

Test(store, a_rollback_after_growth_restores_every_byte)
{
    struct store *s = store_create();
    struct model *m = xcalloc(1, sizeof(*m));
    rng = 77;
    for (size_t i = 0; i < 20; i++)
        put(s, m, i);
    store_commit(s);
    const uint64_t digest = store_digest(s, INT64_MIN);
    const struct model kept = *m;
    for (size_t i = 0; i < IDS; i++) /* the index grows from 4 buckets to hundreds */
        put(s, m, i);
    cr_assert_eq(store_live(s), IDS);
    store_rollback(s);
    cr_assert_eq(store_digest(s, INT64_MIN), digest);
    compare(s, &kept);
    struct model left = kept;
    due(s, &left, STORE_NEVER - 1, 64);
    compare(s, &left);
    store_destroy(s);
    free(m);
}

Test(store, the_digest_sees_every_field_and_not_the_order)
{
    const struct store_meta meta = {1, 100, 50};
    struct store *a = store_create();
    struct store *b = store_create();
    store_put(a, id_of(1), meta, VIEW("one"));
    store_put(a, id_of(2), meta, VIEW("two"));
    store_put(b, id_of(2), meta, VIEW("two"));
    store_put(b, id_of(1), meta, VIEW("one"));
    const uint64_t digest = store_digest(a, 0);
    cr_expect_eq(store_digest(b, 0), digest);
    store_put(b, id_of(1), (struct store_meta){2, 100, 50}, VIEW("one"));
    cr_expect_neq(store_digest(b, 0), digest, "kind");
    store_put(b, id_of(1), (struct store_meta){1, 100, 51}, VIEW("one"));
    cr_expect_neq(store_digest(b, 0), digest, "deadline");
    store_put(b, id_of(1), meta, VIEW("onE"));
    cr_expect_neq(store_digest(b, 0), digest, "bytes");
    store_put(b, id_of(1), meta, VIEW("one"));
    cr_expect_eq(store_digest(b, 0), digest);
    store_delete(b, id_of(1));
    cr_expect_neq(store_digest(b, 0), digest, "a record less");
    cr_expect_eq(store_digest(a, 100), 0, "expired at W >= expires");
    cr_expect_neq(store_digest(a, 99), 0);
    store_destroy(a);
    store_destroy(b);
}

Test(store, a_record_changed_twice_rolls_back_to_the_first)
{
    struct store *s = store_create();
    store_put(s, id_of(5), (struct store_meta){1, STORE_NEVER, 7}, VIEW("first"));
    store_commit(s);
    store_put(s, id_of(5), (struct store_meta){1, STORE_NEVER, 9}, VIEW("second"));
    store_delete(s, id_of(5));
    store_put(s, id_of(5), (struct store_meta){2, 3, STORE_NEVER}, VIEW("third"));
    store_rollback(s);
    struct store_meta meta;
    const struct view v = store_get(s, id_of(5), &meta);
    cr_assert(view_is(v, "first"));
    cr_assert_eq(meta.deadline, 7);
    struct hash128 out[4];
    cr_assert_eq(store_due(s, 6, out, 4), 0);
    cr_assert_eq(store_due(s, 7, out, 4), 1);
    cr_assert_eq(store_due(s, 7, out, 4), 0, "each once");
    store_rollback(s);
    cr_assert_eq(store_due(s, 7, out, 4), 1, "what was taken out is due again");
    store_destroy(s);
}

/* A value of any length; a function of its number. */
static struct view value_of(char *buf, size_t i, size_t n)
{
    memset(buf, (int)(i * 31 + n), n);
    return (struct view){buf, (uint32_t)n};
}

Test(store, every_length_and_time_comes_back)
{
    static const int64_t times[] = {INT64_MIN,
                                    -1,
                                    0,
                                    1,
                                    (INT64_C(1) << 43) - 3,
                                    (INT64_C(1) << 43) - 2,
                                    (INT64_C(1) << 43) - 1,
                                    INT64_C(1) << 43,
                                    INT64_MAX - 1,
                                    STORE_NEVER};
    const size_t kinds = sizeof(times) / sizeof(times[0]);
    char want[4000], again[4000];
    struct store *s = store_create();
    const uint64_t nothing = store_digest(s, INT64_MIN);
    for (int round = 0; round < 2; round++) { /* put, rolled back, put again */
        for (size_t n = 0; n < sizeof(want); n += n < 1100 ? 1 : 97) {
            const struct store_meta meta = {(uint8_t)n, times[n % kinds], times[n / kinds % kinds]};
            store_put(s, id_of(n), meta, value_of(want, n, n));
        }
        if (round == 0) {
            store_audit(s);
            store_rollback(s);
            cr_assert_eq(store_digest(s, INT64_MIN), nothing);
        }
    }
    store_commit(s);
    store_audit(s);
    for (size_t n = 0; n < sizeof(want); n += n < 1100 ? 1 : 97) {
        struct store_meta meta;
        const struct view v = store_get(s, id_of(n), &meta);
        cr_assert(v.p && view_eq(v, value_of(again, n, n)), "bytes of %zu", n);
        cr_assert(meta.kind == (uint8_t)n && meta.expires == times[n % kinds] &&
                      meta.deadline == times[n / kinds % kinds],
                  "meta of %zu", n);
    }
    store_destroy(s);
}

/* Large enough that the index finds new places without reading records, and has several chunks. */
#define MANY 600000

Test(store, growth_in_steps_loses_nothing)
{
    struct store *s = store_create();
    rng = 99;
    uint64_t live = 0, committed = 0;
    for (size_t i = 0; i < MANY; i++) {
        const struct hash128 id = hash128(&i, sizeof(i), 1);
        const struct store_meta meta = {1, STORE_NEVER, STORE_NEVER};
        cr_assert_null(store_get(s, id, NULL).p);
        store_put(s, id, meta, (struct view){(const char *)&i, sizeof(i)});
        live++;
        const size_t gone = below(i + 1); /* also in the part that is moving */
        const struct hash128 other = hash128(&gone, sizeof(gone), 1);
        if (i % 3 == 0 && store_get(s, other, NULL).p) {
            store_delete(s, other);
            live--;
        }
        if (i % 1000 == 999) {
            store_commit(s);
            committed = live;
        }
        if (i % 7001 == 7000) {
            store_rollback(s);
            live = committed;
        }
        if (i % 50021 == 0)
            store_audit(s);
    }
    cr_assert_eq(store_live(s), live);
    store_audit(s);
    store_rollback(s);
    for (size_t i = 0; i < MANY; i++) {
        const struct view v = store_get(s, hash128(&i, sizeof(i), 1), NULL);
        cr_assert(!v.p || (v.n == sizeof(i) && memcmp(v.p, &i, sizeof(i)) == 0));
    }
    store_audit(s);
    store_destroy(s);
}

Test(store, what_expires_makes_room_for_records_of_any_size)
{
    struct store *s = store_create();
    char buf[200];
    uint64_t most = 0;
    for (size_t day = 0; day < 12; day++) { /* each day other sizes; two days are kept */
        for (size_t i = 0; i < 40000; i++) {
            const uint64_t n = day * 40000 + i;
            const struct store_meta meta = {1, (int64_t)day + 2, STORE_NEVER};
            store_put(s, hash128(&n, sizeof(n), 1), meta, value_of(buf, n, 40 + day * 8 + i % 64));
            if (i % 4096 == 0)
                store_commit(s);
        }
        store_commit(s);
        const uint64_t visible = store_digest(s, (int64_t)day);
        while (store_sweep(s, (int64_t)day, 100000) > 0) {
        }
        cr_assert_eq(store_digest(s, (int64_t)day), visible);
        store_audit(s);
        cr_assert_eq(store_live(s), day == 0 ? 40000 : 80000);
        if (day == 3)
            most = store_bytes(s);
    }
    /* The records of the last days are 64 bytes longer than those of day 3. */
    cr_assert_leq(store_bytes(s), most + 80000 * 64 + (8 << 20));
    for (int pass = 0; pass < 12; pass++)
        store_sweep(s, 100, 100000);
    cr_assert_eq(store_live(s), 0);
    cr_assert_leq(store_bytes(s), most / 2, "%llu of %llu", (unsigned long long)store_bytes(s),
                  (unsigned long long)most);
    store_audit(s);
    store_destroy(s);
}
