/*
 * Which reasons hold now: CLOSING.md section 4.
 */
#include "base/clock.h"
#include "ledger/transit.h"

void reason_raise(struct reasons *r, unsigned reason, uint32_t seq, struct origin origin,
                  int64_t time)
{
    r->bits |= X(reason);
    r->seq[reason] = seq > r->seq[reason] ? seq : r->seq[reason];
    for (uint32_t i = 0; i < r->sources; i++)
        if (r->source[i].reason == reason && origin_eq(r->source[i].origin, origin))
            return;
    if (r->sources == SOURCES_MAX)
        return;
    r->source[r->sources].reason = (uint8_t)reason;
    r->source[r->sources].origin = origin;
    r->source[r->sources++].time = time;
}

static void raise(struct reasons *r, unsigned reason, const struct held *h)
{
    reason_raise(r, reason, h->seq, h->origin, h->f.time);
}

static bool known(int64_t t)
{
    return t != TIME_NONE;
}

static bool passed(const struct ledger *l, int64_t t)
{
    return l->w != TIME_NONE && l->w > t;
}

/* X02: cancelled when something had already happened. */
static void cancelled_late(const struct entry *x, const struct derived *d, struct reasons *r)
{
    for (uint32_t i = 0; i < x->facts; i++) {
        const struct held *h = &x->fact[i];
        const int64_t t = h->f.time;
        if (h->f.type != DOC_TRANSIT_CANCELLED || t <= d->declared->f.time)
            continue;
        if ((known(d->sealed) && d->sealed <= t) || (known(d->departed) && d->departed <= t) ||
            (known(d->arrived) && d->arrived <= t))
            raise(r, 2, h);
    }
}

static bool wrong_place(const struct fact *decl, struct view office, struct view site)
{
    return (office.n && !view_eq(office, decl->office)) ||
           (site.n && decl->site.n && !view_eq(site, decl->site));
}

/* X06, X09, X10: facts at gates and arrivals. */
static void places(const struct entry *x, const struct derived *d, struct reasons *r)
{
    const struct fact *decl = &d->declared->f;
    for (uint32_t i = 0; i < x->facts; i++) {
        const struct held *h = &x->fact[i];
        const struct fact *f = &h->f;
        const bool arrives = f->type == DOC_ARRIVAL || (f->type == DOC_GATE && !f->out);
        if (arrives && derived_counts_arrival(d, f->office, f->time) &&
            wrong_place(decl, f->office, f->site))
            raise(r, 6, h);
        if (f->type != DOC_GATE)
            continue;
        bool declared = f->conta.n == 0;
        for (uint32_t k = 0; k < decl->containers; k++)
            declared |= view_eq(decl->container[k], f->conta);
        const bool plate = f->vehicle.n && !view_eq(f->vehicle, decl->vehicle);
        if (f->unsure) {
            r->unsure_plate |= plate || !declared;
            continue;
        }
        if (!declared)
            raise(r, 9, h);
        if (plate)
            raise(r, 10, h);
    }
    for (uint32_t i = 0; i < x->bills; i++) {
        const struct held_bill *b = &x->bill[i];
        if (!derived_lists_bill(d, b->b.bill))
            continue;
        for (uint32_t k = 0; k < b->b.arrivals; k++) {
            const struct arrival *a = &b->b.arrival[k];
            if (derived_counts_arrival(d, a->office, a->time) &&
                wrong_place(decl, a->office, a->site))
                reason_raise(r, 6, b->seq_arrival, a->origin, a->time);
        }
    }
}

/* QW04: more than 3 % of the declared weight and more than 200 kg apart. */
static bool too_far(const struct ledger *l, dec observed, dec declared, int64_t at,
                    struct reasons *r)
{
    const dec gap = dec_abs(observed - declared);
    const dec kg = rule_param(l, RULE_QW04, at, 1);
    const dec share = dec_abs(declared) * rule_param(l, RULE_QW04, at, 0) / (100 * DEC_ONE);
    const dec limit = share > kg ? share : kg; /* rounded down it decides the same */
    if (gap <= limit)
        return false;
    if (gap > r->weight_gap) {
        r->weight_gap = gap;
        r->weight_limit = limit;
    }
    return true;
}

/* X21 by the latest gate with weights, out or in; of one second the one that fires. */
static void gate_weight(struct ledger *l, const struct entry *x, const struct derived *d,
                        struct reasons *r)
{
    const struct fact *decl = &d->declared->f;
    int64_t last = TIME_NONE;
    for (uint32_t i = 0; i < x->facts; i++) {
        const struct fact *f = &x->fact[i].f;
        if (f->type == DOC_GATE && f->has_weights && f->time > last)
            last = f->time;
    }
    for (uint32_t i = 0; known(last) && i < x->facts; i++) {
        const struct held *h = &x->fact[i];
        if (h->f.type != DOC_GATE || !h->f.has_weights || h->f.time != last)
            continue;
        const dec net = h->f.gross - h->f.tare;
        const bool fires = too_far(l, net, decl->gross, h->f.time, r);
        if (fires || r->gate_net < 0)
            r->gate_net = net;
        if (fires)
            raise(r, 21, h);
    }
}

