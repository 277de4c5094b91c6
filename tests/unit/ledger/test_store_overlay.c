/* A store over another one against two models: each side reads what it put, and only what differs
 * is held. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/err.h"
#include "ledger/store_overlay.h"

#define IDS   200
#define STEPS 20000

struct model {
    bool is;
    struct store_meta meta;
    uint8_t n;
    char bytes[6];
};

struct pair {
    struct store *under, *over;
    struct model was[IDS], now[IDS];
};

static uint64_t rng = 88172645463325252;

static uint64_t below(uint64_t n)
{
    rng ^= rng << 13;
    rng ^= rng >> 7;
    rng ^= rng << 17;
    return rng % n;
}

static struct hash128 id_of(size_t i)
{
    return hash128(&i, sizeof(i), 7);
}

static bool same(const struct model *a, const struct model *b)
{
    if (!a->is || !b->is)
        return !a->is && !b->is;
    return a->meta.kind == b->meta.kind && a->meta.expires == b->meta.expires &&
           a->meta.deadline == b->meta.deadline && a->n == b->n &&
           memcmp(a->bytes, b->bytes, a->n) == 0;
}

/* Few values: the two become equal again by chance. */
static struct model some(void)
{
    struct model m = {.is = below(12) != 0,
                      .meta = {(uint8_t)below(2), 10 + (int64_t)below(2), STORE_NEVER},
                      .n = (uint8_t)below(2)};
    if (below(4) == 0)
        m.meta.deadline = (int64_t)below(3);
    m.bytes[0] = 'x';
    return m;
}

static void put(struct store *s, size_t i, const struct model *m)
{
    if (m->is)
        store_put(s, id_of(i), m->meta, (struct view){m->bytes, m->n});
}

static void expect(struct store *s, size_t i, const struct model *m)
{
    struct store_meta meta = {0};
    const struct view v = store_get(s, id_of(i), &meta);
    struct model got = {.is = v.p != NULL, .meta = meta, .n = (uint8_t)v.n};
    if (v.p && v.n <= sizeof(got.bytes))
        memcpy(got.bytes, v.p, v.n);
    cr_assert(v.n <= sizeof(got.bytes) && same(&got, m), "record %zu", i);
}

/* Some changes of `s`; the ledger never deletes, so nor does this. */
static void change(struct store *s, struct model *m)
{
    for (uint64_t k = below(4); k > 0; k--) {
        const size_t i = below(IDS);
        struct model next = some();
        next.is = true;
        put(s, i, &next);
        m[i] = next;
    }
}

/* The same change on both sides, seen by the lower one alone. */
static void change_both(struct pair *p)
{
    const size_t i = below(IDS);
    struct model next = some();
    next.is = true;
    (void)store_overlay_met(p->under);
    expect(p->under, i, &p->was[i]);
    put(p->under, i, &next);
    const bool met = store_overlay_met(p->under);
    cr_assert_eq(met, !same(&p->was[i], &p->now[i]), "record %zu", i);
    p->was[i] = next;
    if (met) {
        expect(p->over, i, &p->now[i]); /* as it was, though the lower one has changed */
        store_overlay_settle(p->over);
    } else {
        p->now[i] = next;
        store_commit(p->under);
    }
}

static void check(struct pair *p)
{
    for (size_t i = 0; i < IDS; i++) {
        expect(p->under, i, &p->was[i]);
        expect(p->over, i, &p->now[i]);
        cr_assert_eq(store_overlay_holds(p->over, id_of(i)), !same(&p->was[i], &p->now[i]),
                     "record %zu", i);
    }
    (void)store_overlay_met(p->under);
}

Test(store_overlay, against_two_models)
{
    static struct pair p;
    uint64_t held = 0;
    p.under = store_create();
    p.over = store_create();
    store_overlay_pair(p.over, p.under);
    for (int step = 0; step < STEPS; step++) {
        const uint64_t kind = below(4);
        if (kind == 0) {
            change_both(&p);
        } else {
            struct model before[IDS];
            memcpy(before, p.now, sizeof(before));
            if (kind & 1)
                change(p.under, p.was);
            for (int k = 0; k < 5; k++) {
                const size_t i = below(IDS);
                expect(p.over, i, &before[i]);
            }
            if (kind & 2)
                change(p.over, p.now);
            store_overlay_settle(p.over);
        }
        if (step % 20 == 0)
            check(&p);
        held += store_live(p.over);
    }
    check(&p);
    cr_assert_gt(held, STEPS);
    store_audit(p.under);
    store_audit(p.over);
    store_destroy(p.over);
    store_destroy(p.under);
}

/* A deadline is taken where the record is held: below, or above, or on both sides once each. */
Test(store_overlay, deadlines)
{
    struct store *const under = store_create();
    struct store *const over = store_create();
    struct hash128 out[4];
    const struct view x = {"x", 1}, y = {"y", 1};
    store_overlay_pair(over, under);
    store_put(under, id_of(1), (struct store_meta){1, STORE_NEVER, 5}, x);
    store_commit(under); /* both */
    store_put(under, id_of(2), (struct store_meta){1, STORE_NEVER, 5}, x);
    store_commit(under);
    store_put(over, id_of(2), (struct store_meta){1, STORE_NEVER, 7}, y); /* apart */
    store_overlay_settle(over);
    cr_assert(!store_overlay_holds(over, id_of(1)) && store_overlay_holds(over, id_of(2)));

    cr_assert_eq(store_due(over, 6, out, 4), 0);
    cr_assert_eq(store_due(under, 6, out, 4), 2);
    store_commit(under);
    struct store_meta meta;
    cr_assert(store_get(over, id_of(1), &meta).p && meta.deadline == STORE_NEVER, "taken for both");
    cr_assert(store_get(over, id_of(2), &meta).p && meta.deadline == 7);
    cr_assert_eq(store_due(over, 8, out, 4), 1);
    cr_assert(hash128_eq(out[0], id_of(2)));
    store_commit(over);

    /* Equal again: let go, with a deadline that only the lower one has from now on. */
    store_put(over, id_of(2), (struct store_meta){1, STORE_NEVER, 9}, x);
    store_overlay_settle(over);
    store_put(under, id_of(2), (struct store_meta){1, STORE_NEVER, 9}, x);
    store_overlay_settle(over);
    cr_assert(!store_overlay_holds(over, id_of(2)));
    cr_assert_eq(store_due(over, 10, out, 4), 0);
    cr_assert_eq(store_due(under, 10, out, 4), 1);
    store_destroy(under);
    store_destroy(over);
}
