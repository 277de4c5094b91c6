#include "ledger/transit.h"

#include "base/clock.h"
#include "ledger/bill.h"

static void held_io(struct io *io, struct held *h)
{
    io_view(io, &h->bytes);
    origin_io(io, &h->origin);
    io_i64(io, &h->cause);
    io_u32(io, &h->seq);
    io_bool(io, &h->effective);
    if (io->out)
        return;
    struct io in = io_reader(h->bytes, io->arena);
    fact_io(&in, &h->f);
    io->bad |= in.bad;
}

static void held_bill_io(struct io *io, struct held_bill *h)
{
    body_transit_bill_io(io, &h->b);
    io_u32(io, &h->seq_parts);
    io_u32(io, &h->seq_pieces);
    io_u32(io, &h->seq_gross);
    io_u32(io, &h->seq_alerts);
    io_u32(io, &h->seq_changed);
    io_u32(io, &h->seq_list);
    io_u32(io, &h->seq_released);
    io_u32(io, &h->seq_conflict);
    io_u32(io, &h->seq_arrival);
}

void entry_io(struct io *io, struct entry *x, uint32_t spare)
{
    io_view(io, &x->turn);
    x->fact = io_array(io, x->fact, &x->facts, sizeof(*x->fact), spare);
    for (uint32_t i = 0; i < x->facts; i++)
        held_io(io, &x->fact[i]);
    x->bill = io_array(io, x->bill, &x->bills, sizeof(*x->bill), spare);
    for (uint32_t i = 0; i < x->bills; i++)
        held_bill_io(io, &x->bill[i]);
    io_u32(io, &x->seq);
    io_bool(io, &x->overflow);
    io_u64(io, &x->positions);
    io_i64(io, &x->first_position);
    io_u32(io, &x->settled);
    io_bool(io, &x->complete);
    io_u8(io, &x->decision);
    io_u32(io, &x->reasons);
    io_u32(io, &x->revision);
    io_bool(io, &x->reopened);
    x->past = io_array(io, x->past, &x->pasts, sizeof(*x->past), spare);
    for (uint32_t i = 0; i < x->pasts; i++) {
        io_u32(io, &x->past[i].revision);
        io_u32(io, &x->past[i].reasons);
        io_u32(io, &x->past[i].seq);
    }
    io_bool(io, &x->dropped);
    io_bool(io, &x->late);
    origin_io(io, &x->late_by);
    io_i64(io, &x->last_cause);
    alerts_io(io, &x->alerts);
}

struct entry entry_load(struct ledger *l, struct view key, struct view bytes)
{
    struct entry x = {.turn = key, .first_position = TIME_NONE, .last_cause = CAUSE_NONE};
    if (bytes.n) {
        struct io io = io_reader(bytes, &l->arena);
        entry_io(&io, &x, 1);
        CHECK(!io.bad);
    } else {
        x.fact = arena_alloc(&l->arena, sizeof(*x.fact));
        x.bill = arena_alloc(&l->arena, sizeof(*x.bill));
        x.past = arena_alloc(&l->arena, sizeof(*x.past));
    }
    return x;
}

void entry_store(struct ledger *l, struct hash128 id, struct entry *x, int64_t expires,
                 int64_t deadline)
{
    struct io io = account_writer(l);
    entry_io(&io, x, 0);
    account_put(l, id, ACCOUNT_TRANSIT, expires, deadline);
}

/* There is more than it can know: exactly X29 from now on. */
static bool overflows(struct entry *x)
{
    const bool news = !x->overflow;
    x->overflow = true;
    return news;
}

static bool fact_take(struct ledger *l, struct entry *x, const struct posting *p)
{
    struct held h = {.bytes = p->body, .origin = p->origin, .cause = p->cause};
    struct io io = io_reader(p->body, &l->arena);
    fact_io(&io, &h.f);
    CHECK(!io.bad);
    if (h.f.type == DOC_POSITION) {
        x->positions++;
        if (x->first_position == TIME_NONE || h.f.time < x->first_position)
            x->first_position = h.f.time;
        return true;
    }
    for (uint32_t i = 0; i < x->facts; i++)
        if (view_eq(x->fact[i].bytes, h.bytes))
            return false;
    const bool deaf = h.f.type == DOC_LOCK && h.f.event == EVENT_NONE; /* lock.c */
    if (deaf || x->facts == ENTRY_FACTS_MAX)
        return overflows(x);
    h.seq = ++x->seq;
    if (h.f.type == DOC_DECISION)
        h.effective = entry_derive(l, x).arrived != TIME_NONE && h.f.revision <= x->revision;
    x->fact[x->facts++] = h;
    x->last_cause = p->cause > x->last_cause ? p->cause : x->last_cause;
    return true;
}

static bool arrivals_differ(const struct body_transit_bill *a, const struct body_transit_bill *b)
{
    if (a->arrivals != b->arrivals)
        return true;
    for (uint32_t i = 0; i < a->arrivals; i++)
        if (a->arrival[i].time != b->arrival[i].time ||
            !view_eq(a->arrival[i].office, b->arrival[i].office) ||
            !view_eq(a->arrival[i].site, b->arrival[i].site))
            return true;
    return false;
}

