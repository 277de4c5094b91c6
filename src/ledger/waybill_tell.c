/*
 * To which bill a waybill belongs (CLOSING.md section 2), and what it tells it: the bill whose 607
 * or 711 names it (of two the newer, of one second the smaller billNo); until there is one, the
 * billNo of its manifest. When both are known and differ, both bills hear of the conflict.
 */
#include "ledger/waybill.h"

static const struct body_waybill_named *owner_by_list(const struct waybill *w)
{
    const struct body_waybill_named *best = NULL;
    for (uint32_t i = 0; i < w->nameds; i++) {
        const struct body_waybill_named *n = &w->named[i];
        if (n->removed)
            continue;
        if (!best || n->app_time > best->app_time ||
            (n->app_time == best->app_time && view_cmp(n->bill, best->bill) < 0))
            best = n;
    }
    return best;
}

static struct view owner_by_manifest(const struct waybill *w)
{
    const struct body_waybill_member *best = NULL;
    for (uint32_t i = 0; i < w->members; i++) {
        const struct body_waybill_member *m = &w->member[i];
        if (m->bill.n == 0)
            continue;
        if (!best || m->app_time > best->app_time ||
            (m->app_time == best->app_time && view_cmp(m->bill, best->bill) < 0))
            best = m;
    }
    return best ? best->bill : (struct view){"", 0};
}

static bool has_order(const struct waybill *w, struct view order)
{
    for (uint32_t i = 0; i < w->members; i++)
        if (view_eq(w->member[i].order, order))
            return true;
    return false;
}

/* Highest open alert: its own, its manifests', those of orders that its manifests belong to. */
static uint8_t open_alerts(const struct ledger *l, const struct waybill *w, struct buf *ids)
{
    uint8_t level = alerts_counting(l, &w->alerts, ACCOUNT_WAYBILL, w->key, ids);
    for (uint32_t i = 0; i < w->members; i++) {
        if (!w->member[i].level)
            continue;
        if (ids->n)
            buf_char(ids, '\n');
        buf_view(ids, w->member[i].ids);
        level = w->member[i].level > level ? w->member[i].level : level;
    }
    for (uint32_t i = 0; i < w->orders; i++) {
        if (!has_order(w, w->order[i].order))
            continue;
        if (ids->n)
            buf_char(ids, '\n');
        buf_view(ids, w->order[i].ids);
        level = w->order[i].level > level ? w->order[i].level : level;
    }
    return level;
}

/* Another value whenever anything that it knows of its manifests is another one. */
static uint64_t digest(struct ledger *l, const struct waybill *w)
{
    struct io io = ledger_body(l);
    struct waybill copy = *w;
    copy.tolds = 0;
    copy.due = false;
    waybill_io(&io, &copy, 0);
    return hash64(l->body.p, l->body.n, 0);
}

static void tell(struct ledger *l, struct view bill, struct body_bill_waybill *b)
{
    struct io io = ledger_body(l);
    body_bill_waybill_io(&io, b);
    ledger_post(l, POSTING_BILL_WAYBILL, bill);
}

static void pass_arrivals(struct ledger *l, const struct waybill *w, struct view bill)
{
    const struct origin origin = l->origin;
    for (uint32_t i = 0; i < w->arrivals; i++) {
        struct io io = ledger_body(l);
        body_site_io(&io, &w->arrival[i].site);
        l->origin = w->arrival[i].origin; /* the 507's, whatever it is that brings it to the bill */
        ledger_post(l, POSTING_BILL_ARRIVAL, bill);
    }
    l->origin = origin;
}

static bool add_bill(struct view *list, uint32_t *n, struct view bill)
{
    for (uint32_t i = 0; i < *n; i++)
        if (view_eq(list[i], bill))
            return false;
    list[(*n)++] = bill;
    return true;
}

void waybill_tell(struct ledger *l, struct waybill *w)
{
    const struct body_waybill_named *list = owner_by_list(w);
    const struct view owner = list ? list->bill : owner_by_manifest(w);
    if (!list && !owner.n && w->tolds == 0)
        return; /* no manifest names a bill either: nobody is to be told */
    buf_reset(&l->ids);
    struct body_bill_waybill b = {.waybill = w->key,
                                  .present = true,
                                  .live = w->members,
                                  .changed_at = w->changed_at,
                                  .changed_by = w->changed_by};
    b.level = open_alerts(l, w, &l->ids);
    b.ids = buf_as_view(&l->ids);
    b.digest = digest(l, w);
    /* Bills that hear of it: the owner, those that manifests name, those that hear of the leave. */
    struct view *now = arena_alloc(&l->arena, (w->members + w->tolds + 2) * sizeof(*now));
    uint32_t nows = 0;
    if (owner.n)
        add_bill(now, &nows, owner);
    for (uint32_t i = 0; i < w->members; i++) {
        const struct body_waybill_member *m = &w->member[i];
        b.pieces += m->pack_no;
        b.gross += m->gross;
        b.unreleased += m->status_time == TIME_NONE || m->status < 800;
        if (m->bill.n == 0)
            continue;
        b.manifest_here |= view_eq(m->bill, owner);
        b.conflict |= !view_eq(m->bill, owner);
        add_bill(now, &nows, m->bill);
    }
    if (owner.n) {
        tell(l, owner, &b);
        pass_arrivals(l, w, owner); /* the bill knows what it has twice */
    }
    struct body_bill_waybill elsewhere = {.waybill = w->key,
                                          .conflict = true,
                                          .changed_at = b.changed_at,
                                          .changed_by = b.changed_by,
                                          .digest = b.digest};
    for (uint32_t i = 1; i < nows; i++)
        tell(l, now[i], &elsewhere);
    elsewhere.conflict = false;
    for (uint32_t i = 0; i < w->tolds; i++) {
        uint32_t n = nows;
        if (add_bill(now, &n, w->told[i])) /* told once more, and forgotten */
            tell(l, w->told[i], &elsewhere);
    }
    w->told = arena_alloc(&l->arena, (nows + 1) * sizeof(*w->told));
    memcpy(w->told, now, nows * sizeof(*w->told));
    w->tolds = nows;
}
