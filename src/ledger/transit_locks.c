/*
 * Reasons that locks give: X04 X11 X12 X13 X14 X27 X28 (CLOSING.md section 4). Profile LOCK alone.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "ledger/transit.h"

static bool known(int64_t t)
{
    return t != TIME_NONE;
}

static void raise(struct reasons *r, unsigned reason, const struct held *h)
{
    reason_raise(r, reason, h->seq, h->origin, h->f.time);
}

static bool elsewhere(const struct fact *decl, const struct fact *f)
{
    return (f->office.n && !view_eq(f->office, decl->office)) ||
           (f->site.n && decl->site.n && !view_eq(f->site, decl->site));
}

/* X11: a lock that was not declared is sealed, checked or read at a gate for this entry. */
static void undeclared(const struct entry *x, const struct derived *d, struct reasons *r)
{
    if (!d->declared->f.eseal)
        return;
    for (uint32_t i = 0; i < x->facts; i++) {
        const struct held *h = &x->fact[i];
        const struct fact *f = &h->f;
        if (f->type == DOC_LOCK && view_eq(f->turn, x->turn) &&
            (f->event == EVENT_SEAL || f->event == EVENT_CHECK) && !derived_lock_find(d, f->seal))
            raise(r, 11, h);
        if (f->type != DOC_GATE)
            continue;
        for (struct view left = f->seal; left.n;) { /* several joined by '|' */
            const char *bar = memchr(left.p, '|', left.n);
            const struct view one = {left.p, bar ? (uint32_t)(bar - left.p) : left.n};
            left.p += one.n + (bar != NULL);
            left.n -= one.n + (bar != NULL);
            if (one.n && !derived_lock_find(d, one))
                raise(r, 11, h);
        }
    }
}

/* Once W has reached it, an event whose counterpart is not known counts. */
static bool settled(const struct ledger *l, int64_t t, struct reasons *r)
{
    const int64_t at = t + l->rules->settle;
    if (l->w != TIME_NONE && l->w >= at)
        return true;
    r->recheck = at < r->recheck ? at : r->recheck;
    return false;
}

static void one_event(struct ledger *l, const struct derived *d, const struct derived_lock *k,
                      const struct held *h, struct reasons *r)
{
    const struct fact *decl = &d->declared->f;
    const int64_t t = h->f.time;
    const bool after_seal = known(d->sealed) && t >= d->sealed;
    switch (h->f.event) {
    case EVENT_SEAL:
        if (t == k->sealed && h->f.office.n && !view_eq(h->f.office, decl->origin_office))
            raise(r, 4, h);
        break;
    case EVENT_UNSEAL:
        if (known(d->sealed) && t > d->sealed &&
            (known(d->arrived) ? t < d->arrived : settled(l, t, r)))
            raise(r, 12, h);
        if (known(k->unsealed) && t == k->unsealed) {
            if (elsewhere(decl, &h->f) || (known(k->checked) && t < k->checked))
                raise(r, 14, h);
            else if (!known(k->checked) && settled(l, t, r))
                raise(r, 14, h);
        }
        break;
    case EVENT_TAMPER:
    case EVENT_CUT:
        if (after_seal && (!known(k->checked) || t < k->checked))
            raise(r, 13, h);
        break;
    case EVENT_FAULT:
        if (after_seal && (!known(k->checked) || t < k->checked))
            raise(r, 27, h);
        break;
    default:
        break;
    }
}

/* Time order; of one second SEAL, then UNSEAL, then by office, turnNo. */
static int event_cmp(const void *a, const void *b)
{
    const struct held *x = *(const struct held *const *)a;
    const struct held *y = *(const struct held *const *)b;
    if (x->f.time != y->f.time)
        return x->f.time < y->f.time ? -1 : 1;
    if (x->f.event != y->f.event)
        return x->f.event < y->f.event ? -1 : 1;
    const int c = view_cmp(x->f.office, y->f.office);
    return c ? c : view_cmp(x->f.turn, y->f.turn);
}

/* X28: sealed again without UNSEAL between, elsewhere, or for another entry more than an hour
 * later. */
static void sealed_twice(struct ledger *l, const struct entry *x, const struct derived_lock *k,
                         struct reasons *r)
{
    const struct held **event = arena_alloc(&l->arena, (x->facts + 1) * sizeof(const void *));
    size_t n = 0;
    for (uint32_t i = 0; i < x->facts; i++) {
        const struct held *h = &x->fact[i];
        if (h->f.type == DOC_LOCK && view_eq(h->f.seal, k->id) &&
            (h->f.event == EVENT_SEAL || h->f.event == EVENT_UNSEAL) &&
            (!known(k->checked) || h->f.time <= k->checked))
            event[n++] = h;
    }
    qsort(event, n, sizeof(const void *), event_cmp);
    for (size_t i = 1; i < n; i++) {
        const struct held *a = event[i - 1];
        const struct held *b = event[i];
        if (a->f.event != EVENT_SEAL || b->f.event != EVENT_SEAL)
            continue;
        const bool moved = a->f.office.n && b->f.office.n && !view_eq(a->f.office, b->f.office);
        const struct view turn_a = a->f.turn.n ? a->f.turn : x->turn;
        const struct view turn_b = b->f.turn.n ? b->f.turn : x->turn;
        const bool other = !view_eq(turn_a, turn_b) && b->f.time - a->f.time > HOUR_MS;
        if (moved || other)
            reason_raise(r, 28, a->seq > b->seq ? a->seq : b->seq, b->origin, b->f.time);
    }
}

void lock_reasons(struct ledger *l, const struct entry *x, const struct derived *d,
                  struct reasons *r)
{
    if (d->declared->f.profile != PROFILE_LOCK)
        return;
    undeclared(x, d, r);
    for (uint32_t k = 0; k < d->locks; k++) {
        for (uint32_t i = 0; i < x->facts; i++)
            if (x->fact[i].f.type == DOC_LOCK && view_eq(x->fact[i].f.seal, d->lock[k].id))
                one_event(l, d, &d->lock[k], &x->fact[i], r);
        sealed_twice(l, x, &d->lock[k], r);
    }
}