static void list_weight(struct ledger *l, const struct entry *x, const struct derived *d,
                        struct reasons *r)
{
    const struct fact *decl = &d->declared->f;
    dec sum = 0;
    uint32_t seq = 0;
    for (uint32_t i = 0; i < decl->bills; i++) {
        const struct held_bill *b = NULL;
        for (uint32_t k = 0; k < x->bills; k++)
            if (view_eq(x->bill[k].b.bill, decl->bill[i]))
                b = &x->bill[k];
        if (!b || !b->b.complete || b->b.weightless)
            return;
        sum += b->b.gross_list;
        seq = b->seq_gross > seq ? b->seq_gross : seq;
    }
    if (decl->bills && too_far(l, sum, decl->gross, decl->time, r))
        reason_raise(r, 21, seq > d->declared->seq ? seq : d->declared->seq, d->declared->origin,
                     decl->time);
}

/* X25, X26: the latest order, the latest word of each gate. */
static void officers(const struct entry *x, struct reasons *r)
{
    const struct held *order = NULL;
    for (uint32_t i = 0; i < x->facts; i++) {
        const struct held *h = &x->fact[i];
        if (h->f.type == DOC_TARGETING &&
            (!order || h->f.time > order->f.time || (h->f.time == order->f.time && h->f.inspect)))
            order = h;
        if (h->f.type != DOC_GATE || h->f.check == 'Y')
            continue;
        bool latest = true;
        for (uint32_t k = 0; k < x->facts; k++) {
            const struct fact *o = &x->fact[k].f;
            latest &= !(o->type == DOC_GATE && o->out == h->f.out &&
                        view_eq(o->office, h->f.office) && o->time > h->f.time);
        }
        if (latest)
            raise(r, 26, h);
    }
    if (order && order->f.inspect)
        raise(r, 25, order);
}

/* X23, X24 and the conflicts of X29: what the bills say. */
static void bills_say(const struct entry *x, const struct derived *d, struct reasons *r)
{
    if (d->late_declaration)
        raise(r, 23, d->late_declaration);
    for (uint32_t i = 0; i < x->bills; i++) {
        const struct held_bill *h = &x->bill[i];
        const struct body_transit_bill *b = &h->b;
        if (!derived_lists_bill(d, b->bill))
            continue;
        if (known(d->sealed) && b->changed_at > d->sealed)
            reason_raise(r, 23, h->seq_changed, b->changed_by, b->changed_at);
        if (known(d->sealed) && b->list_changed_at > d->sealed)
            reason_raise(r, 23, h->seq_list, b->list_changed_by, b->list_changed_at);
        if (b->alerts) {
            r->bits |= X(24);
            r->seq[24] = h->seq_alerts > r->seq[24] ? h->seq_alerts : r->seq[24];
        }
        if (b->conflicts) {
            r->bits |= X(29);
            r->seq[29] = h->seq_conflict > r->seq[29] ? h->seq_conflict : r->seq[29];
        }
    }
}

/* X18, X19: the four counts of pieces. */
static void pieces(const struct entry *x, const struct derived *d, struct reasons *r)
{
    const struct fact *decl = &d->declared->f;
    int64_t manifests = 0;
    int64_t list = 0;
    uint32_t seq = d->declared->seq;
    for (uint32_t i = 0; i < x->bills; i++) {
        if (!derived_lists_bill(d, x->bill[i].b.bill))
            continue;
        manifests += x->bill[i].b.pieces_manifests;
        list += x->bill[i].b.pieces_list;
        seq = x->bill[i].seq_pieces > seq ? x->bill[i].seq_pieces : seq;
    }
    int64_t latest = TIME_NONE;
    for (uint32_t i = 0; i < x->facts; i++)
        if (x->fact[i].f.type == DOC_ARRIVAL && x->fact[i].f.pack_no >= 0 &&
            x->fact[i].f.time > latest)
            latest = x->fact[i].f.time;
    bool less = manifests < decl->pack_no || list < decl->pack_no;
    bool more = manifests > decl->pack_no || list > decl->pack_no;
    struct origin by = d->declared->origin;
    for (uint32_t i = 0; i < x->facts; i++) { /* several of the latest second: all of them count */
        const struct held *h = &x->fact[i];
        if (h->f.type != DOC_ARRIVAL || h->f.pack_no < 0 || h->f.time != latest)
            continue;
        if (h->f.pack_no != decl->pack_no) {
            by = h->origin;
            seq = h->seq > seq ? h->seq : seq;
        }
        less |= h->f.pack_no < decl->pack_no;
        more |= h->f.pack_no > decl->pack_no;
    }
    if (less || more)
        reason_raise(r, less ? 18 : 19, seq, by, decl->time);
}

