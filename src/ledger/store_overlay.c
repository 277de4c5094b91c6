#include "ledger/store_overlay.h"

#include "base/err.h"
#include "ledger/store_inner.h"

#define ABSENT 255 /* kind of a record that says: there is none */

void store_overlay_pair(struct store *over, struct store *under)
{
    CHECK(store_live(over) == 0);
    over->under = under;
    under->over = over;
}

bool store_overlay_holds(struct store *over, struct hash128 id)
{
    struct index_place at;
    return store_index_find(&over->index, id, &at);
}

void store_overlay_meet(struct store *under, struct hash128 id)
{
    under->met |= store_overlay_holds(under->over, id);
}

bool store_overlay_met(struct store *under)
{
    const bool met = under->met;
    under->met = false;
    return met;
}

static struct hash128 id_of(const struct store *s, const struct undo *u)
{
    return slab_at(&s->slab, u->old ? u->old : u->now)->id;
}

/* As it was before the open changes. */
static struct view before(struct store *s, struct hash128 id, struct store_meta *meta)
{
    for (size_t i = 0; i < s->undos; i++) {
        if (!hash128_eq(id_of(s, &s->undo[i]), id))
            continue;
        if (!s->undo[i].old)
            return (struct view){0};
        const struct record *r = slab_at(&s->slab, s->undo[i].old);
        if (meta)
            *meta = record_meta(r);
        return record_bytes(r);
    }
    return store_own(s, id, meta);
}

struct view store_overlay_get(struct store *s, struct hash128 id, struct store_meta *meta)
{
    struct store_meta own;
    if (s->over)
        store_overlay_meet(s, id);
    if (!s->under)
        return store_own(s, id, meta);
    const struct view v = store_own(s, id, &own);
    if (!v.p)
        return before(s->under, id, meta);
    if (own.kind == ABSENT)
        return (struct view){0};
    if (meta)
        *meta = own;
    return v;
}

static bool same(struct view a, const struct store_meta *x, struct view b,
                 const struct store_meta *y)
{
    const bool there = a.p && x->kind != ABSENT;
    if (!there || !b.p)
        return !there && !b.p;
    return x->kind == y->kind && x->expires == y->expires && x->deadline == y->deadline &&
           view_eq(a, b);
}

static void let_go(struct store *over, struct hash128 id)
{
    struct store_meta x, y;
    const struct view held = store_own(over, id, &x);
    if (held.p && same(held, &x, store_own(over->under, id, &y), &y))
        store_delete(over, id);
}

/* Changed below: what it was stays above, unless that is what it is. */
static void keep(struct store *over, struct hash128 id)
{
    struct store_meta x, y;
    const struct view was = before(over->under, id, &x);
    if (same(was, &x, store_own(over->under, id, &y), &y))
        return;
    if (was.p)
        store_put(over, id, x, was);
    else
        store_put(over, id, (struct store_meta){ABSENT, STORE_NEVER, STORE_NEVER},
                  (struct view){"", 0});
}

static bool is_among(const struct store *s, size_t changes, struct hash128 id)
{
    for (size_t i = 0; i < changes; i++)
        if (hash128_eq(id_of(s, &s->undo[i]), id))
            return true;
    return false;
}

void store_overlay_settle(struct store *over)
{
    struct store *const under = over->under;
    const size_t changes = over->undos; /* settling adds some */
    for (size_t i = 0; i < changes; i++)
        let_go(over, id_of(over, &over->undo[i]));
    for (size_t i = 0; i < under->undos; i++) {
        const struct hash128 id = id_of(under, &under->undo[i]);
        if (is_among(over, changes, id) || is_among(under, i, id))
            continue; /* the upper one has put what it wants; it has been settled */
        if (store_overlay_holds(over, id))
            let_go(over, id);
        else
            keep(over, id);
    }
    store_commit(under);
    store_commit(over);
}
