/*
 * Times that follow from the facts of an entry: CLOSING.md section 3.
 */
#include "base/clock.h"
#include "ledger/transit.h"

static bool earlier(int64_t t, int64_t than)
{
    return than == TIME_NONE || t < than;
}

static bool lists(const struct view *list, uint32_t n, struct view v)
{
    for (uint32_t i = 0; i < n; i++)
        if (view_eq(list[i], v))
            return true;
    return false;
}

/* departed and sealed as this declaration gives them. */
static void departure_of(const struct entry *x, const struct fact *decl, struct derived *d)
{
    d->departed = d->sealed = TIME_NONE;
    d->departed_by = d->sealed_by = NULL;
    for (uint32_t i = 0; i < x->facts; i++) {
        const struct held *h = &x->fact[i];
        if (h->f.type == DOC_GATE && h->f.out && view_eq(h->f.office, decl->origin_office) &&
            earlier(h->f.time, d->departed)) {
            d->departed = h->f.time;
            d->departed_by = h;
        }
        if (decl->profile == PROFILE_LOCK && h->f.type == DOC_LOCK && h->f.event == EVENT_SEAL &&
            lists(decl->lock, decl->locks, h->f.seal) && earlier(h->f.time, d->sealed)) {
            d->sealed = h->f.time;
            d->sealed_by = h;
        }
    }
    if (decl->profile != PROFILE_LOCK) {
        d->sealed = d->departed;
        d->sealed_by = d->departed_by;
    }
}

/* By appTime; of one second the larger document is the later. */
static int decl_cmp(const struct held *a, const struct held *b)
{
    if (a->f.time != b->f.time)
        return a->f.time < b->f.time ? -1 : 1;
    return view_cmp(a->f.canonical, b->f.canonical);
}

static void find_declaration(const struct entry *x, struct derived *d)
{
    const struct held *last = NULL;
    for (;;) {
        const struct held *next = NULL; /* the smallest one behind `last` */
        for (uint32_t i = 0; i < x->facts; i++) {
            const struct held *h = &x->fact[i];
            if (h->f.type != DOC_TRANSIT_DECLARED || (last && decl_cmp(h, last) <= 0))
                continue;
            if (!next || decl_cmp(h, next) < 0)
                next = h;
        }
        if (!next)
            return;
        if (last && last->f.time == next->f.time) {
            const uint32_t seq = last->seq > next->seq ? last->seq : next->seq;
            d->ties = seq > d->ties ? seq : d->ties;
        }
        last = next;
        if (d->declared) {
            const bool after = (d->sealed != TIME_NONE && next->f.time > d->sealed) ||
                               (d->departed != TIME_NONE && next->f.time > d->departed);
            if (after) {
                if (!d->late_declaration || next->seq > d->late_declaration->seq)
                    d->late_declaration = next;
                continue;
            }
        }
        d->declared = next;
        departure_of(x, &next->f, d);
    }
}

bool derived_lists_bill(const struct derived *d, struct view bill)
{
    return d->declared && lists(d->declared->f.bill, d->declared->f.bills, bill);
}

const struct derived_lock *derived_lock_find(const struct derived *d, struct view lock)
{
    for (uint32_t i = 0; i < d->locks; i++)
        if (view_eq(d->lock[i].id, lock))
            return &d->lock[i];
    return NULL;
}

bool derived_counts_arrival(const struct derived *d, struct view office, int64_t time)
{
    if (!office.n || !view_eq(office, d->declared->f.origin_office))
        return true;
    return d->departed != TIME_NONE && time > d->departed;
}

/* The time at which the last of its bills had its 507; TIME_NONE. */
static int64_t bills_arrived(const struct entry *x, const struct derived *d, struct origin *by,
                             uint32_t *seq)
{
    int64_t last = TIME_NONE;
    const struct fact *decl = &d->declared->f;
    for (uint32_t i = 0; i < decl->bills; i++) {
        int64_t first = TIME_NONE;
        struct origin origin = {0};
        for (uint32_t k = 0; k < x->bills; k++) {
            const struct body_transit_bill *b = &x->bill[k].b;
            if (!view_eq(b->bill, decl->bill[i]))
                continue;
            *seq = x->bill[k].seq_arrival > *seq ? x->bill[k].seq_arrival : *seq;
            for (uint32_t m = 0; m < b->arrivals; m++) {
                const struct arrival *a = &b->arrival[m];
                if (derived_counts_arrival(d, a->office, a->time) && earlier(a->time, first)) {
                    first = a->time;
                    origin = a->origin;
                }
            }
        }
        if (first == TIME_NONE)
            return TIME_NONE;
        if (first > last || last == TIME_NONE) {
            last = first;
            *by = origin;
        }
    }
    return last;
}