/* X20, X22: every bill is named and complete; every manifest is released. */
static void parts(struct ledger *l, const struct entry *x, const struct derived *d,
                  struct reasons *r)
{
    const struct fact *decl = &d->declared->f;
    for (uint32_t i = 0; i < decl->bills; i++) {
        const struct held_bill *h = NULL;
        for (uint32_t k = 0; k < x->bills; k++)
            if (view_eq(x->bill[k].b.bill, decl->bill[i]))
                h = &x->bill[k];
        const struct body_transit_bill *b = h ? &h->b : NULL;
        if (!b || !b->named || !b->complete || b->exact_waybills != b->named_waybills ||
            b->unnamed_waybills)
            reason_raise(r, 20,
                         h && h->seq_parts > d->declared->seq ? h->seq_parts : d->declared->seq,
                         d->declared->origin, decl->time);
        if (l->rules->require_release && b && b->unreleased)
            reason_raise(r, 22, h->seq_released, d->declared->origin, decl->time);
    }
}

/* X03, X05, X30 once their deadline has passed. */
static void missing(struct ledger *l, const struct derived *d, struct reasons *r)
{
    if (!passed(l, d->declared->f.valid_time + l->rules->grace))
        return;
    const bool lock = d->declared->f.profile == PROFILE_LOCK;
    bool unsealed = false;
    bool unchecked = false;
    for (uint32_t i = 0; lock && i < d->locks; i++) {
        unsealed |= !known(d->lock[i].sealed);
        unchecked |= !known(d->lock[i].checked);
    }
    if (!known(d->departed) || unsealed)
        raise(r, 3, d->declared);
    if (!known(d->arrived))
        raise(r, 5, d->declared);
    if (unchecked)
        raise(r, 30, d->declared);
}

/* What waits for `ready`: judged when W has reached it, else as it was. */
static void settle(struct ledger *l, struct entry *x, const struct derived *d, bool advance,
                   struct reasons *r)
{
    struct reasons now = {.recheck = STORE_NEVER};
    pieces(x, d, &now);
    parts(l, x, d, &now);
    const bool judged = advance && known(d->ready) && l->w >= d->ready;
    if (judged) {
        x->settled = now.bits & SETTLED;
        bool clear = known(d->departed);
        for (uint32_t i = 0; d->declared->f.profile == PROFILE_LOCK && i < d->locks; i++)
            clear &= known(d->lock[i].sealed) && known(d->lock[i].checked);
        x->complete = clear;
    }
    r->bits |= x->settled;
    for (unsigned n = 18; n <= 22; n++)
        if (x->settled & X(n))
            r->seq[n] = now.seq[n] ? now.seq[n] : d->declared->seq;
    for (uint32_t i = 0; i < now.sources; i++)
        if (x->settled & X(now.source[i].reason))
            reason_raise(r, now.source[i].reason, 0, now.source[i].origin, now.source[i].time);
}

void entry_reasons(struct ledger *l, struct entry *x, const struct derived *d, bool advance,
                   struct reasons *r)
{
    *r = (struct reasons){.recheck = STORE_NEVER, .gate_net = -1};
    if (x->overflow) {
        r->bits = X(29);
        r->seq[29] = UINT32_MAX; /* nobody has seen all of it */
        return;
    }
    officers(x, r);
    if (!d->declared) {
        if (known(d->first) && passed(l, d->first + DAY_MS)) {
            r->bits |= X(1);
            for (uint32_t i = 0; i < x->facts; i++)
                raise(r, 1, &x->fact[i]);
        }
        return;
    }
    if (d->ties)
        reason_raise(r, 29, d->ties, d->declared->origin, d->declared->f.time);
    cancelled_late(x, d, r);
    places(x, d, r);
    if (known(d->arrived) && d->arrived > d->declared->f.valid_time + l->rules->grace)
        reason_raise(r, 7, d->arrived_seq > d->declared->seq ? d->arrived_seq : d->declared->seq,
                     d->arrived_by, d->arrived);
    lock_reasons(l, x, d, r);
    if (d->declared->f.profile != PROFILE_FULL_TRUST) {
        gate_weight(l, x, d, r);
        list_weight(l, x, d, r);
    }
    bills_say(x, d, r);
    missing(l, d, r);
    settle(l, x, d, advance, r);
}