static bool has_line(struct view lines, struct view line)
{
    while (lines.n) {
        const char *end = memchr(lines.p, '\n', lines.n);
        const struct view one = {lines.p, end ? (uint32_t)(end - lines.p) : lines.n};
        if (view_eq(one, line))
            return true;
        lines.p += one.n + (end != NULL);
        lines.n -= one.n + (end != NULL);
    }
    return false;
}

/* Is there an open alert that was not there before? One that went is no news: the rest was known.
 */
static bool alerts_are_new(const struct body_transit_bill *a, const struct body_transit_bill *b)
{
    if (b->alerts > a->alerts || (b->alerts != a->alerts && b->alerts > BILL_OPEN_MAX))
        return true; /* beyond BILL_OPEN_MAX they have no names here */
    for (struct view left = b->ids; left.n;) {
        const char *end = memchr(left.p, '\n', left.n);
        const struct view one = {left.p, end ? (uint32_t)(end - left.p) : left.n};
        if (!has_line(a->ids, one))
            return true;
        left.p += one.n + (end != NULL);
        left.n -= one.n + (end != NULL);
    }
    return false;
}

/* Which parts of the summary are news: a release by an officer covers only what was known then. */
static void bill_note(struct held_bill *h, const struct body_transit_bill *b, uint32_t seq)
{
    const struct body_transit_bill *a = &h->b;
    if (a->named != b->named || a->complete != b->complete ||
        a->named_waybills != b->named_waybills || a->exact_waybills != b->exact_waybills ||
        a->unnamed_waybills != b->unnamed_waybills)
        h->seq_parts = seq;
    if (a->pieces_manifests != b->pieces_manifests || a->pieces_list != b->pieces_list)
        h->seq_pieces = seq;
    if (a->gross_list != b->gross_list)
        h->seq_gross = seq;
    if (alerts_are_new(a, b))
        h->seq_alerts = seq;
    if (a->changed_at != b->changed_at)
        h->seq_changed = seq;
    if (a->list_changed_at != b->list_changed_at)
        h->seq_list = seq;
    if (a->unreleased != b->unreleased)
        h->seq_released = seq;
    if (a->conflicts != b->conflicts)
        h->seq_conflict = seq;
    if (arrivals_differ(a, b))
        h->seq_arrival = seq;
}

static bool bill_take(struct ledger *l, struct entry *x, const struct posting *p)
{
    struct body_transit_bill b = {0};
    struct io io = io_reader(p->body, &l->arena);
    body_transit_bill_io(&io, &b);
    CHECK(!io.bad);
    uint32_t i = 0;
    while (i < x->bills && !view_eq(x->bill[i].b.bill, b.bill))
        i++;
    if (i == x->bills) {
        if (x->bills == ENTRY_BILLS_MAX)
            return overflows(x);
        x->bill[i] = (struct held_bill){
            .b = {.changed_at = TIME_NONE, .list_changed_at = TIME_NONE, .cause = CAUSE_NONE}};
        x->bills++;
    } else if (x->bill[i].b.digest == b.digest) {
        return false;
    }
    bill_note(&x->bill[i], &b, ++x->seq);
    x->bill[i].b = b;
    x->last_cause = b.cause > x->last_cause ? b.cause : x->last_cause;
    return true;
}

void transit_fold(struct ledger *l, const struct posting *p)
{
    const struct account a = account_find(l, p);
    if (p->kind == POSTING_TRANSIT_BILL && !a.bytes.n)
        return; /* the tombstone has expired: nobody waits for this */
    struct entry x = entry_load(l, p->key, a.bytes);
    if (x.dropped) { /* locks and bills forget it; a fact that names it does not */
        struct fact f = {0};
        struct io io = io_reader(p->body, &l->arena);
        if (p->kind == POSTING_TRANSIT_BILL || x.late)
            return;
        fact_io(&io, &f);
        if (io.bad || !view_eq(f.turn, x.turn))
            return;
        x.late = true;
        x.late_by = p->origin;
    } else if (!(p->kind == POSTING_TRANSIT_BILL ? bill_take(l, &x, p) : fact_take(l, &x, p))) {
        return;
    }
    struct store_meta meta = {.expires = STORE_NEVER};
    store_get(l->store, a.id, &meta);
    entry_store(l, a.id, &x, x.dropped ? meta.expires : STORE_NEVER, INT64_MIN + 1);
    id_list_add(&l->touched, a.id);
}

void transit_resolved(struct ledger *l, const struct posting *p, const struct body_resolved *r)
{
    const struct account a = account_find(l, p);
    struct entry x = entry_load(l, p->key, a.bytes);
    if (x.dropped || !a.bytes.n || !alerts_resolve(l, &x.alerts, r))
        return;
    entry_store(l, a.id, &x, STORE_NEVER, INT64_MIN + 1);
    id_list_add(&l->touched, a.id);
}