static void find_arrival(const struct entry *x, struct derived *d)
{
    struct origin by;
    uint32_t seq = 0;
    d->arrived = bills_arrived(x, d, &by, &seq);
    if (d->arrived != TIME_NONE) {
        d->arrived_by = by;
        d->arrived_seq = seq;
    }
    for (uint32_t i = 0; i < x->facts; i++) {
        const struct held *h = &x->fact[i];
        const bool gate_in = h->f.type == DOC_GATE && !h->f.out;
        if ((!gate_in && h->f.type != DOC_ARRIVAL) ||
            !derived_counts_arrival(d, h->f.office, h->f.time))
            continue;
        if (earlier(h->f.time, d->arrived)) {
            d->arrived = h->f.time;
            d->arrived_by = h->origin;
            d->arrived_seq = h->seq;
        }
        if (gate_in && view_eq(h->f.office, d->declared->f.office) &&
            earlier(h->f.time, d->gate_in)) {
            d->gate_in = h->f.time;
            d->gate_in_by = h;
        }
    }
}

static void find_lock(const struct entry *x, const struct derived *d, struct derived_lock *k)
{
    k->sealed = k->checked = k->unsealed = TIME_NONE;
    for (uint32_t i = 0; i < x->facts; i++) {
        const struct held *h = &x->fact[i];
        if (h->f.type != DOC_LOCK || !view_eq(h->f.seal, k->id))
            continue;
        const bool there = d->arrived != TIME_NONE && h->f.time >= d->arrived;
        if (h->f.event == EVENT_SEAL && earlier(h->f.time, k->sealed))
            k->sealed = h->f.time;
        if (h->f.event == EVENT_CHECK && there && earlier(h->f.time, k->checked) &&
            (!h->f.office.n || view_eq(h->f.office, d->declared->f.office))) {
            k->checked = h->f.time;
            k->checked_by = h;
        }
        if (h->f.event == EVENT_UNSEAL && there && earlier(h->f.time, k->unsealed)) {
            k->unsealed = h->f.time;
            k->unsealed_by = h;
        }
    }
}

struct derived entry_derive(struct ledger *l, const struct entry *x)
{
    struct derived d = {.departed = TIME_NONE,
                        .sealed = TIME_NONE,
                        .arrived = TIME_NONE,
                        .gate_in = TIME_NONE,
                        .ready = TIME_NONE,
                        .first = x->first_position};
    int64_t cause = CAUSE_NONE;
    for (uint32_t i = 0; i < x->facts; i++) {
        if (earlier(x->fact[i].f.time, d.first))
            d.first = x->fact[i].f.time;
        cause = x->fact[i].cause > cause ? x->fact[i].cause : cause;
    }
    find_declaration(x, &d);
    if (!d.declared)
        return d;
    find_arrival(x, &d);
    const struct fact *decl = &d.declared->f;
    d.lock = arena_alloc(&l->arena, (decl->locks + 1) * sizeof(*d.lock));
    for (uint32_t i = 0; i < decl->locks; i++) {
        if (derived_lock_find(&d, decl->lock[i]))
            continue;
        struct derived_lock *k = &d.lock[d.locks];
        *k = (struct derived_lock){.id = decl->lock[i]};
        find_lock(x, &d, k);
        d.locks++;
    }
    for (uint32_t i = 0; i < x->bills; i++)
        if (derived_lists_bill(&d, x->bill[i].b.bill) && x->bill[i].b.cause > cause)
            cause = x->bill[i].b.cause;
    if (d.arrived != TIME_NONE)
        d.ready = (d.arrived > cause ? d.arrived : cause) + l->rules->settle;
    return d;
}
